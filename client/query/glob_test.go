package query

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// globbed is matchGlob, the slow and obvious way.
func globbed(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	size := 0
	if text != "" {
		_, size = decode(text)
	}
	switch c := pattern[0]; {
	case c == '*':
		return globbed(pattern[1:], text) || text != "" && globbed(pattern, text[size:])
	case c == '?':
		return text != "" && globbed(pattern[1:], text[size:])
	case c == '\\':
		return strings.HasPrefix(text, pattern[1:2]) && globbed(pattern[2:], text[1:])
	}
	return strings.HasPrefix(text, pattern[:1]) && globbed(pattern[1:], text[1:])
}

// pattern makes a pattern of characters that texts have, or of a text.
func (l letters) pattern(texts []string) string {
	text := []rune(l.text(8))
	if l.IntN(2) == 0 {
		text = []rune(strings.ToValidUTF8(texts[l.IntN(len(texts))], ""))
	}
	var b strings.Builder
	for _, r := range text {
		switch l.IntN(6) {
		case 0:
			b.WriteByte('?')
		case 1, 2:
			b.WriteByte('*')
		default:
			b.WriteString(literally(string(r)))
		}
	}
	return b.String()
}

// TestGlob compares patterns over columns, and those over single texts, with the obvious way.
func TestGlob(t *testing.T) {
	found := 0
	for seed := range uint64(60) {
		l := newLetters(seed)
		r := &reference{texts: make([]string, 200), age: rand.New(l.Rand).Perm(200)}
		x := NewIndex(r.newer)
		for row := range r.texts {
			r.put(x, uint32(row), l.text(1+row/10))
		}
		for range 50 { // slots without a row, and used again
			r.put(x, uint32(l.IntN(200)), strings.Repeat(l.text(6), l.IntN(2)))
		}
		for range 100 {
			pattern := l.pattern(r.texts)
			if pattern == "" {
				continue
			}
			var want []uint32
			for row, text := range r.texts {
				is := text != "" && globbed(pattern, text)
				if is {
					want = append(want, uint32(row))
				}
				if matchGlob(pattern, text) != is {
					t.Fatalf("%q of %q: want %v", pattern, text, is)
				}
			}
			m, err := x.Glob(t.Context(), Item{Text: pattern, Glob: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(m.Each()); !slices.Equal(got, want) || m.Count() != len(want) {
				t.Fatalf("seed %d, %q: rows %v, counted %d, want %v", seed, pattern, got, m.Count(), want)
			}
			found += len(want)
		}
	}
	if found < 10_000 {
		t.Errorf("only %d rows match", found)
	}
}
