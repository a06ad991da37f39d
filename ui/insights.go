package ui

import (
	"strings"
	"time"

	"idtop/client"
	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// The least sizes at which the insights have their parts: two columns, a blank line
// between parts, and charts.
const (
	insightsWide   = 100
	insightsRoomy  = 20
	insightsCharts = 28
)

// insightsPage lays out the page.
type insightsPage struct {
	m     *model.Model
	in    *model.Insights
	theme *theme
	on    *palette
	width int
	lines int
}

// insightsRows are the rows of the page: the answer in sentences, then why sessions
// failed, beside it or below it the numbers, and charts where there is room. On a narrow
// screen the side with the cursor comes first.
func insightsRows(theme *theme, m *model.Model) []row {
	d := insightsPage{m, &m.Insights, theme, &theme.plain, m.Width - 1, m.OverlayRows()}
	rows := []row{d.title()}
	if !d.in.Loaded {
		return append(rows, nil, row{{d.on.dim, safe.Lit("Counting…")}})
	}
	roomy := d.lines >= insightsRoomy
	sentences := d.sentences()
	sentences = sentences[:min(len(sentences), max(2, d.lines/2-1))]
	rows = append(d.gap(rows, roomy), sentences...)
	rows = d.gap(rows, true)
	left := d.lines - len(rows)
	if d.width < insightsWide {
		bars, right := d.bars(d.width-1, left), d.numbers(false)
		if d.in.Right { // the side with the cursor is not cut
			bars, right = right, bars
		}
		return append(d.gap(append(rows, bars...), roomy), right...)
	}
	leftWidth := min(d.width*2/3, d.width-numbersWidth-2)
	rightWidth := d.width - leftWidth - 2
	bars, right := left, d.numbers(roomy)
	charts := left >= insightsCharts-len(rows)
	if charts {
		bars = min(12, left-12)
	}
	leftRows := d.bars(leftWidth-1, bars)
	switch {
	case charts && !d.theme.charts:
		leftRows = append(d.gap(leftRows, true), d.stepsTable()...)
	case charts:
		leftRows = d.gap(leftRows, true)
		leftRows = append(leftRows, d.failedChart(leftWidth-1, left-len(leftRows))...)
		if room := left - len(right) - 1; room >= 7 {
			right = append(d.gap(right, true), d.rateChart(rightWidth, min(room, 10))...)
		}
	}
	for i := range left {
		line := row(nil)
		if i < len(leftRows) {
			line = leftRows[i]
		}
		line = append(line.fit(d.on, leftWidth-1), segment{d.on.line, safe.Lit("│ ")})
		if i < len(right) {
			line = append(line, right[i]...)
		}
		rows = append(rows, line)
	}
	return rows
}

func (d *insightsPage) gap(rows []row, wanted bool) []row {
	if wanted {
		return append(rows, nil)
	}
	return rows
}

// title names the page, what the failures are told apart by, and the window.
func (d *insightsPage) title() row {
	left := row{{d.on.bold, safe.Lit("Insights")}, {d.on.dim, safe.Concat(safe.Lit("  by "), safe.Line(insights.Splits[d.in.Split].Name))}}
	right := row{}
	for i, w := range insights.Windows {
		look := d.on.dim
		if i == d.in.Window {
			look = d.theme.tab
		}
		right = append(right, segment{look, safe.Concat(space, safe.Line(w.Name), space)})
	}
	if hint := (row{{d.on.accent, safe.Concat(space, keyOf(d.m, keymap.Window))}, {d.on.dim, safe.Lit(" window")}}); left.width()+right.width()+hint.width() < d.width {
		right = append(right, hint...)
	}
	if left.width()+right.width() >= d.width {
		left = left[:1]
	}
	return append(append(left, segment{d.on.text, safe.Spaces(max(1, d.width-1-left.width()-right.width()))}), right...)
}

// sentences are the answer: the first is bold, with a sign when something rose.
func (d *insightsPage) sentences() (rows []row) {
	for i, text := range d.in.Sentences() {
		look, lead := d.on.dim, row{{d.on.text, safe.Lit("  ")}}
		if i == 0 {
			look = d.on.bold
			if len(d.in.Hour.Risen()) > 0 {
				lead = row{{d.on.processing, safe.Lit("▲ ")}}
			}
		}
		for _, line := range safe.Line(text).Wrap(d.width - 3) {
			rows = append(rows, append(lead, segment{look, line}))
			lead = row{{d.on.text, safe.Lit("  ")}}
		}
	}
	return rows
}

// windowHead is the name of the window over its numbers.
func (d *insightsPage) windowHead() safe.Text {
	return safe.Line(strings.ToUpper(d.in.Insights.Window.Name))
}

// The widths of the numbers at the right of a bar, of its label, and of the right side.
const (
	countWidth   = 8
	numbersWidth = 43
	labelLeast   = 14
	labelWidest  = 28
)

// bars are why sessions failed, in a number of lines. What is usual is in the colour of
// bars, what came on top in that of failures, and what is missing is a ghost.
func (d *insightsPage) bars(width, lines int) []row {
	on, all := d.on, d.in.Bars
	title := safe.Lit("WHY THEY FAILED")
	if d.in.Split > 0 {
		title = safe.Concat(safe.Lit("FAILED, BY "), safe.Line(strings.ToUpper(d.in.Insights.Split.Name)))
	}
	numbers := 2 * countWidth
	rows := []row{{{on.dim, safe.Concat(title.Fit(width-numbers), d.windowHead().PadLeft(countWidth), safe.Lit("BEFORE").PadLeft(countWidth))}}}
	if len(all) == 0 {
		return append(rows, row{{on.dim, safe.Lit("Nothing failed that is known of.")}})
	}
	most, label := 1, labelLeast
	for _, bar := range all {
		most, label = max(most, bar.Failed, bar.Before), max(label, d.label(bar).Width())
	}
	label = min(label, labelWidest, width/3+4)
	shown := max(1, lines-1)
	legend := shown > len(all)+1 && d.in.Compared
	if len(all) > shown { // the last line sums up the others
		shown = max(1, shown-1)
	}
	first := max(0, min(d.in.Bar-shown/2, len(all)-shown))
	for i := first; i < min(len(all), first+shown); i++ {
		rows = append(rows, d.bar(all[i], !d.in.Right && i == d.in.Bar, label, width-label-numbers-4, width, most))
	}
	if others := len(all) - shown; others > 0 && lines > 2 {
		failed, before := 0, 0
		for i, bar := range all {
			if i < first || i >= first+shown {
				failed, before = failed+bar.Failed, before+bar.Before
			}
		}
		text := safe.Concat(safe.Lit("  "), plural(others, "other", "others"))
		rows = append(rows, row{{on.dim, safe.Concat(text.Fit(width-numbers), safe.Num(failed).PadLeft(countWidth), d.before(before, d.in.Compared).PadLeft(countWidth))}})
	}
	if legend {
		rows = append(rows, row{{on.text, safe.Spaces(label + 3)}, {on.bar, safe.Lit("▇")}, {on.dim, safe.Lit(" as before   ")},
			{on.state[client.StateFailed], on.above}, {on.dim, safe.Lit(" more   ")}, {on.ghost, safe.Lit("░")}, {on.dim, safe.Lit(" less")}})
	}
	return rows
}

func (d *insightsPage) label(bar insights.Bar) safe.Text {
	return safe.Line(d.in.Insights.Split.Label(bar.Value))
}

// before is a number of the window before, – when that is not known.
func (d *insightsPage) before(n int, known bool) safe.Text {
	if !known {
		return safe.Lit("–")
	}
	return safe.Num(n)
}

// share is a part of a whole in percents, – when there is no whole.
func share(part, whole int) safe.Text {
	percent, ok := insights.Percent(part, whole)
	if !ok {
		return safe.Lit("–")
	}
	return safe.Line(percent + " %")
}

// then is a share of the window before, – when that is not known.
func (d *insightsPage) then(part, whole int) safe.Text {
	if !d.in.Compared {
		return safe.Lit("–")
	}
	return share(part, whole)
}

// bar is one line of the bars.
func (d *insightsPage) bar(bar insights.Bar, chosen bool, label, length, width, most int) row {
	on := d.on
	cursor := safe.Lit("  ")
	if chosen {
		on, cursor = &d.theme.selected, safe.Lit("▸ ")
	}
	cells := func(n int) int {
		if n == 0 || length <= 0 {
			return 0
		}
		return max(1, n*length/most)
	}
	total, usual := cells(bar.Failed), cells(bar.Failed)
	ghost := 0
	if bar.Compared {
		usual = min(total, cells(bar.Before))
		ghost = max(0, cells(bar.Before)-total)
	}
	look, number := on.text, on.text
	if bar.Rose {
		look, number = on.processing, on.bold
	}
	line := row{{on.accent, cursor}, {look, d.label(bar).Fit(label + 1)},
		{on.bar, safe.Lit("▇").Repeat(usual)}, {on.state[client.StateFailed], on.above.Repeat(total - usual)}, {on.ghost, safe.Lit("░").Repeat(ghost)}}
	line = append(line, segment{on.text, safe.Spaces(max(0, width-line.width()-2*countWidth))},
		segment{number, safe.Num(bar.Failed).PadLeft(countWidth)}, segment{on.dim, d.before(bar.Before, bar.Compared).PadLeft(countWidth)})
	return line
}

// numbers are the right side: how submissions ended, how long sessions are in
// processing, and what needs somebody.
func (d *insightsPage) numbers(roomy bool) []row {
	on, in := d.on, d.in
	const label, width = numbersWidth - 2*countWidth, countWidth
	line := func(glyph segment, name safe.Text, look style, now, before safe.Text) row {
		return row{glyph, {on.text, safe.Concat(space, name).Fit(label - 1)}, {look, now.PadLeft(width)}, {on.dim, before.PadLeft(width)}}
	}
	blank := segment{on.text, space}
	now, was := in.Sum, in.Before
	rows := []row{
		{{on.dim, safe.Concat(safe.Lit("OF WHAT WAS SUBMITTED").Fit(label), d.windowHead().PadLeft(width), safe.Lit("BEFORE").PadLeft(width))}},
		line(segment{on.verified, on.glyph[client.StateVerified]}, safe.Lit("verified"), on.text, share(now.Verified, now.Submitted()), d.then(was.Verified, was.Submitted())),
		line(segment{on.state[client.StateFailed], on.glyph[client.StateFailed]}, safe.Lit("failed"), on.text,
			share(now.Failed-now.Unreported, now.Submitted()), d.then(was.Failed-was.Unreported, was.Submitted())),
		line(blank, safe.Lit("in one attempt"), on.text, share(now.AtOnce, now.Submitted()), d.then(was.AtOnce, was.Submitted())),
	}
	rows = append(d.gap(rows, roomy), row{{on.dim, safe.Concat(safe.Lit("TIME IN PROCESSING  "), safe.Line(in.Sample()))}})
	took := func(t insights.Times, d time.Duration) safe.Text {
		if t.Known == 0 {
			return safe.Lit("–")
		}
		return age(d)
	}
	both := func(t insights.Times) safe.Text {
		if t.Known == 0 {
			return safe.Lit("–")
		}
		return safe.Concat(age(t.P50), safe.Lit("/"), age(t.P95))
	}
	switch stay, then := in.Stays.Window, in.Stays.Before; {
	case stay.Known == 0 && then.Known == 0:
	case roomy:
		rows = append(rows, line(blank, safe.Lit("p50"), on.text, took(stay, stay.P50), took(then, then.P50)),
			line(blank, safe.Lit("p95"), on.text, took(stay, stay.P95), took(then, then.P95)))
	default:
		rows = append(rows, line(blank, safe.Lit("p50/p95"), on.text, both(stay), both(then)))
	}
	if in.Stays.Longest > 0 {
		look := on.text
		if in.Stays.Longest > stuckAfter {
			look = on.processing
		}
		rows = append(rows, line(blank, safe.Lit("longest now"), look, age(in.Stays.Longest), safe.Text{}))
	} else {
		rows = append(rows, line(blank, safe.Lit("longest now"), on.dim, safe.Lit("none"), safe.Text{}))
	}
	rows = append(d.gap(rows, roomy), row{{on.dim, safe.Lit("NEEDS SOMEBODY")}})
	for i, need := range in.Needs {
		look := on.text
		if need.Count > 0 && need.Warn {
			look = on.processing
		}
		glyph := segment{on.state[need.State], on.glyph[need.State]}
		if in.Right && i == in.Need {
			sel := &d.theme.selected
			rows = append(rows, row{{sel.accent, safe.Lit("▸")}, {sel.text, safe.Concat(space, safe.Line(need.Name)).Fit(label - 1)},
				{sel.text, safe.Num(need.Count).PadLeft(width)}, {sel.text, safe.Spaces(width)}})
			continue
		}
		rows = append(rows, line(glyph, safe.Line(need.Name), look, safe.Num(need.Count), safe.Text{}))
	}
	return rows
}

// stuckAfter is how long a session is in processing at most, usually.
const stuckAfter = 15 * time.Minute

// axisWidth is the width of the numbers left of a chart.
const axisWidth = 6

// failedChart are the failures of each step as blocks, above usual in the colour of
// failures.
func (d *insightsPage) failedChart(width, lines int) []row {
	on, steps := d.on, d.in.Steps
	height := lines - 4 // the head, the axis, a blank line and the legend
	if height < 3 || len(steps) == 0 {
		return nil
	}
	each := map[string]string{"1h": "5 MINUTES", "24h": "HOUR", "7d": "6 HOURS", "30d": "DAY"}[d.in.Insights.Window.Name]
	rows := []row{{{on.dim, safe.Concat(safe.Lit("FAILED, EACH "), safe.Line(each))}}}
	most, usual := 1, false
	for _, s := range steps {
		most, usual = max(most, s.Failed), usual || s.IsUsual
	}
	size := max(1, (width-axisWidth-2)/len(steps))
	for y := height - 1; y >= 0; y-- {
		line := row{{on.dim, d.axis(y, height, most)}}
		for _, s := range steps {
			part := max(0, min(8, (s.Failed*8*height+most-1)/most-8*y))
			look := on.bar
			if s.IsUsual && s.Failed > s.Usual && 8*y+part > s.Usual*8*height/most {
				look = on.state[client.StateFailed]
			}
			line = append(line, segment{look, eighths(part).Repeat(size)})
		}
		rows = append(rows, line)
	}
	rows = append(rows, d.times(size*len(steps)))
	if usual {
		rows = append(rows, nil, row{{on.text, safe.Spaces(axisWidth)}, {on.bar, safe.Lit("█")}, {on.dim, safe.Lit(" as usual for that time of day   ")},
			{on.state[client.StateFailed], safe.Lit("█")}, {on.dim, safe.Lit(" above it")}})
	}
	return rows
}

// stepsLines is how many lines a table has in the place of the charts.
const stepsLines = 6

// stepsTable is both charts in numbers: the failures of each part of the window with the
// usual number, and the share of verified submissions with that of the window before.
func (d *insightsPage) stepsTable() []row {
	in := d.in
	line := func(look style, first safe.Text, others ...safe.Text) row {
		text := first.Fit(countWidth)
		for _, other := range others {
			text = safe.Concat(text, other.PadLeft(countWidth+2))
		}
		return row{{look, text}}
	}
	rows := []row{line(d.on.dim, safe.Lit("FROM"), safe.Lit("FAILED"), safe.Lit("USUAL"), safe.Lit("VERIFIED"), safe.Lit("BEFORE"))}
	for i := range stepsLines {
		from, until := i*len(in.Steps)/stepsLines, (i+1)*len(in.Steps)/stepsLines
		if from == until {
			continue
		}
		failed, usual, isUsual := 0, 0, true
		var now, before mirror.Outcomes
		for _, s := range in.Steps[from:until] {
			failed, usual, isUsual = failed+s.Failed, usual+s.Usual, isUsual && s.IsUsual
			now.Add(s.Sum)
			before.Add(s.Before)
		}
		rows = append(rows, line(d.on.text, safe.Line(in.Steps[from].From.Time().In(in.Now.Location()).Format(d.timeLayout())),
			safe.Num(failed), d.before(usual, isUsual), share(now.Verified, now.Submitted()), d.then(before.Verified, before.Submitted())))
	}
	return rows
}

// axis is the number at a line of a chart: at the top, in the middle and at the bottom.
func (d *insightsPage) axis(y, height, most int) safe.Text {
	number := safe.Text{}
	switch y {
	case height - 1:
		number = safe.Num(most)
	case 0:
		number = safe.Num(0)
	}
	return safe.Concat(number.PadLeft(axisWidth-1), space)
}

// timeLayout is how a time within the window is written.
func (d *insightsPage) timeLayout() string {
	if d.in.Insights.Window.Length > 2*86400 {
		return "2 Jan"
	}
	return "15:04"
}

// times are the times under a chart.
func (d *insightsPage) times(width int) row {
	in := d.in
	marks := max(1, min(4, (width-3)/8))
	line := safe.Spaces(axisWidth)
	for i := range marks {
		t := in.From + (in.Until-in.From)*client.Unix(i)/client.Unix(marks)
		line = safe.Concat(line, safe.Line(t.Time().In(in.Now.Location()).Format(d.timeLayout())))
		end := width * (i + 1) / marks
		if i == marks-1 {
			end = width - 3
		}
		line = line.Pad(axisWidth + end)
	}
	return row{{d.on.dim, safe.Concat(line, safe.Lit("now"))}}
}

// rateChart is the share of verified submissions as dots, that of the window before
// under it.
func (d *insightsPage) rateChart(width, lines int) []row {
	on, steps := d.on, d.in.Steps
	height, cells := lines-3, width-axisWidth-3
	if height < 3 || cells < len(steps)/2 {
		return nil
	}
	least := 100
	rate := func(verified, submitted int) (int, bool) {
		if submitted == 0 {
			return 0, false
		}
		return 100 * verified / submitted, true
	}
	for _, s := range steps {
		for _, o := range []struct{ v, n int }{{s.Sum.Verified, s.Sum.Submitted()}, {s.Before.Verified, s.Before.Submitted()}} {
			if r, ok := rate(o.v, o.n); ok {
				least = min(least, r/25*25)
			}
		}
	}
	if least == 100 {
		least = 75
	}
	// a cell has two by four dots
	now, before := make([][]rune, height), make([][]rune, height)
	for y := range height {
		now[y], before[y] = make([]rune, cells), make([]rune, cells)
	}
	dot := func(on [][]rune, x, percent int) {
		y := (100 - percent) * (4*height - 1) / (100 - least)
		bits := [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}
		on[y/4][x/2] |= bits[y%4][x%2]
	}
	for x := range 2 * cells {
		s := steps[x*len(steps)/(2*cells)]
		if r, ok := rate(s.Sum.Verified, s.Sum.Submitted()); ok {
			dot(now, x, r)
		}
		if r, ok := rate(s.Before.Verified, s.Before.Submitted()); ok && d.in.Compared {
			dot(before, x, r)
		}
	}
	rows := []row{{{on.dim, safe.Lit("VERIFIED, OF WHAT WAS SUBMITTED")}}}
	for y := range height {
		number := safe.Text{}
		if y == 0 {
			number = safe.Lit("100 %")
		} else if y == height-1 {
			number = safe.Line(safe.Num(least).String() + " %")
		}
		line := row{{on.dim, safe.Concat(number.PadLeft(axisWidth-1), space)}}
		for x := range cells {
			look, cell := on.verified, now[y][x]
			if cell == 0 {
				look, cell = on.bar, before[y][x]
			}
			if cell == 0 {
				line = append(line, segment{look, space})
				continue
			}
			line = append(line, segment{look, safe.Line(string(0x2800 + cell))})
		}
		rows = append(rows, line)
	}
	return append(rows, d.times(cells))
}
