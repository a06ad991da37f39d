package ui

import (
	"slices"

	"idtop/client"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

var tabNames = [len(model.Tabs)]safe.Text{
	safe.Lit("All"), safe.Lit("Failed"), safe.Lit("Waiting"), safe.Lit("Processing"),
	safe.Lit("Verified"), safe.Lit("Canceled"), safe.Lit("Redacted"),
}

// tabColor is the state that gives a tab's count its colour.
func tabColor(i int) client.State {
	return [...]client.State{client.StateUnknown, client.StateFailed, client.StateWaiting,
		client.StateProcessing, client.StateVerified, client.StateCanceled, client.StateRedacted}[i]
}

// openTab is the open tab: one of the first seven, or a saved view after them.
func openTab(m *model.Model) int {
	for i, view := range m.Views.Saved {
		if view.Name == m.List.Saved {
			return len(model.Tabs) + i
		}
	}
	return m.List.Tab
}

// allTabs are the first seven, the saved views that have keys, and the open one.
func allTabs(m *model.Model) []tab {
	open, keyed := openTab(m), len(model.Tabs)+min(len(m.Views.Saved), len(model.SavedKeys))
	tabs := make([]tab, 0, keyed+1)
	for i := range keyed {
		tabs = append(tabs, tabOf(m, i, open))
	}
	if open >= len(tabs) {
		tabs = append(tabs, tabOf(m, open, open))
	}
	return tabs
}

// tab is a tab as it is drawn. A saved view beyond the first two has no key, and no count
// before it was counted.
type tab struct {
	at                     int // the first seven, then the saved views
	open                   bool
	action                 keymap.ID // of its key
	key, name, count, news safe.Text
}

// saved tells whether the tab is a saved view.
func (t tab) saved() bool { return t.at >= len(model.Tabs) }

// tabOf is a tab of the tab row. The open one has the count of the list, and * when the
// list differs from the saved view.
func tabOf(m *model.Model, i, open int) tab {
	t := viewOf(m, i)
	if t.open = i == open; t.open && t.saved() {
		t.count = safe.Num(m.List.Page.Found())
		if m.ViewChanged() {
			t.name = safe.Concat(t.name, safe.Lit("*"))
		}
	}
	return t
}

// viewOf is a tab as the page of the views has it: that of a saved view is as it was saved.
func viewOf(m *model.Model, i int) tab {
	t, id, saved := tab{at: i}, model.ViewID{Tab: i}, i-len(model.Tabs)
	if saved >= 0 {
		id = model.ViewID{Saved: m.Views.Saved[saved].Name}
	}
	counted, ok := m.Views.Count(id)
	if counted.New > 0 {
		t.news = safe.Concat(safe.Lit("+"), safe.Num(counted.New))
	}
	if saved < 0 {
		t.action, t.key, t.name, t.count = model.Tabs[i].Action, safe.Spelled(m.Keys().Label(model.Tabs[i].Action)), tabNames[i], safe.Num(m.List.Page.Counts.Of(model.Tabs[i].States))
		return t
	}
	if t.name = safe.Line(id.Saved); saved < len(model.SavedKeys) {
		t.action, t.key = model.SavedKeys[saved], safe.Spelled(m.Keys().Label(model.SavedKeys[saved]))
	}
	switch {
	case ok:
		t.count = safe.Num(counted.Sessions)
	case id.Saved == m.List.Saved && !m.ViewChanged(): // the list knows it first
		t.count = safe.Num(m.List.Page.Found())
	}
	return t
}

// Which tabs have a count besides the active one, as sets of tabs: all, those of
// open sessions, the failed one, none.
const (
	countAll    = 1<<len(model.Tabs) - 1
	countOpen   = 1<<1 | 1<<2 | 1<<3
	countFailed = 1 << 1
	countNone   = 0
)

// drawTabs draws the tabs in whole words, or the name of the page in their place. Names matter
// more than counts, and news more than both.
func drawTabs(p *painter, m *model.Model) {
	h, helped := m.Modal.(*model.Help)
	switch o := m.Overlay(); {
	case helped:
		drawTrail(p, m, safe.Lit("Help"), helpPlace(m, h))
	case o.Is(model.TimelineOverlay):
		drawTrail(p, m, timelineName(m), safe.Text{})
	case o.Is(model.ViewsOverlay):
		drawTrail(p, m, safe.Lit("Views"), safe.Lit("the first nine have the keys 1 to 9 "))
	case o.Is(model.PeopleOverlay), o == nil && m.PersonShown():
		drawCrumb(p, m)
	default:
		p.putLine(tabsRow(p, m), &p.theme.plain, m.Width)
	}
}

// tabsRow are the tabs: all with their counts, else the first seven with as many counts as
// fit, else those that fit.
func tabsRow(p *painter, m *model.Model) line {
	tabs, gap := allTabs(m), safe.Lit("  ")
	if all := tabRow(p, tabs, countAll, gap); all.width() <= m.Width {
		return all
	}
	some := slices.DeleteFunc(slices.Clone(tabs), func(t tab) bool { return t.saved() && !t.open })
	for _, counted := range countForms(tabs) {
		for _, gap := range []safe.Text{gap, space} {
			if tabs := withRest(p, m, tabRow(p, some, counted, gap), len(some) < len(tabs)); tabs.width() <= m.Width {
				return tabs
			}
		}
	}
	return fewTabs(p, m, tabs)
}

// countForms are which tabs have a count, the most first.
func countForms(tabs []tab) []int {
	news := 0
	for _, t := range tabs[:len(model.Tabs)] {
		if !t.news.IsEmpty() {
			news |= 1 << t.at
		}
	}
	return []int{countAll, countOpen | news, countFailed | news, countFailed, countNone}
}

// withRest adds the key that shows the tabs which are left out, if there are any.
func withRest(p *painter, m *model.Model, tabs line, rest bool) line {
	if !rest {
		return tabs
	}
	on := &p.theme.plain
	return tabs.on(keymap.Views, segment{on.text, safe.Lit("  ")}, segment{on.accent, keyOf(m, keymap.Views)}, segment{on.dim, safe.Lit(" all tabs")})
}

// fewTabs draws the active tab, then those with news and then the others, as many as fit,
// in their order.
func fewTabs(p *painter, m *model.Model, tabs []tab) line {
	rank := func(t tab) int {
		switch {
		case t.open:
			return 0
		case t.at > 0 && !t.news.IsEmpty(): // the first has the news of all others
			return 1
		}
		return 2
	}
	ranked := slices.Clone(tabs)
	slices.SortStableFunc(ranked, func(a, b tab) int { return rank(a) - rank(b) })
	draw := func(n, counted int) line {
		shown := slices.SortedFunc(slices.Values(ranked[:n]), func(a, b tab) int { return a.at - b.at })
		return withRest(p, m, tabRow(p, shown, counted, space), true)
	}
	n := 1
	for n < len(ranked) && draw(n+1, countNone).width() <= m.Width {
		n++
	}
	for _, counted := range countForms(tabs)[1:] {
		if tabs := draw(n, counted); tabs.width() <= m.Width {
			return tabs
		}
	}
	return draw(n, countNone)
}

// tabRow draws some tabs. The active one always has its count, and every tab its news.
func tabRow(p *painter, tabs []tab, counted int, gap safe.Text) line {
	on := &p.theme.plain
	l := line{row: make(row, 0, 7*len(tabs)+1)}
	var room [8]segment // of one tab
	for i, t := range tabs {
		if i > 0 {
			l.row = append(l.row, segment{on.text, gap})
		}
		if t.saved() && (i == 0 || !tabs[i-1].saved()) {
			l.row = append(l.row, segment{on.line, safe.Lit("│")})
		}
		r := row(room[:0])
		if t.open {
			if !t.key.IsEmpty() {
				t.key = safe.Concat(t.key, space)
			}
			r = append(r, segment{p.theme.tab, safe.Concat(space, t.key, t.name, space, t.count, space)})
		} else {
			r = append(r, segment{on.accent, space}, segment{on.accent, t.key}, segment{on.dim, space}, segment{on.dim, t.name})
			if t.saved() && !t.count.IsEmpty() {
				r = append(r, segment{on.text, space}, segment{on.dim, t.count})
			} else if counted&(1<<t.at) != 0 {
				r = append(r, segment{on.text, space}, segment{on.state[tabColor(t.at)], t.count})
			}
		}
		if !t.news.IsEmpty() {
			r = append(r, segment{on.text, space}, segment{on.processing, t.news})
		}
		if t.action == "" {
			l.row = append(l.row, r...)
		} else {
			l = l.on(t.action, r...)
		}
	}
	return l
}
