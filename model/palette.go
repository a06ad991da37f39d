package model

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"idtop/keymap"
)

// Palette is the command line: every action by its name, and the commands without a
// key. Enter carries out the chosen entry as its key would: a dialog still asks
// first.
type Palette struct {
	Entries []Entry // the matches of the text, best first
	At      int     // index of the chosen entry

	asksNothing
	input textinput.Model
}

// Entry is one thing that the palette offers.
type Entry struct {
	Action  keymap.ID       // "" for a command
	Command *keymap.Command // nil for an action
	Name    string          // its text in the palette's line
	Help    string
	Why     string // why it can't be carried out now, "" when it can
}

// Text returns the text of the line.
func (p *Palette) Text() string { return p.input.Value() }

// Cursor returns how many characters of Text are before the cursor.
func (p *Palette) Cursor() int { return p.input.Position() }

func (m *Model) openPalette() tea.Cmd {
	m.mask()
	p := &Palette{input: newField(Field{}, "").input}
	p.match(m)
	m.Modal = p
	return nil
}

// set puts a text into the line.
func (p *Palette) set(m *Model, text string) {
	p.input.SetValue(text)
	p.input.CursorEnd()
	p.match(m)
}

// match lists the entries that match the text.
func (p *Palette) match(m *Model) {
	entries := m.entries()
	name, _, _ := strings.Cut(strings.TrimSpace(p.input.Value()), " ")
	p.Entries, p.At = nil, 0
	if name == "" {
		p.Entries = entries
	}
	for _, match := range fuzzy.FindFrom(name, entryNames(entries)) {
		p.Entries = append(p.Entries, entries[match.Index])
	}
}

type entryNames []Entry

func (e entryNames) Len() int            { return len(e) }
func (e entryNames) String(i int) string { return e[i].Name }

// entries are all commands, followed by all actions that do more than move.
func (m *Model) entries() []Entry {
	var entries []Entry
	for _, c := range keymap.Commands() {
		entries = append(entries, Entry{Command: &c, Name: c.Name, Help: c.Help, Why: m.whyNotCommand(c.Name)})
	}
	for _, a := range keymap.Actions() {
		if a.Group != keymap.Moving && a.Group != keymap.Asked && a.ID != keymap.Palette {
			entries = append(entries, Entry{Action: a.ID, Name: strings.ReplaceAll(a.Title, " ", "-"), Help: a.Help, Why: m.Why(a.ID)})
		}
	}
	return entries
}

// key takes every key while the palette is open.
func (p *Palette) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch m.bound(keymap.InPalette, msg) {
	case keymap.BackOut:
		m.close()
	case keymap.PreviousField, keymap.Up:
		p.At = max(0, p.At-1)
	case keymap.NextField, keymap.Down:
		p.At = max(0, min(p.At+1, len(p.Entries)-1))
	case keymap.Run:
		if !p.opens() {
			return p.answered(m)
		}
		if m.typing.answered = m.typing.gap >= loneTime; !m.typing.answered { // a pasted :write must not open the account to changes
			m.log(Message{Level: Refusal, Text: "Nothing was done: enter came with other keys", Hint: "press it alone"})
		}
	default:
		p.edit(m, msg)
	}
	return nil
}

func (p *Palette) paste(m *Model, msg tea.PasteMsg) tea.Cmd {
	p.edit(m, msg)
	return nil
}

// opens tells whether the chosen entry allows changes to the account.
func (p *Palette) opens() bool {
	if p.At >= len(p.Entries) {
		return false
	}
	e := p.Entries[p.At]
	return e.Command != nil && e.Command.Name == keymap.Write && e.Why == "" && argumentOf(p.Text()) != ""
}

func (p *Palette) edit(m *Model, msg tea.Msg) {
	p.input.Focus()
	p.input, _ = p.input.Update(msg)
	p.match(m)
}

// answered carries out the chosen entry.
func (p *Palette) answered(m *Model) tea.Cmd {
	if p.At >= len(p.Entries) {
		m.close()
		m.log(Message{Level: Refusal, Text: "There is no command " + p.Text()})
		return nil
	}
	entry, argument := p.Entries[p.At], argumentOf(p.Text())
	c := entry.Command
	if c != nil && c.Argument != "" && entry.Why == "" && argument == "" { // the argument is still to be typed
		p.set(m, c.Name+" ")
		m.log(Message{Level: Refusal, Text: "Say why, as in :write ticket 4711", Hint: "the reason is recorded"})
		return nil
	}
	m.close()
	if c != nil {
		return m.command(c.Name, argument)
	}
	return m.act(entry.Action)
}

// argumentOf is the text after the name of a command.
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
	case name == keymap.ReadOnly && (m.Identity.ReadOnly && m.writing.asked == m.writing.answered || m.config.Gate == nil):
		return "it is read-only already"
	}
	return ""
}
