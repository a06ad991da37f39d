package ui

import (
	"idtop/client"
	"idtop/client/insights"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// riseOption says in the header what rose, unless the line of the last hour does.
func riseOption(on *palette, m *model.Model) option {
	var o option
	told := m.Told()
	for i := len(told) - 1; i >= 0; i-- { // the shortest form first
		o.forms = append(o.forms, row{{on.processing, safe.Concat(safe.Lit("  ▲ "), safe.Line(told[i]))}})
	}
	return o
}

// The line of the last hour names mostOthers reasons beside those that rose, and says
// in othersWidth cells how many others there are.
const (
	mostOthers  = 2
	othersWidth = 13
)

// drawHour draws the line of the last hour: how many failed, and what rose. Narrower,
// the other reasons are dropped first, then the bars.
func drawHour(p *painter, m *model.Model) {
	on, h := &p.theme.plain, m.Rise.Hour
	line := row{{on.dim, safe.Lit(" LAST HOUR  ")}, {on.text, safe.Concat(safe.Num(h.Failed), safe.Lit(" failed"))}}
	if usual := (segment{on.dim, safe.Concat(safe.Lit(", usually "), safe.Num(h.Usual))}); h.Days > 0 && line.width()+usual.text.Width() <= m.Width-14 {
		line = append(line, usual)
	}
	hint := row{{on.accent, keyOf(m, keymap.Insights)}, {on.dim, safe.Lit(" insights ")}}
	room := m.Width - hint.width() - 2
	risen, short := row{}, row{}
	for _, r := range h.Risen() {
		name := segment{on.processing, safe.Concat(safe.Lit("   ▲ "), safe.Line(client.ReasonOf(r.Code).Label), space, safe.Num(r.Failed))}
		short = append(short, name)
		risen = append(risen, name, segment{on.dim, safe.Concat(safe.Lit(", usually "), safe.Num(r.Usual))})
	}
	if line.width()+risen.width() > room {
		risen = short
	}
	if bars := (row{{on.text, safe.Lit("  ")}, {on.bar, hourBars(h)}}); line.width()+bars.width()+risen.width() <= room {
		line = append(line, bars...)
	}
	if line.width()+risen.width() > room { // {insights} tells which
		risen = firstFit(room-line.width(), row{{on.processing, safe.Concat(safe.Lit("   ▲ "), safe.Num(len(h.Risen())), safe.Lit(" rose"))}})
	}
	line = append(line, risen...)
	left := 0
	for i, r := range h.Reasons[len(h.Risen()):] {
		other := row{{on.text, safe.Concat(safe.Lit("   "), safe.Line(client.ReasonOf(r.Code).Label))}, {on.dim, safe.Concat(space, safe.Num(r.Failed))}}
		if i < mostOthers && left == 0 && line.width()+other.width()+othersWidth <= room {
			line = append(line, other...)
			continue
		}
		left += r.Failed
	}
	if left > 0 && line.width()+othersWidth <= room {
		line = append(line, segment{on.dim, safe.Concat(safe.Lit("   "), plural(left, "other", "others"))})
	}
	p.putRow(line, on, room)
	p.fill(on.text, m.Width-hint.width())
	p.putRow(hint, on, m.Width-p.column)
}

// eighths is a block of a height from 0 to 8. There is none in ASCII.
func eighths(height int) safe.Text {
	if height == 0 {
		return space
	}
	return safe.Line(string(rune(0x2580 + height)))
}

// hourBars are the failures of each five minutes. ASCII has only their sum.
func hourBars(h insights.Hour) safe.Text {
	if safe.ASCII() {
		return safe.Text{}
	}
	most := 1
	for _, n := range h.Steps {
		most = max(most, n)
	}
	bars := make([]safe.Text, len(h.Steps))
	for i, n := range h.Steps {
		bars[i] = eighths((n*8 + most - 1) / most)
	}
	return safe.Concat(bars...)
}
