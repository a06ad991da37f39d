package model

import tea "charm.land/bubbletea/v2"

// The smallest window for the dashboard, and the sizes at which its shape changes.
const (
	MinWidth     = 40
	MinHeight    = 10
	besideWidth  = 140 // from here list and detail are side by side
	stackedWidth = 60  // from here they are stacked, if there is height for both
	stackedLines = 24
)

// bottomLines are the hair line and the footer.
const bottomLines = 2

// highScreen is the height from which there are blank lines.
const highScreen = 32

// NewsLine is the number of lines above the column heads that tell of newer rows;
// on a low screen the search line tells it.
func (m *Model) NewsLine() int {
	if m.Height >= highScreen {
		return 1
	}
	return 0
}

// SearchLine is the line of the search, below header and tabs. A high screen adds a
// blank line above it, a live account a line of the frame, the failed tab those of the
// last hour. The panes begin on the next line.
func (m *Model) SearchLine() int {
	line := 2
	if m.Height >= highScreen {
		line++
	}
	if m.Identity.Live {
		line++
	}
	return line + m.HourLines()
}

// Layout is where the panes are, in cells. A hidden pane has no height.
type Layout struct {
	TooSmall bool
	Beside   bool // the detail is beside the list, otherwise below it or alone
	List     Area // its first line is the column heads, on a high screen below NewsLine
	Detail   Area // its first line is its title
}

// Area is a rectangle of the screen.
type Area struct{ X, Y, Width, Height int }

// Layout tells where the panes are.
func (m *Model) Layout() Layout {
	if m.Width < MinWidth || m.Height < MinHeight {
		return Layout{TooSmall: true}
	}
	top := m.SearchLine() + 1
	body := Area{0, top, m.Width, m.Height - top - bottomLines}
	switch {
	case !m.Detail.Open || m.PersonShown():
		return Layout{List: body}
	case m.Width >= besideWidth:
		list, detail := body, body
		list.Width = m.Width * 3 / 5
		detail.X = list.Width + 1
		detail.Width = m.Width - detail.X
		return Layout{Beside: true, List: list, Detail: detail}
	case m.Width >= stackedWidth && m.Height >= stackedLines:
		list, detail := body, body
		list.Height = max(8, body.Height*2/5)
		detail.Y += list.Height
		detail.Height -= list.Height
		return Layout{List: list, Detail: detail}
	}
	return Layout{Detail: body}
}

// Extent is how much there was to show in a frame. Scrolling ends there.
type Extent struct {
	Detail  int    // lines of the detail pane below its title
	Overlay int    // lines of the overlay
	Help    []int  // the first entry on each page of the help
	Plan    int    // sessions of a plan that fit on the screen at once
	Spots   []Spot // where clicks act, while the mouse is on
}

// View implements tea.Model. The returned frame is the one place where heights are
// computed; scrolling ends where the frame does.
func (m *Model) View() tea.View {
	view, shown := m.config.Renderer.View(m)
	m.Shown = shown
	m.scrollDetail(0)
	if o := m.Overlay(); o != nil {
		o.scroll(m, 0)
	}
	return view
}

// ListRows is how many rows of the list are visible.
func (m *Model) ListRows() int {
	if m.PersonShown() {
		return m.personRows()
	}
	rows := m.Layout().List.Height - 1 - m.NewsLine()
	for _, some := range [...]int{m.List.Page.Apart, m.List.Page.ByReason} {
		if some > 0 { // a line stands over them
			rows--
		}
	}
	return max(0, rows)
}

// pageRows is how many rows to ask of the store: several screens, so that moving
// seldom has to wait.
func (m *Model) pageRows() int { return max(150, 5*m.Height) }

func (m *Model) onSize(msg tea.WindowSizeMsg) tea.Cmd {
	first := m.Width == 0
	m.Width, m.Height = msg.Width, msg.Height
	if first && m.Width >= besideWidth {
		m.Detail.Open = true // there is room for both, and looking costs no request
	}
	if layout := m.Layout(); layout.TooSmall || m.Detail.Open && !m.Detail.Wanted && !layout.Beside {
		m.closeUnread(layout.TooSmall)
	}
	m.keepFocusVisible()
	m.List.scroll(m.ListRows())
	return m.refind()
}

// closeUnread hides a detail that nobody opened once there is no room beside the
// list, and masks private data in a window that is too small.
func (m *Model) closeUnread(tooSmall bool) {
	m.mask()
	if !tooSmall {
		m.closeDetail()
	}
}

// keepFocusVisible moves the focus to a pane that is shown.
func (m *Model) keepFocusVisible() {
	switch layout := m.Layout(); {
	case layout.Detail.Height == 0:
		m.Focus = ListPane
	case layout.List.Height == 0:
		m.Focus = DetailPane
	}
}
