package plain

import (
	"strings"
	"time"

	"idtop/client/insights"
	"idtop/client/timeline"
	"idtop/keymap"
	"idtop/model"
)

// windows are the windows of the insights in words.
var windows = map[string]string{"1h": "last hour", "24h": "last 24 hours", "7d": "last 7 days", "30d": "last 30 days"}

// insightsPage says what rose, then the numbers, then the side with the cursor.
func insightsPage(m *model.Model) page {
	in := &m.Insights
	window, split := insights.Windows[in.Window], insights.Splits[in.Split]
	name := "Insights, " + windows[window.Name] + ", by " + split.Name
	p := page{name: said{name, sentence(name)}, at: -1, shown: opening, opens: opening, more: keyOf(m, keymap.PageDown)}
	if !in.Loaded {
		p.outro = []said{line("Counting")}
		return p
	}
	for _, text := range in.Sentences() {
		p.intro = append(p.intro, line(strings.ReplaceAll(text, " %", " percent")))
	}
	if len(p.intro) > 0 {
		p.news = p.intro[0]
	}
	share := func(what string, part, whole, before, all int) {
		percent, ok := insights.Percent(part, whole)
		if !ok {
			return
		}
		text := what + " " + percent + " percent"
		if was, ok := insights.Percent(before, all); ok && in.Compared {
			text += ", before " + was
		}
		p.intro = append(p.intro, said{what, sentence("Of what was submitted: " + text)})
	}
	now, was := in.Sum, in.Before
	share("verified", now.Verified, now.Submitted(), was.Verified, was.Submitted())
	share("failed", now.Failed-now.Unreported, now.Submitted(), was.Failed-was.Unreported, was.Submitted())
	share("verified in one attempt", now.AtOnce, now.Submitted(), was.AtOnce, was.Submitted())
	if stay := in.Stays.Window; stay.Known > 0 {
		p.intro = append(p.intro, said{"stay", sentences("Time in processing: half take at most "+timeline.Long(stay.P50)+", 95 percent at most "+timeline.Long(stay.P95), in.Sample())})
	}
	if longest := in.Stays.Longest; longest > 0 {
		p.intro = append(p.intro, said{"longest", sentence("The longest now: " + timeline.Long(longest.Truncate(time.Second)))})
	}
	if in.Right {
		p.intro = append(p.intro, line("Needs somebody", keyed(m, "{insights-listed} lists a line, {insights-side} goes to the reasons")))
		p.at = in.Need
		lines := make([]said, len(in.Needs))
		for i, need := range in.Needs {
			lines[i] = line(need.Name + ": " + num(need.Count))
		}
		return p.list(lines)
	}
	title := "Why they failed"
	if in.Split > 0 {
		title = "Failed, by " + split.Name
	}
	if len(in.Bars) == 0 {
		p.intro = append(p.intro, line(title+": nothing failed that is known of"))
		return p
	}
	p.intro = append(p.intro, line(title, keyed(m, "{insights-listed} lists a line, {insights-side} goes to what needs somebody, {window} to the next window")))
	p.at = in.Bar
	lines := make([]said, len(in.Bars))
	for i, bar := range in.Bars {
		before, rose := "", ""
		if bar.Compared {
			before = "before " + num(bar.Before)
		}
		if bar.Rose {
			rose = "rose"
		}
		label := in.Insights.Split.Label(bar.Value)
		lines[i] = said{label, sentence(listing(label+": "+num(bar.Failed), before, rose))}
	}
	return p.list(lines)
}
