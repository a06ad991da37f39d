package ui

import (
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// paletteEntries is how many entries the palette shows at once.
const paletteEntries = 8

// entryName is how wide the name of an entry is.
const entryName = 16

// paletteRows are the palette's line and what matches it, round the chosen one.
func paletteRows(on *palette, m *model.Model) []dialogRow {
	p := m.Palette
	before := safe.Line(string([]rune(p.Text())[:p.Cursor()]))
	rows := []dialogRow{{row: row{{on.accent, safe.Lit(":")}, {on.bold, safe.Line(p.Text())}}}, {spare: 3}}
	rows[0].input, rows[0].cursor = true, 1+before.Width()
	if len(p.Entries) == 0 {
		rows = append(rows, dialogRow{row: row{{on.dim, safe.Lit("no command has this name")}}})
	}
	first := max(0, min(p.At-paletteEntries/2, len(p.Entries)-paletteEntries))
	for i, entry := range p.Entries[first:min(len(p.Entries), first+paletteEntries)] {
		rows = append(rows, dialogRow{row: entryRow(on, entry, first+i == p.At), spare: min(3, max(1, abs(first+i-p.At)))})
	}
	keys := row{{on.accent, safe.Lit("enter")}, {on.text, safe.Lit(" carry out  ")}, {on.accent, safe.Lit("esc")}, {on.text, safe.Lit(" back")}}
	return append(rows, dialogRow{spare: 3}, dialogRow{row: keys, spare: 2})
}

func abs(n int) int { return max(n, -n) }

func entryRow(on *palette, entry model.Entry, chosen bool) row {
	name, help := safe.Line(entry.Name), safe.Line(entry.Help)
	key := safe.Text{}
	if entry.Command != nil && entry.Command.Argument != "" {
		name = safe.Concat(name, space, safe.Line(entry.Command.Argument))
	}
	if action, ok := keymap.Lookup(entry.Action); ok {
		key = safe.Line(action.Keys[0])
	}
	look, lead := on.text, safe.Lit("  ")
	if chosen {
		look, lead = on.bold, safe.Lit("▸ ")
	}
	if entry.Why != "" {
		look, help = on.dim, safe.Concat(safe.Lit("not now: "), safe.Line(entry.Why))
	}
	return row{{on.accent, lead}, {look, name.Fit(entryName)}, {on.accent, key.Fit(7)}, {on.dim, help}}
}
