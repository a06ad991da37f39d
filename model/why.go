package model

import (
	"cmp"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
)

// Why says why an action can't be carried out now, or "" when it can. Keys that
// can't act stay visible, with this beside them.
func (m *Model) Why(id keymap.ID) string {
	switch id {
	case keymap.Cancel, keymap.Redact:
		if m.many() {
			return m.whyNotMany()
		}
		return m.whyNotRow(id)
	case keymap.Open, keymap.CopySession, keymap.CopyUser, keymap.Dashboard, keymap.Reveal:
		return m.whyNotRow(id)
	case keymap.Recall:
		if _, ok := m.Jobs.Countdown(); !ok {
			return "nothing waits to be sent"
		}
	case keymap.JobPause, keymap.JobResume, keymap.JobClose, keymap.JobEvidence, keymap.JobWhole, keymap.JobNext, keymap.JobPrevious:
		return m.whyNotJob(id)
	case keymap.New:
		return m.whyNotActing()
	case keymap.Link, keymap.Metadata:
		return m.whyNotRow(id)
	case keymap.Mark, keymap.MarkUp, keymap.MarkDown, keymap.Person:
		return m.whyNotRow(id)
	case keymap.Alike:
		switch {
		case m.List.View.Kind != PersonView:
			return "show a person first: u"
		case len(m.List.Page.Alike) == 0:
			return "no other user_id looks the same"
		}
	case keymap.MarkAll:
		if m.List.Page.Total == 0 {
			return "nothing is listed"
		}
	case keymap.Unmark, keymap.Marked:
		if m.Marks.Len() == 0 {
			return "nothing is marked"
		}
	case keymap.OtherPane:
		if l := m.Layout(); l.List.Height == 0 || l.Detail.Height == 0 {
			return "only one pane is shown"
		}
	case keymap.Suspend:
		if !m.config.CanSuspend {
			return "there is no shell with job control to return to"
		}
	}
	return ""
}

// Why an action on the session under the cursor can't be carried out where there
// is no cursor.
const (
	noSession   = "no session is selected"
	selectFirst = "select a session first: j"
)

// whyNotRow is Why for the actions on the session under the cursor.
func (m *Model) whyNotRow(id keymap.ID) string {
	row, ok := m.List.Current()
	if m.List.Following() && m.List.Page.Total > 0 && !m.List.jumping {
		return m.whyNotFollowing(id)
	}
	switch {
	case id == keymap.Open && m.List.jumping:
		return "" // it is opened when it is there
	case !ok:
		return noSession
	case id == keymap.Open:
		return "" // reading is harmless, and follows the cursor
	case m.List.jumping:
		return "the list is just changing"
	case m.unsettled:
		return "the cursor has just gone to another session by itself"
	}
	switch id {
	case keymap.CopyUser, keymap.Person:
		switch {
		case row.UserID == "":
			return "the session has no user_id"
		case id == keymap.CopyUser && m.config.Desk == nil: // what can't be recorded is not copied
			return m.config.WhyNot
		}
	case keymap.Metadata, keymap.Link:
		switch {
		case !client.ValidSessionID(row.ID):
			return "its id is not of Stripe's form"
		case id == keymap.Metadata && m.whyNotActing() != "":
			return m.whyNotActing()
		case m.config.Desk == nil:
			return m.config.WhyNot
		case row.State != client.StateFailed && row.State != client.StateWaiting:
			return "only for a session that waits for the person"
		}
	case keymap.Dashboard:
		if m.Identity.Demo {
			return "this server's sessions are not in Stripe's Dashboard"
		}
	case keymap.Reveal:
		if m.config.Desk == nil { // what can't be recorded is not shown
			return m.config.WhyNot
		}
		return whyNoOutputs(row.State)
	case keymap.Cancel:
		return m.whyNot(client.Cancel, row.Row)
	case keymap.Redact:
		return m.whyNot(client.Redact, row.Row)
	}
	return ""
}

// whyNotFollowing is whyNotRow while the list follows. What would act on a row
// then could hit one that has just come: these keys select the first row instead.
func (m *Model) whyNotFollowing(id keymap.ID) string {
	switch id {
	case keymap.Open, keymap.Mark, keymap.MarkUp, keymap.MarkDown:
		return ""
	case keymap.Cancel, keymap.Redact:
		return cmp.Or(m.whyNotActing(), selectFirst)
	}
	return selectFirst
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

// whyReadOnly says what to do about it, where there is something.
func (m *Model) whyReadOnly() string {
	if m.config.Gate != nil {
		return "read-only until :write REASON"
	}
	return "read-only"
}

// whyNotMany is Why for what is marked or a person's sessions: the plan has the
// reasons of each.
func (m *Model) whyNotMany() string {
	switch why := m.whyNotActing(); {
	case why != "":
		return why
	case m.Marks.Len() == 0 && m.List.Page.Total == 0:
		return noSession
	case m.List.View.Kind == PersonView && m.List.Page.Marked < m.Marks.Len():
		return "sessions are marked that are not shown here: - takes the marks away"
	}
	return ""
}

func whyNoOutputs(s client.State) string {
	switch s {
	case client.StateVerified:
		return ""
	case client.StateRedacting, client.StateRedacted:
		return "they are erased"
	}
	return "there are none until it is verified"
}

func (m *Model) whyNot(verb client.Verb, row mirror.Row) string {
	switch why := m.whyNotActing(); {
	case why != "":
		return why
	case !client.ValidSessionID(row.ID):
		return "its id is not of Stripe's form"
	}
	if sending, ok := m.Sending[row.ID]; ok {
		return "its " + sending.String() + " is being sent"
	}
	return row.Refusal(verb)
}

// Hints are the actions for the footer: at most six, those that matter for what
// is selected.
func (m *Model) Hints() []keymap.ID {
	row, ok := m.List.Current()
	switch {
	case m.Overlay.Kind == JobsOverlay:
		return m.jobHints()
	case m.Overlay.Kind != NoOverlay:
		return []keymap.ID{keymap.Back, keymap.Down, keymap.Up, keymap.Help, keymap.Messages}
	case !ok && m.List.Page.Total == 0:
		return []keymap.ID{keymap.Search, keymap.Tab1, keymap.SyncNow, keymap.Messages, keymap.Help, keymap.Quit}
	case m.ErasedShown():
		return []keymap.ID{keymap.Jobs, keymap.JobEvidence, keymap.Open, keymap.Back}
	case m.Marks.Len() > 0:
		return []keymap.ID{keymap.Cancel, keymap.Redact, keymap.Mark, keymap.Marked, keymap.Unmark, keymap.Help}
	case m.List.View.Kind == PersonView:
		return []keymap.ID{keymap.Back, keymap.Cancel, keymap.Redact, keymap.Mark, keymap.Open, keymap.Help}
	case !ok:
		return []keymap.ID{keymap.Open, keymap.Cancel, keymap.Redact, keymap.Mark, keymap.Search, keymap.Help}
	case m.Focus == DetailPane:
		return []keymap.ID{keymap.Back, keymap.Cancel, keymap.Redact, keymap.Reveal, keymap.CopySession, keymap.Help}
	case m.Detail.Open && m.Detail.Wanted && row.State == client.StateVerified:
		return []keymap.ID{keymap.Back, keymap.Reveal, keymap.Redact, keymap.CopySession, keymap.Search, keymap.Help}
	case m.Detail.Open && m.Detail.Wanted:
		return []keymap.ID{keymap.Back, keymap.Cancel, keymap.Redact, keymap.CopySession, keymap.Search, keymap.Help}
	}
	return []keymap.ID{keymap.Open, keymap.Cancel, keymap.Redact, keymap.Mark, keymap.Search, keymap.Help}
}
