package ui

import (
	"cmp"

	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// The rows of the profiles, in cells.
const (
	longestProfile   = 24
	profileModeWidth = 7
)

// profilesRows are the lines of the box: each profile with its mode and its account, and of
// the chosen one all that the config says, whole.
func profilesRows(theme *theme, m *model.Model, b *model.ProfilesBox) []dialogRow {
	on := &theme.dialog
	all, here := m.Profiles()
	names, width := make([]safe.Text, len(all)), 0
	for i, p := range all {
		names[i] = safe.Line(cmp.Or(p.Name, "(no profile)"))
		width = min(max(width, names[i].Width()+2), longestProfile)
	}
	rows := []dialogRow{{row: row{{on.bold, safe.Lit("Profiles of the config")}}}, {spare: len(all) + 1}}
	for i, p := range all {
		on, lead := &theme.dialog, safe.Lit("  ")
		if i == b.At {
			on, lead = &theme.chosen, safe.Lit("▸ ")
		}
		mode := segment{on.dim, safe.Lit("by key")}
		switch p.Mode {
		case "live":
			mode = modeBadge(theme, true)
		case "test":
			mode = modeBadge(theme, false)
		}
		r := row{{on.accent, lead}, {on.bold, names[i].Fit(width)}, mode, {on.text, safe.Spaces(profileModeWidth - mode.text.Width())}}
		if i == here {
			r = append(r, segment{on.dim, safe.Lit("you are here ")})
		}
		rows = append(rows, dialogRow{row: append(r, segment{on.text, accountOf(p)}), chosen: i == b.At, spare: 1 + abs(i-b.At)})
	}
	rows = append(rows, dialogRow{spare: len(all) + 1})
	chosen := all[b.At]
	says := []safe.Text{safe.Lit("You are here.")}
	if b.At != here {
		says = []safe.Text{
			safe.Concat(names[b.At], safe.Lit(": "), accountOf(chosen), safe.Lit("; the key: "), safe.Line(chosen.Key)),
			safe.Lit("Nothing is asked of its server before you switch. This account is left as by quitting; a live one opens read-only."),
		}
	}
	for i, text := range says {
		for _, line := range text.Wrap(dialogCells(m) - 3) {
			rows = append(rows, dialogRow{row: row{{on.text, line}}, spare: i * (len(all) + 2)})
		}
	}
	keys := row{{on.text, space}}
	for _, id := range []keymap.ID{keymap.ProfileOpen, keymap.ProfilesBack} {
		action, _ := keymap.Lookup(id)
		keys = append(keys, segment{on.accent, keyOf(m, id)}, segment{on.text, safe.Concat(space, safe.Line(action.Title), safe.Lit("  "))})
	}
	return append(rows, dialogRow{spare: len(all) + 1}, dialogRow{row: keys})
}

func accountOf(p model.Profile) safe.Text {
	return safe.Line(cmp.Or(p.Account, "the account of its key"))
}
