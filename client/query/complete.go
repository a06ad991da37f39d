package query

import (
	"cmp"
	"slices"
	"strings"

	"idtop/client"
)

// MostCandidates is how many candidates a Completion offers at most.
const MostCandidates = 7

// Completion is what can stand at the cursor of a search line.
type Completion struct {
	From, To int    // what a candidate replaces, in bytes of the line
	Name     string // of the term whose value it is; "" for a name
	Typed    string // what is there up to the cursor
	Rest     Query  // the line without the term, and without those that have a problem
}

// Value is a value of a term, and how many sessions have it.
type Value struct {
	Text     string
	Sessions int
}

// Names tells whether a candidate names a person.
func (c Completion) Names() bool {
	name, ok := nameOf(c.Name)
	return ok && name.Person
}

// Candidate is a text to put in for what was typed.
type Candidate struct {
	Text     string
	Words    string // what it means
	Sessions int    // how many sessions of Rest have it
	Counted  bool   // Sessions is known
	Typed    int    // how many bytes of Text, at its beginning, were typed
}

// Complete tells what can stand at a cursor, which is a number of bytes; ok is false where
// nothing can be offered. Names are offered for the beginning of a word.
func Complete(line string, cursor int) (c Completion, ok bool) {
	token, quote := lastToken(line[:cursor])
	from := cursor - len(token)
	p := parser{line: line}
	end := p.chunkEnd(from, len(line))
	if quote {
		end = len(line)
	}
	lead := len(token) - len(strings.TrimLeft(token, "(-"))
	c.Rest = Parse(line[:from+lead] + line[end:]).Sound()
	if strings.HasSuffix(line[:from+lead], "-") {
		c.Rest = Parse(line[:from+lead-1] + line[end:]).Sound()
	}
	name, value, term := cutName(token[lead:])
	if !term {
		c.From, c.To, c.Typed = from+lead, end, token[lead:]
		return c, !quote && !strings.Contains(c.Typed, ":")
	}
	items := strings.Split(value, ",")
	last := items[len(items)-1]
	c.Name, c.Typed = name.Name, strings.Trim(last, `"`)
	c.From, c.To = cursor-len(last), end
	if next := strings.IndexByte(line[cursor:end], ','); next >= 0 {
		c.To = cursor + next
	}
	return c, true
}

// Begun tells whether the value is only begun: it is none of those that sessions have or
// that are known.
func (c Completion) Begun(values []Value) bool {
	name, _ := nameOf(c.Name)
	if c.Typed == "" || c.Name == "" || name.Kind != Code && name.Kind != Choice && name.Kind != Text || strings.ContainsAny(c.Typed, "*?") {
		return false
	}
	is := func(text string) bool {
		return text == c.Typed || name.Kind != Text && strings.EqualFold(text, c.Typed)
	}
	return !slices.ContainsFunc(c.known(values), is)
}

// known are the values that there are.
func (c Completion) known(values []Value) []string {
	known := Offered(c.Name)
	if c.Name == "reason" {
		known = client.ReasonCodes()
	}
	known = slices.Clone(known)
	for _, v := range values {
		if v.Text != "" && !slices.Contains(known, v.Text) {
			known = append(known, v.Text)
		}
	}
	return known
}

// Candidates are the values or names to offer, the best first. values are those that the
// sessions of Rest have.
func (c Completion) Candidates(values []Value) []Candidate {
	if c.Name == "" {
		return c.names()
	}
	name, _ := nameOf(c.Name)
	var all []Candidate
	counted := map[string]int{}
	for _, v := range values {
		counted[v.Text] = v.Sessions
	}
	typed := strings.ToLower(c.Typed)
	for _, text := range c.known(values) {
		candidate := Candidate{Text: literalString(text), Words: wordsOf(name, text), Sessions: counted[text], Counted: values != nil}
		if name.Kind > Text {
			candidate.Text = text
		}
		switch {
		case name.Kind == Text && strings.HasPrefix(candidate.Text, c.Typed):
			candidate.Typed = len(c.Typed)
		case name.Kind == Text && strings.HasPrefix(text, c.Typed): // it is in quotes
		case name.Kind == Text:
			continue
		case strings.HasPrefix(strings.ToLower(text), typed):
			candidate.Typed = len(typed)
		case !slices.ContainsFunc(strings.Fields(strings.ToLower(candidate.Words)), func(word string) bool { return strings.HasPrefix(word, typed) }):
			continue
		}
		all = append(all, candidate)
	}
	if ordered := name.Kind == Choice || name.Kind >= Number; !ordered {
		slices.SortStableFunc(all, func(a, b Candidate) int {
			return cmp.Or(cmp.Compare(b.Typed, a.Typed), cmp.Compare(b.Sessions, a.Sessions))
		})
	}
	if group, ok := c.group(all); ok && name.Kind == Code {
		all = slices.Insert(all, 0, group)
	}
	if len(all) == 1 && all[0].Text == c.Typed {
		return nil // it is there already
	}
	return all[:min(len(all), MostCandidates)]
}

// group is the pattern of all candidates that begin with what was typed, up to their last
// common underscore.
func (c Completion) group(all []Candidate) (Candidate, bool) {
	common, sessions, n := "", 0, 0
	for _, candidate := range all {
		if c.Typed == "" || candidate.Typed == 0 {
			continue
		}
		if n++; n == 1 {
			common = candidate.Text
		}
		for !strings.HasPrefix(candidate.Text, common) {
			common = common[:len(common)-1]
		}
		sessions += candidate.Sessions
	}
	common = common[:strings.LastIndexByte(common, '_')+1]
	if n < 2 || len(common) < len(c.Typed) {
		return Candidate{}, false
	}
	return Candidate{Text: common + "*", Words: "all of them", Sessions: sessions, Counted: len(all) > 0 && all[0].Counted, Typed: len(c.Typed)}, true
}

func (c Completion) names() []Candidate {
	var all []Candidate
	for _, n := range names {
		if strings.HasPrefix(n.Name, strings.ToLower(c.Typed)) {
			all = append(all, Candidate{Text: n.Name + ":", Words: n.Help, Typed: len(c.Typed)})
		}
	}
	return all[:min(len(all), MostCandidates)]
}

// wordsOf is what a value means, "" where it says so itself.
func wordsOf(name Name, value string) string {
	if name.Name == "reason" {
		if label := client.ReasonOf(value).Label; label != value {
			return label
		}
	}
	if name.Name == "check" {
		return client.CheckName(value)
	}
	return ""
}

// Put returns a line with a candidate put in, and the cursor behind it. Behind a value at
// the end of the line comes a space.
func (c Completion) Put(line string, candidate Candidate) (put string, cursor int) {
	text := candidate.Text
	if c.Name != "" && c.To == len(line) {
		text += " "
	}
	return line[:c.From] + text + line[c.To:], c.From + len(text)
}
