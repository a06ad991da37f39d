package model

import (
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// Erasing is the progress of erasing the sessions of the shown person, once one of
// them is erased or being erased. An erased session loses its user_id, so the page
// keeps the ids of the sessions.
type Erasing struct {
	Rows  map[string]mirror.Row
	Items map[string]plan.Item // the item of each session, from the last job that redacts it
	Jobs  []Erasure            // the jobs of these items, newest first
}

// Erasure is a job that erases sessions of the person, with its place in the
// ledger.
type Erasure = act.Erasure

// Person is about the person that is shown.
type Person struct {
	Erasing *Erasing // nil while none of their sessions is being erased

	ids     []string // of their sessions
	reading bool     // their fate is being read
	stale   bool     // it has to be read once more
	readAt  time.Time
}

// erasingEvery is how often the progress is read again without news.
const erasingEvery = 10 * time.Second

// ErasedShown tells whether the page of a person under erasure is shown.
func (m *Model) ErasedShown() bool {
	return m.Person.Erasing != nil && m.List.Tab == 0 && m.Search.Query.Empty() && !m.Detail.Wanted
}

// Lines of that page besides the sessions, in full and on a low screen.
const (
	erasedFrame    = 11
	erasedLowFrame = 3
	erasedHigh     = 16 // lines from which the full page is shown
)

// ErasedRows is how many sessions that page shows at once.
func (m *Model) ErasedRows() int {
	height := m.Layout().List.Height
	if height < erasedHigh {
		return max(1, height-erasedLowFrame)
	}
	return max(1, height-erasedFrame)
}

// ErasedWhole tells whether there is room for the full page.
func (m *Model) ErasedWhole() bool { return m.Layout().List.Height >= erasedHigh }

// forgetPerson drops the sessions of the person shown before.
func (m *Model) forgetPerson() { m.Person = Person{} }

// watchPerson notices that sessions have left a person's page, and holds the new
// page back until it is known whether they are being erased.
func (m *Model) watchPerson(page mirror.Page) (cmd tea.Cmd, held bool) {
	whole := m.List.View.Kind == PersonView && m.List.Tab == 0 && m.Search.Query.Empty()
	if !whole || m.Person.Erasing != nil || page.Loading || page.Total != len(page.Rows) {
		return nil, false
	}
	ids := make([]string, len(page.Rows))
	for i, row := range page.Rows {
		ids[i] = row.ID
	}
	for _, id := range m.Person.ids {
		if !slices.Contains(ids, id) {
			return m.rereadErasing(), true
		}
	}
	m.Person.ids = ids
	return nil, false
}

// rereadErasing reads the progress of the person's sessions, once at a time.
func (m *Model) rereadErasing() tea.Cmd {
	switch {
	case m.config.Desk == nil || len(m.Person.ids) == 0:
		return nil
	case m.Person.reading:
		m.Person.stale = true
		return nil
	}
	m.Person.reading, m.Person.stale, m.Person.readAt = true, false, m.Now
	return m.readErasing()
}

// followErasing reads the progress again while it is shown.
func (m *Model) followErasing() tea.Cmd {
	if m.Person.Erasing == nil || !m.Person.stale && m.Now.Sub(m.Person.readAt) < erasingEvery {
		return nil
	}
	return m.rereadErasing()
}

// readErasing reads the progress of the sessions of the shown person. The records
// of a job are kept while the job is unchanged.
func (m *Model) readErasing() tea.Cmd {
	ctx, store, desk, view, most := m.config.Context, m.config.Store, m.config.Desk, m.List.View, m.MaxMarks()
	ids, known := m.Person.ids, map[int64]act.Erasure{}
	if m.Person.Erasing != nil {
		for _, e := range m.Person.Erasing.Jobs {
			known[e.Job.ID] = e
		}
	}
	return func() tea.Msg {
		read := erasingRead{view: view, items: map[string]plan.Item{}}
		fail := func(err error) tea.Msg { return erasingRead{view: view, err: err} }
		ids := slices.Clone(ids)
		named := map[string]bool{}
		if view.UserID != "" { // include the sessions created since
			page, err := store.Find(ctx, mirror.Request{UserID: view.UserID, Alike: view.Alike, Rows: most})
			if err != nil {
				return fail(err)
			}
			for _, hit := range page.Rows {
				named[hit.ID] = true
				if !slices.Contains(ids, hit.ID) {
					ids = append(ids, hit.ID)
				}
			}
		}
		page, err := store.Find(ctx, mirror.Request{Only: ids, Rows: len(ids)})
		if err != nil {
			return fail(err)
		}
		for _, hit := range page.Rows {
			if hit.Erased() || named[hit.ID] { // otherwise it belongs to another person by now
				read.rows = append(read.rows, hit.Row)
			}
		}
		items, err := desk.Journal.RedactionsOf(ids)
		if err != nil {
			return fail(err)
		}
		for _, item := range items {
			if before, ok := read.items[item.Session]; !ok || item.State != plan.Skipped || before.State == plan.Skipped {
				read.items[item.Session] = item
			}
		}
		jobs := map[int64]bool{}
		for _, item := range read.items {
			jobs[item.Job] = true
		}
		for _, id := range slices.Backward(slices.Sorted(maps.Keys(jobs))) {
			e := known[id]
			if job, err := desk.Journal.Job(id); err != nil || job.Counts != e.Job.Counts || job.State != e.Job.State {
				if e, err = desk.ErasureOf(id); err != nil {
					return fail(err)
				}
			}
			read.jobs = append(read.jobs, e)
		}
		return read
	}
}

// erasingRead is sent by readErasing for the shown person.
type erasingRead struct {
	view  View
	rows  []mirror.Row
	items map[string]plan.Item
	jobs  []act.Erasure
	err   error
}

// onErasingRead shows the progress of the person's sessions. Once Stripe has
// accepted the last one, the name is forgotten.
func (m *Model) onErasingRead(msg erasingRead) tea.Cmd {
	m.Person.reading = false
	if msg.view != m.List.View { // another person is shown, or more of the same person
		return m.followErasing()
	}
	if msg.err != nil {
		m.logError(msg.err)
		return nil
	}
	e := &Erasing{Rows: map[string]mirror.Row{}, Items: msg.items, Jobs: msg.jobs}
	erased, named := 0, 0
	m.Person.ids = nil
	for _, row := range msg.rows {
		e.Rows[row.ID] = row
		m.Person.ids = append(m.Person.ids, row.ID)
		if row.Erased() {
			erased++
		} else {
			named++
		}
	}
	m.Person.Erasing = nil
	if erased > 0 {
		m.Person.Erasing = e
		if named == 0 && m.List.View.Kind == PersonView {
			was := m.List.View
			m.List.View = View{Kind: ErasedView}
			m.forgetName(was)
		}
	}
	if m.Person.stale {
		return tea.Batch(m.refind(), m.rereadErasing())
	}
	return m.refind()
}

// ErasedJob is the job with the evidence for the session under the cursor, else the
// newest job.
func (m *Model) ErasedJob() (id int64, ok bool) {
	if m.Person.Erasing == nil || len(m.Person.Erasing.Jobs) == 0 {
		return 0, false
	}
	if item, ok := m.Person.Erasing.Items[m.List.Selected]; ok {
		return item.Job, true
	}
	return m.Person.Erasing.Jobs[0].Job.ID, true
}

// Accepted is how many sessions Stripe has accepted for erasure, and how many of
// them it reports as erased.
func (e *Erasing) Accepted() (accepted, erased int) {
	for _, row := range e.Rows {
		if row.Erased() {
			accepted++
		}
		if row.State == client.StateRedacted {
			erased++
		}
	}
	return accepted, erased
}

// Last is the time of the last session that Stripe was seen to have erased, zero
// when no job here has one.
func (e *Erasing) Last() (last time.Time) {
	for _, item := range e.Items {
		if item.State == plan.Complete && item.Changed.After(last) {
			last = item.Changed
		}
	}
	return last
}

// Due is the end of Stripe's time limit for the last session, zero when it is known
// of none.
func (e *Erasing) Due() (due time.Time) {
	for id, row := range e.Rows {
		item, ok := e.Items[id]
		if !ok || row.State != client.StateRedacting || item.Accepted.IsZero() {
			continue
		}
		if by := item.Accepted.Add(plan.EraseTime); by.After(due) {
			due = by
		}
	}
	return due
}
