package model

import (
	tea "charm.land/bubbletea/v2"

	"idtop/keymap"
)

// Touring is the tour of the demo; an account's dashboard has none.
type Touring struct {
	Begin bool         // it has not been seen yet
	Keep  func() error // notes that it was seen
}

// Tour is the tour of the demo: a line that names one key after another, and waits for it.
// It covers nothing, and no key does anything else because of it, but esc, which ends it.
type Tour struct {
	On bool
	At int // index of the step
}

// tourSteps are the steps: the action whose key each waits for, and its words.
var tourSteps = [...]struct {
	action keymap.ID
	says   string
}{
	{keymap.Tab2, "{tab-2} lists who failed"},
	{keymap.Open, "{open} says why and what next"},
	{keymap.Search, "{search} and letters find a person"},
	{keymap.Redact, "{redact} redacts: here nobody is real"},
	{keymap.Jobs, "{jobs} shows what came of it"},
	{keymap.Help, "{help} has every key"},
}

// TourLine is the line of the tour at its present step.
type TourLine struct {
	Says     string
	Step, Of int
	Ends     bool // the key of Back ends it here
}

// TourLine returns the line of the tour; ok is false without a tour. Where a dialog or a text
// has the keys, the line names none.
func (m *Model) TourLine() (line TourLine, ok bool) {
	if !m.Tour.On {
		return TourLine{}, false
	}
	step := tourSteps[m.Tour.At]
	line = TourLine{m.say(step.says), m.Tour.At + 1, len(tourSteps), m.Modal == nil}
	if m.Modal != nil {
		action, _ := keymap.Lookup(step.action)
		if o := open[*Overlay](m); o == nil || action.Modes&o.mode() == 0 {
			line.Says = "goes on after this"
		}
	}
	return line, true
}

// beginTour begins the tour, or begins it again.
func (m *Model) beginTour() tea.Cmd {
	m.Tour = Tour{On: true}
	return nil
}

// whyNotTour is why there is no tour.
func (m *Model) whyNotTour() string {
	if m.config.Tour == nil {
		return "it is on the screen of the demo only: idtop --demo"
	}
	return ""
}

// toured takes the next step when the action that the tour waits for was carried out.
func (m *Model) toured(id keymap.ID) tea.Cmd {
	if !m.Tour.On || id != tourSteps[m.Tour.At].action {
		return nil
	}
	if m.Tour.At++; m.Tour.At < len(tourSteps) {
		return nil
	}
	m.logDone(m.say("That was the tour; {:tour} begins it again"))
	return m.endTour()
}

// skipTour ends the tour early.
func (m *Model) skipTour() tea.Cmd {
	m.log(Message{Level: Told, Text: m.say("The tour is over; {:tour} begins it again")})
	return m.endTour()
}

func (m *Model) endTour() tea.Cmd {
	m.Tour = Tour{}
	keep := m.config.Tour.Keep
	return func() tea.Msg { return tourKept{keep()} }
}

// tourKept is sent by endTour.
type tourKept struct{ err error }

func (m *Model) onTourKept(msg tourKept) {
	if msg.err != nil {
		m.log(Message{Level: Refusal, Text: Sentence("that the tour was seen can't be kept: " + msg.err.Error())})
	}
}
