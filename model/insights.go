package model

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/insights"
	"idtop/keymap"
)

// Insights is the page that says what stands out in a window of time, from the mirror
// alone.
type Insights struct {
	insights.Insights
	Loaded bool // what follows was read for Window and Split
	Window int  // in insights.Windows
	Split  int  // in insights.Splits
	Right  bool // the cursor is on the right side, among what needs somebody
	Bar    int  // the cursor on the left side
	Need   int  // the cursor on the right side

	number int // of the last count that was asked for
	readAt time.Time
	wanted int // the number of the key that asked for a list before anything was counted; 0: none did
}

// insightsEvery is how often the shown insights are counted anew.
const insightsEvery = 10 * time.Second

// openInsights shows the insights, or closes them when they are shown.
func (m *Model) openInsights() tea.Cmd {
	if m.Overlay().Is(InsightsOverlay) {
		return m.closeOverlay()
	}
	in := &m.Insights
	in.Right, in.Bar, in.Need, in.Loaded = false, 0, 0, false
	return tea.Batch(m.toggleOverlay(InsightsOverlay), m.readInsights())
}

// rereadInsights keeps the shown insights up to date.
func (m *Model) rereadInsights() tea.Cmd {
	if !m.Overlay().Is(InsightsOverlay) || m.Now.Sub(m.Insights.readAt) < insightsEvery {
		return nil
	}
	return m.readInsights()
}

func (m *Model) readInsights() tea.Cmd {
	in := &m.Insights
	request, number := m.askOfHour()
	request.Window, request.Split = insights.Windows[in.Window], insights.Splits[in.Split]
	in.number, in.readAt = number, m.Now
	ctx, store := m.config.Context, m.config.Store
	return func() tea.Msg {
		read, err := insights.Read(ctx, store, request)
		return insightsRead{number, read, err}
	}
}

// insightsRead is sent by readInsights. Only the answer to the last request is shown.
type insightsRead struct {
	number   int
	insights insights.Insights
	err      error
}

func (m *Model) onInsightsRead(msg insightsRead) tea.Cmd {
	in := &m.Insights
	told := m.onHourCounted(hourCounted{msg.number, msg.insights.Hour, msg.err})
	if msg.number != in.number || msg.err != nil || !m.Overlay().Is(InsightsOverlay) {
		return told
	}
	chosen, had := in.chosen()
	in.Insights, in.Loaded = msg.insights, true
	in.Bar = clamp(in.Bar, len(in.Bars))
	for i, bar := range in.Bars {
		if had && bar.Value == chosen { // the cursor stays on its reason
			in.Bar = i
		}
	}
	in.Need = clamp(in.Need, len(in.Needs))
	if in.wanted != 0 && in.wanted == m.typing.keys {
		return tea.Batch(told, m.act(keymap.InsightsListed))
	}
	return told
}

// chosen is the value of the bar under the cursor, unless the cursor was never moved:
// then it stays at the top.
func (in *Insights) chosen() (value string, ok bool) {
	if in.Bar == 0 || in.Bar >= len(in.Bars) {
		return "", false
	}
	return in.Bars[in.Bar].Value, true
}

// move moves the cursor of the side that has it.
func (in *Insights) move(rows int) {
	if in.Right {
		in.Need = clamp(in.Need+rows, len(in.Needs))
		return
	}
	in.Bar = clamp(in.Bar+rows, len(in.Bars))
}

// Query is what enter lists; "" when nothing is under the cursor.
func (in *Insights) Query() string {
	switch {
	case in.Right && in.Need < len(in.Needs):
		return in.Needs[in.Need].Query
	case !in.Right && in.Bar < len(in.Bars):
		return in.Bars[in.Bar].Query
	}
	return ""
}

func (m *Model) nextWindow(by int) tea.Cmd {
	in := &m.Insights
	in.Window = (in.Window + by + len(insights.Windows)) % len(insights.Windows)
	return m.anew()
}

// nextSplit tells the failures apart by something else.
func (m *Model) nextSplit() tea.Cmd {
	in := &m.Insights
	in.Split = (in.Split + 1) % len(insights.Splits)
	in.Right = false
	return m.anew()
}

// anew counts for another window or split; what is shown until then is of the one
// before, and says so.
func (m *Model) anew() tea.Cmd {
	m.Insights.Bar, m.Insights.Loaded = 0, false
	return m.readInsights()
}

func (m *Model) otherSide() tea.Cmd {
	m.Insights.Right = !m.Insights.Right
	return nil
}

// listInsight lists what is under the cursor, as soon as it is counted. esc returns to
// the insights.
func (m *Model) listInsight() tea.Cmd {
	if !m.Insights.Loaded {
		m.Insights.wanted = m.typing.keys
		return nil
	}
	m.Insights.wanted = 0
	cmd := m.limitTo(View{Kind: QueryView, Query: m.Insights.Query()})
	m.close()
	return cmd
}

func (m *Model) whyNotInsights() string {
	if !m.Overlay().Is(InsightsOverlay) {
		return m.say("only in the insights: {insights}")
	}
	return ""
}

func (m *Model) whyNotListInsight() string {
	switch {
	case m.whyNotInsights() != "":
		return m.whyNotInsights()
	case m.Insights.Loaded && m.Insights.Query() == "":
		return "nothing is under the cursor"
	}
	return ""
}

func (m *Model) openInsightsTitle() string {
	if m.Overlay().Is(InsightsOverlay) {
		return "close"
	}
	return ""
}

// listInsightTitle says so when the list is of another time than the numbers: a rise is
// one of the last hour, whatever the window is.
func (m *Model) listInsightTitle() string {
	if in := &m.Insights; in.Loaded && in.Window != 0 && !in.Right && in.Bar < len(in.Bars) && in.Bars[in.Bar].Rose {
		return "list of 1h"
	}
	return ""
}

func (m *Model) splitTitle() string {
	next := insights.Splits[(m.Insights.Split+1)%len(insights.Splits)]
	return "by " + next.Name
}
