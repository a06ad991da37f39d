package person_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/person"
	"idtop/client/plan"
)

var now = time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)

func at(ago time.Duration) client.Unix { return client.Unix(now.Add(-ago).Unix()) }

// row is a session that came to its state some time ago.
func row(id string, state client.State, ago time.Duration) mirror.Row {
	r := mirror.Row{ID: "vs_1NuNAILkdIwHu7ixh70tML" + id, State: state, Created: at(ago + time.Minute), Since: at(ago).Time(), UserID: "ann_8392"}
	r.Type, r.Status = "document", client.StatusRequiresInput
	switch state {
	case client.StateProcessing:
		r.Status = client.StatusProcessing
	case client.StateVerified:
		r.Status = client.StatusVerified
	case client.StateCanceled:
		r.Status = client.StatusCanceled
	case client.StateFailed:
		r.ErrorCode = "document_expired"
	case client.StateRedacting:
		r.Status, r.Redaction, r.UserID = client.StatusVerified, client.RedactionProcessing, ""
	case client.StateRedacted:
		r.Status, r.Redaction, r.UserID = client.StatusVerified, client.RedactionRedacted, ""
	}
	return r
}

func report(id string, ago time.Duration, code string) client.ReportFacts {
	r := client.ReportFacts{ID: id, Created: at(ago), Checks: []client.CheckFacts{{Kind: "document", Status: "verified"}}}
	if code != "" {
		r.Checks = append(r.Checks, client.CheckFacts{Kind: "selfie", Status: "unverified", Code: code})
	}
	return r
}

// words are a page's attempts, oldest session first.
func words(p person.Page) (all []string) {
	for i := len(p.Sessions) - 1; i >= 0; i-- {
		var attempts []string
		for _, a := range p.Sessions[i].Attempts {
			attempts = append(attempts, a.Words())
		}
		all = append(all, strings.Join(attempts, ", "))
	}
	return all
}

// An attempt is told once, whether a report, an event or both tell of it, and a failure
// without a report is one too.
func TestAttemptsAreToldOnce(t *testing.T) {
	change := func(state client.State, ago time.Duration, code, report string) mirror.Change {
		return mirror.Change{At: at(ago), State: state, Code: code, Report: report, From: mirror.Event}
	}
	failed := row("a", client.StateFailed, 3*time.Minute)
	for name, c := range map[string]struct {
		row     mirror.Row
		reports []client.ReportFacts
		history []mirror.Change
		want    string
	}{
		"a row alone":          {failed, nil, nil, "document expired"},
		"a report alone":       {failed, []client.ReportFacts{report("vr_1", 3*time.Minute, "document_expired")}, nil, "document expired"},
		"both, by the report":  {failed, []client.ReportFacts{report("vr_1", 4*time.Minute, "document_expired")}, []mirror.Change{change(client.StateFailed, 3*time.Minute, "document_expired", "vr_1")}, "document expired"},
		"both, without its id": {failed, []client.ReportFacts{report("vr_1", 4*time.Minute, "document_expired")}, []mirror.Change{change(client.StateFailed, 3*time.Minute, "document_expired", "")}, "document expired"},
		"two of a kind": {failed, []client.ReportFacts{report("vr_1", 40*time.Minute, "document_expired"), report("vr_2", 4*time.Minute, "document_expired")},
			[]mirror.Change{change(client.StateFailed, 39*time.Minute, "document_expired", ""), change(client.StateFailed, 3*time.Minute, "document_expired", "")}, "document expired, document expired"},
		"left before any check": {failed, []client.ReportFacts{report("vr_1", 3*time.Minute, "document_expired")},
			[]mirror.Change{change(client.StateFailed, 26*time.Minute, "abandoned", "")}, "document expired, left before submitting"},
		"canceled after a failure": {row("a", client.StateCanceled, time.Minute), nil, []mirror.Change{change(client.StateFailed, 26*time.Minute, "abandoned", "")}, "canceled, left before submitting"},
		"checking again":           {row("a", client.StateProcessing, time.Second), []client.ReportFacts{report("vr_1", 3*time.Minute, "selfie_face_mismatch")}, nil, "checking, selfie does not match"},
		"erased":                   {row("a", client.StateRedacted, time.Hour), []client.ReportFacts{report("vr_1", 2*time.Hour, "selfie_face_mismatch")}, nil, "erased"},
	} {
		k := person.Known{UserID: "ann_8392", Rows: []mirror.Row{c.row},
			Reports: map[string][]client.ReportFacts{c.row.ID: c.reports}, History: map[string][]mirror.Change{c.row.ID: c.history}}
		if got := words(person.Of(k, now)); !reflect.DeepEqual(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A person with something of everything.
func TestAPerson(t *testing.T) {
	rows := []mirror.Row{row("6", client.StateProcessing, 12*time.Second), row("5", client.StateFailed, 3*time.Minute), row("4", client.StateRedacting, 26*time.Hour),
		row("3", client.StateVerified, 39*24*time.Hour), row("2", client.StateCanceled, 67*24*time.Hour), row("1", client.StateRedacted, 79*24*time.Hour)}
	me := ledger.Actor{User: "kim", Host: "ops-2"}
	k := person.Known{UserID: "ann_8392", Rows: rows, Ledger: true, Kept: mirror.KeptAll, Operator: me,
		Reports: map[string][]client.ReportFacts{rows[1].ID: {report("vr_1", 41*time.Minute, "selfie_face_mismatch"), report("vr_2", 3*time.Minute, "document_expired")}},
		Records: []ledger.Record{
			{Seq: 1, Time: now.Add(-time.Hour), Kind: ledger.KindIntent, Verb: ledger.Cancel, Session: rows[4].ID, Actor: me},
			{Seq: 2, Time: now.Add(-time.Hour), Kind: ledger.KindOutcome, Verb: ledger.Cancel, Result: ledger.Succeeded, Session: rows[4].ID, Actor: me},
			{Seq: 3, Time: now, Kind: ledger.KindOutcome, Verb: ledger.Redact, Result: ledger.Succeeded, Session: rows[2].ID, Actor: ledger.Actor{User: "mara"}, Job: "7"},
			{Seq: 4, Time: now, Kind: ledger.KindOutcome, Verb: ledger.Redact, Result: ledger.Succeeded, Session: rows[5].ID, Actor: ledger.Actor{User: "mara"}, Job: "7"},
		}}
	p := person.Of(k, now)
	if p.Now.Text != "Stripe is checking a new attempt." || p.Now.More != "Failed 2 times today; was verified on 12 Oct." {
		t.Errorf("%+v", p.Now)
	}
	if does, not := p.Redact.Words(); does != "3 now" || not != "1 after its check, 2 erased or being erased" {
		t.Error(does, not)
	}
	if does, not := p.Cancel.Words(); does != "1 now" || not != "1 after its check, 2 erased or being erased, 1 verified, 1 canceled already" {
		t.Error(does, not)
	}
	if p.Attempts != 4 || p.Link != rows[1].ID || len(p.Why) != 2 || p.Why[0].Count != 1 {
		t.Errorf("%+v", p)
	}
	if len(p.Erasing) != 1 || !p.Erasing[0].Due.IsZero() || p.Sessions[2].Note != "not by a job here" || p.Sessions[4].Note != "by you" {
		t.Errorf("%+v", p.Erasing)
	}
	if len(p.Done) != 2 || p.Done[0].Who+" "+p.Done[0].Words() != "mara redacted 2" || p.Done[1].Who+" "+p.Done[1].Words() != "you canceled" {
		t.Errorf("%+v", p.Done)
	}
}

// A ledger that can't be read hides no session, and the page says what is missing.
func TestWithoutALedger(t *testing.T) {
	book, err := ledger.Open(t.TempDir(), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	journal, err := plan.JournalOf(book)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	store := storetest.NewMemory()
	if err := store.Apply(t.Context(), mirror.Origin{At: now}, storetest.Session(1, "ann", client.StatusRequiresInput, "document_expired")); err != nil {
		t.Fatal(err)
	}
	k, err := person.Read(t.Context(), store, &person.Records{Book: book, Journal: journal}, person.Request{UserID: "ann", Most: 5, Kept: mirror.KeptAll}, person.Known{})
	p := person.Of(k, now)
	if err != nil || len(p.Sessions) != 1 || len(p.Unknown) != 1 || !strings.Contains(p.Unknown[0], "The ledger can't be read") {
		t.Errorf("%v: %+v", err, p)
	}
}

// A person who was verified after an older session failed is not told of as failed.
func TestVerifiedInAnotherSession(t *testing.T) {
	failed, verified := row("1", client.StateFailed, 2*time.Hour), row("2", client.StateVerified, time.Hour)
	for _, c := range []struct {
		rows      []mirror.Row
		now, next string
	}{
		{[]mirror.Row{verified, failed}, "The person was verified on ", "All checks passed. 1 older session is still open: cancel what nobody needs."},
		{[]mirror.Row{verified, failed, row("3", client.StateWaiting, 3*time.Hour)}, "The person was verified on ", "All checks passed. 2 older sessions are still open: cancel what nobody needs."},
		{[]mirror.Row{verified, row("4", client.StateFailed, time.Minute)}, "The last attempt failed: document expired.", ""},
		{[]mirror.Row{verified, row("5", client.StateProcessing, 2*time.Hour)}, "Stripe has been checking a new attempt for ", ""},
		{[]mirror.Row{verified}, "The person was verified on ", "All checks passed."},
	} {
		page := person.Of(person.Known{UserID: "ann", Rows: c.rows}, now)
		if !strings.HasPrefix(page.Now.Text, c.now) || c.next != "" && page.Next.More != c.next {
			t.Errorf("%v: %q, %q", c.rows, page.Now.Text, page.Next.More)
		}
	}
}

// The page under erasure is shown when all sessions are erased, or will be by a job that
// was confirmed; not because one of a person's sessions was erased once.
func TestUnderway(t *testing.T) {
	erased, open := row("1", client.StateRedacted, time.Hour), row("2", client.StateFailed, time.Hour)
	for _, c := range []struct {
		rows  []mirror.Row
		state plan.ItemState
		want  bool
		now   string
	}{
		{[]mirror.Row{erased}, 0, true, "It has been erased."},
		{[]mirror.Row{open, erased}, 0, false, "The last attempt failed: document expired."},
		{[]mirror.Row{open, erased}, plan.Failed, false, "The last attempt failed: document expired."},
		{[]mirror.Row{open, erased}, plan.Waiting, true, "Stripe has accepted 1 of 2 and erased 1."},
		{[]mirror.Row{open}, plan.Waiting, false, "The last attempt failed: document expired."},
		{[]mirror.Row{erased, row("3", client.StateRedacting, time.Hour)}, 0, true, "Stripe has accepted all 2 and erased 1."},
		{nil, 0, false, "No session of this user_id is known."},
	} {
		k := person.Known{UserID: "ann", Rows: c.rows, Items: map[string]plan.Item{}}
		if c.state != 0 {
			k.Items[open.ID] = plan.Item{Session: open.ID, Job: 1, State: c.state}
		}
		if got := person.Of(k, now).Now.Text; k.Underway() != c.want || got != c.now {
			t.Errorf("%v %v: %v, %q", c.rows, c.state, k.Underway(), got)
		}
	}
}
