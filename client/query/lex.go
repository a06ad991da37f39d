package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexed is a value as it was typed, between commas.
type lexed struct {
	text    string // without its quotes
	pattern string // as of a Glob
	glob    bool
}

func (l lexed) item() Item {
	if l.glob {
		return Item{Text: l.pattern, Glob: true}
	}
	return Item{Text: l.text}
}

// lex splits what stands behind the colon of a term at its commas. In quotes every
// character stands for itself. Values that nobody has begun are left out.
func lex(value string) []lexed {
	var all []lexed
	var text, pattern strings.Builder
	glob, begun := false, false
	end := func() {
		if begun {
			all = append(all, lexed{text.String(), pattern.String(), glob})
		}
		text.Reset()
		pattern.Reset()
		glob, begun = false, false
	}
	literal := func(s string) {
		text.WriteString(s)
		pattern.WriteString(literally(s))
		begun = true
	}
	p := parser{line: value}
	for at := 0; at < len(value); {
		switch c := value[at]; c {
		case ',':
			end()
			at++
		case '"':
			next := p.quoteEnd(at, len(value))
			literal(unquoted(value[at:next]))
			at = next
		case '*', '?':
			text.WriteByte(c)
			pattern.WriteByte(c)
			glob, begun = true, true
			at++
		default:
			literal(value[at : at+1])
			at++
		}
	}
	end()
	return all
}

// literally puts a backslash before what means something in a pattern.
func literally(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(text)
}

// space tells whether a character ends a word.
func space(r rune) bool { return unicode.IsSpace(r) }

func decode(text string) (rune, int) { return utf8.DecodeRuneInString(text) }

// lastToken returns the last word or term of a line, "" behind a space. A quote that
// is not closed belongs to it.
func lastToken(line string) (token string, quote bool) {
	p := parser{line: line}
	for at := p.space(0, len(line)); at < len(line); at = p.space(at, len(line)) {
		from := at
		at += len(line[at:]) - len(strings.TrimLeft(line[at:], "(-"))
		_, _, term := cutName(line[at:])
		for begins := true; at < len(line); begins = false {
			r, size := decode(line[at:])
			if unicode.IsSpace(r) {
				break
			}
			if r == '"' && (begins || term) {
				size = p.quoteEnd(at, len(line)) - at
				if !closed(line[at : at+size]) {
					return line[from:], true
				}
			}
			at += size
		}
		if at == len(line) {
			return line[from:], false
		}
	}
	return "", false
}

// closed tells whether a quote has its second quotation mark.
func closed(quote string) bool {
	for at := 1; at < len(quote); at++ {
		switch quote[at] {
		case '\\':
			at++
		case '"':
			return true
		}
	}
	return false
}
