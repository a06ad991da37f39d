package ui

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// labelWidth is how wide the labels of the detail are.
const labelWidth = 10

// detailRegion is the pane of the session under the cursor.
type detailRegion struct {
	m     *model.Model
	theme *theme
	hit   mirror.Hit
	ok    bool
	width int
	area  model.Area
	rows  []row
	from  int // the first of the rows that is shown
	// beside the list there is room for the session's id on a line of its own
	beside bool
}

func newDetailRegion(m *model.Model, layout model.Layout) *detailRegion {
	d := &detailRegion{m: m, theme: themeFor(m.Theme, m.Dark, m.Profile), area: layout.Detail, beside: layout.Beside}
	if layout.Detail.Height == 0 {
		return d
	}
	d.width = layout.Detail.Width - 2
	if d.hit, d.ok = m.List.Current(); d.ok {
		d.build()
	} else if m.List.Following() && m.List.Page.Total > 0 {
		d.add(segment{d.on().accent, keyOf(m, keymap.Down)}, segment{d.on().dim, safe.Lit(" selects a session, ")},
			segment{d.on().accent, keyOf(m, keymap.Open)}, segment{d.on().dim, safe.Lit(" opens the first")})
	}
	d.from = min(m.Detail.Scroll, max(0, len(d.rows)-(layout.Detail.Height-1)))
	return d
}

// draw draws line y of the region: its title, then the scrolled lines.
func (d *detailRegion) draw(p *painter, y int) {
	on := &p.theme.plain
	end := p.column + d.area.Width
	if y == 0 {
		d.title(p, end)
		return
	}
	if i := y - 1 + d.from; i < len(d.rows) {
		p.put(on.text, on, space)
		p.putRow(d.rows[i], on, end-p.column-1)
	}
	p.fill(on.text, end)
}

// title names the person, and below the list the session too, on the hair line. It
// marks the pane with the keys.
func (d *detailRegion) title(p *painter, end int) {
	on := &p.theme.plain
	look := on.bold
	if d.m.Focus == model.DetailPane {
		look = on.accent
	}
	hint := safe.Text{}
	if more := len(d.rows) - d.from - (d.area.Height - 1); more > 0 {
		hint = safe.Concat(space, safe.Num(more), safe.Lit(" more ↓ "))
		if d.m.Focus != model.DetailPane {
			hint = safe.Concat(space, safe.Num(more), keyed(d.m, " more: {other-pane} ↓ "))
		}
	}
	room := end - hint.Width() - p.column
	name := d.name()
	if d.beside {
		p.put(on.text, on, space)
		p.putRow(name.in(look), on, room-1)
		p.put(on.dim, on, hint)
		return
	}
	p.put(on.line, on, safe.Lit("─ "))
	p.putRow(name.in(look), on, min(name.width(), room-4))
	if d.ok && room-name.width() > 24 {
		p.put(on.dim, on, safe.Concat(safe.Lit("  "), safe.Line(d.hit.ID).CutFront(room-name.width()-6)))
	}
	p.put(on.line, on, space)
	for p.column < end-hint.Width() {
		p.put(on.line, on, safe.Lit("─"))
	}
	p.put(on.dim, on, hint)
}

// name is the person's user_id, or its substitute.
func (d *detailRegion) name() row {
	on := d.on()
	switch {
	case !d.ok:
		return row{{on.dim, safe.Lit("no session selected")}}
	case d.hit.UserID == "" && d.hit.Erased():
		return row{{on.dim, safe.Lit("forgotten")}}
	case d.hit.UserID == "":
		return row{{on.dim, safe.Lit("no user_id")}}
	}
	id := private(d.m, safe.LineMatched(d.hit.UserID, d.hit.Marks.UserID))
	name := row{{on.bold, id}}
	if badge := id.Badge(); !badge.IsEmpty() {
		name = append(name, segment{on.text, space}, segment{on.processing, badge})
	}
	return name
}

// build lays the pane out: the reason and the next step come first.
func (d *detailRegion) build() {
	d.state()
	d.blank()
	d.why()
	if d.m.Detail.Wanted {
		d.attempts()
		d.outputs()
	}
	d.redaction()
	d.facts()
	if d.m.Detail.Session != nil {
		d.metadata()
		d.links()
	}
	if !d.m.Detail.Wanted {
		d.blank()
		d.add(segment{d.on().accent, keyOf(d.m, keymap.Open)}, segment{d.on().dim, safe.Lit(" reads attempts, metadata and all else")})
	}
}

func (d *detailRegion) on() *palette { return &d.theme.plain }

// at is a time by the server's clock, and how long ago it was.
func (d *detailRegion) at(t time.Time) safe.Text {
	now := d.m.ServerNow()
	return safe.Concat(clock(t, now), safe.Lit(" ("), age(now.Sub(t)), safe.Lit(")"))
}

func (d *detailRegion) add(segments ...segment) { d.rows = append(d.rows, segments) }

func (d *detailRegion) blank() {
	if n := len(d.rows); n > 0 && len(d.rows[n-1]) > 0 {
		d.rows = append(d.rows, nil)
	}
}

// labeled adds a value under a label, wrapped.
func (d *detailRegion) labeled(label safe.Text, look style, value safe.Text) {
	for i, line := range value.Wrap(max(10, d.width-labelWidth)) {
		if i > 0 {
			label = safe.Text{}
		}
		d.add(segment{d.on().dim, label.Pad(labelWidth)}, segment{look, line})
	}
}

// state is the state and the API's own word for it.
func (d *detailRegion) state() {
	on, hit := d.on(), d.hit
	if d.beside {
		d.add(segment{on.dim, safe.LineMatched(hit.ID, hit.Marks.SessionID)})
		d.blank()
	}
	since := safe.Concat(safe.Line(string(hit.Status)), safe.Lit(" · "), sinceOf(hit.Row, d.m.ServerNow()), safe.Lit(" ago"))
	d.add(segment{on.stateBold[hit.State], on.stateText[hit.State]}, segment{on.dim, safe.Concat(safe.Lit("  "), since)})
	if d.m.Stuck(hit.Row) {
		d.add(segment{on.processing, safe.Concat(safe.Lit("stuck: processing for "), age(d.m.ServerNow().Sub(hit.Since)), safe.Lit(", usually less than a minute"))})
	}
	if verb, sending := d.m.Jobs.Sending[hit.ID]; sending && hit.Refusal(verb) == "" {
		d.add(segment{on.processing, sendingWords(d.m, hit.ID, verb)})
	}
}

// why says what happened and who has to act next.
func (d *detailRegion) why() {
	on, hit := d.on(), d.hit
	what, next := hit.Means()
	failed := hit.State == client.StateFailed && hit.Unreadable == ""
	look := on.text
	if failed || hit.Unreadable != "" {
		look = on.bold
	}
	if what != "" {
		d.labeled(safe.Lit("WHY"), look, safe.Line(what))
	}
	if failed {
		d.labeled(safe.Text{}, on.dim, safe.Line(hit.ErrorCode))
		if common, ok := d.m.Rise.Of(hit.ErrorCode); ok && common.Days > 0 {
			look := on.dim
			if common.Rose {
				look = on.processing
			}
			d.labeled(safe.Text{}, look, safe.Line(common.Numbers()))
		}
		if s := d.m.Detail.Session; s != nil && s.LastError != nil && s.LastError.Reason != "" {
			d.labeled(safe.Text{}, on.dim, safe.Concat(safe.Lit("Stripe says: "), safe.Line(s.LastError.Reason)))
		}
	}
	if next != "" {
		d.labeled(safe.Lit("NEXT"), on.text, safe.Line(next))
	}
	if failed {
		reason := client.ReasonOf(hit.ErrorCode)
		d.labeled(safe.Lit("RETRY"), on.text, safe.Concat(safe.Lit("can help: "), safe.Line(reason.Retry.String()),
			safe.Lit(" · next move: "), safe.Line(reason.Mover.String())))
	}
}

// attempts are the reports, one for each submission, the newest first.
func (d *detailRegion) attempts() {
	on, label := d.on(), safe.Lit("ATTEMPTS")
	d.blank()
	switch {
	case d.m.Detail.Err != nil:
		d.labeled(label, on.danger, safe.Line(d.m.Detail.Err.Error()))
		d.labeled(safe.Text{}, on.dim, keyed(d.m, "{open} tries again"))
		return
	case d.m.Detail.Session == nil:
		d.labeled(label, on.dim, safe.Lit("reading…"))
		return
	case len(d.m.Detail.Reports) == 0:
		d.labeled(label, on.dim, safe.Lit("no result yet"))
		return
	}
	d.add(segment{on.dim, label})
	for i, report := range d.m.Detail.Reports {
		d.attempt(len(d.m.Detail.Reports)-i, report)
		d.blank()
	}
}

// attempt is one submission: its outcome, and its checks below.
func (d *detailRegion) attempt(number int, report client.Report) {
	on := d.on()
	checks, state, outcome := report.Attempt(d.hit.Selfie)
	look := on.dim
	switch {
	case report.Unreadable != "":
		look = on.danger
	case state != client.StateUnknown:
		look = on.state[state]
	}
	when := safe.Concat(safe.Lit("  "), age(d.m.ServerNow().Sub(report.Created.Time())), safe.Lit(" ago"))
	d.add(segment{on.text, safe.Num(number).Pad(4)}, segment{look, safe.Concat(on.glyph[state], space)}, segment{look, safe.Line(outcome)}, segment{on.dim, when})
	for _, check := range checks {
		d.check(report, check)
	}
}

// check is one check of an attempt in words.
func (d *detailRegion) check(report client.Report, check client.NamedCheck) {
	on := d.on()
	called := client.CheckName(check.Name)
	glyph, look, tone := safe.Lit("✓ "), on.state[client.StateVerified], on.dim
	words := safe.Line(check.Status)
	switch {
	case check.Error != nil:
		glyph, look, tone = safe.Lit("✗ "), on.state[client.StateFailed], on.text
		words = safe.Line(strings.TrimPrefix(client.ReasonOf(check.Error.Code).Label, called+" "))
	case check.Status == "":
		glyph, look, words = safe.Lit("– "), on.dim, safe.Lit("not checked")
	case check.Status != "verified":
		glyph, look, tone = safe.Lit("? "), on.dim, on.text
	}
	r := row{{on.text, safe.Spaces(4)}, {look, glyph}, {on.text, safe.Line(called).Pad(10)}, {tone, words}}
	if check.Name == "document" && report.Document.Type != "" {
		kind := strings.ReplaceAll(report.Document.Type, "_", " ")
		r = append(r, segment{on.dim, safe.Line(", " + strings.TrimSpace(kind+" "+report.Document.IssuingCountry))})
	}
	d.add(r...)
}

// redaction is the progress of an erasure, with its start if that is known.
func (d *detailRegion) redaction() {
	on := d.on()
	if d.hit.Redaction == "" {
		return
	}
	d.blank()
	label := safe.Lit("REDACTION")
	since := safe.Text{}
	if !d.hit.Since.IsZero() {
		when := safe.Lit(", since ")
		if d.hit.Rough {
			when = safe.Lit(", seen since ")
		}
		since = safe.Concat(when, d.at(d.hit.Since))
	}
	switch d.hit.State {
	case client.StateRedacting:
		d.labeled(label, on.state[client.StateRedacting], safe.Concat(safe.Lit("under way"), since))
		d.labeled(safe.Text{}, on.dim, safe.Line(d.hit.Reach()))
	case client.StateRedacted:
		d.labeled(label, on.text, safe.Concat(safe.Lit("done"), since))
		d.labeled(safe.Text{}, on.dim, safe.Line(d.hit.Reach()))
	default:
		d.labeled(label, on.text, safe.Line(string(d.hit.Redaction)))
	}
}

// facts are the fields that the list's row has too.
func (d *detailRegion) facts() {
	on, hit := d.on(), d.hit
	d.blank()
	d.labeled(safe.Lit("SESSION"), on.text, safe.LineMatched(hit.ID, hit.Marks.SessionID))
	d.labeled(safe.Lit("CREATED"), on.text, d.at(hit.Created.Time()))
	d.labeled(safe.Lit("TYPE"), on.text, safe.Line(cmp.Or(hit.Type, "-")))
	if options := d.m.Options(hit.Row); len(options) > 0 {
		d.labeled(safe.Lit("OPTIONS"), on.text, safe.Line(strings.Join(options, ", ")))
	}
	if hit.Reference != "" {
		d.labeled(safe.Lit("REFERENCE"), on.text, private(d.m, safe.LineMatched(hit.Reference, hit.Marks.Reference).Badged()))
	}
	if hit.Customer != "" {
		d.labeled(safe.Lit("CUSTOMER"), on.text, private(d.m, safe.Line(hit.Customer).Badged()))
	}
	if hit.ReportID != "" {
		d.labeled(safe.Lit("REPORT"), on.dim, safe.Line(hit.ReportID))
	}
	if hit.Tries > 1 {
		d.labeled(safe.Lit("ALSO"), on.text, safe.Concat(plural(hit.Tries-1, "more session", "more sessions"), safe.Lit(" of this user_id")))
	}
}

func (d *detailRegion) metadata() {
	on, metadata := d.on(), d.m.Detail.Session.Metadata
	d.blank()
	label := safe.Lit("METADATA")
	if len(metadata) == 0 {
		d.labeled(label, on.dim, safe.Lit("none"))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		d.labeled(label, on.text, safe.Concat(safe.Line(key).Badged(), safe.Lit("  "), private(d.m, safe.Line(metadata[key]).Badged())))
		label = safe.Text{}
	}
}

func (d *detailRegion) links() {
	if d.m.Identity.Demo {
		return
	}
	if url, err := client.DashboardURL(d.hit.ID, d.hit.Livemode); err == nil {
		cut := strings.LastIndexByte(url, '/') + 1
		d.labeled(safe.Lit("DASHBOARD"), d.on().dim, safe.Line(url[:cut]))
		d.labeled(safe.Text{}, d.on().dim, safe.Line(url[cut:]))
	}
}
