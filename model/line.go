package model

import (
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// Line is a line that was typed whole, where input comes by lines. In a field it is the
// field's new text, in a confirmation it is the answer. A key alone comes as a Key.
type Line struct {
	Text string
	At   time.Time // when it was read
}

// TakesLines tells whether a line is text now, and not the name of a key. answer tells
// that it is the answer to a question.
func (m *Model) TakesLines() (text, answer bool) {
	switch modal := m.Modal.(type) {
	case *Help:
		return modal.Searching, false
	case *ViewLine:
		return true, modal.Delete
	case *Palette, SearchLine:
		return true, false
	}
	q := m.question()
	return q != nil, q != nil && q.answering()
}

// onLine gives a line to the field or the question that has the keys.
func (m *Model) onLine(msg Line) tea.Cmd {
	answered := m.typing.answered
	m.heard(msg.At)
	m.typing.keys++
	m.typing.muted, m.quitting = false, false
	if answered {
		m.log(Message{Level: Refusal, Text: "Nothing was sent: another line came with the answer", Hint: "type it alone"})
		return m.disarm(QuietTime)
	}
	switch modal := m.Modal.(type) {
	case *Dialog:
		text := msg.Text
		if modal.OneKey() { // the key of yes is the operator's own
			if id, _ := m.config.Keys.Resolve(keymap.InDialog, text); id != keymap.Yes {
				text = ""
			} else {
				text = modal.Confirm().Want
			}
		}
		return m.answer(&modal.question, modal.Block, text)
	case *PlanScreen:
		return modal.line(m, msg.Text)
	case *Form:
		return modal.line(m, msg.Text)
	case *ViewLine:
		return modal.line(m, msg.Text)
	case *Palette:
		modal.set(m, msg.Text)
		return modal.lookForPeople(m)
	case *Help:
		modal.input.SetValue(msg.Text)
		modal.match(m)
	case SearchLine:
		return m.retype(func(input *textinput.Model) {
			input.SetValue(msg.Text)
			input.CursorEnd()
		})
	}
	return nil
}

// answer takes a line as the answer to a question. Its word counts at the next rest, as a
// typed one does; any other line backs out.
func (m *Model) answer(q *question, block, text string) tea.Cmd {
	switch {
	case m.typing.early(&q.answer):
		m.log(Message{Level: Refusal, Text: "Nothing was sent: the line came before the question could be read", Hint: "type it again"})
		return m.disarm(QuietTime)
	case text == "" || text != q.Confirm().Want || block != "":
		m.close()
		m.log(Message{Level: Told, Text: "Backed out: nothing was sent"})
		return nil
	}
	q.set(q.At, text)
	m.typing.answered = true
	return nil
}

// line takes a line into the field with the keys, and goes to the next field. It tells
// whether the field has it.
func (q *question) line(m *Model, text string) bool {
	field := &q.Fields[q.At]
	if field.Kind == ChoiceField {
		i := slices.IndexFunc(field.Choices, func(choice string) bool { return strings.EqualFold(choice, text) })
		if i < 0 {
			m.log(Message{Level: Refusal, Text: "It is one of: " + strings.Join(field.Choices, "; ")})
			return false
		}
		text = field.Choices[i]
	}
	field.Offered = false
	q.set(q.At, text)
	q.turn(+1)
	m.typing.moved(&q.answer)
	return true
}

func (p *PlanScreen) line(m *Model, text string) tea.Cmd {
	id, _ := m.config.Keys.Resolve(keymap.InPlan, text)
	switch {
	case p.answering() && id == keymap.Alike && len(p.Alike) > 0:
		return m.planAlike(p)
	case p.answering():
		return m.answer(&p.question, p.Block(), text)
	}
	from := p.At
	if !p.question.line(m, text) {
		return nil
	}
	if p.takeOutPhrase(); p.Misplaced {
		p.At = from
	}
	p.count()
	return m.lookAtReason(p)
}

func (f *Form) line(m *Model, text string) tea.Cmd {
	id, _ := m.config.Keys.Resolve(keymap.InForm, text)
	_, writes := f.For.(AllowWrite)
	switch {
	case f.Sending:
		m.log(Message{Level: Refusal, Text: "It is being sent: the answer is still to come"})
		return nil
	case writes && id == keymap.GiveUp:
		return f.key(m, tea.KeyPressMsg{Code: rune(text[0]), Text: text})
	case f.answering() && len(f.Fields) > 1 && text != f.Confirm().Want: // the filled fields are not lost
		m.log(Message{Level: Refusal, Text: "That is not the word: nothing was sent", Hint: "esc backs out"})
		return nil
	case f.answering():
		return m.answer(&f.question, "", text)
	}
	if from := f.At; f.question.line(m, text) {
		return f.filled(m, from)
	}
	return nil
}

func (l *ViewLine) line(m *Model, text string) tea.Cmd {
	if l.Delete {
		return l.key(m, tea.KeyPressMsg{Text: text})
	}
	l.Offered = false
	l.input.SetValue(text)
	return l.keep(m)
}
