package model

import (
	"strings"
	"testing"

	"idtop/client/query"
)

// TestCopyLocator: the copied line has the tab and the search, and lists the same; one
// that would name a person is refused.
func TestCopyLocator(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.m.Identity.Profile = "test"
		clip := func() string {
			copied := ""
			r.m.config.Clip = func(s string) (string, error) { copied = s; return s, nil }
			r.press("ctrl+y")
			return copied
		}
		for keys, want := range map[string]string{
			"1":                               "idtop://test/",
			"2":                               "idtop://test/state:failed",
			"7":                               "idtop://test/state:redacting%2Credacted",
			"2 / age:>2h ~":                   "idtop://test/state:failed%20age:%3E2h",
			"/ age:>2h+OR+type:id_number ~ 5": "idtop://test/state:verified%20%28age:%3E2h%20OR%20type:id_number%29",
		} {
			r.press("esc", "esc", "1")
			for _, word := range strings.Fields(keys) {
				switch {
				case word == "~":
					r.press("enter")
				case len(word) > 1:
					r.types(strings.ReplaceAll(word, "+", " "))
				default:
					r.press(word)
				}
			}
			got := clip()
			if got != want {
				t.Errorf("%s: %s, want %s", keys, got, want)
				continue
			}
			l, err := query.ParseLocator(got)
			total := r.m.List.Page.Total
			r.press("esc", "1", "/")
			r.types(l.Query)
			if r.press("enter"); err != nil || r.m.List.Page.Total != total {
				t.Errorf("%s lists %d, %v, and listed %d", got, r.m.List.Page.Total, err, total)
			}
		}
		r.press("esc", "esc")
		for _, keys := range []string{"/ a n n enter", "esc esc j u", "esc esc / u s e r : a enter"} {
			r.script(strings.Fields(keys))
			if got := clip(); got != "" || !strings.Contains(r.notice().Text, "Can't copy locator: it names a person; take the name out first") {
				t.Errorf("%s: %q, %+v", keys, got, r.notice())
			}
		}
	})
}
