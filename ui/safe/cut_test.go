package safe

import (
	"slices"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestCut(t *testing.T) {
	id := Line("vs_1NuNAILkdIwHu7ixh70tMLw")
	for _, tt := range []struct {
		name string
		got  Text
		want string
	}{
		{"fits", Line("abc").Cut(3), "abc"},
		{"at the end", Line("abcdef").Cut(4), "abc…"},
		{"one cell", Line("abcdef").Cut(1), "…"},
		{"no cell", Line("abcdef").Cut(0), ""},
		{"less than none", Line("abcdef").Cut(-3), ""},
		{"a wide character that does not fit", Line("中文字").Cut(4), "中…"},
		{"not inside a cluster", Line("aq\u0323\u0307bc").Cut(3), "aq\u0323\u0307…"},
		{"not before a mark that is a cluster of its own", Line("r\u102br\u102b").Cut(3), "r\u102b…"},
		{"in front", id.CutFront(7), "…70tMLw"},
		{"in front, wide", Line("中文字").CutFront(4), "…字"},
		{"in front, one cell", id.CutFront(1), "…"},
		{"in front, none", id.CutFront(0), ""},
		{"in the middle", id.CutMiddle(12), "vs_1N…70tMLw"},
		{"in the middle, even", id.CutMiddle(5), "vs…Lw"},
		{"in the middle, two cells", id.CutMiddle(2), "…w"},
		{"in the middle, none", id.CutMiddle(0), ""},
		{"padded", Line("ab").Pad(4), "ab  "},
		{"padded, no room", Line("ab").Pad(1), "ab"},
		{"padded before", Num(12).PadLeft(4), "  12"},
		{"padded before, wide", Line("中").PadLeft(4), "  中"},
		{"fitted by cutting", Line("中文字").Fit(4), "中… "},
		{"fitted by padding", Line("ab").Fit(4), "ab  "},
		{"spaces", Spaces(3), "   "},
		{"less than no spaces", Spaces(-3), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got.String() != tt.want || tt.got.Width() != ansi.StringWidth(tt.want) {
				t.Errorf("got %q, %d cells; want %q", tt.got, tt.got.Width(), tt.want)
			}
		})
	}
	if n := Spaces(1000); n.Width() != 1000 || len(n.String()) != 1000 {
		t.Error("many spaces")
	}
}

func TestRunsAreCutToo(t *testing.T) {
	m := LineMatched("ab\u202ecdef", []int{0, 1, 6, 7})
	for _, tt := range []struct {
		name string
		got  Text
		want string
	}{
		{"whole", m, "[ab]{<U+202E>}c[de]f"},
		{"end", m.Cut(6), "[ab]{<U+}…"},
		{"front", m.CutFront(5), "…c[de]f"},
		{"middle", m.CutMiddle(5), "[ab]…[e]f"},
		{"padded", m.Pad(15), "[ab]{<U+202E>}c[de]f "},
	} {
		if got := marked(tt.got); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Where terminals count differently, the larger count is taken.
func TestWidthIsEnoughOnBothKindsOfTerminal(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "中文": 4, "é": 1, "x\u0323": 1, "कि": 2, "क्ष": 2, "น้ำ": 2, "ｶﾞ": 2, "␛": 1, "…": 1} {
		if got := Line(s).Width(); got != want {
			t.Errorf("width of %q is %d, want %d", s, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		name  string
		in    Text
		width int
		want  []string
	}{
		{"fits", Line("one two"), 7, []string{"one two"}},
		{"at spaces", Line("The user can try again."), 10, []string{"The user", "can try", "again."}},
		{"at the edge", Line("one two"), 3, []string{"one", "two"}},
		{"in a long word", Line("abcdefgh ij"), 3, []string{"abc", "def", "gh", "ij"}},
		{"wide", Line("中文 字"), 4, []string{"中文", "字"}},
		{"too wide for a line", Line("a中b"), 1, []string{"a", "…", "b"}},
		{"a space with a mark is no place to break", Line("ab \u0301c d"), 4, []string{"ab \u0301c", "d"}},
		{"nor at the edge", Line("abc \u0301d"), 3, []string{"abc", " \u0301d"}},
		{"no width", Line("ab"), 0, []string{"a", "b"}},
		{"empty", Line(""), 5, []string{""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, l := range tt.in.Wrap(tt.width) {
				got = append(got, l.String())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
