package safe

import (
	"slices"
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"ascii", "ann_8392", "ann_8392"},
		{"empty", "", ""},
		{"letters outside ascii", "Zoë Łukasz Анна 中村 ไทย", "Zoë Łukasz Анна 中村 ไทย"},

		{"an invalid byte", "a\xffb", "a\ufffdb"},
		{"each invalid byte", "\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
		{"an overlong slash", "\xc0\xaf", "\ufffd\ufffd"},

		{"escape sequence", "\x1b[31mred", "␛[31mred"},
		{"line break", "a\r\nb", "a␍␊b"},
		{"tab, null, bell, backspace", "\t\x00\a\b", "␉␀␇␈"},
		{"delete", "a\x7f", "a␡"},

		{"c1 as a character", "\u009b31m", "<U+009B>31m"},
		{"override", "user\u202etxt", "user<U+202E>txt"},
		{"isolate", "\u2066a\u2069", "<U+2066>a<U+2069>"},
		{"zero width", "ann\u200b_1", "ann<U+200B>_1"},
		{"joined emoji", "👨\u200d👩", "👨<U+200D>👩"},
		{"selector", "❤\ufe0f", "❤<U+FE0F>"},
		{"flag", "🇩🇪", "<U+1F1E9><U+1F1EA>"},
		{"skin tone", "👍🏽", "👍<U+1F3FD>"},
		{"no-break space", "a\u00a0b", "a<U+00A0>b"},
		{"line separator", "a\u2028b", "a<U+2028>b"},
		{"filler letter", "\u3164", "<U+3164>"},
		{"braille blank", "\u2800", "<U+2800>"},
		{"private use", "\ue000", "<U+E000>"},
		{"not a character", "\uffff", "<U+FFFF>"},
		{"unassigned", "\u0378", "<U+0378>"},
		{"tag", "\U000e0041", "<U+E0041>"},
		{"the last one", "\U0010ffff", "<U+10FFFF>"},
		{"enclosing mark", "a\u20dd", "a<U+20DD>"},

		{"two marks", "q\u0323\u0307", "q\u0323\u0307"},
		{"five marks", "x\u0323\u0323\u0323\u0323\u0323y", "x\u0323\u0323<+3>y"},
		{"a mark on nothing", "\u0301ann", "<U+0301>ann"},
		{"a mark on an escape", "\u202e\u0301", "<U+202E><U+0301>"},
		{"a mark on a picture", "\x1b\u0301", "␛<U+0301>"},
		{"a mark on an invalid byte", "\xff\u0301", "\ufffd<U+0301>"},
		{"a mark on a space", " \u0301", " \u0301"},
		{"decomposed", "e\u0301", "é"},
		{"decomposed, and two more", "e\u0301\u0323\u0323", "\u1eb9\u0323\u0301"},
		{"more marks than are composed at once", "a" + strings.Repeat("\u0301", 40), "á\u0301\u0301<+37>"},
		{"decomposed behind an invalid byte", "\xffe\u0301", "\ufffdé"},
		{"replaced behind a character cut short", "\xf0\u0387", "\ufffd\u00b7"},
		{"spelled out as it came, not as in the normal form", "\u2000\u0301e\u0301", "<U+2000><U+0301>é"},
		{"decomposed Hangul", "\u1112\u1161\u11ab", "한"},
		{"a lone jamo", "\u1161", "<U+1161>"},
		{"Ångström sign", "\u212b", "Å"},
		{"Thai am", "น้ำ", "น้ำ"},
		{"one joined letter", "क्ष", "क्ष"},
		{"a chain of joined letters", "क्क्क", "क्क<U+094D>क"},
		{"a letter that joins what follows", "\u0d4ea", "<U+0D4E>a"},

		{"our own notation is left alone", "<U+202E><+3>", "<U+202E><+3>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Line(tt.in).String(); got != tt.want {
				t.Errorf("Line(%+q) = %+q, want %+q", tt.in, got, tt.want)
			}
		})
	}
}

func TestLongStringsAreCutVisibly(t *testing.T) {
	for _, s := range []string{strings.Repeat("a", 5000), strings.Repeat("\x1b", 3000), strings.Repeat("中", 2000)} {
		got := Line(s)
		if len(got.String()) > maxBytes || !strings.HasSuffix(got.String(), "…") {
			t.Errorf("%d bytes of %.10q give %d, ending in %q", len(s), s, len(got.String()), got.CutFront(4))
		}
	}
	if got := Line(strings.Repeat("a", maxBytes)); got.Width() != maxBytes || !got.Uniform() {
		t.Error("a string of just the length is not drawn as it is")
	}
}

func TestLit(t *testing.T) {
	for _, tt := range []struct {
		got   Text
		want  string
		width int
	}{
		{Lit("enter"), "enter", 5},
		{Lit("▸ ✗ failed"), "▸ ✗ failed", 10},
		{Lit("中"), "中", 2},
		{Lit("\x1b[31m"), "␛[31m", 5},
	} {
		if tt.got.String() != tt.want || tt.got.Width() != tt.width || tt.got.Foreign() {
			t.Errorf("got %q, %d cells, foreign %v; want %q, %d, false", tt.got, tt.got.Width(), tt.got.Foreign(), tt.want, tt.width)
		}
	}
}

func TestNum(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 90214: "90,214", 1234567: "1,234,567", -5: "-5", -999: "-999", -1000: "-1,000", -100000: "-100,000",
		-1 << 63: "-9,223,372,036,854,775,808",
	} {
		if got := Num(n); got.String() != want || got.Width() != len(want) {
			t.Errorf("Num(%d) = %q, %d cells; want %q", n, got, got.Width(), want)
		}
	}
}

func TestForeign(t *testing.T) {
	for s, want := range map[string]bool{
		"ann_8392": false, "": false, "\x1b[31m": false, "a\u202e": false, "\xff": false,
		"аnn": true, "ann＿8392": true, "é": true, "a\u0323": true, "１": true,
	} {
		got := Line(s)
		if got.Foreign() != want || got.Badge().IsEmpty() == want || got.Cut(1).Foreign() != want {
			t.Errorf("%+q: foreign %v, badge %q, want %v", s, got.Foreign(), got.Badge(), want)
		}
	}
	if !Concat(Lit("user "), Line("аnn")).Foreign() {
		t.Error("a foreign part is lost in a whole")
	}
}

func TestJoin(t *testing.T) {
	got := Join(Lit(" · "), Line("a\x1b"), Text{}, LineMatched("bcd", []int{1}))
	if got.String() != "a␛ ·  · bcd" || got.Width() != 11 {
		t.Errorf("got %q, %d cells", got, got.Width())
	}
	if s := marked(got); s != "a{␛} ·  · b[c]d" {
		t.Errorf("runs: %s", s)
	}
	if !Join(Lit(", ")).IsEmpty() || Join(Lit(", "), Lit("a")).String() != "a" {
		t.Error("Join of none or one")
	}
}

// marked writes matched runs in [], escapes in {}.
func marked(t Text) string {
	var b strings.Builder
	for r := range t.Runs() {
		s := r.Text
		if r.Match {
			s = "[" + s + "]"
		}
		if r.Escape {
			s = "{" + s + "}"
		}
		b.WriteString(s)
	}
	return b.String()
}

func TestLineMatched(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		idx      []int
		want     string
	}{
		{"none", "ann_8392", nil, "ann_8392"},
		{"a run", "joann_2", []int{2, 3, 4}, "jo[ann]_2"},
		{"apart, out of order, twice", "abcdef", []int{4, 0, 2, 2}, "[a]b[c]d[e]f"},
		{"outside", "abc", []int{-1, 3, 99, 1}, "a[b]c"},
		{"behind what is wider on the screen", "\x1b\u202eann", []int{4, 5}, "{␛<U+202E>}[an]n"},
		{"an escape itself", "a\u202eb", []int{1}, "a{[<U+202E>]}b"},
		{"behind an invalid byte", "\xffab", []int{0, 2}, "{[\ufffd]}a[b]"},
		{"the mark of a composed letter", "ne\u0301e", []int{2}, "n[é]e"},
		{"its base", "ne\u0301e", []int{1}, "n[é]e"},
		{"the mark that stays apart", "a\u0301\u0323", []int{1}, "ạ[\u0301]"},
		{"the mark that is composed instead", "a\u0301\u0323", []int{3}, "[ạ]\u0301"},
		{"a letter that is composed in another way", "\u00e1\u0323", []int{0}, "[ạ\u0301]"},
		{"the second of two like marks", "x\u0323\u0323", []int{3}, "x\u0323[\u0323]"},
		{"one part of a syllable", "\u1112\u1161\u11ab", []int{6}, "[한]"},
		{"wide characters", "中文字", []int{3}, "中[文]字"},
		{"inside a character", "中文字", []int{4}, "中[文]字"},
		{"marks that are not drawn", "x\u0323\u0323\u0323\u0323y", []int{7}, "x\u0323\u0323{[<+2>]}y"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			given := slices.Clone(tt.idx)
			if got := marked(LineMatched(tt.in, tt.idx)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if !slices.Equal(given, tt.idx) {
				t.Error("the caller's indexes were changed")
			}
		})
	}
}
