package query

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"idtop/client/query/querytest"
)

// reference is what an Index has to do, the slow and obvious way.
type reference struct {
	texts []string
	age   []int    // of each row; the smaller the newer
	rates sync.Map // of [2]string{word, text}: rated
}

type rated struct {
	standing, score int
	ok              bool
}

func (r *reference) newer(a, b uint32) bool { return r.age[a] < r.age[b] }

func (r *reference) rate(word, text string) rated {
	key := [2]string{word, text}
	known, ok := r.rates.Load(key)
	if !ok {
		var is rated
		is.standing, is.score, is.ok = querytest.Rate(word, text)
		known, _ = r.rates.LoadOrStore(key, is)
	}
	return known.(rated)
}

func (r *reference) match(word string) []uint32 {
	var rows []uint32
	for row, text := range r.texts {
		if r.rate(word, text).ok {
			rows = append(rows, uint32(row))
		}
	}
	return rows
}

func (r *reference) rank(words []string, keep func(uint32) bool) (rows []uint32, rates []rated) {
	if len(words) == 0 {
		return nil, nil
	}
	all := make([]rated, len(r.texts))
	for row, text := range r.texts {
		is := rated{standing: querytest.Whole + querytest.Own, ok: keep == nil || keep(uint32(row))}
		for _, word := range words {
			one := r.rate(word, text)
			is.standing, is.score, is.ok = min(is.standing, one.standing), is.score+one.score, is.ok && one.ok
		}
		if all[row] = is; is.ok {
			rows = append(rows, uint32(row))
		}
	}
	slices.SortFunc(rows, func(a, b uint32) int {
		return cmp.Or(all[b].standing-all[a].standing, all[b].score-all[a].score, r.age[a]-r.age[b])
	})
	for _, row := range rows {
		rates = append(rates, all[row])
	}
	return rows, rates
}

// check compares everything that an index answers to the words with the reference.
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
		typed, err := x.AsTyped(t.Context(), word)
		want = slices.DeleteFunc(want, func(row uint32) bool { return !querytest.AsTyped(word, r.texts[row]) })
		if got := slices.Sorted(typed.Each()); err != nil || !slices.Equal(got, want) || typed.Count() != len(want) {
			t.Fatalf("%q as typed: %d of %d rows, want %d; %v", word, len(got), typed.Count(), len(want), err)
		}
	}
	got, err := x.Rank(t.Context(), Ranking{Words: words, Keep: keep, Rows: most})
	if err != nil {
		t.Fatal(err)
	}
	want, rates := r.rank(words, keep)
	together := 0
	for _, rate := range rates[:min(len(rates), most)] {
		if rate.standing >= querytest.Together {
			together++
		}
	}
	if got.Together != together {
		t.Errorf("%q: %d of %d rows have the letters side by side, want %d", words, got.Together, len(got.Rows), together)
	}
	if best := want[:min(len(want), most)]; !slices.Equal(got.Rows, best) || got.Total != len(want) {
		for i, row := range got.Rows {
			if i >= len(best) || best[i] != row {
				t.Errorf("place %d: row %d %q, rates %v", i, row, r.texts[row], rates[:min(len(rates), i+1)])
				break
			}
		}
		t.Fatalf("%q: %d rows of %d, want %d of %d", words, len(got.Rows), got.Total, len(best), len(want))
	}
}

// checkAlike compares what looks the same as a row's user_id.
func (r *reference) checkAlike(t *testing.T, x *Index, row int) {
	t.Helper()
	var want []uint32
	for other, text := range r.texts {
		if querytest.Look(text) != "" && text != r.texts[row] && querytest.Look(text) == querytest.Look(r.texts[row]) {
			want = append(want, uint32(other))
		}
	}
	got, err := x.Alike(t.Context(), r.texts[row])
	if slices.Sort(got); err != nil || !slices.Equal(got, want) {
		t.Fatalf("like %q: rows %v, want %v; %v", r.texts[row], got, want, err)
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
		alphabet = append(alphabet, []rune("\u212aſéÉßeẞŁlłæ\u0301\u0323\u200bаоΣσς日\U0001F600\ufffd")...)
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

// TestIndexIsAsTheReference compares fresh and narrowed searches, typed with
// backspaces, while rows come, change and go.
func TestIndexIsAsTheReference(t *testing.T) {
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
				if row := l.IntN(len(r.texts)); r.texts[row] != "" {
					r.checkAlike(t, x, row)
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

// TestIndexOnRealIDs compares with the reference on user_ids as accounts have
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
