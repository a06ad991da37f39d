package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"idtop/client/emulator"
)

// The insights of an incident, without a request.
func TestInsights(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 42, Sessions: 6000, Incident: true})
	a.synced()
	before := a.requests.Load()
	text := a.run(t.Context(), "insights")
	if text.code != exitOK || !strings.HasPrefix(text.stdout, "Document not verified rose to ") || !strings.Contains(text.stdout, " id cards of PL") ||
		!strings.Contains(text.stdout, "NEEDS SOMEBODY") || !strings.Contains(text.stdout, "\nNothing else rose.") {
		t.Errorf("%+v", text)
	}
	var in told
	got := a.run(t.Context(), "insights", "--since", "7d", "--by", "country", "--format", "json")
	if err := json.Unmarshal([]byte(got.stdout), &in); err != nil || got.code != exitOK {
		t.Fatalf("%v: %+v", err, got)
	}
	if in.Window != "7d" || in.By != "country" || in.LastHour == nil || in.Before == nil || len(in.Steps) != 28 || in.Reports.Kept != "all" || len(in.Needs) != 5 {
		t.Errorf("%+v", in)
	}
	if r := in.LastHour.Reasons[0]; !r.Rose || r.Reason != "document_unverified_other" || r.Usual == nil || !strings.HasSuffix(r.Shares[0], " id cards of PL") {
		t.Errorf("%+v", r)
	}
	for _, group := range in.Groups {
		if listed := a.run(t.Context(), "list", "--format", "json", "--query", group.Query); listed.code != exitOK || group.Value == "PL" && len(ids(t, listed)) == 0 {
			t.Errorf("%q lists %+v", group.Query, listed)
		}
	}
	for _, need := range in.Needs {
		if listed := ids(t, a.run(t.Context(), "list", "--format", "json", "--query", need.Query)); len(listed) != need.Count {
			t.Errorf("%s: %d are listed, %d counted", need.Query, len(listed), need.Count)
		}
	}
	if n := a.requests.Load() - before; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// Without report facts one sentence says how to have them.
func TestInsightsWithoutReports(t *testing.T) {
	s := stock(t, 30, upToDate())
	got := run(t, []string{"STRIPE_API_KEY=" + aKey}, "insights", "--data-dir", s.dir)
	if first, _, _ := strings.Cut(got.stdout, "\n"); got.code != exitOK || !strings.Contains(first, `reports = "recent" in the config`) {
		t.Errorf("%+v", got)
	}
}
