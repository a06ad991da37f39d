package model

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// Modal has all keys and pastes while it is open: a dialog, a form, the command
// palette, a plan, an overlay or the search line. Model.Modal is the only place
// that keeps one. The handler of a late answer checks there whether the modal that
// asked is still open.
type Modal interface {
	key(*Model, tea.KeyPressMsg) tea.Cmd
	paste(*Model, tea.PasteMsg) tea.Cmd
	asks() *question         // nil when nothing is typed to confirm
	answered(*Model) tea.Cmd // carries out the answer, after a rest without further keys
}

// asksNothing is embedded in each Modal without a confirmation.
type asksNothing struct{}

func (asksNothing) asks() *question         { return nil }
func (asksNothing) answered(*Model) tea.Cmd { return nil }

// open returns the modal if it is a T, else nil.
func open[T Modal](m *Model) T {
	modal, _ := m.Modal.(T)
	return modal
}

// close closes the modal, and shows the one below it again.
func (m *Model) close() { m.Modal = m.below() }

// below is the modal that this one was opened over: the jobs for a form of theirs, the page for the
// help, the commands and a search in the people, a timeline or the people for another page;
// nil: the panes.
func (m *Model) below() Modal {
	switch modal := m.Modal.(type) {
	case *Form:
		return modal.over
	case *Help:
		return modal.over
	case *Palette:
		return modal.over
	case *ProfilesBox:
		return modal.over
	case SearchLine:
		if modal.over != nil {
			return modal.over
		}
	case *Overlay:
		if modal.under != nil {
			return modal.under
		}
	}
	return nil
}

// Overlay returns the open overlay, even when a form, the search, the help, the commands or
// the name of a view cover it; nil when there is none.
func (m *Model) Overlay() *Overlay {
	top := m.Modal
	switch modal := top.(type) {
	case *Overlay:
	case *ViewLine:
		return modal.over
	default:
		top = m.below()
	}
	o, _ := top.(*Overlay)
	return o
}

// Typing tells whether the search line has the keys.
func (m *Model) Typing() bool { _, typing := m.Modal.(SearchLine); return typing }

// inPane tells whether the list or the detail has the keys: a modal that opens by
// itself opens only then.
func (m *Model) inPane() bool { return m.Modal == nil && !m.Layout().TooSmall }

// onKey gives a key to the modal or the pane. In a window that is too small only
// quit acts.
func (m *Model) onKey(msg tea.KeyPressMsg) tea.Cmd {
	m.typing.keys++
	id, _ := m.resolve(keymap.List, msg)
	if (id == keymap.Redraw || id == keymap.Privacy) && msg.Text == "" { // in every modal
		return m.act(id)
	}
	if id != keymap.Quit {
		m.quitting = false // any other key cancels a pending quit
	}
	switch {
	case m.Layout().TooSmall && id == keymap.Quit:
		return m.quit()
	case m.Layout().TooSmall:
		return nil
	case id == keymap.Profiles && msg.Text == "" && m.confirming():
		return m.refuseSwitch()
	case m.Modal != nil:
		return m.Modal.key(m, msg)
	}
	return m.paneKey(msg)
}

// onPaste gives a paste to the modal. A paste never confirms.
func (m *Model) onPaste(msg tea.PasteMsg) tea.Cmd {
	m.typing.keys++
	m.typing.answered = false
	if m.Layout().TooSmall || m.Modal == nil {
		return nil
	}
	return m.Modal.paste(m, msg)
}

// Key is a key with the time at which it was read from the terminal. Keys wait
// while the program is busy, so the time of Update does not show when they came.
type Key struct {
	tea.KeyPressMsg
	At time.Time
}

// Noise is sent by the reader of the terminal for input that is neither a key nor
// an answer of the terminal: the mark of a paste, or part of a torn sequence.
type Noise struct{ At time.Time }

// QuietTime is how long no key may come before an answer is accepted, so that no
// key typed ahead is one.
const QuietTime = 400 * time.Millisecond

// longQuietTime applies after a key that came too early: a held key repeats, on
// most systems after 500 to 660 ms.
const longQuietTime = time.Second

// A key is alone when none came within loneTime before it. A phrase that took no
// longer than a burst was not typed by hand.
const (
	loneTime  = 40 * time.Millisecond
	burstTime = 50 * time.Millisecond
)

// typing is the timing of the last keys.
type typing struct {
	at       time.Time     // of the last key or noise
	gap      time.Duration // from the key or noise before it
	answered bool          // the last key completed an answer, which counts if no key follows
	muted    bool          // an answer closed its modal: the rest of the answer has no effect
	keys     int           // counts keys and pastes: a late answer opens nothing when one came since
	waits    [quiets]int   // counts the waits of each kind
}

// question is embedded in each Modal that asks: fields to fill in, one of them for
// the word that confirms.
type question struct {
	fields
	answer
}

// asking returns a question with some fields.
func asking(all ...Field) question { return question{fields: fields{Fields: all}} }

func (q *question) asks() *question { return q }

// answer is the state of the answer to a question.
type answer struct {
	Armed bool // there was no key for long enough: keys count

	wait  time.Duration // how long no key may come
	begun bool          // a key was accepted since Armed
	first time.Time     // when the first letter came
}

func (m *Model) onTyped(msg Key) tea.Cmd {
	answered := m.typing.answered
	m.heard(msg.At)
	if m.typing.gap >= QuietTime {
		m.typing.muted = false
	}
	switch key := msg.KeyPressMsg; {
	case m.typing.muted && m.answers(key):
		return nil
	case !answered || open[*Palette](m) != nil || is(key, "esc") || is(key, "ctrl+c"):
	case is(key, "enter") && open[*Dialog](m) == nil && m.typing.gap >= loneTime:
		m.typing.answered = true // enter after a word is a habit: the answer still counts
		return nil
	default:
		m.log(Message{Level: Refusal, Text: "Nothing was sent: another key came with the answer", Hint: "press it alone"})
		return m.disarm(QuietTime)
	}
	return m.onKey(msg.KeyPressMsg)
}

func (m *Model) heard(at time.Time) {
	m.typing.gap, m.typing.at, m.typing.answered = at.Sub(m.typing.at), at, false
}

// answers tells whether a key can be part of an answer.
func (m *Model) answers(msg tea.KeyPressMsg) bool {
	if is(msg, "enter") || is(msg, "tab") || is(msg, "backspace") {
		return true
	}
	id, _ := m.config.Keys.Resolve(keymap.InDialog, nameOf(msg))
	return msg.Text != "" || keymap.Confirms(id)
}

// mute keeps the rest of an answer from acting as keys, until there is a quiet
// moment.
func (m *Model) mute() { m.typing.muted = true }

// question returns the question of the modal, nil when it has none.
func (m *Model) question() *question {
	if m.Modal == nil {
		return nil
	}
	return m.Modal.asks()
}

// arm lets keys count as an answer after a quiet time from now on.
func (m *Model) arm(wait time.Duration) tea.Cmd {
	if q := m.question(); q != nil {
		q.answer = answer{wait: wait}
	}
	return m.afterQuiet(armed, wait)
}

// disarm is arm for a question with letters in it: it empties them.
func (m *Model) disarm(wait time.Duration) tea.Cmd {
	q := m.question()
	if q == nil {
		return nil
	}
	q.clearAnswer()
	return m.arm(wait)
}

// quiet is the effect of a wait that no key has interrupted.
type quiet uint8

// The effects.
const (
	armed   quiet = iota // keys count as an answer
	settled              // keys act again on the session that the cursor moved to by itself
	masked               // revealed outputs are hidden
	quiets
)

// quietPassed is sent by afterQuiet. Only the last wait of each kind counts.
type quietPassed struct {
	what quiet
	n    int
}

func (m *Model) afterQuiet(what quiet, wait time.Duration) tea.Cmd {
	m.typing.waits[what]++
	passed := quietPassed{what, m.typing.waits[what]}
	return tea.Tick(wait, func(time.Time) tea.Msg { return passed })
}

func (m *Model) onQuietPassed(msg quietPassed) tea.Cmd {
	if msg.n != m.typing.waits[msg.what] {
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

// early tells whether the last key came before keys count.
func (t *typing) early(a *answer) bool { return !a.Armed || !a.begun && t.gap < a.wait }

// take notes the time of a letter in an answer.
func (t *typing) take(a *answer, before string) {
	if a.begun = true; before == "" {
		a.first = t.at
	}
}

// moved notes that another field has the keys now. After a lone key they count
// there at once; otherwise text with a tab in it is being pasted.
func (t *typing) moved(a *answer) {
	if a.begun, a.wait = false, QuietTime; t.gap >= loneTime {
		a.wait = loneTime
	}
}

// completed accepts a typed phrase: it counts at the next rest. A phrase that came
// in a burst is a paste, which never confirms.
func (m *Model) completed(a *answer) tea.Cmd {
	if m.typing.at.Sub(a.first) < burstTime {
		m.log(Message{Level: Refusal, Text: "Nothing was sent: that came in one piece, as a paste does", Hint: "type it"})
		return m.disarm(QuietTime)
	}
	m.typing.answered = true
	return nil
}

// Rest is sent by the reader of the terminal when nothing has come for a while
// after a key. An answer counts only then.
type Rest struct{}

// onRest carries out the last answer.
func (m *Model) onRest() tea.Cmd {
	if !m.typing.answered || m.Layout().TooSmall {
		return nil
	}
	m.typing.answered = false
	m.Log.noticed = m.Log.total // an earlier refusal is no longer news
	if m.Modal == nil {
		return nil
	}
	return m.Modal.answered(m)
}

// onNoise empties the confirmation: its letters may belong to the noise.
func (m *Model) onNoise(msg Noise) tea.Cmd {
	m.heard(msg.At)
	return m.disarm(QuietTime)
}
