package query

import (
	"unsafe"

	"github.com/sahilm/fuzzy"
)

// apart is the few rows that columns can't hold: user_ids that are not ASCII,
// hold a NUL or are very long. The library itself matches and scores them.
type apart struct {
	rows  []uint32
	texts [][]byte // nil where no row is
	free  []uint32
}

func (a *apart) put(row uint32, userID string) uint32 {
	if n := len(a.free); n > 0 {
		slot := a.free[n-1]
		a.free = a.free[:n-1]
		a.rows[slot], a.texts[slot] = row, []byte(userID)
		return slot
	}
	a.rows, a.texts = append(a.rows, row), append(a.texts, []byte(userID))
	return uint32(len(a.rows) - 1)
}

// erase wipes a slot.
func (a *apart) erase(slot uint32) {
	clear(a.texts[slot])
	a.texts[slot] = nil
	a.free = append(a.free, slot)
}

func (a *apart) blocks() int { return (len(a.rows) + lanes - 1) / lanes }

// lent is one row as the library's source. The text is lent, not copied: a copy
// would stay in memory after the row is erased.
type lent []byte

func (l lent) Len() int          { return 1 }
func (l lent) String(int) string { return unsafe.String(unsafe.SliceData(l), len(l)) }

// match returns which rows of a block match, of those in candidates.
func (a *apart) match(w *pattern, block int, candidates uint64) uint64 {
	var matches uint64
	for n, text := range a.texts[block*lanes : min((block+1)*lanes, len(a.texts))] {
		if bit := uint64(1) << n; candidates&bit != 0 && len(text) > 0 && w.matches(lent(text).String(0)) {
			matches |= bit
		}
	}
	return matches
}

// score is the sum of the scores of the words, all of which match.
func (a *apart) score(words []*pattern, slot uint32) int {
	sum := 0
	for _, w := range words {
		score, _ := scoreOf(w, lent(a.texts[slot]).String(0))
		sum += score
	}
	return sum
}

func scoreOf(w *pattern, text string) (score int, ok bool) {
	for _, m := range fuzzy.FindFromNoSort(w.text, lent(unsafe.Slice(unsafe.StringData(text), len(text)))) {
		return m.Score, true
	}
	return 0, false
}
