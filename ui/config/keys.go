package config

import (
	"slices"
	"strconv"
	"strings"

	"idtop/keymap"
)

// binding gives keys to an action, as a layer of the config does.
type binding struct {
	keymap.Binding
	layer string // its name in messages
	at    string // its path in the document
}

// keyTable is a table of keys by the ids of actions. Each action of the profile's counts
// before the same one of all profiles.
func keyTable() kind {
	return kind{
		form: "a table of actions and their keys", hint: `write [keys] and below it lines like search = "f5"`,
		take: func(o *Options, v value) {
			table, ok := v.any.(map[string]any)
			if !ok {
				v.mustBe()
				return
			}
			for _, id := range v.document.sorted(table, v.at) {
				v := v.under(id, table[id])
				keys, ok := v.texts()
				if one, is := v.any.(string); is {
					keys, ok = []string{one}, true
				}
				if !ok {
					v.wrong(`write a key as "x", several as ["x", "f5"], none as []`, "%s: %s is no key", quoted(id), v.quoted())
				} else if !slices.ContainsFunc(o.bindings, func(b binding) bool { return b.ID == id }) {
					o.bindings = append(o.bindings, binding{keymap.Binding{ID: id, Keys: keys}, v.layer, v.at})
				}
			}
		},
		show: func(o *Options) any {
			keys := make(map[string][]string, len(o.bindings))
			for _, b := range o.bindings {
				keys[b.ID] = b.Keys
			}
			return keys
		},
	}
}

// Keys are the operator's keys.
func (o *Options) Keys() keymap.Map {
	bound, _ := o.bind() // without a problem, as check has seen
	return bound
}

func (o *Options) bind() (keymap.Map, []keymap.Problem) {
	bindings := make([]keymap.Binding, len(o.bindings))
	for i, b := range o.bindings {
		bindings[i] = b.Binding
	}
	return keymap.Bind(bindings)
}

// checkKeys finds the mistakes in the keys of all layers together. Of two bindings with one
// key, that of the profile is wrong, or the later one.
func (o *Options) checkKeys(d *document) (found []Mistake) {
	profileLast := func(a, b binding) int { return strings.Count(a.at, "\x00") - strings.Count(b.at, "\x00") }
	slices.SortStableFunc(o.bindings, profileLast)
	_, wrong := o.bind()
	for _, p := range wrong {
		b := o.bindings[p.Binding]
		at, what := b.at, quoted(b.ID)
		if p.Key >= 0 {
			what += ": " + quoted(b.Keys[p.Key])
			if in := join(b.at, strconv.Itoa(p.Key)); d.places[in] != (place{}) {
				at = in
			}
		}
		found = append(found, d.mistake(at, didYouMean(p.Wrong, p.Known, p.Hint), "keys of %s: %s: %s", b.layer, what, p.Text))
	}
	return found
}
