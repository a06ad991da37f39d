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
	Up          ID = "up"
	Down        ID = "down"
	PageUp      ID = "page-up"
	PageDown    ID = "page-down"
	HalfUp      ID = "half-up"
	HalfDown    ID = "half-down"
	Top         ID = "top"
	Bottom      ID = "bottom"
	Tab1        ID = "tab-1"
	Tab2        ID = "tab-2"
	Tab3        ID = "tab-3"
	Tab4        ID = "tab-4"
	Tab5        ID = "tab-5"
	Tab6        ID = "tab-6"
	Tab7        ID = "tab-7"
	Search      ID = "search"
	Open        ID = "open"
	Back        ID = "back"
	OtherPane   ID = "other-pane"
	Follow      ID = "follow"
	Sort        ID = "sort"
	Reverse     ID = "reverse"
	Cancel      ID = "cancel"
	Redact      ID = "redact"
	Mark        ID = "mark"
	MarkUp      ID = "mark-up"
	MarkDown    ID = "mark-down"
	MarkAll     ID = "mark-all"
	Unmark      ID = "unmark"
	Marked      ID = "marked"
	Person      ID = "person"
	Alike       ID = "alike"
	CopySession ID = "copy-session"
	CopyUser    ID = "copy-user"
	Dashboard   ID = "dashboard"
	Reveal      ID = "reveal"
	New         ID = "new"
	Link        ID = "link"
	Metadata    ID = "metadata"
	Recall      ID = "recall"
	Jobs        ID = "jobs"
	JobNext     ID = "job-next"
	JobPrevious ID = "job-previous"
	JobPause    ID = "job-pause"
	JobResume   ID = "job-resume"
	JobClose    ID = "job-close"
	JobEvidence ID = "job-evidence"
	JobWhole    ID = "job-whole"
	Palette     ID = "palette"
	SyncNow     ID = "sync-now"
	Pause       ID = "pause"
	Help        ID = "help"
	Messages    ID = "messages"
	Suspend     ID = "suspend"
	Redraw      ID = "redraw"
	Quit        ID = "quit"
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
)

// Groups lists the groups in the order of the help screen.
func Groups() []Group { return []Group{Moving, Finding, Looking, Acting, Program} }

// Danger is how much harm an action can do.
type Danger uint8

// The classes of danger.
const (
	Harmless    Danger = iota
	Private            // puts personal data on the screen or the clipboard
	Destructive        // can't be undone at Stripe: always asked for first
)

// Mode is which part of the screen has the keys.
type Mode uint8

// The modes. Text fields and dialogs take every key themselves and are none of
// these.
const (
	List     Mode = 1 << iota // the list of sessions
	Detail                    // the pane of one session
	Overlay                   // the help screen, the message log and the jobs
	JobsMode                  // the jobs, besides what Overlay has
	Anywhere = List | Detail | Overlay
	Panes    = List | Detail
)

// Action is one thing that the operator can do.
type Action struct {
	ID     ID
	Title  string // the hint beside the key, a word or two
	Help   string // its effect, for the help screen and KEYS.md
	Group  Group
	Danger Danger
	Modes  Mode
	Keys   []string // as Bubble Tea names them
}

var actions = []Action{
	{Up, "up", "one row up", Moving, Harmless, Anywhere, []string{"k", "up"}},
	{Down, "down", "one row down", Moving, Harmless, Anywhere, []string{"j", "down"}},
	{PageUp, "page up", "one screen up", Moving, Harmless, Anywhere, []string{"pgup"}},
	{PageDown, "page down", "one screen down", Moving, Harmless, Anywhere, []string{"pgdown"}},
	{HalfUp, "half up", "half a screen up", Moving, Harmless, Anywhere, []string{"ctrl+u"}},
	{HalfDown, "half down", "half a screen down", Moving, Harmless, Anywhere, []string{"ctrl+d"}},
	{Top, "top", "to the first row", Moving, Harmless, Anywhere, []string{"g", "home"}},
	{Bottom, "bottom", "to the last row", Moving, Harmless, Anywhere, []string{"G", "end"}},
	{OtherPane, "change pane", "between list and detail", Moving, Harmless, Panes, []string{"tab"}},

	{Search, "search", "fuzzy search by user_id; enter keeps the search, esc clears it", Finding, Harmless, Panes, []string{"/"}},
	{Tab1, "all", "all sessions", Finding, Harmless, Panes, []string{"1"}},
	{Tab2, "failed", "failed sessions", Finding, Harmless, Panes, []string{"2"}},
	{Tab3, "waiting", "sessions that wait for the person", Finding, Harmless, Panes, []string{"3"}},
	{Tab4, "processing", "sessions that Stripe is checking", Finding, Harmless, Panes, []string{"4"}},
	{Tab5, "verified", "verified sessions", Finding, Harmless, Panes, []string{"5"}},
	{Tab6, "canceled", "canceled sessions", Finding, Harmless, Panes, []string{"6"}},
	{Tab7, "redacted", "redacted sessions and those being redacted", Finding, Harmless, Panes, []string{"7"}},
	{Person, "person", "all sessions of this user_id, exactly; esc goes back", Finding, Harmless, Panes, []string{"u"}},
	{Alike, "look-alikes", "ids that look like this person's, in the list or a plan", Finding, Harmless, Panes, []string{"A"}},
	{Follow, "follow", "follow the newest; j selects a session again", Finding, Harmless, Panes, []string{"f"}},
	{Sort, "sort", "sort by the next column", Finding, Harmless, Panes, []string{"s"}},
	{Reverse, "reverse", "reverse the order", Finding, Harmless, Panes, []string{"S"}},

	{Open, "why", "open the detail: why it failed, what next, all attempts", Looking, Harmless, Panes, []string{"enter"}},
	{Back, "back", "back: close what is open, then clear the search", Looking, Harmless, Anywhere, []string{"esc"}},
	{Reveal, "reveal", "reveal the verified outputs for 15 s; again to mask them", Looking, Private, Panes, []string{"v"}},
	{CopySession, "copy id", "copy the session id", Looking, Harmless, Panes, []string{"y"}},
	{CopyUser, "copy user", "copy the user_id", Looking, Private, Panes, []string{"Y"}},
	{Dashboard, "open Dashboard", "open the session in the Stripe Dashboard", Looking, Harmless, Panes, []string{"o"}},

	{Mark, "mark", "mark the session, or take its mark away", Acting, Harmless, Panes, []string{"space"}},
	{MarkUp, "mark up", "mark upwards; back again unmarks", Acting, Harmless, List, []string{"shift+up"}},
	{MarkDown, "mark down", "mark downwards; back again unmarks", Acting, Harmless, List, []string{"shift+down"}},
	{MarkAll, "mark all", "mark all listed that have the words as typed; again: all listed", Acting, Harmless, List, []string{"*"}},
	{Unmark, "unmark", "take all marks away", Acting, Harmless, Panes, []string{"-"}},
	{Marked, "marked", "only what is marked, or everything again", Acting, Harmless, Panes, []string{"M"}},
	{Cancel, "cancel", "cancel the session, after a confirmation", Acting, Destructive, Panes, []string{"c"}},
	{Redact, "redact", "redact the session, after a confirmation", Acting, Destructive, Panes, []string{"r"}},

	{Recall, "recall", "recall what was confirmed and is not sent yet", Acting, Harmless, Anywhere, []string{"z"}},
	{New, "new session", "a new session for a person, by a form", Acting, Harmless, Panes, []string{"n"}},
	{Link, "copy link", "copy a fresh link for the person, without showing it", Acting, Private, Panes, []string{"L"}},
	{Metadata, "metadata", "edit the metadata of a session that waits for the person", Acting, Harmless, Panes, []string{"m"}},

	{Jobs, "jobs", "all jobs: what was done, what is still open", Program, Harmless, Anywhere, []string{"J"}},
	{JobNext, "next job", "in the jobs: the next one", Program, Harmless, JobsMode, []string{"tab", "right"}},
	{JobPrevious, "job before", "in the jobs: the one before", Program, Harmless, JobsMode, []string{"shift+tab", "left"}},
	{JobPause, "pause job", "in the jobs: begin nothing new, or go on; esc twice aborts", Program, Harmless, JobsMode, []string{"p"}},
	{JobResume, "resume job", "in the jobs: go on with one that was left, or plan anew what was refused", Program, Harmless, JobsMode, []string{"R"}},
	{JobClose, "close job", "in the jobs: give up what is left of one, or waits", Program, Harmless, JobsMode, []string{"X"}},
	{JobWhole, "whole reasons", "in the jobs: show each reason whole, or in one line", Program, Harmless, JobsMode, []string{"e"}},
	{JobEvidence, "evidence", "a job's, or of who is erased: write a file that proves it", Program, Harmless, Panes | JobsMode, []string{"E"}},
	{Palette, "commands", "every action by its name, and :write", Program, Harmless, Panes, []string{":"}},
	{SyncNow, "sync now", "read from Stripe now", Program, Harmless, Anywhere, []string{"ctrl+r"}},
	{Pause, "pause", "pause or resume reading from Stripe", Program, Harmless, Panes, []string{"P"}},
	{Messages, "messages", "the message log", Program, Harmless, Anywhere, []string{"!"}},
	{Help, "help", "this help", Program, Harmless, Anywhere, []string{"?"}},
	{Suspend, "suspend", "back to the shell; fg returns", Program, Harmless, Anywhere, []string{"ctrl+z"}},
	{Redraw, "redraw", "draw the screen anew", Program, Harmless, Anywhere, []string{"ctrl+l"}},
	{Quit, "quit", "quit", Program, Harmless, Anywhere, []string{"q", "ctrl+c"}},
}

// Actions lists every action, grouped, in the order of the help screen. The
// slice is a copy.
func Actions() []Action { return append([]Action(nil), actions...) }

var byID = func() map[ID]Action {
	m := make(map[ID]Action, len(actions))
	for _, a := range actions {
		m[a.ID] = a
	}
	return m
}()

// Lookup returns the action of an id; ok is false when there is none.
func Lookup(id ID) (Action, bool) {
	a, ok := byID[id]
	return a, ok
}
