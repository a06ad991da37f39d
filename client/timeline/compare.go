package timeline

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"idtop/client"
)

// Comparison is two sessions side by side, the older first.
type Comparison struct {
	Older, Newer Timeline
	First        string // the first difference, in a sentence
	Rows         []Pair
}

// Pair is one line of a comparison.
type Pair struct {
	Label   string
	Head    bool // it begins an attempt or the end
	Sides   [2]Side
	Differs bool
}

// Side is what one session has in a line.
type Side struct {
	State client.State // gives the text its glyph; StateUnknown: none
	Check *Check       // gives the text its glyph, where it is not nil
	Text  string
	Names bool // the text names a person
	Note  string
}

// try is an attempt with its two entries.
type try struct {
	submitted, verdict *Entry
}

func (t Timeline) tries() (all []try) {
	for i := range t.Entries {
		e := &t.Entries[i]
		if e.Attempt == 0 {
			continue
		}
		for len(all) < e.Attempt {
			all = append(all, try{})
		}
		if e.Kind == Submitted {
			all[e.Attempt-1].submitted = e
		} else {
			all[e.Attempt-1].verdict = e
		}
	}
	return all
}

// Compare puts two timelines side by side.
func Compare(a, b Timeline) Comparison {
	if b.Row.Created < a.Row.Created {
		a, b = b, a
	}
	c := Comparison{Older: a, Newer: b}
	sides := [2]Timeline{a, b}
	both := func(label string, marked bool, of func(t Timeline) Side) bool {
		p := Pair{Label: label, Sides: [2]Side{of(a), of(b)}}
		p.Differs = marked && p.Sides[0].differs(p.Sides[1])
		c.Rows = append(c.Rows, p)
		return p.Differs
	}
	kinds := both("type", true, func(t Timeline) Side { return Side{Text: Asks(t.Row)} })
	people := both("user_id", !a.Row.Erased() && !b.Row.Erased(), func(t Timeline) Side { return Side{Text: whose(t), Names: t.Row.UserID != ""} })
	both("created", false, func(t Timeline) Side { return Side{Text: Moment(t.Row.Created.Time())} })
	waited := both("until submitted", true, func(t Timeline) Side { return Side{Text: untilSubmitted(t)} })
	tries := [2][]try{a.tries(), b.tries()}
	attempt := "" // the first difference among the attempts
	for n := range max(len(tries[0]), len(tries[1])) {
		var at [2]try
		for side := range sides {
			if n < len(tries[side]) {
				at[side] = tries[side][n]
			}
		}
		c.attempt(n+1, at, sides)
		attempt = cmp.Or(attempt, difference(n, tries))
	}
	c.done()
	switch {
	case people:
		c.First = "They are of two people."
	case kinds:
		c.First = "They ask for different checks: " + Asks(a.Row) + ", and " + Asks(b.Row) + "."
	case attempt != "":
		c.First = attempt
	case a.Row.State != b.Row.State:
		c.First = fmt.Sprintf("The older is %s, the newer %s.", a.Row.State, b.Row.State)
	case waited:
		c.First = "Until it was submitted: " + untilSubmitted(a) + " and " + untilSubmitted(b) + "."
	default:
		c.First = "Nothing that is known of them differs."
	}
	return c
}

// differs tells whether what two sides say is not the same; notes do not count.
func (s Side) differs(other Side) bool {
	return s.Text != other.Text || s.State != other.State || (s.Check == nil) != (other.Check == nil) || s.Check != nil && *s.Check != *other.Check
}

func whose(t Timeline) string {
	switch {
	case t.Row.ID == "" || t.Row.Erased():
		return "not known any more"
	case t.Row.UserID == "":
		return "none"
	}
	return t.Row.UserID
}

// untilSubmitted is how long the person took for the first attempt.
func untilSubmitted(t Timeline) string {
	tries := t.tries()
	switch {
	case len(tries) == 0:
		return "never submitted"
	case tries[0].submitted == nil || tries[0].submitted.Rough:
		return "not known"
	}
	return Short(tries[0].submitted.At.Sub(t.Row.Created.Time()))
}

// attempt adds the lines of an attempt: its end, and its checks.
func (c *Comparison) attempt(n int, at [2]try, sides [2]Timeline) {
	head := Pair{Label: "ATTEMPT " + strconv.Itoa(n), Head: true}
	for side, try := range at {
		switch {
		case try.verdict != nil:
			head.Sides[side] = Side{State: try.verdict.State, Text: try.verdict.State.String(), Note: sides[side].pace(n)}
			if try.verdict.Checks == nil && try.verdict.State == client.StateFailed { // no check says why
				head.Sides[side].Text = "failed: " + try.verdict.Words
			}
		case try.submitted != nil:
			head.Sides[side] = Side{State: client.StateProcessing, Text: "being checked"}
		default:
			head.Sides[side] = Side{Text: "none"}
		}
	}
	head.Differs = head.Sides[0].differs(head.Sides[1])
	c.Rows = append(c.Rows, head)
	for _, name := range client.CheckKinds {
		p := Pair{Label: client.CheckName(name)}
		some := false
		for side, try := range at {
			check, ok := try.check(name)
			some = some || ok
			switch {
			case ok:
				p.Sides[side] = Side{Check: &check, Text: check.Says(), Note: check.Papers()}
			case try.verdict != nil && try.verdict.Checks == nil:
				p.Sides[side] = Side{Text: "not known"}
			case try.verdict != nil:
				p.Sides[side] = Side{Text: "not asked for"}
			}
		}
		if p.Differs = p.Sides[0].differs(p.Sides[1]); some {
			c.Rows = append(c.Rows, p)
		}
	}
}

func (t try) check(name string) (Check, bool) {
	if t.verdict != nil {
		for _, c := range t.verdict.Checks {
			if c.Name == name {
				return c, true
			}
		}
	}
	return Check{}, false
}

// pace says how fast an attempt came: the first after how long it was checked, another
// how long after the one before.
func (t Timeline) pace(n int) string {
	tries := t.tries()
	this := tries[n-1]
	if n == 1 {
		if this.submitted == nil || this.verdict.At.IsZero() || this.submitted.Rough || this.verdict.Rough {
			return ""
		}
		return "after " + Short(this.verdict.At.Sub(this.submitted.At))
	}
	before := tries[n-2].verdict
	if before == nil || before.At.IsZero() || this.verdict.At.IsZero() || before.Rough || this.verdict.Rough {
		return ""
	}
	return Short(this.verdict.At.Sub(before.At)) + " later"
}

// difference is a sentence about what differs in an attempt, "" when nothing does.
func difference(n int, tries [2][]try) string {
	at := ordinal(n + 1)
	if len(tries[0]) <= n || len(tries[1]) <= n {
		return fmt.Sprintf("The older has %s, the newer %s.", counted(len(tries[0]), "attempt"), counted(len(tries[1]), "attempt"))
	}
	older, newer := tries[0][n], tries[1][n]
	a, ok := older.check("document")
	b, both := newer.check("document")
	if both = both && ok && a.Papers() != "" && b.Papers() != ""; both && a.Papers() != b.Papers() {
		when := "At the " + at + " attempt"
		if stays(n, tries) {
			when = "From the " + at + " attempt on"
		}
		if a.Country == b.Country {
			a.Country, b.Country = "", "" // the documents alone differ
		}
		return when + " it was another document: " + article(b.Papers()) + ", not " + article(a.Papers()) + "."
	}
	if older.verdict == nil || newer.verdict == nil {
		return ""
	}
	if older.verdict.State != newer.verdict.State || older.verdict.Code != newer.verdict.Code {
		return fmt.Sprintf("At the %s attempt the older %s, the newer %s.", at, ended(*older.verdict), ended(*newer.verdict))
	}
	return ""
}

// stays tells whether the documents differ from an attempt on as they do there.
func stays(n int, tries [2][]try) bool {
	a, _ := tries[0][n].check("document")
	b, _ := tries[1][n].check("document")
	later := 0
	for i := n + 1; i < min(len(tries[0]), len(tries[1])); i++ {
		x, ok := tries[0][i].check("document")
		y, both := tries[1][i].check("document")
		if !ok || !both || x.Papers() != a.Papers() || y.Papers() != b.Papers() {
			return false
		}
		later++
	}
	return later > 0
}

func ended(e Entry) string {
	if e.State == client.StateVerified {
		return "was verified"
	}
	return "failed: " + e.Words
}

func article(noun string) string {
	switch noun[0] {
	case 'a', 'e', 'i', 'o', 'u':
		return "an " + noun
	}
	return "a " + noun
}

// done adds what was done here last.
func (c *Comparison) done() {
	p := Pair{Label: "DONE HERE", Head: true}
	for side, t := range [2]Timeline{c.Older, c.Newer} {
		p.Sides[side] = Side{Text: "nothing"}
		for _, e := range t.Entries {
			if e.Kind == Act {
				p.Sides[side] = Side{Text: e.Words, Note: Short(t.now.Sub(e.At)) + " ago, " + e.By()}
			}
		}
	}
	c.Rows = append(c.Rows, p)
}

// Short writes a duration in one unit.
func Short(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(max(0, d)/time.Second)) + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	case d < 2*day:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	}
	return strconv.Itoa(int(d/day)) + "d"
}
