package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"idtop/client"
	"idtop/client/plan"
	"idtop/keymap"
	"idtop/model"
)

// TestEachSessionHasAGlyph: one for each up to 20; from 21 on each fate has its
// share, and a bad fate at least one glyph.
func TestEachSessionHasAGlyph(t *testing.T) {
	on := &themeFor("", true, colorprofile.TrueColor).plain
	for _, c := range []struct {
		tally map[plan.Fate]int
		want  string
	}{
		{map[plan.Fate]int{plan.Accepted: 4, plan.Waits: 1}, "◌◌◌◌◐"},
		{map[plan.Fate]int{plan.Refused: 7, plan.LeftOut: 9}, "✗✗✗✗✗✗✗"},
		{map[plan.Fate]int{plan.Canceled: 7, plan.NeverSent: 5}, "–––––––·····"},
		{map[plan.Fate]int{plan.Erased: 131, plan.Refused: 2, plan.Late: 4}, strings.Repeat("⊘", 18) + "▲✗"},
		{map[plan.Fate]int{plan.Accepted: 9999, plan.Lost: 1}, strings.Repeat("◌", 19) + "?"},
		{map[plan.Fate]int{plan.Refused: 10_000}, strings.Repeat("✗", 20)},
	} {
		var tally plan.Tally
		for fate, n := range c.tally {
			tally[fate] = n
		}
		var got strings.Builder
		for _, part := range eachSession(on, tally) {
			got.WriteString(part.text.String())
		}
		if got.String() != c.want {
			t.Errorf("%v: %s, want %s", c.tally, got.String(), c.want)
		}
	}
}

// TestNothingOfAJobIsGreen: and no job is finished or done.
func TestNothingOfAJobIsGreen(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m := model.New(model.Config{Renderer: Renderer{}, Keys: keymap.Default(), Clock: func() time.Time { return now }})
	m.Width, m.Height, m.Modal = 160, 45, &model.Overlay{Kind: model.JobsOverlay}
	for state := plan.Pending; state <= plan.Overdue; state++ {
		job := plan.Job{ID: int64(state), Verb: client.Redact, State: plan.Finished, Created: now}
		job.Counts[state] = 1
		m.Jobs.List = append(m.Jobs.List, job)
		m.Jobs.Items = append(m.Jobs.Items, plan.Item{Job: 1, Session: "vs_1", State: state, Generation: 1})
	}
	m.Jobs.Chosen = 1
	theme := themeFor(m.Theme, m.Dark, m.Profile)
	visible, _ := visibleRows(theme, m, m.Overlay())
	rows := append(visible, itemRows(&theme.plain, m, 0, len(m.Jobs.Items))...)
	for _, r := range rows {
		for _, part := range r {
			text := part.text.String()
			if part.style.before == theme.plain.verified.before || strings.Contains(text, "finished") || strings.Contains(text, "done") && !strings.Contains(text, "nothing done") {
				t.Errorf("%q is green, or says too much", text)
			}
		}
	}
}

// TestAReasonIsShownWhole: e shows all of a reason that its line has no room for.
func TestAReasonIsShownWhole(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m := model.New(model.Config{Renderer: Renderer{}, Keys: keymap.Default(), Clock: func() time.Time { return now }})
	m.Width, m.Height, m.Modal = 80, 24, &model.Overlay{Kind: model.JobsOverlay}
	reason := "Stripe refused the request since the account is not allowed to do this by itself, HTTP 400 (req_00000042)"
	m.Jobs.List = []plan.Job{{ID: 1, Verb: client.Redact, State: plan.Finished}}
	m.Jobs.Chosen, m.Jobs.Items = 1, []plan.Item{{Job: 1, Session: "vs_1", State: plan.Failed, Generation: 1, Words: reason}}
	whole := func() bool {
		var b strings.Builder
		for line := range strings.Lines(screenText(m)) {
			b.WriteString(strings.TrimSpace(line) + " ")
		}
		return strings.Contains(b.String(), reason)
	}
	if whole() {
		t.Fatal("it fits without the key: the test tests nothing")
	}
	m.Jobs.Whole = true
	if !whole() {
		t.Errorf("it is cut:\n%s", screenText(m))
	}
}

// screenText is what a model shows, without styles.
func screenText(m *model.Model) string { return ansi.Strip(frame(m).String()) }
