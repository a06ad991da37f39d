package model

import (
	"cmp"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/keymap"
)

// action is the model's side of an action of the registry.
type action struct {
	whyNot func(*Model) string // why it can't be carried out now, "" when it can; nil: it always can
	do     func(*Model) tea.Cmd
	title  func(*Model) string // its name now, "": its title; nil: always its title
}

// actions are all actions, except those that move by rows, see step, and those that
// only a Modal uses.
var actions map[keymap.ID]action

func init() { // in a function, since the palette lists the table that opens it
	actions = map[keymap.ID]action{
		keymap.Search:     {nil, (*Model).startSearch, nil},
		keymap.Open:       {(*Model).whyNotOpen, (*Model).openDetail, (*Model).openTitle},
		keymap.Back:       {nil, (*Model).back, (*Model).backTitle},
		keymap.OtherPane:  {(*Model).whyNotSwitch, (*Model).switchPane, (*Model).switchTitle},
		keymap.Follow:     {nil, (*Model).followNewest, nil},
		keymap.NextFresh:  {nil, (*Model).nextFresh, nil},
		keymap.GoBack:     {(*Model).whyNotBack, (*Model).goBack, nil},
		keymap.GoForward:  {(*Model).whyNotForward, (*Model).goForward, nil},
		keymap.Sort:       {nil, (*Model).sortNext, nil},
		keymap.Reverse:    {nil, (*Model).sortReversed, nil},
		keymap.Columns:    {(*Model).whyNotColumns, (*Model).openColumns, nil},
		keymap.Person:     {onRow((*Model).whyNotPerson), (*Model).showPerson, nil},
		keymap.OnlyReason: {(*Model).whyNotOnlyReason, (*Model).onlyReason, (*Model).onlyReasonTitle},
		keymap.Alike:      {(*Model).whyNotAlike, (*Model).toggleAlike, nil},

		keymap.Fold:        {(*Model).whyNotFold, (*Model).toggleFold, (*Model).foldTitle},
		keymap.Timeline:    {(*Model).whyNotTimeline, (*Model).openTimeline, (*Model).timelineTitle},
		keymap.Reveal:      {onRow((*Model).whyNotReveal), (*Model).toggleReveal, (*Model).revealTitle},
		keymap.Privacy:     {nil, (*Model).togglePrivacy, (*Model).privacyTitle},
		keymap.CopySession: {onRow(nil), (*Model).copySession, (*Model).copyTitle},
		keymap.CopyUser:    {onRow((*Model).whyNotCopyUser), (*Model).copyUser, nil},
		keymap.CopyLocator: {(*Model).whyNotLocator, (*Model).copyLocator, nil},
		keymap.Dashboard:   {onRow((*Model).whyNotDashboard), (*Model).openDashboard, nil},

		keymap.Mark:     {(*Model).whyNotMark, (*Model).toggleMark, (*Model).markTitle},
		keymap.MarkUp:   {(*Model).whyNotMark, func(m *Model) tea.Cmd { return m.extend(-1) }, nil},
		keymap.MarkDown: {(*Model).whyNotMark, func(m *Model) tea.Cmd { return m.extend(+1) }, nil},
		keymap.MarkAll:  {(*Model).whyNotMarkAll, (*Model).markAll, nil},
		keymap.Unmark:   {(*Model).whyNotUnmark, (*Model).unmark, nil},
		keymap.Marked:   {(*Model).whyNotUnmark, (*Model).toggleMarked, nil},

		keymap.Cancel:   {whyNotVerb(client.Cancel), func(m *Model) tea.Cmd { return m.askFor(client.Cancel) }, verbTitle(keymap.Cancel)},
		keymap.Redact:   {whyNotVerb(client.Redact), func(m *Model) tea.Cmd { return m.askFor(client.Redact) }, verbTitle(keymap.Redact)},
		keymap.Recall:   {(*Model).whyNotRecall, (*Model).recall, nil},
		keymap.New:      {(*Model).whyNotActing, (*Model).openNew, nil},
		keymap.Link:     {onRow((*Model).whyNotLink), (*Model).copyLink, nil},
		keymap.Metadata: {onRow((*Model).whyNotMetadata), (*Model).editMetadata, nil},

		keymap.Jobs:        {nil, (*Model).openJobs, (*Model).openJobsTitle},
		keymap.JobNext:     {(*Model).whyNotChosen, func(m *Model) tea.Cmd { return m.chooseJob(+1) }, nil},
		keymap.JobPrevious: {(*Model).whyNotChosen, func(m *Model) tea.Cmd { return m.chooseJob(-1) }, nil},
		keymap.JobPause:    {onJob((*Model).whyNotPause), (*Model).pauseJob, (*Model).pauseJobTitle},
		keymap.JobResume:   {onJob((*Model).whyNotResume), (*Model).resumeChosen, nil},
		keymap.JobClose:    {onJob((*Model).whyNotClose), func(m *Model) tea.Cmd { return m.closeJob(m.Jobs.Chosen) }, nil},
		keymap.JobWhole:    {onJob((*Model).whyNotWhole), (*Model).toggleWhole, nil},
		keymap.JobEvidence: {(*Model).whyNotChosen, (*Model).jobEvidence, nil},
		keymap.Export:      {(*Model).whyNotExport, (*Model).exportOrProve, (*Model).exportTitle},

		keymap.Insights:       {nil, (*Model).openInsights, (*Model).openInsightsTitle},
		keymap.Window:         {(*Model).whyNotInsights, func(m *Model) tea.Cmd { return m.nextWindow(+1) }, nil},
		keymap.WindowBefore:   {(*Model).whyNotInsights, func(m *Model) tea.Cmd { return m.nextWindow(-1) }, nil},
		keymap.InsightsSide:   {(*Model).whyNotInsights, (*Model).otherSide, nil},
		keymap.InsightsSplit:  {(*Model).whyNotInsights, (*Model).nextSplit, (*Model).splitTitle},
		keymap.InsightsListed: {(*Model).whyNotListInsight, (*Model).listInsight, (*Model).listInsightTitle},

		keymap.People:       {(*Model).whyNotPeople, (*Model).openPeople, (*Model).peopleTitle},
		keymap.PeopleOpen:   {(*Model).whyNotSomeone, (*Model).openSomeone, nil},
		keymap.PeopleSort:   {(*Model).whyNotOnPeople, (*Model).sortPeople, (*Model).sortPeopleTitle},
		keymap.PeopleCancel: {(*Model).whyNotAskForSomeone, askForSomeone(client.Cancel), nil},
		keymap.PeopleRedact: {(*Model).whyNotAskForSomeone, askForSomeone(client.Redact), nil},

		keymap.Views:      {nil, (*Model).openViews, (*Model).openViewsTitle},
		keymap.SaveView:   {(*Model).whyNotSaveView, (*Model).saveView, nil},
		keymap.ViewOpen:   {(*Model).whyNotOnViews, (*Model).openView, nil},
		keymap.ViewRename: {(*Model).onSaved, (*Model).renameView, nil},
		keymap.ViewUp:     {(*Model).onSaved, moveView(-1), nil},
		keymap.ViewDown:   {(*Model).onSaved, moveView(+1), nil},
		keymap.ViewDelete: {(*Model).onSaved, (*Model).deleteView, nil},

		keymap.Palette:  {nil, (*Model).openPalette, nil},
		keymap.SyncNow:  {nil, (*Model).syncNow, nil},
		keymap.Pause:    {nil, (*Model).togglePause, (*Model).pauseTitle},
		keymap.Messages: {nil, func(m *Model) tea.Cmd { return m.toggleOverlay(MessagesOverlay) }, nil},
		keymap.Help:     {nil, (*Model).openHelp, nil},
		keymap.Suspend:  {(*Model).whyNotSuspend, (*Model).suspend, nil},
		keymap.Mouse:    {(*Model).whyNotMouse, (*Model).toggleMouse, (*Model).mouseTitle},
		keymap.Redraw:   {nil, func(*Model) tea.Cmd { return tea.ClearScreen }, nil},
		keymap.Profiles: {(*Model).whyNotProfiles, (*Model).openProfiles, nil},
		keymap.Quit:     {nil, (*Model).quit, nil},
	}
	for i, id := range SavedKeys {
		actions[id] = action{whyNotSaved(i), func(m *Model) tea.Cmd { return m.openSaved(i) }, savedTitle(i)}
	}
	for tab, t := range Tabs {
		actions[t.Action] = action{do: func(m *Model) tea.Cmd { return m.selectTab(tab) }}
	}
}

// Why says why an action can't be carried out now, or "" when it can. Its key stays
// visible, with this reason beside it.
func (m *Model) Why(id keymap.ID) string {
	if whyNot := actions[id].whyNot; whyNot != nil {
		return whyNot(m)
	}
	return ""
}

// Title is the present name of an action. A key with two effects has the name of
// its next effect.
func (m *Model) Title(a keymap.Action) string {
	if title := actions[a.ID].title; title != nil {
		return cmp.Or(title(m), a.Title)
	}
	return a.Title
}

// paneKey carries out the action of a key in the pane that has the focus.
func (m *Model) paneKey(msg tea.KeyPressMsg) tea.Cmd {
	id, ok := m.resolve(m.paneMode(), msg)
	if !ok {
		m.unbound(msg)
		return nil
	}
	return m.paneAction(id)
}

// paneMode is what the keys mean in the pane that has the focus.
func (m *Model) paneMode() keymap.Mode {
	if m.Focus == DetailPane {
		return keymap.Detail
	}
	return keymap.List
}

// paneAction carries out an action in the pane that has the focus.
func (m *Model) paneAction(id keymap.ID) tea.Cmd {
	screen := max(1, m.ListRows())
	if m.Focus == DetailPane {
		screen = max(1, m.Layout().Detail.Height-1)
	}
	if id != keymap.MarkUp && id != keymap.MarkDown {
		m.endRun()
	}
	rows, moves := step(id, screen)
	if !staysReadable(id) && !(moves && m.Focus == DetailPane) {
		m.mask()
	}
	switch {
	case moves && m.Focus == DetailPane:
		m.scrollDetail(rows)
		return nil
	case moves:
		return m.moveBy(rows)
	}
	return m.act(id)
}

// unbound says which key was read when it does nothing here. On a keyboard of another
// layout no action has it at all.
func (m *Model) unbound(msg tea.KeyPressMsg) {
	if msg.Text == "" || msg.IsRepeat {
		return
	}
	key := msg.String() // a space has a name
	note := Message{Level: Refusal, Text: key + " is no action", Hint: m.say("another keyboard layout? {help} shows the keys")}
	if id, ok := m.resolve(keymap.Panes, msg); ok {
		action, _ := keymap.Lookup(id)
		note.Text, note.Hint = key+" ("+action.Title+") acts in the list only", "esc leads there"
	} else if _, ok := m.resolve(keymap.Pages, msg); ok {
		note.Text, note.Hint = key+" acts on another page", m.say("{help} shows the keys")
	}
	m.log(note)
}

// act carries out an action, or says why it can't be carried out now.
func (m *Model) act(id keymap.ID) tea.Cmd {
	if id == keymap.Back && m.Modal == nil && m.Tour.On {
		return m.skipTour()
	}
	why := m.Why(id)
	if why == "" {
		did := actions[id].do(m)
		return tea.Batch(did, m.toured(id))
	}
	text := "No session is selected"
	if action, ok := keymap.Lookup(id); why == m.say(selectFirst) {
		text = Sentence(why)
	} else if ok && why != noSession {
		text = cant(id, action.Title, why)
	}
	m.log(Message{Level: Refusal, Text: text})
	return nil
}

// cant is the sentence that an action can't be carried out now.
func cant(id keymap.ID, title, why string) string {
	if verb, ok := verbs[id]; ok {
		title = verb
	}
	return "Can't " + title + ": " + why
}

// verbs are the verbs of actions whose titles are none.
var verbs = map[keymap.ID]string{
	keymap.Open:         "open the detail",
	keymap.GoBack:       "go back a place",
	keymap.GoForward:    "go forward",
	keymap.Columns:      "choose columns",
	keymap.Person:       "list the person",
	keymap.PeopleOpen:   "list the person",
	keymap.People:       "list people",
	keymap.OnlyReason:   "list only this reason",
	keymap.Alike:        "list look-alikes",
	keymap.Timeline:     "show a timeline",
	keymap.Marked:       "list the marked",
	keymap.New:          "make a new session",
	keymap.Metadata:     "edit the metadata",
	keymap.JobNext:      "go to the next job",
	keymap.JobPrevious:  "go to the job before",
	keymap.JobWhole:     "show whole reasons",
	keymap.JobEvidence:  "write evidence",
	keymap.Window:       "change the window",
	keymap.WindowBefore: "change the window",
	keymap.InsightsSide: "go to the other side",
	keymap.Mouse:        "use the mouse",
	keymap.Tour:         "show the tour",
}

// step returns how many rows an action moves on a screen of this many rows; ok is
// false when it does not move.
func step(id keymap.ID, screen int) (rows int, ok bool) {
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

// clamp returns the index of a list of so many lines that is nearest to another number; 0 in
// an empty list.
func clamp(index, lines int) int { return max(0, min(index, lines-1)) }

// Why an action on the session under the cursor can't be carried out when there is
// no cursor.
const (
	noSession   = "no session is selected"
	selectFirst = "select a session first: {down}"
)

// onRow is the whyNot of an action on the session under the cursor: it asks the
// given whyNot when there is such a session.
func onRow(whyNot func(*Model, mirror.Row) string) func(*Model) string {
	return func(m *Model) string {
		row, ok := m.subject()
		pinned := m.timelineShown() // nothing that happens in the list changes whose it is
		switch {
		case !pinned && m.List.followed(): // the key could hit a row that has just come
			return m.say(selectFirst)
		case !ok:
			return noSession
		case !pinned && m.List.jumping:
			return "the list is just changing"
		case !pinned && m.List.unsettled:
			return "the cursor has just gone to another session by itself"
		case whyNot == nil:
			return ""
		}
		return whyNot(m, row)
	}
}

// whyNotVerb is why a verb can't be carried out on the session under the cursor.
// For the marked sessions or a person's sessions, the plan has the reason of each.
func whyNotVerb(verb client.Verb) func(*Model) string {
	row := onRow(func(m *Model, row mirror.Row) string {
		switch why := m.whyNotActing(); {
		case why != "":
			return why
		case !client.ValidSessionID(row.ID):
			return notStripes
		}
		if sending, ok := m.Jobs.Sending[row.ID]; ok {
			if m.Waits(row.ID) {
				return "its " + sending.Noun() + m.say(" is confirmed: {recall} recalls it")
			}
			return "its " + sending.Noun() + " is being sent"
		}
		return row.Refusal(verb)
	})
	return func(m *Model) string {
		switch why := m.whyNotActing(); {
		case !m.many() && m.List.followed():
			return cmp.Or(why, m.say(selectFirst))
		case !m.many():
			return row(m)
		case why != "":
			return why
		case m.Marks.Len() == 0 && m.List.Page.Total == 0:
			return noSession
		case m.List.View.Kind == PersonView && m.List.Page.Marked < m.Marks.Len():
			return m.say("{unmark} clears the marks first: some are not shown here")
		}
		return ""
	}
}

// notStripes is why no request names a session.
const notStripes = "its id is not of Stripe's form"

// verbTitle says how many sessions a verb would change.
func verbTitle(id keymap.ID) func(*Model) string {
	return func(m *Model) string {
		switch {
		case m.Marks.Len() > 0:
			return fmt.Sprintf("%s %d marked", id, m.Marks.Len())
		case m.List.View.Kind == PersonView:
			return fmt.Sprintf("%s all %d", id, m.List.Page.Total)
		}
		return ""
	}
}

// whyNotActing says why nothing at all can be changed now.
func (m *Model) whyNotActing() string {
	switch {
	case m.Identity.ReadOnly:
		return m.whyReadOnly()
	case m.config.Desk == nil:
		return m.config.WhyNot
	}
	return ""
}

// whyReadOnly says that the program is read-only, and names the command that
// changes it, if there is one.
func (m *Model) whyReadOnly() string {
	if m.config.Gate != nil {
		return m.say("read-only until {:write REASON}")
	}
	return "read-only"
}

// hints are the actions for the footer, at most six: the first line that applies.
var hints = []struct {
	when func(*Model) bool
	ids  []keymap.ID
}{
	{func(m *Model) bool { return open[*Help](m) != nil }, []keymap.ID{keymap.HelpRun, keymap.Down, keymap.HelpSearch, keymap.HelpCopy, keymap.Back}},
	{func(m *Model) bool { return m.Overlay().Is(JobsOverlay) && m.whyNotChosen() != "" }, []keymap.ID{keymap.Back, keymap.Help, keymap.Messages}},
	{jobIs(func(_ *Model, _ plan.Job, r Run, running bool) bool {
		return running && r.Phase == plan.Countdown
	}), []keymap.ID{keymap.Recall, keymap.Back, keymap.Jobs, keymap.JobNext, keymap.Help}},
	{jobIs(func(_ *Model, _ plan.Job, _ Run, running bool) bool { return running }), []keymap.ID{keymap.JobPause, keymap.Back, keymap.Jobs, keymap.JobNext, keymap.Down, keymap.Help}},
	{jobIs(func(_ *Model, job plan.Job, _ Run, _ bool) bool { return job.State == plan.Open }), []keymap.ID{keymap.JobResume, keymap.JobClose, keymap.Back, keymap.JobNext, keymap.Down, keymap.Help}},
	{jobIs(func(m *Model, job plan.Job, _ Run, _ bool) bool { return len(m.refused(job)) > 0 }), []keymap.ID{keymap.Back, keymap.JobResume, keymap.JobWhole, keymap.JobEvidence, keymap.JobNext, keymap.Help}},
	{jobIs(func(_ *Model, job plan.Job, _ Run, _ bool) bool { return job.Waits() }), []keymap.ID{keymap.Back, keymap.JobClose, keymap.JobEvidence, keymap.JobNext, keymap.Down, keymap.Help}},
	{func(m *Model) bool { return m.Overlay().Is(JobsOverlay) }, []keymap.ID{keymap.Back, keymap.JobEvidence, keymap.JobNext, keymap.Down, keymap.Help}},
	{func(m *Model) bool { return m.Overlay().Is(InsightsOverlay) }, []keymap.ID{keymap.InsightsListed, keymap.Window, keymap.InsightsSplit, keymap.InsightsSide, keymap.Back, keymap.Help}},
	{func(m *Model) bool { return m.Overlay().Is(ViewsOverlay) }, []keymap.ID{keymap.ViewOpen, keymap.ViewRename, keymap.ViewDown, keymap.ViewDelete, keymap.Back, keymap.Help}},
	{func(m *Model) bool { return m.Overlay().Is(PeopleOverlay) }, []keymap.ID{keymap.PeopleOpen, keymap.PeopleCancel, keymap.PeopleRedact, keymap.People, keymap.Back, keymap.PeopleSort}},
	{inTimeline(1), []keymap.ID{keymap.Back, keymap.Open, keymap.Link, keymap.CopySession, keymap.Mark, keymap.Timeline}},
	{inTimeline(2), []keymap.ID{keymap.Back, keymap.OtherPane, keymap.Open, keymap.CopySession, keymap.Mark, keymap.Help}},
	{func(m *Model) bool { return m.Overlay() != nil }, []keymap.ID{keymap.Back, keymap.Down, keymap.Up, keymap.Help, keymap.Messages}},
	{func(m *Model) bool { return m.List.Page.Total == 0 && !m.List.selects() }, []keymap.ID{keymap.Search, keymap.Tab1, keymap.SyncNow, keymap.Messages, keymap.Help, keymap.Quit}},
	{(*Model).ErasedShown, []keymap.ID{keymap.Jobs, keymap.Export, keymap.Open, keymap.Back}},
	{func(m *Model) bool { return m.Marks.Len() == 2 }, []keymap.ID{keymap.Cancel, keymap.Redact, keymap.Mark, keymap.Timeline, keymap.Unmark, keymap.Help}},
	{func(m *Model) bool { return m.Marks.Len() > 0 }, []keymap.ID{keymap.Cancel, keymap.Redact, keymap.Mark, keymap.Marked, keymap.Unmark, keymap.Help}},
	{func(m *Model) bool { return m.List.View.Kind == PersonView }, []keymap.ID{keymap.Redact, keymap.Cancel, keymap.Open, keymap.Timeline, keymap.Back, keymap.New}},
	{func(m *Model) bool { return !m.List.selects() }, []keymap.ID{keymap.Open, keymap.Cancel, keymap.Redact, keymap.Mark, keymap.Search, keymap.Help}},
	{func(m *Model) bool { return m.Focus == DetailPane }, []keymap.ID{keymap.Back, keymap.Cancel, keymap.Redact, keymap.Reveal, keymap.CopySession, keymap.Help}},
	{(*Model).verifiedShown, []keymap.ID{keymap.Back, keymap.Reveal, keymap.Redact, keymap.CopySession, keymap.Search, keymap.Help}},
	{func(m *Model) bool { return m.Detail.Open && m.Detail.Wanted }, []keymap.ID{keymap.Back, keymap.Cancel, keymap.Redact, keymap.CopySession, keymap.Search, keymap.Help}},
	{func(*Model) bool { return true }, []keymap.ID{keymap.Open, keymap.Cancel, keymap.Redact, keymap.Mark, keymap.Search, keymap.Help}},
}

// Hints are the actions for the footer.
func (m *Model) Hints() []keymap.ID {
	for _, hint := range hints {
		if hint.when(m) {
			return hint.ids
		}
	}
	return nil
}
