// Package keymap is the registry of the operator's actions and the bindings of their
// keys.
//
// Its one rule: an action is data. Dispatch, footer hints, the help screen and the
// tables of keys in the README and KEYS.md all come from the one list in this
// package. The handlers of the actions are in package model.
package keymap

// ID names an action, for dispatch and for tests.
type ID string

// The actions.
const (
	Up            ID = "up"
	Down          ID = "down"
	PageUp        ID = "page-up"
	PageDown      ID = "page-down"
	HalfUp        ID = "half-up"
	HalfDown      ID = "half-down"
	Top           ID = "top"
	Bottom        ID = "bottom"
	Tab1          ID = "tab-1"
	Tab2          ID = "tab-2"
	Tab3          ID = "tab-3"
	Tab4          ID = "tab-4"
	Tab5          ID = "tab-5"
	Tab6          ID = "tab-6"
	Tab7          ID = "tab-7"
	Saved1        ID = "saved-1"
	Saved2        ID = "saved-2"
	Views         ID = "views"
	SaveView      ID = "save-view"
	Search        ID = "search"
	Open          ID = "open"
	Back          ID = "back"
	Again         ID = "again"
	OtherPane     ID = "other-pane"
	Follow        ID = "follow"
	NextFresh     ID = "next-fresh"
	GoBack        ID = "go-back"
	GoForward     ID = "go-forward"
	Sort          ID = "sort"
	Reverse       ID = "reverse"
	Columns       ID = "columns"
	Cancel        ID = "cancel"
	Redact        ID = "redact"
	Mark          ID = "mark"
	MarkUp        ID = "mark-up"
	MarkDown      ID = "mark-down"
	MarkAll       ID = "mark-all"
	Unmark        ID = "unmark"
	Marked        ID = "marked"
	Person        ID = "person"
	Alike         ID = "alike"
	OnlyReason    ID = "only-reason"
	CopySession   ID = "copy-session"
	CopyUser      ID = "copy-user"
	CopyLocator   ID = "copy-locator"
	Dashboard     ID = "dashboard"
	Fold          ID = "fold"
	Reveal        ID = "reveal"
	Timeline      ID = "timeline"
	New           ID = "new"
	Link          ID = "link"
	Metadata      ID = "metadata"
	Recall        ID = "recall"
	Jobs          ID = "jobs"
	JobNext       ID = "job-next"
	JobPrevious   ID = "job-previous"
	JobPause      ID = "job-pause"
	JobResume     ID = "job-resume"
	JobClose      ID = "job-close"
	JobEvidence   ID = "job-evidence"
	JobWhole      ID = "job-whole"
	Export        ID = "export"
	Insights      ID = "insights"
	RevealName    ID = "reveal-name"
	RevealBirth   ID = "reveal-birth"
	RevealAddress ID = "reveal-address"
	RevealContact ID = "reveal-contact"
	RevealNumber  ID = "reveal-number"

	Palette  ID = "palette"
	Privacy  ID = "privacy"
	SyncNow  ID = "sync-now"
	Pause    ID = "pause"
	Help     ID = "help"
	Messages ID = "messages"
	Suspend  ID = "suspend"
	Redraw   ID = "redraw"
	Mouse    ID = "mouse"
	Profiles ID = "profiles"
	Quit     ID = "quit"

	Window         ID = "window"
	WindowBefore   ID = "window-before"
	InsightsSide   ID = "insights-side"
	InsightsSplit  ID = "insights-split"
	InsightsListed ID = "insights-listed"

	People       ID = "people"
	PeopleOpen   ID = "people-open"
	PeopleSort   ID = "people-sort"
	PeopleCancel ID = "people-cancel"
	PeopleRedact ID = "people-redact"

	ViewOpen   ID = "view-open"
	ViewRename ID = "view-rename"
	ViewUp     ID = "view-up"
	ViewDown   ID = "view-down"
	ViewDelete ID = "view-delete"
	KeepName   ID = "keep-name"
	DropName   ID = "drop-name"

	ColumnShow   ID = "column-show"
	ColumnUp     ID = "column-up"
	ColumnDown   ID = "column-down"
	ColumnsUsual ID = "columns-usual"
	ColumnsKeep  ID = "columns-keep"
	ColumnsBack  ID = "columns-back"

	ProfileOpen  ID = "profile-open"
	ProfilesBack ID = "profiles-back"

	BackOut        ID = "back-out"
	Yes            ID = "yes"
	No             ID = "no"
	NextField      ID = "next-field"
	PreviousField  ID = "previous-field"
	EnterField     ID = "enter-field"
	NextChoice     ID = "next-choice"
	PreviousChoice ID = "previous-choice"
	Reuse          ID = "reuse"
	GiveUp         ID = "give-up"
	Run            ID = "run"
	HelpSearch     ID = "help-search"
	HelpRun        ID = "help-run"
	HelpCopy       ID = "help-copy"
	KeepSearch     ID = "keep-search"
	ClearSearch    ID = "clear-search"
	Complete       ID = "complete"
)

// Group is a heading of the help screen.
type Group string

// The groups, in the order of the help screen.
const (
	Moving  Group = "Move"
	Finding Group = "Find"
	Looking Group = "Look closer"
	Acting  Group = "Act"
	Program Group = "idtop"
	Asked   Group = "Dialogs, forms and lines"
)

// Groups lists the groups in the order of the help screen.
func Groups() []Group { return []Group{Moving, Finding, Looking, Acting, Program, Asked} }

// Mode is the part of the screen that has the keys.
type Mode uint32

// The modes. In a field, keys that write are text.
const (
	List         Mode = 1 << iota // the list of sessions
	Detail                        // the pane of one session
	Overlay                       // the help, the message log, the jobs and the other pages
	JobsMode                      // the jobs: actions in addition to Overlay's
	InsightsMode                  // the insights: actions in addition to Overlay's
	TimelineMode                  // a timeline: actions in addition to Overlay's
	ViewsMode                     // the views: actions in addition to Overlay's
	PeopleMode                    // the people: actions in addition to Overlay's
	HelpMode                      // the help: actions in addition to Overlay's
	InDialog                      // the confirmation of one session
	InForm
	InPlan
	InPalette
	InSearch
	InViews // the name of a view
	InColumns
	InReveal // which details are to be revealed
	Plain    // plain mode, where lines are said: actions in addition to those of where one is
	InProfiles
	modes

	Panes    = List | Detail
	Anywhere = Panes | Overlay
	Pages    = Overlay | JobsMode | InsightsMode | TimelineMode | ViewsMode | PeopleMode
	Lines    = InForm | InPlan | InPalette | InSearch // every mode with lines to choose from and a text field
	Fields   = Lines | InViews                        // every mode with a text field
)

// Action is one thing that the operator can do.
type Action struct {
	ID    ID
	Title string // the hint beside the key, a word or two
	Help  string // its effect, for the help screen and KEYS.md; with keys as Map.Text writes them
	Group Group
	Modes Mode
	Keys  []string // as Bubble Tea names them
}

var actions = []Action{
	{Up, "up", "one row up", Moving, Anywhere | Lines | InColumns | InProfiles, []string{"k", "up"}},
	{Down, "down", "one row down", Moving, Anywhere | Lines | InColumns | InProfiles, []string{"j", "down"}},
	{PageUp, "page up", "one screen up", Moving, Anywhere | InPlan | InSearch, []string{"pgup"}},
	{PageDown, "page down", "one screen down", Moving, Anywhere | InPlan | InSearch, []string{"pgdown"}},
	{HalfUp, "half up", "half a screen up", Moving, Anywhere, []string{"ctrl+u"}},
	{HalfDown, "half down", "half a screen down", Moving, Anywhere, []string{"ctrl+d"}},
	{Top, "top", "to the first row", Moving, Anywhere | InColumns | InProfiles, []string{"g", "home"}},
	{Bottom, "bottom", "to the last row", Moving, Anywhere | InColumns | InProfiles, []string{"G", "end"}},
	{NextFresh, "next change", "to the next row that has just changed: ▪", Moving, Panes, []string{"."}},
	{GoBack, "back a place", "back through the places since the start; in memory until you quit", Moving, Anywhere, []string{"[", "alt+left"}},
	{GoForward, "forward", "forward again", Moving, Anywhere, []string{"]", "alt+right"}},
	{Again, "say again", "in plain mode: say the line again", Moving, Plain, []string{","}},
	{OtherPane, "change pane", "between list and detail", Moving, Panes | TimelineMode, []string{"tab"}},

	{Search, "search", "search: letters of a user_id, terms such as state:failed; {keep-search} keeps it, {clear-search} clears it", Finding, Panes | PeopleMode, []string{"/"}},
	{Tab1, "all", "all sessions", Finding, Panes | PeopleMode | ViewsMode, []string{"1"}},
	{Tab2, "failed", "failed sessions", Finding, Panes | PeopleMode | ViewsMode, []string{"2"}},
	{Tab3, "waiting", "sessions that wait for the person", Finding, Panes | PeopleMode | ViewsMode, []string{"3"}},
	{Tab4, "processing", "sessions that Stripe is checking", Finding, Panes | PeopleMode | ViewsMode, []string{"4"}},
	{Tab5, "verified", "verified sessions", Finding, Panes | PeopleMode | ViewsMode, []string{"5"}},
	{Tab6, "canceled", "canceled sessions", Finding, Panes | PeopleMode | ViewsMode, []string{"6"}},
	{Tab7, "redacted", "redacted sessions and those being redacted", Finding, Panes | PeopleMode | ViewsMode, []string{"7"}},
	{Saved1, "first view", "the first saved view", Finding, Panes | PeopleMode | ViewsMode, []string{"8"}},
	{Saved2, "second view", "the second saved view", Finding, Panes | PeopleMode | ViewsMode, []string{"9"}},
	{Views, "views", "all views: lists with a name", Finding, Anywhere, []string{"V"}},
	{SaveView, "keep as a view", "keep what is listed as a view; it names no person", Finding, Panes, []string{"ctrl+s"}},
	{ViewOpen, "open", "in the views: list what the view lists", Finding, ViewsMode, []string{"enter"}},
	{ViewRename, "rename", "in the views: give a saved one another name", Finding, ViewsMode, []string{"e"}},
	{ViewUp, "move up", "in the views: move a saved one up", Finding, ViewsMode, []string{"shift+up"}},
	{ViewDown, "move down", "in the views: move a saved one down", Finding, ViewsMode, []string{"shift+down"}},
	{ViewDelete, "delete", "in the views: delete a saved one, after a question", Finding, ViewsMode, []string{"d"}},
	{Person, "person", "all sessions of this user_id, exactly; {back} goes back", Finding, Panes, []string{"u"}},
	{People, "people", "the people of the list, most failures first; again: their sessions", Finding, Panes | PeopleMode, []string{"U"}},
	{PeopleOpen, "person", "in the people: all sessions of this one; {back} goes back", Finding, PeopleMode, []string{"enter", "u"}},
	{PeopleSort, "sort", "in the people: most failures first, or the newest failure", Finding, PeopleMode, []string{"s"}},
	{Alike, "look-alikes", "ids that look like this person's, in the list or a plan", Finding, Panes | InPlan, []string{"A"}},
	{OnlyReason, "only this reason", "only the sessions with this reason, or all again", Finding, Panes, []string{"="}},
	{Follow, "follow", "follow the newest; {down} selects a session again", Finding, Panes, []string{"f"}},
	{Sort, "sort", "sort by the next column", Finding, Panes, []string{"s"}},
	{Reverse, "reverse", "reverse the order", Finding, Panes, []string{"S"}},
	{Columns, "columns", "choose the columns of the list; a view keeps its own", Finding, Panes, []string{"C"}},

	{Open, "why", "open the detail: why it failed, what next, all attempts", Looking, Panes | TimelineMode, []string{"enter"}},
	{Back, "back", "back: close the open pane, then clear the search", Looking, Anywhere, []string{"esc"}},
	{Fold, "unfold", "unfold or fold what was done here, on a person's page", Looking, Panes, []string{"e"}},
	{Timeline, "timeline", "what happened to the session, in order; two marked: side by side", Looking, Panes | TimelineMode, []string{"t"}},
	{Reveal, "reveal", "reveal some of the verified outputs for 15 s; again to mask them", Looking, Panes, []string{"v"}},
	{CopySession, "copy id", "copy the session id", Looking, Panes | TimelineMode, []string{"y"}},
	{CopyUser, "copy user", "copy the user_id", Looking, Panes | TimelineMode, []string{"Y"}},
	{CopyLocator, "copy locator", "copy what is listed as a line for --open; it names no person", Looking, Panes, []string{"ctrl+y"}},
	{Dashboard, "open Dashboard", "open the session in the Stripe Dashboard", Looking, Panes | TimelineMode, []string{"o"}},

	{Mark, "mark", "mark the session, or take its mark away", Acting, Panes | TimelineMode, []string{"space"}},
	{MarkUp, "mark up", "mark upwards; back again unmarks", Acting, List, []string{"shift+up"}},
	{MarkDown, "mark down", "mark downwards; back again unmarks", Acting, List, []string{"shift+down"}},
	{MarkAll, "mark all", "mark all listed that have the words as typed; again: all listed", Acting, List, []string{"*"}},
	{Unmark, "unmark", "take all marks away", Acting, Panes, []string{"-"}},
	{Marked, "marked", "only the marked sessions, or all again", Acting, Panes, []string{"M"}},
	{Cancel, "cancel", "cancel the session, after a confirmation; its link stops working", Acting, Panes, []string{"c"}},
	{Redact, "redact", "redact the session, after a confirmation", Acting, Panes, []string{"r"}},
	{PeopleCancel, "cancel theirs", "in the people: cancel all sessions of this one, after a plan", Acting, PeopleMode, []string{"c"}},
	{PeopleRedact, "redact theirs", "in the people: redact all sessions of this one, after a plan", Acting, PeopleMode, []string{"r"}},

	{Recall, "recall", "recall a confirmed job that is not sent yet", Acting, Anywhere, []string{"z"}},
	{New, "new session", "a new session for a person, by a form; its link can be copied", Acting, Panes, []string{"n"}},
	{Link, "copy link", "copy a fresh link for the person, without showing it", Acting, Panes | TimelineMode, []string{"L"}},
	{Metadata, "metadata", "edit the metadata of a session that waits for the person", Acting, Panes, []string{"m"}},

	{Export, "export", "write what is shown to a file; of an erased person: the evidence", Looking, Panes | InsightsMode | TimelineMode | PeopleMode, []string{"E"}},
	{Insights, "insights", "what rose, why sessions fail, and what needs somebody", Looking, Anywhere, []string{"i"}},
	{InsightsListed, "list these", "in the insights: list what is under the cursor", Looking, InsightsMode, []string{"enter"}},
	{Window, "window", "in the insights: the next window of time", Looking, InsightsMode, []string{"w"}},
	{WindowBefore, "window before", "in the insights: the window before", Looking, InsightsMode, []string{"W"}},
	{InsightsSplit, "split", "in the insights: by reason, document, country, type or flow", Looking, InsightsMode, []string{"s"}},
	{InsightsSide, "other side", "in the insights: to what needs somebody, and back", Looking, InsightsMode, []string{"tab"}},

	{Jobs, "jobs", "all jobs, and what came of each session", Program, Anywhere, []string{"J"}},
	{JobNext, "next job", "in the jobs: the next one", Program, JobsMode, []string{"tab", "right"}},
	{JobPrevious, "job before", "in the jobs: the one before", Program, JobsMode, []string{"shift+tab", "left"}},
	{JobPause, "pause job", "in the jobs: begin nothing new, or go on; esc twice aborts", Program, JobsMode, []string{"p"}},
	{JobResume, "resume job", "in the jobs: go on with one, or plan its refused sessions anew", Program, JobsMode, []string{"R"}},
	{JobClose, "close job", "in the jobs: give up the open and waiting sessions", Program, JobsMode, []string{"X"}},
	{JobWhole, "whole reasons", "in the jobs: show each reason whole, or in one line", Program, JobsMode, []string{"e"}},
	{JobEvidence, "evidence", "in the jobs: write a file that proves one", Program, JobsMode, []string{"E"}},
	{Privacy, "name nobody", "name nobody on the screen, for eyes that should not see it; again: name them", Program, modes - 1, []string{"ctrl+p"}},
	{Palette, "commands", "every action and person by name, and {:write}", Program, Anywhere, []string{":"}},
	{SyncNow, "sync now", "read from Stripe now", Program, Anywhere, []string{"ctrl+r"}},
	{Pause, "pause", "pause or resume reading from Stripe", Program, Panes, []string{"P"}},
	{Messages, "messages", "the message log", Program, Anywhere, []string{"!"}},
	{Help, "help", "what the keys do here; the help can be searched", Program, Anywhere, []string{"?"}},
	{Suspend, "suspend", "back to the shell; fg returns", Program, Anywhere, []string{"ctrl+z"}},
	{Mouse, "mouse", "the mouse on or off: wheel, click on a row, tab, hint or head; off, the terminal selects text", Program, Anywhere, []string{"ctrl+t"}},
	{Profiles, "switch profile", "to another profile of the config: another account or mode", Program, Anywhere, []string{"ctrl+o"}},
	{Redraw, "redraw", "draw the screen anew", Program, modes - 1, []string{"ctrl+l"}},
	{Quit, "quit", "quit", Program, Anywhere | InSearch, []string{"q", "ctrl+c"}},

	{BackOut, "back out", "close it; nothing is sent", Asked, InDialog | InForm | InPlan | InPalette | InReveal, []string{"esc", "ctrl+c"}},
	{Yes, "yes", "the answer of a dialog about one session: carry it out", Asked, InDialog | InViews, []string{"y"}},
	{No, "no", "close a dialog that asks for {yes}", Asked, InDialog, []string{"n", "N", "q"}},
	{NextField, "next field", "to the next field, or the next command", Asked, InForm | InPlan | InPalette, []string{"tab"}},
	{PreviousField, "field before", "to the field before, or the command before", Asked, InForm | InPlan | InPalette, []string{"shift+tab"}},
	{EnterField, "next field", "in a field: to the next one; it never sends", Asked, InForm | InPlan, []string{"enter"}},
	{NextChoice, "another", "in a field with choices: the next one", Asked, InForm | InPlan, []string{"space", "right"}},
	{PreviousChoice, "one before", "in a field with choices: the one before", Asked, InForm | InPlan, []string{"left"}},
	{Reuse, "its link", "in the form for a new session: a fresh link of the one that waits", Asked, InForm, []string{"ctrl+o"}},
	{GiveUp, "give up", "in the form of {:write}: give up all that waits", Asked, InForm, []string{"X", "shift+x"}},
	{Run, "carry out", "in the commands: carry out the chosen one", Asked, InPalette, []string{"enter"}},
	{HelpRun, "do it", "in the help: carry out the chosen action where the help was opened", Asked, HelpMode, []string{"enter"}},
	{HelpSearch, "search", "in the help: search keys, names and help", Asked, HelpMode, []string{"/"}},
	{HelpCopy, "copy as text", "in the help: copy what is shown as text", Asked, HelpMode, []string{"y"}},
	{RevealName, "name", "in the choice of what to reveal: the name", Asked, InReveal, []string{"n"}},
	{RevealBirth, "birth", "in the choice of what to reveal: date and place of birth, sex", Asked, InReveal, []string{"b"}},
	{RevealAddress, "address", "in the choice of what to reveal: the address", Asked, InReveal, []string{"a"}},
	{RevealContact, "e-mail, phone", "in the choice of what to reveal: e-mail and phone, also as they were given to Stripe", Asked, InReveal, []string{"e"}},
	{RevealNumber, "id number", "in the choice of what to reveal: the number of the document", Asked, InReveal, []string{"i"}},
	{KeepName, "keep", "in the name of a view: keep it", Asked, InViews, []string{"enter"}},
	{DropName, "leave", "in the name of a view: keep nothing", Asked, InViews, []string{"esc", "ctrl+c"}},
	{ColumnShow, "show, hide", "in the columns: show or hide one", Asked, InColumns, []string{"space"}},
	{ColumnUp, "move up", "in the columns: move one up, which is to the left", Asked, InColumns, []string{"shift+up"}},
	{ColumnDown, "move down", "in the columns: move one down, which is to the right", Asked, InColumns, []string{"shift+down"}},
	{ColumnsUsual, "as usual", "in the columns: all in their usual order, as the width allows", Asked, InColumns, []string{"d"}},
	{ColumnsKeep, "keep", "in the columns: keep them", Asked, InColumns, []string{"enter", "C"}},
	{ColumnsBack, "back", "in the columns: as they were", Asked, InColumns, []string{"esc", "ctrl+c"}},
	{ProfileOpen, "switch", "in the profiles: leave this account and open the chosen one", Asked, InProfiles, []string{"enter"}},
	{ProfilesBack, "back", "in the profiles: stay here", Asked, InProfiles, []string{"esc", "ctrl+c", "ctrl+o"}},
	{KeepSearch, "keep", "in the search line: keep the search", Asked, InSearch, []string{"enter"}},
	{Complete, "complete", "in the search line: put in what is offered, or offer names", Asked, InSearch, []string{"tab"}},
	{ClearSearch, "clear", "in the search line: close what is offered, then clear the search", Asked, InSearch, []string{"esc"}},
}

// Actions lists every action, grouped, in the order of the help screen. The
// slice is a copy.
func Actions() []Action { return append([]Action(nil), actions...) }

// Lookup returns the action of an id; ok is false when there is none.
func Lookup(id ID) (Action, bool) {
	a, ok := byID[id]
	return a, ok
}

var byID = func() map[ID]Action {
	m := make(map[ID]Action, len(actions))
	for _, a := range actions {
		m[a.ID] = a
	}
	return m
}()
