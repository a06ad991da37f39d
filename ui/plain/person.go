package plain

import (
	"strings"
	"time"

	"idtop/client"
	"idtop/client/person"
	"idtop/client/plan"
	"idtop/client/timeline"
	"idtop/keymap"
	"idtop/model"
)

// personPage is all that is known of a person: who they are now, why, what next, what can
// be done, and their sessions under the cursor.
func personPage(m *model.Model) page {
	p := page{at: -1, shown: max(1, m.ListRows()), opens: 1, total: m.List.Page.Total, line: func(i int) said { return personRow(m, i) }}
	who := "a person, being erased"
	if m.List.View.UserID != "" {
		who = private(m, quoted(m.List.View.UserID))
	}
	p.name = line("Person: " + who)
	if m.Person.Known == nil {
		p.total = 0
		p.outro = []said{line("Reading the mirror and the ledger")}
		return p
	}
	known := m.Person.Page
	add := func(texts ...string) { p.intro = append(p.intro, line(texts...)) }
	accepted, erased := m.Person.Known.Accepted()
	p.intro = append(p.intro, said{"now " + num(accepted) + " " + num(erased) + shortUnit.ReplaceAllString(known.Now.Text, ""), sentences("Now: "+lower(units(known.Now.Text)), units(known.Now.More))})
	p.news = p.intro[0]
	add(plural(len(known.Sessions), "session", "sessions") + " and " + plural(known.Attempts, "attempt", "attempts"))
	for _, text := range known.Unknown {
		add(text)
	}
	if m.ErasedShown() {
		erasedLines(m, add)
	} else {
		personLines(m, known, add)
	}
	if marked := m.Marks.Len(); marked > 0 {
		add(num(marked) + " marked")
	}
	if !m.List.Following() && p.total > 0 {
		p.at = min(m.List.Index, p.total-1)
	} else {
		p.total = 0
	}
	return p
}

// personLines say why, what next, what can be done, what is being erased and what was done.
func personLines(m *model.Model, known person.Page, add func(...string)) {
	for i, cause := range known.Why {
		lead := ""
		if i == 0 {
			lead = "Why, so far: "
		}
		add(lead + plural(cause.Count, "time ", "times ") + cause.Label())
	}
	add("Next: "+lower(units(known.Next.Text)), units(known.Next.More))
	for _, alike := range known.Alike {
		add("A user_id that looks the same: " + private(m, quoted(alike.UserID)) + ", " + plural(alike.Sessions, "session", "sessions") + ", " + alike.Difference + keyed(m, ". {alike} takes them in"))
	}
	for _, c := range []struct {
		id  keymap.ID
		can person.Can
	}{{keymap.Redact, known.Redact}, {keymap.Cancel, known.Cancel}} {
		does, not := c.can.Words()
		if why := m.Why(c.id); why != "" {
			does, not = "not now", why
		}
		add("Key " + keyOf(m, c.id) + ", " + string(c.id) + ": " + listing(does, not))
	}
	for _, e := range known.Erasing {
		text := "Being erased: session " + ending(e.Session)
		if !e.Due.IsZero() {
			text += ", due by " + moment(e.Due)
		}
		add(listing(text, e.Reason))
	}
	for i, d := range known.Done {
		if i == opening {
			add(num(len(known.Done)-i) + " more were done here")
			break
		}
		lead := ""
		if i == 0 {
			lead = "Done here: "
		}
		add(lead + d.Who + " " + d.Words() + " on " + moment(d.At) + ", session " + ending(d.Session))
	}
}

// erasedLines say how far the erasure of a person is, and how to prove it.
func erasedLines(m *model.Model, add func(...string)) {
	if m.List.View.UserID == "" {
		add("The user_id is forgotten here, as it has to be")
	} else {
		add("The user_id stays until the last session is accepted")
	}
	for _, e := range m.Person.Known.Jobs {
		who := "you"
		if me, _ := m.Actor(); e.Actor != me {
			who = e.Actor.User
		}
		add(listing("Record: job "+num(int(e.Job.ID))+", by "+who+" on "+moment(e.Job.Created), e.Job.Reason, "ledger "+num(int(e.First))+" to "+num(int(e.Last))))
	}
	add("To find this person later: idtop ledger show --user with the user_id")
	switch _, erased := m.Person.Known.Accepted(); {
	case len(m.Person.Known.Jobs) == 0:
		add("No proof here: no job of this idtop has erased them")
	case erased == len(m.Person.Known.Rows):
		add(keyed(m, "Key {export} writes the proof: all are erased"))
	default:
		add(keyed(m, "Key {export} writes the proof now with what is open; it is complete once all are erased"))
	}
}

// personRow is a session of the person, with its attempts.
func personRow(m *model.Model, i int) said {
	place := "Session " + num(i+1) + " of " + num(m.List.Page.Total)
	hit, ok := m.List.Row(i)
	if !ok {
		return line(place + " is being read")
	}
	marked := markOf(m, hit.ID)
	if m.ErasedShown() {
		what := erasedWhat(m, hit.ID)
		return said{num(i) + hit.ID + hit.State.String() + marked, sentences(place+": "+m.Person.Known.Row(hit.ID).State.String()+", session "+ending(hit.ID)+", "+what, marked)}
	}
	s := m.PersonSession(hit.Row)
	var attempts []string
	for _, a := range s.Grouped(m.ServerNow().Location()) {
		words := a.Words()
		if a.Times > 1 {
			words += ", " + num(a.Times) + " times"
		}
		attempts = append(attempts, words+", "+ago(m.ServerNow().Sub(a.At.Time()), a.Rough))
	}
	reason := ""
	if _, sending := m.Jobs.Sending[hit.ID]; sending || hit.Unreadable != "" {
		reason = reasonOf(m, hit.Row)
	}
	return said{num(i) + hit.ID + hit.State.String() + marked + num(len(attempts)),
		sentences(place+": "+listing(hit.State.String(), reason, "session "+ending(hit.ID)), strings.Join(attempts, "; "), units(s.Note), marked)}
}

// erasedWhat is how far the erasure of a session is.
func erasedWhat(m *model.Model, id string) string {
	row := m.Person.Known.Row(id)
	item, ok := m.Person.Known.Items[id]
	job := "job " + num(int(item.Job))
	switch {
	case !ok && row.State == client.StateRedacted:
		return "erased, not by a job here"
	case !ok && row.State == client.StateRedacting:
		return "accepted, not by a job here"
	case !ok:
		return "nothing was asked for"
	case row.State == client.StateRedacted:
		return "erased, " + job
	case row.State == client.StateRedacting:
		due := item.Accepted.Add(plan.EraseTime)
		if late := m.ServerNow().Sub(due); late > 0 {
			return "accepted, overdue by " + timeline.Long(late.Truncate(time.Minute)) + ", " + job
		}
		return "accepted, due by " + moment(due) + ", " + job
	}
	return listing(item.Says(client.Redact, m.Jobs.Runs[item.Job].Phase != 0), job)
}
