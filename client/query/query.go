// Package query is the search: it parses the search line, decides which rows match,
// and ranks them.
//
// Its one rule: it is pure. User_ids come in through Index.Put, an order of rows
// goes out; nothing here does I/O or keeps more than it was given.
package query

import (
	"slices"
	"strings"
	"unicode"
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

// Parse splits a search line into words at white space. Of pasted text only the id
// counts: invisible characters, the quotes and commas around a word, and the rest
// of an address in Stripe's Dashboard are dropped. So are bytes that are not UTF-8.
// A word is cut at MaxWord characters. No input is an error.
func Parse(line string) Query {
	var q Query
	for _, word := range strings.Fields(strings.ToValidUTF8(line, "")) {
		word = bare(word)
		if utf8.RuneCountInString(word) > MaxWord {
			word = string([]rune(word)[:MaxWord])
		}
		if word != "" {
			q.words = append(q.words, word)
		}
	}
	return q
}

// wrapping are the characters around ids in mails, lists and programs.
const wrapping = "\"'`,;“”„‘’‚«»‹›"

// bare returns the id in a word.
func bare(word string) string {
	word = strings.Map(func(r rune) rune {
		if unseen(r) || unicode.IsControl(r) { // nobody types these
			return -1
		}
		return r
	}, word)
	if id := strings.Trim(word, wrapping); id != "" {
		word = id
	}
	if _, path, ok := strings.Cut(word, "dashboard.stripe.com/"); ok {
		parts := strings.FieldsFunc(path, func(r rune) bool { return r < 0x80 && r != '_' && !isAlphanumeric(r) })
		for _, part := range slices.Backward(parts) {
			if strings.HasPrefix(part, "vs_") || strings.HasPrefix(part, "cus_") {
				return part
			}
		}
	}
	return word
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// Pasted returns the search line for a pasted text: the ids that Parse takes out of
// it, or else the text itself.
func Pasted(text string) string {
	words := strings.Fields(strings.ToValidUTF8(text, ""))
	ids := make([]string, len(words))
	for i, word := range words {
		ids[i] = bare(word)
	}
	if !slices.Equal(words, ids) {
		return strings.Join(ids, " ")
	}
	return text
}

// Empty tells whether the query matches everything.
func (q Query) Empty() bool { return len(q.words) == 0 }

// String returns the words, separated by one space.
func (q Query) String() string { return strings.Join(q.words, " ") }
