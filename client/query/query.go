// Package query is what the operator may ask of the list: it parses the search
// line, decides which rows match, and ranks them.
//
// Its one rule: it is pure. User_ids come in through Index.Put, an order of rows
// goes out; nothing here reads, waits or remembers more than it was given.
package query

import (
	"strings"
	"unicode/utf8"
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
