package ui

import (
	"strings"

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
			key, segment{on.dim, safe.Concat(safe.Lit(" reveals some for "), seconds(model.RevealTime))})
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

// revealForms are how wide the keys of the groups are: whole, in one word each, close to each
// other, and without words.
var revealForms = []struct {
	lead, gap safe.Text
	words     int
	end       safe.Text
}{
	{safe.Lit(" reveal "), space, 2, safe.Lit(" nothing ")},
	{safe.Lit(" reveal "), space, 1, safe.Lit(" nothing ")},
	{safe.Lit(" reveal"), space, 1, safe.Text{}},
	{safe.Text{}, safe.Text{}, 1, safe.Text{}},
	{safe.Lit(" reveal"), safe.Text{}, 0, safe.Text{}},
}

// revealKeys are the groups that can be revealed, and the key of each. On a narrow screen
// those that this key of Stripe's may not read are left out first.
func revealKeys(on *palette, m *model.Model, width int) (r line) {
	for _, form := range revealForms {
		for _, all := range []bool{true, false} {
			r = line{row: row{{on.text, form.lead}}}
			for g, group := range model.Groups {
				look, may := on.text, m.WhyNotGroup(model.Group(g)) == ""
				if !may {
					look = on.dim
				}
				words := strings.FieldsFunc(group.Name, func(r rune) bool { return r == ' ' || r == ',' })
				name := safe.Line(strings.Join(words[:min(form.words, 1)], ""))
				if form.words > 1 {
					name = safe.Line(group.Name)
				}
				if may || all {
					r = r.on(group.Action, segment{on.accent, safe.Concat(space, keyOf(m, group.Action))}, segment{look, safe.Concat(form.gap, name, form.gap)})
				}
			}
			if r = r.on(keymap.BackOut, segment{on.accent, safe.Lit(" esc")}, segment{on.text, form.end}); r.width() <= width {
				return r
			}
		}
	}
	return r
}
