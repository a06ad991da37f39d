package plain

import (
	"strings"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/timeline"
	"idtop/model"
)

// peoplePage is the people of the list.
func peoplePage(m *model.Model) page {
	pp := &m.People
	by := "most failures first"
	if pp.By == mirror.ByLastFailure {
		by = "newest failure first"
	}
	p := page{name: said{"people " + by + m.Search.Text(), "People, " + by + "."}, at: -1, shown: max(1, m.PeopleRows()), opens: 1}
	if !pp.Loaded {
		p.outro = []said{line("Reading the mirror")}
		return p
	}
	p.intro = []said{line(failing(pp.Page))}
	if nobody := pp.Page.Nobody; nobody > 0 && pp.Page.Total > 0 {
		p.intro = append(p.intro, line(plural(nobody, "listed session names", "listed sessions name")+" nobody"))
	}
	if !m.Claim().Complete {
		p.intro = append(p.intro, said{"so far", "Known so far: older sessions are still to be read."})
	}
	p.total, p.line = pp.Page.Total, func(i int) said { return someoneLine(m, i) }
	if _, ok := pp.Current(); ok {
		p.at = pp.Index
	}
	return p
}

// failing says how many of the listed people have a failed session.
func failing(p mirror.People) string {
	switch {
	case p.Sessions == 0:
		return "No session is listed, so nobody is"
	case p.Total == 0:
		return "None of the " + plural(p.Sessions, "listed session", "listed sessions") + " names anybody"
	}
	return plural(p.Total, "person", "people") + " listed, " + num(p.Failing) + " of them with a failed session"
}

// someoneLine is one of them.
func someoneLine(m *model.Model, i int) said {
	pp := &m.People
	place := "Row " + num(i+1) + " of " + num(pp.Page.Total)
	at := i - pp.Page.First
	if at < 0 || at >= len(pp.Page.People) {
		return line(place + " is being read")
	}
	s := pp.Page.People[at]
	who := s.UserID
	if m.HidesListed(who) {
		who = "a " + maskedWord + " user_id"
	}
	text := who + ", " + plural(s.Failed, "failure", "failures")
	if s.Failed > 0 {
		text = listing(text, "the last one "+ago(m.ServerNow().Sub(s.Failure.At.Time()), s.Rough), client.ReasonOf(s.Code).Label)
	}
	stands := ""
	switch {
	case s.Open() > 1:
		stands = num(s.Open()) + " open at once"
	case s.Sessions >= pp.Page.Rare:
		stands = num(s.Sessions) + " sessions"
	case s.State[client.StateVerified] > 0 && s.Failed > 0:
		stands = "was verified"
	}
	var history []string
	for _, session := range s.History {
		words := make([]string, len(session))
		for i, state := range session {
			words[i] = state.String()
		}
		history = append(history, strings.Join(words, ", "))
	}
	return said{num(i) + s.UserID + strings.Join(history, ";"), sentences(place+": "+listing(text, stands),
		"History, oldest first: "+strings.Join(history, "; "), "First seen "+timeline.Long(m.ServerNow().Sub(s.First.Time()))+" ago")}
}
