package ui

import (
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// paletteEntries is how many entries the palette shows at once.
const paletteEntries = 8

// entryName is the width of an entry's name.
const entryName = 16

// wideEntry is the least width at which each entry has its help beside its name. On
// a narrower screen only the chosen one has it.
const wideEntry = 60

// paletteRows are the palette's line and the matching entries around the chosen
// one. Their number is constant, so that nothing jumps while typing.
func paletteRows(on *palette, m *model.Model, p *model.Palette) []dialogRow {
	before := safe.Line(string([]rune(p.Text())[:p.Cursor()]))
	line := row{{on.accent, safe.Lit(":")}, {on.bold, safe.Line(p.Text())}}
	if p.Text() == "" {
		line = append(line, segment{on.dim, safe.Lit(" letters of a command's name")})
	}
	rows := []dialogRow{{row: line, input: true, cursor: 1 + before.Width()}, {spare: paletteEntries + 2}}
	first := max(0, min(p.At-paletteEntries/2, len(p.Entries)-paletteEntries))
	wide := dialogCells(m) >= wideEntry
	for i := range paletteEntries {
		r := dialogRow{spare: abs(first+i-p.At) + 1}
		switch {
		case first+i < len(p.Entries):
			r.row = entryRow(on, p.Entries[first+i], first+i == p.At, wide)
		case len(p.Entries) == 0 && i == 0:
			r = dialogRow{row: row{{on.dim, safe.Lit("no command has these letters in its name")}}}
		}
		if first+i == p.At {
			r.spare = 0
		}
		rows = append(rows, r)
	}
	if !wide {
		help := row(nil)
		if p.At < len(p.Entries) {
			help = row{entryHelp(on, p.Entries[p.At])}
		}
		rows = append(rows, dialogRow{row: help})
	}
	keys := row{{on.accent, safe.Lit("enter")}, {on.text, safe.Lit(" carry out  ")}, {on.accent, safe.Lit("esc")}, {on.text, safe.Lit(" back")}}
	if wide {
		keys = append(keys, segment{on.accent, safe.Lit("  ↑ ↓")}, segment{on.text, safe.Lit(" choose")})
	}
	return append(rows, dialogRow{spare: paletteEntries + 2}, dialogRow{row: keys})
}

func abs(n int) int { return max(n, -n) }

// entryHelp is the help of an entry, or why it can't be carried out now.
func entryHelp(on *palette, entry model.Entry) segment {
	if entry.Why != "" {
		return segment{on.dim, safe.Concat(safe.Lit("not now: "), safe.Line(entry.Why))}
	}
	return segment{on.dim, safe.Line(entry.Help)}
}

func entryRow(on *palette, entry model.Entry, chosen, wide bool) row {
	name, key := safe.Line(entry.Name), safe.Text{}
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
		look = on.dim
	}
	r := row{{on.accent, lead}, {look, name.Fit(entryName)}, {on.accent, key.Fit(11)}}
	if wide {
		r = append(r, entryHelp(on, entry))
	}
	return r
}
