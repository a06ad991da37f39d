package ui

import (
	"strings"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// Widths of the list's columns, in cells. The gutter has the cursor and the
// mark of a fresh change; user_id and reason share the rest.
const (
	gutter       = 3
	stateWidth   = 12
	triesWidth   = 5
	ageWidth     = 4
	typeWidth    = 11
	sessionWidth = 7
	docWidth     = 8
	countryWidth = 7
	attemptWidth = 8
	longestUser  = 40
	longestWhy   = 48
	columnGap    = 2
)

// Below wordWidth a list of one state shows its glyph and not its word.
const wordWidth = 84

// columns are the widths of the columns; 0 is left out.
type columns struct {
	state, user, reason, tries, since, age, kind, session int
	doc, country, attempts                                int // of reports
}

// arrow is the extra width of a sorted column of numbers: its values are aligned
// below its name.
var arrow = safe.Lit(" ▾").Width()

// sinceHeads say, for each tab, when the sessions came to its state.
var sinceHeads = [len(model.Tabs)]safe.Text{
	{}, safe.Lit("FAILED"), safe.Lit("WAITING"), safe.Lit("SUBMITTED"), safe.Lit("VERIFIED"), safe.Lit("CANCELED"), safe.Lit("REDACTED"),
}

// sinceHead says when the listed sessions came to their state.
func sinceHead(m *model.Model) safe.Text {
	if m.List.Saved == "" {
		return sinceHeads[m.List.Tab]
	}
	for i, tab := range model.Tabs {
		for state := range client.State(client.StateCount) {
			if tab.States == mirror.StatesOf(state) && m.Search.Query.Has("state", state.String()) {
				return sinceHeads[i]
			}
		}
	}
	return safe.Lit("SINCE")
}

// columnsFor divides a width among the columns. The least useful columns are
// dropped first. Of since and age the sorted one stays; without a head there is no
// since. Without report facts their columns are left out.
func columnsFor(width int, sorted mirror.Column, since safe.Text, oneState, facts bool) columns {
	c := columns{state: stateWidth}
	if oneState && width < wordWidth {
		c.state = glyphs[0].Width()
	}
	wide := func(size int, by mirror.Column) int {
		if by == sorted {
			return size + arrow
		}
		return size
	}
	second, secondSize := &c.age, 0
	if since.IsEmpty() {
		c.age = wide(ageWidth, mirror.ByAge)
	} else {
		first, firstSize := &c.since, wide(since.Width(), mirror.BySince)
		secondSize = wide(createdHead.Width(), mirror.ByAge)
		if sorted == mirror.ByAge {
			first, firstSize, second, secondSize = second, secondSize, first, firstSize
		}
		*first = firstSize
	}
	left := width - gutter - c.state - columnGap - c.age - c.since - 1
	take := func(column *int, size, least int) {
		if *column == 0 && left-size-columnGap >= least {
			*column = size
			left -= size + columnGap
		}
	}
	switch sorted { // the sorted column is never left out
	case mirror.ByDoc:
		take(&c.doc, docWidth+arrow, 36)
	case mirror.ByCountry:
		take(&c.country, countryWidth+arrow, 36)
	case mirror.ByAttempts:
		take(&c.attempts, attemptWidth+arrow, 36)
	}
	take(&c.tries, wide(triesWidth, mirror.ByTries), 44)
	if secondSize > 0 && c.state == stateWidth { // the state's word is dropped next
		take(second, secondSize, 41)
	}
	if document := docWidth + columnGap + countryWidth; facts && left-document-columnGap >= 50 { // both or none
		take(&c.doc, wide(docWidth, mirror.ByDoc), 0)
		take(&c.country, wide(countryWidth, mirror.ByCountry), 0)
	}
	if c.state == stateWidth {
		take(&c.session, sessionWidth, 46)
	}
	if facts {
		take(&c.attempts, wide(attemptWidth, mirror.ByAttempts), 50)
	}
	take(&c.kind, typeWidth, 54)
	c.user = left - columnGap
	if left >= 36 {
		c.user = min(longestUser, (left-columnGap)*45/100)
		c.reason = min(longestWhy, left-c.user-2*columnGap)
	}
	return c
}

var createdHead = safe.Lit("CREATED")

// listRegion draws the list; only visible rows are touched.
type listRegion struct {
	m       *model.Model
	order   mirror.Order
	columns columns
	width   int
	end     int // the screen's column after the region
	now     time.Time
}

func newListRegion(m *model.Model, layout model.Layout) *listRegion {
	order, width := m.Order(), layout.List.Width
	return &listRegion{m, order, columnsFor(width, order.Column, sinceHead(m), m.OneState(), m.Sync.Reports.Kept != mirror.KeptOff), width, layout.List.X + width, m.ServerNow()}
}

// draw draws line y of the region: the count of newer rows, the column heads, or a
// row.
func (l *listRegion) draw(p *painter, y int) {
	start := p.column
	on := &p.theme.plain
	y -= l.m.NewsLine()
	if y < 0 {
		p.fill(on.text, start+gutter)
		p.putRow(newerRow(on, l.m, safe.Lit(" above"), safe.Lit(" follow the newest")), on, l.width-gutter)
	} else if y == 0 {
		l.heads(p)
	} else if at, line := l.rowAt(y - 1); line {
		p.fill(on.text, start+gutter)
		p.putRow(l.byReason(on), on, l.width-gutter)
	} else if hit, ok := l.m.List.Row(at); ok {
		if hit.ID == l.m.List.Selected {
			on = &p.theme.selected
		}
		l.row(p, on, hit)
	} else if y == 2 && l.m.List.Page.Total == 0 {
		p.put(on.dim, on, l.emptiness().Cut(l.width))
	}
	p.fill(on.text, start+l.width)
}

// rowAt returns the index of the row on a line below the heads, or tells that the line is
// that over the rows that are there for their reason.
func (l *listRegion) rowAt(line int) (index int, isLine bool) {
	page := l.m.List.Page
	index = l.m.List.Top + line
	over := page.Found() - l.m.List.Top
	if page.ByReason == 0 || over < 0 || line < over {
		return index, false
	}
	return index - 1, line == over
}

// byReason is the line over the rows that are there for their reason.
func (l *listRegion) byReason(on *palette) row {
	page := l.m.List.Page
	more := safe.Lit(" more for their reason: ")
	if page.Found() == 0 {
		more = safe.Lit(" for their reason: ")
	}
	action, _ := keymap.Lookup(keymap.MarkAll)
	return row{{on.dim, safe.Concat(safe.Num(page.ByReason), more)}, {on.accent, safe.Line(action.Keys[0])}, {on.dim, safe.Lit(" leaves them out")}}
}

// emptiness says why no row is shown.
func (l *listRegion) emptiness() safe.Text {
	m := l.m
	claim, searched := m.Claim(), !m.Search.Query.Empty()
	switch {
	case m.List.Page.Loading:
		return safe.Lit("   Loading the mirror…")
	case claim.Complete && !m.List.Loaded:
		return safe.Lit("   Reading the newest sessions…")
	case claim.Complete && searched:
		return safe.Lit("   No session matches. esc clears the search, 1 shows all states.")
	case claim.Complete && m.List.Page.Counts.All == 0 && m.Sync.Lost > 0:
		return safe.Concat(safe.Lit("   What this account has can't be read: "), plural(m.Sync.Lost, "session", "sessions"), safe.Lit(" without an id."))
	case claim.Complete && m.List.Page.Counts.All == 0:
		return safe.Lit("   This account has no verification sessions yet.")
	case claim.Complete:
		return safe.Lit("   No session is in this state now.")
	case m.List.Page.Counts.All == 0 && claim.Cause != nil:
		return safe.Lit("   Nothing could be read yet; ! has the details.")
	case m.List.Page.Counts.All == 0:
		return safe.Lit("   Reading the newest sessions…")
	case searched:
		return safe.Lit("   No session matches so far: older ones are still to be read.")
	}
	return safe.Lit("   No session in this state is known yet: older ones are still to be read.")
}

// newerRow says how many rows came above the shown ones, and how to see them. It is
// empty when none did.
func newerRow(on *palette, m *model.Model, above, follow safe.Text) row {
	n := m.NewerAbove()
	if n == 0 {
		return nil
	}
	action, _ := keymap.Lookup(keymap.Follow)
	return row{{on.processing, safe.Concat(safe.Lit("↑ "), safe.Num(n), safe.Lit(" newer"))}, {on.dim, above},
		{on.accent, safe.Concat(safe.Lit("  "), safe.Line(action.Keys[0]))}, {on.dim, follow}}
}

// heads draws the names of the columns; the sorted one has the colour of text and
// an arrow.
func (l *listRegion) heads(p *painter) {
	on, c := &p.theme.plain, l.columns
	sign := safe.Lit(" ▾")
	if l.order.Reverse {
		sign = safe.Lit(" ▴")
	}
	head := func(draw func(p *painter, on *palette, s style, t safe.Text, width int), name safe.Text, by mirror.Column, width int) {
		if by == l.order.Column {
			draw(p, on, on.text, safe.Concat(name, sign), width)
			return
		}
		draw(p, on, on.dim, name, width)
	}
	name, by := safe.Lit("USER ID"), mirror.ByUser
	if l.order.Column == mirror.ByBest {
		name, by = safe.Lit("USER ID best match"), mirror.ByBest
	}
	p.fill(on.dim, p.column+gutter)
	if c.state == stateWidth {
		head(l.cell, safe.Lit("STATE"), mirror.ByState, c.state)
	} else {
		p.fill(on.dim, p.column+c.state+columnGap)
	}
	head(l.cell, name, by, c.user)
	head(l.cell, safe.Lit("REASON"), mirror.ByReason, c.reason)
	head(l.cell, safe.Lit("DOC"), mirror.ByDoc, c.doc)
	head(l.cell, safe.Lit("COUNTRY"), mirror.ByCountry, c.country)
	head(l.number, safe.Lit("TRIES"), mirror.ByTries, c.tries)
	head(l.number, safe.Lit("ATTEMPTS"), mirror.ByAttempts, c.attempts)
	if c.since > 0 {
		head(l.number, sinceHead(l.m), mirror.BySince, c.since)
		head(l.number, createdHead, mirror.ByAge, c.age)
	} else {
		head(l.number, l.ageHead(), mirror.ByAge, c.age)
	}
	l.cell(p, on, on.dim, safe.Lit("TYPE"), c.kind)
	l.cell(p, on, on.dim, safe.Lit("SESSION"), c.session)
}

// ageHead names the time since a session was created.
func (l *listRegion) ageHead() safe.Text {
	if sinceHead(l.m).IsEmpty() {
		return safe.Lit("AGE")
	}
	return createdHead
}

func (l *listRegion) row(p *painter, on *palette, hit mirror.Hit) {
	c := l.columns
	start := p.column
	if hit.ID == l.m.List.Selected {
		p.put(on.accent, on, safe.Lit("▸"))
	}
	p.fill(on.accent, start+1)
	l.fresh(p, on, hit.Row)
	p.fill(on.accent, start+gutter)
	state := stateTexts[hit.State]
	if c.state < stateWidth {
		state = glyphs[hit.State]
	}
	l.cell(p, on, on.state[hit.State], state, c.state)
	l.user(p, on, hit)
	reason, look := reasonOf(on, l.m, hit.Row)
	l.cell(p, on, look, reason, c.reason)
	l.cell(p, on, on.dim, docOf(hit.Doc), c.doc)
	l.cell(p, on, on.dim, safe.Line(hit.Country), c.country)
	l.value(p, on, some(hit.Tries), mirror.ByTries, c.tries)
	l.value(p, on, some(hit.Attempts), mirror.ByAttempts, c.attempts)
	if c.since > 0 {
		l.value(p, on, sinceOf(hit.Row, l.now), mirror.BySince, c.since)
	}
	l.value(p, on, age(l.now.Sub(hit.Created.Time())), mirror.ByAge, c.age)
	kind := hit.Type
	if kind == "verification_flow" { // longer than any other by far
		kind = "flow"
	}
	l.cell(p, on, on.dim, safe.Line(kind), c.kind)
	l.session(p, on, hit)
}

// some is a number, and nothing for none.
func some(n int) safe.Text {
	if n == 0 {
		return safe.Text{}
	}
	return safe.Num(n)
}

// docOf names the type of a document in the list.
func docOf(doc string) safe.Text {
	if doc == "driving_license" { // longer than the others
		return safe.Lit("license")
	}
	return safe.Line(strings.ReplaceAll(doc, "_", " "))
}

// session draws the end of a session's id, which tells sessions apart. It cuts the
// usual id without making a new text.
func (l *listRegion) session(p *painter, on *palette, hit mirror.Hit) {
	width := l.columns.session
	id := safe.LineMatched(hit.ID, hit.Marks.SessionID)
	switch {
	case width == 0 || id.Width() <= width:
		l.cell(p, on, on.dim, id, width)
	case id.Uniform() && id.Width() == len(hit.ID):
		p.put(on.dim, on, safe.Lit("…"))
		l.cell(p, on, on.dim, safe.Line(hit.ID[len(hit.ID)-width+1:]), width-1)
	default:
		l.cell(p, on, on.dim, id.CutFront(width), width)
	}
}

// fresh draws the mark of a row that came or changed a moment ago.
func (l *listRegion) fresh(p *painter, on *palette, r mirror.Row) {
	since, fresh := l.m.Fresh(r)
	switch {
	case l.m.Marks.Has(r.ID):
		p.put(on.match, on, safe.Lit("●"))
	case !fresh:
	case since < model.FreshFor:
		p.put(on.processing, on, safe.Lit("▪"))
	default:
		p.put(on.dim, on, safe.Lit("▪"))
	}
}

// user draws the user_id; without one, the reference, which the operator may know.
func (l *listRegion) user(p *painter, on *palette, hit mirror.Hit) {
	width := l.columns.user
	switch {
	case hit.UserID != "":
		id := safe.LineMatched(hit.UserID, hit.Marks.UserID)
		if l.m.List.View.Alike { // the differences are shown
			id = safe.UserIDQuoted(hit.UserID).CutMiddle(width)
		}
		if badge := id.Badge(); !badge.IsEmpty() && width > 10 {
			id = safe.Concat(badge, space, id)
		}
		l.cell(p, on, on.text, id, width)
	case hit.Reference != "":
		l.cell(p, on, on.dim, safe.Concat(safe.Lit("ref "), safe.LineMatched(hit.Reference, hit.Marks.Reference)), width)
	default:
		l.cell(p, on, on.dim, safe.Text{}, width)
	}
}

// cell draws a text at the left of its column, number at the right.
func (l *listRegion) cell(p *painter, on *palette, s style, t safe.Text, width int) {
	if width == 0 {
		return
	}
	end := p.column + width
	if t.Width() > width {
		t = t.Cut(width)
	}
	p.put(s, on, t)
	p.fill(on.text, min(end+columnGap, l.end))
}

func (l *listRegion) number(p *painter, on *palette, s style, t safe.Text, width int) {
	if width == 0 {
		return
	}
	end := p.column + width
	p.fill(on.text, end-min(t.Width(), width))
	p.put(s, on, t.Cut(width))
	p.fill(on.text, min(end+columnGap, l.end))
}

// value draws a number below the name of its column.
func (l *listRegion) value(p *painter, on *palette, t safe.Text, by mirror.Column, width int) {
	if by == l.order.Column && width > arrow {
		width -= arrow
		defer func() { p.fill(on.text, min(p.column+arrow, l.end)) }()
	}
	l.number(p, on, on.dim, t, width)
}

// sinceOf is how long a session has been in its state, with ~ if no event told it.
func sinceOf(r mirror.Row, now time.Time) safe.Text {
	lasting := age(now.Sub(r.Since))
	if r.Rough {
		return safe.Concat(safe.Lit("~"), lasting)
	}
	return lasting
}

// sendingWords say that a request for a session is being sent, or will be.
func sendingWords(m *model.Model, id string, verb client.Verb) safe.Text {
	if m.Waits(id) {
		return safe.Concat(safe.Line(verb.String()), safe.Lit(" not sent yet"))
	}
	return safe.Concat(safe.Lit("sending "), safe.Line(verb.String()), safe.Lit("…"))
}

// reasonOf gives, in a few words, the reason of a row's state. A session that its
// job has reached, or can't act on yet, is not shown as being sent, although the job
// goes on.
func reasonOf(on *palette, m *model.Model, r mirror.Row) (safe.Text, style) {
	if verb, sending := m.Jobs.Sending[r.ID]; sending && r.Refusal(verb) == "" {
		return sendingWords(m, r.ID, verb), on.processing
	}
	if r.Unreadable != "" {
		return safe.Concat(safe.Lit("unreadable: "), safe.Line(r.Unreadable)), on.danger
	}
	switch r.State {
	case client.StateFailed:
		return safe.Line(client.ReasonOf(r.ErrorCode).Label), on.text
	case client.StateWaiting:
		return safe.Lit("not submitted yet"), on.dim
	case client.StateProcessing:
		if stuck(m, r) {
			return safe.Concat(safe.Lit("stuck for "), age(m.ServerNow().Sub(r.Since))), on.processing
		}
	case client.StateRedacting:
		return safe.Lit("erasing at Stripe"), on.dim
	case client.StateRedacted:
		return safe.Lit("erased"), on.dim
	case client.StateUnknown:
		return safe.Concat(safe.Lit("status "), safe.Line(string(r.Status))), on.dim
	}
	return safe.Text{}, on.text
}

// stuck tells whether a session has been processing for too long. The start of
// processing must be known: created is not the time of submission.
func stuck(m *model.Model, r mirror.Row) bool {
	return r.State == client.StateProcessing && !r.Since.IsZero() && m.ServerNow().Sub(r.Since) >= client.StuckAfter
}
