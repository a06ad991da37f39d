package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
)

// The insights of an incident, without a request.
func TestInsights(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 42, Sessions: 6000, Incident: true, Now: fromNoon()})
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
	counts := func() (counted []int) {
		t.Helper()
		var in told
		if err := json.Unmarshal([]byte(a.run(t.Context(), "insights", "--format", "json").stdout), &in); err != nil {
			t.Fatal(err)
		}
		for _, need := range in.Needs {
			counted = append(counted, need.Count)
		}
		return counted
	}
	for i, need := range in.Needs { // time passes: a session may come into a list meanwhile, or leave it
		before := counts()[i]
		listed := len(ids(t, a.run(t.Context(), "list", "--format", "json", "--query", need.Query)))
		if after := counts()[i]; listed < min(before, after) || listed > max(before, after) {
			t.Errorf("%s: %d are listed, %d counted before and %d after", need.Query, listed, before, after)
		}
	}
	if n := a.requests.Load() - before; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// The times in processing are those of sessions that events told of; of the others none is
// made up.
func TestInsightsOfTimesInProcessing(t *testing.T) {
	start := fromNoon()() // and only what the test says passes
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 60, Now: func() time.Time { return start }})
	a.control("clock", "advance=1h") // the events of the five minutes before the first sync are read
	a.synced()
	ask := func() (in told, text string) {
		t.Helper()
		got := a.run(t.Context(), "insights", "--format", "json")
		if err := json.Unmarshal([]byte(got.stdout), &in); err != nil || got.code != exitOK {
			t.Fatalf("%v: %+v", err, got)
		}
		return in, a.run(t.Context(), "insights").stdout
	}
	if in, text := ask(); in.Times != nil || in.Earlier != nil || !strings.Contains(text, "TIME IN PROCESSING  not known\n") {
		t.Errorf("%+v\n%s", in.Times, text)
	}
	for _, seconds := range []string{"20s", "100s"} {
		id, _ := a.waiting()
		a.submit(id, "outcome=processing")
		a.control("clock", "advance="+seconds)
		a.submit(id, "outcome=verified")
		a.control("clock", "advance=5s") // the window ends before the second that is not over
		a.synced()
	}
	in, text := ask()
	if in.Times == nil || *in.Times != (toldTimes{Known: 2, P50: 20, P95: 100}) || in.Earlier != nil {
		t.Errorf("%+v, before %+v", in.Times, in.Earlier)
	}
	if !strings.Contains(text, "\np50                                    20s         -\np95                                  1m40s         -\n") || !strings.Contains(text, "TIME IN PROCESSING  2 of ") {
		t.Errorf("%s", text)
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
