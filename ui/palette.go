package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// The palette's width on a wide screen, and the most lines of its list.
const (
	paletteWidth = 94
	paletteLines = 16
)

// wideEntry is the least width at which each entry has its help beside its name. On
// a narrower screen only the chosen one has it.
const wideEntry = 60

// airyPalette is the height from which the palette has blank lines.
const airyPalette = 20

func paletteCells(m *model.Model) int {
	if m.Width < paletteWidth+16 {
		return m.Width
	}
	return paletteWidth
}

// paletteRows are the palette's line and the list around the chosen entry. Their number
// is constant, so that nothing jumps while typing.
func paletteRows(theme *theme, m *model.Model, p *model.Palette) []dialogRow {
	on, width := &theme.dialog, paletteCells(m)-3
	before := typed(m, string([]rune(p.Text())[:p.Cursor()]))
	line := row{{on.accent, safe.Lit(":")}, {on.text, space}, {on.bold, typed(m, p.Text())}}
	if p.Text() == "" {
		line = append(line, segment{on.dim, safe.Lit(" letters of a command, a view or a person")})
	}
	found := safe.Concat(safe.Num(len(p.Entries)), safe.Lit(" of "), safe.Num(p.All))
	if line.width()+found.Width() < width {
		line = append(line, segment{on.text, safe.Spaces(width - line.width() - found.Width())}, segment{on.dim, found})
	}
	var gap, rows []dialogRow
	if m.Height >= airyPalette {
		gap = []dialogRow{{}}
	}
	rows = append(gap[:len(gap):len(gap)], dialogRow{row: line, input: true, cursor: 2 + before.Width()})
	rows = append(rows, gap...)
	list, chosen := paletteList(theme, m, p, width)
	room := min(paletteLines, m.Height-2-4*len(gap)-2)
	if width < wideEntry {
		room--
	}
	first := max(0, min(chosen-room/2, len(list)-room))
	if chosen < room/2 {
		first = 0
	}
	for i := range max(1, room) {
		if first+i < len(list) {
			rows = append(rows, list[first+i])
		} else {
			rows = append(rows, dialogRow{})
		}
	}
	if width < wideEntry {
		help := row(nil)
		if p.At < len(p.Entries) {
			help = row{{on.dim, entryHelp(p.Entries[p.At])}}
		}
		rows = append(rows, dialogRow{row: help})
	}
	keys := row{{on.accent, keyOf(m, keymap.Run)}, {on.dim, safe.Lit(" does it   ")}, {on.accent, upDown(m)}, {on.dim, safe.Lit(" choose   ")},
		{on.accent, safe.Lit("esc")}, {on.dim, safe.Lit(" back")}}
	rows = append(rows, gap...)
	return append(append(rows, dialogRow{row: keys}), gap...)
}

// paletteList are the lines of the list, and which of them is chosen.
func paletteList(theme *theme, m *model.Model, p *model.Palette, width int) (list []dialogRow, chosen int) {
	on := &theme.dialog
	for i, entry := range p.Entries {
		if i == p.Able {
			if i > 0 {
				list = append(list, dialogRow{})
			}
			list = append(list, dialogRow{row: row{{on.dim, safe.Lit("  NOT NOW")}}})
		}
		if i == p.At {
			chosen = len(list)
			list = append(list, dialogRow{row: entryRow(&theme.chosen, m, entry, true, width), chosen: true})
			continue
		}
		list = append(list, dialogRow{row: entryRow(on, m, entry, false, width)})
	}
	if list == nil {
		list = []dialogRow{{row: row{{on.dim, safe.Lit("  nothing has these letters")}}}}
	}
	return list, chosen
}

// entryHelp is the help of an entry, or why it can't be carried out now.
func entryHelp(entry model.Entry) safe.Text {
	if entry.Why != "" {
		return safe.Line(entry.Why)
	}
	return safe.Spelled(entry.Help)
}

func entryRow(on *palette, m *model.Model, entry model.Entry, chosen bool, width int) row {
	name := safe.LineMatched(entry.Name, entry.Marks)
	if user := entry.Person.UserID; user != "" {
		name = listed(m, user, name)
	}
	if entry.Command != nil && entry.Command.Argument != "" {
		name = safe.Concat(name, space, safe.Line(entry.Command.Argument))
	}
	key := safe.Spelled(entry.Key)
	look, keys, help, lead := on.text, on.accent, on.dim, safe.Lit("  ")
	if chosen {
		help, lead = on.text, safe.Lit("▸ ")
	}
	if entry.Why != "" {
		look, keys, name = on.dim, on.dim, safe.Line(name.String())
	}
	nameCells, keyCells := min(28, max(16, width/3-4)), 10
	if width < wideEntry {
		nameCells = max(16, width-keyCells-4)
	}
	r := row{{on.accent, lead}, {look, name.Fit(nameCells)}, {on.text, space}, {keys, key.Fit(keyCells)}, {on.text, space}}
	if width >= wideEntry {
		r = append(r, segment{help, entryHelp(entry).Cut(width - nameCells - keyCells - 4)})
	}
	return r
}

// fade draws what is behind a panel in the colour of the hair lines, from a line on.
func fade(p *painter, from, to int) {
	lines := strings.Split(p.String(), "\n")
	for i := from; i < to && i < len(lines); i++ {
		look := p.theme.plain.line
		lines[i] = look.before + ansi.Strip(lines[i]) + look.after
	}
	p.repaint(lines)
}
