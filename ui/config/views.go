package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"idtop/client/views"
	"idtop/ui/safe"
)

// viewTables are views. Those of the profile come before those of all profiles.
func viewTables() kind {
	return kind{
		form: "views", hint: `write it like name = "Polish cards" and query = "state:failed country:PL"`,
		take: func(o *Options, v value) {
			list, ok := v.any.([]any)
			if !ok {
				v.mustBe()
				return
			}
			for i, entry := range list {
				v := v.under(strconv.Itoa(i), entry)
				if e, ok := v.view(); ok {
					o.addView(v, e)
				}
			}
		},
		show: func(o *Options) any {
			names := make([]string, len(o.Views))
			for i, view := range o.Views {
				names[i] = view.Name
			}
			return names
		},
	}
}

// view reads the table of a view, and tells whether it is one.
func (v value) view() (e views.Entry, ok bool) {
	table, ok := v.any.(map[string]any)
	if !ok {
		v.mustBe()
		return e, false
	}
	for _, key := range v.document.sorted(table, v.at) {
		field := v.under(key, table[key])
		var is bool
		switch field.form = "a text"; key {
		case "name":
			e.Name, is = field.any.(string)
		case "query":
			e.Query, is = field.any.(string)
		case "sort":
			e.Sort, is = field.any.(string)
		case "reverse":
			field.form = "true or false"
			e.Reverse, is = field.any.(bool)
		case "columns":
			field.form = "a list of texts"
			e.Columns, is = field.texts()
		default:
			field.wrong("a view has name, query, sort, reverse and columns", "%s is not known", quoted(key))
			ok = false
			continue
		}
		if !is {
			field.wrong(v.hint, "%s: %s must be %s", key, field.quoted(), field.form)
			ok = false
		}
	}
	return e, ok
}

// addView adds a view if it may be kept beside those before.
func (o *Options) addView(v value, e views.Entry) {
	view, err := e.View()
	switch same := func(other views.View) bool { return strings.EqualFold(other.Name, e.Name) }; {
	case err != nil:
	case slices.ContainsFunc(o.Views, same):
		err = errors.New("another view has this name")
	case len(o.Views) >= views.Most:
		err = fmt.Errorf("there are more than %d", views.Most)
	}
	if err != nil {
		v.wrong(v.hint, "%s: %s", safe.Quote(withoutKeys(e.Name)), err)
		return
	}
	o.Views = append(o.Views, view)
}
