package model

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// Privacy is for a screen that others see: names of people are masked where they are
// drawn. Searches, copies and confirmations work as ever.
type Privacy struct {
	On bool // nobody is named anywhere

	open  bool              // not even ids that are an e-mail or a number are masked by themselves
	told  bool              // the operator was told that such ids are masked
	names map[string]naming // how messages name people
}

// naming is a name in messages.
type naming struct {
	userID string // "": of something that was typed
	masked string // is shown in its place while nobody is named
}

// Masked stands for a hidden text. Its length says nothing of the length of that text.
const Masked = "••••••••"

// begin takes the setting of the config; nil: it says nothing.
func (p *Privacy) begin(on *bool) {
	if on != nil {
		p.On, p.open = *on, !*on
	}
}

func (m *Model) togglePrivacy() tea.Cmd {
	m.mask()
	m.Privacy.On = !m.Privacy.On
	if m.Privacy.On {
		m.log(Message{Level: Told, Text: "Nobody is named on the screen any more", Hint: m.say("{privacy} names people again")})
	} else {
		m.log(Message{Level: Told, Text: "People are named again"})
	}
	return nil
}

func (m *Model) privacyTitle() string {
	if m.Privacy.On {
		return "name people"
	}
	return ""
}

// HidesListed tells whether a list masks a user_id: a user_id that is an e-mail, a phone
// or a number of a document names its person to each passer-by.
func (m *Model) HidesListed(userID string) bool {
	return m.Privacy.On || !m.Privacy.open && client.NamesSomebody(userID)
}

// tellHidden says once that lists mask some user_ids by themselves: at the first such row
// that the cursor comes to.
func (m *Model) tellHidden(row mirror.Row) {
	if m.Privacy.told || m.Privacy.On || !m.HidesListed(row.UserID) {
		return
	}
	m.Privacy.told = true
	m.log(Message{Level: Told, Text: "Lists mask a user_id that is an e-mail, a phone or a number of nine digits or more",
		Hint: m.say("{open} or {person} shows it; privacy = false in the config shows all")})
}

// private notes that a part of a message names somebody.
func (m *Model) private(text string, n naming) string {
	if m.Privacy.names == nil {
		m.Privacy.names = map[string]naming{}
	}
	if len(m.Privacy.names) >= 2*longestLog { // of the messages that are gone
		for name := range m.Privacy.names {
			if !m.Log.says(name) {
				delete(m.Privacy.names, name)
			}
		}
	}
	if text != "" {
		m.Privacy.names[text] = n
	}
	return text
}

// forgetInMessages masks an erased person for good in the messages so far.
func (m *Model) forgetInMessages(userID string) {
	for text, n := range m.Privacy.names {
		if n.userID != userID {
			continue
		}
		for i := range m.Log.Messages {
			m.Log.Messages[i].Text = strings.ReplaceAll(m.Log.Messages[i].Text, text, n.masked)
		}
		delete(m.Privacy.names, text)
	}
	for id, was := range m.Log.people {
		if was == userID {
			delete(m.Log.people, id)
		}
	}
}

// says tells whether a message has a text.
func (l *Log) says(text string) bool {
	for _, msg := range l.Messages {
		if strings.Contains(msg.Text, text) {
			return true
		}
	}
	return false
}

// Said is the text of a message as it may be shown now.
func (m *Model) Said(msg Message) string {
	text := msg.Text
	if m.Privacy.On {
		for name, n := range m.Privacy.names {
			text = strings.ReplaceAll(text, name, n.masked)
		}
	}
	return text
}
