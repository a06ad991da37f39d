package ui

import (
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// tourRow is the line of the tour, in the hair line above the footer: it covers nothing.
func tourRow(on *palette, m *model.Model) row {
	says, step, of, ok := m.TourLine()
	if !ok {
		return nil
	}
	text := segment{on.bold, safe.Spelled(says)}
	ends := row{{on.dim, safe.Lit("  ")}, {on.accent, keyOf(m, keymap.Back)}, {on.dim, safe.Lit(" ends it")}}
	whole := row{{on.accent, safe.Concat(safe.Lit("TOUR "), safe.Num(step), safe.Lit(" of "), safe.Num(of), safe.Lit("  "))}, text}
	short := row{{on.accent, safe.Concat(safe.Num(step), safe.Lit("/"), safe.Num(of), space)}, text}
	if fits := firstFit(m.Width-4, append(whole, ends...), append(short, ends...)); fits != nil {
		return fits
	}
	return short
}
