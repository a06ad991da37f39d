package model

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// Help lists what the keys do where it was opened, by group. It can be searched, and
// carries out what is under its cursor.
type Help struct {
	Entries   []HelpEntry // those with the words of the search, in the order of the page
	All       int         // how many there are
	NotNow    int         // how many of all can't be carried out now
	At        int         // index of the chosen entry
	Searching bool        // the search has the keys

	asksNothing
	input textinput.Model
	over  Modal // what had the keys before, nil: a pane
}

// HelpEntry is an action in the help.
type HelpEntry struct {
	keymap.Action
	Keys string // as people read them
	Name string // its present title
	Why  string // why it can't be carried out now, "" when it can
}

// Text returns the text of the search.
func (h *Help) Text() string { return h.input.Value() }

// Cursor returns how many characters of Text are before the cursor.
func (h *Help) Cursor() int { return h.input.Position() }

// Where says for which part of the screen the help is.
func (h *Help) Where(m *Model) string {
	o, _ := h.over.(*Overlay)
	switch {
	case o != nil:
		return o.Kind.String()
	case m.Focus == DetailPane:
		return "the detail"
	}
	return "the list"
}

func (m *Model) openHelp() tea.Cmd {
	m.mask()
	h := &Help{over: m.Modal, input: newField(Field{}, "").input}
	m.Modal = h
	h.match(m)
	return nil
}

// match lists the actions that have the words of the search in their keys, names or
// help.
func (h *Help) match(m *Model) {
	mode := m.paneMode()
	if o, ok := h.over.(*Overlay); ok {
		mode = o.mode()
	}
	h.Entries, h.All, h.NotNow, h.At = nil, 0, 0, 0
	for _, group := range keymap.Groups() {
		for _, a := range keymap.Actions() {
			if a.Group != group || a.Modes&mode == 0 || a.ID == keymap.Help {
				continue
			}
			a.Help = m.say(a.Help)
			e := HelpEntry{a, m.config.Keys.Label(a.ID), m.Title(a), m.Why(a.ID)}
			if h.All++; e.Why != "" {
				h.NotNow++
			}
			if e.has(strings.Fields(h.Text())) {
				h.Entries = append(h.Entries, e)
			}
		}
	}
}

// has tells whether the entry has all the words.
func (e HelpEntry) has(words []string) bool {
	keys := strings.Fields(e.Keys)
	text := strings.ToLower(e.Name + " " + e.Title + " " + e.Help)
	return !slices.ContainsFunc(words, func(word string) bool {
		return !slices.Contains(keys, word) && !strings.Contains(text, strings.ToLower(word))
	})
}

// key takes every key while the help is open.
func (h *Help) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	if h.Searching {
		return h.search(m, msg)
	}
	id, ok := m.resolve(keymap.HelpMode, msg)
	if !ok {
		id, ok = m.resolve(keymap.Overlay, msg)
	}
	switch {
	case !ok:
		m.unbound(msg)
	case id == keymap.Quit && !is(msg, "ctrl+c"):
		m.close()
	default:
		return h.do(m, id)
	}
	return nil
}

// do carries out an action in the help.
func (h *Help) do(m *Model, id keymap.ID) tea.Cmd {
	_, moves := step(id, 1)
	switch {
	case moves:
		h.move(m, id)
	case id == keymap.HelpSearch:
		h.Searching = true
		h.input.Focus()
	case id == keymap.HelpRun:
		return h.run(m)
	case id == keymap.HelpCopy:
		return h.copy(m)
	case id == keymap.Help, id == keymap.Back:
		m.close()
	default:
		m.close()
		return m.act(id)
	}
	return nil
}

// search takes a key into the search of the help.
func (h *Help) search(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch id := m.bound(keymap.InPalette, msg); id {
	case keymap.BackOut:
		h.Searching = false
		h.input.Reset()
		h.match(m)
	case keymap.PreviousField, keymap.Up:
		h.move(m, keymap.Up)
	case keymap.NextField, keymap.Down:
		h.move(m, keymap.Down)
	case keymap.Run:
		return h.run(m)
	default:
		h.input, _ = h.input.Update(msg)
		h.match(m)
	}
	return nil
}

func (h *Help) paste(m *Model, msg tea.PasteMsg) tea.Cmd {
	if h.Searching {
		h.input, _ = h.input.Update(msg)
		h.match(m)
	}
	return nil
}

// move moves the cursor by entries, or by the pages of the last frame.
func (h *Help) move(m *Model, id keymap.ID) {
	last := len(h.Entries) - 1
	to := h.At
	switch id {
	case keymap.PageDown, keymap.HalfDown:
		to = last
		for _, first := range slices.Backward(m.Shown.Help) {
			if first > h.At {
				to = first
			}
		}
	case keymap.PageUp, keymap.HalfUp:
		to = 0
		for i, first := range m.Shown.Help {
			if first <= h.At && i > 0 {
				to = m.Shown.Help[i-1]
			}
		}
	default:
		rows, _ := step(id, 1)
		to += rows
	}
	h.At = max(0, min(to, last))
}

// run carries out the chosen action where the help was opened, or says why it can't be
// carried out now.
func (h *Help) run(m *Model) tea.Cmd {
	if h.At >= len(h.Entries) {
		return nil
	}
	e := h.Entries[h.At]
	if e.Why != "" {
		m.log(Message{Level: Refusal, Text: cant(e.ID, e.Title, e.Why)})
		return nil
	}
	m.close()
	if o := open[*Overlay](m); o != nil {
		return o.do(m, e.ID)
	}
	return m.paneAction(e.ID)
}

// copy copies the shown help as text.
func (h *Help) copy(m *Model) tea.Cmd {
	if m.config.Plain {
		m.log(Message{Level: Refusal, Text: "There is no clipboard here: the help is text already"})
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "idtop: the keys for %s\n", h.Where(m))
	group, width := keymap.Group(""), 0
	for _, e := range h.Entries {
		width = max(width, len([]rune(e.Keys)))
	}
	for _, e := range h.Entries {
		if e.Group != group {
			group = e.Group
			fmt.Fprintf(&b, "\n%s\n", group)
		}
		fmt.Fprintf(&b, "  %-*s  %s", width, e.Keys, e.Help)
		if e.Why != "" {
			fmt.Fprintf(&b, " (not now: %s)", e.Why)
		}
		b.WriteByte('\n')
	}
	m.copying.n++
	return m.copy(b.String(), Message{Text: fmt.Sprintf("Copied the help of %d keys to the terminal's clipboard", len(h.Entries))})
}
