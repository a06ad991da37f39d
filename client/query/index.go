package query

import "hash/maphash"

// Index finds rows by their user_ids. Rows are numbers that the caller gives out
// from 0 without gaps. Rows match and score as in sahilm/fuzzy; in addition, plain
// letters match accented ones. Rows that contain a word whole come before rows with
// its letters scattered.
//
// Put must not run at the same time as any other method; all others may run at the
// same time as each other.
//
// A search goes through a million user_ids between two keystrokes. That takes four
// ideas:
//   - Rows are kept bit by bit, 64 of them to a machine word (columns.go), so
//     that one instruction does a step of the search for 64 rows (kernel.go).
//   - Which rows match a word is remembered, a bit a row, for the next letter
//     and for backspace (match.go).
//   - Scores are added up bit by bit as well, and compared for 64 rows at once
//     with the worst of the best rows so far (rank.go); short rows, which score
//     better, come first. Once the worst of the best rows has its letters side by
//     side, only such rows are looked at.
//   - Texts that do not fit into the columns are left to the library (apart.go).
type Index struct {
	newer   func(a, b uint32) bool
	where   [][]place // of each row, in pages
	classes [longest + 1]class
	apart   apart
	typed   typed
}

// NewIndex returns an empty index. newer decides which of two rows with the same
// score comes first. It is asked only about rows that have a user_id, also within
// the Put that sets it, and its answer about two rows must stay the same as long as
// they have one. Several goroutines call newer at once.
func NewIndex(newer func(a, b uint32) bool) *Index {
	return &Index{newer: newer, apart: apart{seed: maphash.MakeSeed()}}
}

// place is where a row's user_id is: its class, and the slot in it. The zero place
// is nowhere.
type place uint32

const (
	slotBits = 25
	pageRows = 1 << 13
)

func placeOf(class int, slot uint32) place { return place(class)<<slotBits | place(slot) }
func (p place) class() int                 { return int(p >> slotBits) }
func (p place) slot() uint32               { return uint32(p & (1<<slotBits - 1)) }

// Put sets the user_id of a row, or replaces it; "" removes the row. The old value
// leaves no byte in the index.
func (x *Index) Put(row uint32, userID string) {
	for int(row/pageRows) >= len(x.where) {
		if userID == "" {
			return
		}
		x.where = append(x.where, make([]place, pageRows))
	}
	at := &x.where[row/pageRows][row%pageRows]
	if *at != 0 {
		if x.UserID(row) == userID {
			return
		}
		x.typed.drop(*at)
		x.erase(*at, row)
		*at = 0
	}
	if userID == "" {
		return
	}
	*at = x.store(row, userID)
	x.typed.put(*at, userID, x.foldingAt(*at))
}

func (x *Index) store(row uint32, userID string) place {
	if fitsColumns(userID) {
		c := &x.classes[len(userID)]
		if slot, ok := c.put(row, userID, x.newer); ok {
			return placeOf(len(userID), slot)
		}
	}
	return placeOf(apartClass, x.apart.put(row, userID))
}

func (x *Index) erase(at place, row uint32) {
	if at.class() == apartClass {
		x.apart.erase(at.slot())
		return
	}
	x.classes[at.class()].erase(at.slot(), row, x.newer)
}

// UserID returns the user_id of a row, "" if it has none.
func (x *Index) UserID(row uint32) string {
	at := x.placeOf(row)
	switch at.class() {
	case 0:
		return ""
	case apartClass:
		return string(x.apart.texts[at.slot()])
	}
	return x.classes[at.class()].text(at.slot())
}

func (x *Index) placeOf(row uint32) place {
	if int(row/pageRows) >= len(x.where) {
		return 0
	}
	return x.where[row/pageRows][row%pageRows]
}

// rowAt is the row at a place.
func (x *Index) rowAt(at place) uint32 {
	if at.class() == apartClass {
		return x.apart.rows[at.slot()]
	}
	chunk, slot := x.classes[at.class()].chunkOf(at.slot())
	return chunk.rows[slot]
}

// foldingAt is the folding of the user_id at a place, nil when there is none.
func (x *Index) foldingAt(at place) []byte {
	if at.class() == apartClass {
		return x.apart.foldings[at.slot()]
	}
	return nil
}
