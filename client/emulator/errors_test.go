package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// refusal is a way of asking wrongly, with the error that it gets.
type refusal struct {
	request             string // METHOD PATH PARAMETERS
	status              int
	code, param, answer string
}

// long is longer than any text may be.
var long = strings.Repeat("x", 5001)

// manyKeys is metadata with one key too many.
func manyKeys() (params string) {
	for i := range 51 {
		params += fmt.Sprintf("&metadata[k%d]=v", i)
	}
	return params
}

// unset is the refusal of an empty value.
func unset(name string) string {
	return strings.ReplaceAll("You passed an empty string for 'N'. We assume empty values are an attempt to unset a field; "+
		"however 'N' cannot be unset. You should remove 'N' from your request or supply a non-empty value.", "N", name)
}

const bothCursors = "Received both starting_after and ending_before parameters. Please pass in only one."

const exclusive = "Received both type and %s parameters. Please pass in only one."

// refusals is the table of them. S, R and ID stand for the paths of sessions and
// reports and for the id of a session that waits.
var refusals = []refusal{
	{"GET S/vs_x", 404, "resource_missing", "session", "No such verificationsession: 'vs_x'"},
	{"POST S/vs_x", 404, "resource_missing", "session", "No such verificationsession: 'vs_x'"},
	{"POST S/vs_x/cancel", 404, "resource_missing", "session", "No such verificationsession: 'vs_x'"},
	{"POST S/vs_x/redact", 404, "resource_missing", "session", "No such verificationsession: 'vs_x'"},
	{"GET R/vr_x", 404, "resource_missing", "report", "No such verificationreport: 'vr_x'"},
	{"GET /v1/events/evt_x", 404, "resource_missing", "id", "No such event: 'evt_x'"},
	{"GET S starting_after=vs_x", 404, "resource_missing", "starting_after", "No such verificationsession: 'vs_x'"},
	{"GET S ending_before=vs_x", 404, "resource_missing", "ending_before", "No such verificationsession: 'vs_x'"},
	{"GET R starting_after=vr_x", 404, "resource_missing", "starting_after", "No such verificationreport: 'vr_x'"},
	{"GET S starting_after=ID&ending_before=ID", 400, "", "", bothCursors},
	{"GET S starting_after=vs_x&ending_before=vs_y", 400, "", "", bothCursors},
	{"GET S starting_after=ID&ending_before=vs_y", 400, "", "", bothCursors},
	{"GET R starting_after=vr_x&ending_before=vr_y", 400, "", "", bothCursors},
	{"GET /v1/events starting_after=evt_x&ending_before=evt_y", 400, "", "", bothCursors},
	{"GET /v1/file_links starting_after=link_x&ending_before=link_y", 400, "", "", bothCursors},

	{"GET S metadata[user_id]=x", 400, "parameter_unknown", "metadata", "Received unknown parameter: metadata"},
	{"GET S foo=1", 400, "parameter_unknown", "foo", "Received unknown parameter: foo"},
	{"GET S/ID limit=1", 400, "parameter_unknown", "limit", "Received unknown parameter: limit"},
	{"POST S type=document&options[foo]=1", 400, "parameter_unknown", "options[foo]", "Received unknown parameter: options[foo]"},
	{"POST S type=document&options[document][x]=1", 400, "parameter_unknown", "options[document][x]", "Received unknown parameter: options[document][x]"},
	{"POST S/ID client_reference_id=x", 400, "parameter_unknown", "client_reference_id", "Received unknown parameter: client_reference_id"},
	{"GET S created[eq]=1", 400, "parameter_unknown", "created[eq]", "Received unknown parameter: created[eq]"},

	{"POST S", 400, "parameter_missing", "type", "Missing required param: type."},
	{"POST S type=document&related_person[account]=a", 400, "parameter_missing", "related_person[person]", "Missing required param: related_person[person]."},
	{"POST S type=document&verification_flow=vf_1", 400, "parameters_exclusive", "verification_flow", fmt.Sprintf(exclusive, "verification_flow")},
	{"GET /v1/events type=a&types[]=b", 400, "parameters_exclusive", "types", fmt.Sprintf(exclusive, "types")},

	{"POST S type=selfie", 400, "", "type", "Invalid type: must be one of document or id_number"},
	{"GET S status=open", 400, "", "status", "Invalid status: must be one of canceled, processing, requires_input, or verified"},
	{"POST S type=document&options[document][allowed_types][]=visa", 400, "", "options[document][allowed_types][0]",
		"Invalid options[document][allowed_types][0]: must be one of driving_license, id_card, or passport"},
	{"POST S type=document&options[document][require_live_capture]=yes", 400, "", "options[document][require_live_capture]", "Invalid boolean: yes"},
	{"GET S limit=ten", 400, "parameter_invalid_integer", "limit", "Invalid integer: ten"},
	{"GET S created=now", 400, "parameter_invalid_integer", "created", "Invalid integer: now"},
	{"GET S created[gt]=1e3", 400, "parameter_invalid_integer", "created[gt]", "Invalid integer: 1e3"},
	{"POST S type[]=document", 400, "", "type", "Invalid string"},
	{"POST S type=document&options=x", 400, "", "options", "Invalid object"},
	{"POST S type=document&metadata=x", 400, "", "metadata", "Invalid object"},
	{"POST S type=document&expand=x", 400, "", "expand", "Invalid array"},
	{"POST S type=document&client_reference_id=" + long, 400, "", "client_reference_id",
		"Invalid string: " + long[:200] + "…; must be at most 5000 characters"},
	{"POST S type=document&client_reference_id=", 400, "parameter_invalid_empty", "client_reference_id", unset("client_reference_id")},
	{"GET S starting_after=", 400, "parameter_invalid_empty", "starting_after", unset("starting_after")},
	{"POST S type=document&provided_details[email]=nobody", 400, "email_invalid", "provided_details[email]", "Invalid email address: nobody"},

	{"POST S type=document&return_url=somewhere", 400, "url_invalid", "return_url", "Not a valid URL"},
	{"POST S type=document&return_url=javascript:alert(1)", 400, "url_invalid", "return_url", "Not a valid URL"},
	{"POST S type=document&return_url=https://user:word@a.example/", 400, "url_invalid", "return_url", "Not a valid URL"},
	{"POST S type=document&return_url=https://user@a.example/", 400, "url_invalid", "return_url", "Not a valid URL"},
	{"POST S type=document&options[email][require_verification]=true", 400, "parameter_unknown", "options[email]", "Received unknown parameter: options[email]"},
	{"POST S type=document&options=", 400, "parameter_invalid_empty", "options", unset("options")},
	{"POST S type=document&metadata[a][b]=c", 400, "", "metadata[a]", "Invalid string"},
	{"POST S type=document&related_person[person]=p", 400, "parameter_missing", "related_person[account]", "Missing required param: related_person[account]."},
	{"POST S type=document&related_person=p", 400, "", "related_person", "Invalid object"},
	{"POST S type=document&a=%zz", 400, "", "", "Invalid encoding of the parameters: they must be URL-encoded UTF-8."},
	{"POST S/ID type=passport", 400, "", "type", "Invalid type: must be one of document or id_number"},
	{"POST S/ID related_customer=cus_1", 400, "parameter_unknown", "related_customer", "Received unknown parameter: related_customer"},
	{"POST S/ID return_url=https://a.example", 400, "parameter_unknown", "return_url", "Received unknown parameter: return_url"},
	{"POST S/ID/cancel metadata[a]=b", 400, "parameter_unknown", "metadata", "Received unknown parameter: metadata"},
	{"POST S/ID/redact reason=x", 400, "parameter_unknown", "reason", "Received unknown parameter: reason"},
	{"GET R type=verification_flow", 400, "", "type", "Invalid type: must be one of document or id_number"},
	{"GET /v1/events starting_after=evt_x", 404, "resource_missing", "starting_after", "No such event: 'evt_x'"},
	{"GET /v1/files/file_x", 404, "resource_missing", "file", "No such file upload: 'file_x'"},
	{"GET /v1/file_links/link_x", 404, "resource_missing", "link", "No such file link: 'link_x'"},
	{"POST /v1/file_links expires_at=1", 400, "parameter_missing", "file", "Missing required param: file."},
	{"POST /v1/file_links file=file_x&expires_at=soon", 400, "parameter_invalid_integer", "expires_at", "Invalid integer: soon"},
	{"POST /v1/file_links file=file_x", 404, "resource_missing", "file", "No such file upload: 'file_x'"},

	{"POST /v1/ephemeral_keys verification_session=ID", 400, "", "", "Creating an ephemeral key needs a Stripe-Version header: set the API version of the client that will use the key."},
	{"POST /v1/ephemeral_keys version=1", 400, "parameter_unknown", "version", "Received unknown parameter: version"},
	{"DELETE /v1/ephemeral_keys/ephkey_x", 404, "resource_missing", "key", "No such ephemeral key: 'ephkey_x'"},
	{"GET /v1/webhook_endpoints/we_x", 404, "resource_missing", "webhook_endpoint", "No such webhook endpoint: 'we_x'"},
	{"POST /v1/webhook_endpoints/we_x", 404, "resource_missing", "webhook_endpoint", "No such webhook endpoint: 'we_x'"},
	{"DELETE /v1/webhook_endpoints/we_x", 404, "resource_missing", "webhook_endpoint", "No such webhook endpoint: 'we_x'"},
	{"DELETE /v1/webhook_endpoints/we_x a=b", 400, "parameter_unknown", "a", "Received unknown parameter: a"},
	{"POST /v1/webhook_endpoints enabled_events[]=*", 400, "parameter_missing", "url", "Missing required param: url."},
	{"POST /v1/webhook_endpoints url=http://127.0.0.1:1/", 400, "parameter_missing", "enabled_events", "Missing required param: enabled_events."},
	{"POST /v1/webhook_endpoints url=http://127.0.0.1:1/&enabled_events[]=Any", 400, "", "enabled_events[0]", "Invalid enabled_events[0]: Any is not the name of an event type; there are " + strings.Join(EventTypes(), ", ")},
	{"POST /v1/webhook_endpoints url=http://127.0.0.1:1/&enabled_events[]=charge.failed&enabled_events[]=identity.*", 400, "", "enabled_events[1]", "Invalid enabled_events[1]: identity.* is not the name of an event type; there are " + strings.Join(EventTypes(), ", ")},
	{"POST /v1/webhook_endpoints url=http://127.0.0.1:1/&enabled_events[]=identity.verification_session.verifed", 400, "", "enabled_events[0]", "Invalid enabled_events[0]: identity.verification_session.verifed is not the name of an event type; there are " + strings.Join(EventTypes(), ", ")},
	{"POST /v1/webhook_endpoints url=https://example.com/&enabled_events[]=*", 400, "url_invalid", "url",
		"Invalid URL: it is not on this machine: name a loopback address such as 127.0.0.1, or start the emulator with --webhook-anywhere"},
	{"POST /v1/webhook_endpoints url=here&enabled_events[]=*", 400, "url_invalid", "url",
		"Invalid URL: it has to be like http://127.0.0.1:4242/webhook, without user and password"},
	{"POST /v1/webhook_endpoints url=http://127.0.0.1:1/&enabled_events[]=*&api_version=2020-13-01", 400, "", "api_version", "Invalid Stripe API version: 2020-13-01"},
	{"GET /v1/webhook_endpoints created=1", 400, "parameter_unknown", "created", "Received unknown parameter: created"},
	{"GET /v1/webhook_endpoints starting_after=we_x", 404, "resource_missing", "starting_after", "No such webhook endpoint: 'we_x'"},
	{"POST /v1/events/evt_x/retry", 404, "resource_missing", "id", "No such event: 'evt_x'"},

	{"POST S type=document&metadata[" + long[:41] + "]=v", 400, "", "metadata[" + long[:41] + "]",
		"Metadata keys can have up to 40 characters, but you passed in a key that is 41 characters"},
	{"POST S type=document&metadata[k]=" + long[:501], 400, "", "metadata[k]",
		"Metadata values can have up to 500 characters, but you passed in a value that is 501 characters"},
	{"POST S type=document" + manyKeys(), 400, "", "metadata", "Metadata can have up to 50 keys, but this would be 51"},

	{"GET S/vs_x expand[]=foo", 400, "", "", "This property cannot be expanded (foo)."},
	{"GET S/ID expand[]=metadata", 400, "", "", "This property cannot be expanded (metadata)."},
	{"GET S expand[]=verified_outputs", 400, "", "", "This property cannot be expanded (verified_outputs). You may want to try expanding 'data.verified_outputs' instead."},
	{"GET S expand[]=data.foo", 400, "", "", "This property cannot be expanded (data.foo)."},
	{"GET S/ID expand[]=data.verified_outputs", 400, "", "", "This property cannot be expanded (data.verified_outputs)."},
	{"GET S expand[]=data.a.b.c.d", 400, "", "", "You cannot expand more than 4 levels of a property. Property: data.a.b.c.d"},
	{"GET /v1/events expand[]=data.data", 400, "", "", "This property cannot be expanded (data.data)."},

	{"DELETE S/ID", 404, "", "", "Unrecognized request URL (DELETE: " + sessionsPath + "/ID). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."},
	{"GET S/ID/cancel", 404, "", "", "Unrecognized request URL (GET: " + sessionsPath + "/ID/cancel). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."},
	{"PUT S/ID", 404, "", "", "Unrecognized request URL (PUT: " + sessionsPath + "/ID). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."},
	{"PATCH S", 404, "", "", "Unrecognized request URL (PATCH: " + sessionsPath + "). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."},
	{"POST R", 404, "", "", "Unrecognized request URL (POST: " + reportsPath + "). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."},
	{"GET /v1/foo", 404, "", "", "Unrecognized request URL (GET: /v1/foo). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."},
	{"GET " + sessionsPath + "/search", 404, "resource_missing", "session", "No such verificationsession: 'search'"},
}

// parts gives the request of a refusal; id is of a session.
func (r refusal) parts(id string) (method, path, params string) {
	line := strings.NewReplacer("ID", id, " S", " "+sessionsPath, " R", " "+reportsPath).Replace(r.request)
	parts := append(strings.SplitN(line, " ", 3), "")
	method, path, params = parts[0], parts[1], parts[2]
	if method != "POST" && params != "" {
		path, params = path+"?"+params, ""
	}
	return method, path, params
}

func TestRefusals(t *testing.T) {
	c := newClient(t, Config{})
	id := c.session(t, "requires_input")
	for _, test := range refusals {
		method, path, params := test.parts(id)
		r := c.do(t, method, path, params)
		p := r.problem()
		want := strings.ReplaceAll(test.answer, "/ID", "/"+id)
		if r.status != test.status || p["type"] != "invalid_request_error" || text(p["code"]) != test.code || text(p["param"]) != test.param || p["message"] != want {
			t.Errorf("%.90s:\n got %v\nwant %d %q %q %s", test.request, r, test.status, test.code, test.param, want)
		}
		if doc := text(p["doc_url"]); (doc != "") != (test.code != "") || doc != "" && doc != "https://stripe.com/docs/error-codes/"+strings.ReplaceAll(test.code, "_", "-") {
			t.Errorf("%.90s: doc_url %q", test.request, doc)
		}
		if log := text(p["request_log_url"]); !strings.Contains(log, r.header.Get("Request-Id")+"?t=") || r.header.Get("Request-Id") == "" {
			t.Errorf("%.90s: request_log_url %q", test.request, log)
		}
	}
}

// text is a member that may be missing.
func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func TestClip(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{long[:200], long[:200]},
		{long[:201], long[:200] + "…"},
		{long[:199] + "üx", long[:199] + "…"},
		{long[:198] + "\U0001F600", long[:198] + "…"},
		{strings.Repeat("\x90", 300), strings.Repeat("\x90", 200) + "…"}, // no character at all
	} {
		if got := clip(test.text); got != test.want {
			t.Errorf("%q became %q", test.text, got)
		}
	}
	c := newClient(t, Config{})
	if r := read(Transport(c.s).RoundTrip(anyRequest("GET", "/"+strings.Repeat("\x90", 300), ""))); r.status != 404 {
		t.Error("a path without characters:", r)
	}
}

func TestContentType(t *testing.T) {
	for kind, status := range map[string]int{
		"application/x-www-form-urlencoded":                200,
		"Application/X-WWW-Form-Urlencoded; charset=utf-8": 200,
		"application/json":                                 400,
		"multipart/form-data; boundary=x":                  400,
		"text/plain":                                       400,
		"":                                                 400,
	} {
		c := newClient(t, Config{}).with("Content-Type", kind)
		r := c.do(t, "POST", sessionsPath, "type=document")
		if r.status != status || status == 400 && !strings.HasPrefix(text(r.problem()["message"]),
			"Invalid request (check that your POST content type is application/x-www-form-urlencoded).") {
			t.Errorf("%q: %v", kind, r)
		}
		if r := c.do(t, "POST", controlPrefix+"clock", "advance=1s"); r.status != status || status == 400 && !strings.Contains(r.text, "application/x-www-form-urlencoded") {
			t.Errorf("a control, %q: %v", kind, r)
		}
		// What has no body needs no type.
		c.do(t, "POST", sessionsPath+"?type=document", "").ok(t)
		c.do(t, "POST", controlPrefix+"clock?advance=1s", "").ok(t)
	}
	c := newClient(t, Config{})
	if r := c.do(t, "POST", sessionsPath, "type=document&client_reference_id="+strings.Repeat("x", maxBody)); r.status != 400 {
		t.Error("a body beyond the limit:", r.status)
	}
}

// Metadata is counted after a change, and what is of exactly the allowed size is
// accepted.
func TestMetadataSizes(t *testing.T) {
	c := newClient(t, Config{})
	params := []string{"type", "document"}
	for i := range maxMetadataKeys - 1 {
		params = append(params, fmt.Sprintf("metadata[k%d]", i), "v")
	}
	params = append(params, "metadata["+strings.Repeat("ü", maxMetadataKey)+"]", strings.Repeat("ß", maxMetadataValue))
	path := sessionsPath + "/" + c.post(t, sessionsPath, params...).ok(t).id()
	if r := c.post(t, path, "metadata[one]", "more"); r.status != 400 || r.problem()["param"] != "metadata" {
		t.Error(r)
	}
	c.post(t, path, "metadata[k1]", "changed", "metadata[absent]", "").ok(t)
	m := c.post(t, path, "metadata[k1]", "", "metadata[one]", "more").ok(t).object["metadata"].(object)
	if len(m) != maxMetadataKeys || m["one"] != "more" || m["k1"] != nil {
		t.Error(m)
	}
}

func TestKeys(t *testing.T) {
	const missingKey = "You did not provide an API key."
	const publishable = "This API call cannot be made with a publishable API key."
	for _, test := range []struct {
		header  string
		live    bool
		status  int
		message string
	}{
		{"Bearer " + secretKey, false, 200, ""},
		{"bearer " + restrictedKey, false, 200, ""},
		{"Bearer sk_test_x", false, 200, ""},
		{"Bearer rkcs_test_abc", false, 200, ""},
		{"Bearer sk_live_abcdefghijklmnop", true, 200, ""},
		{"Bearer sk_live_abcdefghijklmnop", false, 404, "No such verificationsession"},
		{"Bearer rk_live_abcdefghijklmnop", false, 404, "No such verificationsession"},
		{"Bearer sk_test_abcdefghijklmnop", true, 404, "No such verificationsession"},
		{"", false, 401, missingKey},
		{"Bearer ", false, 401, missingKey},
		{"Digest abc", false, 401, missingKey},
		{"Bearer pk_test_abcdefghijklmnop", false, 401, publishable},
		{"Bearer sk_test_", false, 401, "Invalid API Key provided: ********************"},
		{"Bearer sk_test_has spaces and öthers", false, 401, "Invalid API Key provided: ********************"},
		{"Bearer hunter2-my-password", false, 401, "Invalid API Key provided: ********************"},
	} {
		c := newClient(t, Config{Live: test.live})
		c.key = secretKey
		if test.live {
			c.key = "sk_live_abcdefghijklmnop"
		}
		id := c.session(t, "requires_input")
		c.key = ""
		r := c.with("Authorization", test.header).get(t, sessionsPath+"/"+id)
		if r.status != test.status || !strings.HasPrefix(text(r.problem()["message"]), test.message) {
			t.Errorf("%q: %v", test.header, r)
		}
		if r.header.Get("Request-Id") == "" {
			t.Errorf("%q: no Request-Id", test.header)
		}
		if _, key, _ := strings.Cut(test.header, " "); len(key) > 8 && strings.Contains(r.text, key[:len(key)-2]) {
			t.Errorf("%q: the key is repeated: %s", test.header, r.text)
		}
	}
}

// A key of the other mode sees nothing, can make nothing and has the same lists,
// only empty.
func TestOtherMode(t *testing.T) {
	c := newClient(t, Config{Sessions: 12})
	id := c.s.home.world.sessionID(3)
	c.key = "sk_live_abcdefghijklmnop"
	for _, path := range []string{sessionsPath, reportsPath, eventsPath, reportsPath + "?verification_session=" + id} {
		if n := len(c.get(t, path).ok(t).data()); n != 0 {
			t.Errorf("%s shows %d objects", path, n)
		}
	}
	if r := c.get(t, sessionsPath+"?starting_after="+id); r.status != http.StatusNotFound {
		t.Error("a cursor of the other mode:", r)
	}
	if r := c.post(t, sessionsPath+"/"+id+"/redact"); r.status != http.StatusNotFound {
		t.Error("redact in the other mode:", r)
	}
	if r := c.post(t, sessionsPath, "type", "document"); r.status != http.StatusUnauthorized {
		t.Error("create in the other mode:", r)
	}
}

const noAccess = "The provided key 'rk_test_***opQRst' does not have access to account 'acct_other' " +
	"(or that account does not exist). Application access may have been revoked."

func TestHeaders(t *testing.T) {
	c := newClient(t, Config{})
	for _, test := range []struct {
		name, value, code, message string
		status                     int
	}{
		{"Stripe-Version", "2026-08-26.dahlia", "", "", 200},
		{"Stripe-Version", "2020-08-27", "", "", 200},
		{"Stripe-Version", "2026-08-26.preview; some_beta=v1", "", "", 200},
		{"Stripe-Version", "2026-10-28.endive", "", "", 200}, // newer than the clock
		{"Stripe-Version", "2027-03-31.ficus", "", "", 200},  // and than the emulator
		{"Stripe-Version", "latest", "", "Invalid Stripe API version: latest", 400},
		{"Stripe-Version", "2026-13-01.dahlia", "", "Invalid Stripe API version: 2026-13-01.dahlia", 400},
		{"Stripe-Version", "2026-02-30.clover", "", "Invalid Stripe API version: 2026-02-30.clover", 400},
		{"Stripe-Version", "1999-01-01", "", "Invalid Stripe API version: 1999-01-01", 400},
		{"Stripe-Version", "2026-08-26", "", "Invalid Stripe API version: 2026-08-26", 400},
		{"Stripe-Version", "2020-08-27.acacia", "", "Invalid Stripe API version: 2020-08-27.acacia", 400},
		{"Stripe-Version", "2026-08-26.acacia", "", "Invalid Stripe API version: 2026-08-26.acacia", 400},
		{"Stripe-Version", "2025-01-27.dahlia", "", "Invalid Stripe API version: 2025-01-27.dahlia", 400},
		{"Stripe-Version", "2026-08-26.sequoia", "", "Invalid Stripe API version: 2026-08-26.sequoia", 400},
		{"Stripe-Version", "2999-01-01.zelkova", "", "Invalid Stripe API version: 2999-01-01.zelkova", 400},
		{"Stripe-Account", c.s.home.world.account, "", "", 200},
		{"Stripe-Account", "acct_other", "account_invalid", noAccess, 403},
		{"Stripe-Context", c.s.home.world.account, "", "", 200},
		{"Stripe-Context", "acct_other", "account_invalid", noAccess, 403},
	} {
		r := c.with(test.name, test.value).get(t, sessionsPath)
		if p := r.problem(); r.status != test.status || text(p["code"]) != test.code || text(p["message"]) != test.message {
			t.Errorf("%s: %s: %v", test.name, test.value, r)
		}
	}
}

func TestBasicAuthentication(t *testing.T) {
	c := newClient(t, Config{})
	r, _ := http.NewRequest("GET", "http://emulator"+sessionsPath, nil)
	r.SetBasicAuth(secretKey, "")
	read(Transport(c.s).RoundTrip(r)).ok(t)
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now})
	c.post(t, "/_emulator/clock", "advance", "96h").ok(t)
	seen := map[string]bool{}
	for _, path := range []string{sessionsPath, "/v1/account", "/v1/nothing", sessionsPath + "?limit=x"} {
		r := c.with("Stripe-Version", "2026-08-26.dahlia").get(t, path)
		if got, want := r.header.Get("Date"), "Fri, 25 Sep 2026 14:13:20 GMT"; got != want {
			t.Errorf("%s: Date %q, want the emulator's clock %q", path, got, want)
		}
		id := r.header.Get("Request-Id")
		if !strings.HasPrefix(id, "req_") || seen[id] || r.header.Get("Stripe-Version") != "2026-08-26.dahlia" || r.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: headers %v", path, r.header)
		}
		seen[id] = true
	}
}

func TestAccount(t *testing.T) {
	c := newClient(t, Config{AccountName: "Hooli & Söhne"})
	a := c.get(t, "/v1/account").ok(t).object
	if a["object"] != "account" || !strings.HasPrefix(text(a["id"]), "acct_") ||
		a["settings"].(object)["dashboard"].(object)["display_name"] != "Hooli & Söhne" || a["business_profile"].(object)["name"] != "Hooli & Söhne" {
		t.Error(a)
	}
}
