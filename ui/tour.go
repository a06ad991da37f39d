package ui

import (
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// tourRow is the line of the tour, in the hair line above the footer: it covers nothing, and
// where the line has no room for it, it waits.
func tourRow(on *palette, m *model.Model, room int) row {
	line, ok := m.TourLine()
	if !ok {
		return nil
	}
	text := segment{on.bold, safe.Spelled(line.Says)}
	whole := row{{on.accent, safe.Concat(safe.Lit("TOUR "), safe.Num(line.Step), safe.Lit(" of "), safe.Num(line.Of), safe.Lit("  "))}, text}
	short := row{{on.accent, safe.Concat(safe.Num(line.Step), safe.Lit("/"), safe.Num(line.Of), space)}, text}
	if !line.Ends {
		return firstFit(room, whole, short)
	}
	ends := row{{on.dim, safe.Lit("  ")}, {on.accent, keyOf(m, keymap.Back)}, {on.dim, safe.Lit(" ends it")}}
	return firstFit(room, append(whole, ends...), append(short, ends...), short)
}
