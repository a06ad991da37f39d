package ui

import (
	"slices"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// Widths of the list's columns, in cells. The gutter has the cursor and the mark of a
// fresh change; user_id and reason share the rest.
const (
	gutter      = 3
	stateWidth  = 12
	longestUser = 40
	longestWhy  = 48
	columnGap   = 2
)

// columnWidths are those of the columns that are as wide on each screen. The time in a
// state is as wide as its head.
var columnWidths = [model.ColumnCount]int{
	model.DocColumn: 8, model.CountryColumn: 7, model.TriesColumn: 5, model.AttemptsColumn: 8,
	model.CreatedColumn: 7, model.TypeColumn: 11, model.SessionColumn: 7,
}

// columnHeads name the columns.
var columnHeads = [model.ColumnCount]safe.Text{
	model.StateColumn: safe.Lit("STATE"), model.UserColumn: safe.Lit("USER ID"), model.ReasonColumn: safe.Lit("REASON"),
	model.DocColumn: safe.Lit("DOC"), model.CountryColumn: safe.Lit("COUNTRY"), model.TriesColumn: safe.Lit("TRIES"), model.AttemptsColumn: safe.Lit("ATTEMPTS"),
	model.SinceColumn: safe.Lit("SINCE"), model.CreatedColumn: safe.Lit("CREATED"), model.TypeColumn: safe.Lit("TYPE"), model.SessionColumn: safe.Lit("SESSION"),
}

// ageHead names the time since a session was created where no other time stands beside it.
var ageHead = safe.Lit("AGE")

// ageWidth is the width of a time below ageHead.
const ageWidth = 4

// Below wordWidth a list of one state shows its glyph and not its word.
const wordWidth = 84

// The least room of user_id and reason, beside columns that were chosen, and of the
// user_id alone there. Columns that nobody chose leave them more, the least useful most.
const (
	leastBoth   = 36
	leastChosen = 44
	leastUser   = 24
)

// columns are the columns of a list and their widths; 0 is left out.
type columns struct {
	order    []model.Column
	widths   []int       // of all columns
	heads    []safe.Text // of the columns of metadata: their keys
	metadata []int       // the widths that those columns need
	since    safe.Text   // the head of the time in a state
	sorted   mirror.Column
	facts    bool // there are facts of reports
	chosen   bool // by the operator
}

// arrow is the extra width of a sorted column of numbers: its values are aligned
// below its name.
const arrow = len(" v")

// sinceHeads say, for each tab, when the sessions came to its state.
var sinceHeads = [len(model.Tabs)]safe.Text{
	{}, safe.Lit("FAILED"), safe.Lit("WAITING"), safe.Lit("SUBMITTED"), safe.Lit("VERIFIED"), safe.Lit("CANCELED"), safe.Lit("REDACTED"),
}

// sinceHead says when the listed sessions came to their state.
func sinceHead(m *model.Model) safe.Text {
	if tab := m.StateTab(); tab > 0 || m.List.Saved == "" {
		return sinceHeads[tab]
	}
	return columnHeads[model.SinceColumn]
}

// usualColumns are all columns in their usual order.
var usualColumns = func() (all []model.Column) {
	for c := range model.ColumnCount {
		all = append(all, c)
	}
	return all
}()

// columnsFor divides a width among the columns. Those that do not fit are left out, the
// least useful first.
func columnsFor(m *model.Model, width int) columns {
	c := columns{
		widths: make([]int, len(m.AllColumns())),
		order:  m.ChosenColumns(), since: sinceHead(m), sorted: m.Order().Column, facts: m.Sync.Reports.Kept != mirror.KeptOff,
	}
	if c.chosen = c.order != nil; !c.chosen {
		c.order = usualColumns
	}
	c.addMetadata(m)
	left := width - gutter - 1 + columnGap
	take := func(column model.Column, least int) {
		size := c.size(column)
		if c.chosen {
			least = min(least, c.least())
		}
		if c.widths[column] == 0 && c.has(column) && left-size-columnGap >= least {
			c.widths[column] = size
			left -= size + columnGap
		}
	}
	word := !m.OneState() || width >= wordWidth
	if c.has(model.StateColumn) {
		if c.widths[model.StateColumn] = stateWidth; !word {
			c.widths[model.StateColumn] = 1 // the glyph
		}
		left -= c.widths[model.StateColumn] + columnGap
	}
	time, other := model.SinceColumn, model.CreatedColumn // of the two times the sorted one is never left out
	if c.sorted == mirror.ByAge || !c.has(time) {
		time, other = other, time
	}
	take(time, 0)
	for column := model.DocColumn; column < model.ColumnCount; column++ { // nor is any other sorted column, when there is room at all
		if c.sorts(column) {
			take(column, leastBoth)
		}
	}
	take(model.TriesColumn, 44)
	if word || c.chosen {
		take(other, 43) // beside it usual reasons stand whole
	}
	if document := columnWidths[model.DocColumn] + columnGap + columnWidths[model.CountryColumn]; c.chosen || left-document-columnGap >= 50 { // both or none
		take(model.DocColumn, 50)
		take(model.CountryColumn, 50)
	}
	if word || c.chosen {
		take(model.SessionColumn, 46)
	}
	take(model.AttemptsColumn, 50)
	take(model.TypeColumn, 54)
	for i := range c.heads {
		take(model.ColumnCount+model.Column(i), leastBoth)
	}
	widest := widestUser(m)
	user := min(left-columnGap, max(longestUser, widest))
	if left >= leastBoth && c.has(model.ReasonColumn) {
		user = min(longestUser, (left-columnGap)*45/100)
		why := min(longestWhy, left-user-2*columnGap)
		if widest > user { // it gets the room that the reasons do not need
			head, _ := c.head(model.ReasonColumn, false)
			why = min(why, max(widestReason(m), head.Width()))
			user = max(user, min(widest, left-why-2*columnGap))
		}
		c.widths[model.ReasonColumn] = why
	}
	c.widths[model.UserColumn] = user
	return c
}

// The least and the greatest width of a column of metadata.
const (
	leastMetadata   = 8
	longestMetadata = 28
)

// addMetadata gives the columns of metadata their heads, and room for the values of the loaded
// rows.
func (c *columns) addMetadata(m *model.Model) {
	c.heads = make([]safe.Text, len(c.widths)-int(model.ColumnCount))
	c.metadata = make([]int, len(c.heads))
	for _, column := range c.order {
		key, ok := m.MetadataKey(column)
		if !ok {
			continue
		}
		i := column - model.ColumnCount
		c.heads[i] = safe.Line(key)
		c.metadata[i] = max(leastMetadata, c.heads[i].Width())
		for _, hit := range m.List.Page.Rows {
			if int(i) < len(hit.Metadata) {
				c.metadata[i] = max(c.metadata[i], listedWidth(m, hit.Metadata[i], leastMetadata))
			}
		}
		c.metadata[i] = min(c.metadata[i], longestMetadata)
	}
}

// widestUser is the width of the widest user_id of the loaded rows, or of a reference in its place.
func widestUser(m *model.Model) (widest int) {
	for _, hit := range m.List.Page.Rows {
		id, lead := hit.UserID, 0
		if id == "" && hit.Reference != "" {
			id, lead = hit.Reference, refLead.Width()
		}
		widest = max(widest, lead+listedWidth(m, id, widest-lead))
	}
	return widest
}

// refLead stands before a reference in place of a user_id.
var refLead = safe.Lit("ref ")

// listedWidth is the width of a user_id in a list, or of its mask. A user_id that is not wider
// than the least needs no mask to be looked for.
func listedWidth(m *model.Model, userID string, least int) int {
	width := textWidth(userID)
	if width > least && m.HidesListed(userID) {
		return masked().Width()
	}
	return width
}

// textWidth is the width of a text with its badge; of the usual text it makes no other one.
func textWidth(text string) int {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return safe.Line(text).Badged().Width()
		}
	}
	return len(text)
}

// widestReason is the width that the loaded rows need for their reasons.
func widestReason(m *model.Model) (widest int) {
	for _, hit := range m.List.Page.Rows {
		reason, _ := reasonOf(&palette{}, m, hit.Row)
		widest = max(widest, reason.Width())
	}
	return widest
}

// least is the least room of user_id and reason beside columns that were chosen.
func (c *columns) least() int {
	if c.has(model.ReasonColumn) {
		return leastChosen
	}
	return leastUser
}

// has tells whether a column is wanted and has something to show.
func (c *columns) has(column model.Column) bool {
	switch column {
	case model.SinceColumn:
		if c.since.IsEmpty() {
			return false
		}
	case model.DocColumn, model.CountryColumn, model.AttemptsColumn:
		if !c.facts {
			return false
		}
	}
	return slices.Contains(c.order, column)
}

// sorts tells whether the list is sorted by a column.
func (c *columns) sorts(column model.Column) bool {
	by, ok := column.Sorts()
	return ok && by == c.sorted
}

// size is the width of a column, with the arrow of a sorted one.
func (c *columns) size(column model.Column) int {
	if column >= model.ColumnCount {
		return c.metadata[column-model.ColumnCount]
	}
	size := columnWidths[column]
	switch {
	case column == model.SinceColumn:
		size = c.since.Width()
	case column == model.CreatedColumn && !c.has(model.SinceColumn):
		size = ageWidth
	}
	if c.sorts(column) {
		size += arrow
	}
	return size
}

// head is the name of a column; the one that the list is sorted by has an arrow.
func (c *columns) head(column model.Column, reverse bool) (name safe.Text, sorted bool) {
	if column >= model.ColumnCount {
		return c.heads[column-model.ColumnCount], false
	}
	name, sorted = columnHeads[column], c.sorts(column)
	switch {
	case column == model.StateColumn && c.widths[column] < stateWidth:
		return safe.Text{}, false
	case column == model.SinceColumn:
		name = c.since
	case column == model.CreatedColumn && !c.has(model.SinceColumn):
		name = ageHead
	case column == model.UserColumn && c.sorted == mirror.ByBest:
		if name, sorted = safe.Lit("USER ID best match"), true; c.widths[column] < name.Width()+arrow {
			name = safe.Lit("USER ID best")
		}
	}
	switch {
	case sorted && reverse:
		name = safe.Concat(name, safe.Lit(" ▴"))
	case sorted:
		name = safe.Concat(name, safe.Lit(" ▾"))
	}
	return name, sorted
}

// numeric tells whether the values of a column stand at its right.
func numeric(column model.Column) bool {
	switch column {
	case model.TriesColumn, model.AttemptsColumn, model.SinceColumn, model.CreatedColumn:
		return true
	}
	return false
}

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
	width := layout.List.Width
	return &listRegion{m, m.Order(), columnsFor(m, width), width, layout.List.X + width, m.ServerNow()}
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
	} else if at, over, isOver := l.rowAt(y - 1); isOver {
		p.fill(on.text, start+gutter)
		p.putRow(l.overPart(on, over), on, l.width-gutter)
	} else if hit, ok := l.m.List.Row(at); ok {
		if hit.ID == l.m.List.Selected {
			on = &p.theme.selected
		}
		p.spot(l.width, model.Spot{Kind: model.RowSpot, ID: hit.ID})
		l.row(p, on, hit)
	} else if y >= 2 && l.m.List.Page.Total == 0 {
		if lines := keyed(l.m, l.m.Emptiness()).Wrap(l.width - gutter); y-2 < len(lines) {
			p.fill(on.text, start+gutter)
			p.put(on.dim, on, lines[y-2])
		}
	}
	p.fill(on.text, start+l.width)
}

// part is the last rows of a list, which have a line over them.
type part struct {
	over  int // the index of the first of them
	count int
	why   safe.Text // these rows are there
	short safe.Text // the same on a narrow screen
}

// parts are the parts of the list, from the top down.
func (l *listRegion) parts() [2]part {
	page := l.m.List.Page
	return [...]part{
		{page.Found() - page.Apart, page.Apart, safe.Lit(" where the letters stand apart: "), safe.Lit(", apart: ")},
		{page.Found(), page.ByReason, safe.Lit(" for their reason: "), safe.Lit(", by reason: ")},
	}
}

// rowAt returns the index of the row on a line below the heads, or the part that the line is
// over.
func (l *listRegion) rowAt(line int) (index int, over part, isOver bool) {
	index = l.m.List.Top + line
	for _, part := range l.parts() {
		switch {
		case part.count == 0 || part.over < l.m.List.Top || part.over > index:
		case part.over == index:
			return index, part, true
		default: // the part's line is above
			index--
		}
	}
	return index, part{}, false
}

// overPart is the line over a part: * leaves its rows out at first.
func (l *listRegion) overPart(on *palette, over part) row {
	more, takes := safe.Lit(" more"), safe.Lit(" leaves them out")
	if over.over == 0 {
		more = safe.Text{}
	}
	if over.over < l.m.List.Page.Found() && l.m.MarksApart() {
		takes = safe.Lit(" marks them too")
	}
	count, key := safe.Concat(safe.Num(over.count), more), row{{on.accent, keyOf(l.m, keymap.MarkAll)}, {on.dim, takes}}
	whole := append(row{{on.dim, safe.Concat(count, over.why)}}, key...)
	short := append(row{{on.dim, safe.Concat(count, over.short)}}, key...)
	return firstFit(l.width-gutter, whole, short, short[:2])
}

// newerRow says how many rows came above the shown ones, and how to see them. It is
// empty when none did.
func newerRow(on *palette, m *model.Model, above, follow safe.Text) row {
	n := m.NewerAbove()
	if n == 0 {
		return nil
	}
	return row{{on.processing, safe.Concat(safe.Lit("↑ "), safe.Num(n), safe.Lit(" newer"))}, {on.dim, above},
		{on.accent, safe.Concat(safe.Lit("  "), keyOf(m, keymap.Follow))}, {on.dim, follow}}
}

// heads draws the names of the columns; the sorted one has the colour of text.
func (l *listRegion) heads(p *painter) {
	on := &p.theme.plain
	p.fill(on.dim, p.column+gutter)
	for _, column := range l.columns.order {
		look := on.dim
		name, sorted := l.columns.head(column, l.order.Reverse)
		if sorted {
			look = on.text
		}
		draw := l.cell
		if numeric(column) {
			draw = l.number
		}
		if width := l.columns.widths[column]; width > 0 {
			p.spot(width, model.Spot{Kind: model.HeadSpot, At: int(column)})
		}
		draw(p, on, look, name, l.columns.widths[column])
	}
}

func (l *listRegion) row(p *painter, on *palette, hit mirror.Hit) {
	start := p.column
	if hit.ID == l.m.List.Selected {
		p.put(on.state[hit.State], on, safe.Lit("▸")) // not a colour of its own, which each move would send
	}
	p.fill(on.accent, start+1)
	l.fresh(p, on, hit.Row)
	p.fill(on.accent, start+gutter)
	for _, column := range l.columns.order {
		if l.columns.widths[column] > 0 {
			l.field(p, on, hit, column)
		}
	}
}

// field draws what a row has in a column.
func (l *listRegion) field(p *painter, on *palette, hit mirror.Hit, column model.Column) {
	width := l.columns.widths[column]
	switch column {
	case model.StateColumn:
		state := on.stateText[hit.State]
		if width < stateWidth {
			state = on.glyph[hit.State]
		}
		l.cell(p, on, on.state[hit.State], state, width)
	case model.UserColumn:
		l.user(p, on, hit, width)
	case model.ReasonColumn:
		reason, look := reasonOf(on, l.m, hit.Row)
		l.cell(p, on, look, reason, width)
	case model.DocColumn:
		l.cell(p, on, on.dim, docOf(hit.Doc), width)
	case model.CountryColumn:
		l.cell(p, on, on.dim, safe.Line(hit.Country), width)
	case model.TriesColumn:
		l.value(p, on, some(hit.Tries), column)
	case model.AttemptsColumn:
		l.value(p, on, some(hit.Attempts), column)
	case model.SinceColumn:
		l.value(p, on, sinceOf(hit.Row, l.now), column)
	case model.CreatedColumn:
		l.value(p, on, age(l.now.Sub(hit.Created.Time())), column)
	case model.TypeColumn:
		kind := hit.Type
		if kind == "verification_flow" { // longer than any other by far
			kind = "flow"
		}
		l.cell(p, on, on.dim, safe.Line(kind), width)
	case model.SessionColumn:
		l.session(p, on, hit, width)
	default:
		value := ""
		if i := int(column - model.ColumnCount); i < len(hit.Metadata) {
			value = hit.Metadata[i]
		}
		l.cell(p, on, on.dim, listed(l.m, value, safe.Line(value).Badged()), width)
	}
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
func (l *listRegion) session(p *painter, on *palette, hit mirror.Hit, width int) {
	id := safe.LineMatched(hit.ID, hit.Marks.SessionID)
	switch {
	case id.Width() <= width:
		l.cell(p, on, on.dim, id, width)
	case id.Uniform() && id.Width() == len(hit.ID):
		cut := safe.Lit("…")
		p.put(on.dim, on, cut)
		l.cell(p, on, on.dim, safe.Line(hit.ID[len(hit.ID)-width+cut.Width():]), width-cut.Width())
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
func (l *listRegion) user(p *painter, on *palette, hit mirror.Hit, width int) {
	switch {
	case hit.UserID != "":
		id := safe.LineMatched(hit.UserID, hit.Marks.UserID)
		if l.m.List.View.Alike { // the differences are shown
			id = safe.UserIDQuoted(hit.UserID).CutMiddle(width)
		}
		l.cell(p, on, on.text, listed(l.m, hit.UserID, id.Badged()), width)
	case hit.Reference != "":
		l.cell(p, on, on.dim, safe.Concat(refLead, listed(l.m, hit.Reference, safe.LineMatched(hit.Reference, hit.Marks.Reference).Badged())), width)
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
func (l *listRegion) value(p *painter, on *palette, t safe.Text, column model.Column) {
	width := l.columns.widths[column]
	if l.columns.sorts(column) && width > arrow {
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
		if m.Stuck(r) {
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
