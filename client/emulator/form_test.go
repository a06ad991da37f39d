package emulator

import (
	"fmt"
	"strings"
	"testing"
)

// show writes a tree of parameters in one line.
func show(n *node) string {
	if n.leaf {
		return fmt.Sprintf("%q", n.text)
	}
	var parts []string
	for _, m := range n.members {
		parts = append(parts, m.key+":"+show(m))
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func TestDecodeForm(t *testing.T) {
	for _, test := range []struct{ raw, want string }{
		{"", `{}`},
		{"&&", `{}`},
		{"a=1&b=2", `{a:"1" b:"2"}`},
		{"a=1&a=2", `{a:"2"}`},
		{"a", `{a:""}`},
		{"a=b=c", `{a:"b=c"}`},
		{"a+b=c+d%26", `{a b:"c d&"}`},
		{"o[d][x]=1&o[d][y]=2", `{o:{d:{x:"1" y:"2"}}}`},
		{"o%5Bd%5D=1", `{o:{d:"1"}}`},
		{"e[]=1&e[]=2", `{e:{:"1" :"2"}}`},
		{"e[0]=1&e[1]=2&e[0]=3", `{e:{0:"3" 1:"2"}}`},
		{"a[b=1&a]b=2&[c]=3&a[b]c=4&a[[b]]=5", `{a[b:"1" a]b:"2" [c]:"3" a[b]c:"4" a[[b]]:"5"}`},
		{"m[ü]=ß", `{m:{ü:"ß"}}`},
	} {
		n, err := decodeForm(test.raw)
		if err != nil {
			t.Errorf("%q: %v", test.raw, err)
		} else if got := show(n); got != test.want {
			t.Errorf("%q: got %s, want %s", test.raw, got, test.want)
		}
	}
}

func TestDecodeFormRefuses(t *testing.T) {
	for _, test := range []struct{ raw, want string }{
		{"a=%zz", "Invalid encoding"},
		{"a=%ff", "Invalid encoding"},
		{"%ff=a", "Invalid encoding"},
		{"a=1&a[b]=2", "both a value and an object"},
		{"a[b]=2&a=1", "both a value and an object"},
		{"a" + strings.Repeat("[b]", maxNesting) + "=1", "nested too deeply"},
		{strings.Repeat("a=1&", maxParameters+1), "too many parameters"},
	} {
		if _, err := decodeForm(test.raw); err == nil || !strings.Contains(err.message, test.want) {
			t.Errorf("%.40q: got %v, want %q", test.raw, err, test.want)
		}
	}
}

func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"type=document&options[document][allowed_types][]=passport", "expand[]=data.verified_outputs", "created[gte]=1&limit=5",
		"metadata[a]=b&metadata=", "a[b=1", "a[][b][]=%00", "e[0]=1&e[]=2", "options[document]=&options[document][x]=1",
		"dob[day]=1&dob[month]=2&dob[year]=2000&expiration=2030-02-30&code[]=a&code=b", "address[line1]=&attempts[]=x",
	} {
		f.Add(seed)
	}
	all := append(append([]field{{name: "expand", form: formList}}, createFields...), sessionListFields...)
	all = append(append(all, submitFields...), webhookCreateFields...)
	f.Fuzz(func(t *testing.T, raw string) {
		n, err := decodeForm(raw)
		if err != nil {
			return
		}
		if err := validate(n, all); err == nil {
			if _, err := merge([]pair{{"a", "b"}}, n.get("metadata")); err == nil {
				asked(n.value("type"), n.get("options"), 0)
			}
			if created := n.get("created"); created != nil {
				createdRange(created)
			}
		}
	})
}

// FuzzServer sends anything to the whole server: it answers, and always in JSON
// or plain text, whatever comes.
func FuzzServer(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "/v1/identity/verification_sessions", "limit=3&expand[]=data.verified_outputs.dob"},
		{"POST", "/v1/identity/verification_sessions", "type=document&metadata[user_id]=a"},
		{"POST", "/v1/identity/verification_sessions/{s}", "metadata[a]=&options[document]="},
		{"POST", "/v1/identity/verification_sessions/{s}/redact", ""},
		{"GET", "/v1/identity/verification_reports", "verification_session={s}&created[lt]=99999999999999"},
		{"GET", "/v1/events", "types[]=a&created=-5&ending_before=evt_x"},
		{"POST", "/_emulator/sessions/{s}/submit", "outcome=verified&delay=1s"},
		{"POST", "/v1/file_links", "file=file_x&expires_at=1&metadata[a]=b"},
		{"GET", "/v1/file_links", "expired=true&created[gt]=1"},
		{"POST", "/_emulator/sessions/{s}/override", "status=requires_input&code=abandoned"},
		{"POST", "/_emulator/choices", "limit_refused=true&redacted_events=false"},
		{"POST", "/_emulator/fault", "mode=slow&match=^nothing$&delay=1s"},
		{"POST", "/_emulator/clock", "advance=1h"},
		{"POST", "/v1/test_helpers/identity/verification_sessions/{s}/submit", "outcome=requires_input&attempts[]=document_expired&code=document_type_not_supported&person=jenny"},
		{"POST", "/v1/test_helpers/identity/verification_sessions/{s}/submit", "outcome=verified&dob[day]=1&dob[month]=2&dob[year]=2000&address[city]=x&expiration=2030-01-01&first_name="},
		{"POST", "/v1/test_helpers/identity/verification_sessions/{s}/override", "status=verified"},
		{"POST", "/v1/ephemeral_keys", "verification_session={s}"},
		{"DELETE", "/v1/ephemeral_keys/ephkey_x", ""},
		{"POST", "/v1/webhook_endpoints", "url=http://127.0.0.1:1/&enabled_events[]=*&api_version=2020-08-27&metadata[a]=b"},
		{"POST", "/v1/webhook_endpoints/{w}", "url=http://127.0.0.1:2/&disabled=true&description="},
		{"GET", "/v1/webhook_endpoints", "limit=1&starting_after={w}"},
		{"DELETE", "/v1/webhook_endpoints/{w}", ""},
		{"POST", "/v1/events/{e}/retry", "webhook_endpoint={w}"},
		{"POST", "/_emulator/events/{e}/retry", "webhook_endpoint={w}"},
		{"GET", "/v1/files/{f}/contents", ""},
		{"GET", "/links/test_x", ""},
		{"POST", "/_emulator/clock", "set=2030-01-01T00:00:00Z&freeze=true&world=a"},
		{"POST", "/_emulator/reset", "world=a"},
		{"POST", "/_emulator/snapshot", "idtop emulator snapshot"},
		{"GET", "/_emulator/snapshot", ""},
		{"GET", "/_emulator/sessions", "status=verified&limit=3&after={s}"},
		{"GET", "/_emulator/events", "limit=100"},
		{"POST", "/_emulator/verify", "key=pk_test_1_w_a&client_secret={s}_secret_test_x"},
		{"GET", "/_emulator/stripe.js", ""},
		{"GET", "/", ""},
		{"DELETE", "/v1/../x//", "%"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, method, path, params string) {
		if strings.ContainsAny(method, " \x00\r\n") || method == "" {
			return
		}
		s := New(Config{Sessions: 14, Seed: 5, Now: fixedClock, Worlds: true, Origins: []string{frontEnd}, Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}})
		w := s.home.world
		place := strings.NewReplacer("{s}", w.sessionID(10), "{w}", w.endpointID(w.hooks.endpoints[0]),
			"{e}", w.ids.text(idEvent, 3, w.events[3].at), "{f}", w.fileID(0))
		r := anyRequest(method, place.Replace(path), place.Replace(params))
		if r == nil {
			return
		}
		r.Header.Set("Stripe-Version", APIVersion)
		got := read(Transport(s).RoundTrip(r))
		if got.err != nil || got.status < 200 || got.status > 405 && got.status != 410 && got.status != 413 {
			t.Fatalf("%s %s %s: %v", method, path, params, got)
		}
	})
}
