package model

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/insights"
)

// Rise is what is known of the last hour. It is looked at once a minute, and sooner
// when more becomes known.
type Rise struct {
	insights.Hour

	known  insights.Known
	looked time.Time
	asking bool
	failed bool                 // the last count failed, which was said
	seen   map[string]time.Time // when each reason was last seen to have risen
}

const (
	riseEvery = time.Minute
	riseSoon  = 5 * time.Second
)

// lookForRise counts the last hour if it is time to.
func (m *Model) lookForRise() tea.Cmd {
	known, since := insights.KnownOf(m.Sync.Status), m.Now.Sub(m.Rise.looked)
	due := since >= riseEvery || since >= riseSoon && known != m.Rise.known
	if m.Rise.asking || !due {
		return nil
	}
	m.Rise.asking, m.Rise.known, m.Rise.looked = true, known, m.Now
	ctx, store, rule, now := m.config.Context, m.config.Store, m.config.Rule.OrUsual(), m.ServerNow()
	return func() tea.Msg {
		tally, err := store.Tally(ctx, insights.LastHour(now))
		return hourCounted{insights.Rose(tally, known, rule), err}
	}
}

// hourCounted is sent by lookForRise.
type hourCounted struct {
	hour insights.Hour
	err  error
}

// onHourCounted shows the last hour. A rise is told once: by a message, and by the
// terminal's bell if the config says so.
func (m *Model) onHourCounted(msg hourCounted) tea.Cmd {
	m.Rise.asking = false
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
			m.logWarning(Sentence(client.ReasonOf(reason.Code).Label)+" rose: "+reason.Numbers(), "i shows what these have in common")
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
