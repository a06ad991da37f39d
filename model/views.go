package model

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/client/query"
	"idtop/client/views"
	"idtop/keymap"
)

// ViewKeeper keeps the saved views; *views.File implements it.
type ViewKeeper interface {
	Read() ([]views.View, error)
	Change(views.Change) ([]views.View, error)
}

// Views are the saved views, which follow the tabs, and the page that lists them all.
type Views struct {
	Saved []views.View // those of the file, then those of the config
	Fixed int          // how many of Saved, the last ones, stand in the config
	At    int          // the cursor of the page: the tabs, then the saved views
	Err   error        // why the saved views can't be read

	kept     []views.View // those of the file, as last read
	told     bool         // what is odd about them was said
	waiting  []viewChange // still to be made, one at a time, in their order
	changing bool
	counts   viewCounts
}

// viewChange is a change of the saved views, and the words for it once it is made. Without
// a change they are only read.
type viewChange struct {
	make views.Change
	done string
}

// SavedKeys are the actions that open the first saved views.
var SavedKeys = [...]keymap.ID{keymap.Saved1, keymap.Saved2}

// named returns the index of a saved view, -1 when there is none of the name.
func (v *Views) named(name string) int {
	return slices.IndexFunc(v.Saved, func(v views.View) bool { return strings.EqualFold(v.Name, name) })
}

// fixed tells whether a saved view stands in the config.
func (v *Views) fixed(i int) bool { return i >= len(v.Saved)-v.Fixed }

// keep shows the views of the file, and below them those of the config that none of them
// has the name of.
func (v *Views) keep(saved, config []views.View) (hidden []views.View) {
	v.Saved, v.Fixed = slices.Clone(saved), 0
	for _, view := range config {
		if v.named(view.Name) >= 0 {
			hidden = append(hidden, view)
			continue
		}
		v.Saved, v.Fixed = append(v.Saved, view), v.Fixed+1
	}
	return hidden
}

// saved is the saved view under the cursor of the page.
func (v *Views) saved() (views.View, bool) {
	if i := v.At - len(Tabs); i >= 0 && i < len(v.Saved) {
		return v.Saved[i], true
	}
	return views.View{}, false
}

// readViews reads the saved views, which another dashboard or an editor may have changed.
func (m *Model) readViews() tea.Cmd {
	if m.config.Keeper == nil {
		return nil
	}
	return m.changeViews(nil, "")
}

// changeViews makes a change after those that still wait.
func (m *Model) changeViews(change views.Change, done string) tea.Cmd {
	m.Views.waiting = append(m.Views.waiting, viewChange{change, done})
	return m.nextChange()
}

func (m *Model) nextChange() tea.Cmd {
	if m.Views.changing || len(m.Views.waiting) == 0 {
		return nil
	}
	change, keeper := m.Views.waiting[0], m.config.Keeper
	m.Views.waiting, m.Views.changing = m.Views.waiting[1:], true
	return func() tea.Msg {
		if change.make == nil {
			saved, err := keeper.Read()
			return viewsKept{saved, err, true, ""}
		}
		saved, err := keeper.Change(change.make)
		return viewsKept{saved, err, false, change.done}
	}
}

// viewsKept is sent when the saved views were read or changed.
type viewsKept struct {
	saved []views.View
	err   error
	read  bool
	done  string
}

func (m *Model) onViewsKept(msg viewsKept) tea.Cmd {
	v := &m.Views
	v.changing = false
	if msg.err != nil {
		if msg.read {
			v.Err, v.waiting = msg.err, nil
		}
		m.log(Message{Level: Refusal, Text: Sentence(msg.err.Error())})
	} else {
		v.kept, v.Err = msg.saved, nil
		if msg.done != "" {
			m.logDone(msg.done)
		}
	}
	if len(v.waiting) > 0 { // the last answer has all of them, or what is left without them
		return m.nextChange()
	}
	chosen, had := v.saved()
	hidden := v.keep(v.kept, m.config.Views)
	if i := v.named(chosen.Name); had && i >= 0 {
		v.At = len(Tabs) + i
	}
	v.At = min(v.At, len(Tabs)+len(v.Saved)-1)
	if msg.err == nil && !v.told {
		v.told = true
		for _, view := range hidden {
			m.logWarning("The view "+view.Name+" of the config is not shown", "a saved view has its name: V, e renames that")
		}
		for _, view := range v.Saved {
			m.sayUnknown("The view "+view.Name+" has", view.Columns)
		}
	}
	if m.List.Saved != "" && v.named(m.List.Saved) < 0 { // it was deleted, or could not be kept
		m.List.Saved = ""
	}
	v.counts.due = true
	return tea.Batch(m.nextChange(), m.reopen(), m.countViews())
}

// openViews shows all views, with the cursor on the open one.
func (m *Model) openViews() tea.Cmd {
	if m.Overlay().Is(ViewsOverlay) {
		return m.closeOverlay()
	}
	m.Views.At = m.List.Tab
	if i := m.Views.named(m.List.Saved); i >= 0 {
		m.Views.At = len(Tabs) + i
	}
	return tea.Batch(m.toggleOverlay(ViewsOverlay), m.readViews())
}

func (m *Model) openViewsTitle() string {
	if m.Overlay().Is(ViewsOverlay) {
		return "close views"
	}
	return ""
}

// openView lists what the view under the cursor of the page lists.
func (m *Model) openView() tea.Cmd {
	if m.Views.At < len(Tabs) {
		return m.selectTab(m.Views.At)
	}
	return m.openSaved(m.Views.At - len(Tabs))
}

// leaveViews closes the page of the views for the list of one.
func (m *Model) leaveViews() {
	if m.Overlay().Is(ViewsOverlay) {
		m.Modal = nil
	}
}

// openSaved lists what a saved view lists. The cursor stays if its session is there.
func (m *Model) openSaved(i int) tea.Cmd {
	view := m.Views.Saved[i]
	m.leaveViews()
	m.forgetPerson()
	m.List.places = nil
	m.List.View, m.List.Tab, m.List.Order, m.List.Saved, m.List.SavedColumns = View{}, 0, view.Order, view.Name, view.Columns
	m.Search.edit(func(input *textinput.Model) { input.SetValue(view.Query) })
	return m.reorder()
}

// whyNotSaved is why there is no saved view to open.
func whyNotSaved(i int) func(*Model) string {
	return func(m *Model) string {
		switch {
		case m.Views.Err != nil:
			return m.say("the saved views can't be read: {views} says why")
		case i >= len(m.Views.Saved):
			return m.say("there is no such view: {save-view} saves one")
		}
		return ""
	}
}

// savedTitle names the saved view that a key opens.
func savedTitle(i int) func(*Model) string {
	return func(m *Model) string {
		if i < len(m.Views.Saved) {
			return m.Views.Saved[i].Name
		}
		return ""
	}
}

// listedView is what is on the screen, as a view with the name of the open one.
func (m *Model) listedView() views.View {
	return views.View{Name: m.List.Saved, Query: m.listedQuery(), Order: m.Order(), Columns: m.Columns()}
}

// ViewChanged tells whether the open view lists something else than was saved.
func (m *Model) ViewChanged() bool {
	i := m.Views.named(m.List.Saved)
	if i < 0 {
		return false
	}
	was := m.Views.Saved[i]
	return m.List.View.Kind != WholeView || m.Order() != was.Order || m.listedQuery() != query.Parse(was.Query).String() ||
		!slices.Equal(m.List.SavedColumns, was.Columns)
}

// whyNotViews is why the saved views can't be changed.
func (m *Model) whyNotViews() string {
	switch {
	case m.config.Keeper == nil:
		return "this program keeps no views"
	case m.Views.Err != nil:
		return m.say("the saved views can't be read: {views} says why")
	}
	return ""
}

// whyNotSaveView is why what is on the screen can't be saved.
func (m *Model) whyNotSaveView() string {
	if why := m.whyNotViews(); why != "" {
		return why
	}
	return m.whyNotLocator()
}

// onSaved is the whyNot of an action on the saved view under the cursor of the page.
func (m *Model) onSaved() string {
	if why := m.whyNotOnViews(); why != "" {
		return why
	}
	if why := m.whyNotViews(); why != "" {
		return why
	}
	switch _, ok := m.Views.saved(); {
	case !ok:
		return "the first seven stay as they are"
	case m.Views.fixed(m.Views.At - len(Tabs)):
		return "it stands in the config, which idtop does not change"
	}
	return ""
}

// moveView moves the view under the cursor, and the cursor with it.
func moveView(by int) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		view, _ := m.Views.saved()
		return m.changeViews(views.Move(view.Name, by), "")
	}
}

// ViewLine asks on the page of the views for a name, or whether a view is to be deleted.
type ViewLine struct {
	asksNothing
	Of      views.View // the view in question
	New     bool       // it is what is on the screen, to be saved
	Delete  bool
	Offered bool // the name is a suggestion: the first letter replaces it

	input textinput.Model
	over  *Overlay
	back  Modal // shown again after it
}

// Text returns the name as it was typed.
func (l *ViewLine) Text() string { return l.input.Value() }

// Cursor returns how many characters of Text are before the cursor.
func (l *ViewLine) Cursor() int { return l.input.Position() }

// askView opens the line over the page.
func (m *Model) askView(l ViewLine, name string) tea.Cmd {
	m.mask()
	l.input = newField(Field{}, name).input
	l.input.CharLimit = views.LongestName
	l.input.Focus()
	if l.back, l.over = m.Modal, m.Overlay(); !l.over.Is(ViewsOverlay) {
		l.over = &Overlay{Kind: ViewsOverlay}
	}
	m.Modal = &l
	return m.readViews()
}

// saveView asks for the name of what is on the screen.
func (m *Model) saveView() tea.Cmd {
	view := m.listedView()
	if i := m.Views.named(view.Name); i >= 0 && m.Views.fixed(i) { // it can be kept under another name only
		view.Name = ""
	}
	return m.askView(ViewLine{Of: view, New: true, Offered: view.Name != ""}, view.Name)
}

func (m *Model) renameView() tea.Cmd {
	view, _ := m.Views.saved()
	return m.askView(ViewLine{Of: view}, view.Name)
}

func (m *Model) deleteView() tea.Cmd {
	view, _ := m.Views.saved()
	return m.askView(ViewLine{Of: view, Delete: true}, "")
}

func (l *ViewLine) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	id := m.bound(keymap.InViews, msg)
	switch {
	case id == keymap.DropName:
		m.Modal = l.back
		return nil
	case l.Delete:
		m.Modal = l.back
		if answer, _ := m.resolve(keymap.InViews, msg); answer != keymap.Yes {
			return nil
		}
		m.mute()
		return m.changeViews(views.Delete(l.Of.Name), "")
	case id == keymap.KeepName:
		return l.keep(m)
	}
	return l.edit(msg)
}

func (l *ViewLine) paste(_ *Model, msg tea.PasteMsg) tea.Cmd {
	if l.Delete {
		return nil
	}
	return l.edit(msg)
}

func (l *ViewLine) edit(msg tea.Msg) tea.Cmd {
	key, isKey := msg.(tea.KeyPressMsg)
	if l.Offered && (!isKey || key.Text != "") {
		l.input.Reset()
	}
	l.Offered = false
	var cmd tea.Cmd
	l.input, cmd = l.input.Update(msg)
	return cmd
}

// keep saves the view under the typed name, or renames it.
func (l *ViewLine) keep(m *Model) tea.Cmd {
	view := l.Of
	view.Name = strings.TrimSpace(l.Text())
	if why := m.whyNotNamed(view, l.Of.Name); why != "" {
		m.log(Message{Level: Refusal, Text: Sentence(why)})
		return nil
	}
	m.Modal = l.back
	if l.New {
		return m.save(view)
	}
	if m.List.Saved == l.Of.Name {
		m.List.Saved = view.Name
		m.Views.Saved[m.Views.named(l.Of.Name)].Name = view.Name // the file follows
	}
	m.Views.counts.renamed(l.Of.Name, view.Name)
	return m.changeViews(views.Rename(l.Of.Name, view.Name), "")
}

// whyNotNamed is why a view can't have its name; it may keep the one it had.
func (m *Model) whyNotNamed(view views.View, had string) string {
	if err := view.Check(); err != nil {
		return err.Error()
	}
	switch i := m.Views.named(view.Name); {
	case i >= 0 && m.Views.fixed(i):
		return "a view of the config has this name"
	case i >= 0 && !strings.EqualFold(view.Name, had):
		return "another view has this name"
	}
	return ""
}

// saveAs saves what is on the screen under a name, as :save does.
func (m *Model) saveAs(name string) tea.Cmd {
	view := m.listedView()
	view.Name = name
	if why := m.whyNotNamed(view, m.List.Saved); why != "" {
		m.log(Message{Level: Refusal, Text: Sentence(why)})
		return nil
	}
	return m.save(view)
}

// save keeps what is on the screen, which is the open view from now on.
func (m *Model) save(view views.View) tea.Cmd {
	change := views.Save(view)
	if i := m.Views.named(view.Name); i >= 0 {
		m.Views.Saved[i] = view // the file follows
	} else {
		m.Views.Saved = slices.Insert(slices.Clone(m.Views.Saved), len(m.Views.Saved)-m.Views.Fixed, view)
		change = views.Add(view)
	}
	m.List.Saved, m.List.Tab, m.List.Order, m.List.SavedColumns = view.Name, 0, view.Order, view.Columns
	m.Search.edit(func(input *textinput.Model) { input.SetValue(view.Query) })
	return tea.Batch(m.changeViews(change, "Saved as the view "+view.Name), m.refind())
}

func (m *Model) whyNotOnViews() string {
	if !m.Overlay().Is(ViewsOverlay) {
		return m.say("{views} shows the views")
	}
	return ""
}
