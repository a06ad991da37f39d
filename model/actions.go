package model

import (
	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/keymap"
)

// paneKey carries out what a key means in the pane that has the keys.
func (m *Model) paneKey(msg tea.KeyPressMsg) tea.Cmd {
	mode, key := keymap.List, msg.String()
	if m.Focus == DetailPane {
		mode = keymap.Detail
	}
	id, ok := m.config.Keys.Resolve(mode, key)
	if !ok {
		m.unbound(msg)
	}
	if !ok || m.refuse(id) {
		return nil
	}
	if id != keymap.MarkUp && id != keymap.MarkDown {
		m.endRun()
	}
	if rows, ok := m.step(id); ok {
		if m.Focus == DetailPane {
			m.scrollDetail(rows)
			return nil
		}
		return m.moveBy(rows)
	}
	return m.do(id)
}

// unbound says which key was read when it is no action, as on a keyboard of
// another layout.
func (m *Model) unbound(msg tea.KeyPressMsg) {
	if msg.Text != "" {
		m.log(Message{Level: Refusal, Text: msg.Text + " is no action", Hint: "another keyboard layout? ? shows the keys"})
	}
}

// refuse says why an action can't be carried out now, if it can't.
func (m *Model) refuse(id keymap.ID) bool {
	why := m.Why(id)
	if why == "" {
		return false
	}
	text := "No session is selected"
	if action, ok := keymap.Lookup(id); why == selectFirst {
		text = "Select a session first: j"
	} else if ok && why != noSession {
		text = "Can't " + action.Title + ": " + why
	}
	m.log(Message{Level: Refusal, Text: text})
	return true
}

// overlayKey carries out what a key means while an overlay is open.
func (m *Model) overlayKey(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	if m.Overlay.Kind == JobsOverlay {
		if cmd, taken := m.jobsKey(msg); taken {
			return cmd
		}
	}
	id, ok := m.config.Keys.Resolve(keymap.Overlay, key)
	if !ok {
		m.unbound(msg)
	}
	if !ok || m.refuse(id) {
		return nil
	}
	if rows, ok := m.step(id); ok {
		m.scrollOverlay(rows)
		return nil
	}
	if id == keymap.Back || id == keymap.Quit && key != "ctrl+c" {
		return m.closeOverlay()
	}
	return m.do(id)
}

// step returns how many rows an action moves; ok is false when it moves none.
func (m *Model) step(id keymap.ID) (rows int, ok bool) {
	screen := max(1, m.ListRows())
	switch {
	case m.Overlay.Kind != NoOverlay:
		screen = m.OverlayRows()
	case m.Focus == DetailPane:
		screen = max(1, m.Layout().Detail.Height-1)
	}
	const all = 1 << 30
	switch id {
	case keymap.Up:
		return -1, true
	case keymap.Down:
		return +1, true
	case keymap.PageUp:
		return -screen, true
	case keymap.PageDown:
		return +screen, true
	case keymap.HalfUp:
		return -max(1, screen/2), true
	case keymap.HalfDown:
		return +max(1, screen/2), true
	case keymap.Top:
		return -all, true
	case keymap.Bottom:
		return +all, true
	}
	return 0, false
}

// do carries out an action that can be carried out now.
func (m *Model) do(id keymap.ID) tea.Cmd {
	switch id {
	case keymap.Search:
		return m.startSearch()
	case keymap.Open:
		return m.openDetail()
	case keymap.Back:
		return m.back()
	case keymap.OtherPane:
		m.switchPane()
	case keymap.Follow:
		return m.followNewest()
	case keymap.Sort:
		return m.sortNext()
	case keymap.Reverse:
		return m.sortReversed()
	case keymap.Marked:
		return m.toggleMarked()
	case keymap.Person:
		return m.showPerson()
	case keymap.Alike:
		return m.toggleAlike()
	case keymap.Palette:
		return m.openPalette()
	case keymap.CopySession:
		return m.copySession()
	case keymap.CopyUser:
		return m.copyUser()
	case keymap.Dashboard:
		return m.openDashboard()
	case keymap.Reveal:
		return m.toggleReveal()
	case keymap.SyncNow:
		return m.syncNow()
	case keymap.Pause:
		return m.togglePause()
	case keymap.Help:
		return m.toggleOverlay(HelpOverlay)
	case keymap.Messages:
		return m.toggleOverlay(MessagesOverlay)
	case keymap.Suspend:
		return m.suspend()
	case keymap.Redraw:
		return tea.ClearScreen
	case keymap.Quit:
		return m.quit()
	}
	for tab, t := range Tabs {
		if t.Action == id {
			return m.selectTab(tab)
		}
	}
	return m.doActing(id)
}

// doActing is do for what changes something, and for what that is prepared with.
func (m *Model) doActing(id keymap.ID) tea.Cmd {
	switch id {
	case keymap.Cancel:
		return m.askFor(client.Cancel)
	case keymap.Redact:
		return m.askFor(client.Redact)
	case keymap.Mark:
		return m.toggleMark()
	case keymap.MarkUp:
		return m.extend(-1)
	case keymap.MarkDown:
		return m.extend(+1)
	case keymap.MarkAll:
		return m.markAll()
	case keymap.Unmark:
		return m.unmark()
	case keymap.New:
		return m.openNew()
	case keymap.Link:
		return m.copyLink()
	case keymap.Metadata:
		return m.editMetadata()
	case keymap.JobEvidence:
		job, _ := m.ErasedJob()
		return m.writeEvidence(job)
	case keymap.Jobs:
		return m.openJobs()
	case keymap.Recall:
		return m.recall()
	}
	return nil
}

// askFor asks whether a verb is to be carried out: by a plan for what is marked
// or for a person, and wherever a reason has to be given, else by a dialog for
// the session under the cursor.
func (m *Model) askFor(verb client.Verb) tea.Cmd {
	if m.many() || m.config.ReasonRequired {
		return m.planFor(verb)
	}
	return m.confirm(verb)
}
