package query

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Locator says what is listed, in a line that can be passed on: idtop://PROFILE/QUERY.
// It never names a person.
type Locator struct {
	Profile string // its name in the config; "" without one
	Query   string
}

const (
	locatorScheme = "idtop://"
	noProfile     = "-" // in place of a profile's name
)

// String writes a locator in one piece: what would end a word elsewhere is escaped.
func (l Locator) String() string {
	profile := l.Profile
	if profile == "" {
		profile = noProfile
	}
	return locatorScheme + url.PathEscape(profile) + "/" + url.PathEscape(l.Query)
}

// ErrNames is why a query that names a person is neither kept nor passed on.
var ErrNames = errors.New("it names a person; take the name out first")

var errNoLocator = errors.New("this is no locator")

// ParseLocator reads a locator. It refuses one that names a person, or whose query can't
// be understood.
func ParseLocator(text string) (Locator, error) {
	rest, ok := strings.CutPrefix(text, locatorScheme)
	profile, line, whole := strings.Cut(rest, "/")
	profile, err := url.PathUnescape(profile)
	if !ok || !whole || err != nil || profile == "" {
		return Locator{}, errNoLocator
	}
	if line, err = url.PathUnescape(line); err != nil {
		return Locator{}, errNoLocator
	}
	if profile == noProfile {
		profile = ""
	}
	q := Parse(line)
	switch problems := q.Problems(); {
	case len(problems) > 0:
		return Locator{}, fmt.Errorf("its query can't be understood: %s", problems[0].Text)
	case q.Names():
		return Locator{}, ErrNames
	}
	return Locator{profile, q.String()}, nil
}
