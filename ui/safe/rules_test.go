package safe

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"idtop/ui/internal/screentest"
)

// One test for each rule of this package, named for what the rule says. The tables of
// the other files show examples; these hold for whole classes.

func TestInputIsCutAtFourKiBAndEachInvalidByteIsReplaced(t *testing.T) {
	for name, s := range map[string]string{
		"ascii":         strings.Repeat("a", 5<<10),
		"pictures":      strings.Repeat("\x1b", 4<<10), // three bytes each
		"codes":         strings.Repeat("\u202e", 2<<10),
		"wide":          strings.Repeat("中", 2<<10),
		"invalid bytes": strings.Repeat("\xff", 5<<10),
	} {
		for kind, text := range map[string]Text{"Line": Line(s), "LineMatched": LineMatched(s, []int{0})} {
			if got := text.String(); len(got) > 4<<10 || !strings.HasSuffix(got, "…") {
				t.Errorf("%s of %s has %d bytes and ends in %q", kind, name, len(got), got[len(got)-3:])
			}
		}
	}
	for b := 0x80; b <= 0xff; b++ {
		if got, want := Line("a"+string([]byte{byte(b), byte(b)})+"z").String(), "a\ufffd\ufffdz"; got != want {
			t.Errorf("two bytes %#x: %+q, want %+q", b, got, want)
		}
	}
}

func TestControlCharactersAreDrawnAsPictures(t *testing.T) {
	for c := rune(0); c < 0x20; c++ {
		want := "a" + string(0x2400+c) + "z"
		if got := Line("a" + string(c) + "z"); got.String() != want || marked(got) != "a{"+string(0x2400+c)+"}z" {
			t.Errorf("Line of %U: %+q, want %+q as a warning", c, got, want)
		}
	}
	if got := marked(Line("a\x7fz")); got != "a{␡}z" {
		t.Errorf("DEL: %s", got)
	}
}

// Every character of Unicode is drawn as itself, or is spelled out as a warning when
// its properties forbid it or its width depends on its neighbours.
func TestOnlyVisibleCharactersAreDrawnAsThemselves(t *testing.T) {
	step := rune(1)
	for r := rune(0xa0); r <= unicode.MaxRune; r += step {
		if step = 1; r > 0x33480 && (r < 0xe0000 || r > 0xe2000) {
			step = 1021 // nothing is assigned there, or all of it is for private use
		}
		if !utf8.ValidRune(r) {
			continue
		}
		code := fmt.Sprintf("a{<U+%04X>}z", r)
		got := Line("a" + string(r) + "z")
		switch {
		case forbidden(r) || isUnsteady(r) && norm.NFC.String("a"+string(r)) == "a"+string(r):
			if marked(got) != code {
				t.Errorf("%U is drawn as %s, want %s", r, marked(got), code)
			}
		case got.String() != norm.NFC.String("a"+string(r)+"z"):
			t.Errorf("%U is drawn as %s, want it as itself", r, marked(got))
		}
	}
}

func TestAtMostTwoMarksAreDrawnOnALetter(t *testing.T) {
	for _, mark := range []string{"\u0323", "\u20d0", "\u0489", "\u1ab0", "\U0001d165"} {
		if !unicode.In([]rune(mark)[0], unicode.Mn, unicode.Mc) {
			continue // an enclosing mark is spelled out
		}
		for n := range 50 {
			got := marked(Line("x" + strings.Repeat(mark, n) + "y"))
			want := "x" + strings.Repeat(mark, n) + "y"
			if n > 2 {
				want = fmt.Sprintf("x%s{<+%d>}y", strings.Repeat(mark, 2), n-2)
			}
			if got != want {
				t.Errorf("%d times %+q: %+q, want %+q", n, mark, got, want)
			}
		}
	}
}

func TestOnlyTheDrawnTextIsNormalised(t *testing.T) {
	stored := "e\u0301"
	if got := Line(stored).String(); got != "\u00e9" {
		t.Errorf("drawn %+q", got)
	}
	clip, err := Clip(stored)
	if err != nil || clip != stored || UserIDQuoted(stored).String() != `"e\u0301"` || CSV(stored) != stored || Quote(stored) != `"e\u0301"` {
		t.Errorf("what leaves the program is no longer what was stored: %+q, %v", clip, err)
	}
}

// The width is that of the text as it is drawn, also when the string had none, and a
// cut ends in U+2026.
func TestWidthIsOfTheDrawnText(t *testing.T) {
	for s, want := range map[string]int{"\x1b": 1, "\u202e": 8, "\u200b": 8, "\U000e0041": 9, "x" + strings.Repeat("\u0323", 5): 5, "中\x00": 3} {
		if got := Line(s); got.Width() != want || got.Cut(want).String() != got.String() {
			t.Errorf("width of %+q is %d, want %d", got, got.Width(), want)
		}
		if cut := Line(s + "abc").Cut(want + 2).String(); !strings.HasSuffix(cut, "\u2026") {
			t.Errorf("%+q is cut to %+q", s, cut)
		}
	}
}

func TestValuesOutsideASCIIHaveABadge(t *testing.T) {
	for s, want := range map[string]string{
		"ann_8392": "ann_8392", "": "", "a\x1b": "a{␛}", "a\u202e": "a{<U+202E>}",
		"аnn": "{U+} аnn", "ann＿1": "{U+} ann＿1", "Zoë": "{U+} Zoë", "中村": "{U+} 中村",
	} {
		if got := marked(Line(s).Badged()); got != want {
			t.Errorf("%+q is drawn as %s, want %s", s, got, want)
		}
	}
}

// Nothing on the clipboard can act in the place where it is pasted: only an id is
// freed of what can't be drawn, any other text is refused.
func TestClipboardTakesOnlyWhatCanBeDrawn(t *testing.T) {
	for _, s := range screentest.Hostile() {
		clip, err := Clip(s)
		if err == nil && clip != s && !sessionID.MatchString(clip) {
			t.Errorf("%+q is changed to %+q", s, clip)
		}
		if err == nil && strings.ContainsFunc(clip, func(r rune) bool { return forbidden(r) && !isUnsteady(r) }) {
			t.Errorf("%+q is copied as %+q", s, clip)
		}
	}
}

func TestLogsAreInASCII(t *testing.T) {
	for _, s := range screentest.Hostile() {
		q := Quote(s)
		if !isPlain(q) || q[0] != '"' {
			t.Errorf("%+q is logged as %s", s, q)
		}
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for _, first := range []string{"=", "+", "-", "@", "\t", "\r"} {
		if got := CSV(first + "1"); !strings.HasPrefix(got, "'") {
			t.Errorf("%q becomes the cell %q", first+"1", got)
		}
	}
	for _, s := range screentest.Hostile() {
		if cell := CSV(s); strings.ContainsFunc(cell, unicode.IsControl) {
			t.Errorf("%+q becomes the cell %+q", s, cell)
		}
	}
}
