package query

import "strings"

// printed returns the line of conditions that all have to be met.
func printed(parts []Expr) string {
	if len(parts) == 1 && parts[0].Op == Any { // the whole line: no parentheses
		return parts[0].alternatives()
	}
	var line strings.Builder
	for i, part := range parts {
		if i > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(part.String())
	}
	return line.String()
}

// String returns the condition as a part of a line.
func (e Expr) String() string {
	switch e.Op {
	case All:
		return "(" + printed(e.Parts) + ")"
	case Any:
		return "(" + e.alternatives() + ")"
	case Not:
		if part := e.Parts[0]; part.Op == Word {
			return opNot + " " + part.String()
		}
		return "-" + e.Parts[0].String()
	case Word:
		return quoted(e.Word)
	case Is:
		return e.Term.String()
	}
	return e.bad
}

func (e Expr) alternatives() string {
	alternatives := make([]string, len(e.Parts))
	for i, part := range e.Parts {
		alternatives[i] = part.String()
		if part.Op == All {
			alternatives[i] = printed(part.Parts)
		}
	}
	return strings.Join(alternatives, " "+opOr+" ")
}

// String returns the term as it can be typed.
func (t Term) String() string {
	items := make([]string, len(t.Items))
	for i, item := range t.Items {
		items[i] = item.String()
	}
	return t.Name.Name + ":" + strings.Join(items, ",")
}

// String returns the value as it can be typed behind a colon.
func (i Item) String() string {
	if !i.Glob {
		if i.within != nil && !strings.Contains(i.Text, " ") {
			return i.Text
		}
		return literalString(i.Text)
	}
	var text, literal strings.Builder
	end := func() {
		if literal.Len() > 0 {
			text.WriteString(literalString(literal.String()))
		}
		literal.Reset()
	}
	for at := 0; at < len(i.Text); at++ {
		switch c := i.Text[at]; c {
		case '*', '?':
			end()
			text.WriteByte(c)
		case '\\':
			at++
			literal.WriteByte(i.Text[at])
		default:
			literal.WriteByte(c)
		}
	}
	end()
	return text.String()
}

// literalString quotes a value where it would mean something else, or end the term.
func literalString(text string) string {
	if text == "" || strings.ContainsAny(text, `",*?()`+"\\") || strings.ContainsFunc(text, space) {
		return `"` + escaped(text) + `"`
	}
	return text
}

// quoted returns a word as it can be typed, in quotes where it would be something else.
func quoted(word string) string {
	after := strings.TrimLeft(word, "-")
	_, _, term := cutName(after)
	plain := !term && word != opAnd && word != opOr && word != opNot && bare(word) == word && short(word) == word &&
		!strings.ContainsAny(word, `"()`) && !strings.ContainsFunc(word, space)
	if plain {
		return word
	}
	return `"` + escaped(word) + `"`
}

func escaped(text string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) }

// literalTerm is the term that a value meets as it is written.
func literalTerm(name, value string) Term {
	n, _ := nameOf(name)
	return Term{Name: n, Items: []Item{{Text: value}}}
}
