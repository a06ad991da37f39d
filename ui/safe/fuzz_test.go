package safe

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"idtop/ui/internal/screentest"
)

// FuzzText holds the package to its promises for any string, any matches and
// any width. Long strings are left to the test below: mutating them is slow
// and finds no more.
func FuzzText(f *testing.F) {
	for i, s := range screentest.Hostile() {
		if len(s) < 300 {
			f.Add(s, []byte{0, 1, byte(i)}, i%20)
		}
	}
	f.Fuzz(checkPromises)
}

func TestPromisesForHostileStrings(t *testing.T) {
	for i, s := range screentest.Hostile() {
		checkPromises(t, s, []byte{0, 1, 2, 5, 4, 250, byte(i)}, 1+i%70)
	}
}

func checkPromises(t *testing.T, s string, matched []byte, width int) {
	width = min(width, 3*maxBytes)
	line := Line(s)
	if again := Line(line.String()); again.String() != line.String() {
		t.Errorf("not idempotent: %+q, then %+q", line, again)
	}
	idx := make([]int, len(matched))
	for i, m := range matched {
		idx[i] = int(m)
	}
	m := LineMatched(s, idx)
	if m.String() != line.String() || m.Width() != line.Width() {
		t.Errorf("with matches: %+q, without: %+q", m, line)
	}
	checkMatches(t, s, idx, m)
	checkComposed(t, s, idx)
	checkLine(t, line)
	checkCuts(t, m, width)
	checkCuts(t, Concat(line, m, line), width)
	checkOut(t, s)
}

func checkLine(t *testing.T, x Text) {
	t.Helper()
	s := x.String()
	if err := check(s); err != nil {
		t.Errorf("%+q: %v", s, err)
	}
	if g, wc := ansi.StringWidth(s), ansi.StringWidthWc(s); x.Width() < g || x.Width() < wc || x.Width() > len(s) {
		t.Errorf("width of %+q is %d; terminals take %d or %d", s, x.Width(), g, wc)
	}
	checkRuns(t, x)
}

func checkRuns(t *testing.T, x Text) {
	t.Helper()
	var b strings.Builder
	for r := range x.Runs() {
		if r.Text == "" || !utf8.ValidString(r.Text) {
			t.Errorf("run %+q of %+q", r.Text, x)
		}
		b.WriteString(r.Text)
	}
	if b.String() != x.String() {
		t.Errorf("the runs give %+q, the text is %+q", b.String(), x)
	}
}

// checkMatches compares the letters that are flagged with those that were
// matched in the raw string, where that needs no sanitising to tell.
func checkMatches(t *testing.T, s string, idx []int, m Text) {
	t.Helper()
	if !isPlain(s) || len(s) > maxBytes {
		return
	}
	want := make([]bool, len(s))
	for _, i := range idx {
		if i < len(s) {
			want[i] = true
		}
	}
	at := 0
	for r := range m.Runs() {
		for range len(r.Text) {
			if r.Match != want[at] || r.Escape {
				t.Errorf("%q: byte %d flagged %v, want %v", s, at, r.Match, want[at])
			}
			at++
		}
	}
}

func checkCuts(t *testing.T, x Text, width int) {
	t.Helper()
	for name, cut := range map[string]Text{"Cut": x.Cut(width), "CutFront": x.CutFront(width), "CutMiddle": x.CutMiddle(width)} {
		if got := cut.Width(); got > max(0, width) || ansi.StringWidth(cut.String()) > got || ansi.StringWidthWc(cut.String()) > got {
			t.Errorf("%s(%d) of %+q takes %d: %+q", name, width, x, got, cut)
		}
		if strings.Contains(cut.String(), "\n") {
			t.Errorf("%s(%d) of %+q has lines: %+q", name, width, x, cut)
		}
		if err := checkPart(cut.String()); err != nil || cut.Foreign() != x.Foreign() {
			t.Errorf("%s(%d) of %+q: %+q: %v", name, width, x, cut, err)
		}
		checkRuns(t, cut)
	}
	if got := x.Fit(width); got.Width() != max(0, width) {
		t.Errorf("Fit(%d) of %+q takes %d", width, x, got.Width())
	}
	var wrapped strings.Builder
	for _, l := range x.Wrap(width) {
		if l.Width() > max(1, width) {
			t.Errorf("Wrap(%d) of %+q has a line of %d", width, x, l.Width())
		}
		if err := checkPart(l.String()); err != nil {
			t.Errorf("Wrap(%d) of %+q has the line %+q: %v", width, x, l, err)
		}
		checkRuns(t, l)
		wrapped.WriteString(l.String())
	}
	if got, want := letters(wrapped.String()), letters(x.String()); width > 2+3*maxMarks && got != want {
		t.Errorf("Wrap(%d) turns %+q into %+q", width, want, got)
	}
}

// letters drops what Wrap may drop.
func letters(s string) string {
	return strings.NewReplacer(" ", "", "\n", "").Replace(s)
}

func checkOut(t *testing.T, s string) {
	t.Helper()
	q := Quote(s)
	if !isPlain(q) || UserIDQuoted(s).Width() != len(q) {
		t.Errorf("Quote(%+q) = %+q", s, q)
	}
	if back, err := strconv.Unquote(q); len(s) <= maxBytes && (err != nil || back != s) {
		t.Errorf("Quote(%+q) = %s means %+q, %v", s, q, back, err)
	}
	if clip, err := Clip(s); err == nil && (strings.ContainsFunc(clip, func(r rune) bool { return !isAllowed(r) }) || clip != s && !sessionID.MatchString(clip)) {
		t.Errorf("Clip(%+q) = %+q", s, clip)
	}
	if body := ErrorBody(s); checkPart(body.String()) != nil {
		t.Errorf("ErrorBody(%+q) = %+q", s, body)
	}
}

func BenchmarkLine(b *testing.B) {
	for _, bm := range []struct{ name, s string }{
		{"ascii", "vs_1NuNAILkdIwHu7ixh70tMLw"},
		{"user id", "ann_8392"},
		{"latin", "Zoë Müller-Łukasz"},
		{"cjk", "中村 太郎"},
		{"decomposed", "Zoe\u0308 Mu\u0308ller"},
		{"hostile", "user\u202etxt\x1b[31m\u200b"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Line(bm.s)
			}
		})
	}
}

func BenchmarkColumn(b *testing.B) {
	b.ReportAllocs()
	id, idx := "joann_smith@example.com", []int{2, 3, 4}
	for b.Loop() {
		LineMatched(id, idx).Fit(20)
	}
}
