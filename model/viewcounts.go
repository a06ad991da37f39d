package model

import (
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/client/query"
)

// ViewID names a tab, or a saved view: then Tab is 0.
type ViewID struct {
	Tab   int
	Saved string
}

// ViewCount is how many sessions a view lists, and how many of them came into it since the
// operator looked at it last; see mirror.Count.
type ViewCount struct {
	mirror.Count
	query string    // of the saved view, when it was counted
	seen  time.Time // when it was looked at, by this machine's clock
}

// viewCounts are the counts of all views. The start of the program counts as a look at
// each of them.
type viewCounts struct {
	of       map[ViewID]ViewCount
	own      mirror.Owned // what this program did is not news
	looking  *ViewID      // what is looked at; nil: another page is shown, or the terminal has no focus
	left     []ViewID     // what was looked at since the last count began
	counting bool
	moved    bool // sessions changed since the last count began
	due      bool // whatever the time, as what was looked at was left
	at       time.Time
}

// The least times between two counts: after a change of a session, and without one, for
// views that depend on the time.
const (
	countsEvery      = 2 * time.Second
	timedCountsEvery = 10 * time.Second
)

// Count is how many sessions a view lists; ok is false before it was counted.
func (v *Views) Count(id ViewID) (count ViewCount, ok bool) {
	count, ok = v.counts.of[id]
	return count, ok
}

// lookedAt is the view that the operator looks at, nil when there is none. A search in it,
// or a dialog over it, is still a look at it.
func (m *Model) lookedAt() *ViewID {
	if m.Sync.Wish.Away || m.page() != 0 || m.List.View.Kind != WholeView {
		return nil
	}
	return &ViewID{m.List.Tab, m.List.Saved}
}

// look notes what is looked at. What was left is counted at once, so that all that comes
// later is new there.
func (m *Model) look() tea.Cmd {
	c, here := &m.Views.counts, m.lookedAt()
	if same := here == nil && c.looking == nil || here != nil && c.looking != nil && *here == *c.looking; same {
		return nil
	}
	if c.looking != nil {
		c.left, c.due = append(c.left, *c.looking), true
	}
	c.looking = here
	c.seen()
	return m.countViews()
}

// seen takes away what is new where the operator looks or has just looked.
func (c *viewCounts) seen() {
	for _, id := range c.looked() {
		if count, ok := c.of[id]; ok {
			count.New = 0
			c.of[id] = count
		}
	}
}

// looked are the views that were looked at since the last count began.
func (c *viewCounts) looked() []ViewID {
	if c.looking == nil {
		return c.left
	}
	return append(c.left[:len(c.left):len(c.left)], *c.looking)
}

// countViews counts all views in one pass, when that is due.
func (m *Model) countViews() tea.Cmd {
	c := &m.Views.counts
	every := timedCountsEvery
	switch {
	case c.moved && c.of[ViewID{}].Sessions == 0: // the first sessions have come
		every = 0
	case c.moved:
		every = countsEvery
	}
	if c.counting || !m.List.Loaded || !c.due && m.Now.Sub(c.at) < every {
		return nil
	}
	var ids []ViewID
	var requests []mirror.CountRequest
	counted, looked := map[ViewID]ViewCount{}, c.looked()
	add := func(id ViewID, line string, r mirror.Request) {
		request := mirror.CountRequest{Request: r}
		request.Now = m.ServerNow().Local()
		count := ViewCount{query: line, seen: m.Now}
		// the first sessions of all are not new
		if was, ok := c.of[id]; ok && was.query == line && !slices.Contains(looked, id) && c.of[ViewID{}].Sessions > 0 {
			since := *was.Look
			since.Now = was.seen.Add(m.Sync.Ahead).Local() // the server's clock may not have been known then
			request.Since, count.seen = &since, was.seen
		}
		ids, requests, counted[id] = append(ids, id), append(requests, request), count
	}
	for i, tab := range Tabs {
		add(ViewID{Tab: i}, "", mirror.Request{States: tab.States})
	}
	for _, view := range m.Views.Saved {
		add(ViewID{Saved: view.Name}, view.Query, mirror.Request{Query: query.Parse(view.Query)})
	}
	own := maps.Clone(c.own)
	c.counting, c.moved, c.due, c.left, c.at = true, false, false, nil, m.Now
	ctx, store := m.config.Context, m.config.Store
	return func() tea.Msg {
		counts, err := store.Counts(ctx, requests, own)
		for i, count := range counts {
			view := counted[ids[i]]
			view.Count = count
			counted[ids[i]] = view
		}
		return viewsCounted{counted, err}
	}
}

// viewsCounted is sent by countViews.
type viewsCounted struct {
	counts map[ViewID]ViewCount
	err    error
}

func (m *Model) onViewsCounted(msg viewsCounted) tea.Cmd {
	c := &m.Views.counts
	c.counting = false
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	c.of = msg.counts
	c.seen()
	return m.countViews()
}

// renamed keeps the count of a view that got another name.
func (c *viewCounts) renamed(from, to string) {
	if count, ok := c.of[ViewID{Saved: from}]; ok && from != to {
		delete(c.of, ViewID{Saved: from})
		c.of[ViewID{Saved: to}] = count
	}
	for i := range c.left {
		if c.left[i].Saved == from {
			c.left[i].Saved = to
		}
	}
}

// did notes sessions that this program brought to some states, or not, as it turned out.
func (c *viewCounts) did(states mirror.States, so bool, sessions ...string) {
	if c.moved = true; c.own == nil {
		c.own = mirror.Owned{}
	}
	for _, id := range sessions {
		if so {
			c.own[id] |= states
		} else if c.own[id] &^= states; c.own[id] == 0 {
			delete(c.own, id)
		}
	}
}

// endsIn are the states to which a verb brings a session.
func endsIn(verb client.Verb) mirror.States {
	if verb == client.Redact {
		return mirror.StatesOf(client.StateRedacting, client.StateRedacted)
	}
	return mirror.StatesOf(client.StateCanceled)
}

// didItems notes what became of a job's sessions.
func (c *viewCounts) didItems(verb client.Verb, items []plan.Item) {
	for _, it := range items {
		switch it.Fate(verb, false) {
		case plan.LeftOut, plan.NeverSent, plan.Refused, plan.ToSend:
			c.did(endsIn(verb), false, it.Session)
		default:
			c.did(endsIn(verb), true, it.Session)
		}
	}
}
