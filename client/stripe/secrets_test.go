package stripe_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"idtop/client"
	"idtop/client/stripe"
)

// everyWay prints a value in all usual ways.
func everyWay(v any) string {
	var b bytes.Buffer
	holder := struct{ inner any }{v} // fmt reads unexported fields without their methods
	fmt.Fprintf(&b, "%v %+v %#v %s %q %x %d\n%v %+v %#v\n", v, v, v, v, v, v, v, holder, holder, holder)
	fmt.Fprintln(&b, errors.Join(fmt.Errorf("%v, %+v, %s", v, v, v), fmt.Errorf("%#v, %q", v, v)))
	for _, v := range []any{v, struct{ V any }{v}, map[string]any{"v": v}, []any{v}} {
		encoded, _ := json.Marshal(v)
		b.Write(encoded)
		_ = gob.NewEncoder(&b).Encode(v)
		log.New(&b, "", 0).Print(v)
		for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			slog.New(h).With("v", v).WithGroup("g").Info("x", "v", v, slog.Group("g", "v", v))
		}
	}
	if err, ok := v.(error); ok {
		for ; err != nil; err = errors.Unwrap(err) {
			fmt.Fprintf(&b, "%v %+v %#v\n", err, err, err)
		}
	}
	return b.String()
}

// leaked returns a piece of the key, of 12 characters, that the text holds.
func leaked(text string) string {
	for i := range len(secretKey) - 11 {
		if piece := secretKey[i : i+12]; strings.Contains(text, piece) || strings.Contains(text, fmt.Sprintf("%x", piece)) {
			return piece
		}
	}
	return ""
}

// keyError is an error with a key in it.
type keyError struct{ client.Key }

func (e keyError) Error() string { return "refused: " + e.String() }

func TestKeyIsNeverPrinted(t *testing.T) {
	key, err := client.ParseKey(" " + secretKey + "\n")
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		key    client.Key
		config stripe.Config
		byKey  map[client.Key]int
	}
	type open struct { // its fields are seen by encoders
		Key    client.Key
		To     *client.Key
		Inner  struct{ client.Key }
		Of     []client.Key
		By     map[string]client.Key
		ByKey  map[client.Key]string
		Any    any
		Nested *open `json:",omitempty"`
	}
	config := stripe.Config{Key: key}
	api, err := stripe.New(config)
	if err != nil {
		t.Fatal(err)
	}
	full := open{key, &key, struct{ client.Key }{key}, []client.Key{key}, map[string]client.Key{"a": key}, map[client.Key]string{key: "a"}, key, nil}
	full.Nested = &open{Key: key, Any: &key}
	for _, v := range []any{full, &full, struct{ client.Key }{key}, &struct{ key *client.Key }{&key}, [1]client.Key{key}, fmt.Errorf("the key %w", keyError{key}), key, &key, config, &config, api, *api, holder{key, config, map[client.Key]int{key: 1}}, []client.Key{key}} {
		if piece := leaked(everyWay(v)); piece != "" {
			t.Errorf("%T shows %q of the key", v, piece)
		}
	}
	if key.String() != "rk_test_…9zYx" || key.LastFour() != "9zYx" || key.Live() || !key.Restricted() {
		t.Errorf("the key reads as %s", key)
	}
	if again, _ := client.ParseKey(secretKey); again != key || key == (client.Key{}) {
		t.Error("keys can't be compared")
	}
	if zero := (client.Key{}); zero.String() != "" || zero.LastFour() != "" || zero.Live() || zero.Restricted() {
		t.Error("the zero key is something")
	}
}

// TestKeyIsNeverInErrors: servers and proxies like to repeat what they got.
func TestKeyIsNeverInErrors(t *testing.T) {
	pad := strings.Repeat("x", 190) // so that the cut comes in the middle of the key
	for _, answer := range []reply{
		{status: 401, body: stripeError(invalidRequest, secretKey, "Invalid API Key provided: "+secretKey)},
		{status: 403, header: "Request-Id: " + secretKey, body: stripeError(invalidRequest, "", pad+secretKey)},
		{status: 403, body: stripeError(invalidRequest, "", "Having the '"+secretKey+"' permission")},
		{status: 429, header: "Stripe-Rate-Limited-Reason: " + secretKey, body: "Authorization: Bearer " + secretKey},
		{status: 502, body: "<pre>" + pad + secretKey + secretKey},
		{status: 200, body: "<pre>Authorization: Bearer " + secretKey},
		{status: 200, body: `{"object":"` + secretKey + `"}`},
		{status: 200, body: secretKey[8:]},
		{status: 307, header: "Location: https://" + secretKey + ".example/"},
		{err: errors.New("dial " + secretKey)},
		{err: fmt.Errorf("broken: %w", errors.New(secretKey))},
	} {
		api := over(t, &script{replies: []reply{answer}}, once)
		_, e1 := api.GetSession(t.Context(), sessionID)
		_, e2 := api.CancelSession(t.Context(), sessionID, "key-1")
		_, e3 := api.ListSessions(t.Context(), client.SessionListParams{})
		for _, err := range []error{e1, e2, e3} {
			if err == nil {
				t.Fatalf("%+v: no error", answer)
			}
			if piece := leaked(everyWay(err)); piece != "" {
				t.Errorf("%+v: the error shows %q: %v", answer, piece, err)
			}
		}
	}
}

// TestEchoingServer is the same over a socket, with a server that answers
// with the very bytes it got.
func TestEchoingServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		r.Write(w)
	}))
	defer server.Close()
	_, err := at(t, server.URL, once).GetSession(t.Context(), sessionID)
	if err == nil || leaked(everyWay(err)) != "" {
		t.Errorf("got %v", err)
	}
}

// TestQuiet: stripe-go logs to stderr unless it is told not to, and an error
// of net/http holds the whole URL. Neither the screen nor an error gets to see
// what was looked for.
func TestQuiet(t *testing.T) {
	stdout, stderr := os.Stdout, os.Stderr
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	log, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	os.Stdout, os.Stderr = log, log
	for _, answer := range []reply{{status: 500, body: stripeError("api_error", "", "x")}, {status: 200, body: "{}}"}, {err: errors.New("broken")}} {
		_, err := over(t, &script{replies: []reply{answer}}, once).ListSessions(t.Context(), client.SessionListParams{ClientReferenceID: "canary"})
		if err == nil || strings.Contains(everyWay(err), "canary") {
			t.Errorf("got %v", err)
		}
	}
	if info, err := log.Stat(); err != nil || info.Size() != 0 {
		text, _ := os.ReadFile(log.Name())
		t.Errorf("this was printed: %s, %v", text, err)
	}
}

// expandedSession is a session with everything that Stripe can put into one,
// each private value with the mark "canary".
const expandedSession = `{"id":"` + sessionID + `","object":"identity.verification_session","client_reference_id":"ref_8",
"client_secret":"` + canarySecret + `","url":"` + canaryURL + `","created":1695680526,"last_error":{"code":"document_expired","reason":"The document is expired."},
"last_verification_report":{"id":"` + reportID + `","object":"identity.verification_report","document":{"first_name":"canary","number":"canary","dob":{"day":30,"month":12,"year":1971}}},
"livemode":false,"metadata":{"user_id":"ann_8392"},"options":{"document":{"allowed_types":["passport"],"require_matching_selfie":true},"id_number":{},"email":{"require_verification":true}},
"redaction":{"status":"some_new_word"},"status":"verified","type":"document","related_customer":{"id":"cus_1","object":"customer","email":"canary@example.com"},
"related_customer_account":null,"related_person":{"account":"acct_1","person":"person_1"},"verification_flow":"vf_1","some_new_field":[{"a":{"canary":1}}],
"provided_details":{"email":"canary@example.com","phone":"+canary"},
"verified_outputs":{"address":{"city":"canary","country":"US","line1":"canary","line2":null,"postal_code":"canary","state":"canary"},
"dob":{"day":30,"month":12,"year":1971},"email":"canary@example.com","first_name":"canary","last_name":"canary","id_number":"canary","id_number_type":"us_ssn",
"phone":"canary","sex":"canary","unparsed_place_of_birth":"canary","unparsed_sex":"canary"}}`

// TestSecretsAreNotDecoded: a session with all there is, printed in all ways,
// shows neither the secrets nor a person; what is needed is there.
func TestSecretsAreNotDecoded(t *testing.T) {
	api := over(t, answers(expandedSession))
	s, err := api.GetSession(t.Context(), sessionID, "verified_outputs")
	if err != nil {
		t.Fatal(err)
	}
	text := everyWay(s) + everyWay(&s) + everyWay([]client.Session{s}) + everyWay(s.VerifiedOutputs) + everyWay(s.ProvidedDetails) + everyWay(s.VerifiedOutputs.Address)
	for _, secret := range []string{canarySecret, canaryURL, "canary", "1971"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is shown in %.4000s", secret, text)
		}
	}
	if s.VerifiedOutputs.FirstName.Reveal() != "canary" || s.VerifiedOutputs.DOB.Private().Reveal() != "1971-12-30" || s.UserID() != "ann_8392" ||
		s.LastReport != reportID || s.RelatedCustomer != "cus_1" || s.VerificationFlow != "vf_1" || s.ErrorCode() != "document_expired" ||
		s.RedactionStatus() != "some_new_word" || s.State() != client.StateVerified || !s.Options.Email.RequireVerification || s.Options.IDNumber == nil {
		t.Errorf("the session lacks something: %+v", s)
	}
}

// Stripe's refusal of a new session repeats what it does not take: no error does.
func TestARefusalDoesNotRepeatAPerson(t *testing.T) {
	params := client.SessionCreateParams{Type: "document", Email: " Ann.Lee@example.com", Phone: "jo"}
	for message, want := range map[string]string{
		"Invalid email address: Ann.Lee@example.com":        "Invalid email address: [private]",
		"Invalid email address: \"ann.lee@EXAMPLE.com\".":   "Invalid email address: \"[private]\".",
		"no such field: email=Ann.Lee%40example.com&phone=": "no such field: email=[private]&phone=",
		"Invalid phone number jo; john is another word":     "Invalid phone number [private]; john is another word",
		strings.Repeat("x ", 95) + "ann.lee@example.com":    strings.Repeat("x ", 95) + "[private]",
	} {
		for _, answer := range []reply{{status: 400, body: stripeError(invalidRequest, "email_invalid", message)}, {status: 502, body: message}} {
			_, err := over(t, &script{replies: []reply{answer}}, once).CreateSession(t.Context(), params, "key-1")
			var refused *client.Error
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
			if !strings.Contains(refused.Message, want) && answer.status == 400 {
				t.Errorf("%q, want %q", refused.Message, want)
			}
			if text := strings.ToLower(everyWay(err)); strings.Contains(text, "ann.lee") {
				t.Errorf("the e-mail is shown: %s", text)
			}
		}
	}
}

// TestHeaders: what goes out besides the request, and that nothing is printed
// on the way.
func TestHeaders(t *testing.T) {
	t.Setenv("CLAUDECODE", "1") // stripe-go reports such tools
	server := answers(session(sessionID, "canceled"))
	if _, err := over(t, server).CancelSession(t.Context(), sessionID, "key-1"); err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Authorization":   {"Bearer " + secretKey},
		"Content-Type":    {"application/x-www-form-urlencoded"},
		"Idempotency-Key": {"key-1"},
		"Stripe-Version":  {stripe.APIVersion},
	}
	got := server.seen[0].header.Clone()
	if agent := got.Get("User-Agent"); !strings.HasPrefix(agent, "idtop stripe-go/") || strings.Count(agent, " ") != 1 {
		t.Errorf("the user agent is %q", agent)
	}
	got.Del("User-Agent")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the headers are %v, want %v", got, want)
	}
}
