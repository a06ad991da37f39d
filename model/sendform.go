package model

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/client/query"
)

// FormKind names a form.
type FormKind uint8

// The forms.
const (
	NewForm FormKind = iota
	MetadataForm
	ResumeForm // whether a job that was left before its end is to go on
	WriteForm  // whether an account may be changed in which something waits for that
)

// Form is filled in and sent by typing the word of its last field. It has all
// keys until it is sent or closed.
type Form struct {
	fields
	answer
	Kind    FormKind
	Session mirror.Row // of the metadata form
	Job     plan.Job   // of the resume form, as it was when asked
	Reason  string     // of the write form
	Waiting []plan.Job // of the write form: what is sent then
	Open    mirror.Row // of the new form: a session of the same person that waits already
	Key     string     // idempotency key of whatever this form sends
	Sending bool
	Err     error // why it was not carried out, or why that is not known

	asked string // the user_id that an open session was looked for
}

// openForm shows a form. What is typed ahead lands in its first field: only where
// that is the one to confirm in it has to be quiet first.
func (m *Model) openForm(f Form) tea.Cmd {
	m.mask()
	f.answer = answer{Armed: true, begun: true}
	m.Form = &f
	if f.answering() {
		return m.arm(quietTime)
	}
	return nil
}

// formKey takes every key while a form is open. Enter goes to the next field;
// what sends the form is the word typed into its last one.
func (m *Model) formKey(msg tea.KeyPressMsg) tea.Cmd {
	f := *m.Form
	switch key := msg.String(); {
	case f.Sending && key == "ctrl+c":
		return m.quit()
	case f.Sending && key == "esc": // the form has the key under which it can be sent once more
		m.log(Message{Level: Refusal, Text: "It is being sent: the answer is still to come", Hint: "ctrl+c quits without it"})
		return nil
	case f.Sending:
		return nil
	}
	switch msg.String() {
	case "esc", "ctrl+c":
		m.Form = nil
		return nil
	case "X", "shift+x":
		if f.Kind == WriteForm && !msg.IsRepeat && !m.typing.early(&f.answer) {
			m.Form = nil
			m.mute()
			return m.giveUpWaiting(f.Reason, f.Waiting)
		}
	case "ctrl+o":
		if f.Open.ID != "" {
			return m.reuse()
		}
		return nil
	}
	from := f.At
	if f.answering() {
		if cmd, taken := m.answerKey(msg, &f.fields, &f.answer); taken {
			return cmd
		}
	}
	if f.key(msg); f.At != from {
		m.typing.moved(&f.answer)
	}
	m.Form = &f
	if from == f.At && f.answering() && f.Confirmed() {
		return m.completed(&f.answer)
	}
	if f.Kind == NewForm && f.At != from {
		return m.lookForOpen()
	}
	return nil
}

// answerKey takes what does not count off the field to confirm in: keys that are
// held down, and those that come too early. Of the rest it notes when they came.
func (m *Model) answerKey(msg tea.KeyPressMsg, f *fields, a *answer) (cmd tea.Cmd, taken bool) {
	switch {
	case msg.IsRepeat:
		return nil, true
	case msg.Text == "":
		return nil, false
	case m.typing.early(a):
		return m.disarm(longQuietTime), true
	}
	m.typing.take(a, f.Fields[f.At].Value())
	return nil, false
}

// formAnswered sends what was filled in, unless it was changed meanwhile.
func (m *Model) formAnswered() tea.Cmd {
	if m.Form.Sending || !m.Form.Confirmed() {
		return nil
	}
	return m.sendForm()
}

func (m *Model) formPaste(msg tea.PasteMsg) tea.Cmd {
	f := *m.Form
	if !f.Sending {
		msg.Content = query.TrimPasted(msg.Content)
		f.paste(msg)
		m.Form = &f
	}
	return nil
}

// sendForm carries out what was filled in, unless it is nothing.
func (m *Model) sendForm() tea.Cmd {
	f := *m.Form
	f.set(len(f.Fields)-1, "")
	f.Err = nil
	m.Form = &f
	switch f.Kind {
	case NewForm:
		f.Sending = true
		return m.create(f.newParams(), f.Key)
	case MetadataForm:
		changes, err := f.changes()
		if err != nil {
			f.Err = err
			return nil
		}
		f.Sending = true
		return m.updateMetadata(f.Session, changes, f.Key)
	case ResumeForm:
		m.Form = nil
		m.mute()
		return m.resumeJob(f.Job)
	case WriteForm:
		m.Form = nil
		m.mute()
		return m.openGate(f.Reason, f.Waiting)
	}
	return nil
}

// formSent is sent by create and updateMetadata; key tells which form it was.
type formSent struct {
	key     string
	created bool
	row     mirror.Row // of the session that was made or changed
	err     error
}

// onFormSent closes the form, or leaves it open with what went wrong: nothing
// that was typed is lost. A quit that waited for the answer goes on, unless there
// is something to see.
func (m *Model) onFormSent(msg formSent) tea.Cmd {
	if m.Form != nil && m.Form.Key == msg.key {
		f := *m.Form
		f.Sending, f.Err = false, msg.err
		var e *client.Error
		if errors.As(msg.err, &e) && !e.Undecided {
			f.Key = m.config.NewKey() // decided: what is sent next is another request
		}
		if m.Form = &f; msg.err == nil {
			m.Form = nil
			m.mute()
		}
	}
	if msg.err != nil {
		m.quitting = false
		m.logErrorOf(msg.row, msg.err)
		return nil
	}
	if m.quitting && len(m.Jobs.Runs) == 0 {
		return tea.Quit
	}
	if !msg.created {
		m.logDone("Changed the metadata of " + m.name(msg.row))
		return m.syncNow()
	}
	m.log(Message{Text: "Created " + m.name(msg.row), About: msg.row.ID, Hint: "L copies its link for the person"})
	if !m.inPane() {
		return m.syncNow()
	}
	return tea.Batch(m.goTo(msg.row), m.syncNow())
}
