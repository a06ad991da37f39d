package model

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"idtop/client/act"
	"idtop/client/ledger"
	"idtop/client/plan"
	"idtop/keymap"
)

// writing numbers the switches between read-only and writing, and has the number of
// the last answered one.
type writing struct{ asked, answered int }

// AllowWrite asks whether to allow changes to an account while sessions wait for that.
type AllowWrite struct {
	Reason  string
	Waiting []plan.Job // the jobs that go on after it
}

// command carries out a command of the palette. Its argument, if it needs one, is
// not empty.
func (m *Model) command(name, argument string) tea.Cmd {
	if why := m.whyNotCommand(name); why != "" {
		m.log(Message{Level: Refusal, Text: "Can't do " + name + ": " + why})
		return nil
	}
	switch name {
	case keymap.Write:
		return m.askWrite(argument)
	case keymap.Save:
		return m.saveAs(argument)
	case keymap.ReadOnly:
		return m.shutGate()
	case keymap.Tour:
		return m.beginTour()
	case keymap.Theme:
		m.setTheme(argument)
	}
	return nil
}

// askWrite reads the jobs that go on once this account may be changed, and checks
// whether the reason can be recorded.
func (m *Model) askWrite(reason string) tea.Cmd {
	m.writing.asked++
	ctx, desk, asked, keys := m.config.Context, m.config.Desk, m.writing.asked, m.typing.keys
	return func() tea.Msg {
		if err := desk.CheckReason(ctx, reason, plan.Plan{}); err != nil {
			return writeAsked{asked: asked, keys: keys, reason: reason, err: err}
		}
		waiting, err := desk.Journal.Waiting()
		return writeAsked{asked, keys, reason, waiting, err}
	}
}

// giveUpWaiting gives up the waiting items of some jobs, and then asks again.
func (m *Model) giveUpWaiting(reason string, jobs []plan.Job) tea.Cmd {
	ctx, desk, ask := m.config.Context, m.config.Desk, m.askWrite(reason)
	asked, keys := m.writing.asked, m.typing.keys
	return func() tea.Msg {
		for _, job := range jobs {
			if err := desk.GiveUp(ctx, job.ID); err != nil {
				return writeAsked{asked: asked, keys: keys, reason: reason, err: err}
			}
		}
		return ask()
	}
}

// writeAsked is sent by askWrite and giveUpWaiting: the jobs that go on once this
// account may be changed. Only the last request counts, and it opens nothing when a
// key came since.
type writeAsked struct {
	asked   int
	keys    int
	reason  string
	waiting []plan.Job
	err     error
}

// onWriteAsked allows changes to this account, after the operator has seen the jobs
// that go on then. A reason that can't be recorded is handed back for correction.
func (m *Model) onWriteAsked(msg writeAsked) tea.Cmd {
	busy := !m.inPane() || msg.keys != m.typing.keys
	var reason *act.ReasonError
	switch {
	case msg.asked != m.writing.asked: // the account was set to read-only meanwhile
	case errors.As(msg.err, &reason):
		m.log(Message{Level: Refusal, Text: "Still read-only: " + reason.Error(), Hint: "change it: it is recorded for ever"})
		if !busy {
			m.openPalette()
			open[*Palette](m).set(m, keymap.Write+" "+msg.reason)
		}
	case msg.err != nil:
		m.logError(msg.err)
	case len(msg.waiting) == 0:
		return m.openGate(msg.reason, nil)
	case busy:
		m.logWarning("Still read-only: "+plan.WaitingWords(msg.waiting)+" would be sent", m.say("{:write} again shows them"))
	default:
		send := func(*Form) tea.Cmd {
			m.close()
			m.mute()
			return m.openGate(msg.reason, msg.waiting)
		}
		return m.openForm(Form{For: AllowWrite{msg.reason, msg.waiting}, question: asking(confirmField("write")), send: send})
	}
	return nil
}

// openGate records that this account may be changed; onGateMoved then allows it.
// When more items wait than the operator saw, their jobs are shown first.
func (m *Model) openGate(reason string, seen []plan.Job) tea.Cmd {
	desk, asked, keys := m.config.Desk, m.writing.asked, m.typing.keys
	return func() tea.Msg {
		switch waiting, err := desk.Journal.Waiting(); {
		case err != nil:
			return gateMoved{asked, false, err}
		case !within(waiting, seen):
			return writeAsked{asked: asked, keys: keys, reason: reason, waiting: waiting}
		}
		err := desk.Note(ledger.WriteMode, "", "", "on", reason)
		return gateMoved{asked, err == nil, err}
	}
}

// shutGate lets only reads pass from now on, even if that can't be recorded.
func (m *Model) shutGate() tea.Cmd {
	m.writing.asked++
	m.config.Gate.Close()
	m.Identity.ReadOnly = true
	desk, asked := m.config.Desk, m.writing.asked
	return func() tea.Msg {
		if desk == nil {
			return gateMoved{asked: asked}
		}
		return gateMoved{asked, false, desk.Note(ledger.WriteMode, "", "", "off", "")}
	}
}

// gateMoved is sent by openGate and shutGate. Only the last request counts.
type gateMoved struct {
	asked int
	open  bool
	err   error
}

// onGateMoved shows whether something can be changed now. An answer to an older
// request has no effect.
func (m *Model) onGateMoved(msg gateMoved) tea.Cmd {
	late := msg.asked != m.writing.asked
	if !late {
		m.Identity.ReadOnly, m.writing.answered = !msg.open, msg.asked
		if msg.open {
			m.config.Gate.Open()
		}
	}
	switch {
	case msg.err != nil:
		m.logError(msg.err)
	case late:
	case msg.open:
		m.log(Message{Text: "Read-write from now on, until you quit", Hint: m.say("{:read-only} goes back")})
	default:
		m.logDone("Read-only from now on")
	}
	return nil
}

// within tells whether no more items wait than were seen.
func within(waiting, seen []plan.Job) bool {
	for _, job := range waiting {
		if !slices.ContainsFunc(seen, func(s plan.Job) bool {
			return s.ID == job.ID && job.Counts[plan.Waiting] <= s.Counts[plan.Waiting]
		}) {
			return false
		}
	}
	return true
}
