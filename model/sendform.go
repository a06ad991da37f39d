package model

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/keymap"
)

// Form is filled in, and sent by the word in its last field. It has all keys until
// it is sent or closed.
type Form struct {
	question
	For     any    // what is asked: a *NewSession, Metadata, Export, Resume or AllowWrite
	Key     string // idempotency key for the form's request
	Sending bool
	Err     error // why the request failed, or why its outcome is not known

	send func(*Form) tea.Cmd // sends the form
	over Modal               // the jobs, if the form was opened over them
}

// openForm shows a form. Keys typed ahead go into its first field. If that is the
// confirmation, it accepts keys only after a quiet moment.
func (m *Model) openForm(f Form) tea.Cmd {
	m.mask()
	f.answer = answer{Armed: true, begun: true}
	f.over = m.Modal
	m.Modal = &f
	if f.answering() {
		return m.arm(QuietTime)
	}
	return nil
}

// key takes every key while a form is open. Enter moves to the next field; the word
// in the last one sends the form.
func (f *Form) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	id := m.bound(keymap.InForm, msg)
	letter, _ := m.resolve(keymap.InForm, msg)
	write, writes := f.For.(AllowWrite)
	made, makes := f.For.(*NewSession)
	switch {
	case f.Sending && is(msg, "ctrl+c"):
		return m.quit()
	case f.Sending && id == keymap.BackOut: // the form has the idempotency key for a repeated request
		m.log(Message{Level: Refusal, Text: "It is being sent: the answer is still to come", Hint: "ctrl+c, pressed twice, quits without it"})
		return nil
	case f.Sending:
		return nil
	case id == keymap.BackOut:
		m.close()
		return nil
	case letter == keymap.GiveUp && writes && !m.typing.early(&f.answer):
		m.close()
		m.mute()
		return m.giveUpWaiting(write.Reason, write.Waiting)
	case id == keymap.Reuse && makes && made.Open.ID != "":
		return m.reuse(made.Open)
	}
	from := f.At
	if cmd, taken := m.fill(keymap.InForm, msg, &f.question); taken {
		return cmd
	}
	return f.filled(m, from)
}

// filled follows an edit that began in the field from.
func (f *Form) filled(m *Model, from int) tea.Cmd {
	switch asked := f.For.(type) {
	case Export:
		f.suit()
	case *NewSession:
		if f.At != from {
			return m.lookForOpen(asked, f.Value(fieldUser))
		}
	}
	return nil
}

// fill takes a key into the fields of a form or a plan. The confirmation accepts no
// key that is held down or comes too early. fill also notes the times of the keys.
// taken tells that the key needs no further handling.
func (m *Model) fill(mode keymap.Mode, msg tea.KeyPressMsg, q *question) (cmd tea.Cmd, taken bool) {
	from, confirming := q.At, q.answering()
	switch {
	case confirming && msg.IsRepeat:
		return nil, true
	case confirming && msg.Text != "" && m.typing.early(&q.answer):
		return m.disarm(longQuietTime), true
	case confirming && msg.Text != "":
		m.typing.take(&q.answer, q.Confirm().Value())
	}
	id := m.bound(mode, msg)
	if choice, _ := m.resolve(mode, msg); q.Fields[q.At].Kind == ChoiceField && (choice == keymap.NextChoice || choice == keymap.PreviousChoice) {
		id = choice // no letter is text there
	}
	q.take(id, msg)
	switch {
	case q.At != from:
		m.typing.moved(&q.answer)
	case confirming && q.Confirmed():
		return m.completed(&q.answer), true
	}
	return nil, false
}

func (f *Form) paste(_ *Model, msg tea.PasteMsg) tea.Cmd {
	if !f.Sending {
		msg.Content = query.TrimPasted(msg.Content)
		f.fields.paste(msg)
	}
	return nil
}

// answered sends the form, unless it has changed meanwhile.
func (f *Form) answered(*Model) tea.Cmd {
	if f.Sending || !f.Confirmed() {
		return nil
	}
	f.clearAnswer()
	f.Err = nil
	return f.send(f)
}

// formSent is sent by create and updateMetadata; key names the form's request.
type formSent struct {
	key     string
	created bool
	row     mirror.Row // the session that was made or changed
	err     error
}

// formSending tells whether a form awaits its answer.
func (m *Model) formSending() bool { f := open[*Form](m); return f != nil && f.Sending }

// onFormSent closes the form. After an error it leaves the form open with the
// error, so that no input is lost. A quit that waited for the answer goes on,
// unless there is an error to see.
func (m *Model) onFormSent(msg formSent) tea.Cmd {
	if f := open[*Form](m); f != nil && f.Key == msg.key {
		f.Sending, f.Err = false, msg.err
		var e *client.Error
		if errors.As(msg.err, &e) && !e.Undecided {
			f.Key = m.config.NewKey() // the outcome is known: the next attempt is a new request
		}
		if msg.err == nil {
			m.close()
			m.mute()
		}
	}
	if msg.err != nil {
		m.quitting = false
		m.logErrorOf(msg.row, msg.err)
		return nil
	}
	if m.quitting && len(m.Jobs.Runs) == 0 {
		return m.leave()
	}
	if !msg.created {
		m.logDone("Changed the metadata of " + m.name(msg.row))
		return m.syncNow()
	}
	m.Views.counts.did(mirror.StatesOf(msg.row.State), true, msg.row.ID)
	m.log(Message{Text: "Created " + m.name(msg.row), About: msg.row.ID, Hint: m.say("{link} copies its link for the person")})
	if !m.inPane() {
		return m.syncNow()
	}
	return tea.Batch(m.goTo(msg.row), m.syncNow())
}
