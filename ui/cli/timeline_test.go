package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/ui/config"
)

// remember lets events tell of an attempt of a session that is in the mirror, and its
// report of its checks.
func (s stocked) remember(t *testing.T, session client.Session) {
	t.Helper()
	store, err := s.pl.Open(t.Context(), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	epoch, _, err := store.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	submitted := session
	submitted.Status, submitted.LastError = client.StatusProcessing, nil
	at := session.Created + 600
	progress := upToDate()
	progress.Reports = mirror.ReportProgress{Kept: mirror.KeptAll, From: 1}
	batch := mirror.Batch{
		Progress: progress,
		Told: []mirror.Change{
			mirror.ChangeOf(submitted, client.StateProcessing, at, mirror.Event),
			mirror.ChangeOf(session, session.State(), at+20, mirror.Event),
		},
		Reports: []client.ReportFacts{{
			ID: string(session.LastReport), Session: session.ID, Created: at + 19, Type: "document", DocType: "id_card", Country: "PL",
			Checks: []client.CheckFacts{{Kind: "document", Status: "unverified", Code: "document_expired"}},
		}},
	}
	if err := store.Commit(t.Context(), epoch, batch); err != nil {
		t.Fatal(err)
	}
}

func (s stocked) timeline(t *testing.T, args ...string) outcome {
	t.Helper()
	return run(t, []string{config.KeyVariable + "=" + aKey, "TZ=UTC"}, append([]string{"timeline", "--data-dir", s.dir}, args...)...)
}

func TestTimeline(t *testing.T) {
	failed, verified := aSession(3, "ann_8392"), aSession(4, "ann_8392")
	failed.LastReport, failed.Created = "vr_0000RnK1", client.Unix(time.Now().Unix()-3560) // it failed 49 minutes ago, for a minute to come
	s := stock(t, 0, upToDate(), failed, verified)
	s.remember(t, failed)
	book, err := ledger.Open(s.pl.Book(), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	entry, err := book.Intend(ledger.Act{Verb: ledger.Link, Session: failed.ID, Key: mustParseKey(aKey)})
	if err != nil {
		t.Fatal(err)
	}
	if err := entry.Settle(ledger.Outcome{Result: ledger.Succeeded}); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}

	got := s.timeline(t, failed.ID)
	for _, want := range []string{
		"Has waited for the person for 49 minutes.\n", "created     document", "+10m  submitted   attempt 1", "+20s  failed      document expired  document_expired",
		"event, report …RnK1\n", "document          expired, id card PL\n", "you         copied a fresh link", "  ledger 1\n",
		"Still to come: the person opens the link and tries again; nothing is due\n", "It waited for the person 59 minutes, and Stripe was checking 20 seconds.\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, got.stdout)
		}
	}
	if got.code != exitOK || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}

	got = s.timeline(t, failed.ID, "--format", "json")
	var object history
	if err := json.Unmarshal([]byte(got.stdout), &object); err != nil || got.code != exitOK {
		t.Fatalf("%v: %+v", err, got)
	}
	var kinds []string
	for _, e := range object.Entries {
		kinds = append(kinds, e.What)
	}
	attempt := object.Entries[2]
	if fmt.Sprint(kinds) != "[created submitted failed act]" || object.Session != failed.ID || object.State != "failed" || object.UserID != "ann_8392" ||
		attempt.Attempt != 1 || *attempt.After != 20 || attempt.Report != "vr_0000RnK1" || attempt.Source != "event" ||
		fmt.Sprint(attempt.Checks) != "[{document unverified document_expired id_card PL}]" || *object.Checked != 20 || len(object.NotKnown) != 0 {
		t.Errorf("%+v", object)
	}

	got = s.timeline(t, failed.ID, verified.ID, "--format", "json")
	var both compared
	if err := json.Unmarshal([]byte(got.stdout), &both); err != nil || got.code != exitOK {
		t.Fatalf("%v: %+v", err, got)
	}
	if both.Older.Session != verified.ID || both.Newer.Session != failed.ID || both.First != "At the first attempt the older was verified, the newer failed: document expired." || len(both.Lines) < 6 {
		t.Errorf("%+v", both)
	}
	if got = s.timeline(t, failed.ID, verified.ID); !strings.HasPrefix(got.stdout, both.First) || !strings.Contains(got.stdout, "≠ ATTEMPT 1") {
		t.Errorf("%+v", got)
	}
}

func TestTimelineOfNothing(t *testing.T) {
	s := stock(t, 3, upToDate())
	expectFailure(t, s.timeline(t, "vs_nobody"), exitFailed, `nothing is known of a session "vs_nobody"`, "idtop list shows the ids; idtop sync brings the mirror up to date")
	expectFailure(t, s.timeline(t), exitUsage, "timeline needs the id of a session, or of two", "idtop list shows the ids")
	// a session that was read back: its gap is said, and so is what can't be known
	got := s.timeline(t, aSession(0, "").ID)
	for _, want := range []string{"and it is not known since when", "it was read back, and no event tells", "report facts are off"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, got.stdout)
		}
	}
}
