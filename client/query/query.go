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

	"idtop/client"
)

// MaxWord is how many characters of a word count. The score that sahilm/fuzzy
// gives to adjacent letters overflows from 40 on; a UUID has 36.
const MaxWord = 36

// Query is a parsed search line: a condition that the sessions have to meet. The zero Query
// matches everything.
type Query struct {
	parts       []Expr // all have to be met
	problems    []Problem
	suggestions []Problem
	names       []Part
	text        string
}

// Part is a part of a line, in bytes.
type Part struct{ From, To int }

// Expr is one condition.
type Expr struct {
	Op    Op
	Parts []Expr // of All and Any; of Not one
	Word  string // of Word
	Term  Term   // of Is

	bad string // of Bad: as it was typed
}

// Op says of what sort an Expr is.
type Op uint8

// The sorts of conditions.
const (
	All  Op = iota // all parts are met
	Any            // one part is met at least
	Not            // the part is not met
	Word           // the word is found, see Index.Match
	Is             // the term is met
	Bad            // a term that has a Problem
)

// Problem is a part of a line that can't be understood as it stands.
type Problem struct {
	From, To int    // the part, in bytes of the line
	Text     string // what is wrong
	Better   string // what would be right
	Open     bool   // it may become right as more is typed at its end
}

// String is the problem in a sentence.
func (p Problem) String() string {
	if p.Better == "" {
		return p.Text
	}
	return p.Text + ": " + p.Better
}

// Parse reads a search line. It never fails: whatever is not a term is a word. Of words
// only the id of pasted text counts, without invisible characters, without the quotes and
// commas round it, and without the rest of an address in Stripe's Dashboard. Bytes that
// are not UTF-8 are dropped, and a word is cut at MaxWord characters. QUERY.md describes
// the language.
func Parse(line string) Query {
	p := parser{line: strings.ToValidUTF8(line, "")}
	whole := p.any(0, len(p.line))
	q := Query{problems: p.problems, suggestions: p.suggestions, names: p.names}
	q.parts = []Expr{whole}
	if whole.Op == All {
		q.parts = whole.Parts
	}
	q.text = printed(q.parts)
	return q
}

// Empty tells whether the query matches everything.
func (q Query) Empty() bool { return len(q.parts) == 0 }

// String returns a line that Parse makes the same query of.
func (q Query) String() string { return q.text }

// Expr is the whole condition.
func (q Query) Expr() Expr { return Expr{Op: All, Parts: q.parts} }

// Words are the words that all have to be found, in the order of the line.
func (q Query) Words() []string {
	var words []string
	for _, part := range q.parts {
		if part.Op == Word {
			words = append(words, part.Word)
		}
	}
	return words
}

// Conditions are what has to be met beside the Words.
func (q Query) Conditions() Expr {
	return Expr{Op: All, Parts: slices.DeleteFunc(slices.Clone(q.parts), func(e Expr) bool { return e.Op == Word })}
}

// Problems are the terms that can't be understood. A query that has some matches nothing.
func (q Query) Problems() []Problem { return q.problems }

// Sound returns the query without the terms that have a problem.
func (q Query) Sound() Query {
	if len(q.problems) == 0 {
		return q
	}
	return Parse(printed(sound(q.parts)))
}

// sound returns the conditions without what has a problem.
func sound(parts []Expr) []Expr {
	var good []Expr
	for _, part := range parts {
		if len(part.Parts) > 0 {
			if part.Parts = sound(part.Parts); len(part.Parts) == 0 {
				continue
			}
			if len(part.Parts) == 1 && part.Op != Not {
				part = part.Parts[0]
			}
		}
		if part.Op != Bad {
			good = append(good, part)
		}
	}
	return good
}

// NameParts are the names in the line that was parsed, each with its colon and with what
// negates it, and the operators.
func (q Query) NameParts() []Part { return q.names }

// Suggestions are the words that look like a term with a slip in its name.
func (q Query) Suggestions() []Problem { return q.suggestions }

// Names tells whether the query names a person: it must not be kept then.
func (q Query) Names() bool {
	return q.Expr().any(func(e Expr) bool { return e.Op == Word || e.Op == Bad || e.Op == Is && e.Term.Name.Person })
}

// Timed tells whether its answer changes as time passes.
func (q Query) Timed() bool {
	return q.Expr().any(func(e Expr) bool { return e.Op == Is && e.Term.Timed() })
}

// AsksReports tells whether it asks for what only reports tell.
func (q Query) AsksReports() bool {
	return q.Expr().any(func(e Expr) bool { return e.Op == Is && e.Term.Name.Reports })
}

// any tells whether something is so of a part.
func (e Expr) any(is func(Expr) bool) bool {
	return is(e) || slices.ContainsFunc(e.Parts, func(part Expr) bool { return part.any(is) })
}

// With returns the query with one more term, in place of all terms of this name
// that have to be met.
func (q Query) With(name, value string) Query {
	without := q.Without(name)
	term := Expr{Op: Is, Term: literalTerm(name, value)}
	return Parse(printed(append(slices.Clone(without.parts), term)))
}

// Without returns the query without the terms of a name that have to be met.
func (q Query) Without(name string) Query {
	parts := slices.DeleteFunc(slices.Clone(q.parts), func(e Expr) bool { return e.Op == Is && e.Term.Name.Name == name })
	return Parse(printed(parts))
}

// Has tells whether exactly this value of a name has to be met.
func (q Query) Has(name, value string) bool {
	want := printed([]Expr{{Op: Is, Term: literalTerm(name, value)}})
	return slices.ContainsFunc(q.parts, func(e Expr) bool { return e.Op == Is && printed([]Expr{e}) == want })
}

// wrapping are the characters around ids in mails, lists and programs.
const wrapping = "\"'`,;“”„‘’‚«»‹›"

// bare returns the id in a word.
func bare(word string) string {
	word = visible(word)
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

// visible drops the characters that nobody types.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unseen(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// short cuts a word at MaxWord characters.
func short(word string) string {
	if utf8.RuneCountInString(word) > MaxWord {
		return string([]rune(word)[:MaxWord])
	}
	return word
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// Pasted returns what a pasted text becomes behind the beginning of a search line: one
// word, quoted where it would be something else.
func Pasted(before, text string) string {
	words := strings.Fields(strings.ToValidUTF8(text, ""))
	if len(words) == 1 {
		words[0] = bare(words[0])
	}
	word := visible(strings.Join(words, " "))
	token, quote := lastToken(before)
	_, _, term := cutName(strings.TrimLeft(token, "(-"))
	switch {
	case word == "":
		return ""
	case quote:
		return escaped(word)
	case term:
		return literalString(word)
	}
	return quoted(word)
}

// InReason tells whether a word begins a failure code, a part of one, or a word of what it
// means: "expired" finds document_expired. Shorter words than three letters find nothing.
func InReason(word, code string) bool {
	word = strings.ToLower(word)
	if code == "" || utf8.RuneCountInString(word) < 3 {
		return false
	}
	begins := func(text string) bool { return strings.HasPrefix(strings.ToLower(text), word) }
	return begins(code) || slices.ContainsFunc(strings.Split(code, "_"), begins) || slices.ContainsFunc(strings.Fields(client.ReasonOf(code).Label), begins)
}
