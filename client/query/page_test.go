package query_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/query"
	"idtop/client/query/querytest"
)

var update = flag.Bool("update", false, "write the tables of QUERY.md")

// now is when the page is read.
var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// example is a session that the page asks for.
type example struct {
	user, ref     string
	status        client.Status
	code          string
	created       time.Duration // ago
	since         time.Duration // ago
	kind, flow    string
	redacted      bool
	doc, country  string // of its report; "": there is none
	failing       string // check
	withoutReport bool   // nothing is known of its reports
}

const day = 24 * time.Hour

var examples = []example{
	{user: "ann_8392", status: "requires_input", code: "selfie_manipulated", created: time.Hour, since: 10 * time.Minute, doc: "id_card", country: "PL", failing: "selfie"},
	{user: "ann_8392", status: "requires_input", code: "document_expired", created: 5 * time.Hour, since: 4 * time.Hour, doc: "passport", country: "NL", failing: "document"},
	{user: "bob@mail.example", status: "requires_input", created: 2 * day, since: 2 * day},
	{user: "joann_smith", status: "verified", created: 5 * day, since: 5 * day, doc: "id_card", country: "DE"},
	{user: "smith (old)", status: "processing", created: 40 * time.Minute, since: 20 * time.Minute, withoutReport: true},
	{user: "auth0|5:a", status: "canceled", created: 40 * day, since: 39 * day, withoutReport: true},
	{user: "-x9", status: "requires_input", code: "consent_declined", created: 26 * time.Hour, since: 25 * time.Hour},
	{status: "canceled", created: 60 * day, since: 50 * day, redacted: true, withoutReport: true},
	{user: "cus_9s6XKz", ref: "order-1234", status: "requires_input", code: "document_unverified_other", created: 30 * time.Minute, since: 25 * time.Minute, doc: "id_card", country: "PL", failing: "document"},
	{user: "ann_1", status: "verified", kind: "id_number", flow: "vf_1", created: 8 * day, since: 8 * day, withoutReport: true},
}

// asked are the queries of the page and what they mean.
var asked = []struct{ line, words string }{
	{"ann", "a word: its letters in order, anywhere in the user_id"},
	{"ann 83", "both words"},
	{"ann state:failed", "the word, and failed"},
	{"state:failed,processing", "one of a list"},
	{"state:failed -reason:selfie_*", "not for a reason that begins with `selfie_`"},
	{`reason:"document expired"`, "the words of a reason do as well"},
	{"bob OR smith", "one of them"},
	{"(bob OR smith) -state:waiting", "parentheses keep an OR together"},
	{"NOT ann -redacted:yes", "`NOT` before a word, `-` before a term"},
	{"age:>2d", "created more than two days ago"},
	{"age:1h..6h", "created one to six hours ago"},
	{"state:failed since:<30m", "failed in the last half hour"},
	{"since:today", "came into their states today"},
	{"created:2026-11-20", "created on that day"},
	{"created:..2026-10", "created in October 2026 or earlier"},
	{"created:>=2026-11-28T11", "created at eleven or later"},
	{"tries:>=2", "of a person with two sessions or more"},
	{"doc:id_card country:PL", "Polish id cards"},
	{"check:selfie", "the selfie check failed last"},
	{"-country:*", "without a document; those whose reports are not known are counted, not listed"},
	{"attempts:1", "submitted once"},
	{"type:id_number flow:vf_*", "by type and flow"},
	{"user:ann_8392", "exactly this user_id"},
	{"user:ann_*", "a user_id that begins so"},
	{`user:""`, "without a user_id"},
	{"ref:order-*", "by the client_reference_id"},
	{"redacted:yes", "redacted or being redacted"},
	{"stuck:yes", "in processing for too long"},
	{"auth0|5:a", "a name that is not known: a word"},
	{"-x9", "a minus before a word: a part of it"},
	{"smith (old)", "parentheses round words only: a part of them"},
	{`"smith (old)"`, "one word, in quotes"},
	{`-"smith (old)" since:today`, "not this word"},
}

// cast puts the examples into a store.
func cast(t *testing.T) mirror.Store {
	store := storetest.NewMemory()
	batch := mirror.Batch{}
	for i, e := range examples {
		s := client.Session{
			ID: fmt.Sprintf("vs_%02d", i+1), Status: e.status, Created: client.Unix(now.Add(-e.created).Unix()), Type: "document", VerificationFlow: e.flow, ClientReferenceID: e.ref,
		}
		if e.kind != "" {
			s.Type = e.kind
		}
		if e.user != "" {
			s.Metadata = map[string]string{"user_id": e.user}
		}
		if e.code != "" {
			s.LastError = &client.CheckError{Code: e.code}
		}
		if e.redacted {
			s.Redaction = &client.Redaction{Status: client.RedactionRedacted}
		}
		at := now.Add(-e.since)
		batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: at}, Session: s})
		batch.Began = append(batch.Began, mirror.Beginning{ID: s.ID, State: s.State(), At: client.Unix(at.Unix())})
		if e.doc != "" {
			checks := []client.CheckFacts{{Kind: "document", Status: "verified"}}
			if e.failing != "" {
				checks = []client.CheckFacts{{Kind: e.failing, Status: "unverified", Code: e.code}}
			}
			batch.Reports = append(batch.Reports, client.ReportFacts{ID: "vr_" + s.ID, Session: s.ID, Created: client.Unix(at.Unix()), Type: s.Type, Checks: checks, DocType: e.doc, Country: e.country})
		}
	}
	epoch, ok, err := store.Lead(t.Context())
	if err == nil && ok {
		err = store.Commit(t.Context(), epoch, batch)
	}
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return store
}

// found returns the numbers of the sessions that a line finds, and how many may match beside them.
func found(t *testing.T, store mirror.Store, line string) (numbers []int, unknown int) {
	q := query.Parse(line)
	if len(q.Problems()) > 0 {
		t.Errorf("%q: %v", line, q.Problems())
	}
	page, err := store.Find(t.Context(), mirror.Request{Query: q, Now: now, Rows: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Rows {
		number := 0
		fmt.Sscanf(row.ID, "vs_%d", &number)
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return numbers, page.Unknown
}

// TestQueryPage: QUERY.md has the names, the examples and what these find, as they are.
// `go test ./client/query -run Page -update` writes them.
func TestQueryPage(t *testing.T) {
	store := cast(t)
	var names, sessions, lines strings.Builder
	names.WriteString("| name | what it is | values | for example | finds |\n| --- | --- | --- | --- | --- |\n")
	for _, n := range query.Names() {
		help := n.Help
		if n.Reports {
			help += " ¹"
		}
		if n.Person {
			help += " ²"
		}
		values := kinds[n.Kind]
		if n.Kind == query.Choice {
			values = strings.Join(n.Values, ", ")
		}
		fmt.Fprintf(&names, "| `%s:` | %s | %s | `%s` | %s |\n", n.Name, help, values, n.Example, n.Finds)
		if q := query.Parse(n.Example); len(q.Problems()) > 0 || len(q.Words()) > 0 || q.String() != n.Example || q.Names() != n.Person || q.AsksReports() != n.Reports {
			t.Errorf("the example %q: %v", n.Example, q.Problems())
		}
	}
	sessions.WriteString("| | user_id | state | reason | created | in its state for | document |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for i, e := range examples {
		state := client.StateOf(e.status, e.code, map[bool]client.RedactionStatus{true: client.RedactionRedacted}[e.redacted])
		document := strings.TrimSpace(e.doc + " " + e.country)
		if e.withoutReport {
			document = "not known"
		}
		user := map[bool]string{true: "`" + e.user + "`"}[e.user != ""]
		fmt.Fprintf(&sessions, "| %d | %s | %s | %s | %s | %s | %s |\n", i+1, strings.ReplaceAll(user, "|", `\|`), state, e.code, now.Add(-e.created).Format("2 Jan 15:04"), ago(e.since), document)
	}
	lines.WriteString("| query | finds | because |\n| --- | --- | --- |\n")
	for _, a := range asked {
		numbers, unknown := found(t, store, a.line)
		if len(numbers) == 0 || len(numbers) == len(examples) {
			t.Errorf("%q finds %v: that shows nothing", a.line, numbers)
		}
		text := strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
		if unknown > 0 {
			text += fmt.Sprintf("; %d more may match", unknown)
		}
		fmt.Fprintf(&lines, "| `%s` | %s | %s |\n", strings.ReplaceAll(a.line, "|", `\|`), text, a.words)
		judge(t, a.line, numbers)
	}
	hasTable(t, "names", names.String())
	hasTable(t, "sessions", sessions.String())
	hasTable(t, "examples", lines.String())
}

var kinds = map[query.Kind]string{
	query.Code: "a code", query.Text: "a text, letter by letter", query.Number: "a number", query.Span: "how long ago",
	query.Moment: "when", query.When: "how long ago, or when", query.YesNo: "`yes` or `no`",
}

func ago(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d >= unit.length {
			return fmt.Sprintf("%d%s", d/unit.length, unit.name)
		}
	}
	return ""
}

// judge compares what was found with what the naive evaluator says.
func judge(t *testing.T, line string, numbers []int) {
	for i, e := range examples {
		state := client.StateOf(e.status, e.code, map[bool]client.RedactionStatus{true: client.RedactionRedacted}[e.redacted])
		s := querytest.Session{
			State: state.String(), Status: string(e.status), Reason: e.code, Label: client.ReasonOf(e.code).Label, Type: "document", Flow: e.flow, User: e.user, Ref: e.ref, ID: fmt.Sprintf("vs_%02d", i+1),
			Created: now.Add(-e.created), Since: now.Add(-e.since), Unreported: e.withoutReport, Doc: e.doc, Country: e.country,
		}
		if e.kind != "" {
			s.Type = e.kind
		}
		if e.failing != "" {
			s.Checks = []string{e.failing}
		}
		if e.doc != "" {
			s.Attempts = 1
		}
		for _, other := range examples {
			if e.user != "" && other.user == e.user {
				s.Tries++
			}
		}
		has := func(word string) bool { _, _, ok := querytest.Rate(word, e.user); return ok }
		meets := querytest.Meets(query.Parse(line).String(), s, now, has) == querytest.Yes
		if meets != slices.Contains(numbers, i+1) {
			t.Errorf("%q finds session %d: %v", line, i+1, !meets)
		}
	}
}

// hasTable checks a table of the page between two comments that name it.
func hasTable(t *testing.T, name, want string) {
	t.Helper()
	const path = "../../.github/QUERY.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": made by client/query/page_test.go -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("the page has no place for a table between %q and %q", begin, end)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of %s is stale; `go test ./client/query -run Page -update` writes it anew", name)
	}
}
