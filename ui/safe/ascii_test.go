package safe

import (
	"strings"
	"testing"

	"idtop/ui/internal/screentest"
)

// inASCII lets texts be made of ASCII alone until the test has ended.
func inASCII(t *testing.T) {
	SetASCII(true)
	t.Cleanup(func() { SetASCII(false) })
}

func TestASCII(t *testing.T) {
	inASCII(t)
	for _, tt := range []struct {
		name string
		got  Text
		want string
	}{
		{"ascii stays", Line("ann_8392"), "ann_8392"},
		{"foreign letters", Line("Zoë"), "Zo<U+00EB>"},
		{"not composed: two that look alike differ", Line("Zoe\u0308"), "Zoe<U+0308>"},
		{"wide letters", Line("中"), "<U+4E2D>"},
		{"above the first plane", Line("😀"), "<U+1F600>"},
		{"controls", Line("a\x1b[31m\x7f\u009b"), "a<U+001B>[31m<U+007F><U+009B>"},
		{"an invalid byte", Line("a\xff"), "a<U+FFFD>"},
		{"many marks", Line("a" + strings.Repeat("\u0301", 3)), "a<U+0301><U+0301><U+0301>"},
		{"a foreign sign is no sign of ours", Line("ann…▲"), "ann<U+2026><U+25B2>"},
		{"signs of ours", Lit("▸ ✗ failed"), "> x failed"},
		{"between words", Lit("synced · reads"), "synced, reads"},
		{"arrows", Lit("↑ ↓"), "up down"},
		{"newer rows", Lit("↑ "), "^ "},
		{"a key's name", Spelled("k ↑"), "k up"},
		{"a sign in a text of ours", Spelled("▲ Overdue"), "! Overdue"},
		{"what is no sign of ours there", Spelled("é"), "<U+00E9>"},
		{"cut", Line("abcdefgh").Cut(6), "abcd.."},
		{"cut in front", Line("abcdefgh").CutFront(6), "..efgh"},
		{"cut in the middle", Line("abcdefgh").CutMiddle(6), "ab..gh"},
		{"cut to less than its mark", Line("abcdefgh").Cut(1), "."},
		{"a line break", Line("a\nb"), "a<U+000A>b"},
		{"too long", Line(strings.Repeat("a", 5000)).CutFront(5), "..a.."},
	} {
		if tt.got.String() != tt.want || tt.got.Width() != len(tt.want) || tt.got.Foreign() {
			t.Errorf("%s: %q, %d cells, foreign %v, want %q", tt.name, tt.got, tt.got.Width(), tt.got.Foreign(), tt.want)
		}
	}
	if s := marked(LineMatched("zoë_2", []int{2})); s != "zo{[<U+00EB>]}_2" {
		t.Errorf("a matched letter: %s", s)
	}
}

// Every sign has a spelling in ASCII, and texts of any bytes have nothing else.
func TestASCIIHoldsNothingElse(t *testing.T) {
	inASCII(t)
	for _, s := range screentest.Hostile() {
		for _, text := range []Text{Line(s), Line(s).Cut(9), LineMatched(s, []int{0, 1}), Spelled(s), ErrorBody(s)} {
			if !isPlain(text.String()) {
				t.Errorf("%+q gives %+q", s, text)
			}
		}
	}
}

func TestRepeat(t *testing.T) {
	for n, want := range map[int]string{-1: "", 0: "", 1: "ab", 3: "ababab"} {
		if got := Lit("ab").Repeat(n); got.String() != want || got.Width() != len(want) {
			t.Errorf("%d times: %q", n, got)
		}
	}
}
