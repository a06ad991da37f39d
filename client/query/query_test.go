package query

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sahilm/fuzzy"
)

type rows []struct{ user, session, reference string }

func (r rows) Len() int               { return len(r) }
func (r rows) UserID(i int) string    { return r[i].user }
func (r rows) SessionID(i int) string { return r[i].session }
func (r rows) Reference(i int) string { return r[i].reference }

var people = rows{
	{"ann_8392", "vs_1NuNAILkdIwHu7ixh70tMLw", "order-5512"},
	{"user_839201", "vs_1NuP4a91Q", ""},
	{"joann_smith@example.com", "vs_1NuQx8fKp", "case 7"},
	{"", "vs_1NuR00000", "ann-ref"},
	{"ann_0017", "vs_1NuS91mZc", ""},
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		line      string
		rows      []int
		elsewhere []string
	}{
		{"ann", []int{0, 4, 2}, nil},
		{"ANN", []int{0, 4, 2}, nil},
		{"8392", []int{0, 1}, nil},
		{"ann 83", []int{0}, nil},
		{"smith ann", []int{2}, nil},
		{"70tmlw", []int{0}, []string{"70tmlw"}},
		{"order-55", []int{0}, []string{"order-55"}},
		{"ann order-55", []int{0}, []string{"order-55"}},
		{"ann-ref", []int{3}, []string{"ann-ref"}},
		{"zzz", nil, []string{"zzz"}},
		{"ann zzz", nil, []string{"zzz"}},
	} {
		got := NewSearcher(people).Find(Parse(c.line))
		if !slices.Equal(got.Rows, c.rows) || !slices.Equal(got.Elsewhere, c.elsewhere) {
			t.Errorf("%q: got %v %q, want %v %q", c.line, got.Rows, got.Elsewhere, c.rows, c.elsewhere)
		}
	}
}

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

// TestOneWordIsFuzzyFind compares fresh and narrowed searches with the library
// on random alphabets: same rows, same order.
func TestOneWordIsFuzzyFind(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		alphabet := []rune("ab_-A.K\u212a9éſs@")[:3+random.IntN(10)]
		word := func(most int) string {
			var b strings.Builder
			for range random.IntN(most) {
				b.WriteRune(alphabet[random.IntN(len(alphabet))])
			}
			return b.String()
		}
		source := make(rows, 200)
		users := make([]string, len(source))
		for i := range source {
			source[i].user = word(12)
			users[i] = source[i].user
		}
		typed := NewSearcher(source)
		line := strings.ReplaceAll(word(7), "@", "a")
		for end := range len(line) + 1 {
			q := Parse(line[:end])
			if q.Empty() || q.String() != line[:end] {
				continue
			}
			var want []int
			for _, m := range fuzzy.Find(q.String(), users) {
				want = append(want, m.Index)
			}
			fresh, narrowed := NewSearcher(source).Find(q), typed.Find(q)
			if !slices.Equal(fresh.Rows, want) || !slices.Equal(narrowed.Rows, want) {
				t.Fatalf("seed %d, %q: got %v and narrowed %v, want %v", seed, q, fresh.Rows, narrowed.Rows, want)
			}
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

func FuzzQuery(f *testing.F) {
	f.Add("ann 83", "ann_8392", "vs_1", "İ")
	f.Fuzz(func(t *testing.T, line, user, session, reference string) {
		source := rows{{user, session, reference}}
		q := Parse(line)
		result := NewSearcher(source).Find(q)
		marks := q.Marks(user, session, reference, result.Elsewhere)
		for _, i := range marks.UserID {
			if i >= len(user) {
				t.Fatalf("mark %d outside %q", i, user)
			}
		}
		for _, i := range marks.Reference {
			if i >= len(reference) {
				t.Fatalf("mark %d outside %q", i, reference)
			}
		}
	})
}

// BenchmarkKeystroke is a typed search of eight letters, one search per letter.
func BenchmarkKeystroke(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		random := rand.New(rand.NewPCG(42, 0))
		source := make(rows, n)
		for i := range source {
			source[i].user = fmt.Sprintf("user_%08d", random.IntN(1e8))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			line := "user_839"
			for b.Loop() {
				s := NewSearcher(source)
				for end := 1; end <= len(line); end++ {
					s.Find(Parse(line[:end]))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(line)), "us/keystroke")
		})
	}
}
