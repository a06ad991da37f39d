package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/keymap"
)

// Palette is the command line: every action, command, view and person by name. Enter carries
// out the chosen entry as its key would: a dialog still asks first.
type Palette struct {
	Entries []Entry // the matches of the text, best first; behind them those that can't be carried out now
	Able    int     // how many of Entries can be carried out now
	All     int     // how many actions, commands and views there are
	At      int     // index of the chosen entry

	asksNothing
	input  textinput.Model
	over   Modal   // the page that it was opened on, nil: a pane
	people []Entry // the best matches of asked
	asked  string  // the text of the last look for people
}

// Entry is one thing that the palette offers.
type Entry struct {
	Action  keymap.ID       // "" when no key does it, and for anything else
	Command *keymap.Command // nil for anything else
	Person  mirror.Row      // one session of a person, the zero row for anything else
	View    string          // the name of a saved view, "" for anything else
	Name    string          // its text in the palette's line
	Key     string          // that does the same, "" when there is none
	Help    string
	Why     string // why it can't be carried out now, "" when it can
	Marks   []int  // the matched letters of Name, as bytes
}

// id names the action or the command of the entry.
func (e Entry) id() keymap.ID {
	if e.Command != nil {
		return keymap.ID(e.Command.Name)
	}
	return e.Action
}

// Text returns the text of the line.
func (p *Palette) Text() string { return p.input.Value() }

// Cursor returns how many characters of Text are before the cursor.
func (p *Palette) Cursor() int { return p.input.Position() }

func (m *Model) openPalette() tea.Cmd {
	m.mask()
	p := &Palette{over: m.Modal, input: newField(Field{}, "").input}
	m.Modal = p
	p.match(m)
	return nil
}

// set puts a text into the line.
func (p *Palette) set(m *Model, text string) {
	p.input.SetValue(text)
	p.input.CursorEnd()
	p.match(m)
}

// match lists the entries that match the text: those whose name has its letters, then
// people, then those whose help has it. What is named in full is chosen, also when it can't
// be carried out now: enter says why, and does nothing else in its place.
func (p *Palette) match(m *Model) {
	all, text := m.entries(), strings.ToLower(strings.TrimSpace(p.input.Value()))
	p.All, p.At = len(all), 0
	if c := commandIn(text); c != "" {
		all = slices.DeleteFunc(all, func(e Entry) bool { return e.Name != c })
		text = c
	}
	named, rest := matching(text, all)
	people := p.people
	if text != strings.ToLower(p.asked) { // those found for another text, until the answer comes
		people, _ = matching(text, people)
	}
	found := append(named, people...)
	for _, e := range rest {
		if strings.Contains(strings.ToLower(e.Help), text) {
			found = append(found, e)
		}
	}
	p.Entries = nil
	for _, e := range found {
		if e.Why == "" {
			p.Entries = append(p.Entries, e)
		}
	}
	p.Able = len(p.Entries)
	for _, e := range found {
		if e.Why != "" {
			p.Entries = append(p.Entries, e)
		}
	}
	if named := slices.IndexFunc(p.Entries, func(e Entry) bool { return e.Person.ID == "" && strings.EqualFold(e.Name, text) }); named > 0 {
		p.At = named
	}
}

// commandIn is the command whose argument is being typed, "" when there is none.
func commandIn(text string) string {
	name, argument, _ := strings.Cut(text, " ")
	for _, c := range keymap.Commands() {
		if c.Name == name && c.Argument != "" && argument != "" {
			return name
		}
	}
	return ""
}

// matching returns the entries whose name has the letters of a text, best first, and the
// others.
func matching(text string, all []Entry) (named, rest []Entry) {
	letters := strings.ReplaceAll(text, " ", "")
	if letters == "" {
		return slices.Clip(all), nil
	}
	has := map[int]bool{}
	for _, match := range fuzzy.FindFrom(letters, entryNames(all)) {
		e := all[match.Index]
		e.Marks = match.MatchedIndexes
		named, has[match.Index] = append(named, e), true
	}
	for i, e := range all {
		if !has[i] {
			rest = append(rest, e)
		}
	}
	return named, rest
}

type entryNames []Entry

func (e entryNames) Len() int            { return len(e) }
func (e entryNames) String(i int) string { return e[i].Name }

// entries are all commands, followed by the saved views and by all actions that do more
// than move.
func (m *Model) entries() []Entry {
	var entries []Entry
	for _, c := range keymap.Commands() {
		entries = append(entries, Entry{Command: &c, Name: c.Name, Help: c.Help, Why: m.whyNotCommand(c.Name)})
	}
	for i, view := range m.Views.Saved {
		entry := Entry{View: view.Name, Name: view.Name, Help: "the view " + view.Query}
		if i < len(SavedKeys) {
			action, _ := keymap.Lookup(SavedKeys[i])
			entry.Action, entry.Key = action.ID, m.config.Keys.Label(action.ID)
		}
		entries = append(entries, entry)
	}
	for _, a := range keymap.Actions() {
		view := slices.Index(SavedKeys[:], a.ID)
		named := view >= 0 && view < len(m.Views.Saved) // it is there already
		if a.Group != keymap.Moving && a.Group != keymap.Asked && a.ID != keymap.Palette && !named {
			entries = append(entries, Entry{Action: a.ID, Name: a.Title, Key: m.config.Keys.Label(a.ID), Help: m.say(a.Help), Why: cmp.Or(m.Why(a.ID), m.whyNotOnPage(a))})
		}
	}
	return entries
}

// whyNotOnPage says why an action of the list can't be carried out on a page: the row that
// it is about is not shown there. A tab or a view leaves the page.
func (m *Model) whyNotOnPage(a keymap.Action) string {
	if o := m.Overlay(); o == nil || a.Modes&o.mode() != 0 || opensList(a.ID) {
		return ""
	}
	return "not on this page: esc leaves it"
}

// opensList tells whether an action opens a tab or a saved view.
func opensList(id keymap.ID) bool {
	return slices.Contains(SavedKeys[:], id) || slices.ContainsFunc(Tabs[:], func(t Tab) bool { return t.Action == id })
}

// leavePages goes back to the panes.
func (m *Model) leavePages() tea.Cmd {
	var all []tea.Cmd
	for m.Overlay() != nil {
		all = append(all, m.closeOverlay())
	}
	return tea.Batch(all...)
}

// mostPeople is how many people the palette offers at once.
const mostPeople = 4

// lookForPeople looks for the people whose user_id has the letters of the text.
func (p *Palette) lookForPeople(m *Model) tea.Cmd {
	text := strings.TrimSpace(p.Text())
	if text == p.asked {
		return nil
	}
	p.asked = text
	if text == "" || commandIn(text) != "" {
		p.people = nil
		p.match(m)
		return nil
	}
	ctx, store := m.config.Context, m.config.Store
	asked := mirror.Request{Screen: m.Sync.Wish.Screen, Query: query.Parse(query.Pasted("", text)), Now: m.ServerNow().Local(), Rows: 100}
	return func() tea.Msg {
		page, err := store.Find(ctx, asked)
		return peopleFound{text, page, err}
	}
}

// peopleFound is sent by lookForPeople for the text of the palette.
type peopleFound struct {
	text string
	page mirror.Page
	err  error
}

func (m *Model) onPeopleFound(msg peopleFound) tea.Cmd {
	p := open[*Palette](m)
	switch {
	case p == nil || p.asked != msg.text:
		return nil
	case msg.err != nil:
		m.logError(msg.err)
		return nil
	}
	p.people = nil
	seen := map[string]bool{"": true}
	for _, hit := range msg.page.Rows {
		if seen[hit.UserID] || len(hit.Marks.UserID) == 0 || len(p.people) == mostPeople {
			continue
		}
		seen[hit.UserID] = true
		sessions := "1 session"
		if hit.Tries > 1 {
			sessions = fmt.Sprintf("%d sessions", hit.Tries)
		}
		p.people = append(p.people, Entry{Person: hit.Row, Name: hit.UserID, Key: m.config.Keys.Label(keymap.Person), Help: sessions, Marks: hit.Marks.UserID})
	}
	chosen, at := Entry{}, p.At
	if at < len(p.Entries) {
		chosen = p.Entries[at]
	}
	p.match(m)
	for i, e := range p.Entries { // what came in between does not move the cursor from what was chosen
		if at > 0 && e.same(chosen) {
			p.At = i
		}
	}
	return nil
}

// same tells whether two entries do the same.
func (e Entry) same(other Entry) bool {
	return e.Name == other.Name && e.Action == other.Action && e.Person.UserID == other.Person.UserID && e.View == other.View
}

// key takes every key while the palette is open.
func (p *Palette) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch m.bound(keymap.InPalette, msg) {
	case keymap.BackOut:
		m.close()
	case keymap.PreviousField, keymap.Up:
		p.At = max(0, p.At-1)
	case keymap.NextField, keymap.Down:
		p.At = clamp(p.At+1, len(p.Entries))
	case keymap.Run:
		if !p.opens() {
			return p.answered(m)
		}
		if m.typing.answered = m.typing.gap >= loneTime; !m.typing.answered { // a pasted :write must not open the account to changes
			m.log(Message{Level: Refusal, Text: m.say("Nothing was done: {run} came with other keys"), Hint: "press it alone"})
		}
	default:
		return p.edit(m, msg)
	}
	return nil
}

func (p *Palette) paste(m *Model, msg tea.PasteMsg) tea.Cmd { return p.edit(m, msg) }

// opens tells whether the chosen entry allows changes to the account.
func (p *Palette) opens() bool {
	if p.At >= len(p.Entries) {
		return false
	}
	e := p.Entries[p.At]
	return e.Command != nil && e.Command.Name == keymap.Write && e.Why == "" && argumentOf(p.Text()) != ""
}

func (p *Palette) edit(m *Model, msg tea.Msg) tea.Cmd {
	before := p.Text()
	p.input.Focus()
	if p.input, _ = p.input.Update(msg); p.Text() != before {
		p.match(m)
	}
	return p.lookForPeople(m)
}

// answered carries out the chosen entry. What can't be carried out says why, and the
// palette stays.
func (p *Palette) answered(m *Model) tea.Cmd {
	if p.At >= len(p.Entries) {
		m.log(Message{Level: Refusal, Text: "Nothing is called " + m.private(p.Text(), naming{masked: Masked}), Hint: "fewer letters find more"})
		return nil
	}
	entry, argument := p.Entries[p.At], argumentOf(p.Text())
	c := entry.Command
	switch {
	case entry.Why != "":
		m.log(Message{Level: Refusal, Text: cant(entry.id(), entry.Name, entry.Why)})
		return nil
	case c != nil && c.Argument != "" && argument == "": // the argument is still to be typed
		p.set(m, c.Name+" ")
		switch c.Name {
		case keymap.Save:
			m.log(Message{Level: Refusal, Text: "Say its name, as in :save Stuck selfies"})
		case keymap.Theme:
			m.log(Message{Level: Refusal, Text: m.say("Say its name, as in {:theme contrast}"), Hint: allThemes()})
		default:
			m.log(Message{Level: Refusal, Text: m.say("Say why, as in {:write ticket 4711}"), Hint: "the reason is recorded"})
		}
		return nil
	}
	m.close()
	switch {
	case c != nil:
		return m.command(c.Name, argument)
	case entry.Person.ID != "":
		return tea.Batch(m.leavePages(), m.goTo(entry.Person))
	case entry.View != "":
		if i := m.Views.named(entry.View); i >= 0 { // another idtop may have deleted it
			return tea.Batch(m.leavePages(), m.openSaved(i))
		}
		m.log(Message{Level: Refusal, Text: "There is no view " + entry.View + " any more"})
		return nil
	case opensList(entry.Action):
		return tea.Batch(m.leavePages(), m.act(entry.Action))
	}
	if o := open[*Overlay](m); o != nil {
		return o.do(m, entry.Action)
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
	case name == keymap.Save:
		return m.whyNotSaveView()
	case name == keymap.Tour:
		return m.whyNotTour()
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
