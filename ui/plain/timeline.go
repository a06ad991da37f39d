package plain

import (
	"strings"
	"time"

	"idtop/client"
	"idtop/client/timeline"
	"idtop/keymap"
	"idtop/model"
)

// timelinePage is the timeline of a session, or two compared.
func timelinePage(m *model.Model, o *model.Overlay) page {
	p := page{at: -1, from: o.Scroll, shown: opening, more: keyOf(m, keymap.PageDown)}
	all := m.Timelines()
	switch len(all) {
	case 0:
		p.name = line("Timeline")
		p.outro = []said{line("Reading the mirror")}
		return p
	case 2:
		return comparePage(m, p, timeline.Compare(all[0], all[1]))
	}
	t := all[0]
	p.name = said{"timeline " + t.ID, sentence("Timeline of session " + ending(t.ID) + ", oldest first")}
	now, rest := t.Now()
	p.intro = []said{{"now " + t.Row.State.String(), sentences("Now: "+lower(now), rest)}}
	p.news = p.intro[0]
	if p.from > 0 {
		p.intro = append(p.intro, line(num(p.from)+" before these: "+keyOf(m, keymap.PageUp)))
	}
	lines := make([]said, 0, len(t.Entries)+len(t.Notes)+1)
	for _, e := range t.Entries {
		lines = append(lines, line(entryWords(e, m.ServerNow())))
	}
	for _, note := range t.Notes {
		lines = append(lines, line(note))
	}
	if t.Next != "" {
		lines = append(lines, line("Still to come: "+lower(t.Next)))
	}
	return p.list(lines)
}

// entryWords is one thing that happened.
func entryWords(e timeline.Entry, now time.Time) string {
	if e.Kind == timeline.Gap {
		return e.Words
	}
	when := "At an unknown time"
	if !e.At.IsZero() {
		when = e.At.Local().Format("2 January 15:04:05")
		if e.At.Local().Year() != now.Local().Year() {
			when = e.At.Local().Format("2 January 2006 15:04:05")
		}
		if e.Rough {
			when = "By " + when
		}
	}
	after := ""
	if e.Apart {
		after = timeline.Long(e.After) + " later"
	}
	what := e.State.String()
	if e.Kind == timeline.Created || e.Kind == timeline.Submitted || e.Kind == timeline.Act {
		what = e.What()
	}
	checks := make([]string, len(e.Checks))
	for i, c := range e.Checks {
		checks[i] = listing(c.Called()+" "+c.Says(), c.Papers())
	}
	text := listing(when, after, what) + ": " + e.Words
	if len(checks) > 0 {
		text += ": " + strings.Join(checks, "; ")
	}
	code := ""
	if e.Code != "" {
		code = "Code " + e.Code
	}
	return sentences(text, code, e.Reason, "From "+strings.ReplaceAll(e.From(), "…", "ending "))
}

// comparePage says what differs between two sessions.
func comparePage(m *model.Model, p page, c timeline.Comparison) page {
	p.name = said{"compare " + c.Older.ID + c.Newer.ID, sentence("Two sessions: the older " + ending(c.Older.ID) + ", the newer " + ending(c.Newer.ID))}
	side := "older"
	if m.Timeline.Side == 1 {
		side = "newer"
	}
	p.intro = []said{line(c.First), line("The keys act on the " + side + " one: " + keyOf(m, keymap.OtherPane) + " goes to the other")}
	var lines []said
	for _, pair := range c.Rows {
		label, older, newer := pair.Label, sideWords(pair.Sides[0]), sideWords(pair.Sides[1])
		if pair.Head {
			label = strings.ToLower(label)
		}
		if !pair.Differs {
			lines = append(lines, line(label+", both: "+older))
			continue
		}
		lines = append(lines, line(label+" differs: older "+older+"; newer "+newer))
	}
	return p.list(lines)
}

// sideWords is what one session has in a line.
func sideWords(s timeline.Side) string {
	text := s.Text
	switch {
	case s.Check != nil:
		return listing(s.Check.Says(), s.Check.Papers())
	case text == "" && s.State != client.StateUnknown:
		text = s.State.String()
	case text == "":
		text = "nothing"
	}
	return listing(units(text), units(s.Note))
}
