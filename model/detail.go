package model

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// Detail is the pane of one session: always the one under the cursor. The values in
// the row are shown at once and cost no request; attempts, metadata and the rest
// are read when the operator opens the session, and are dropped when the cursor
// leaves it.
type Detail struct {
	Open    bool // the pane is shown
	ID      string
	Wanted  bool // the operator opened this session: it is reread when it changes
	Loading bool
	Session *client.Session // nil until read
	Reports []client.Report
	Err     error // why it could not be read, nil when it was
	Scroll  int   // lines

	Revealed

	openNext   bool // open the session that the cursor is moving to
	generation int
}

// openDetail reads the session under the cursor in full, or gives the keys to its
// pane if it is already open.
func (m *Model) openDetail() tea.Cmd {
	if m.timelineShown() {
		return m.openFromTimeline()
	}
	if m.List.jumping {
		m.Detail.openNext = true
		return nil
	}
	var move tea.Cmd
	if m.List.Following() {
		move = m.moveTo(0)
	}
	row, ok := m.List.Current()
	if !ok { // the first row is being loaded
		m.Detail.openNext = m.List.jumping
		return move
	}
	if m.Detail.Open && m.Detail.Wanted && m.Detail.ID == row.ID && m.Detail.Err == nil {
		m.Focus = DetailPane
		return nil
	}
	m.Detail.Open = true
	m.keepFocusVisible()
	m.List.scroll(m.ListRows())
	return tea.Batch(move, m.readDetail(row.ID))
}

// readDetail reads a session for the pane. The pane keeps its content until the
// answer comes.
func (m *Model) readDetail(id string) tea.Cmd {
	d := &m.Detail
	d.generation++
	d.ID, d.Wanted, d.Loading, d.Err = id, true, true, nil
	return m.loadDetail(id)
}

// loadDetail reads a session and its attempts; verified outputs are left out.
func (m *Model) loadDetail(id string) tea.Cmd {
	ctx, api, store, clock, generation := m.config.Context, m.config.API, m.config.Store, m.config.Clock, m.Detail.generation
	return func() tea.Msg {
		session, err := readInto(ctx, api, store, clock, id)
		if err != nil {
			return detailRead{generation: generation, err: err}
		}
		reports, err := api.ListReports(ctx, client.ReportListParams{
			VerificationSession: id, Cursor: client.Cursor{Limit: 100},
		})
		return detailRead{generation, session, reports.Data, err}
	}
}

// detailRead is sent by loadDetail for the session that was opened.
type detailRead struct {
	generation int
	session    client.Session
	reports    []client.Report
	err        error
}

func (m *Model) onDetailRead(msg detailRead) tea.Cmd {
	d := &m.Detail
	if msg.generation != d.generation {
		return nil
	}
	d.Loading, d.Err = false, msg.err
	row, _ := m.List.Current()
	if msg.err != nil {
		m.logErrorOf(row.Row, msg.err)
	}
	if msg.session.ID != "" {
		d.Session, d.Reports = &msg.session, msg.reports
	}
	return nil
}

// Options are what a session asks for beside its type. The kinds of documents are among them
// once it was read.
func (m *Model) Options(row mirror.Row) (options []string) {
	for _, option := range []struct {
		set  bool
		name string
	}{{row.Selfie, "matching selfie"}, {row.LiveShot, "live capture"}, {row.IDNumber, "id number"}} {
		if option.set {
			options = append(options, option.name)
		}
	}
	if s := m.Detail.Session; s != nil && s.Options != nil && s.Options.Document != nil && len(s.Options.Document.AllowedTypes) > 0 {
		options = append(options, "only "+strings.ReplaceAll(strings.Join(s.Options.Document.AllowedTypes, ", "), "_", " "))
	}
	return options
}

// afterMove keeps the detail on the session under the cursor: it drops another
// session's data, and reads a changed session again.
func (m *Model) afterMove() tea.Cmd {
	d := &m.Detail
	row, ok := m.List.Current()
	if ok && m.List.Selected == row.ID {
		m.tellHidden(row.Row)
	}
	if !ok || row.ID != d.ID {
		m.mask()
		*d = Detail{Open: d.Open, ID: m.List.Selected, generation: d.generation + 1}
		switch alone := d.Open && m.Layout().List.Height == 0; { // only the detail is shown
		case alone && ok:
			return m.readDetail(row.ID)
		case alone:
			return m.closeDetail()
		}
		return nil
	}
	if !d.Wanted || d.Loading || d.Session == nil {
		return nil
	}
	if s := d.Session; s.Status == row.Status && s.ErrorCode() == row.ErrorCode &&
		s.RedactionStatus() == row.Redaction && string(s.LastReport) == row.ReportID {
		return nil
	}
	m.mask()
	if row.Erased() {
		d.Session, d.Reports = nil, nil
	}
	return m.readDetail(row.ID)
}

// closeDetail hides the pane and forgets its session.
func (m *Model) closeDetail() tea.Cmd {
	m.mask()
	m.Detail = Detail{generation: m.Detail.generation + 1}
	m.Focus = ListPane
	m.List.scroll(m.ListRows())
	return nil
}

// scrollDetail moves the pane's text by some lines.
func (m *Model) scrollDetail(lines int) {
	d := &m.Detail
	d.Scroll = max(0, min(d.Scroll+lines, m.Shown.Detail-max(1, m.Layout().Detail.Height-1)))
}

// readInto reads a session and gives it to the store, so that the list is never
// older than the detail.
func readInto(ctx context.Context, api client.API, store mirror.Store, clock func() time.Time, id string, expand ...string) (client.Session, error) {
	sent := clock()
	session, err := api.GetSession(ctx, id, expand...)
	if err != nil {
		return session, err
	}
	return session, store.Apply(ctx, seen(session, sent), session)
}

// seen is the Origin of a session whose request was sent at sent.
func seen(session client.Session, sent time.Time) mirror.Origin {
	at := session.Date
	if at.IsZero() {
		at = sent
	}
	return mirror.Origin{At: at, Sent: sent, News: true}
}

// back closes the pane, then the view, one at each key, then clears the search.
func (m *Model) back() tea.Cmd {
	switch {
	case m.Focus == DetailPane && m.Layout().List.Height > 0:
		return m.switchPane()
	case m.Detail.Open && !m.PersonShown():
		return m.closeDetail()
	}
	if m.List.View.Kind == QueryView || m.List.View.Kind != WholeView && m.Search.Text() == "" {
		return m.unlimit()
	}
	if cmd, did := m.clearSearch(); did || m.List.Saved == "" {
		return cmd
	}
	return m.selectTab(0)
}

func (m *Model) switchPane() tea.Cmd {
	if m.timelineShown() {
		m.Timeline.Side = 1 - m.Timeline.Side
		return nil
	}
	m.mask()
	if m.Focus == ListPane {
		m.Focus = DetailPane
	} else {
		m.Focus = ListPane
	}
	return nil
}

// whyNotOpen is why nothing can be opened. Reading is harmless, so a cursor on its
// way to a session is enough.
func (m *Model) whyNotOpen() string {
	if m.timelineShown() {
		return onRow(nil)(m)
	}
	if m.List.jumping || m.List.followed() || m.List.selects() {
		return ""
	}
	return noSession
}

func (m *Model) whyNotSwitch() string {
	if m.timelineShown() && len(m.Timeline.ids) == 2 {
		return ""
	}
	if m.timelineShown() {
		return "only one session is shown: mark two, then t"
	}
	if l := m.Layout(); l.List.Height == 0 || l.Detail.Height == 0 {
		return "only one pane is shown"
	}
	return ""
}
