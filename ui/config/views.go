package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"idtop/client/views"
	"idtop/ui/safe"
)

// takeViews takes the views of a layer. Those of the profile come before those of all.
func (o *Options) takeViews(entries []views.Entry, wrong func(key, hint, format string, args ...any) error) error {
	for _, e := range entries {
		view, err := e.View()
		switch same := func(other views.View) bool { return strings.EqualFold(other.Name, e.Name) }; {
		case err != nil:
		case slices.ContainsFunc(o.Views, same):
			err = errors.New("another view has this name")
		case len(o.Views) >= views.Most:
			err = fmt.Errorf("there are more than %d", views.Most)
		}
		if err != nil {
			return wrong("views", `write it like name = "Polish cards" and query = "state:failed country:PL"`, "%s: %s", safe.Quote(e.Name), err)
		}
		o.Views = append(o.Views, view)
	}
	return nil
}
