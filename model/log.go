package model

import (
	"errors"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// noticeTime is how long a new message replaces the key hints. It stays in the log,
// and counts as unread until the log is opened.
const noticeTime = 8 * time.Second

// longestLog bounds the message log; the oldest messages are dropped.
const longestLog = 500

// Level is how much a message matters.
type Level uint8

// The levels.
const (
	Success Level = iota
	Told          // neither good nor bad, for example a redaction that is accepted but not finished
	Refusal       // why a key can't act now: shown once, never unread
	Warning
	Failure
)

// Message is an entry of the message log. Text and Detail may hold foreign text.
type Message struct {
	At        time.Time
	Level     Level
	Text      string
	Detail    string    // the cause in the server's words, or ""
	Hint      string    // the next step, or ""
	Job       int64     // the job that it is about, or 0
	Due       time.Time // when its subject has to be over; zero: nothing is due
	About     string    // the session that Hint names, or "": see Model.HintOf
	RequestID string
	Read      bool
	Bold      bool // it must not be overlooked
}

// Log is the message log, oldest first.
type Log struct {
	Messages []Message

	total   int               // number of messages ever logged
	noticed int               // value of total when the jobs were opened or an answer was accepted
	people  map[string]string // user_id by session, for sessions that were acted on
}

// Unread counts the warnings and failures since the log was last opened.
func (l Log) Unread() int {
	n := 0
	for _, msg := range l.Messages {
		if !msg.Read && msg.Level >= Warning {
			n++
		}
	}
	return n
}

// Since are the messages that were logged after the first n, and how many there are by now.
func (l Log) Since(n int) (news []Message, total int) {
	return l.Messages[max(0, len(l.Messages)-max(0, l.total-n)):], l.total
}

// Notice is the newest message, while it is new and its screen is still shown; ok
// is false when there is none.
func (m *Model) Notice() (msg Message, ok bool) {
	n := len(m.Log.Messages)
	if n == 0 || m.Log.total == m.Log.noticed {
		return Message{}, false
	}
	msg = m.Log.Messages[n-1]
	return msg, !msg.Read && m.Now.Sub(msg.At) < noticeTime
}

// HintOf is the next step that a message offers. A key that acts on the session
// under the cursor is offered only while the cursor is on the session of the
// message.
func (m *Model) HintOf(msg Message) string {
	if row, ok := m.List.Current(); msg.About != "" && (!ok || row.ID != msg.About || !m.inPane()) {
		return ""
	}
	return msg.Hint
}

func (m *Model) log(msg Message) {
	msg.At = m.Now
	m.Log.total++
	messages := append(m.Log.Messages, msg)
	m.Log.Messages = messages[max(0, len(messages)-longestLog):]
}

func (m *Model) logDone(text string) { m.log(Message{Level: Success, Text: text}) }

func (m *Model) logWarning(text, hint string) {
	m.log(Message{Level: Warning, Text: text, Hint: hint})
}

// name names a session in a message; all messages use it.
func (m *Model) name(row mirror.Row) string {
	name := m.config.Renderer.SessionName(row.ID, row.UserID)
	if row.UserID == "" {
		return name
	}
	return m.private(name, naming{row.UserID, m.config.Renderer.SessionName(row.ID, Masked)})
}

// nameOf names a session by its id; its user_id must be listed or remembered.
func (m *Model) nameOf(id string) string {
	for _, row := range m.List.Page.Rows {
		if row.ID == id && row.UserID != "" {
			return m.name(row.Row)
		}
	}
	return m.name(mirror.Row{ID: id, UserID: m.Log.people[id]})
}

// remember keeps the user_ids of sessions: an erased session has none any more.
func (m *Model) remember(rows ...mirror.Row) {
	if m.Log.people == nil {
		m.Log.people = map[string]string{}
	}
	for _, row := range rows {
		if row.UserID != "" {
			m.Log.people[row.ID] = row.UserID
		}
	}
}

// logError logs an error: errors of the API and of the mirror in our words, others
// unchanged. Cancellation is no error.
func (m *Model) logError(err error) { m.logErrorOf(mirror.Row{}, err) }

// logErrorOf is logError for an action on a session, which it names.
func (m *Model) logErrorOf(row mirror.Row, err error) {
	if m.config.Context.Err() != nil {
		return
	}
	msg := Message{Level: Failure, Text: err.Error(), Hint: client.HintOf(err)}
	var e *client.Error
	var trouble *mirror.Trouble
	switch {
	case errors.As(err, &e):
		named := *e
		if e = &named; row.ID != "" && e.ID == row.ID {
			e.ID = m.name(row)
		}
		msg.Text, msg.Detail, msg.RequestID = e.Summary(), e.Message, e.RequestID
	case errors.As(err, &trouble):
		msg.Text = trouble.What
	}
	m.log(msg)
}

// markRead notes that the operator has seen all messages.
func (m *Model) markRead() {
	for i := range m.Log.Messages {
		m.Log.Messages[i].Read = true
	}
}

// Sentence begins a text with a capital.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// errLoading is why a plan can't be made yet.
var errLoading = errors.New("the sessions are still being loaded: try again in a moment")
