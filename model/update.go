package model

import (
	tea "charm.land/bubbletea/v2"
)

// Update implements tea.Model.
func (m Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		cmd = m.onKey(msg)
	case tea.PasteMsg:
		cmd = m.onPaste(msg)
	case tea.WindowSizeMsg:
		cmd = m.onSize(msg)
	case tea.FocusMsg:
		cmd = m.onFocus(true)
	case tea.BlurMsg:
		cmd = m.onFocus(false)
	case tea.ResumeMsg:
		cmd = m.syncNow()
	case tea.BackgroundColorMsg:
		m.Dark = msg.IsDark()
	case tea.ColorProfileMsg:
		m.Profile = msg.Profile
	case ticked:
		cmd = m.onTicked(msg)
	case storeChanged:
		cmd = m.onStoreChanged()
	case syncerChanged:
		cmd = m.onSyncerChanged(msg)
	case pageFound:
		cmd = m.onPageFound(msg)
	case allFound:
		cmd = m.onAllFound(msg)
	case accountRead:
		cmd = m.onAccountRead(msg)
	case detailRead:
		cmd = m.onDetailRead(msg)
	case outputsRead:
		cmd = m.onOutputsRead(msg)
	case revealEnded:
		cmd = m.onRevealEnded(msg)
	case quietPassed:
		cmd = m.onQuietPassed(msg)
	case cursorSettled:
		cmd = m.onCursorSettled(msg)
	case rowRead:
		cmd = m.onRowRead(msg)
	case acted:
		cmd = m.onActed(msg)
	case browserOpened:
		cmd = m.onBrowserOpened(msg)
	}
	return m, cmd
}

// onKey gives the key to whoever has the keys; see the package comment.
func (m *Model) onKey(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	switch {
	case m.Layout().TooSmall:
		if key == "q" || key == "ctrl+c" {
			return m.quit()
		}
		return nil
	case m.Dialog != nil:
		return m.dialogKey(msg)
	case m.Overlay.Kind != NoOverlay:
		return m.overlayKey(key)
	case m.Search.Typing:
		return m.searchKey(msg)
	}
	return m.paneKey(key)
}

// onPaste takes a paste into the search line. A dialog takes none: a paste
// never confirms.
func (m *Model) onPaste(msg tea.PasteMsg) tea.Cmd {
	if m.Dialog != nil || !m.Search.Typing || m.Layout().TooSmall {
		return nil
	}
	return m.searchInput(msg)
}
