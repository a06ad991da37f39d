package views

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"idtop/client/mirror"
	"idtop/client/query"
)

// View is a list that can be opened by its name.
type View struct {
	Name    string
	Query   string
	Order   mirror.Order
	Columns []string // of the list, in their order; nil: as its width allows. Names that this idtop does not know are kept
}

// Shipped are the views that there are before any is saved.
func Shipped() []View {
	return []View{
		{Name: "Stuck", Query: "stuck:yes", Order: mirror.Order{Column: mirror.BySince}},
		{Name: "Never submitted", Query: "state:waiting age:>1d", Order: mirror.Order{Column: mirror.ByAge}},
		{Name: "Failed today", Query: "state:failed since:<24h", Order: mirror.Order{Column: mirror.BySince}},
		{Name: "Many tries", Query: "state:failed tries:>=3", Order: mirror.Order{Column: mirror.ByTries}},
		{Name: "Redactions open", Query: "state:redacting", Order: mirror.Order{Column: mirror.BySince}},
	}
}

// The bounds of views.
const (
	LongestName = 24 // characters
	Most        = 100
	longest     = 200 // characters of a query, as in the search line
)

// sorts are the names of orders in the file and on the screen.
var sorts = [mirror.ColumnCount]string{
	mirror.ByBest: "best", mirror.ByAge: "created", mirror.ByState: "state", mirror.ByUser: "user", mirror.ByReason: "reason", mirror.ByTries: "tries",
	mirror.BySince: "since", mirror.ByDoc: "doc", mirror.ByCountry: "country", mirror.ByAttempts: "attempts",
}

// Sort names the column that a view is ordered by.
func (v View) Sort() string { return sorts[v.Order.Column] }

// SortOf is the column of a name that Sort gives.
func SortOf(name string) (by mirror.Column, ok bool) {
	i := slices.Index(sorts[:], name)
	return mirror.Column(max(0, i)), i >= 0
}

// Check says why a view can't be kept.
func (v View) Check() error {
	if err := checkName(v.Name); err != nil {
		return err
	}
	q := query.Parse(v.Query)
	switch problems := q.Problems(); {
	case utf8.RuneCountInString(v.Query) > longest:
		return fmt.Errorf("the query has more than %d characters", longest)
	case len(problems) > 0:
		return errors.New("the query has an error: " + problems[0].Text)
	case q.Names():
		return query.ErrNames
	}
	return nil
}

func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("a view needs a name")
	case utf8.RuneCountInString(name) > LongestName:
		return fmt.Errorf("a name has at most %d characters", LongestName)
	case strings.TrimSpace(name) != name || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("a name has printable characters only, and no space at its ends")
	}
	return nil
}

// Change is one change of the saved views. It is made on the views as they are in the
// file, which another dashboard may have changed.
type Change func([]View) ([]View, error)

// Save keeps a view at the end, or in place of the one with its name.
func Save(v View) Change {
	return func(all []View) ([]View, error) {
		if err := v.Check(); err != nil {
			return nil, err
		}
		if i := find(all, v.Name); i >= 0 {
			all[i] = v
			return all, nil
		}
		if len(all) >= Most {
			return nil, fmt.Errorf("there are %d views already", Most)
		}
		return append(all, v), nil
	}
}

// Add keeps a new view at the end. It takes the place of none, such as one that another
// dashboard has saved meanwhile.
func Add(v View) Change {
	return func(all []View) ([]View, error) {
		if find(all, v.Name) >= 0 {
			return nil, errors.New("another view has this name")
		}
		return Save(v)(all)
	}
}

// Rename gives a view another name.
func Rename(from, to string) Change {
	return on(from, func(all []View, i int) ([]View, error) {
		if err := checkName(to); err != nil {
			return nil, err
		}
		if j := find(all, to); j >= 0 && j != i {
			return nil, errors.New("another view has this name")
		}
		all[i].Name = to
		return all, nil
	})
}

// Delete removes a view.
func Delete(name string) Change {
	return on(name, func(all []View, i int) ([]View, error) { return slices.Delete(all, i, i+1), nil })
}

// Move moves a view by some places, as far as there are any.
func Move(name string, by int) Change {
	return on(name, func(all []View, i int) ([]View, error) {
		v := all[i]
		all = slices.Delete(all, i, i+1)
		return slices.Insert(all, max(0, min(i+by, len(all))), v), nil
	})
}

// on is a change of one view.
func on(name string, change func(all []View, i int) ([]View, error)) Change {
	return func(all []View) ([]View, error) {
		i := find(all, name)
		if i < 0 {
			return nil, errors.New("the view is gone: another idtop has changed the views")
		}
		return change(all, i)
	}
}

// find returns the index of the view with a name, letter case aside; -1 when there is none.
func find(all []View, name string) int {
	return slices.IndexFunc(all, func(v View) bool { return strings.EqualFold(v.Name, name) })
}
