package cli

import "testing"

// TestOpenLocator: a locator that can't be opened is refused before the screen opens.
func TestOpenLocator(t *testing.T) {
	const copied = "ctrl+y in the dashboard copies a locator: idtop://PROFILE/QUERY"
	for name, c := range map[string]struct {
		args       []string
		line, hint string
	}{
		"malformed":    {[]string{"--open", "idtop:test"}, "--open: this is no locator", copied},
		"escape":       {[]string{"--open", "\x1b[8m"}, "--open: this is no locator", copied},
		"person":       {[]string{"--open", "idtop://-/ann_8392"}, "--open: it names a person; take the name out first", copied},
		"no query":     {[]string{"--open", "idtop://-/state:nonsense"}, "--open: its query can't be understood: state:nonsense is no state", copied},
		"other":        {[]string{"--open", "idtop://live/state:failed"}, `--open: this locator is of the profile "live"`, `add --profile "live"`},
		"of a demo":    {[]string{"--open", "idtop://demo/state:failed"}, "--open: this locator is of a demo", "add --demo"},
		"not of it":    {[]string{"--demo", "--open", "idtop://live/"}, "--open: this locator is not of a demo", "leave --demo out"},
		"and a search": {[]string{"--open", "idtop://-/", "--query", "x"}, "--open and --query exclude each other", "a locator has its query"},
		"opened":       {[]string{"--demo", "--open", "idtop://demo/state:failed"}, "the dashboard needs a terminal: standard input is none", "start it in a terminal window, over ssh with ssh -t; or add --plain, which needs none"},
	} {
		t.Run(name, func(t *testing.T) {
			expectFailure(t, run(t, nil, c.args...), exitUsage, c.line, c.hint)
		})
	}
}
