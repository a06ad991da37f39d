package ui_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"idtop/client/emulator"
)

// "What is Proc, and where did 5 go?" A tab is whole words or not there, the
// active one always is, and its key works all the same.
func TestTabsAreWholeWords(t *testing.T) {
	names := []string{"All", "Failed", "Waiting", "Processing", "Verified", "Canceled", "Redacted"}
	for _, width := range []int{40, 60, 80, 84, 100, 120, 160} {
		t.Run(strconv.Itoa(width), func(t *testing.T) {
			run(t, options{width: width, height: 24, emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
				for i, name := range names {
					p.press(strconv.Itoa(i + 1))
					line := p.screen.Line(1)
					if !regexp.MustCompile(fmt.Sprintf(`^.* %d %s \d+ `, i+1, name)).MatchString(line + " ") {
						p.t.Errorf("the active tab is not whole: %q", line)
					}
					rest := line
					for n, name := range names {
						rest = regexp.MustCompile(fmt.Sprintf(`(^| )%d %s( [\d,]+)?( \+[\d,]+)?( |$)`, n+1, name)).ReplaceAllString(rest, " ")
					}
					for _, saved := range []string{"│ 8 Stuck", "9 Never submitted"} {
						rest = regexp.MustCompile(saved+`( [\d,]+)?( |$)`).ReplaceAllString(rest, " ")
					}
					all := strings.Contains(line, "│ 8 Stuck") && strings.Contains(line, "9 Never submitted")
					if rest = strings.Replace(rest, "V all tabs", " ", 1); all == strings.Contains(line, "V all tabs") {
						p.t.Errorf("what V shows is said when something is left out: %q", line)
					}
					if strings.TrimSpace(rest) != "" {
						p.t.Errorf("%q of %q is no tab", rest, line)
					}
					if shown := strings.Count(line, " Redacted") == 1; width >= 100 && !shown {
						p.t.Errorf("there is room for all: %q", line)
					}
				}
			})
		})
	}
}
