package query

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]string{
		"":                       "",
		"  \t ":                  "",
		" a  b ":                 "a b",
		"a\xffb":                 "ab",
		strings.Repeat("é", 50):  strings.Repeat("é", MaxWord),
		strings.Repeat("x", 500): strings.Repeat("x", MaxWord),
	} {
		q := Parse(line)
		if q.String() != want || q.Empty() != (want == "") {
			t.Errorf("%q: got %q, empty %v", line, q, q.Empty())
		}
	}
}

func TestMarks(t *testing.T) {
	q := Parse("ann 92")
	if got, want := q.Marks("ann_8392", "", "", nil).UserID, []int{0, 1, 2, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("user_id: got %v, want %v", got, want)
	}
	m := Parse("MLW ü").Marks("ann", "vs_0tMLw", "für", []string{"MLW", "ü"})
	if want := []int{5, 6, 7}; !slices.Equal(m.SessionID, want) {
		t.Errorf("session id: got %v, want %v", m.SessionID, want)
	}
	if want := []int{1}; !slices.Equal(m.Reference, want) {
		t.Errorf("reference: got %v, want %v", m.Reference, want)
	}
}

// FuzzQuery types a line, letter by letter, into a list of user_ids that changes
// on the way, and compares with the library.
func FuzzQuery(f *testing.F) {
	f.Add("ann 83", "ann_8392\nuser_839201\nAnnB_83\n\nJo.Ann@x.org 83", "vs_1", "İ")
	f.Add("kſ", "K\u212as\n_sK\x00k\nK S", "vs_1", "kſ")
	f.Fuzz(func(t *testing.T, line, users, session, elsewhere string) {
		q := Parse(line)
		r := &reference{texts: strings.Split(users, "\n")}
		for row := range r.texts {
			r.age = append(r.age, -row)
		}
		x := NewIndex(r.newer)
		for row, text := range r.texts {
			x.Put(uint32(row), text)
		}
		for n, word := range q.words {
			runes := []rune(word)
			for end := range runes {
				r.check(t, x, append(slices.Clone(q.words[:n]), string(runes[:end+1])), nil, 3)
				row := uint32((end + n) % len(r.texts))
				r.put(x, row, r.texts[len(session)%len(r.texts)])
			}
		}
		for row, text := range r.texts {
			if got := x.UserID(uint32(row)); got != text {
				t.Fatalf("row %d is %q, want %q", row, got, text)
			}
		}
		marks := q.Marks(users, session, elsewhere, strings.Fields(elsewhere))
		for _, at := range []struct {
			offsets []int
			text    string
		}{{marks.UserID, users}, {marks.SessionID, session}, {marks.Reference, elsewhere}} {
			if n := len(at.offsets); n > 0 && at.offsets[n-1] >= len(at.text) {
				t.Fatalf("mark %d outside %q", at.offsets[n-1], at.text)
			}
		}
	})
}
