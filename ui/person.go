package ui

import (
	"strings"
	"time"

	"idtop/client"
	"idtop/client/person"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// drawCrumb draws the way back to the list, and whose page this is.
func drawCrumb(p *painter, m *model.Model) {
	on := &p.theme.plain
	where := row{{on.accent, safe.Concat(space, keyOf(m, keymap.Back))}}
	p.spot(where.width(), model.Spot{Kind: model.ActionSpot, Action: keymap.Back})
	where = append(where, segment{on.dim, safe.Concat(space, whence(m))})
	where = append(where, segment{on.dim, safe.Lit(" › ")})
	name := safe.Lit("a person, being erased")
	switch {
	case m.Overlay().Is(model.PeopleOverlay):
		name = safe.Lit("People")
	case m.List.View.UserID != "":
		id := private(m, safe.UserIDQuoted(m.List.View.UserID))
		if where.width()+id.Width()+3 > m.Width { // whose page it is matters more than where esc leads
			where = where[:1]
		}
		name = id.Cut(max(8, m.Width-where.width()-3))
	}
	p.putRow(append(where, segment{p.theme.tab, safe.Concat(space, name, space)}), on, m.Width)
}

// whence names the list that esc leads back to, and the row there.
func whence(m *model.Model) safe.Text {
	if m.FromPeople() {
		return safe.Lit("People")
	}
	tab, saved, index, ok := m.Whence()
	if !ok {
		return safe.Lit("back")
	}
	list := safe.Concat(safe.Spelled(m.Keys().Label(model.Tabs[tab].Action)), space, tabNames[tab])
	if saved != "" {
		list = safe.Line(saved)
	}
	if index < 0 {
		return safe.Concat(list, safe.Lit(", following"))
	}
	return safe.Concat(list, safe.Lit(", row "), safe.Num(index+1))
}

// nowRow is the sentence of the person, as long as there is room for it.
func nowRow(on *palette, m *model.Model, label int) row {
	now, room := m.Person.Page.Now, m.Width-label
	text, more := now.Text, now.More
	for _, form := range [][2]string{{now.Text, now.Less}, {now.Short, now.More}, {now.Short, now.Less}} {
		if safe.Line(text).Width()+1+safe.Spelled(more).Width() <= room {
			break
		} else if form[0] != "" && (form[1] != "" || more == "") {
			text, more = form[0], form[1]
		}
	}
	look := on.dim
	if m.Person.Known != nil {
		if due := m.Person.Known.Due(); !due.IsZero() && due.Before(m.ServerNow()) {
			look = on.danger
		}
	}
	r := row{{on.bold, safe.Line(text)}}
	if more != "" && r.width()+1+safe.Spelled(more).Width() <= room { // whole or not at all
		r = append(r, segment{look, safe.Concat(space, safe.Spelled(more))})
	}
	return r
}

// personLabel is how wide the labels of the page are; the widths of its columns follow.
const (
	personLabel    = model.PersonLabel
	personState    = stateWidth + 1
	personSession  = 9
	personWhen     = 8 // ~29 Oct, and a space
	personRightKey = 14
	roomy          = 140
)

// attemptWidth is the width of an attempt's words, rightWidth that of the right column.
func (r personRegion) attemptWidth() int {
	if r.m.Width >= roomy {
		return 32
	}
	return 27
}

func (r personRegion) rightWidth() int {
	if r.m.Width >= roomy {
		return 46
	}
	return 40
}

// personRegion draws the page of a person.
type personRegion struct {
	m    *model.Model
	on   *palette
	page person.Page
	now  time.Time
}

// drawPerson draws the page of a person in place of the panes.
func drawPerson(p *painter, m *model.Model, layout model.Layout) {
	r := personRegion{m, &p.theme.plain, m.Person.Page, m.ServerNow().Local()}
	left, right := r.left(p.theme), []row(nil)
	width := m.Width
	if m.PersonWide() {
		right, width = r.right(), m.Width-r.rightWidth()-2
	}
	for y := range layout.List.Height {
		on := &p.theme.plain
		var line dialogRow
		if y < len(left) {
			line = left[y]
		}
		if line.input {
			on = &p.theme.selected
		}
		if line.session != "" {
			p.spot(width, model.Spot{Kind: model.RowSpot, ID: line.session})
		}
		if side := y - personAbove; right == nil || side < 0 {
			p.putRow(line.row, on, m.Width)
		} else {
			p.putRow(line.row, on, width)
			p.put(p.theme.plain.line, &p.theme.plain, safe.Lit("│ "))
			if side < len(right) {
				p.putRow(right[side], &p.theme.plain, m.Width-p.column)
			}
		}
		p.fill(p.theme.plain.text, m.Width)
		p.newline()
	}
}

// personAbove is the lines above both columns.
const personAbove = 3

func (r personRegion) label(t safe.Text) segment {
	return segment{r.on.dim, safe.Concat(space, t.Pad(personLabel-1))}
}

// left is the page, in two columns its left one.
func (r personRegion) left(theme *theme) []dialogRow {
	m, on := r.m, r.on
	if m.Person.Known == nil {
		return []dialogRow{{row: row{{on.dim, safe.Lit(" Reading the mirror and the ledger…")}}}}
	}
	rows := []dialogRow{
		{row: append(row{r.label(safe.Lit("NOW"))}, nowRow(on, m, personLabel)...)},
		{row: append(row{r.label(safe.Lit("HISTORY"))}, r.history()...)},
		{row: r.note()},
	}
	if m.PersonWide() {
		rows = append(rows, dialogRow{row: row{{on.dim, safe.Spaces(4)}, {on.dim, safe.Lit("STATE").Fit(personState)}, {on.dim, safe.Lit("SESSION").Fit(personSession)},
			{on.dim, safe.Lit("ATTEMPTS AND REASONS").Fit(r.attemptWidth())}, {on.dim, safe.Lit("WHEN")}}})
	}
	end := m.Layout().List.Height - m.PersonBelow()
	for i := range m.List.Page.Total {
		hit, ok := m.List.Row(m.List.Top + i)
		if !ok || len(rows) >= end {
			break
		}
		s := m.PersonSession(hit.Row)
		on := on
		selected := hit.ID == m.List.Selected
		if selected {
			on = &theme.selected
		}
		for at, a := range m.PersonAttempts(s) {
			if len(rows) < end {
				rows = append(rows, dialogRow{row: r.attempt(on, s, a, at, selected), input: selected, session: hit.ID})
			}
		}
		for range m.PersonGap() {
			rows = append(rows, dialogRow{})
		}
	}
	if m.PersonWide() {
		for _, text := range r.page.Unknown {
			for _, line := range safe.Line(text).Wrap(m.Width - r.rightWidth() - 2 - 4) {
				if len(rows) < end {
					rows = append(rows, dialogRow{row: row{{on.dim, safe.Concat(safe.Spaces(4), line)}}})
				}
			}
		}
	}
	for len(rows) < end {
		rows = append(rows, dialogRow{})
	}
	return append(rows[:end], r.below()...)
}

// note is what could not be known, where there is one column.
func (r personRegion) note() row {
	if !r.m.PersonWide() && len(r.page.Unknown) > 0 {
		note := r.page.Unknown[0]
		if len(note)+1 > r.m.Width {
			brief, _, _ := strings.Cut(strings.TrimSuffix(note, "."), ":")
			note = brief + "."
		}
		return row{{r.on.dim, safe.Concat(space, safe.Line(note))}}
	}
	return nil
}

// history shows the sessions' attempts as glyphs, the oldest first; what has no room is
// cut at the old end.
func (r personRegion) history() row {
	on, page := r.on, r.page
	text := safe.Concat(plural(len(page.Sessions), "session", "sessions"), safe.Lit(" and "), plural(page.Attempts, "attempt", "attempts"))
	if page.First != 0 {
		text = safe.Concat(text, safe.Lit(" since "), safe.Line(page.First.Time().Local().Format("2 Jan")), safe.Lit(", oldest first"))
	}
	said := segment{on.dim, safe.Concat(safe.Lit("  "), text)}
	if r.m.Width < 80 {
		said.text = safe.Concat(safe.Lit("  "), plural(len(page.Sessions), "session", "sessions"))
	}
	room := r.m.Width - personLabel - said.text.Width() - 3
	var strip row
	for i, s := range page.Sessions {
		part := sessionStrip(on, s)
		if i > 0 {
			part = append(part, segment{on.text, safe.Lit("  ")})
		}
		if strip.width()+part.width() > room {
			strip = append(row{{on.dim, safe.Lit("… ")}}, strip...)
			break
		}
		strip = append(part, strip...)
	}
	return append(strip, said)
}

// sessionStrip is a session's attempts as glyphs, oldest first.
func sessionStrip(on *palette, s person.Session) (strip row) {
	for i := len(s.Attempts) - 1; i >= 0; i-- {
		state := s.Attempts[i].State
		strip = append(strip, segment{on.state[state], on.glyph[state]})
	}
	return strip
}

// attempt is a line of a session: the first one says its state, too.
func (r personRegion) attempt(on *palette, s person.Session, a person.Attempt, at int, selected bool) row {
	lead, state, id, note := segment{on.text, safe.Spaces(4)}, safe.Text{}, safe.Text{}, safe.Text{}
	if at == 0 {
		cursor := safe.Spaces(2)
		if selected {
			cursor = safe.Lit(" ▸")
			lead = segment{on.accent, cursor.Pad(4)}
		}
		if r.m.Marks.Has(s.ID) {
			lead = segment{on.match, safe.Concat(cursor, safe.Lit("● "))}
		}
		state, id, note = on.stateText[s.State], safe.Line(s.ID).CutFront(personSession-2), safe.Line(s.Note)
	}
	words := safe.Line(a.Words())
	if verb, sending := r.m.Jobs.Sending[s.ID]; at == 0 && sending && s.Refusal(verb) == "" {
		words = sendingWords(r.m, s.ID, verb)
	} else if at == 0 && s.Unreadable != "" {
		words = safe.Concat(safe.Lit("unreadable: "), safe.Line(s.Unreadable))
	}
	if a.Times > 1 {
		words = safe.Concat(words, safe.Lit(", "), safe.Num(a.Times), safe.Lit(" times"))
	}
	what, wide := r.attemptWidth()-2, personState
	if r.m.Width < 80 {
		what, wide = max(10, r.m.Width-4-4-personSession-2-personWhen), 4
		if at == 0 {
			state = on.glyph[s.State]
		}
	}
	line := row{lead, {on.state[s.State], state.Fit(wide)}, {on.dim, id.Fit(personSession)},
		{on.state[a.State], on.glyph[a.State].Fit(2)}, {on.text, words.Fit(what - 1)}, {on.text, space}, {on.dim, when(r.now, a.At, a.Rough).Fit(personWhen)}}
	room := r.m.Width
	if r.m.PersonWide() {
		room -= r.rightWidth() + 2
	}
	if line.width()+note.Width() > room { // the detail has all of it
		brief, _, _ := strings.Cut(s.Note, " with ")
		if note = safe.Line(brief); at > 0 || line.width()+note.Width() > room {
			return line
		}
	}
	return append(line, segment{on.dim, note})
}

// when is how long ago something was, or from a day on its date.
func when(now time.Time, since client.Unix, rough bool) safe.Text {
	at := since.Time()
	text := age(now.Sub(at))
	if now.Sub(at) >= 48*time.Hour {
		text = safe.Line(at.Local().Format("2 Jan"))
		if now.Sub(at) >= 300*24*time.Hour {
			text = safe.Line(at.Local().Format("Jan 06"))
		}
	}
	if rough {
		return safe.Concat(safe.Lit("~"), text)
	}
	return text
}

// can says what a verb's key would do to how many, and why not to the rest, or why the key
// does nothing now.
func (r personRegion) can(id keymap.ID, c person.Can) (key, title segment, does, not safe.Text) {
	action, _ := keymap.Lookup(id)
	look := r.on.accent
	did, rest := c.Words()
	does, not = safe.Line(did), safe.Line(rest)
	if why := r.m.Why(id); why != "" {
		look, does, not = r.on.dim, safe.Text{}, safe.Line(why)
	}
	return segment{look, keyOf(r.m, id).Pad(3)}, segment{r.on.text, safe.Line(action.Title)}, does, not
}

// right is the right column: why so far, what next, what can be done, what is being erased
// and what was done here.
func (r personRegion) right() (rows []row) {
	on, page := r.on, r.page
	if r.m.Person.Known == nil {
		return nil
	}
	add := func(line ...segment) { rows = append(rows, line) }
	wrap := func(label segment, indent int, look style, text safe.Text) {
		for i, line := range text.Wrap(r.rightWidth() - indent) {
			if i > 0 {
				label.text = safe.Text{}
			}
			add(segment{label.style, label.text.Pad(indent)}, segment{look, line})
		}
	}
	if len(page.Why) > 0 {
		add(segment{on.dim, safe.Lit("WHY, SO FAR")})
		for _, cause := range page.Why {
			bar := safe.Lit("▄").Repeat(max(1, cause.Count*10/page.Why[0].Count))
			add(segment{on.dim, bar.Fit(11)}, segment{on.text, safe.Num(cause.Count).Pad(3)}, segment{on.text, safe.Line(cause.Label())})
		}
		add()
	}
	wrap(segment{on.dim, safe.Lit("NEXT")}, 6, on.bold, safe.Line(page.Next.Text))
	if page.Next.More != "" {
		wrap(segment{on.dim, safe.Text{}}, 6, on.dim, safe.Line(page.Next.More))
	}
	add()
	add(segment{on.dim, safe.Lit("CAN DO")})
	for _, c := range []struct {
		id  keymap.ID
		can person.Can
	}{{keymap.Redact, page.Redact}, {keymap.Cancel, page.Cancel}} {
		key, title, does, not := r.can(c.id, c.can)
		label := row{key, title}
		first := append(label, segment{on.text, safe.Spaces(max(1, personRightKey-label.width()))}, segment{on.text, does})
		if does.IsEmpty() {
			first = first[:3]
		} else if !not.IsEmpty() {
			first = append(first, segment{on.dim, safe.Lit(",")})
		}
		if first.width()+1+not.Width() <= r.rightWidth() {
			add(append(first, segment{on.dim, safe.Concat(space, not)})...)
			continue
		}
		add(first...)
		wrap(segment{on.dim, safe.Text{}}, personRightKey, on.dim, not)
	}
	for _, id := range []keymap.ID{keymap.Link, keymap.New} {
		key, title, _, why := r.can(id, person.Can{})
		line := row{key, title}
		line = append(line, segment{on.text, safe.Spaces(max(1, personRightKey-line.width()))})
		switch hit, ok := r.m.List.Current(); {
		case r.m.Why(id) != "":
			line = append(line, segment{on.dim, why})
		case id == keymap.Link && ok:
			line = append(line, segment{on.dim, safe.Concat(safe.Lit("for "), safe.Line(hit.ID).CutFront(personSession-2))})
		}
		add(line...)
	}
	if len(page.Erasing) > 0 {
		add()
		add(segment{on.dim, safe.Lit("BEING ERASED")})
		for _, e := range page.Erasing {
			name := row{{on.state[client.StateRedacting], on.glyph[client.StateRedacting].Pad(2)}, {on.dim, safe.Line(e.Session).CutFront(personSession - 2).Fit(personRightKey - 2)}}
			switch left := e.Due.Sub(r.now); {
			case e.Due.IsZero():
				add(append(name, segment{on.dim, safe.Lit("not by a job here")})...)
			case left < 0:
				add(append(name, segment{on.danger, safe.Concat(safe.Lit("overdue by "), age(-left))})...)
			default:
				add(append(name, segment{on.text, safe.Concat(safe.Lit("due "), safe.Line(e.Due.Local().Format("2 Jan 15:04")))}, segment{on.dim, safe.Concat(safe.Lit(", in "), hours(left))})...)
			}
			if e.Reason != "" {
				add(segment{on.dim, safe.Concat(safe.Spaces(personRightKey), safe.Line(e.Reason))})
			}
		}
	}
	if len(page.Done) > 0 {
		add()
		add(segment{on.dim, safe.Lit("DONE HERE")})
		for _, d := range page.Done {
			add(r.deed(d)...)
		}
	}
	return rows
}

// deed is something done here: when, by whom, what, to which.
func (r personRegion) deed(d person.Deed) row {
	on := r.on
	return row{{on.text, r.ago(d.At).Fit(9)}, {on.text, safe.Line(d.Who).Fit(7)}, {on.text, safe.Line(d.Words()).Fit(19)}, {on.dim, safe.Line(d.Session).CutFront(personSession - 2)}}
}

func (r personRegion) ago(at time.Time) safe.Text {
	if passed := r.m.Now.Sub(at); passed < 48*time.Hour {
		return safe.Concat(age(passed), safe.Lit(" ago"))
	}
	return safe.Line(at.Local().Format("2 Jan"))
}

// next is the advice below the sessions: in one line, or as whole sentences below each
// other.
func (r personRegion) next() (rows []dialogRow) {
	on, label := r.on, r.label(safe.Lit("NEXT"))
	text, more := safe.Line(r.page.Next.Text), safe.Line(r.page.Next.More)
	room := r.m.Width - personLabel
	if text.Width()+1+more.Width() <= room {
		return []dialogRow{{row: row{label, {on.text, text}, {on.dim, safe.Concat(space, more)}}}}
	}
	add := func(look style, text safe.Text) {
		for _, line := range text.Wrap(room) {
			rows = append(rows, dialogRow{row: row{label, {look, line}}})
			label = r.label(safe.Text{})
		}
	}
	add(on.text, text)
	if !more.IsEmpty() {
		add(on.dim, more)
	}
	return rows
}

// below is what stands below the sessions where there is one column.
func (r personRegion) below() (rows []dialogRow) {
	lines := r.m.PersonBelow()
	if lines == 0 || r.m.Person.Known == nil {
		return nil
	}
	on, page := r.on, r.page
	rows = append(rows, dialogRow{})
	rows = append(rows, r.next()...)
	for _, c := range []struct {
		id  keymap.ID
		can person.Can
	}{{keymap.Redact, page.Redact}, {keymap.Cancel, page.Cancel}} {
		key, title, does, not := r.can(c.id, c.can)
		line := row{{on.text, space}, key, {title.style, title.text.Fit(personLabel - 2)}}
		if !does.IsEmpty() {
			line = append(line, segment{on.text, does})
			if !not.IsEmpty() {
				line = append(line, segment{on.dim, safe.Lit(", ")})
			}
		}
		rows = append(rows, dialogRow{row: append(line, segment{on.dim, not})})
	}
	if len(page.Done) == 0 {
		return rows
	}
	if r.m.Person.Unfolded {
		for i, d := range page.Done[:min(len(page.Done), lines-len(rows))] {
			name := safe.Text{}
			if i == 0 {
				name = safe.Lit("DONE")
			}
			rows = append(rows, dialogRow{row: append(row{r.label(name)}, r.deed(d)...)})
		}
		return rows
	}
	d := page.Done[0]
	line := row{r.label(safe.Lit("DONE")), {on.text, safe.Concat(safe.Line(d.Who), space, safe.Line(d.Words()))}, {on.dim, safe.Concat(space, r.ago(d.At))}}
	if more := len(page.Done) - 1; more > 0 {
		line = append(line, segment{on.accent, safe.Concat(safe.Lit("   "), keyOf(r.m, keymap.Fold))}, segment{on.dim, safe.Concat(space, safe.Num(more), safe.Lit(" more"))})
	}
	return append(rows, dialogRow{row: line})
}
