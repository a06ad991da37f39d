package ui

import (
	"slices"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

var space = safe.Lit(" ")

// option is an optional part of the header. It has several forms, the shortest
// first.
type option struct {
	forms []row
	taken int // how many forms fit
	shown row
}

// drawHeader draws who, where and how fresh. When room is short, the least
// important parts are dropped first.
func drawHeader(p *painter, m *model.Model) {
	on := &p.theme.plain
	badge := modeBadge(p.theme, m.Identity.Live)
	mode := safe.Lit("  read-write")
	switch {
	case m.Identity.ReadOnly:
		mode = safe.Lit("  read-only")
	case m.NoLedger():
		mode = safe.Lit("  no ledger")
	}
	name := row{{on.accent, safe.Lit(" idtop  ")}}
	account := option{forms: []row{{{on.text, safe.Concat(safe.Spelled(m.Identity.Account).Cut(28), safe.Lit("  "))}}}}
	access := option{forms: []row{{{on.dim, mode}}}}
	help := option{forms: []row{{{on.text, safe.Lit("   ")}, {on.accent, keyOf(m, keymap.Help)}, {on.dim, safe.Lit(" help ")}}}}
	link, reads, notes := option{forms: linkForms(p, m)}, readsOption(p, m), syncNotes(p, m)
	rise := riseOption(on, m)

	nameless := privacyOption(on, m)
	room := m.Width - name.width() - badge.text.Width() - 2
	safety, rest := &option{}, &access
	if m.Identity.ReadOnly || m.NoLedger() {
		safety, rest = rest, safety
	}
	choose(room, &nameless, &link, &rise, &notes.again, &notes.lists, &link, &help, &account, &rise, &notes.loading, &link, safety, &rise, &reads, &reads,
		rest, &notes.follows, &notes.lists, &notes.lists, &reads)

	left := slices.Concat(name, account.shown, row{badge}, access.shown, nameless.shown, rise.shown)
	right := line{row: link.shown}
	for _, part := range []option{notes.again, notes.loading, notes.follows, notes.lists, reads} {
		right.row = append(right.row, part.shown...)
	}
	if help.shown == nil {
		help.shown = row{{on.text, space}}
	}
	right = right.on(keymap.Help, help.shown...)
	p.putRow(left, on, min(left.width(), m.Width))
	p.fill(on.text, max(p.column, m.Width-right.width()))
	p.putLine(right, on, m.Width-p.column)
}

// choose picks forms that fit into a width, in the order of the options. An option
// listed again stands for its next longer form.
func choose(room int, options ...*option) {
	for _, o := range options {
		if o.taken == len(o.forms) {
			continue
		}
		if more := o.forms[o.taken].width() - o.shown.width(); more <= room {
			o.shown = o.forms[o.taken]
			o.taken++
			room -= more
		}
	}
}

// readsOption is the number of this month's reads: with the budget if there is one,
// otherwise with the month's forecast.
func readsOption(p *painter, m *model.Model) option {
	look := p.theme.plain.dim
	used := safe.Concat(safe.Lit(" · reads "), safe.Num(int(m.Reads.Used)))
	if m.Reads.Allowed <= 0 {
		forms := []row{{{look, used}}}
		if m.Reads.Pace > 0 {
			forms = append(forms, row{{look, safe.Concat(used, safe.Lit(", at this pace "), safe.Num(int(m.Reads.Pace)), safe.Lit(" a month"))}})
		}
		return option{forms: forms}
	}
	switch {
	case m.Reads.Used >= m.Reads.Allowed:
		look = p.theme.plain.danger
	case m.Reads.Used >= m.Reads.Allowed/10*9:
		look = p.theme.plain.processing
	}
	return option{forms: []row{
		{{look, used}},
		{{look, safe.Concat(used, safe.Lit(" of "), safe.Num(int(m.Reads.Allowed)))}},
	}}
}

// notes are further notes on how true the data is.
type notes struct{ again, loading, follows, lists option }

func syncNotes(p *painter, m *model.Model) (n notes) {
	on := &p.theme.plain
	note := func(look style, texts ...safe.Text) option {
		var o option
		for _, text := range texts {
			o.forms = append(o.forms, row{{look, safe.Concat(safe.Lit(" · "), text)}})
		}
		return o
	}
	s := m.Sync
	if s.Stale {
		n.again = note(on.processing, safe.Lit("reads all again"))
	}
	if m.List.Page.Loading {
		n.loading = note(on.dim, safe.Lit("loading"))
	}
	if s.Following {
		n.follows = note(on.dim, safe.Lit("follows another idtop"))
	}
	if s.Listing {
		n.lists = note(on.dim, safe.Lit("by lists"), safe.Lit("changes are found by lists"),
			safe.Lit("no events permission: changes are found by lists"))
	}
	return n
}

// percentOf writes a share in whole percents. It is never 100: that is for a
// complete mirror.
func percentOf(share float64) int { return int(100 * min(max(share, 0), 0.999)) }

// linkForms tells the state of the connection, the shortest form first.
// A pause of this screen does not stop the reads that other screens cause, so the
// state of the data stands beside it.
func linkForms(p *painter, m *model.Model) []row {
	on, c := &p.theme.plain, m.Claim()
	forms := claimForms(on, m, c)
	if !m.Sync.Wish.Paused || c.Link == mirror.Halted {
		return forms
	}
	here := []row{append(row{{on.processing, safe.Lit("‖")}}, forms[0][1:]...)}
	for _, form := range forms {
		here = append(here, append(row{{on.processing, safe.Lit("‖")}, {on.text, safe.Lit(" paused here · ")}}, form...))
	}
	return here
}

// claimForms tell how true the data is, the shortest form first.
func claimForms(on *palette, m *model.Model, c mirror.Claim) []row {
	form := func(look style, glyph safe.Text, texts ...safe.Text) row {
		return row{{look, glyph}, {on.text, safe.Concat(append([]safe.Text{space}, texts...)...)}}
	}
	warning, ring, half := safe.Lit("▲"), safe.Lit("○"), safe.Lit("◐")
	switch c.Link {
	case mirror.Opening:
		return withAge(on, c, form(on.processing, ring, safe.Lit("connecting")))
	case mirror.Halted:
		return withAge(on, c, form(on.processing, safe.Lit("‖"), safe.Lit("paused "), lasted(c.Since)))
	case mirror.Waiting:
		if c.Cause != nil {
			return withAge(on, c, form(on.danger, warning, safe.Lit("trying again")))
		}
		return withAge(on, c, form(on.danger, warning, safe.Lit("no answer for "), lasted(c.Since)))
	case mirror.Offline:
		what := safe.Lit("not synced ")
		if kind := client.KindOf(c.Cause); kind == client.KindNetwork {
			what = safe.Lit("offline ")
		}
		short := form(on.danger, warning, what, lasted(c.Since))
		return withAge(on, c, short, append(short[:len(short):len(short)], segment{on.text, againIn(c)}))
	case mirror.Stopped:
		short := form(on.danger, warning, safe.Lit("reading back fails"))
		return []row{short, append(short[:len(short):len(short)], segment{on.text, againIn(c)})}
	case mirror.Reading:
		return readingForms(form, half, on, m, c)
	}
	synced := form(on.verified, safe.Lit("●"), safe.Lit("synced "), ago(c.Age), safe.Lit(" ago"))
	if safe.ASCII() { // its * would be a mark's
		synced[0].text = safe.Text{}
	}
	if n := m.List.Page.Counts.Unreadable + m.Sync.Lost; n > 0 {
		synced = append(synced, segment{on.processing, safe.Concat(safe.Lit(" but for "), safe.Num(n), safe.Lit(" unreadable"))})
	}
	return []row{synced}
}

// readingForms tells the progress of the back-fill.
func readingForms(form func(style, safe.Text, ...safe.Text) row, glyph safe.Text, on *palette, m *model.Model, c mirror.Claim) []row {
	var forms []row
	if c.Filled > 0 || c.Back.IsZero() {
		forms = append(forms, form(on.processing, glyph, safe.Lit("reading "), safe.Num(percentOf(c.Filled)), safe.Lit(" %")))
	}
	if c.Back.IsZero() {
		return forms
	}
	to := backTo(c.Back, m.ServerNow())
	if forms == nil {
		forms = append(forms, form(on.processing, glyph, safe.Lit("reading to "), to))
	}
	full := []safe.Text{safe.Lit("reading back: to "), to, safe.Lit(" · "), plural(m.List.Page.Counts.All, "session", "sessions")}
	if c.Rate > 0 {
		full = append(full, safe.Lit(" · "), safe.Num(c.Rate), safe.Lit("/s"))
	}
	return append(forms, forms[0], form(on.processing, glyph, full...)) // the account is dropped before the longest form
}

// backTo writes a day, with its year unless that is obvious.
func backTo(t, now time.Time) safe.Text {
	if now.Sub(t) > 300*24*time.Hour {
		return safe.Line(t.Local().Format("2 Jan 2006"))
	}
	return safe.Line(t.Local().Format("2 Jan"))
}

// withAge adds a form with the age of the data, if the data is older than the
// trouble. At the start it is the age of the mirror.
func withAge(on *palette, c mirror.Claim, forms ...row) []row {
	if c.Dated && c.Age > c.Since+2*time.Minute {
		last := forms[len(forms)-1]
		forms = append(forms, append(last[:len(last):len(last)], segment{on.dim, safe.Concat(safe.Lit(" · data "), ago(c.Age), safe.Lit(" old"))}))
	}
	return forms
}

// againIn is the time until the next attempt.
func againIn(c mirror.Claim) safe.Text {
	if c.Again <= 0 {
		return safe.Lit(", again now")
	}
	return safe.Concat(safe.Lit(", again in "), seconds(c.Again))
}

// steps are the ages below a minute that are shown: finer steps would change the
// screen every second.
var steps = []time.Duration{5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute}

// ago writes an age in a coarse unit, never as too young.
func ago(d time.Duration) safe.Text {
	for _, step := range steps {
		if d <= step {
			return age(step)
		}
	}
	for _, unit := range []struct {
		size, most time.Duration
		letter     byte
	}{{time.Minute, time.Hour, 'm'}, {time.Hour, 48 * time.Hour, 'h'}} {
		if up := (d + unit.size - 1) / unit.size; up*unit.size < unit.most {
			return count(up, unit.letter)
		}
	}
	return count((d+24*time.Hour-1)/(24*time.Hour), 'd')
}

// lasted writes a duration in the same units, never as too long.
func lasted(d time.Duration) safe.Text {
	shown := time.Duration(0)
	for _, step := range steps {
		if d >= step {
			shown = step
		}
	}
	return age(max(shown, d.Truncate(time.Minute)))
}

// drawFrame draws the upper line of the frame of a live account; the lower one
// is the hair line above the footer.
func drawFrame(p *painter, m *model.Model) {
	on := &p.theme.plain
	p.put(p.theme.liveFrame, on, safe.Lit("━━"))
	p.put(on.dangerBold, on, badgeOf(true))
	for p.column < m.Width {
		p.put(p.theme.liveFrame, on, safe.Lit("━"))
	}
}
