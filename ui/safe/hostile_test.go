package safe

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"idtop/ui/internal/screentest"
)

// forbidden tells, by Unicode's properties, which characters must not be drawn: a
// check on the allow-list.
func forbidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x2800, !utf8.ValidRune(r):
		return true
	case unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Me, unicode.Bidi_Control, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point, unicode.Join_Control):
		return true
	case unicode.Is(unicode.Zs, r) && r != ' ', !unicode.IsGraphic(r):
		return true
	case r >= 0x1f1e6 && r <= 0x1f1ff, r >= 0x1f3fb && r <= 0x1f3ff:
		return true
	}
	return false
}

// check holds for everything that Line (or a line of Block) returns.
func check(s string) error {
	if len(s) > maxBytes {
		return fmt.Errorf("%d bytes", len(s))
	}
	for rest := s; rest != ""; {
		c, _ := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		if n := utf8.RuneCountInString(c); n > 2+2*maxMarks {
			return fmt.Errorf("%d characters in one cluster", n)
		}
		rest = rest[len(c):]
	}
	return checkPart(s)
}

// checkPart holds for what is cut from it or put together of it, too. There,
// letters of two texts may join where they meet.
func checkPart(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("not UTF-8")
	}
	marks := maxMarks
	for _, r := range s {
		switch {
		case forbidden(r):
			return fmt.Errorf("holds %U", r)
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				return fmt.Errorf("%U is one mark too many, or has no base", r)
			}
		default:
			marks = 0
		}
	}
	return nil
}

func TestHostileStringsAreInert(t *testing.T) {
	for _, s := range screentest.Hostile() {
		if err := check(Line(s).String()); err != nil {
			t.Errorf("Line(%.60q): %v", s, err)
		}
		if err := check(ErrorBody(s).String()); err != nil {
			t.Errorf("ErrorBody(%.60q): %v", s, err)
		}
		if err := check(UserIDQuoted(s).String()); err != nil && len(s) < maxBytes/10 {
			t.Errorf("UserIDQuoted(%.60q): %v", s, err)
		}
	}
}

// A terminal's parser must see text and nothing else, even if a string is the
// last one of the output and the next begins in whatever state it left.
func TestHostileStringsAreOnlyPrinted(t *testing.T) {
	var what string
	not := func(name string) { t.Errorf("%.60q: a terminal takes it for %s", what, name) }
	p := ansi.NewParser()
	p.SetHandler(ansi.Handler{
		Print:     func(rune) {},
		Execute:   func(b byte) { not(fmt.Sprintf("control character %#x", b)) },
		HandleCsi: func(ansi.Cmd, ansi.Params) { not("a control sequence") },
		HandleEsc: func(ansi.Cmd) { not("an escape sequence") },
		HandleDcs: func(ansi.Cmd, ansi.Params, []byte) { not("a device control string") },
		HandleOsc: func(int, []byte) { not("an operating system command") },
		HandlePm:  func([]byte) { not("a privacy message") },
		HandleApc: func([]byte) { not("a program command") },
		HandleSos: func([]byte) { not("a string") },
	})
	for _, what = range screentest.Hostile() {
		for _, b := range []byte(Line(what).String() + UserIDQuoted(what).String() + "x") {
			p.Advance(b)
		}
	}
}

// A screen with a hostile string in a column must look like one with any other
// string there: what is above, below and right of it stays where it was.
func TestHostileStringsStayInTheirColumn(t *testing.T) {
	const width = 60
	screen := screentest.New(80, 4)
	defer screen.Close()
	for _, s := range screentest.Hostile() {
		for name, text := range map[string]Text{
			"Fit": Line(s).Fit(width), "CutFront": Line(s).CutFront(width).Pad(width), "CutMiddle": Line(s).CutMiddle(width).Pad(width),
			"Quoted": UserIDQuoted(s).Fit(width),
		} {
			if text.Width() != width {
				t.Errorf("%s of %.60q takes %d cells", name, s, text.Width())
			}
			fmt.Fprint(screen, "\x1b[2J\x1b[Habove\n["+text.String()+"]\nbelow")
			row := screen.Line(1)
			if screen.Line(0) != "above" || screen.Line(2) != "below" || screen.Line(3) != "" || !strings.HasPrefix(row, "[") || !strings.HasSuffix(row, "]") {
				t.Errorf("%s of %.60q breaks the screen:\n%s", name, s, screen.Text())
			}
			if w := ansi.StringWidth(row); w > width+2 {
				t.Errorf("%s of %.60q moves what is right of it: %q", name, s, row)
			}
			if got, want := withoutMarks(row), withoutMarks("["+text.String()+"]"); got != want {
				t.Errorf("%s of %.60q shows %q, want %q", name, s, got, want)
			}
			if screen.Title() != "" || screen.Clipboard() != "" || screen.AltScreen() {
				t.Errorf("%s of %.60q reached the terminal", name, s)
			}
		}
	}
}

// withoutMarks: the test terminal loses marks on ASCII letters.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if isMark(r) {
			return -1
		}
		return r
	}, s)
}

// The rule that only sanitised text is drawn is the compiler's to keep.
func TestOnlyConstantsCompile(t *testing.T) {
	if out, err := exec.Command("go", "build", "./testdata/constant").CombinedOutput(); err != nil {
		t.Fatalf("a constant does not compile: %v\n%s", err, out)
	}
	out, err := exec.Command("go", "build", "-gcflags=-e", "./testdata/variable").CombinedOutput()
	if err == nil {
		t.Fatal("strings known only at run time compile")
	}
	for line := 13; line <= 17; line++ {
		if !strings.Contains(string(out), fmt.Sprintf("variable.go:%d:", line)) {
			t.Errorf("line %d of testdata/variable compiles:\n%s", line, out)
		}
	}
}
