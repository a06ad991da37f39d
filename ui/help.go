package ui

import (
	"strings"

	"idtop/client"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// The columns of the help: the least width of one without a search, and the cells of its
// keys. From helpReason on a reason stands beside the help, else below it.
const (
	helpColumn = 36
	helpKeys   = 12
	helpReason = 110
)

// helpLine is a line of the help; entry is the action that it belongs to, -1: none.
type helpLine struct {
	row   row
	entry int
}

// drawHelp draws the help in place of the search line and the panes. It is laid out in
// columns, and shows the page with the cursor.
func drawHelp(p *painter, m *model.Model, h *model.Help) {
	on, lines := &p.theme.plain, m.OverlayRows()
	below := helpBelow(on, m, h)
	room := max(1, lines-len(below))
	count, blocks := 1, helpFound(p.theme, m, h)
	if h.Text() == "" {
		count, blocks = max(1, m.Width/helpColumn), helpAll(p.theme, h)
	}
	columns := flow(blocks, room, count)
	page := 0
	p.shown.Help = nil
	for i, column := range columns {
		if i%count == 0 {
			p.shown.Help = append(p.shown.Help, len(h.Entries))
		}
		last := len(p.shown.Help) - 1
		for _, line := range column {
			if line.entry >= 0 {
				p.shown.Help[last] = min(p.shown.Help[last], line.entry)
			}
			if line.entry == h.At {
				page = last
			}
		}
	}
	drawHelpSearch(p, m, h, page, len(p.shown.Help))
	p.newline()
	shown := columns[min(len(columns), page*count):min(len(columns), (page+1)*count)]
	width := m.Width / count
	for y := range lines {
		if y >= room {
			p.putRow(below[y-room], on, m.Width)
			p.newline()
			continue
		}
		for x, column := range shown {
			p.fill(on.text, x*width)
			if y < len(column) {
				line, look := column[y], on
				if line.entry == h.At && line.entry >= 0 {
					look = &p.theme.chosen
				}
				if line.entry >= 0 {
					p.spot(width-1, model.Spot{Kind: model.EntrySpot, At: line.entry})
				}
				p.putRow(line.row, look, width-1)
			}
		}
		p.fill(on.text, m.Width)
		p.newline()
	}
}

// drawHelpSearch draws the search of the help, what it found, and which page is shown.
func drawHelpSearch(p *painter, m *model.Model, h *model.Help, page, pages int) {
	on := &p.theme.plain
	line := row{{on.accent, safe.Lit(" / ")}, {on.text, safe.Line(h.Text())}}
	switch {
	case h.Text() != "":
		line = append(line, segment{on.dim, safe.Concat(safe.Lit("   "), safe.Num(len(h.Entries)), safe.Lit(" of "), safe.Num(h.All))})
	case !h.Searching:
		line = row{{on.accent, safe.Concat(space, keyOf(m, keymap.HelpSearch), space)}, {on.dim, safe.Lit(" keys, names and help")}}
	default:
		line = append(line, segment{on.dim, safe.Lit(" keys, names and help")})
	}
	right := safe.Concat(safe.Lit("page "), safe.Num(page+1), safe.Lit(" of "), safe.Num(pages), space)
	if pages < 2 {
		right = safe.Text{}
	}
	p.putRow(line, on, max(0, m.Width-right.Width()))
	p.put(on.dim, on, right)
}

// helpCursor is the place of the terminal's cursor in the search of the help.
func helpCursor(h *model.Help) int {
	return searchIndent + safe.Line(string([]rune(h.Text())[:h.Cursor()])).Width()
}

// helpAll are the actions by group, in columns.
func helpAll(theme *theme, h *model.Help) (blocks [][][]helpLine) {
	on := &theme.plain
	for i, e := range h.Entries {
		var unit []helpLine
		if i == 0 || h.Entries[i-1].Group != e.Group {
			blocks = append(blocks, nil)
			unit = append(unit, helpHead(on, string(e.Group)))
		}
		keys, look, lead, ground := on.accent, on.text, safe.Lit("   "), on
		if i == h.At {
			ground, lead = &theme.chosen, safe.Lit(" ▸ ")
			keys, look = ground.accent, ground.bold
		}
		if e.Why != "" {
			keys, look = ground.dim, ground.dim
		}
		unit = append(unit, helpLine{row{{ground.accent, lead}, {keys, safe.Spelled(e.Keys).Fit(helpKeys)}, {look, safe.Line(e.Name)}}, i})
		last := len(blocks) - 1
		blocks[last] = append(blocks[last], unit)
	}
	var signs [][]helpLine
	sign := func(look style, sign, means safe.Text) {
		signs = append(signs, []helpLine{{row{{on.text, safe.Lit("   ")}, {look, sign.Fit(helpKeys)}, {on.text, means}}, -1}})
	}
	for state := client.StateUnknown + 1; int(state) < client.StateCount; state++ {
		sign(on.state[state], on.glyph[state], safe.Line(state.String()))
	}
	sign(on.processing, safe.Lit("▪"), safe.Lit("changed just now"))
	sign(on.match, safe.Lit("●"), safe.Lit("marked"))
	sign(on.processing, safe.Lit("U+"), safe.Lit("not plain ASCII"))
	signs[0] = append([]helpLine{helpHead(on, "Signs")}, signs[0]...)
	return append(blocks, signs)
}

func helpHead(on *palette, name string) helpLine {
	return helpLine{row{{on.dim, safe.Concat(space, safe.Line(strings.ToUpper(name)))}}, -1}
}

// helpFound are the actions that were searched for, with their help, and with the reason
// of each that can't be carried out now.
func helpFound(theme *theme, m *model.Model, h *model.Help) (blocks [][][]helpLine) {
	indent := 3 + helpKeys
	for i, e := range h.Entries {
		on := &theme.plain
		var unit []helpLine
		if i == 0 || h.Entries[i-1].Group != e.Group {
			blocks = append(blocks, nil)
			unit = append(unit, helpHead(on, string(e.Group)))
		}
		lead := safe.Lit("   ")
		if i == h.At {
			on, lead = &theme.chosen, safe.Lit(" ▸ ")
		}
		keys, look := on.accent, on.text
		if e.Why != "" {
			keys, look = on.dim, on.dim
		}
		first := row{{on.accent, lead}, {keys, safe.Spelled(e.Keys).Fit(helpKeys)}}
		width := m.Width - indent - 2
		if m.Width >= helpReason {
			width = (m.Width - indent) * 11 / 20
		}
		help := e.Help
		if !strings.Contains(strings.ToLower(e.Help), strings.ToLower(h.Text())) {
			help = e.Name + ": " + e.Help
		}
		text := safe.LineMatched(help, wordsIn(help, h.Text())).Wrap(width)
		why := row(nil)
		if e.Why != "" {
			why = row{{on.processing, safe.Lit("not now: ")}, {on.dim, safe.Line(e.Why)}}
		}
		for n, line := range text {
			if n > 0 {
				first = row{{on.text, safe.Spaces(indent)}}
			}
			first = append(first, segment{look, line})
			if rest := m.Width - indent - width - 3; n == 0 && m.Width >= helpReason && why.width() <= rest {
				first = append(first, segment{on.text, safe.Spaces(width + 1 - line.Width())})
				first, why = append(first, why...), nil
			}
			unit = append(unit, helpLine{first, i})
		}
		if why != nil {
			lead := segment{on.processing, safe.Concat(safe.Spaces(indent), safe.Lit("not now: "))}
			for _, line := range safe.Line(e.Why).Wrap(m.Width - lead.text.Width() - 2) {
				unit = append(unit, helpLine{row{lead, {on.dim, line}}, i})
				lead.text = safe.Spaces(lead.text.Width())
			}
		}
		last := len(blocks) - 1
		blocks[last] = append(blocks[last], unit)
	}
	if blocks == nil {
		blocks = [][][]helpLine{{{{row{{theme.plain.dim, safe.Lit(" No key has these words. esc shows all again.")}}, -1}}}}
	}
	return blocks
}

// wordsIn are the bytes of a text that the words of a search are found at.
func wordsIn(text, search string) (found []int) {
	lower := strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(search)) {
		if at := strings.Index(lower, word); at >= 0 && len(lower) == len(text) {
			for i := range len(word) {
				found = append(found, at+i)
			}
		}
	}
	return found
}

// helpBelow says what the chosen action does, and why it can't be done now, in full. In
// a search each line says that itself.
func helpBelow(on *palette, m *model.Model, h *model.Help) []row {
	if h.Text() != "" || h.At >= len(h.Entries) {
		return nil
	}
	e := h.Entries[h.At]
	var rows []row
	for _, line := range safe.Spelled(e.Help).Wrap(m.Width - 3) {
		rows = append(rows, row{{on.text, safe.Concat(space, line)}})
	}
	if e.Why != "" {
		lead := segment{on.processing, safe.Lit(" not now: ")}
		for _, line := range safe.Line(e.Why).Wrap(m.Width - lead.text.Width() - 2) {
			rows = append(rows, row{lead, {on.dim, line}})
			lead.text = safe.Spaces(lead.text.Width())
		}
	}
	for len(rows) < 2 { // so that little jumps while the cursor moves
		rows = append(rows, nil)
	}
	if m.Height >= model.MinHeight*2 {
		rows = append([]row{nil}, rows...)
	}
	return rows
}

// flow puts blocks of units of lines into columns of a height. No unit is torn unless it
// is higher than a column. Each block has a column of its own where there are as many;
// else a block that fits nowhere begins below the one before.
func flow(blocks [][][]helpLine, height, columns int) (all [][]helpLine) {
	own := len(blocks) <= columns
	for _, block := range blocks {
		lines := 0
		for _, unit := range block {
			lines += len(unit)
		}
		last := len(all) - 1
		switch {
		case last < 0, own, len(all[last])+1+lines > height && (lines <= height || len(all[last])+1+len(block[0]) > height):
			all = append(all, nil)
		default:
			all[last] = append(all[last], helpLine{nil, -1})
		}
		for _, unit := range block {
			if last := len(all) - 1; len(all[last]) > 0 && len(all[last])+len(unit) > height {
				all = append(all, nil)
			}
			for _, line := range unit {
				if len(all[len(all)-1]) >= height {
					all = append(all, nil)
				}
				last := len(all) - 1
				all[last] = append(all[last], line)
			}
		}
	}
	return all
}

// helpSearchKeys are the keys while the help is searched.
func helpSearchKeys(on *palette, m *model.Model, width int) row {
	keys := row{{on.accent, safe.Concat(space, keyOf(m, keymap.Run))}, {on.text, safe.Lit(" do it ")}, {on.accent, safe.Concat(space, upDown(m))}, {on.text, safe.Lit(" choose ")},
		{on.accent, safe.Lit(" esc")}, {on.text, safe.Lit(" show all ")}}
	return keys.keys(width)
}

// helpPlace says for what the help is, and how much of it can't be done now.
func helpPlace(m *model.Model, h *model.Help) safe.Text {
	return safe.Concat(safe.Lit("for "), safe.Line(h.Where(m)), safe.Lit("; "), safe.Num(h.NotNow), safe.Lit(" of "), safe.Num(h.All), safe.Lit(" can't be done now "))
}
