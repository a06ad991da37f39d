package query

import (
	"slices"
	"strings"
)

// Marks are the letters of a row that a query matched, as byte offsets into the
// values, ascending, one for each letter.
type Marks struct {
	UserID    []int
	SessionID []int
	Reference []int
}

// Marks returns what to highlight in one row: where a word stands side by side,
// else its letters where the library finds them. Words that are in elsewhere match
// no user_id at all: they were looked for as a part of session ids and
// client_reference_ids instead, letter case aside.
func (q Query) Marks(userID, sessionID, reference string, elsewhere []string) Marks {
	var m Marks
	for _, word := range q.words {
		if slices.Contains(elsewhere, word) {
			m.SessionID = merge(m.SessionID, part(sessionID, word))
			m.Reference = merge(m.Reference, part(reference, word))
			continue
		}
		m.UserID = merge(m.UserID, newPattern(word).marks(userID))
	}
	return m
}

// AsTyped tells whether a user_id has each word side by side, letter case aside,
// rather than scattered or otherwise accented. Words that were looked for
// elsewhere stand side by side there.
func (q Query) AsTyped(userID string, elsewhere []string) bool {
	for _, word := range q.words {
		if !slices.Contains(elsewhere, word) && !newPattern(word).asTyped(userID) {
			return false
		}
	}
	return true
}

// part returns the offsets of the letters of word where it stands in text,
// letter case aside. Texts whose length changes with their case get no marks.
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
