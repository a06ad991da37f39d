package query

import (
	"hash/maphash"
	"math/bits"
	"unsafe"

	"github.com/sahilm/fuzzy"
)

// apart is the few user_ids that columns can't hold: those that are not ASCII,
// contain a NUL or are very long. The library itself matches and scores them, and
// their foldings.
type apart struct {
	rows     []uint32
	texts    [][]byte // nil for a free slot
	foldings [][]byte // nil for an ASCII user_id
	looks    []uint64 // hashes of the user_ids' looks
	seed     maphash.Seed
	free     []uint32
}

func (a *apart) put(row uint32, userID string) uint32 {
	if n := len(a.free); n > 0 {
		slot := a.free[n-1]
		a.free = a.free[:n-1]
		a.rows[slot], a.texts[slot], a.foldings[slot] = row, []byte(userID), folding(userID)
		a.looks[slot] = maphash.String(a.seed, look(userID))
		return slot
	}
	a.rows, a.texts = append(a.rows, row), append(a.texts, []byte(userID))
	a.foldings, a.looks = append(a.foldings, folding(userID)), append(a.looks, maphash.String(a.seed, look(userID)))
	return uint32(len(a.rows) - 1)
}

// erase wipes a slot.
func (a *apart) erase(slot uint32) {
	clear(a.texts[slot])
	clear(a.foldings[slot])
	a.texts[slot], a.foldings[slot], a.looks[slot] = nil, nil, 0
	a.free = append(a.free, slot)
}

func (a *apart) blocks() int { return (len(a.rows) + lanes - 1) / lanes }

// lent is one row as the library's source. It lends the text instead of copying it:
// a copy would stay in memory after the row is erased.
type lent []byte

func (l lent) Len() int          { return 1 }
func (l lent) String(int) string { return unsafe.String(unsafe.SliceData(l), len(l)) }

// match returns the candidates of a block that match.
func (a *apart) match(w *pattern, block int, candidates uint64) uint64 {
	var matches uint64
	for n, text := range a.texts[block*lanes : min((block+1)*lanes, len(a.texts))] {
		folding := a.foldings[block*lanes+n]
		if bit := uint64(1) << n; candidates&bit != 0 && len(text) > 0 && w.matches(lent(text).String(0), folding) {
			matches |= bit
		}
	}
	return matches
}

// asTyped returns the hits of a block that contain the word side by side.
func (a *apart) asTyped(w *pattern, block int, hits uint64) (typed uint64) {
	for ; hits != 0; hits &= hits - 1 {
		lane := bits.TrailingZeros64(hits)
		if w.asTyped(lent(a.texts[block*lanes+lane]).String(0)) {
			typed |= 1 << lane
		}
	}
	return typed
}

// rate is how well a row matches the words. The row has to match all of them. ok is
// false when they stand worse than least.
func (a *apart) rate(words []*pattern, slot uint32, least standing) (h hit, ok bool) {
	text, loose := lent(a.texts[slot]).String(0), lent(a.foldings[slot]).String(0)
	h = hit{standing: whole + ownLetters, row: a.rows[slot]}
	for _, w := range words {
		h.standing = min(h.standing, w.standing(text, loose, least))
	}
	if h.standing < least {
		return hit{}, false
	}
	for _, w := range words {
		h.score += w.score(text, loose)
	}
	return h, true
}

func scoreOf(word, text string) (score int, ok bool) {
	for _, m := range fuzzy.FindFromNoSort(word, lent(unsafe.Slice(unsafe.StringData(text), len(text)))) {
		return m.Score, true
	}
	return 0, false
}

// indexesOf returns the letters of a word that the library finds in a text.
func indexesOf(word, text string) []int {
	for _, m := range fuzzy.FindFromNoSort(word, lent(unsafe.Slice(unsafe.StringData(text), len(text)))) {
		return m.MatchedIndexes
	}
	return nil
}
