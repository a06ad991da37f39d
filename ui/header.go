package ui

import (
	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

var space = safe.Lit(" ")

// drawHeader draws who, where and how fresh: what does not fit goes from the
// least to the most important.
func drawHeader(p *painter, m *model.Model) {
	on := &p.theme.plain
	right := freshness(p, m)
	reads := row{{on.dim, safe.Concat(safe.Lit(" · reads "), safe.Num(int(m.Reads)))}}
	help := row{{on.text, safe.Lit("   ")}, {on.accent, safe.Lit("?")}, {on.dim, safe.Lit(" help ")}}
	badge := segment{p.theme.test, safe.Lit(" TEST ")}
	if m.Identity.Live {
		badge = segment{p.theme.live, safe.Lit(" LIVE ")}
	}
	mode := safe.Lit("  read-write")
	if m.Identity.ReadOnly {
		mode = safe.Lit("  read-only")
	}
	name := row{{on.accent, safe.Lit(" idtop  ")}}
	account := row{{on.text, safe.Concat(safe.Line(m.Identity.Account).Cut(28), safe.Lit("  "))}}
	access := row{{on.dim, mode}}
	needed := name.width() + badge.text.Width() + right.width() + 2
	for _, optional := range []*row{&help, &account, &access, &reads} {
		if needed += optional.width(); needed > m.Width {
			needed -= optional.width()
			*optional = nil
		}
	}
	left := append(append(append(name, account...), badge), access...)
	right = append(append(right, reads...), help...)
	if help == nil {
		right = append(right, segment{on.text, space})
	}
	p.putRow(left, on, min(left.width(), m.Width))
	p.fill(on.text, max(p.column, m.Width-right.width()))
	p.putRow(right, on, m.Width-p.column)
}

// freshness says how old the data is and when the next poll comes.
func freshness(p *painter, m *model.Model) row {
	on := &p.theme.plain
	s := m.Sync
	since := seconds(m.Now.Sub(s.Last))
	switch {
	case s.Phase == mirror.Connecting && s.Last.IsZero():
		return row{{on.processing, safe.Lit("○")}, {on.text, safe.Lit(" connecting")}}
	case s.Phase == mirror.Paused && s.Last.IsZero():
		return row{{on.processing, safe.Lit("‖")}, {on.text, safe.Lit(" paused")}}
	case s.Phase == mirror.Paused:
		return row{{on.processing, safe.Lit("‖")}, {on.text, safe.Lit(" paused")}, {on.dim, safe.Concat(safe.Lit(" · data "), since, safe.Lit(" old"))}}
	case s.Phase == mirror.Failing && s.Last.IsZero():
		return row{{on.danger, safe.Lit("▲")}, {on.text, safe.Lit(" no data yet")}}
	case s.Phase == mirror.Failing:
		return row{{on.danger, safe.Lit("▲")}, {on.text, safe.Concat(safe.Lit(" data "), since, safe.Lit(" old"))}}
	}
	next := safe.Lit("now")
	if wait := s.Next.Sub(m.Now); !s.Next.IsZero() && wait > 0 {
		next = seconds(wait)
	}
	return row{
		{on.verified, safe.Lit("●")}, {on.text, safe.Concat(safe.Lit(" live "), since)},
		{on.dim, safe.Concat(safe.Lit(" · next "), next)},
	}
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
