//go:build unix

package cli

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/spf13/pflag"

	"idtop/client/emulator"
	"idtop/ui/config"
)

// readme runs what the README shows in a section, in its order, with the
// addresses of this test in the place of the usual ones.
type readme struct {
	t        *testing.T
	emulator *runningEmulator // the last one that was started
	receiver string           // where it sends its webhooks
	session  string           // the last one that was created
	console  *tty
}

// section gives the code blocks of a section: their languages and texts.
func section(t *testing.T, title string) [][2]string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "\n## "+title+"\n")
	if !ok {
		t.Fatalf("the README has no section %q", title)
	}
	body, _, _ := strings.Cut(after, "\n## ")
	var blocks [][2]string
	for _, m := range regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$").FindAllStringSubmatch(body, -1) {
		blocks = append(blocks, [2]string{m[1], m[2]})
	}
	return blocks
}

// here puts the addresses and the id of this test into a text of the README.
func (r *readme) here(text string) string {
	if r.emulator != nil {
		text = strings.ReplaceAll(text, "http://127.0.0.1:12111", r.emulator.address)
	}
	text = strings.ReplaceAll(text, "http://127.0.0.1:4242", r.receiver)
	return strings.ReplaceAll(text, "vs_...", r.session)
}

// run runs one command line.
func (r *readme) run(line string) {
	r.t.Helper()
	const own, dashboard = "go run . emulator ", "STRIPE_API_KEY=sk_test_123 go run . "
	switch {
	case strings.HasPrefix(line, own):
		args := strings.Fields(r.here(strings.TrimPrefix(line, own)))
		r.emulator = startEmulator(r.t, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	case strings.HasPrefix(line, dashboard):
		r.dashboard(strings.Fields(r.here(strings.TrimPrefix(line, dashboard))))
	case strings.HasPrefix(line, "curl "):
		r.curl(line)
	default:
		r.t.Error("no test runs this command of the README:", line)
	}
}

// curl runs a curl command and expects an answer in JSON.
func (r *readme) curl(line string) {
	r.t.Helper()
	out, err := exec.CommandContext(r.t.Context(), "sh", "-c", r.here(line)+" --fail --silent --show-error").CombinedOutput()
	if err != nil {
		r.t.Errorf("%s: %v: %s", line, err, out)
		return
	}
	var got struct {
		ID     string `json:"id"`
		Object string `json:"object"`
		Status any    `json:"status"`
	}
	var any any
	if json.Unmarshal(out, &any) != nil {
		r.t.Errorf("%s: %s", line, out)
	}
	if _ = json.Unmarshal(out, &got); got.Object == "identity.verification_session" {
		r.session = got.ID
	}
	if strings.Contains(line, "outcome=verified -d delay=") && got.Status != "processing" {
		r.t.Errorf("%s: %s", line, out)
	}
}

// dashboard opens the dashboard and leaves it when it shows sessions.
func (r *readme) dashboard(args []string) {
	r.t.Helper()
	ctx, leave := context.WithCancel(r.t.Context())
	defer leave()
	ended := make(chan outcome, 1)
	go func() { ended <- r.console.run(r.t, ctx, []string{config.KeyVariable + "=sk_test_123"}, args...) }()
	await(r.t, r.console.screen, "the dashboard with sessions", func() bool {
		return r.console.screen.Contains("verified")
	})
	leave()
	if got := <-ended; got.code != exitOK {
		r.t.Errorf("the dashboard ends with %d: %s", got.code, got.stderr)
	}
}

// program runs a program in Go.
func (r *readme) program(text string) {
	r.t.Helper()
	file := filepath.Join(r.t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(r.here(text)), 0o600); err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.CommandContext(r.t.Context(), "go", "run", file)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "open "+r.emulator.address+"/start/test_") {
		r.t.Errorf("%v: %s", err, out)
	}
}

// Everything that the README shows about the emulator can be run as it is shown.
// What is for node runs beside stripe-node's other test.
func TestReadmeOfTheEmulator(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl here, which the README's commands need")
	}
	events := make(chan string, 1000)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		event, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), "whsec_emulator")
		if err != nil {
			t.Error(err)
		}
		events <- string(event.Type)
	}))
	defer receiver.Close()
	r := &readme{t: t, receiver: receiver.URL, console: newTTY(t)}
	ran := map[string]int{}
	for _, block := range section(t, "The emulator by itself") {
		language, text := block[0], block[1]
		ran[language]++
		switch language {
		case "sh":
			for line := range strings.Lines(text) {
				r.run(strings.TrimSuffix(line, "\n"))
			}
		case "go":
			r.program(text)
		case "js":
		default:
			t.Errorf("no test runs what the README shows in %s", language)
		}
	}
	if ran["sh"] < 3 || ran["go"] != 1 || ran["js"] != 1 {
		t.Error("the README shows less than it did:", ran)
	}
	if first := <-events; first != "identity.verification_session.created" {
		t.Error(first)
	}
}

// The README's config is one, its table names every key, and its commands on the
// mirror can be run as they are shown.
func TestReadmeOfTheMirror(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 40})
	ran := 0
	for _, block := range section(t, "On your account") {
		switch language, text := block[0], block[1]; language {
		case "toml":
			o := config.Options{File: keyFile(t, text, 0o600)}
			if err := o.Complete(&Process{Environ: []string{"HOME=/home/ann"}}, pflag.NewFlagSet("", pflag.ContinueOnError)); err != nil || o.Profile == "" || strings.Count(text, "\n[profiles.") < 2 {
				t.Errorf("the README's config: %v", err)
			}
		case "sh":
			for line := range strings.Lines(text) {
				command, ok := strings.CutPrefix(strings.TrimSpace(line), "idtop ")
				if !ok {
					continue
				}
				ran++
				command, _, _ = strings.Cut(command, " > ")
				got := a.run(t.Context(), strings.Fields(command)...)
				if got.code != exitOK || got.stdout == "" || got.stderr != "" {
					t.Errorf("%s: exit code %d, stdout %.100q, stderr %q", line, got.code, got.stdout, got.stderr)
				}
			}
		}
	}
	if ran < 4 {
		t.Errorf("the README shows %d commands on the mirror", ran)
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n### The config\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var keys []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(table, -1) {
		keys = append(keys, m[1])
	}
	for key := range strings.SplitSeq(strings.TrimSuffix(config.Keys, ", and [profiles.NAME] with the same"), ", ") {
		if !slices.Contains(keys, key) {
			t.Errorf("the README's table of the config lacks %s", key)
		}
	}
	if fields := strings.Count(config.Keys, ","); len(keys) != fields {
		t.Errorf("the README names %d keys, the config has %d", len(keys), fields)
	}
}
