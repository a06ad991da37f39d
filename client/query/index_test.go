package query

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sahilm/fuzzy"
)

// reference is what an Index has to do, by the library alone.
type reference struct {
	texts []string
	age   []int // of each row; the smaller the newer
}

func (r *reference) newer(a, b uint32) bool { return r.age[a] < r.age[b] }

func (r *reference) match(word string) []uint32 {
	var rows []uint32
	for _, m := range fuzzy.FindNoSort(word, r.texts) {
		rows = append(rows, uint32(m.Index))
	}
	return rows
}

func (r *reference) rank(words []string, keep func(uint32) bool) (rows []uint32, scores []int) {
	found, sum := make([]int, len(r.texts)), make([]int, len(r.texts))
	for _, word := range words {
		for _, m := range fuzzy.FindNoSort(word, r.texts) {
			found[m.Index]++
			sum[m.Index] += m.Score
		}
	}
	for row := range r.texts {
		if found[row] == len(words) && len(words) > 0 && (keep == nil || keep(uint32(row))) {
			rows = append(rows, uint32(row))
		}
	}
	slices.SortFunc(rows, func(a, b uint32) int {
		if sum[a] != sum[b] {
			return sum[b] - sum[a]
		}
		return r.age[a] - r.age[b]
	})
	for _, row := range rows {
		scores = append(scores, sum[row])
	}
	return rows, scores
}

// check compares everything that an index answers to the words with the library.
func (r *reference) check(t *testing.T, x *Index, words []string, keep func(uint32) bool, most int) {
	t.Helper()
	for _, word := range words {
		m, err := x.Match(t.Context(), word)
		if err != nil {
			t.Fatal(err)
		}
		want, got := r.match(word), slices.Sorted(m.Each())
		if !slices.Equal(got, want) || m.Count() != len(want) {
			t.Fatalf("%q: %d matches, counted %d, want %d", word, len(got), m.Count(), len(want))
		}
		for row := range r.texts {
			if _, want := slices.BinarySearch(want, uint32(row)); m.Has(uint32(row)) != want {
				t.Fatalf("%q: row %d matches %v", word, row, m.Has(uint32(row)))
			}
		}
	}
	got, err := x.Rank(t.Context(), Ranking{Words: words, Keep: keep, Rows: most})
	if err != nil {
		t.Fatal(err)
	}
	want, scores := r.rank(words, keep)
	if best := want[:min(len(want), most)]; !slices.Equal(got.Rows, best) || got.Total != len(want) {
		for i, row := range got.Rows {
			if i >= len(best) || best[i] != row {
				t.Errorf("place %d: row %d %q, scores %v", i, row, r.texts[row], scores[:min(len(scores), i+1)])
				break
			}
		}
		t.Fatalf("%q: %d rows of %d, want %d of %d", words, len(got.Rows), got.Total, len(best), len(want))
	}
	if len(words) == 1 {
		for i, row := range want {
			if score, ok := x.Score(words[0], row); !ok || score != scores[i] {
				t.Fatalf("%q on %q: score %d, %v, want %d", words[0], r.texts[row], score, ok, scores[i])
			}
		}
	}
}

// put changes a row in both.
func (r *reference) put(x *Index, row uint32, text string) {
	r.texts[row] = text
	x.Put(row, text)
}

// letters makes texts from a few random characters.
type letters struct {
	*rand.Rand
	alphabet []rune
}

func newLetters(seed uint64) letters {
	random := rand.New(rand.NewPCG(seed, 2))
	alphabet := []rune("abcAB_-/. \\@+0189kKsS")
	if random.IntN(4) == 0 {
		alphabet = append(alphabet, []rune("\u212aſéÉßΣσς日\U0001F600\ufffd")...)
	}
	if random.IntN(8) == 0 {
		alphabet = append(alphabet, 0, 0x7f, '`', '{', '[', 0x10, '0')
	}
	random.Shuffle(len(alphabet), func(i, j int) { alphabet[i], alphabet[j] = alphabet[j], alphabet[i] })
	return letters{random, alphabet[:2+random.IntN(len(alphabet)-2)]}
}

func (l letters) text(most int) string {
	var b strings.Builder
	for range l.IntN(most + 1) {
		b.WriteRune(l.alphabet[l.IntN(len(l.alphabet))])
	}
	if l.IntN(200) == 0 {
		b.WriteByte(0xff)
	}
	return b.String()
}

// userID makes a user_id as real accounts have them.
func userID(random *rand.Rand) string {
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	switch n := random.IntN(100); {
	case n < 40:
		digits := 6 + random.IntN(3)
		least := 100_000
		for range digits - 6 {
			least *= 10
		}
		return fmt.Sprintf("user_%d", least+random.IntN(9*least))
	case n < 65:
		id := []byte("cus_")
		for range 14 {
			id = append(id, base62[random.IntN(62)])
		}
		return string(id)
	case n < 85:
		a, b := random.Uint64(), random.Uint64()
		return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&(1<<48-1))
	}
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	name := pick("james", "mary", "john", "ann", "robert", "linda", "david", "susan", "li", "sofia", "jan", "omar")
	if random.IntN(100) == 0 {
		name = pick("josé", "zoë", "søren", "łukasz")
	}
	family := pick("smith", "johnson", "brown", "garcia", "miller", "davis", "jones", "khan", "novak", "silva")
	host := pick("gmail.com", "yahoo.com", "outlook.com", "example.org", "icloud.com")
	switch random.IntN(4) {
	case 0:
		return fmt.Sprintf("%s.%s@%s", name, family, host)
	case 1:
		return fmt.Sprintf("%s%s%d@%s", name[:1], family, random.IntN(1000), host)
	case 2:
		return fmt.Sprintf("%s_%d@%s", name, random.IntN(10000), host)
	}
	return fmt.Sprintf("%s%s@%s", name, family, host)
}

// searches are the words of the benchmark, as operators type them.
var searches = []string{
	"u", "83", "cus", "9s6X", "smith", "jsmith", "839201", "@gmail.", "b0fcf650", "user_8392", "cus_9s6XKz", "zqxjkvwbqz",
}

// TestIndexIsFuzzyFind compares fresh and narrowed searches, typed with
// backspaces, while rows come, change and go.
func TestIndexIsFuzzyFind(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 15
	}
	for seed := range seeds {
		l := newLetters(seed)
		length := []int{3, 12, 20, 70}[l.IntN(4)]
		r := &reference{texts: make([]string, 1+l.IntN(300)), age: l.Perm(300)}
		x := NewIndex(r.newer)
		for row := range r.texts {
			r.put(x, uint32(row), l.text(length))
		}
		for range 12 {
			word, keep := l.text(8), func(uint32) bool { return true }
			if l.IntN(2) == 0 {
				third := l.Uint32N(3)
				keep = func(row uint32) bool { return row%3 != third }
			}
			if l.IntN(3) == 0 {
				keep = nil
			}
			runes := []rune(strings.ToValidUTF8(word, ""))
			for end := 0; end <= len(runes); end++ {
				typed := string(runes[:end])
				most := []int{0, 1, 7, 1000, 10_000}[l.IntN(5)]
				r.check(t, x, []string{typed}, keep, most)
				r.check(t, x, []string{typed, l.text(2)}, keep, most)
				if l.IntN(3) == 0 && end > 1 {
					runes[end-1] = l.alphabet[l.IntN(len(l.alphabet))]
					end -= 2
				}
				for range l.IntN(4) {
					r.put(x, uint32(l.IntN(len(r.texts))), l.text(length))
				}
				if row := l.IntN(len(r.texts)); l.IntN(2) == 0 {
					r.put(x, uint32(row), "")
				}
			}
		}
		for row, text := range r.texts {
			if got := x.UserID(uint32(row)); got != text {
				t.Fatalf("seed %d: row %d is %q, want %q", seed, row, got, text)
			}
		}
	}
}

// TestIndexOnRealIDs compares with the library on user_ids as accounts have
// them, put in newest first, oldest first and in no order.
func TestIndexOnRealIDs(t *testing.T) {
	const n = 2_000
	for name, age := range map[string]func(random *rand.Rand) []int{
		"newest first": func(*rand.Rand) []int { return slices.Collect(upTo(n)) },
		"oldest first": func(*rand.Rand) []int { age := slices.Collect(upTo(n)); slices.Reverse(age); return age },
		"mixed":        func(random *rand.Rand) []int { return random.Perm(n) },
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(42, 0))
			r := &reference{texts: make([]string, n), age: age(random)}
			x := NewIndex(r.newer)
			for row := range r.texts {
				r.put(x, uint32(row), userID(random))
			}
			for _, search := range searches {
				for end := 1; end <= len(search); end++ {
					r.check(t, x, []string{search[:end]}, nil, 100)
				}
			}
			r.check(t, x, []string{"smith", "gmail"}, nil, 100)
			r.check(t, x, []string{"u"}, nil, 10_000)
			r.check(t, x, []string{"u"}, func(row uint32) bool { return row%7 != 0 }, 10_000)
		})
	}
}

func upTo(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}
