// Package query is what the operator may ask of the list: it parses the search
// line, decides which rows match, and ranks them.
//
// Its one rule: it is pure. Rows come in through Source, an order of rows goes
// out; nothing here reads, waits or remembers more than the rows it was given.
package query

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sahilm/fuzzy"
)

// MaxWord is how many characters of a word count. The score that sahilm/fuzzy
// gives to adjacent letters overflows from 40 on; a UUID has 36.
const MaxWord = 36

// Query is a parsed search line: every word has to match. The zero Query
// matches everything.
type Query struct {
	words []string
}

// Parse splits a search line into words at white space. Bytes that are not
// UTF-8 are dropped, and a word is cut at MaxWord characters; nothing that can
// be typed is an error.
func Parse(line string) Query {
	var q Query
	for _, word := range strings.Fields(strings.ToValidUTF8(line, "")) {
		if utf8.RuneCountInString(word) > MaxWord {
			word = string([]rune(word)[:MaxWord])
		}
		q.words = append(q.words, word)
	}
	return q
}

// Empty tells whether the query matches everything.
func (q Query) Empty() bool { return len(q.words) == 0 }

// String returns the words, separated by one space.
func (q Query) String() string { return strings.Join(q.words, " ") }

// Source is the rows to search, newest first.
type Source interface {
	Len() int
	UserID(i int) string
	SessionID(i int) string
	Reference(i int) string
}

// Result is what a query found.
type Result struct {
	Rows      []int    // indexes of the matching rows, best first, ties in the order of the source
	Elsewhere []string // the words that match no user_id and were looked for in session ids and references
}

// Searcher answers queries on one unchanging Source. It remembers which rows
// match a word, so that a word which only grew is looked for among those. It is
// not safe for concurrent use.
type Searcher struct {
	source Source
	known  map[string][]scored
}

type scored struct{ row, score int }

// NewSearcher returns a Searcher on a source, which must not change any more.
func NewSearcher(source Source) *Searcher {
	return &Searcher{source: source, known: map[string][]scored{}}
}

// Find returns the rows that match every word. For one word these are exactly
// the rows, scores and order of sahilm/fuzzy on the user_ids; the scores of
// several words add up. A word that matches no user_id at all is looked for as
// a part of session ids and client_reference_ids instead, letter case aside.
func (s *Searcher) Find(q Query) Result {
	var result Result
	total := make(map[int]int)
	for n, word := range q.words {
		matches := s.byUserID(word)
		if len(matches) == 0 {
			result.Elsewhere = append(result.Elsewhere, word)
			matches = s.elsewhere(word)
		}
		next := make(map[int]int, len(matches))
		for _, m := range matches {
			if score, ok := total[m.row]; ok || n == 0 {
				next[m.row] = score + m.score
			}
		}
		if len(q.words) == 1 {
			return Result{Rows: ranked(matches), Elsewhere: result.Elsewhere}
		}
		total = next
	}
	matches := make([]scored, 0, len(total))
	for row, score := range total {
		matches = append(matches, scored{row, score})
	}
	result.Rows = ranked(matches)
	return result
}

// byUserID returns the rows whose user_id has the letters of word in order.
func (s *Searcher) byUserID(word string) []scored {
	if matches, ok := s.known[word]; ok {
		return matches
	}
	candidates := subset{source: s.source}
	for end := len(word) - 1; end > 0; end-- {
		if rows, ok := s.known[word[:end]]; ok {
			candidates.rows, candidates.narrowed = rows, true
			break
		}
	}
	found := fuzzy.FindFromNoSort(word, candidates)
	matches := make([]scored, len(found))
	for i, m := range found {
		matches[i] = scored{candidates.row(m.Index), m.Score}
	}
	s.known[word] = matches
	return matches
}

// subset is a fuzzy.Source of the user_ids of all rows, or of some.
type subset struct {
	source   Source
	rows     []scored
	narrowed bool
}

func (c subset) Len() int {
	if c.narrowed {
		return len(c.rows)
	}
	return c.source.Len()
}

func (c subset) String(i int) string { return c.source.UserID(c.row(i)) }

func (c subset) row(i int) int {
	if c.narrowed {
		return c.rows[i].row
	}
	return i
}

// elsewhere returns the rows that have word in their session id or reference.
func (s *Searcher) elsewhere(word string) []scored {
	var matches []scored
	word = strings.ToLower(word)
	for i := range s.source.Len() {
		if strings.Contains(strings.ToLower(s.source.SessionID(i)), word) ||
			strings.Contains(strings.ToLower(s.source.Reference(i)), word) {
			matches = append(matches, scored{row: i})
		}
	}
	return matches
}

// ranked orders matches by score, best first, then by row.
func ranked(matches []scored) []int {
	matches = slices.Clone(matches)
	slices.SortFunc(matches, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.row, b.row))
	})
	rows := make([]int, len(matches))
	for i, m := range matches {
		rows[i] = m.row
	}
	return rows
}
