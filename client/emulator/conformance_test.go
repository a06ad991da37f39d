package emulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// checked is a client that checks each answer against Stripe's specification.
type checked struct {
	client
	spec  *spec
	count map[string]int // answers by operation
}

func newChecked(t *testing.T, c client) checked {
	t.Helper()
	s, err := stripeSpec()
	if err != nil {
		t.Fatal("reading Stripe's specification:", err)
	}
	return checked{c, s, map[string]int{}}
}

func (c checked) get(t *testing.T, path string) reply {
	t.Helper()
	return c.hold(t, "GET", path, c.client.get(t, path))
}

func (c checked) post(t *testing.T, path string, params ...string) reply {
	t.Helper()
	return c.hold(t, "POST", path, c.client.post(t, path, params...))
}

func (c checked) do(t *testing.T, method, path string) reply {
	t.Helper()
	return c.hold(t, method, path, c.client.do(t, method, path, ""))
}

func (c checked) hold(t *testing.T, method, path string, r reply) reply {
	t.Helper()
	if strings.HasPrefix(path, apiPrefix) {
		c.spec.check(t, method, path, r)
		if e, _, err := findEndpoint(method, strings.Split(path, "?")[0]); err == nil && r.status == 200 {
			c.count[e.method+" "+e.path]++
		}
	}
	return r
}

// everySession makes sessions with every option and lets each end in every way.
func (c checked) everySession(t *testing.T) {
	for _, params := range [][]string{
		{"type", "document"},
		{"type", "id_number", "client_reference_id", "ref_1", "related_customer", "cus_1"},
		{"type", "document", "options[document][allowed_types][]", "passport", "options[document][require_id_number]", "true",
			"options[document][require_live_capture]", "false", "options[document][require_matching_selfie]", "true"},
		{"type", "document", "options[document]", "", "metadata[user_id]", "ann_1", "related_customer_account", "acct_1"},
		{"verification_flow", "vf_1", "provided_details[email]", "a@b.c", "provided_details[phone]", "+15550100",
			"related_person[account]", "acct_1", "related_person[person]", "person_1", "return_url", "https://a.example/back"},
	} {
		for _, f := range append(failures, failure{name: "verified"}, failure{name: "canceled"}, failure{name: "redacted"}, failure{name: "processing"}) {
			id := c.post(t, sessionsPath, params...).ok(t).id()
			if _, fails := codeNamed(f.name); fails && !slices.Contains(c.possible(id), f.name) {
				continue
			}
			path, submit := sessionsPath+"/"+id, "/_emulator/sessions/"+id+"/submit"
			switch f.name {
			case "":
			case "verified", "processing":
				c.post(t, submit, "outcome", f.name).ok(t)
			case "canceled":
				c.post(t, path+"/cancel").ok(t)
			case "redacted":
				c.post(t, submit, "outcome", "requires_input").ok(t)
				c.post(t, submit, "outcome", "verified").ok(t)
				c.post(t, path+"/redact", "expand[]", "verified_outputs").ok(t)
			default:
				c.post(t, submit, "outcome", "requires_input", "code", f.name).ok(t)
				c.post(t, path, "metadata[seen]", "yes", "expand[]", "last_verification_report").ok(t)
			}
		}
	}
}

// everyChoice makes sessions whose results are chosen: each named person, several checks
// that fail at once, texts that the document does not tell.
func (c checked) everyChoice(t *testing.T) {
	for _, params := range [][]string{wholeCheck, {"type", "id_number"}, {"verification_flow", "vf_1"}} {
		for _, p := range namedPeople {
			id := c.post(t, sessionsPath, params...).ok(t).id()
			c.submit(t, id, "outcome", "verified", "person", p.name)
		}
	}
	id := c.post(t, sessionsPath, wholeCheck...).ok(t).id()
	c.submit(t, id, "outcome", "requires_input", "attempts[]", "abandoned", "attempts[]", "document_expired,id_number_mismatch", "code", "selfie_manipulated,document_unverified_other",
		"first_name", "", "dob", "", "expiration", "", "id_number", "", "address[line1]", "")
	c.submit(t, id, "outcome", "verified", "address[country]", "IE", "document_type", "passport", "issuing_country", "IE")
	c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
}

// Everything that the server holds after every kind of life is as Stripe's
// specification says: read in lists and one by one, plain and expanded.
func TestAnswersConformToStripesSpecification(t *testing.T) {
	t.Parallel()
	c := newChecked(t, newClient(t, Config{Sessions: 150, Seed: 6, Choices: Choices{RedactedEvents: true, LastErrorKept: true}}))
	c.everySession(t)
	c.everyChoice(t)
	waiting := c.session(t, "verified")
	c.client.post(t, "/_emulator/sessions/"+waiting+"/override", "status", "requires_input").ok(t)
	c.client.post(t, "/_emulator/sessions/"+c.session(t, "verified")+"/override", "redaction", "validated").ok(t)
	file := c.aFile(t, waiting)
	link := c.post(t, linksPath, "file", file, "expires_at", fmt.Sprint(started.Add(20*time.Second).Unix()), "metadata[a]", "b", "expand[]", "file").ok(t).id()
	c.post(t, linksPath+"/"+link, "expires_at", "now").ok(t)
	for _, path := range []string{linksPath + "?expand[]=data.file", linksPath + "/" + link, filesPath + "/" + file + "?expand[]=links"} {
		c.get(t, path).ok(t)
	}
	phone := checked{c.with("Stripe-Version", APIVersion), c.spec, c.count}
	ephemeral := phone.post(t, ephemeralPath, "verification_session", waiting).ok(t).id()
	phone.do(t, "DELETE", ephemeralPath+"/"+ephemeral).ok(t)
	made := c.post(t, webhooksPath, "url", hookURL, "enabled_events[]", "*", "api_version", APIVersion, "metadata[a]", "b").ok(t).id()
	c.post(t, webhooksPath, "url", hookURL, "enabled_events[]", "customer.created", "description", "of another product").ok(t)
	c.post(t, webhooksPath+"/"+made, "disabled", "true").ok(t)
	c.get(t, webhooksPath+"/"+made).ok(t)
	c.get(t, webhooksPath).ok(t)
	c.do(t, "DELETE", webhooksPath+"/"+made).ok(t)
	c.crawl(t)
	c.client.post(t, "/_emulator/clock", "advance", "10m").ok(t) // the redactions end
	c.crawl(t)
	for _, e := range endpoints {
		if operation := e.method + " " + e.path; c.count[operation] == 0 && e.path != "/v1/account" && !e.unpublished {
			t.Errorf("no answer of %s was seen: the test tests nothing", operation)
		}
	}
}

// crawl reads everything.
func (c checked) crawl(t *testing.T) {
	for path, expand := range map[string]string{sessionsPath: everyExpand, reportsPath: everyReportExpand, eventsPath: ""} {
		after := ""
		for {
			page := c.get(t, path+"?limit=100"+after).ok(t)
			c.get(t, path+"?limit=100&"+onList(expand)+after).ok(t)
			for n, one := range page.data() {
				id := text(one["id"])
				after = "&starting_after=" + id
				if n%7 == 0 { // retrieved and listed objects are written by the same code
					c.get(t, path+"/"+id+"?"+expand).ok(t)
				}
			}
			if page.object["has_more"] == false {
				break
			}
		}
	}
}

// Refusals are errors as Stripe specifies them.
func TestRefusalsConformToStripesSpecification(t *testing.T) {
	t.Parallel()
	c := newChecked(t, newClient(t, Config{}))
	id := c.session(t, "verified")
	for _, test := range refusals {
		method, path, params := test.parts(id)
		if r := c.client.do(t, method, path, params); r.status >= 400 {
			c.hold(t, method, path, r)
		}
	}
	for _, mode := range []string{"401", "403", "409", "429", "429_lock", "500", "502", "503"} {
		c.client.post(t, "/_emulator/fault", "mode", mode, "count", "1").ok(t)
		c.get(t, sessionsPath)
	}
	c.key = "rk_test_none"
	c.get(t, sessionsPath)
	c.key = ""
	c.get(t, sessionsPath)
}

// The specification, made strict, refuses what it should.
func TestSpecificationIsStrict(t *testing.T) {
	t.Parallel()
	c := newChecked(t, newClient(t, Config{}))
	path := sessionsPath + "/" + c.session(t, "verified")
	for _, spoil := range []func(s object){
		func(s object) { s["extra"] = nil },
		func(s object) { delete(s, "related_customer") },
		func(s object) { s["status"] = "requires_action" },
		func(s object) { s["created"] = "now" },
		func(s object) { s["redaction"] = object{} },
		func(s object) { delete(s["verified_outputs"].(object), "phone") },
		func(s object) { s["last_verification_report"].(object)["document"].(object)["extra"] = 1.0 },
	} {
		s := c.get(t, path+"?"+everyExpand).ok(t).object
		spoil(s)
		if err := conforms(c.spec.objects["identity.verification_session"], s); err == nil {
			t.Error("accepted:", s)
		}
	}
}

// Every version that Stripe's specification names is a possible one.
func TestPublishedVersionsArePossible(t *testing.T) {
	t.Parallel()
	c := newChecked(t, newClient(t, Config{}))
	if len(c.spec.versions) < 100 {
		t.Fatal("the specification names", len(c.spec.versions), "versions: the test tests nothing")
	}
	for _, version := range c.spec.versions {
		if !possibleVersion(version, started) || !possibleVersion(version, time.Unix(0, 0)) { // a clock may be set back
			t.Error(version, "is refused")
		}
	}
}

// The parameters that endpoints take are those of Stripe's specification.
func TestParametersAreThoseOfStripesSpecification(t *testing.T) {
	t.Parallel()
	c := newChecked(t, newClient(t, Config{}))
	for _, e := range endpoints {
		if e.path == "/v1/account" || e.unpublished {
			continue
		}
		ours := fieldNames("", e.fields)
		if !e.bare {
			ours = append(ours, "expand")
		}
		theirs := c.spec.params[e.method+" "+e.path]
		slices.Sort(ours)
		slices.Sort(theirs)
		if !slices.Equal(ours, theirs) {
			t.Errorf("%s %s:\n  ours %v\ntheirs %v", e.method, e.path, ours, theirs)
		}
	}
}

func fieldNames(under string, fields []field) (names []string) {
	for _, f := range fields {
		name := f.name
		if under != "" {
			name = under + "[" + name + "]"
		}
		inner := f.fields
		if f.form == formRange {
			inner = rangeFields
		}
		names = append(append(names, name), fieldNames(name, inner)...)
	}
	return names
}
