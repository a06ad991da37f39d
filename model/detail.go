package model

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
)

// RevealTime is how long verified outputs stay readable.
const RevealTime = 15 * time.Second

// Detail is the pane of one session: always the one under the cursor. What the
// row knows is shown at once and costs no request; attempts, metadata and the
// rest are read when the operator opens the session, and are dropped when the
// cursor leaves it.
type Detail struct {
	Open    bool // the pane is shown
	ID      string
	Wanted  bool // the operator opened this session: keep it read
	Loading bool
	Session *client.Session // nil until read
	Reports []client.Report
	Err     error // why it could not be read, nil when it was
	Scroll  int   // lines

	Revealing bool                    // verified outputs are asked for
	Outputs   *client.VerifiedOutputs // nil unless revealed
	Partial   bool                    // the key may not read the sensitive ones
	HideAt    time.Time               // when they are masked again

	openNext         bool // open the session that the cursor is on its way to
	generation       int
	revealGeneration int
}

// openDetail shows the session under the cursor with everything, or gives the
// keys to its pane when that is done already.
func (m *Model) openDetail() tea.Cmd {
	if m.List.jumping {
		m.Detail.openNext = true
		return nil
	}
	var move tea.Cmd
	if m.List.Following() {
		move = m.moveTo(0)
	}
	row, ok := m.List.Current()
	if !ok { // the first row is on its way
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

// readDetail reads a session for the pane. What is shown stays until the
// answer comes.
func (m *Model) readDetail(id string) tea.Cmd {
	d := &m.Detail
	d.generation++
	d.ID, d.Wanted, d.Loading, d.Err = id, true, true, nil
	return m.loadDetail(id)
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
	m.clampDetail()
	return nil
}

// afterMove keeps the detail about the session under the cursor: it drops what
// belongs to another one, and reads again what has changed.
func (m *Model) afterMove() tea.Cmd {
	d := &m.Detail
	row, ok := m.List.Current()
	if !ok || row.ID != d.ID {
		m.mask()
		*d = Detail{Open: d.Open, ID: m.List.Selected, generation: d.generation + 1, revealGeneration: d.revealGeneration}
		switch alone := d.Open && m.Layout().List.Height == 0; { // nothing but the detail is shown
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

// closeDetail hides the pane and forgets what was read for it.
func (m *Model) closeDetail() tea.Cmd {
	m.mask()
	m.Detail = Detail{generation: m.Detail.generation + 1, revealGeneration: m.Detail.revealGeneration}
	m.Focus = ListPane
	m.List.scroll(m.ListRows())
	return nil
}

// toggleReveal shows the verified outputs for a while, or masks them.
func (m *Model) toggleReveal() tea.Cmd {
	d := &m.Detail
	if d.Outputs != nil || d.Revealing {
		m.mask()
		return nil
	}
	row, _ := m.List.Current()
	var open tea.Cmd
	if !d.Open || !d.Wanted {
		open = m.openDetail()
	}
	d.revealGeneration++
	d.Revealing = true
	return tea.Batch(open, m.loadOutputs(row.ID, row.UserID))
}

func (m *Model) onOutputsRead(msg outputsRead) tea.Cmd {
	d := &m.Detail
	if msg.generation != d.revealGeneration || !d.Revealing {
		return nil
	}
	d.Revealing = false
	row, _ := m.List.Current()
	if msg.err != nil {
		m.logErrorOf(row.Row, msg.err)
		return nil
	}
	if msg.outputs == nil {
		m.logWarning("Stripe gave no verified outputs of "+m.name(row.Row), "the key may lack the permission to read them")
		return nil
	}
	d.Outputs, d.Partial, d.HideAt = msg.outputs, msg.partial, m.Now.Add(RevealTime)
	return m.hideLater()
}

func (m *Model) onRevealEnded(msg revealEnded) tea.Cmd {
	if msg.generation == m.Detail.revealGeneration {
		m.mask()
	}
	return nil
}

// mask forgets revealed outputs: on a key, when their time is over, when the
// cursor or the focus leaves, before a dialog, and before the screen is left.
func (m *Model) mask() {
	d := &m.Detail
	d.revealGeneration++
	d.Revealing, d.Outputs, d.Partial, d.HideAt = false, nil, false, time.Time{}
	m.clampDetail() // the pane is shorter now
}

// scrollDetail moves the pane's text by some lines.
func (m *Model) scrollDetail(lines int) {
	m.Detail.Scroll += lines
	m.clampDetail()
}

func (m *Model) clampDetail() {
	visible := max(1, m.Layout().Detail.Height-1)
	most := 0
	if m.Detail.Open {
		most = max(0, m.config.Renderer.DetailLines(*m)-visible)
	}
	m.Detail.Scroll = max(0, min(m.Detail.Scroll, most))
}
