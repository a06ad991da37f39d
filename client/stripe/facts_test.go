package stripe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/stripe"
)

// personal is a report with a canary in every place that Stripe has for personal data, and in
// places where it has none.
const personal = `{"id":"vr_1NuNAILkdIwHu7ixh7OtGMLw","object":"identity.verification_report","client_reference_id":"Canary-reference",
"created":1695680526,"livemode":false,"Canary-key":["Canary",{"Canary":"Canary"}],
"document":{"address":{"city":"Canary City","country":"XX","line1":"1 Canary Road","line2":null,"postal_code":"Canary 1","state":"Canaria"},
"dob":{"day":1,"month":1,"year":1901},"error":{"code":"document_expired","reason":"Canary \"said\" so \u00e9"},"expiration_date":{"day":1,"month":12,"year":2025},
"files":["file_CanaryFront"],"first_name":"Canary","issued_date":{"day":1,"month":1,"year":2020},"issuing_country":"PL","last_name":"Canary-Rosen",
"number":"CANARY0123","status":"unverified","type":"id_card","sex":"Canary","unparsed_place_of_birth":"Canary \\ Island"},
"selfie":{"document":"file_CanaryDocument","error":null,"selfie":"file_CanarySelfie","status":"verified"},
"email":{"email":"canary@rosen.test","error":{"code":null,"reason":"Canary"},"status":"unverified"},"phone":null,
"id_number":{"dob":{"year":1901},"error":null,"first_name":"Canary","id_number":"CANARY-999","id_number_type":"us_ssn","last_name":"Canary","status":"verified"},
"options":{"document":{"require_matching_selfie":true}},"type":"verification_flow","verification_flow":"vf_1abc","verification_session":"vs_1NuNAILkdIwHu7ixh7OtGMLw"}`

var factsOfPersonal = client.ReportFacts{
	ID: "vr_1NuNAILkdIwHu7ixh7OtGMLw", Session: "vs_1NuNAILkdIwHu7ixh7OtGMLw", Created: 1695680526, Type: "verification_flow", Flow: "vf_1abc",
	DocType: "id_card", Country: "PL", Checks: []client.CheckFacts{
		{Kind: "document", Status: "unverified", Code: "document_expired"}, {Kind: "selfie", Status: "verified"},
		{Kind: "id_number", Status: "verified"}, {Kind: "email", Status: "unverified", Code: client.NoCode},
	},
}

func listFacts(api *stripe.Client) (client.Page[client.ReportFacts], error) {
	return api.ListReportFacts(context.Background(), client.ReportListParams{Cursor: client.Cursor{Limit: 100}})
}

// singing finds a canary in a text, however it is written.
func singing(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "canar") || strings.Contains(lower, fmt.Sprintf("%x", "anary")) || strings.Contains(lower, "rosen")
}

// TestFactsAreTakenByTheAllowList: of a report nothing comes through but its facts.
func TestFactsAreTakenByTheAllowList(t *testing.T) {
	page, err := listFacts(over(t, answers(list(true, personal, strings.ReplaceAll(personal, "vr_1", "vr_2")))))
	if err != nil || !page.HasMore || len(page.Data) != 2 || !reflect.DeepEqual(page.Data[0], factsOfPersonal) {
		t.Fatalf("%+v %v", page, err)
	}
	if singing(everyWay(page)) {
		t.Errorf("a canary came through: %+v", page)
	}
}

// TestFactsHoldNoOtherWords: should personal data ever stand where a fact is expected, it is
// none.
func TestFactsHoldNoOtherWords(t *testing.T) {
	for _, kept := range []string{
		`"document_expired"`, `"unverified"`, `"id_card"`, `"PL"`, `"verification_flow"`, `"vf_1abc"`, `"vs_1NuNAILkdIwHu7ixh7OtGMLw"`, `"vr_1NuNAILkdIwHu7ixh7OtGMLw"`,
		`"verified"`, `1695680526`, `false`,
	} {
		for _, other := range []string{`"Canary Rosen"`, `"Canary"`, `"canary rosen"`, `"canary@rosen.test"`, `{"canary":"Canary"}`, `["Canary"]`, `null`, `12.5`, `true`, `"\u0043anary"`, `"` + strings.Repeat("canary ", 90) + `"`} {
			report := strings.Replace(personal, kept, other, 1)
			page, err := listFacts(over(t, answers(list(false, report))))
			if singing(everyWay(page)) || err != nil && singing(everyWay(err)) {
				t.Errorf("%s in the place of %s: %+v, %v", other, kept, page, err)
			}
		}
	}
}

// TestFaultyFactsAreErrorsWithoutValues cuts an answer at every byte, and spoils it.
func TestFaultyFactsAreErrorsWithoutValues(t *testing.T) {
	whole := list(false, personal)
	check := func(what, body string) {
		t.Helper()
		page, err := listFacts(over(t, answers(body), once))
		if len(page.Data) > 0 && err != nil || singing(everyWay(page)) || err != nil && singing(everyWay(err)) {
			t.Errorf("%s: %+v, %v", what, page, err)
		}
		if err != nil && client.KindOf(err) == client.KindUnknown {
			t.Errorf("%s: an error of no kind: %#v", what, err)
		}
	}
	for end := range whole {
		if page, err := listFacts(over(t, answers(whole[:end]), once)); err == nil {
			t.Fatalf("cut at %d it is read: %+v", end, page)
		} else if singing(everyWay(err)) {
			t.Fatalf("cut at %d: %v", end, err)
		}
	}
	for what, body := range map[string]string{
		"the other mode": list(false, strings.Replace(personal, `"livemode":false`, `"livemode":true`, 1)),
		"another object": list(false, strings.Replace(personal, "verification_report", "verification_canary", 1)),
		"no list":        personal, "an array": "[" + personal + "]", "a text": `"Canary"`, "words": "Canary Rosen was here", "twice": whole + whole,
		"no commas": strings.ReplaceAll(whole, ",", " "), "no colons": strings.ReplaceAll(whole, ":", " "), "brackets": strings.ReplaceAll(whole, "]", "}"),
		"deep": list(false, strings.Replace(personal, `"Canary-key":`, `"Canary-key":`+strings.Repeat("[", 100_000), 1)),
		"long": list(false, strings.Replace(personal, "Canary City", strings.Repeat("Canary", 2<<20), 1)),
	} {
		check(what, body)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		body := []byte(whole)
		for range 1 + random.IntN(3) {
			body[random.IntN(len(body))] = `{}[]",:\x 1`[random.IntN(11)]
		}
		check("spoiled", string(body))
	}
}

// TestFactsAreThoseOfTheReports: both ways to read the emulator's reports agree.
func TestFactsAreThoseOfTheReports(t *testing.T) {
	server := emulator.Transport(emulator.New(emulator.Config{Seed: 3, Sessions: 400}))
	slow := roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := server.RoundTrip(r)
		if err == nil {
			resp.Body = io.NopCloser(iotest.OneByteReader(resp.Body))
		}
		return resp, err
	})
	api := over(t, slow)
	seen, after := 0, ""
	for more := true; more; {
		params := client.ReportListParams{Cursor: client.Cursor{Limit: 100, After: after}, Created: client.Range{From: 1}}
		facts, err := api.ListReportFacts(t.Context(), params)
		if err != nil {
			t.Fatal(err)
		}
		reports, err := api.ListReports(t.Context(), params)
		if err != nil || len(reports.Data) != len(facts.Data) || reports.HasMore != facts.HasMore || facts.Date.IsZero() {
			t.Fatalf("%d and %d, %v", len(reports.Data), len(facts.Data), err)
		}
		for i, r := range reports.Data {
			want := client.ReportFacts{ID: r.ID, Session: r.VerificationSession, Created: r.Created, Type: r.Type, Flow: facts.Data[i].Flow}
			for _, check := range r.Checks() {
				fact := client.CheckFacts{Kind: check.Name, Status: check.Status}
				if check.Error != nil {
					fact.Code = check.Error.Code
				}
				want.Checks = append(want.Checks, fact)
			}
			if r.Document != nil {
				want.DocType, want.Country = r.Document.Type, r.Document.IssuingCountry
			}
			if !reflect.DeepEqual(facts.Data[i], want) {
				t.Fatalf("got  %+v\nwant %+v", facts.Data[i], want)
			}
			after = r.ID
		}
		seen, more = seen+len(facts.Data), facts.HasMore
	}
	if seen < 200 {
		t.Errorf("only %d reports", seen)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// masked reads bytes that are kept in another form, so that their text is nowhere but where
// the reader puts it.
type masked struct{ rest []byte }

const mask = 0x5a

func (m *masked) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, m.rest)
	for i := range n {
		p[i] ^= mask
	}
	m.rest = m.rest[n:]
	return n, nil
}

func (*masked) Close() error { return nil }

// maskedList is a page of personal reports in its masked form.
func maskedList(more string) (body []byte) {
	for _, part := range []string{`{"object":"list","url":"/v1/x","has_more":false,"data":[`, personal, more, "]}"} {
		for i := range len(part) {
			body = append(body, part[i]^mask)
		}
	}
	return body
}

// aloneVariable tells the test below that it is in a process of its own.
const aloneVariable = "IDTOP_TEST_ALONE"

// TestNoCanaryStaysInMemory looks at every byte of the heap after a page was read, and after one
// that could not be.
func TestNoCanaryStaysInMemory(t *testing.T) {
	if os.Getenv(aloneVariable) == "" { // the other tests leave canaries of their own in memory
		alone := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		alone.Env = append(os.Environ(), aloneVariable+"=1")
		if said, err := alone.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, said)
		}
		return
	}
	canaries := [][]byte{[]byte("Canary Road"), []byte("canary@rosen"), []byte("CANARY0123")}
	for _, canary := range canaries {
		for i := range canary {
			canary[i] ^= mask
		}
	}
	for name, more := range map[string]string{"read": "", "spoiled": ",{]"} {
		body := maskedList(more)
		api := over(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"Request-Id": {"req_1"}}, Body: &masked{body}, Request: r}, nil
		}), once)
		page, err := listFacts(api)
		if (err == nil) != (more == "") {
			t.Fatal(err)
		}
		runtime.GC()
		runtime.GC()
		dump, failed := os.Create(filepath.Join(t.TempDir(), "heap"))
		if failed != nil {
			t.Fatal(failed)
		}
		debug.WriteHeapDump(dump.Fd())
		heap, failed := os.ReadFile(dump.Name())
		if failed = errors.Join(failed, dump.Close()); failed != nil {
			t.Fatal(failed)
		}
		if more == "" && !bytes.Contains(heap, []byte("vf_1"+"abc")) {
			t.Error("the dump does not show the facts that are kept")
		}
		for i := range heap {
			heap[i] ^= mask
		}
		for _, canary := range canaries {
			if bytes.Contains(heap, canary) {
				t.Errorf("%s: a canary is still in memory", name)
			}
		}
		runtime.KeepAlive(page)
		runtime.KeepAlive(err)
	}
}
