package client_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"idtop/client"
)

func TestStates(t *testing.T) {
	const failed = `"last_error":{"code":"document_expired","reason":"x"}`
	for body, want := range map[string]client.State{
		`{"status":"requires_input"}`:                                          client.StateWaiting,
		`{"status":"requires_input","last_error":{"code":null,"reason":null}}`: client.StateWaiting,
		`{"status":"requires_input",` + failed + `}`:                           client.StateFailed,
		`{"status":"requires_action",` + failed + `}`:                          client.StateFailed,
		`{"status":"processing",` + failed + `}`:                               client.StateProcessing,
		`{"status":"verified"}`:                                                client.StateVerified,
		`{"status":"canceled"}`:                                                client.StateCanceled,
		`{"status":"canceled","redaction":{"status":"processing"}}`:            client.StateRedacting,
		`{"status":"verified","redaction":{"status":"redacted"}}`:              client.StateRedacted,
		`{"status":"verified","redaction":{"status":"validated"}}`:             client.StateVerified,
		`{"status":"on_hold"}`:                                                 client.StateUnknown,
		`{}`:                                                                   client.StateUnknown,
	} {
		var s client.Session
		if err := json.Unmarshal([]byte(body), &s); err != nil || s.State() != want {
			t.Errorf("%s: got %s, %v, want %s", body, s.State(), err, want)
		}
	}
	for s := range client.State(client.StateCount + 1) {
		final := s == client.StateVerified || s == client.StateCanceled || s == client.StateRedacted
		if s.String() == "" || s.Final() != final {
			t.Errorf("state %d is %q, final %t", s, s, s.Final())
		}
	}
}

// TestVerbs is Stripe's table of the possible actions in each state.
func TestVerbs(t *testing.T) {
	allowed := map[client.Verb][]client.State{
		client.Cancel: {client.StateFailed, client.StateWaiting},
		client.Redact: {client.StateFailed, client.StateWaiting, client.StateVerified, client.StateCanceled},
	}
	for verb, states := range allowed {
		can := map[client.State]bool{}
		for _, s := range states {
			can[s] = true
		}
		for s := range client.State(client.StateCount) {
			if why := verb.Refusal(s); (why == "") != can[s] {
				t.Errorf("%s in %s: %q", verb, s, why)
			}
		}
	}
	if client.Cancel.String() != "cancel" || client.Redact.String() != "redact" || client.Verb(0).String() == "" {
		t.Error("the verbs have other words")
	}
}

func TestDates(t *testing.T) {
	for body, want := range map[string]string{
		`{"dob":{"day":2,"month":3,"year":1990}}`:       "1990-03-02",
		`{"dob":{"day":1,"month":1,"year":1}}`:          "[redacted]",
		`{"dob":{"day":null,"month":null,"year":null}}`: "",
		`{"dob":null}`: "",
		`{}`:           "",
	} {
		var o client.VerifiedOutputs
		if err := json.Unmarshal([]byte(body), &o); err != nil || o.DOB.Private().Reveal() != want {
			t.Errorf("%s: got %q, %v", body, o.DOB.Private().Reveal(), err)
		}
	}
	if u := client.Unix(0); !u.Time().IsZero() {
		t.Error("no time is a time")
	}
}

// TestNoSecretFields: no type that comes out of this package has a place for
// the client secret or the url of a session.
func TestNoSecretFields(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			walk(typ.Elem())
		case reflect.Struct:
			for i := range typ.NumField() {
				field := typ.Field(i)
				tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				for _, name := range []string{strings.ToLower(field.Name), tag} {
					switch strings.ReplaceAll(name, "_", "") {
					case "clientsecret", "url", "raw", "rawjson", "lastresponse":
						t.Errorf("%s has a field %s", typ, field.Name)
					}
				}
				walk(field.Type)
			}
		case reflect.Interface:
			t.Errorf("%s may hold anything", typ)
		}
	}
	for _, v := range []any{client.Page[client.Session]{}, client.Page[client.Report]{}, client.Page[client.Event]{}, client.Account{}} {
		walk(reflect.TypeOf(v))
	}
}

// TestValidSessionID: what looks like an id and is none never gets into a path
// or a link.
func TestValidSessionID(t *testing.T) {
	if !client.ValidSessionID(sessionID) {
		t.Errorf("%s is refused", sessionID)
	}
	for _, id := range []string{
		"", "vs_", "vs_1234567", "vs_12345678\n", "\nvs_12345678", "vs_1234567\u0430", "vs_12345678\u200b", "vf_12345678", "VS_12345678",
		"vs_1234-678", "vs_12345678 ", "vs_" + strings.Repeat("a", 256), "vs_1234567/",
	} {
		if client.ValidSessionID(id) {
			t.Errorf("%q is taken for an id", id)
		}
	}
}
