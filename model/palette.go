package model

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"idtop/keymap"
)

// Palette is the command line: every action by its name, and the commands that
// have no key. Enter carries out what is chosen, as its key would: what can't
// be undone is still asked for.
type Palette struct {
	Entries []Entry // what matches what was typed, best first
	At      int     // the chosen one

	input *textinput.Model // never changed in place: a Model is a value
}

// Entry is one thing that the palette offers.
type Entry struct {
	Action  keymap.ID       // "" for a command
	Command *keymap.Command // nil for an action
	Name    string          // what is typed to find it
	Help    string
	Why     string // why it can't be carried out now, "" when it can
}

// Text returns what was typed.
func (p *Palette) Text() string { return p.input.Value() }

// Cursor returns how many characters of Text are before the cursor.
func (p *Palette) Cursor() int { return p.input.Position() }

func (m *Model) openPalette() tea.Cmd {
	f := newField(Field{}, "")
	m.mask()
	m.setPalette(f.input)
	return nil
}

// setPalette shows what matches the text of input.
func (m *Model) setPalette(input *textinput.Model) {
	entries := m.entries()
	name, _, _ := strings.Cut(strings.TrimSpace(input.Value()), " ")
	p := Palette{input: input}
	if name == "" {
		p.Entries = entries
	}
	for _, match := range fuzzy.FindFrom(name, entryNames(entries)) {
		p.Entries = append(p.Entries, entries[match.Index])
	}
	m.Palette = &p
}

type entryNames []Entry

func (e entryNames) Len() int            { return len(e) }
func (e entryNames) String(i int) string { return e[i].Name }

// entries are all commands, then all actions that do more than move.
func (m *Model) entries() []Entry {
	var entries []Entry
	for _, c := range keymap.Commands() {
		entries = append(entries, Entry{Command: &c, Name: c.Name, Help: c.Help, Why: m.whyNotCommand(c.Name)})
	}
	for _, a := range keymap.Actions() {
		if a.Group != keymap.Moving && a.ID != keymap.Palette {
			entries = append(entries, Entry{Action: a.ID, Name: strings.ReplaceAll(a.Title, " ", "-"), Help: a.Help, Why: m.Why(a.ID)})
		}
	}
	return entries
}

// paletteKey takes every key while the palette is open.
func (m *Model) paletteKey(msg tea.KeyPressMsg) tea.Cmd {
	p := *m.Palette
	switch msg.String() {
	case "esc", "ctrl+c":
		m.Palette = nil
		return nil
	case "up", "shift+tab":
		p.At = max(0, p.At-1)
		m.Palette = &p
		return nil
	case "down", "tab":
		p.At = max(0, min(p.At+1, len(p.Entries)-1))
		m.Palette = &p
		return nil
	case "enter":
		if !p.opens() {
			return m.runEntry()
		}
		if m.typing.answered = m.typing.gap >= loneTime; !m.typing.answered { // a paste opens no account to changes
			m.log(Message{Level: Refusal, Text: "Nothing was done: enter came with other keys", Hint: "press it alone"})
		}
		return nil
	}
	m.editPalette(msg)
	return nil
}

// opens tells whether what is chosen lets the account be changed.
func (p *Palette) opens() bool {
	if p.At >= len(p.Entries) {
		return false
	}
	e := p.Entries[p.At]
	return e.Command != nil && e.Command.Name == keymap.Write && e.Why == "" && argumentOf(p.Text()) != ""
}

func (m *Model) editPalette(msg tea.Msg) {
	input := *m.Palette.input
	input.Focus()
	input, _ = input.Update(msg)
	m.setPalette(&input)
}

// runEntry carries out the chosen entry.
func (m *Model) runEntry() tea.Cmd {
	p := *m.Palette
	if p.At < len(p.Entries) {
		if c := p.Entries[p.At].Command; c != nil && c.Argument != "" && p.Entries[p.At].Why == "" && argumentOf(p.Text()) == "" {
			input := *p.input // it is still to be typed
			input.SetValue(c.Name + " ")
			input.CursorEnd()
			m.setPalette(&input)
			m.log(Message{Level: Refusal, Text: "Say why, as in :write ticket 4711", Hint: "the reason is recorded"})
			return nil
		}
	}
	m.Palette = nil
	if p.At >= len(p.Entries) {
		m.log(Message{Level: Refusal, Text: "There is no command " + p.Text()})
		return nil
	}
	entry := p.Entries[p.At]
	if entry.Command != nil {
		return m.command(entry.Command.Name, argumentOf(p.Text()))
	}
	if m.refuse(entry.Action) {
		return nil
	}
	return m.do(entry.Action)
}

// argumentOf is what follows the name of a command.
func argumentOf(text string) string {
	_, argument, _ := strings.Cut(strings.TrimSpace(text), " ")
	return strings.TrimSpace(argument)
}

// whyNotCommand says why a command can't be carried out now, "" when it can.
func (m *Model) whyNotCommand(name string) string {
	switch {
	case name == keymap.Write && !m.Identity.ReadOnly:
		return "it is read-write already"
	case name == keymap.Write && m.config.Gate == nil:
		return "it was started with --read-only"
	case name == keymap.Write && m.config.Desk == nil:
		return m.config.WhyNot
	case name == keymap.ReadOnly && (m.Identity.ReadOnly && m.gateMoves == m.gateMoved || m.config.Gate == nil):
		return "it is read-only already"
	}
	return ""
}
