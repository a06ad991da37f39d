package columns

import (
	"iter"
	"sort"
	"strings"
	"sync"

	"idtop/client"
	"idtop/client/mirror"
)

// Attempt is one try at a verification: a report, or a failure that left none. Row is
// the number of the session's row, Kind a number for Columns.AttemptKind.
type Attempt struct {
	Row  uint32
	At   client.Unix
	Kind uint32
}

// AttemptKind is what attempts say with few values: many share one.
type AttemptKind struct {
	Reported bool          // there is a report; without one only Code is known
	Failed   bool          // a check failed, or the session did without a report
	Code     string        // of the first check that failed, or of the session
	Checks   mirror.Checks // that failed
	Doc      string        // "" also once the session is erased
	Country  string        // likewise
	Type     string
	Flow     string
}

// AttemptKindOf is the kind of a report.
func AttemptKindOf(report client.ReportFacts) AttemptKind {
	state, code := report.Outcome()
	return AttemptKind{
		Reported: true, Failed: state == client.StateFailed, Code: code, Checks: mirror.FailedChecks(report), Doc: report.DocType, Country: report.Country, Type: report.Type, Flow: report.Flow,
	}
}

// attempts are all attempts, by the numbers that the store gives them without gaps.
// An attempt without a row has kind 0.
type attempts struct {
	row   pages[uint32]
	at    pages[uint32]
	kind  pages[uint32]
	given uint32
	kinds interned[AttemptKind]

	mu     sync.Mutex // reads run at the same time
	newest sequence   // those that have a row, newest first
	loose  []uint32   // not in newest yet
}

func newAttempts() *attempts {
	t := &attempts{kinds: newInterned[AttemptKind]()}
	t.newest.before = func(a, b uint32) bool {
		if x, y := *t.at.at(a), *t.at.at(b); x != y {
			return x > y
		}
		return a > b
	}
	return t
}

// PutAttempt takes in an attempt by its number, of a row that is there. Of an erased session
// it takes no document. A number that is known changes nothing.
func (c *Columns) PutAttempt(a, n uint32, at client.Unix, kind AttemptKind) {
	if c.erased(n) {
		kind.Doc, kind.Country = "", ""
	}
	t, when := c.attempts, seconds(int64(at))
	for ; t.given <= a; t.given++ {
		t.row.put(t.given, 0)
		t.at.put(t.given, 0)
		t.kind.put(t.given, 0)
	}
	if *t.kind.at(a) != 0 {
		return
	}
	*t.row.at(a), *t.at.at(a), *t.kind.at(a) = n, when, t.kinds.take(kind, AttemptKind.cloned)
	t.loose = append(t.loose, a)
	if !kind.Reported {
		return
	}
	sum := c.tolds.all[*c.told.at(n)]
	sum.Attempts++
	if when >= *c.reported.at(n) {
		*c.reported.at(n) = when
		sum.Doc, sum.Country, sum.Checks = kind.Doc, kind.Country, kind.Checks
	}
	c.tell(n, sum)
}

// of lists the attempts of a row. It looks at all of them: rows are seldom erased and
// hardly ever go, and a list for each row would take more memory than the attempts.
func (t *attempts) of(n uint32) (found []uint32) {
	for i, rows := range t.row.pages {
		for j, row := range rows {
			if row == n && t.kind.pages[i][j] != 0 {
				found = append(found, uint32(i)<<pageBits+uint32(j))
			}
		}
	}
	return found
}

// eraseAttempts takes the documents from the attempts of a row.
func (c *Columns) eraseAttempts(n uint32) {
	sum := c.tolds.all[*c.told.at(n)]
	if sum.Attempts == 0 {
		return
	}
	sum.Doc, sum.Country = "", ""
	c.tell(n, sum)
	for _, a := range c.attempts.of(n) {
		kind := c.attempts.kinds.all[*c.attempts.kind.at(a)]
		kind.Doc, kind.Country = "", ""
		c.attempts.become(a, kind)
	}
}

// become gives an attempt another kind.
func (t *attempts) become(a uint32, kind AttemptKind) {
	was := *t.kind.at(a)
	*t.kind.at(a) = t.kinds.take(kind, AttemptKind.cloned)
	t.kinds.leave(was)
}

// dropAttempts takes out the attempts of a row that goes.
func (c *Columns) dropAttempts(n uint32) {
	t := c.attempts
	t.settle()
	for _, a := range t.of(n) {
		t.newest.remove(a)
		t.kinds.leave(*t.kind.at(a))
		*t.kind.at(a), *t.row.at(a), *t.at.at(a) = 0, 0, 0
	}
	*c.reported.at(n) = 0
	c.tell(n, mirror.ReportSum{})
}

// tell sets what the reports of a row say.
func (c *Columns) tell(n uint32, sum mirror.ReportSum) {
	was := c.told.at(n)
	is := uint32(0)
	if sum != (mirror.ReportSum{}) {
		is = c.tolds.take(sum, clonedSum)
	}
	c.tolds.leave(*was)
	if *was != is {
		*was = is
		c.caches.forget()
	}
}

func (k AttemptKind) cloned() AttemptKind {
	k.Code, k.Doc, k.Country = strings.Clone(k.Code), strings.Clone(k.Doc), strings.Clone(k.Country)
	k.Type, k.Flow = strings.Clone(k.Type), strings.Clone(k.Flow)
	return k
}

func clonedSum(sum mirror.ReportSum) mirror.ReportSum {
	sum.Doc, sum.Country = strings.Clone(sum.Doc), strings.Clone(sum.Country)
	return sum
}

// erased tells whether the session of a row is redacted or being redacted.
func (c *Columns) erased(n uint32) bool {
	state := c.stateOf(n)
	return state == client.StateRedacting || state == client.StateRedacted
}

func (t *attempts) settle() {
	if len(t.loose) == 0 {
		return
	}
	t.newest.insert(t.loose)
	if t.loose = t.loose[:0]; cap(t.loose) > 1<<16 {
		t.loose = nil
	}
}

// Attempts goes through the attempts made in [from, until), newest first; an end of 0 is
// open.
func (c *Columns) Attempts(from, until client.Unix) iter.Seq[Attempt] {
	t := c.attempts
	t.mu.Lock()
	t.settle()
	all := t.newest.rows()
	t.mu.Unlock()
	return func(yield func(Attempt) bool) {
		first := 0
		if until != 0 {
			first = sort.Search(len(all), func(i int) bool { return client.Unix(*t.at.at(all[i])) < until })
		}
		for _, a := range all[first:] {
			at := client.Unix(*t.at.at(a))
			if at < from || !yield(Attempt{Row: *t.row.at(a), At: at, Kind: *t.kind.at(a)}) {
				return
			}
		}
	}
}

// AttemptKinds are the kinds by their numbers; those that no attempt has are zero. They
// must not be changed.
func (c *Columns) AttemptKinds() []AttemptKind { return c.attempts.kinds.all }

// interned numbers values that many share. Number 0 is that of the zero value. A value
// that nothing has any more is forgotten, and its number used again.
type interned[T comparable] struct {
	all    []T
	having []int
	number map[T]uint32
	free   []uint32
}

func newInterned[T comparable]() interned[T] {
	return interned[T]{all: make([]T, 1), having: make([]int, 1), number: map[T]uint32{}}
}

// take returns the number of a value, for one more that has it. A value that is new is
// kept as clone makes it, for it may be a part of a whole answer.
func (i *interned[T]) take(value T, clone func(T) T) uint32 {
	n, ok := i.number[value]
	if !ok {
		value = clone(value)
		if last := len(i.free) - 1; last >= 0 {
			n, i.free = i.free[last], i.free[:last]
			i.all[n] = value
		} else {
			n = uint32(len(i.all))
			i.all, i.having = append(i.all, value), append(i.having, 0)
		}
		i.number[value] = n
	}
	i.having[n]++
	return n
}

// leave notes that one has the value no more.
func (i *interned[T]) leave(n uint32) {
	if n == 0 {
		return
	}
	if i.having[n]--; i.having[n] == 0 {
		delete(i.number, i.all[n])
		var none T
		i.all[n] = none
		i.free = append(i.free, n)
	}
}
