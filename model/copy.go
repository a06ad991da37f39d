package model

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
)

// Clipboard has the operator's limits for copies. Its zero value is careful.
type Clipboard struct {
	UserIDs bool          // user_ids of a live account; those of a test account always
	Outputs bool          // revealed values
	Clear   time.Duration // when the clipboard is emptied after a copy; 0: never
}

// copying keeps track of the clipboard, which can't be read.
type copying struct {
	n     int  // numbers the copies as they are asked for: a late answer does not replace a later copy
	done  int  // copies that were made
	holds bool // the last one is still there, as far as is known: no other program had the focus since
}

// copySession copies the id, or the revealed values where that is allowed.
func (m *Model) copySession() tea.Cmd {
	row, _ := m.subject()
	if m.copiesRevealed() {
		return m.recordCopy(row, Groups[m.Detail.Group].Name, client.Private(strings.Join(m.Detail.values(), "\n")))
	}
	m.copying.n++
	return m.copy(row.ID, Message{Text: "Copied the id of " + m.name(row) + " to the terminal's clipboard"})
}

func (m *Model) copyUser() tea.Cmd {
	row, _ := m.subject()
	return m.recordCopy(row, "user_id", client.Private(row.UserID))
}

// recordCopy records that a text which names somebody is about to be copied. The parameter
// what is the name of the text in the record.
func (m *Model) recordCopy(row mirror.Row, what string, text client.Private) tea.Cmd {
	m.copying.n++
	desk, copies := m.config.Desk, m.copying.n
	return func() tea.Msg {
		return copyRecorded{copies, row, what, text, desk.Note(ledger.Copy, row.ID, row.UserID, what, "")}
	}
}

// copiesRevealed tells whether y copies the revealed values.
func (m *Model) copiesRevealed() bool {
	return m.config.Clipboard.Outputs && m.Detail.Outputs != nil && m.inPane()
}

func (m *Model) copyTitle() string {
	if m.copiesRevealed() {
		return "copy " + Groups[m.Detail.Group].Name
	}
	return ""
}

// copyRecorded is sent when the record of a copy is written. A later copy is not replaced.
type copyRecorded struct {
	copies int
	row    mirror.Row
	what   string
	text   client.Private
	err    error
}

// onCopyRecorded copies a text that names somebody once the ledger has its record.
func (m *Model) onCopyRecorded(msg copyRecorded) tea.Cmd {
	name := m.name(msg.row)
	switch {
	case msg.err != nil:
		m.log(Message{Level: Failure, Text: "The " + msg.what + " of " + name + " was not copied, since it can't be recorded: " + msg.err.Error(), Hint: client.HintOf(msg.err)})
		return nil
	case msg.copies != m.copying.n:
		return nil // a later copy was made
	}
	return tea.Batch(m.rereadTimeline(), m.copy(msg.text.Reveal(), Message{Text: "Copied the " + msg.what + " of " + name + " to the terminal's clipboard"}))
}

// copy asks the terminal to take a text to its clipboard (OSC 52), and logs done.
// The terminal does not tell whether it copied.
func (m *Model) copy(text string, done Message) tea.Cmd {
	if m.config.Plain {
		m.log(Message{Text: "There is no clipboard here; it is " + text})
		return nil
	}
	clip, err := m.config.Clip(text)
	if err != nil {
		m.logWarning("Not copied: "+err.Error(), "")
		return nil
	}
	m.log(done)
	m.copying.done++
	m.copying.holds = true
	return tea.Batch(tea.SetClipboard(clip), m.clearLater())
}

// clearLater empties the clipboard after a while, if the operator wants that.
func (m *Model) clearLater() tea.Cmd {
	if m.config.Clipboard.Clear <= 0 {
		return nil
	}
	over := copyOver{m.copying.done}
	return tea.Tick(m.config.Clipboard.Clear, func(time.Time) tea.Msg { return over })
}

// copyOver is sent by clearLater for the copy with that number.
type copyOver struct{ copies int }

// onCopyOver empties the clipboard, unless something else may be in it.
func (m *Model) onCopyOver(msg copyOver) tea.Cmd {
	switch {
	case msg.copies != m.copying.done:
		return nil // a later copy has a time of its own
	case !m.copying.holds:
		m.log(Message{Level: Told, Text: "The clipboard was not emptied: the terminal was left meanwhile, so it may hold another program's copy"})
		return nil
	}
	m.log(Message{Level: Told, Text: "Emptied the terminal's clipboard"})
	return m.emptyClipboard()
}

// emptyClipboard empties the clipboard, if the operator wants that and the last copy is
// still in it.
func (m *Model) emptyClipboard() tea.Cmd {
	if m.config.Clipboard.Clear <= 0 || !m.copying.holds {
		return nil
	}
	m.copying.holds = false
	return tea.SetClipboard("")
}

func (m *Model) openDashboard() tea.Cmd {
	row, _ := m.subject()
	url, err := client.DashboardURL(row.ID, row.Livemode)
	if err != nil {
		m.logError(err)
		return nil
	}
	return m.openURL(row, url)
}

func (m *Model) openURL(row mirror.Row, url string) tea.Cmd {
	ctx, open, copies := m.config.Context, m.config.OpenURL, m.copying.n
	return func() tea.Msg { return browserOpened{copies, row, url, open(ctx, url)} }
}

// browserOpened is sent by openURL.
type browserOpened struct {
	copies int // copies at the request: a link that can't be opened is copied, unless another copy was made since
	row    mirror.Row
	url    string
	err    error
}

func (m *Model) onBrowserOpened(msg browserOpened) tea.Cmd {
	name := m.name(msg.row)
	switch {
	case msg.err == nil:
		m.logDone("Opened " + name + " in the browser")
		return nil
	case msg.copies != m.copying.n || m.config.Plain:
		m.log(Message{Level: Refusal, Text: "No browser here (" + msg.err.Error() + ") for the link of " + name, Hint: msg.url})
		return nil
	}
	m.copying.n++
	return m.copy(msg.url, Message{Level: Refusal, Text: "Copied the link of " + name + ": no browser here (" + msg.err.Error() + ")", Hint: msg.url})
}

// copyLink reads a fresh link of the session and copies it. The link is never
// shown: anyone who has it can verify in the person's place.
func (m *Model) copyLink() tea.Cmd {
	row, _ := m.subject()
	return m.readLink(row)
}

func (m *Model) readLink(row mirror.Row) tea.Cmd {
	if m.config.Plain {
		m.log(Message{Level: Refusal, Text: "No link was read: " + noClipboard})
		return nil
	}
	m.copying.n++
	ctx, desk, copies := m.config.Context, m.config.Desk, m.copying.n
	return func() tea.Msg {
		link, err := desk.Link(ctx, row.ID, row.UserID)
		return linkRead{copies, row, link, err}
	}
}

// noClipboard is why there is no link where nothing can be copied.
const noClipboard = "a link is never shown, and there is no clipboard here"

// linkRead is sent by readLink. A later copy is not replaced.
type linkRead struct {
	copies int
	row    mirror.Row
	link   client.Private
	err    error
}

func (m *Model) onLinkRead(msg linkRead) tea.Cmd {
	switch {
	case msg.err != nil:
		m.logErrorOf(msg.row, msg.err)
		return nil
	case msg.copies != m.copying.n:
		m.log(Message{Level: Refusal, Text: "The link of " + m.name(msg.row) + " came late and was not copied", Hint: "something else was copied meanwhile"})
		return nil
	}
	return tea.Batch(m.rereadTimeline(), m.copy(msg.link.Reveal(), Message{Text: "Copied a fresh link of " + m.name(msg.row),
		Hint: "good once, for 48 hours: for the person only"}))
}

func (m *Model) whyNotCopyUser(row mirror.Row) string {
	switch {
	case row.UserID == "":
		return "the session has no user_id"
	case row.Livemode && !m.config.Clipboard.UserIDs:
		return "in a live account copy_user_ids = true in the config allows it"
	case m.config.Desk == nil: // no copy without a record
		return m.config.WhyNot
	}
	return ""
}

func (m *Model) whyNotDashboard(mirror.Row) string {
	if m.Identity.Demo {
		return "this server's sessions are not in Stripe's Dashboard"
	}
	return ""
}

func (m *Model) whyNotLink(row mirror.Row) string {
	if why := m.whyNotForPerson(row); why != "" || !m.config.Plain {
		return why
	}
	return noClipboard
}

// whyNotForPerson is why nothing can be done for the person of a session.
func (m *Model) whyNotForPerson(row mirror.Row) string {
	switch {
	case !client.ValidSessionID(row.ID):
		return notStripes
	case m.config.Desk == nil:
		return m.config.WhyNot
	case row.State != client.StateFailed && row.State != client.StateWaiting:
		return "only for a session that waits for the person"
	}
	return ""
}
