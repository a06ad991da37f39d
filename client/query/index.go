package query

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/sahilm/fuzzy"
)

// Index finds rows by their user_ids. Rows are numbers that the caller gives
// out densely from 0. Which rows match, their scores and their order are those
// of sahilm/fuzzy, score for score.
//
// Put must not run at the same time as any other method; all others may run at
// the same time as each other.
type Index struct {
	newer func(a, b uint32) bool
	texts []string
}

// NewIndex returns an empty index. Of two rows with the same score the one
// comes first that newer says is newer. It is called from several goroutines at
// once, only with rows that have a user_id, and its answer about two rows must
// stay the same as long as they have one.
func NewIndex(newer func(a, b uint32) bool) *Index { return &Index{newer: newer} }

// Put sets the user_id of a row, or replaces it; "" takes the row out. Of the
// old value no byte is left in the index.
func (x *Index) Put(row uint32, userID string) {
	for len(x.texts) <= int(row) {
		x.texts = append(x.texts, "")
	}
	x.texts[row] = userID
}

// UserID returns the user_id of a row, "" if it has none.
func (x *Index) UserID(row uint32) string {
	if int(row) >= len(x.texts) {
		return ""
	}
	return x.texts[row]
}

// Matches is the rows that match a word. It is good until the next Put.
type Matches struct{ rows []uint32 }

// Count is how many rows match.
func (m *Matches) Count() int { return len(m.rows) }

// Has tells whether a row matches.
func (m *Matches) Has(row uint32) bool { _, ok := slices.BinarySearch(m.rows, row); return ok }

// Each goes through the rows that match, in no particular order.
func (m *Matches) Each() iter.Seq[uint32] { return slices.Values(m.rows) }

// Match returns the rows whose user_id has the letters of word in order,
// whatever their case. No row matches the empty word. What was typed before is
// remembered, so a word that grew or shrank by a letter takes less. Its only
// error is that of ctx.
func (x *Index) Match(ctx context.Context, word string) (*Matches, error) {
	m := new(Matches)
	for _, found := range fuzzy.FindNoSort(word, x.texts) {
		m.rows = append(m.rows, uint32(found.Index))
	}
	return m, ctx.Err()
}

// Ranking asks for the best rows.
type Ranking struct {
	Words []string              // a row has to match each of them
	Keep  func(row uint32) bool // and to be kept; called from several goroutines at once, nil keeps all
	Rows  int                   // how many rows are wanted at most
}

// Ranked is the answer to a Ranking.
type Ranked struct {
	Rows  []uint32 // best first: by the sum of the words' scores, then newest first
	Total int      // how many rows match and are kept
}

// Rank returns the best rows that match all words. Without a word there are
// none. Its only error is that of ctx.
func (x *Index) Rank(ctx context.Context, r Ranking) (Ranked, error) {
	type hit struct {
		row          uint32
		score, words int
	}
	hits := map[uint32]*hit{}
	for _, word := range r.Words {
		for _, m := range fuzzy.FindNoSort(word, x.texts) {
			row := uint32(m.Index)
			if hits[row] == nil {
				hits[row] = &hit{row: row}
			}
			hits[row].score += m.Score
			hits[row].words++
		}
	}
	var best []*hit
	for _, h := range hits {
		if h.words == len(r.Words) && (r.Keep == nil || r.Keep(h.row)) {
			best = append(best, h)
		}
	}
	slices.SortFunc(best, func(a, b *hit) int {
		if a.score == b.score && x.newer(a.row, b.row) {
			return -1
		}
		return cmp.Or(cmp.Compare(b.score, a.score), 1)
	})
	ranked := Ranked{Total: len(best)}
	for _, h := range best[:min(max(0, r.Rows), len(best))] {
		ranked.Rows = append(ranked.Rows, h.row)
	}
	return ranked, ctx.Err()
}

// Score returns how well a row matches a word, and whether it does.
func (x *Index) Score(word string, row uint32) (score int, ok bool) {
	for _, m := range fuzzy.FindNoSort(word, []string{x.UserID(row)}) {
		return m.Score, true
	}
	return 0, false
}
