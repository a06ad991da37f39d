package cli

import (
	"idtop/client/query"
	"idtop/model"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// demoProfile is the profile of a demo in locators.
const demoProfile = "demo"

// openLocator makes the query of --open the search that the dashboard begins with. A
// locator of another profile would list another account.
func (o *dashboardOptions) openLocator() error {
	if o.demo {
		o.Profile = demoProfile
	}
	if o.open == "" {
		return nil
	}
	l, err := query.ParseLocator(o.open)
	switch {
	case err != nil:
		return fail.Misuse(o.Keys().Text("{copy-locator} in the dashboard copies a locator: idtop://PROFILE/QUERY"), "--open: %s", err)
	case len([]rune(l.Query)) > model.LongestQuery:
		return fail.Misuse("begin with a part of it", "--open: its query has more than %d characters", model.LongestQuery)
	case l.Profile == o.Profile:
		o.query = l.Query
		return nil
	case l.Profile == demoProfile && !o.demo:
		return fail.Misuse("add --demo", "--open: this locator is of a demo")
	case o.demo:
		return fail.Misuse("leave --demo out", "--open: this locator is not of a demo")
	case l.Profile == "":
		return fail.Misuse("it was copied without a config's profile", "--open: this locator is of no profile, and here it is %s", safe.Quote(o.Profile))
	}
	return fail.Misuse("add --profile "+safe.Quote(l.Profile), "--open: this locator is of the profile %s", safe.Quote(l.Profile))
}
