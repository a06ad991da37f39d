package model

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/insights"
)

// Rise has the counts of the last hour: the header, the line of the last hour, the detail
// and the insights show this one count. It is counted once a minute, sooner when more
// becomes known, and whenever the insights are.
type Rise struct {
	insights.Hour

	known  insights.Known
	looked time.Time
	asked  int                  // the number of the last count that was asked for
	shown  int                  // the number of the count that is shown
	failed bool                 // the last count failed, which was said
	seen   map[string]time.Time // when each reason was last seen to have risen
}

const (
	riseEvery = time.Minute
	riseSoon  = 5 * time.Second
)

// lookForRise counts the last hour if it is time to. The insights count it while they are
// shown.
func (m *Model) lookForRise() tea.Cmd {
	since := m.Now.Sub(m.Rise.looked)
	due := since >= riseEvery || since >= riseSoon && insights.KnownOf(m.Sync.Status) != m.Rise.known
	if m.Overlay().Is(InsightsOverlay) || m.Rise.asked != m.Rise.shown || !due {
		return nil
	}
	request, number := m.askOfHour()
	ctx, store := m.config.Context, m.config.Store
	return func() tea.Msg {
		hour, _, err := insights.ReadHour(ctx, store, request)
		return hourCounted{number, hour, err}
	}
}

// askOfHour returns the request for a new count of the last hour, and the count's number.
func (m *Model) askOfHour() (insights.Request, int) {
	request := insights.Request{Now: m.ServerNow(), Rule: m.config.Rule.OrUsual(), Known: insights.KnownOf(m.Sync.Status)}
	m.Rise.asked++
	m.Rise.known, m.Rise.looked = request.Known, m.Now
	return request, m.Rise.asked
}

// hourCounted is the answer to askOfHour.
type hourCounted struct {
	number int
	hour   insights.Hour
	err    error
}

// onHourCounted shows the last hour, unless a newer count is shown. A rise is told once:
// by a message, and by the terminal's bell if the config says so.
func (m *Model) onHourCounted(msg hourCounted) tea.Cmd {
	if msg.number < m.Rise.shown {
		return nil
	}
	m.Rise.shown = msg.number
	if msg.err != nil {
		if !m.Rise.failed {
			m.logError(msg.err)
		}
		m.Rise.Hour, m.Rise.failed = insights.Hour{}, true
		return nil
	}
	m.Rise.Hour, m.Rise.failed = msg.hour, false
	rang := false
	for _, reason := range msg.hour.Risen() {
		if last, ok := m.Rise.seen[reason.Code]; !ok || m.Now.Sub(last) >= insights.RiseOver {
			rang = true
			m.logWarning(Sentence(client.ReasonOf(reason.Code).Label)+" rose: "+reason.Numbers(), m.say("{insights} shows what these have in common"))
		}
		m.Rise.seen[reason.Code] = m.Now
	}
	m.List.scroll(m.ListRows()) // the line of the last hour may take one of the list's
	if rang && m.config.Bell {
		return tea.Raw("\a")
	}
	return nil
}

// Told are the words for what rose, from the longest form to the shortest; nil when
// nothing did, or when the line of the last hour says it.
func (m *Model) Told() []string {
	risen := m.Rise.Risen()
	if len(risen) == 0 || m.HourLines() > 0 {
		return nil
	}
	return risen[0].Words()
}

// HourLines is how many lines the last hour takes above the search: in the tab of
// failed sessions, on a high screen always, on a lower one when something rose.
func (m *Model) HourLines() int {
	switch {
	case m.List.Tab != failedTab || !m.Rise.Known || m.Overlay() != nil:
		return 0
	case m.Height >= highScreen:
		return 2 // with a blank one
	case m.Height >= hourHeight && len(m.Rise.Risen()) > 0:
		return 1
	}
	return 0
}

// hourHeight is the least height of a screen with a line for the last hour.
const hourHeight = 16

// failedTab is the tab of failed sessions.
const failedTab = 1
