package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser reads a line. A pair of parentheses is found before what is in it is
// read, so every character is read once for each pair that it is in.
type parser struct {
	line        string
	problems    []Problem
	suggestions []Problem
	names       []Part
}

// The operators stand alone and are written in capitals.
const (
	opAnd = "AND"
	opOr  = "OR"
	opNot = "NOT"
)

// any reads the part of a line from one place to another.
func (p *parser) any(at, end int) Expr {
	var either []Expr
	all, negated, joined := []Expr(nil), false, false
	dangling := "" // an operator that nothing has followed yet
	for at = p.space(at, end); at < end; at = p.space(at, end) {
		chunk := p.line[at:p.chunkEnd(at, end)]
		switch {
		case chunk == opOr && (len(all) > 0 || len(either) > 0):
			if len(all) > 0 {
				either = append(either, allOf(all))
			}
			all, negated, joined, dangling = nil, false, true, chunk
			p.names = append(p.names, Part{at, at + len(chunk)})
			at += len(chunk)
			continue
		case chunk == opAnd && len(all) > 0:
			joined, dangling = true, chunk
			p.names = append(p.names, Part{at, at + len(chunk)})
			at += len(chunk)
			continue
		case chunk == opNot:
			negated, joined, dangling = !negated, true, chunk
			p.names = append(p.names, Part{at, at + len(chunk)})
			at += len(chunk)
			continue
		}
		e, next := p.factor(at, end, joined)
		if at = next; e == nil || e.Nothing() {
			continue
		}
		if negated {
			e = not(*e)
		}
		if e.Op == All {
			all = append(all, e.Parts...)
		} else {
			all = append(all, *e)
		}
		negated, joined, dangling = false, false, ""
	}
	if len(all) == 0 && len(either) == 0 && dangling != "" { // the operator is all that there is: a word
		return Expr{Op: Word, Word: dangling}
	}
	if len(all) > 0 {
		either = append(either, allOf(all))
	}
	if len(either) == 1 {
		return either[0]
	}
	if len(either) == 0 {
		return Expr{Op: All}
	}
	var parts []Expr
	for _, e := range either {
		if e.Op == Any {
			parts = append(parts, e.Parts...)
		} else {
			parts = append(parts, e)
		}
	}
	return Expr{Op: Any, Parts: parts}
}

func allOf(parts []Expr) Expr {
	if len(parts) == 1 {
		return parts[0]
	}
	return Expr{Op: All, Parts: parts}
}

// factor reads one word, term or pair of parentheses; nil is nothing. joined tells
// whether an operator stands before it.
func (p *parser) factor(at, end int, joined bool) (*Expr, int) {
	from := at
	minus := p.line[at] == '-'
	if minus {
		at++
	}
	if at < end && p.line[at] == '(' {
		if e, next, ok := p.group(at, end, joined, minus); ok {
			if minus && !e.Nothing() {
				return not(e), next
			}
			return &e, next
		}
	}
	if at < end && p.line[at] == '"' {
		if word, next, ok := p.quotedWord(at, end); ok {
			if word == "" {
				return nil, next
			}
			if minus {
				return not(Expr{Op: Word, Word: word}), next
			}
			return &Expr{Op: Word, Word: word}, next
		}
	}
	if name, _, ok := cutName(p.line[at:end]); ok {
		p.names = append(p.names, Part{from, at + len(name.Name) + 1})
		next := p.chunkEnd(at, end)
		term := p.term(name, at, next)
		if minus {
			return not(term), next
		}
		return &term, next
	}
	next := from
	for next < end {
		r, size := utf8.DecodeRuneInString(p.line[next:end])
		if unicode.IsSpace(r) {
			break
		}
		next += size
	}
	word := short(bare(p.line[from:next]))
	if word == "" {
		return nil, next
	}
	if name := suggested(p.line[from:next]); name != "" {
		p.suggestions = append(p.suggestions, Problem{From: from, To: next, Text: before(p.line[from:next]) + " is no name", Better: name + ":?"})
	}
	return &Expr{Op: Word, Word: word}, next
}

// not returns the contrary of a condition.
func not(e Expr) *Expr {
	if e.Op == Not {
		return &e.Parts[0]
	}
	return &Expr{Op: Not, Parts: []Expr{e}}
}

// before returns a word up to its first colon.
func before(word string) string {
	name, _, _ := strings.Cut(word, ":")
	return name + ":"
}

// Nothing tells whether an Expr has no condition.
func (e Expr) Nothing() bool { return e.Op == All && len(e.Parts) == 0 }

func (p *parser) space(at, end int) int {
	return end - len(strings.TrimLeftFunc(p.line[at:end], unicode.IsSpace))
}

// chunkEnd returns where the text ends that has no space outside of quotes.
// A quote begins at the start of a value only.
func (p *parser) chunkEnd(at, end int) int {
	begins := false // a quote may begin here
	for at < end {
		r, size := utf8.DecodeRuneInString(p.line[at:end])
		switch {
		case unicode.IsSpace(r):
			return at
		case r == '"' && begins:
			at = p.quoteEnd(at, end)
			continue
		}
		begins = begins || r == ':'
		at += size
	}
	return end
}

// quoteEnd returns where the quote that begins at a place ends, behind the second
// quotation mark. A quote that is not closed ends with the line.
func (p *parser) quoteEnd(at, end int) int {
	for at++; at < end; at++ {
		switch p.line[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return end
}

// quotedWord reads a word in quotes, which may be followed by a comma.
func (p *parser) quotedWord(at, end int) (word string, next int, ok bool) {
	next = p.quoteEnd(at, end)
	if next == at+1 { // a quotation mark and nothing behind it
		return "", next, false
	}
	word = short(visible(unquoted(p.line[at:next])))
	rest := strings.TrimLeft(p.line[next:end], wrapping)
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && !unicode.IsSpace(r) {
		return "", at, false
	}
	return word, end - len(rest), true
}

// unquoted returns the text of a quote.
func unquoted(quote string) string {
	var text strings.Builder
	for at := 1; at < len(quote); at++ {
		switch c := quote[at]; {
		case c == '"':
			return text.String()
		case c == '\\' && at+1 < len(quote) && (quote[at+1] == '"' || quote[at+1] == '\\'):
			at++
			text.WriteByte(quote[at])
		default:
			text.WriteByte(c)
		}
	}
	return text.String()
}

// group reads what is between parentheses, if they mean something: round an operator
// or a term, or beside an operator. Parentheses may belong to a user_id too.
func (p *parser) group(at, end int, joined, minus bool) (e Expr, next int, ok bool) {
	closing, structured := p.closing(at, end)
	next = min(end, closing+1)
	rest := p.line[next:end]
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && !unicode.IsSpace(r) {
		return Expr{}, at, false
	}
	words := len(strings.Fields(p.line[at+1 : closing]))
	following := strings.Fields(rest)
	operated := joined || len(following) > 0 && (following[0] == opOr || following[0] == opAnd)
	if !structured && (words == 0 || !operated && !(minus && words > 1)) {
		return Expr{}, at, false
	}
	return p.any(at+1, closing), next, true
}

// closing returns where the pair of a parenthesis is, or the end, and whether there is
// an operator or a term before it.
func (p *parser) closing(at, end int) (closing int, structured bool) {
	depth, begins, inTerm := 0, true, false // whether a word begins here, and whether this one is a term
	for at < end {
		r, size := utf8.DecodeRuneInString(p.line[at:end])
		if begins && r != '(' && r != '-' && !unicode.IsSpace(r) {
			rest := p.line[at:end]
			_, _, inTerm = cutName(rest)
			first := strings.TrimRight(strings.Fields(rest)[0], ")")
			structured = structured || inTerm || first == opOr || first == opNot || first == opAnd
		}
		switch {
		case r == '"' && (begins || inTerm):
			at, begins = p.quoteEnd(at, end), false
			continue
		case r == '(':
			depth++
		case r == ')':
			if depth--; depth == 0 {
				return at, structured
			}
		}
		begins = unicode.IsSpace(r) || begins && (r == '(' || r == '-')
		inTerm = inTerm && !begins
		at += size
	}
	return end, structured
}
