package query

import (
	"slices"
	"strings"
	"time"
)

// Term is a name with the values that it may have: a session meets it that has one of
// them.
type Term struct {
	Name  Name
	Items []Item
}

// Item is one of the values.
type Item struct {
	Text string // the value; of a Glob its pattern, in which a backslash stands before what is meant literally
	Glob bool

	span   bool                      // within is how long ago, in seconds
	timed  bool                      // within depends on the time
	within func(now time.Time) Range // of numbers and times; of moments the seconds since 1970
}

// Match tells whether the term is met by something that has these texts. A text of Stripe's
// is compared letter case aside, any other as it is written.
func (t Term) Match(texts ...string) bool {
	fold := t.Name.Kind != Text
	return slices.ContainsFunc(t.Items, func(item Item) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return item.match(text, fold) })
	})
}

// MatchBytes is Match of one text.
func (t Term) MatchBytes(text []byte) bool {
	for i := range t.Items { // without a function, which would take the text to the heap
		if item := &t.Items[i]; item.Glob && matchGlob(item.Text, text) || !item.Glob && item.Text == string(text) {
			return true
		}
	}
	return false
}

// Yes tells whether the term is met by what is so.
func (t Term) Yes(so bool) bool {
	if so {
		return t.Match("yes")
	}
	return t.Match("no")
}

// Ranges are the numbers that meet the term; of a term about time the seconds since 1970,
// when it is now.
func (t Term) Ranges(now time.Time) []Range {
	ranges := make([]Range, len(t.Items))
	for i, item := range t.Items {
		ranges[i] = item.within(now)
		if item.span {
			ranges[i] = ranges[i].before(now.Unix())
		}
	}
	return ranges
}

// Timed tells whether what meets the term changes as time passes.
func (t Term) Timed() bool {
	return t.Name.Name == "stuck" || slices.ContainsFunc(t.Items, func(item Item) bool { return item.timed })
}

func (i Item) match(text string, fold bool) bool {
	switch {
	case i.Glob && fold:
		return matchGlob(strings.ToLower(i.Text), strings.ToLower(text))
	case i.Glob:
		return matchGlob(i.Text, text)
	case fold:
		return strings.EqualFold(i.Text, text)
	}
	return i.Text == text
}

// term reads the term in a part of the line.
func (p *parser) term(name Name, from, to int) Expr {
	_, value, _ := strings.Cut(p.line[from:to], ":")
	bad := func(text, better string, open bool) Expr {
		p.problems = append(p.problems, Problem{from, to, text, better, open})
		return Expr{Op: Bad, bad: p.line[from:to]}
	}
	items := lex(value)
	if len(items) == 0 {
		return bad(name.Name+": wants a value", name.offers(), true)
	}
	t := Term{Name: name}
	for i, lexed := range items {
		item, why := name.item(lexed)
		if why != nil {
			return bad(name.Name+":"+value+" "+why.text, why.better, why.open && i == len(items)-1)
		}
		t.Items = append(t.Items, item)
	}
	return Expr{Op: Is, Term: t}
}

// wrong is why a value is none.
type wrong struct {
	text, better string
	open         bool // it may become one
}

// item makes a value of what was typed.
func (n Name) item(l lexed) (Item, *wrong) {
	switch n.Kind {
	case Choice, YesNo:
		item := l.item()
		if slices.ContainsFunc(n.Values, func(value string) bool { return item.match(value, true) }) {
			return item, nil
		}
		begins := func(value string) bool { return strings.HasPrefix(value, strings.ToLower(l.text)) }
		why := &wrong{text: "is no " + n.Name, better: n.offers(), open: slices.ContainsFunc(n.Values, begins)}
		if n.Kind == YesNo {
			why.text = "is neither yes nor no"
		}
		if near := Nearest(strings.ToLower(l.text), n.Values); near != "" {
			why.better = near
		}
		return Item{}, why
	case Code, Text:
		return l.item(), nil
	}
	return n.rangeItem(l.text)
}

// offers are some values, for the end of a sentence.
func (n Name) offers() string {
	switch n.Kind {
	case Number:
		return "3, >=3, 3..5"
	case Span:
		return "<2h, >30m, 1d..3d"
	case Moment:
		return "today, 2026-11-20, 2026-11.."
	case When:
		return "<2h, >3d, today"
	}
	if len(n.Values) == 0 {
		return n.Example
	}
	return strings.Join(n.Values[:min(4, len(n.Values))], ", ")
}

// Nearest returns the value that begins with a text or is it but for a slip, "" if none.
func Nearest(text string, values []string) string {
	near, least := "", 1+min(2, len(text)/3)
	for _, value := range values {
		if text != "" && strings.HasPrefix(value, text) {
			return value
		}
		if d := distance(text, value); d < least {
			near, least = value, d
		}
	}
	return near
}
