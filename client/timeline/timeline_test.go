package timeline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

var start = time.Date(2026, 11, 22, 16, 4, 10, 0, time.UTC)

func at(hhmmss string) client.Unix {
	t, err := time.Parse("15:04:05", hhmmss)
	if err != nil {
		panic(err)
	}
	return client.Unix(time.Date(2026, 11, 22, t.Hour(), t.Minute(), t.Second(), 0, time.UTC).Unix())
}

const id = "vs_1NuNAILkdIwHu7ix0tMLw"

func row(state client.State, code string, since client.Unix) mirror.Row {
	row := mirror.Row{ID: id, Created: client.Unix(start.Unix()), State: state, Since: since.Time(), UserID: "ann_8392"}
	row.Type, row.Selfie, row.ErrorCode = "document", true, code
	return row
}

func told(when string, state client.State, code, report string) mirror.Change {
	return mirror.Change{ID: id, At: at(when), State: state, Code: code, Report: report, From: mirror.Event}
}

func report(id, when string, doc, country string, checks ...client.CheckFacts) client.ReportFacts {
	return client.ReportFacts{ID: id, Session: "vs", Created: at(when), Type: "document", Checks: checks, DocType: doc, Country: country}
}

func check(kind, code string) client.CheckFacts {
	if code == "" {
		return client.CheckFacts{Kind: kind, Status: "verified"}
	}
	return client.CheckFacts{Kind: kind, Status: "unverified", Code: code}
}

// ann is the session of the picture: three attempts, and two acts.
func ann() Known {
	return Known{
		ID:  id,
		Row: row(client.StateFailed, "document_expired", at("16:59:02")),
		Changes: []mirror.Change{
			told("16:04:10", client.StateWaiting, "", ""),
			told("16:21:33", client.StateProcessing, "", ""),
			told("16:21:52", client.StateFailed, "selfie_face_mismatch", "vr_RnK1"),
			told("16:36:00", client.StateProcessing, "", ""),
			told("16:36:09", client.StateFailed, "document_unverified_other", "vr_8sMt"),
			told("16:58:50", client.StateProcessing, "", ""),
			told("16:59:02", client.StateFailed, "document_expired", "vr_L572"),
		},
		Reports: []client.ReportFacts{
			report("vr_RnK1", "16:21:51", "id_card", "PL", check("document", ""), check("selfie", "selfie_face_mismatch")),
			report("vr_8sMt", "16:36:08", "passport", "PL", check("document", "document_unverified_other")),
			report("vr_L572", "16:59:01", "passport", "PL", check("document", "document_expired")),
		},
		Records: []ledger.Record{
			{Seq: 1203, Kind: ledger.KindIntent, Verb: ledger.Link, Session: id, Actor: ledger.Actor{User: "kim"}, Time: at("17:00:11").Time()},
			{Seq: 1204, Kind: ledger.KindOutcome, Verb: ledger.Link, Intent: 1203, Session: id, Result: ledger.Succeeded, Actor: ledger.Actor{User: "kim"}, Server: at("17:00:12").Time()},
			{Seq: 1210, Kind: ledger.KindNote, Verb: ledger.Copy, Session: id, Actor: ledger.Actor{User: "mara"}, Time: at("17:02:04").Time()},
		},
	}
}

func view(now string) View {
	return View{Now: at(now).Time(), Actor: ledger.Actor{User: "kim"}, Facts: mirror.Known{Kept: mirror.KeptAll}}
}

// lines writes a timeline as lines.
func lines(t Timeline) string {
	var b strings.Builder
	now, rest := t.Now()
	fmt.Fprintln(&b, strings.TrimSpace(now+" "+rest))
	for _, e := range t.Entries {
		when, after := "", ""
		if !e.At.IsZero() {
			when = e.At.Format("15:04:05")
		}
		if e.Rough {
			when = "~" + when
		}
		if e.Apart {
			after = Short(e.After)
		}
		from := e.Source
		if e.Report != "" {
			from += " " + e.Report
		}
		if e.Ledger != 0 {
			from = fmt.Sprint("ledger ", e.Ledger)
		}
		fmt.Fprintf(&b, "%s %s %s: %s %s (%s)\n", when, after, e.What(), e.Words, e.Code, from)
		for _, c := range e.Checks {
			fmt.Fprintf(&b, "    %s: %s, %s\n", c.Called(), c.Says(), c.Papers())
		}
	}
	fmt.Fprintln(&b, "still to come:", t.Next)
	for _, note := range t.Notes {
		fmt.Fprintln(&b, note)
	}
	return b.String()
}

func wants(t *testing.T, name, got, want string) {
	t.Helper()
	if got != strings.TrimPrefix(want, "\n") {
		t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

func TestThreeAttempts(t *testing.T) {
	line := Of(ann(), view("17:02:10"))
	wants(t, "all is known", lines(line), `
Has waited for the person for 3 minutes. Failed 3 times in 58 minutes; most of that time it waited for the person.
16:04:10  created: document with selfie  (event)
16:21:33 17m submitted: attempt 1  (event)
16:21:52 19s failed: selfie does not match selfie_face_mismatch (event vr_RnK1)
    document: verified, id card PL
    selfie: does not match, 
16:36:00 14m submitted: attempt 2  (event)
16:36:09 9s failed: document not verified document_unverified_other (event vr_8sMt)
    document: not verified, passport PL
    selfie: not checked, 
16:58:50 22m submitted: attempt 3  (event)
16:59:02 12s failed: document expired document_expired (event vr_L572)
    document: expired, passport PL
    selfie: not checked, 
17:00:12 1m you: copied a fresh link  (ledger 1203)
17:02:04 1m mara: copied its user_id  (ledger 1210)
still to come: the person opens the link and tries again; nothing is due
`)
	if waited, checked := line.Went(); waited != 57*time.Minute+20*time.Second || checked != 40*time.Second {
		t.Errorf("waited %v, checked %v", waited, checked)
	}
}

func TestWhatIsNotKnownIsSaid(t *testing.T) {
	readBack := row(client.StateFailed, "document_expired", client.Unix(start.Unix()))
	readBack.Rough, readBack.ReportID = true, "vr_L572"
	shown := mirror.History(nil).Of(readBack)
	off := view("17:02:10")
	off.Facts = mirror.Known{}
	wants(t, "known from a list alone", lines(Of(Known{ID: id, Row: readBack, Changes: shown, NoBook: "no ledger is open"}, off)), `
Waits for the person, and it is not known since when.
16:04:10  created: document with selfie  (session)
  gap: what came between is not known: it was read back, and no event tells  ()
~  failed: document expired document_expired (seen here vr_L572)
still to come: the person opens the link and tries again; nothing is due
Which checks ran is not known of 1 attempt: report facts are off.
What was done here is not known: no ledger is open.
`)
	wants(t, "a list and the reports", lines(Of(Known{ID: id, Row: readBack, Changes: shown, Reports: ann().Reports}, view("17:02:10"))), `
Has waited for the person for 3 minutes. Failed 3 times.
16:04:10  created: document with selfie  (session)
16:21:51 17m failed: selfie does not match selfie_face_mismatch (report vr_RnK1)
    document: verified, id card PL
    selfie: does not match, 
16:36:08 14m failed: document not verified document_unverified_other (report vr_8sMt)
    document: not verified, passport PL
    selfie: not checked, 
16:59:01 22m failed: document expired document_expired (seen here vr_L572)
    document: expired, passport PL
    selfie: not checked, 
still to come: the person opens the link and tries again; nothing is due
`)
	late := row(client.StateCanceled, "", at("23:00:00"))
	late.Rough = true
	seen := mirror.Change{ID: id, At: at("23:00:00"), Rough: true, State: client.StateCanceled}
	k := ann()
	k.Row, k.Changes, k.Records = late, append(k.Changes[:3:3], seen), nil
	k.Reports = k.Reports[:1]
	v := view("23:30:00")
	wants(t, "seen hours later", lines(Of(k, v)), `
Canceled at least 30 minutes ago.
16:04:10  created: document with selfie  (event)
16:21:33 17m submitted: attempt 1  (event)
16:21:52 19s failed: selfie does not match selfie_face_mismatch (event vr_RnK1)
    document: verified, id card PL
    selfie: does not match, 
  gap: nothing is known between 16:21 and 23:00  ()
~23:00:00 6h canceled: it can't be used any more  (seen here)
still to come: nothing: this is its end
`)
	v.Now = v.Now.Add(40 * 24 * time.Hour)
	if notes := Of(k, v).Notes; !slices.Contains(notes, "Stripe keeps events for 30 days: of what is older there is only what was seen here.") {
		t.Errorf("after 40 days: %q", notes)
	}
	gone := Of(Known{ID: id, Changes: k.Changes}, v)
	if now, _ := gone.Now(); now != "The mirror has no such session any more." || !strings.HasPrefix(gone.Next, "not known") || len(gone.Entries) == 0 {
		t.Errorf("a session that is gone: %s", lines(gone))
	}
}

func TestErasedSession(t *testing.T) {
	k := ann()
	k.Row = row(client.StateRedacting, "", at("18:00:02"))
	k.Row.UserID, k.Row.Redaction = "", client.RedactionProcessing
	k.Changes = append(mirror.History(k.Changes).Erase(), told("18:00:02", client.StateRedacting, "", ""))
	for i := range k.Reports {
		k.Reports[i] = storetest.ErasedFacts(k.Reports[i])
	}
	k.Records = []ledger.Record{
		{Seq: 7, Kind: ledger.KindIntent, Verb: ledger.Redact, Session: id, Reason: "ticket 4711", Actor: ledger.Actor{User: "kim"}, Time: at("18:00:00").Time()},
		{Seq: 8, Kind: ledger.KindOutcome, Intent: 7, Verb: ledger.Redact, Session: id, Result: ledger.Succeeded, Server: at("18:00:02").Time()},
	}
	line := Of(k, view("20:00:02"))
	wants(t, "being erased", lines(line), `
Stripe has been erasing it for 2 hours. Failed 3 times in 1 hour; most of that time it waited for the person.
16:04:10  created: document with selfie  (event)
16:21:33 17m submitted: attempt 1  (event)
16:21:52 19s failed: selfie does not match selfie_face_mismatch (event vr_RnK1)
    document: verified, 
    selfie: does not match, 
16:36:00 14m submitted: attempt 2  (event)
16:36:09 9s failed: document not verified document_unverified_other (event vr_8sMt)
    document: not verified, 
    selfie: not checked, 
16:58:50 22m submitted: attempt 3  (event)
16:59:02 12s failed: document expired document_expired (event vr_L572)
    document: expired, 
    selfie: not checked, 
18:00:02 1h you: redacted it  (ledger 7)
18:00:02 0s redacting: accepted by Stripe  (event)
still to come: erased by 26 Nov 18:00 UTC
Whose it was the mirror can't tell any more; the ledger can, for those who have its key.
`)
	if text := lines(line); strings.Contains(text, "ann_8392") || strings.Contains(text, "PL") {
		t.Error("it tells of the person")
	}
	overdue := view("20:00:02")
	overdue.Now = overdue.Now.Add(100 * time.Hour)
	if next := Of(k, overdue).Next; next != "erased: it was due 26 Nov 18:00 UTC" {
		t.Errorf("overdue: %q", next)
	}
}

// TestDeeds: what came of an act is said, also when nothing did.
func TestDeeds(t *testing.T) {
	intent := ledger.Record{Seq: 1, Kind: ledger.KindIntent, Session: id, Time: at("18:00:00").Time()}
	for _, c := range []struct {
		verb    ledger.Verb
		outcome *ledger.Record
		want    string
	}{
		{ledger.Cancel, &ledger.Record{Result: ledger.Succeeded}, "canceled it"},
		{ledger.Cancel, &ledger.Record{Result: ledger.Failed, Detail: "Stripe refused it"}, "could not cancel it: Stripe refused it"},
		{ledger.Redact, &ledger.Record{Result: ledger.Unknown}, "tried to redact it: no answer came"},
		{ledger.Redact, &ledger.Record{Result: ledger.NotStarted}, "wanted to redact it: never sent"},
		{ledger.Update, nil, "wants to change its metadata: no outcome yet"},
	} {
		intent.Verb = c.verb
		records := []ledger.Record{intent}
		if c.outcome != nil {
			o := *c.outcome
			o.Seq, o.Kind, o.Intent, o.Verb = 2, ledger.KindOutcome, 1, c.verb
			records = append(records, o)
		}
		line := Of(Known{ID: id, Records: records}, view("18:01:00"))
		if len(line.Entries) != 1 || line.Entries[0].Words != c.want || line.Entries[0].Ledger != 1 {
			t.Errorf("%s: %+v, want %q", c.verb, line.Entries, c.want)
		}
	}
	made := ledger.Record{Seq: 2, Kind: ledger.KindOutcome, Intent: 1, Verb: ledger.Create, Session: id, Result: ledger.Succeeded, Time: at("18:00:00").Time()}
	if line := Of(Known{ID: id, Records: []ledger.Record{made}}, view("18:01:00")); len(line.Entries) != 1 || line.Entries[0].Words != "created it" {
		t.Errorf("a session made here: %+v", line.Entries)
	}
}

// TestEntriesAreInOrder: whatever is known, entries are in the order of time, no report
// and no record is lost or told twice, and attempts are counted up.
func TestEntriesAreInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	whole := ann()
	for range 2000 {
		k := Known{ID: id, Row: whole.Row}
		for _, c := range whole.Changes {
			if r.IntN(3) > 0 {
				if r.IntN(4) == 0 {
					c.Report = ""
				}
				if r.IntN(4) == 0 {
					c.Rough, c.From, c.At = true, mirror.Listed, c.At+client.Unix(r.IntN(60))
				}
				k.Changes = append(k.Changes, c)
			}
		}
		for _, report := range whole.Reports {
			if r.IntN(3) > 0 {
				k.Reports = append(k.Reports, report)
			}
		}
		k.Records = whole.Records[:r.IntN(4)]
		line := Of(k, view("17:02:10"))
		var last time.Time
		attempt, reports := 0, map[string]int{}
		for _, e := range line.Entries {
			if !e.At.IsZero() && e.At.Before(last) {
				t.Fatalf("not in order:\n%s", lines(line))
			}
			if !e.At.IsZero() {
				last = e.At
			}
			if e.Attempt != 0 && e.Attempt != attempt && e.Attempt != attempt+1 {
				t.Fatalf("attempts:\n%s", lines(line))
			}
			attempt = max(attempt, e.Attempt)
			if e.Checks != nil {
				reports[e.Report]++
			}
		}
		for _, report := range k.Reports {
			if reports[report.ID] != 1 {
				t.Fatalf("%s is told %d times:\n%s", report.ID, reports[report.ID], lines(line))
			}
		}
		if waited, checked := line.Went(); line.Spans != nil && waited+checked != at("17:02:10").Time().Sub(start) {
			t.Fatalf("waited %v, checked %v:\n%s", waited, checked, lines(line))
		}
	}
}

func TestCompare(t *testing.T) {
	verified := ann()
	verified.Row = row(client.StateVerified, "", at("16:42:00"))
	verified.Row.Created -= 40 * 86400
	shift := func(c []mirror.Change) (moved []mirror.Change) {
		for _, one := range c {
			one.At -= 40 * 86400
			moved = append(moved, one)
		}
		return moved
	}
	verified.Changes = shift([]mirror.Change{
		told("16:06:10", client.StateProcessing, "", ""), told("16:06:19", client.StateFailed, "selfie_face_mismatch", "vr_1"),
		told("16:09:00", client.StateProcessing, "", ""), told("16:09:19", client.StateFailed, "selfie_face_mismatch", "vr_2"),
		told("16:15:00", client.StateProcessing, "", ""), told("16:15:19", client.StateVerified, "", "vr_3"),
	})
	verified.Reports = []client.ReportFacts{
		report("vr_1", "16:06:18", "id_card", "PL", check("document", ""), check("selfie", "selfie_face_mismatch")),
		report("vr_2", "16:09:18", "id_card", "PL", check("document", ""), check("selfie", "selfie_face_mismatch")),
		report("vr_3", "16:15:18", "id_card", "PL", check("document", ""), check("selfie", "")),
	}
	verified.Records = nil
	v := view("17:02:10")
	compare := func(a, b Known) Comparison { return Compare(Of(a, v), Of(b, v)) }
	c := compare(ann(), verified)
	if c.First != "From the second attempt on it was another document: a passport, not an id card." {
		t.Errorf("first difference: %s", c.First)
	}
	var text strings.Builder
	for _, p := range c.Rows {
		sign := " "
		if p.Differs {
			sign = "≠"
		}
		fmt.Fprintf(&text, "%s %s | %s %s | %s %s\n", sign, p.Label, p.Sides[0].Text, p.Sides[0].Note, p.Sides[1].Text, p.Sides[1].Note)
	}
	wants(t, "the picture", text.String(), `
  type | document with selfie  | document with selfie 
  user_id | ann_8392  | ann_8392 
  created | 13 Oct 16:04 UTC  | 22 Nov 16:04 UTC 
≠ until submitted | 2m  | 17m 
  ATTEMPT 1 | failed after 9s | failed after 19s
  document | verified id card PL | verified id card PL
  selfie | does not match  | does not match 
  ATTEMPT 2 | failed 3m later | failed 14m later
≠ document | verified id card PL | not verified passport PL
≠ selfie | does not match  | not checked 
≠ ATTEMPT 3 | verified 6m later | failed 22m later
≠ document | verified id card PL | expired passport PL
≠ selfie | verified  | not checked 
  DONE HERE | nothing  | copied its user_id 6s ago, mara
`)
	for _, c := range []struct {
		name   string
		change func(k *Known)
		want   string
	}{
		{"itself", func(*Known) {}, "Nothing that is known of them differs."},
		{"another person", func(k *Known) { k.Row.UserID = "bob" }, "They are of two people."},
		{"another type", func(k *Known) { k.Row.Selfie = false }, "They ask for different checks: document with selfie, and document."},
		{"another end", func(k *Known) { k.Changes[6].State, k.Changes[6].Code = client.StateVerified, "" }, "At the third attempt the older failed: document expired, the newer was verified."},
		{"fewer attempts", func(k *Known) { k.Changes, k.Reports = k.Changes[:3], k.Reports[:1] }, "The older has 3 attempts, the newer 1 attempt."},
		{"slower", func(k *Known) { k.Changes[1].At -= 60 }, "Until it was submitted: 17m and 16m."},
		{"erased", func(k *Known) { k.Row.UserID, k.Row.State = "", client.StateRedacted }, "The older is failed, the newer redacted."},
	} {
		k := ann()
		k.Changes = slices.Clone(k.Changes)
		c.change(&k)
		if got := compare(ann(), k).First; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
