package cli

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v85/webhook"
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
	for len(text) < 3 && lines.Scan() {
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
		"--webhook https://example.com/hook":        {"webhook endpoint https://example.com/hook: it is not on this machine: name a loopback address such as 127.0.0.1, or allow others", "--webhook-anywhere lets events leave this machine"},
		here + " --webhook-secret s":                {"webhook endpoint http://127.0.0.1:4242/webhook: its secret has to begin with whsec_", flags},
		"--webhook-secret whsec_1":                  {"--webhook-secret: there are 1 for 0 endpoints", "give each --webhook-secret after its --webhook"},
		"--webhook-events *":                        {"--webhook-events: there is no --webhook", "say where they go to: --webhook http://127.0.0.1:4242/webhook"},
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

// The emulator answers to the names that it is given, and to no others.
func TestEmulatorAnswersToItsNames(t *testing.T) {
	e := startEmulator(t, "--listen", "127.0.0.1:0", "--sessions", "0", "--host", "emulator.test", "--public-url", "https://id.example.com/here/")
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
