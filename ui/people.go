package ui

import (
	"slices"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// The columns of the people, in cells. The user_id has the room that the others leave; on a
// narrow screen only it, the failures and their time are there.
const (
	peopleMark      = 2
	peopleUser      = 18 // before another column gets room
	peopleLeastUser = 12
	peopleMostUser  = 40 // more only where one is wider
	peopleFailures  = 10
	peopleReason    = 26
	peopleStandsOut = 16
	peopleFirst     = 7
	peopleLast      = 9
)

// peopleRegion draws the people of the list.
type peopleRegion struct {
	m       *model.Model
	on      *palette
	user    int
	history int // 0: there is no room for it; so for the others
	reason  int
	stands  int
	first   int
}

// newPeopleRegion gives the columns their room. Where it is short, first goes when they
// were first seen, then what stands out, the history, and the reason.
func newPeopleRegion(theme *theme, m *model.Model) peopleRegion {
	r := peopleRegion{m: m, on: &theme.plain}
	left := m.Width - 2 - peopleMark - peopleFailures - peopleLast - 2*columnGap
	for _, column := range []struct {
		of    *int
		width int
	}{{&r.reason, 20}, {&r.history, 10}, {&r.stands, peopleStandsOut}, {&r.first, peopleFirst}} {
		if left-column.width-columnGap < peopleUser {
			break
		}
		*column.of = column.width
		left -= column.width + columnGap
	}
	user, reason := widestPeople(m)
	if r.reason > 0 {
		more := min(peopleReason-r.reason, max(0, left-24))
		if left-more < user { // it gets the room that the reasons leave
			more = min(more, max(0, reason-r.reason))
		}
		r.reason, left = r.reason+more, left-more
	}
	r.user = max(peopleLeastUser, min(max(peopleMostUser, user), left))
	if r.history > 0 {
		r.history += max(0, left-r.user)
	}
	return r
}

// widestPeople are the widths that the loaded people need for their user_ids and reasons.
func widestPeople(m *model.Model) (user, reason int) {
	for _, s := range m.People.Page.People {
		user = max(user, listedWidth(m, s.UserID, user))
		if s.Failed > 0 {
			reason = max(reason, textWidth(client.ReasonOf(s.Code).Label))
		}
	}
	return user, reason
}

// peopleRows are the rows of the page: the sentence, what can't be said, the heads, and
// those who are listed.
func peopleRows(theme *theme, m *model.Model) []row {
	r, p := newPeopleRegion(theme, m), &m.People
	if !p.Loaded {
		return []row{{{r.on.dim, safe.Lit("Reading the mirror…")}}}
	}
	rows := []row{r.title(), r.unknowable()}
	switch {
	case p.Page.Total == 0:
		return rows
	case m.PeopleRoomy():
		rows = []row{nil, rows[0], rows[1], nil, r.heads()}
	default:
		rows = append(rows, r.heads())
	}
	for i := p.Top; i < min(p.Page.Total, p.Top+m.PeopleRows()); i++ {
		line := row(nil)
		if at := i - p.Page.First; at >= 0 && at < len(p.Page.People) {
			on, selected := r.on, p.Page.People[at].UserID == p.Selected
			if selected {
				on = &theme.selected
			}
			line = r.someone(on, p.Page.People[at], selected)
		}
		rows = append(rows, line)
	}
	return rows
}

// title is the sentence, and how many people there are.
func (r peopleRegion) title() row {
	page := r.m.People.Page
	said := row{{r.on.bold, failingPeople(page)}}
	of := safe.Concat(safe.Num(page.Total), safe.Lit(" of "), plural(page.Known, "person", "people"))
	hint := row{{r.on.dim, of}, {r.on.accent, safe.Concat(safe.Lit("   "), keyOf(r.m, keymap.People))}, {r.on.dim, safe.Lit(" sessions")}}
	for _, beside := range []row{hint, hint[:1]} {
		if gap := r.m.Width - 2 - said.width() - beside.width(); gap > columnGap {
			return append(append(said, segment{r.on.text, safe.Spaces(gap)}), beside...)
		}
	}
	if brief := (row{{r.on.bold, safe.Concat(safe.Num(page.Failing), safe.Lit(" of "), plural(page.Total, "person", "people"), safe.Lit(" failed"))}}); said.width() > r.m.Width-2 && page.Total > 0 {
		return brief
	}
	return said
}

// failingPeople says how many of the listed people have a failed session.
func failingPeople(p mirror.People) safe.Text {
	people := plural(p.Total, "person", "people")
	switch {
	case p.Sessions == 0:
		return safe.Lit("No session is listed, so nobody is.")
	case p.Total == 0 && p.Sessions == 1:
		return safe.Lit("The listed session names nobody.")
	case p.Total == 0:
		return safe.Concat(safe.Lit("None of the "), safe.Num(p.Sessions), safe.Lit(" listed sessions names anybody."))
	case p.Total == 1 && p.Failing == 1:
		return safe.Lit("1 person is listed, with a failed session.")
	case p.Total == 1:
		return safe.Lit("1 person is listed, without a failed session.")
	case p.Failing == 0:
		return safe.Concat(people, safe.Lit(" are listed, none with a failed session."))
	case p.Failing == p.Total:
		return safe.Concat(safe.Lit("All "), people, safe.Lit(" have a failed session."))
	case p.Failing == 1:
		return safe.Concat(safe.Lit("1 of "), people, safe.Lit(" has a failed session."))
	}
	return safe.Concat(safe.Num(p.Failing), safe.Lit(" of "), people, safe.Lit(" have a failed session."))
}

// unknowable names the limits of the page: which sessions are nobody's, that the mirror is not
// complete, that attempts are not known. On a narrow screen each is said in fewer words, and
// the last ones are left out.
func (r peopleRegion) unknowable() row {
	p := r.m.People.Page
	var whole, short row
	add := func(s style, long, brief safe.Text) {
		whole, short = append(whole, segment{s, long}), append(short, segment{s, brief})
	}
	if !r.m.Claim().Complete {
		add(r.on.processing, safe.Concat(safe.Lit("Known"), soFar(r.m), safe.Lit(". ")), safe.Lit("Older ones are still to be read. "))
	}
	if p.Nobody > 0 && p.Total > 0 {
		text := safe.Concat(plural(p.Nobody, "listed session names", "listed sessions name"), safe.Lit(" nobody"))
		if p.Erased > 0 {
			text = safe.Concat(text, safe.Lit(", "), safe.Num(p.Erased), safe.Lit(" of them erased or being erased"))
		}
		add(r.on.dim, safe.Concat(text, safe.Lit(". ")), safe.Concat(plural(p.Nobody, "session names", "sessions name"), safe.Lit(" nobody. ")))
	}
	if r.m.Sync.Reports.Kept == mirror.KeptOff && p.Total > 0 {
		add(r.on.dim, safe.Lit("Reports are not kept: a session counts as one failure at most."), safe.Lit("No reports are kept."))
	}
	forms := []row{whole}
	for n := len(short) - 1; n > 0; n-- {
		forms = append(forms, append(slices.Clone(whole[:n]), short[n:]...))
	}
	for n := len(short); n > 0; n-- {
		forms = append(forms, short[:n])
	}
	return firstFit(r.m.Width-1, forms...)
}

// heads name the columns; that of the order is text with an arrow.
func (r peopleRegion) heads() row {
	sorted := func(by mirror.PeopleOrder, name safe.Text, width int) segment {
		if r.m.People.By == by {
			return segment{r.on.text, safe.Concat(name, safe.Lit(" ▾")).PadLeft(width)}
		}
		return segment{r.on.dim, name.PadLeft(width)}
	}
	history := safe.Lit("HISTORY, NEWEST LAST")
	if r.history <= history.Width() {
		history = safe.Lit("HISTORY")
	}
	return r.line(segment{r.on.text, safe.Spaces(peopleMark)}, segment{r.on.dim, safe.Lit("USER ID")}, row{{r.on.dim, history}}, sorted(mirror.ByFailures, safe.Lit("FAILURES"), peopleFailures),
		segment{r.on.dim, safe.Lit("LAST REASON")}, segment{r.on.dim, safe.Lit("STANDS OUT")}, segment{r.on.dim, safe.Lit("FIRST")}, sorted(mirror.ByLastFailure, safe.Lit("LAST"), peopleLast))
}

// line puts the columns side by side.
func (r peopleRegion) line(mark, user segment, history row, failures, reason, stands, first, last segment) row {
	gap := segment{r.on.text, safe.Spaces(columnGap)}
	line := row{mark, {user.style, user.text.CutMiddle(r.user).Pad(r.user)}, gap}
	if r.history > 0 {
		line = append(line, history.fit(r.on, r.history-1)...)
		line = append(line, gap)
	}
	line = append(line, segment{failures.style, failures.text.PadLeft(peopleFailures)}, gap)
	if r.reason > 0 {
		line = append(line, segment{reason.style, reason.text.Fit(r.reason)}, gap)
	}
	if r.stands > 0 {
		line = append(line, segment{stands.style, stands.text.Fit(r.stands)}, gap)
	}
	if r.first > 0 {
		line = append(line, segment{first.style, first.text.PadLeft(r.first)}, gap)
	}
	return append(line, segment{last.style, last.text.PadLeft(peopleLast)})
}

// someone is the line of one of them.
func (r peopleRegion) someone(on *palette, s mirror.Person, selected bool) row {
	r.on = on
	now := r.m.ServerNow().Local()
	mark := segment{on.accent, safe.Spaces(peopleMark)}
	if selected {
		mark.text = safe.Lit("▸ ")
	}
	id := listed(r.m, s.UserID, safe.LineMatched(s.UserID, r.m.Search.Query.Marks(s.UserID, "", "", r.m.List.Page.Elsewhere).UserID).Badged())
	failures, reason, last := segment{on.dim, safe.Lit("–")}, segment{on.dim, safe.Text{}}, segment{on.dim, safe.Lit("–")}
	if s.Failed > 0 {
		failures = segment{on.text, safe.Num(s.Failed)}
		reason = segment{on.text, safe.Line(client.ReasonOf(s.Code).Label)}
		last = segment{on.text, when(now, s.Failure.At, s.Rough)}
	}
	if r.m.People.By == mirror.ByFailures {
		failures.text = safe.Concat(failures.text, safe.Spaces(arrow))
	} else {
		last.text = safe.Concat(last.text, safe.Spaces(arrow))
	}
	words, warns := standsOut(s, r.m.People.Page.Rare)
	stands := segment{on.dim, words}
	if warns {
		stands.style = on.processing
	}
	return r.line(mark, segment{on.text, id}, r.strip(s), failures, reason, stands, segment{on.dim, when(now, s.First, false)}, last)
}

// standsOut names an unusual feature of a person, and tells whether it needs somebody.
func standsOut(s mirror.Person, rare int) (words safe.Text, warns bool) {
	switch {
	case s.Open() > 1:
		return safe.Concat(safe.Num(s.Open()), safe.Lit(" open at once")), true
	case s.Sessions >= rare:
		return safe.Concat(safe.Num(s.Sessions), safe.Lit(" sessions")), true
	case s.State[client.StateVerified] > 0 && s.Failed > 0:
		return safe.Lit("was verified"), false
	}
	return safe.Text{}, false
}

// strip is the history as glyphs, sessions apart. What has no room is cut at the old end.
func (r peopleRegion) strip(s mirror.Person) (strip row) {
	cut := segment{r.on.dim, safe.Lit("… ")}
	for i := len(s.History) - 1; i >= 0; i-- {
		var part row
		for _, state := range s.History[i] {
			part = append(part, segment{r.on.state[state], r.on.glyph[state]})
		}
		if len(strip) > 0 {
			part = append(part, segment{r.on.text, space})
		}
		room := r.history - 1 - strip.width() - part.width()
		if older := i > 0 || s.Sessions > len(s.History); room < 0 || older && room < cut.text.Width() {
			return append(row{cut}, strip...)
		}
		strip = append(part, strip...)
	}
	if s.Sessions > len(s.History) {
		strip = append(row{cut}, strip...)
	}
	return strip
}
