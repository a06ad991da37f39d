package mirror_test

import (
	"testing"

	"idtop/client"
	"idtop/client/mirror"
)

// TestReportsOf: each report is told with one verdict at most, and a verdict has the
// report that it is of.
func TestReportsOf(t *testing.T) {
	failed := func(id string, at client.Unix, codes ...string) client.ReportFacts {
		r := client.ReportFacts{ID: id, Created: at}
		for i, code := range codes {
			r.Checks = append(r.Checks, client.CheckFacts{Kind: client.CheckKinds[i], Status: "unverified", Code: code})
		}
		return r
	}
	verified := client.ReportFacts{ID: "v", Created: 1000, Checks: []client.CheckFacts{{Kind: "document", Status: "verified"}}}
	failure := func(at client.Unix, code string) mirror.Change {
		return mirror.Change{At: at, State: client.StateFailed, Code: code}
	}
	for name, c := range map[string]struct {
		change  mirror.Change
		reports []client.ReportFacts
		want    string
	}{
		"by its id, whatever its code":   {mirror.Change{At: 9, State: client.StateFailed, Code: "a", Report: "r"}, []client.ReportFacts{failed("x", 9, "a"), failed("r", 5000, "b")}, "r"},
		"minutes after the report":       {failure(1500, "a"), []client.ReportFacts{failed("r", 1000, "a")}, "r"},
		"by a clock that is behind":      {failure(950, "a"), []client.ReportFacts{failed("r", 1000, "a")}, "r"},
		"much later: another attempt":    {failure(2000, "a"), []client.ReportFacts{failed("r", 1000, "a")}, ""},
		"another reason":                 {failure(1000, "a"), []client.ReportFacts{failed("r", 1000, "b")}, ""},
		"the reason of the second check": {failure(1000, "b"), []client.ReportFacts{failed("r", 1000, "a", "b")}, "r"},
		"a check without a code":         {failure(1000, client.NoCode), []client.ReportFacts{failed("r", 1000, "")}, "r"},
		"left before any check":          {failure(1000, "abandoned"), []client.ReportFacts{failed("r", 1000, "abandoned")}, ""},
		"another verdict":                {failure(1000, ""), []client.ReportFacts{verified}, ""},
		"of a rough time":                {mirror.Change{At: 9000, Rough: true, State: client.StateVerified}, []client.ReportFacts{verified}, "v"},
	} {
		of := mirror.ReportsOf([]mirror.Change{c.change}, c.reports)
		if of[0].ID != c.want {
			t.Errorf("%s: %q, want %q", name, of[0].ID, c.want)
		}
	}
	twice := mirror.ReportsOf([]mirror.Change{failure(1000, "a"), failure(1010, "a")}, []client.ReportFacts{failed("r", 1000, "a")})
	if len(twice) != 1 {
		t.Errorf("one report of two verdicts: %v", twice)
	}
}
