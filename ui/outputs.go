package ui

import (
	"idtop/client"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// outputs are the verified facts of a person: masked, and not even read, until the
// operator reveals a group of them for a while.
func (d *detailRegion) outputs() {
	on, label := d.on(), safe.Lit("OUTPUTS")
	if d.hit.State != client.StateVerified {
		return
	}
	d.blank()
	group, key := safe.Line(model.Groups[d.m.Detail.Group].Name), segment{on.accent, keyOf(d.m, keymap.Reveal)}
	switch {
	case d.m.Detail.Revealing:
		d.labeled(label, on.dim, safe.Concat(safe.Lit("reading "), group, safe.Lit("…")))
		return
	case d.m.Detail.Outputs == nil:
		d.add(segment{on.dim, label.Pad(labelWidth)}, segment{on.text, safe.Concat(masked(), space)},
			key, segment{on.dim, safe.Lit(" reveals some for 15 s")})
		return
	}
	d.add(segment{on.dim, label.Pad(labelWidth)}, segment{on.processing, safe.Concat(group,
		safe.Lit(", shown for "), seconds(d.m.Detail.HideAt.Sub(d.m.Now)), safe.Lit(" more, "))},
		key, segment{on.dim, safe.Lit(" masks")})
	facts := d.m.Detail.Facts()
	for _, fact := range facts {
		d.labeled(safe.Text{}, on.text, safe.Concat(safe.Line(fact.Name).Pad(10), safe.Line(fact.Value.Reveal())))
	}
	if len(facts) == 0 {
		d.labeled(safe.Text{}, on.dim, safe.Lit("Stripe has none."))
	}
}

// revealKeys are the groups that can be revealed, and the key of each. On a narrow screen
// those that this key of Stripe's may not read are left out.
func revealKeys(on *palette, m *model.Model, width int) line {
	r := line{row: row{{on.text, safe.Lit(" reveal ")}}}
	for g, group := range model.Groups {
		words, look := safe.Concat(space, safe.Line(group.Name), space), on.text
		if m.WhyNotGroup(model.Group(g)) != "" {
			look = on.dim
		}
		if r.width()+words.Width()+4 < width || look != on.dim {
			r = r.on(group.Action, segment{on.accent, safe.Concat(space, keyOf(m, group.Action))}, segment{look, words})
		}
	}
	return r.on(keymap.BackOut, segment{on.accent, safe.Lit(" esc")}, segment{on.text, safe.Lit(" nothing ")})
}
