package query

import (
	"strings"
	"testing"
)

// TestLocatorRoundTrip: a locator lists what was listed, whatever the query and the name
// of the profile have in them.
func TestLocatorRoundTrip(t *testing.T) {
	for _, line := range []string{"", "state:failed", "state:failed since:<24h", `reason:document_expired OR (doc:passport country:DE,PL)`,
		"-state:verified age:>2h", "tries:>=3 NOT type:id_number", "created:2026-11-20.."} {
		for _, profile := range []string{"", "test", "a/b", "ünï & %", "-x"} {
			want := Locator{profile, Parse(line).String()}
			text := want.String()
			if got, err := ParseLocator(text); err != nil || got != want {
				t.Errorf("%q: %+v, %v", text, got, err)
			}
			if strings.ContainsAny(text, " \"'<>()&\n") && strings.ContainsAny(text, " \"<>\n") {
				t.Errorf("%q does not stay in one piece", text)
			}
		}
	}
}

func TestLocatorsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"": "no locator", "idtop://": "no locator", "idtop:///state:failed": "no locator", "https://test/x": "no locator",
		"idtop://test": "no locator", "idtop://test/%zz": "no locator", "idtop://te%zst/": "no locator",
		"idtop://test/state:nonsense":            "can't be understood",
		"idtop://test/ann":                       "names a person",
		"idtop://test/user:ann":                  "names a person",
		"idtop://test/state:failed%20OR%20ref:7": "names a person",
		"idtop://test/meta.order:7":              "names a person",
		"idtop://test/-id:vs_1":                  "names a person",
	} {
		if got, err := ParseLocator(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %+v, %v, want %s", text, got, err, want)
		}
	}
}
