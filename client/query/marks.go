package query

import (
	"slices"
	"strings"
)

// Marks are the matched letters of a row: ascending byte offsets into the values,
// one for each letter.
type Marks struct {
	UserID    []int
	SessionID []int
	Reference []int
}

// Marks returns the letters to highlight in one row: a word side by side where the
// row contains it so, else the letters that the library finds. Words in elsewhere
// match no user_id: they were looked up in session ids and client_reference_ids
// instead, letter case aside.
func (q Query) Marks(userID, sessionID, reference string, elsewhere []string) Marks {
	var m Marks
	for _, word := range q.Words() {
		if slices.Contains(elsewhere, word) {
			m.SessionID = merge(m.SessionID, part(sessionID, word))
			m.Reference = merge(m.Reference, part(reference, word))
			continue
		}
		m.UserID = merge(m.UserID, newPattern(word).marks(userID))
	}
	return m
}

// AsTyped tells whether a user_id contains each word side by side, letter case
// aside, rather than scattered or with other accents. Words in elsewhere always do.
func (q Query) AsTyped(userID string, elsewhere []string) bool {
	for _, word := range q.Words() {
		if !slices.Contains(elsewhere, word) && !newPattern(word).asTyped(userID) {
			return false
		}
	}
	return true
}

// part returns the offsets of a word's letters where text contains it, letter case
// aside. A text that changes its length with its case gets no marks.
func part(text, word string) []int {
	lower := strings.ToLower(text)
	at := strings.Index(lower, strings.ToLower(word))
	if at < 0 || len(lower) != len(text) {
		return nil
	}
	var offsets []int
	for i := range text[at : at+len(strings.ToLower(word))] {
		offsets = append(offsets, at+i)
	}
	return offsets
}

func merge(a, b []int) []int {
	if len(a) == 0 {
		return b
	}
	a = append(slices.Clone(a), b...)
	slices.Sort(a)
	return slices.Compact(a)
}
