package cli

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v85/webhook"

	"idtop/client/emulator"
)

// The emulator sends what happens, signed with the secret that it made up and
// said, and ends while it does.
func TestEmulatorSendsWebhooks(t *testing.T) {
	type delivered struct{ body, signature string }
	got := make(chan delivered, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- delivered{string(body), r.Header.Get("Stripe-Signature")}
	}))
	defer receiver.Close()
	ctx, stop := context.WithCancel(t.Context())
	said, out := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- Run(ctx, Process{Args: []string{"emulator", "--listen", "127.0.0.1:0", "--sessions", "0", "--webhook", receiver.URL,
			"--webhook-events", "identity.verification_session.created,identity.verification_session.canceled"}, Stdout: out, Stderr: io.Discard})
		out.Close()
	}()
	lines := bufio.NewScanner(said)
	var text []string
	for len(text) < 4 && lines.Scan() {
		text = append(text, lines.Text())
	}
	secret := regexp.MustCompile(`^events go to ` + regexp.QuoteMeta(receiver.URL) + `, signed with (whsec_[A-Z0-9]{20,})$`).FindStringSubmatch(text[len(text)-1])
	if secret == nil {
		t.Fatal("the secret is not said:", text)
	}
	address := regexp.MustCompile(`http://127[^ :]+:\d+`).FindString(text[0])
	r, err := http.NewRequest("POST", address+"/v1/identity/verification_sessions", strings.NewReader("type=document"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer sk_test_123")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if !strings.Contains(string(body), `"url":"`+address+`/start/`) {
		t.Errorf("the link leads elsewhere: %s", body)
	}
	one := <-got
	event, err := webhook.ConstructEvent([]byte(one.body), one.signature, secret[1])
	if err != nil || event.Type != "identity.verification_session.created" {
		t.Error(err, one.body)
	}
	stop()
	if c := <-code; c != exitOK {
		t.Error("exit code", c)
	}
}

func TestEmulatorWebhookMisuse(t *testing.T) {
	const here = "--webhook http://127.0.0.1:4242/webhook"
	const flags = "idtop emulator --help lists the flags"
	for args, want := range map[string][2]string{
		"--webhook https://example.com/hook": {"webhook endpoint https://example.com/hook: it is not on this machine: name a loopback address such as 127.0.0.1, or start the emulator with --webhook-anywhere", "--webhook-anywhere lets events leave this machine"},
		here + " --webhook-secret s":         {"webhook endpoint http://127.0.0.1:4242/webhook: its secret has to begin with whsec_", flags},
		"--webhook-secret whsec_1":           {"--webhook-secret: there are 1 for 0 endpoints", "give each --webhook-secret after its --webhook"},
		"--webhook-events *":                 {"--webhook-events: there is no --webhook", "say where they go to: --webhook http://127.0.0.1:4242/webhook"},
		here + " --webhook-events * --webhook-events *": {"--webhook-events: there are 2 for 1 endpoints",
			"give each --webhook-events after its --webhook, with commas between its types"},
		"--public-url here":                         {"public address here: it has to be like http://127.0.0.1:4242/webhook, without user and password", flags},
		here + " --webhook-events payment.happened": {"", flags},
	} {
		r := run(t, nil, append([]string{"emulator", "--listen", "127.0.0.1:0"}, strings.Fields(args)...)...)
		if want[0] == "" { // it lists all types
			if r.code != exitUsage || !strings.Contains(r.stderr, "there is no event type payment.happened: there are * and identity.") {
				t.Errorf("%s: %+v", args, r)
			}
			continue
		}
		expectFailure(t, r, exitUsage, want[0], want[1])
	}
}

// Each endpoint has the types of event that are given after it, and its own secret.
func TestEachWebhookHasItsEvents(t *testing.T) {
	o := webhookOptions{
		urls:    []string{"http://127.0.0.1:1/a", "http://127.0.0.1:2/b", "http://127.0.0.1:3/c"},
		events:  []string{"identity.verification_session.verified,identity.verification_session.redacted", "*"},
		secrets: []string{"whsec_a"},
	}
	var c emulator.Config
	generated, err := o.apply(&c)
	if err != nil || !slices.Equal(generated, []bool{false, true, true}) {
		t.Fatal(generated, err)
	}
	for n, want := range [][]string{{"identity.verification_session.verified", "identity.verification_session.redacted"}, {"*"}, nil} {
		if h := c.Webhooks[n]; !slices.Equal(h.Events, want) || h.URL != o.urls[n] || n > 0 && h.Secret == c.Webhooks[n-1].Secret {
			t.Errorf("endpoint %d: %+v, want %v", n, h, want)
		}
	}
}

// The start names each part that is open to others, and is silent where none is.
func TestEmulatorSaysWhatIsOpen(t *testing.T) {
	for _, test := range []struct {
		listens string
		hosts   []string
		open    bool
		want    string
	}{
		{"127.0.0.1", nil, false, ""},
		{"127.0.0.1", nil, true, ""},
		{"127.0.0.1", []string{"localhost"}, false, ""},
		{"0.0.0.0", nil, false, "can be reached from other machines\nhint: it answers to names of this machine only"},
		{"127.0.0.1", []string{"id.example.com"}, false, "calls it id.example.com: the API and the pages of sessions\nhint: it holds invented people only; its controls"},
		{"0.0.0.0", []string{"emulator", "other"}, false, "calls it emulator or other: the API and the pages of sessions\n"},
		{"0.0.0.0", []string{"*"}, true, "calls it by any name: the API, the pages of sessions and its controls\nhint: without --open-controls"},
	} {
		var said strings.Builder
		warnOpen(&said, test.listens, emulator.Config{Hosts: test.hosts, OpenControls: test.open})
		if got := said.String(); (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
			t.Errorf("%+v: said %q", test, got)
		}
	}
}

// The emulator answers to the names that it is given, and to no others.
func TestEmulatorAnswersToItsNames(t *testing.T) {
	e := startEmulator(t, "--listen", "127.0.0.1:0", "--sessions", "0", "--host", "emulator.test", "--public-url", "https://id.example.com/here/")
	if want := "calls it emulator.test or id.example.com: the API and the pages of sessions\n"; !strings.Contains(e.stderr.String(), want) {
		t.Errorf("said %q", e.stderr.String())
	}
	for host, status := range map[string]int{"": 200, "emulator.test": 200, "id.example.com": 200, "evil.example": 403} {
		r, err := http.NewRequest("POST", e.address+"/v1/identity/verification_sessions", strings.NewReader("type=document"))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		r.Header.Set("Authorization", "Bearer sk_test_123")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != status || status == 200 && !strings.Contains(string(body), `"url":"https://id.example.com/here/start/test_`) {
			t.Errorf("called %q: %d %s", host, resp.StatusCode, body)
		}
	}
	e.end(t)
}

// The controls answer to the names that it is given only with --open-controls.
func TestEmulatorOpensItsControls(t *testing.T) {
	for _, open := range []bool{false, true} {
		args := []string{"--listen", "127.0.0.1:0", "--sessions", "0", "--host", "emulator.test"}
		if open {
			args = append(args, "--open-controls")
		}
		e := startEmulator(t, args...)
		for host, want := range map[string]bool{"": true, "emulator.test": open, "evil.example": false} {
			r, err := http.NewRequest("GET", e.address+"/_emulator/state", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := resp.StatusCode == 200; got != want {
				t.Errorf("open %v, called %q: %s", open, host, resp.Status)
			}
		}
		e.end(t)
	}
}
