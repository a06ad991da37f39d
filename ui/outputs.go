package ui

import (
	"strings"

	"idtop/client"
	"idtop/ui/safe"
)

// outputs are the verified facts of a person: masked, and not even read, until the
// operator reveals them for a while.
func (d *detailRegion) outputs() {
	on, label := d.on(), safe.Lit("OUTPUTS")
	if d.hit.State != client.StateVerified {
		return
	}
	d.blank()
	switch {
	case d.m.Detail.Revealing:
		d.labeled(label, on.dim, safe.Lit("reading…"))
		return
	case d.m.Detail.Outputs == nil:
		d.add(segment{on.dim, label.Pad(labelWidth)}, segment{on.text, safe.Lit("•••••••• ")},
			segment{on.accent, safe.Lit("v")}, segment{on.dim, safe.Lit(" reveals them for 15 s")})
		return
	}
	d.add(segment{on.dim, label.Pad(labelWidth)}, segment{on.processing, safe.Concat(
		safe.Lit("shown for "), seconds(d.m.Detail.HideAt.Sub(d.m.Now)), safe.Lit(" more, "))},
		segment{on.accent, safe.Lit("v")}, segment{on.dim, safe.Lit(" masks")})
	for _, output := range outputsOf(d.m.Detail.Outputs) {
		if output.value != "" {
			d.labeled(safe.Text{}, on.text, safe.Concat(output.name.Pad(10), safe.Line(output.value.Reveal())))
		}
	}
	if d.m.Detail.Partial {
		d.labeled(safe.Text{}, on.dim, safe.Lit("Dates of birth and numbers need a restricted key that may read sensitive results."))
	}
}

// output is one verified fact.
type output struct {
	name  safe.Text
	value client.Private
}

func outputsOf(o *client.VerifiedOutputs) []output {
	outputs := []output{
		{safe.Lit("name"), client.Private(strings.TrimSpace(o.FirstName.Reveal() + " " + o.LastName.Reveal()))},
		{safe.Lit("born"), o.DOB.Private()},
		{safe.Lit("in"), o.UnparsedPlaceOfBirth},
		{safe.Lit("sex"), o.Sex},
		{safe.Lit("id number"), o.IDNumber},
		{safe.Lit("kind"), client.Private(strings.ReplaceAll(o.IDNumberType, "_", " "))},
		{safe.Lit("email"), o.Email},
		{safe.Lit("phone"), o.Phone},
	}
	if a := o.Address; a != nil {
		var parts []string
		for _, part := range []client.Private{a.Line1, a.Line2, a.PostalCode, a.City, a.State, client.Private(a.Country)} {
			if part != "" {
				parts = append(parts, part.Reveal())
			}
		}
		outputs = append(outputs, output{safe.Lit("address"), client.Private(strings.Join(parts, ", "))})
	}
	return outputs
}
