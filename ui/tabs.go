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

// tabKeys are the keys of the tabs.
var tabKeys = func() (keys [len(model.Tabs)]safe.Text) {
	for i, tab := range model.Tabs {
		action, _ := keymap.Lookup(tab.Action)
		keys[i] = safe.Line(keymap.Label(action))
	}
	return keys
}()

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
func allTabs(m *model.Model) (tabs []int) {
	for i := range len(model.Tabs) + min(len(m.Views.Saved), len(savedKeys)) {
		tabs = append(tabs, i)
	}
	if open := openTab(m); open >= len(tabs) {
		tabs = append(tabs, open)
	}
	return tabs
}

// savedKeys are the keys of the first saved views.
var savedKeys = func() (keys [len(model.SavedKeys)]safe.Text) {
	for i, id := range model.SavedKeys {
		action, _ := keymap.Lookup(id)
		keys[i] = safe.Line(keymap.Label(action))
	}
	return keys
}()

// tab is a tab as it is drawn. A saved view beyond the first two has no key, and no count
// before it was counted.
type tab struct{ key, name, count, news safe.Text }

func tabOf(m *model.Model, i int) (t tab) {
	id, saved := model.ViewID{Tab: i}, i-len(model.Tabs)
	if saved >= 0 {
		id = model.ViewID{Saved: m.Views.Saved[saved].Name}
	}
	counted, ok := m.Views.Count(id)
	if counted.New > 0 {
		t.news = safe.Concat(safe.Lit("+"), safe.Num(counted.New))
	}
	if saved < 0 {
		t.key, t.name, t.count = tabKeys[i], tabNames[i], safe.Num(m.List.Page.Counts.Of(model.Tabs[i].States))
		return t
	}
	if t.name = safe.Line(id.Saved); saved < len(savedKeys) {
		t.key = savedKeys[saved]
	}
	switch {
	case id.Saved == m.List.Saved && m.ViewChanged():
		t.name, t.count = safe.Concat(t.name, safe.Lit("*")), safe.Num(m.List.Page.Found())
	case id.Saved == m.List.Saved:
		t.count = safe.Num(m.List.Page.Found())
	case ok:
		t.count = safe.Num(counted.Sessions)
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

// drawTabs draws the tabs in whole words, or what page is in their place. Names matter more
// than counts, and what is new more than both.
func drawTabs(p *painter, m *model.Model) {
	if h, ok := m.Modal.(*model.Help); ok {
		drawTrail(p, m, safe.Lit("Help"), helpPlace(m, h))
		return
	}
	if m.Overlay().Is(model.TimelineOverlay) {
		drawTrail(p, m, timelineName(m), safe.Text{})
		return
	}
	if m.Overlay().Is(model.ViewsOverlay) {
		drawTrail(p, m, safe.Lit("Views"), safe.Lit("the first nine have the keys 1 to 9 "))
		return
	}
	p.putRow(tabsRow(p, m), &p.theme.plain, m.Width)
}

// tabsRow are the tabs: all with their counts, else the first seven with as many counts as
// fit, else those that fit.
func tabsRow(p *painter, m *model.Model) row {
	tabs, gap := allTabs(m), safe.Lit("  ")
	if all := tabRow(p, m, tabs, countAll, gap); all.width() <= m.Width {
		return all
	}
	some := append([]int(nil), tabs[:len(model.Tabs)]...)
	if open := openTab(m); open >= len(some) {
		some = append(some, open)
	}
	for _, counted := range countForms(m) {
		for _, gap := range []safe.Text{gap, space} {
			if tabs := withRest(p, m, tabRow(p, m, some, counted, gap), len(some) < len(tabs)); tabs.width() <= m.Width {
				return tabs
			}
		}
	}
	return fewTabs(p, m, tabs)
}

// countForms are which tabs have a count, the most first.
func countForms(m *model.Model) []int {
	news := 0
	for i := range model.Tabs {
		if !tabOf(m, i).news.IsEmpty() {
			news |= 1 << i
		}
	}
	return []int{countAll, countOpen | news, countFailed | news, countFailed, countNone}
}

// withRest adds the key that shows the tabs which are left out, if there are any.
func withRest(p *painter, m *model.Model, tabs row, rest bool) row {
	if !rest {
		return tabs
	}
	views, _ := keymap.Lookup(keymap.Views)
	on := &p.theme.plain
	return append(tabs, segment{on.text, safe.Lit("  ")}, segment{on.accent, safe.Line(keymap.Label(views))}, segment{on.dim, safe.Lit(" all tabs")})
}

// fewTabs draws the active tab, then those with news and then the others, as many as fit,
// in their order.
func fewTabs(p *painter, m *model.Model, tabs []int) row {
	rank := func(i int) int {
		switch {
		case i == openTab(m):
			return 0
		case i > 0 && !tabOf(m, i).news.IsEmpty(): // the first has the news of all others
			return 1
		}
		return 2
	}
	ranked := slices.Clone(tabs)
	slices.SortStableFunc(ranked, func(a, b int) int { return rank(a) - rank(b) })
	draw := func(n, counted int) row {
		return withRest(p, m, tabRow(p, m, slices.Sorted(slices.Values(ranked[:n])), counted, space), true)
	}
	n := 1
	for n < len(ranked) && draw(n+1, countNone).width() <= m.Width {
		n++
	}
	for _, counted := range countForms(m)[1:] {
		if tabs := draw(n, counted); tabs.width() <= m.Width {
			return tabs
		}
	}
	return draw(n, countNone)
}

// tabRow draws some tabs; the active one always has its count, and every tab what is new
// in it.
func tabRow(p *painter, m *model.Model, tabs []int, counted int, gap safe.Text) row {
	on := &p.theme.plain
	r := make(row, 0, 9*len(tabs))
	for at, i := range tabs {
		if at > 0 {
			r = append(r, segment{on.text, gap})
		}
		t := tabOf(m, i)
		if i >= len(model.Tabs) && (at == 0 || tabs[at-1] < len(model.Tabs)) {
			r = append(r, segment{on.line, safe.Lit("│")})
		}
		if i == openTab(m) {
			if !t.key.IsEmpty() {
				t.key = safe.Concat(t.key, space)
			}
			r = append(r, segment{p.theme.tab, safe.Concat(space, t.key, t.name, space, t.count, space)})
		} else {
			r = append(r, segment{on.accent, space}, segment{on.accent, t.key}, segment{on.dim, space}, segment{on.dim, t.name})
			if i >= len(model.Tabs) && !t.count.IsEmpty() {
				r = append(r, segment{on.text, space}, segment{on.dim, t.count})
			} else if counted&(1<<i) != 0 {
				r = append(r, segment{on.text, space}, segment{on.state[tabColor(i)], t.count})
			}
		}
		if !t.news.IsEmpty() {
			r = append(r, segment{on.text, space}, segment{on.processing, t.news})
		}
	}
	return r
}
