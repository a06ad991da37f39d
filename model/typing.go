package model

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Key is a key with the time at which it was read from the terminal. Keys wait
// while the program is busy: when Update runs says nothing about when they came.
type Key struct {
	tea.KeyPressMsg
	At time.Time
}

// Noise is sent by the reader of the terminal for input that is neither a key nor an
// answer: the mark of a paste, or part of a torn sequence.
type Noise struct{ At time.Time }

// quietTime is how long no key may come before an answer is taken, so that no
// key typed ahead is one.
const quietTime = 400 * time.Millisecond

// longQuietTime is the same after a key that came too early: a key that is held
// down repeats, and begins to after 500 to 660 ms on most systems.
const longQuietTime = time.Second

// A key is alone when no other came so shortly before it, and a phrase that took
// no longer than a burst was not typed by hand.
const (
	loneTime  = 40 * time.Millisecond
	burstTime = 50 * time.Millisecond
)

// typing is about the keys that came last.
type typing struct {
	at       time.Time     // of the last key or noise
	gap      time.Duration // between it and the one before
	answered bool          // the last key completed an answer, which counts if nothing follows
	muted    bool          // an answer closed its modal: the rest of it has no effect
}

// question is part of each Modal that asks: fields to fill in, one of which takes the
// word that confirms.
type question struct {
	fields
	answer
}

// asking asks by some fields.
func asking(all ...Field) question { return question{fields: fields{Fields: all}} }

func (q *question) asks() *question { return q }

// answer is how far the answer to a question is.
type answer struct {
	Armed bool // it was quiet long enough: keys count

	wait  time.Duration // how long it has to be quiet
	begun bool          // a key was taken since it is armed
	first time.Time     // when the first letter came
}

func (m *Model) onTyped(msg Key) tea.Cmd {
	answered := m.typing.answered
	m.heard(msg.At)
	if m.typing.gap >= quietTime {
		m.typing.muted = false
	}
	switch key := msg.String(); {
	case m.typing.muted && writes(msg.KeyPressMsg):
		return nil
	case !answered || open[*Palette](m) != nil || key == "esc" || key == "ctrl+c":
	case key == "enter" && open[*Dialog](m) == nil && m.typing.gap >= loneTime:
		m.typing.answered = true // a habit after a word; it is not waited for
		return nil
	default:
		m.log(Message{Level: Refusal, Text: "Nothing was sent: another key came with the answer", Hint: "press it alone"})
		return m.disarm(quietTime)
	}
	return m.onKey(msg.KeyPressMsg)
}

func (m *Model) heard(at time.Time) {
	m.typing.gap, m.typing.at, m.typing.answered = at.Sub(m.typing.at), at, false
}

// writes tells whether a key can be part of an answer.
func writes(msg tea.KeyPressMsg) bool {
	switch msg.String() {
	case "enter", "tab", "backspace":
		return true
	}
	return msg.Text != ""
}

// mute keeps the rest of an answer from being taken for keys, until it was quiet.
func (m *Model) mute() { m.typing.muted = true }

// question returns the question of the modal, nil when it has none.
func (m *Model) question() *question {
	if m.Modal == nil {
		return nil
	}
	return m.Modal.asks()
}

// arm lets an answer be taken once it was quiet for a while from now on.
func (m *Model) arm(wait time.Duration) tea.Cmd {
	if q := m.question(); q != nil {
		q.answer = answer{wait: wait}
	}
	return m.afterQuiet(armed, wait)
}

// disarm is arm for a question with letters in it already: they are gone.
func (m *Model) disarm(wait time.Duration) tea.Cmd {
	q := m.question()
	if q == nil {
		return nil
	}
	q.clearAnswer()
	return m.arm(wait)
}

// quiet is the effect of a wait that nothing has interrupted.
type quiet uint8

// The effects.
const (
	armed   quiet = iota // an answer is taken
	settled              // keys act again on the session that the cursor went to by itself
	masked               // revealed outputs are hidden
	quiets
)

// quietPassed is sent by afterQuiet. Of each kind, only the last wait counts.
type quietPassed struct {
	what quiet
	n    int
}

func (m *Model) afterQuiet(what quiet, wait time.Duration) tea.Cmd {
	m.quiets[what]++
	passed := quietPassed{what, m.quiets[what]}
	return tea.Tick(wait, func(time.Time) tea.Msg { return passed })
}

func (m *Model) onQuietPassed(msg quietPassed) tea.Cmd {
	if msg.n != m.quiets[msg.what] {
		return nil
	}
	switch msg.what {
	case armed:
		if q := m.question(); q != nil {
			q.Armed = true
		}
	case settled:
		m.List.unsettled = false
	case masked:
		m.mask()
	}
	return nil
}

// early tells whether the key that came last came before keys count.
func (t *typing) early(a *answer) bool { return !a.Armed || !a.begun && t.gap < a.wait }

// take notes when a letter of an answer came.
func (t *typing) take(a *answer, before string) {
	if a.begun = true; before == "" {
		a.first = t.at
	}
}

// moved notes that the keys went to another field. After a key that was alone they
// count at once there; else text with a tab in it is being pasted.
func (t *typing) moved(a *answer) {
	if a.begun, a.wait = false, quietTime; t.gap >= loneTime {
		a.wait = loneTime
	}
}

// completed takes a phrase that was typed: it counts at the next rest. One that
// came in a burst is a paste, which never confirms.
func (m *Model) completed(a *answer) tea.Cmd {
	if m.typing.at.Sub(a.first) < burstTime {
		m.log(Message{Level: Refusal, Text: "Nothing was sent: that came in one piece, as a paste does", Hint: "type it"})
		return m.disarm(quietTime)
	}
	m.typing.answered = true
	return nil
}

// Rest is sent by the reader of the terminal when nothing has come for a while
// after a key. Only then an answer counts.
type Rest struct{}

// onRest carries out the answer that came last.
func (m *Model) onRest() tea.Cmd {
	if !m.typing.answered || m.Layout().TooSmall {
		return nil
	}
	m.typing.answered = false
	m.Log.noticed = m.Log.total // an earlier refusal is no news any more
	if m.Modal == nil {
		return nil
	}
	return m.Modal.answered(m)
}

// onNoise empties the field that confirms: the letters in it may be of the noise.
func (m *Model) onNoise(msg Noise) tea.Cmd {
	m.heard(msg.At)
	return m.disarm(quietTime)
}
