package ui

import (
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

var space = safe.Lit(" ")

// option is a part of the header that is drawn where there is room, with its
// forms, the shortest first.
type option struct {
	forms []row
	taken int // how many forms fit
	shown row
}

// drawHeader draws who, where and how fresh: what does not fit goes from the
// least to the most important.
func drawHeader(p *painter, m *model.Model) {
	on := &p.theme.plain
	badge := segment{p.theme.test, safe.Lit(" TEST ")}
	if m.Identity.Live {
		badge = segment{p.theme.live, safe.Lit(" LIVE ")}
	}
	mode := safe.Lit("  read-write")
	if m.Identity.ReadOnly {
		mode = safe.Lit("  read-only")
	}
	name := row{{on.accent, safe.Lit(" idtop  ")}}
	right := freshness(p, m)
	account := option{forms: []row{{{on.text, safe.Concat(safe.Line(m.Identity.Account).Cut(28), safe.Lit("  "))}}}}
	access := option{forms: []row{{{on.dim, mode}}}}
	help := option{forms: []row{{{on.text, safe.Lit("   ")}, {on.accent, safe.Lit("?")}, {on.dim, safe.Lit(" help ")}}}}
	reads, next, notes := readsOption(p, m), nextOption(p, m), syncNotes(p, m)

	room := m.Width - name.width() - badge.text.Width() - right.width() - 2
	first, last := &next, &option{} // when the next poll comes matters less than how far the back-fill is
	if m.Sync.Filling {
		first, last = last, first
	}
	safety, rest := &option{}, &access
	if m.Identity.ReadOnly {
		safety, rest = rest, safety
	}
	choose(room, &notes.fill, &notes.again, &notes.lists, first, &help, &account, &notes.loading, &notes.fill, safety, &reads, &reads,
		rest, last, &notes.fill, &notes.follows, &notes.lists, &notes.lists)

	left := append(append(append(name, account.shown...), badge), access.shown...)
	for _, part := range []option{next, notes.again, notes.fill, notes.loading, notes.follows, notes.lists, reads, help} {
		right = append(right, part.shown...)
	}
	if help.shown == nil {
		right = append(right, segment{on.text, space})
	}
	p.putRow(left, on, min(left.width(), m.Width))
	p.fill(on.text, max(p.column, m.Width-right.width()))
	p.putRow(right, on, m.Width-p.column)
}

// choose takes what fits into a width, the first first. An option that comes
// again is for its next longer form.
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

// Polls up to often apart need no clock: the header says "live" as long as they
// come in time, and stands still. tardy is how long a poll may take besides.
const (
	often = 15 * time.Second
	tardy = 5 * time.Second
)

// inTime tells whether the last poll is as recent as the pace lets it be, and the
// pace is quick. Who follows another idtop does not know its pace.
func inTime(m *model.Model) bool {
	s := &m.Sync
	between := s.Next.Sub(s.Last)
	if s.Following {
		between = often - tardy
	}
	return s.Phase == mirror.Live && !s.Last.IsZero() && between <= often && m.Now.Sub(s.Last) <= max(0, between)+tardy
}

// nextOption says when Stripe is asked next, where that is not at once. Who
// follows another idtop does not ask.
func nextOption(p *painter, m *model.Model) option {
	if m.Sync.Phase != mirror.Live || m.Sync.Following || inTime(m) || unanswered(m) {
		return option{}
	}
	next := safe.Lit("now")
	if wait := m.Sync.Next.Sub(m.Now); !m.Sync.Next.IsZero() && wait > 0 {
		next = seconds(wait)
	}
	return option{forms: []row{{{p.theme.plain.dim, safe.Concat(safe.Lit(" · next "), next)}}}}
}

// readsOption says how much of the month's budget is used.
func readsOption(p *painter, m *model.Model) option {
	look := p.theme.plain.dim
	used := safe.Concat(safe.Lit(" · reads "), safe.Num(int(m.Reads.Used)))
	if m.Reads.Allowed <= 0 {
		return option{forms: []row{{{look, used}}}}
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

// notes are what else there is to know of how true the data is.
type notes struct{ again, fill, loading, follows, lists option }

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
	if s.Filling {
		percent := safe.Concat(safe.Num(percentOf(s.Filled)), safe.Lit(" %"))
		forms := []safe.Text{percent, safe.Concat(safe.Lit("back-fill "), percent)}
		if !s.Checked.IsZero() {
			forms = append(forms, safe.Concat(forms[1], safe.Lit(" · complete to "), seconds(m.ServerNow().Sub(s.Checked)), safe.Lit(" ago")))
		}
		n.fill = note(on.processing, forms...)
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

// percentOf writes a share as whole percents; what is not whole is not 100.
func percentOf(share float64) int { return int(100 * min(max(share, 0), 0.999)) }

// freshness says how old the data is, unless it is as new as can be. At the
// start it is what the mirror had.
func freshness(p *painter, m *model.Model) row {
	on := &p.theme.plain
	s := m.Sync
	old, known := m.Now.Sub(s.Last), !s.Last.IsZero()
	if !known && !s.Checked.IsZero() {
		old, known = m.ServerNow().Sub(s.Checked), true
	}
	since := seconds(old)
	data := segment{on.dim, safe.Concat(safe.Lit(" · data "), since, safe.Lit(" old"))}
	switch {
	case s.Phase == mirror.Connecting && !known:
		return row{{on.processing, safe.Lit("○")}, {on.text, safe.Lit(" connecting")}}
	case s.Phase == mirror.Connecting:
		return row{{on.processing, safe.Lit("○")}, {on.text, safe.Lit(" connecting")}, data}
	case s.Phase == mirror.Paused && !known:
		return row{{on.processing, safe.Lit("‖")}, {on.text, safe.Lit(" paused")}}
	case s.Phase == mirror.Paused:
		return row{{on.processing, safe.Lit("‖")}, {on.text, safe.Lit(" paused")}, data}
	case s.Phase == mirror.Failing && !known && m.List.Page.Counts.All > 0:
		return row{{on.danger, safe.Lit("▲")}, {on.text, safe.Lit(" not up to date")}}
	case s.Phase == mirror.Failing && !known:
		return row{{on.danger, safe.Lit("▲")}, {on.text, safe.Lit(" no data yet")}}
	case inTime(m):
		return row{{on.verified, safe.Lit("●")}, {on.text, safe.Lit(" live")}}
	case s.Phase == mirror.Failing:
		return row{{on.danger, safe.Lit("▲")}, {on.text, safe.Concat(safe.Lit(" data "), since, safe.Lit(" old"))}}
	}
	if unanswered(m) {
		return row{{on.processing, safe.Lit("○")}, {on.text, safe.Concat(safe.Lit(" data "), since, safe.Lit(" old"))}}
	}
	return row{{on.verified, safe.Lit("●")}, {on.text, safe.Concat(safe.Lit(" live "), since)}}
}

// longPoll is how long a poll may take without a word.
const longPoll = 10 * time.Second

func unanswered(m *model.Model) bool {
	return m.Sync.Phase == mirror.Live && !m.Sync.Next.IsZero() && m.Now.Sub(m.Sync.Next) > longPoll
}

// tabNames are the long and the short names of the tabs.
var tabNames = [len(model.Tabs)][2]safe.Text{
	{safe.Lit("All"), safe.Lit("All")},
	{safe.Lit("Failed"), safe.Lit("Failed")},
	{safe.Lit("Waiting"), safe.Lit("Wait")},
	{safe.Lit("Processing"), safe.Lit("Proc")},
	{safe.Lit("Verified"), safe.Lit("Ver")},
	{safe.Lit("Canceled"), safe.Lit("Can")},
	{safe.Lit("Redacted"), safe.Lit("Red")},
}

// Which tabs have a count, as sets of tabs: all of them, those where something
// is still open, the failed one.
const (
	countAll    = 1<<len(model.Tabs) - 1
	countOpen   = 1<<1 | 1<<2 | 1<<3
	countFailed = 1 << 1
)

// drawTabs draws the tabs as fully as they fit.
func drawTabs(p *painter, m *model.Model) {
	tabs := tabRow(p, m, 0, countAll, safe.Lit("  "))
	for _, counted := range []int{countAll, countOpen, countFailed} {
		if tabs.width() > m.Width {
			tabs = tabRow(p, m, 1, counted, safe.Text{})
		}
	}
	if tabs.width() > m.Width {
		tabs = digitRow(p, m)
	}
	p.putRow(tabs, &p.theme.plain, m.Width)
}

// tabRow draws every tab, with the long or the short names; the active tab
// always has its count.
func tabRow(p *painter, m *model.Model, form, counted int, gap safe.Text) row {
	on := &p.theme.plain
	r := make(row, 0, 4*len(model.Tabs))
	for i, tab := range model.Tabs {
		key, name := tabKeys[i], tabNames[i][form]
		n := safe.Num(m.List.Page.Counts.Of(tab.States))
		if i == m.List.Tab {
			if i > 0 && gap.IsEmpty() {
				r = append(r, segment{on.text, space})
			}
			r = append(r, segment{p.theme.tab, safe.Concat(space, key, space, name, space, n, space)}, segment{on.text, gap})
			continue
		}
		r = append(r, segment{on.accent, space}, segment{on.accent, key}, segment{on.dim, space}, segment{on.dim, name})
		if counted&(1<<i) != 0 {
			r = append(r, segment{on.text, space}, segment{on.state[tabColor(i)], n})
		}
		r = append(r, segment{on.text, gap})
	}
	return r
}

// digitRow is for the smallest screens: the active tab, and the keys of the
// others.
func digitRow(p *painter, m *model.Model) row {
	on := &p.theme.plain
	var r row
	for i, tab := range model.Tabs {
		if i == m.List.Tab {
			r = append(r, segment{p.theme.tab, safe.Concat(space, tabKeys[i], space, tabNames[i][1], space, safe.Num(m.List.Page.Counts.Of(tab.States)), space)})
			continue
		}
		r = append(r, segment{on.accent, safe.Concat(space, tabKeys[i])})
	}
	return r
}

// tabKeys are the keys of the tabs.
var tabKeys = func() (keys [len(model.Tabs)]safe.Text) {
	for i, tab := range model.Tabs {
		action, _ := keymap.Lookup(tab.Action)
		keys[i] = safe.Line(keymap.Label(action))
	}
	return keys
}()

// tabColor is the state whose colour a tab's count has.
func tabColor(i int) client.State {
	return [...]client.State{client.StateUnknown, client.StateFailed, client.StateWaiting,
		client.StateProcessing, client.StateVerified, client.StateCanceled, client.StateRedacted}[i]
}

// drawFrame draws the upper line of the frame of a live account; the lower one
// is the hair line above the footer.
func drawFrame(p *painter, m *model.Model) {
	on := &p.theme.plain
	p.put(p.theme.liveFrame, on, safe.Lit("━━"))
	p.put(on.dangerBold, on, safe.Lit(" LIVE "))
	for p.column < m.Width {
		p.put(p.theme.liveFrame, on, safe.Lit("━"))
	}
}
