//go:build unix

package cli

import (
	"context"
	"encoding/json"
	"io"
	"maps"
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

	"idtop/client"
	"idtop/client/emulator"
	"idtop/ui/config"
)

// readme runs what the README and its pages show, in their order, with the
// addresses of this test in place of the usual ones.
type readme struct {
	t        *testing.T
	emulator *runningEmulator  // the last one that was started
	receiver string            // where it sends its webhooks
	ids      map[string]string // the last one of each kind that was answered, by its prefix
	console  *tty
	dir      string // where its commands write
}

// blocks gives the code blocks of a page: their languages and texts.
func blocks(t *testing.T, page string) [][2]string {
	t.Helper()
	text, err := os.ReadFile("../../" + page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks [][2]string
	for _, m := range regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, [2]string{m[1], m[2]})
	}
	return blocks
}

// here puts the addresses and the ids of this test into a text.
func (r *readme) here(text string) string {
	if r.emulator != nil {
		text = strings.ReplaceAll(text, "http://127.0.0.1:12111", r.emulator.address)
	}
	text = strings.ReplaceAll(text, "http://127.0.0.1:4242", r.receiver)
	for prefix, id := range r.ids {
		text = strings.ReplaceAll(text, prefix+"_...", id)
	}
	return text
}

// idForm is the id of an object in an answer.
var idForm = regexp.MustCompile(`"((vs|evt|we|file)_[0-9A-Za-z]{16,})"`)

// run runs one command line.
func (r *readme) run(line string) {
	r.t.Helper()
	const own, dashboard, demo = "go run . emulator ", "STRIPE_API_KEY=sk_test_123 go run . ", "go run . --demo"
	const built = "go build && STRIPE_API_KEY=rk_test_... ./idtop"
	switch {
	case line == "go test ./...": // runs this
	case line == demo:
		r.dashboard([]string{"--demo"})
	case line == built:
		r.emulator = startEmulator(r.t, "--listen", "127.0.0.1:0", "--sessions", "100")
		r.dashboard([]string{"--api-base", r.emulator.address})
	case strings.HasPrefix(line, own):
		args := strings.Fields(r.here(strings.TrimPrefix(line, own)))
		r.emulator = startEmulator(r.t, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	case strings.HasPrefix(line, dashboard):
		r.dashboard(strings.Fields(r.here(strings.TrimPrefix(line, dashboard))))
	case strings.HasPrefix(line, "curl "):
		r.curl(line)
	default:
		r.t.Error("no test runs this command:", line)
	}
}

// curl runs a curl command and expects an answer in JSON, or a file.
func (r *readme) curl(line string) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "sh", "-c", r.here(line)+" --fail-with-body --silent --show-error")
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Errorf("%s: %v: %s", line, err, out)
		return
	}
	if _, file, saved := strings.Cut(line, " -o "); saved {
		if got, err := os.ReadFile(filepath.Join(cmd.Dir, file)); err != nil || len(got) == 0 {
			r.t.Errorf("%s: %v", line, err)
		}
		return
	}
	var got struct {
		Status any `json:"status"`
	}
	var any any
	if json.Unmarshal(out, &any) != nil {
		r.t.Errorf("%s: %s", line, out)
	}
	_ = json.Unmarshal(out, &got) // a list has no status
	answered := map[string]string{}
	for _, id := range idForm.FindAllStringSubmatch(string(out), -1) {
		if answered[id[2]] == "" {
			answered[id[2]] = id[1] // the first one is the object's own, or its first member's
		}
	}
	maps.Copy(r.ids, answered)
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
	environ := []string{config.KeyVariable + "=sk_test_123"}
	if slices.Contains(args, "--demo") {
		environ = nil
	}
	go func() { ended <- r.console.run(r.t, ctx, environ, args...) }()
	await(r.t, r.console.screen, "the dashboard with sessions", func() bool {
		return r.console.screen.Contains("verified")
	})
	leave()
	if got := <-ended; got.code != exitOK {
		r.t.Errorf("the dashboard ends with %d: %s", got.code, got.stderr)
	}
	// What the program wrote last may be on its way. The next dashboard's sessions are not these.
	await(r.t, r.console.screen, "normal screen", func() bool { return !r.console.screen.AltScreen() })
}

// people begins an emulator with the sessions of a file.
func (r *readme) people(text string) {
	r.t.Helper()
	file := filepath.Join(r.dir, "people.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	e := startEmulator(r.t, "--listen", "127.0.0.1:0", "--people", file)
	page, err := apiAt(r.t, e.address, "sk_test_123").ListSessions(r.t.Context(), client.SessionListParams{})
	if err != nil || len(page.Data) != 2 {
		r.t.Errorf("got %v, error %v", page.Data, err)
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

// module builds the emulator for a module beside the one of idtop.
func (r *readme) module(text string) {
	r.t.Helper()
	own, err := filepath.Abs("../..")
	if err != nil {
		r.t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(own, "go.sum"))
	if err != nil {
		r.t.Fatal(err)
	}
	dir := r.t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module shop\n\ngo 1.26\n\n" + strings.Replace(text, "../idtop", own, 1), "go.sum": string(sums),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(r.t.Context(), "go", "build", "-mod=mod", "idtop/client/emulator") // as after go mod tidy
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Errorf("%s: %v: %s", text, err, out)
	}
}

// The README's commands run as they are shown.
func TestReadme(t *testing.T) {
	r := &readme{t: t, console: newTTY(t), ids: map[string]string{}, dir: t.TempDir()}
	ran := 0
	for _, block := range blocks(t, "README.md") {
		for line := range strings.Lines(block[1]) {
			r.run(strings.TrimSuffix(line, "\n"))
			ran++
		}
	}
	if ran != 4 {
		t.Errorf("the README shows %d commands", ran)
	}
}

// Everything that EMULATOR.md shows runs as it is shown. Its program for node runs
// beside stripe-node's other test.
func TestReadmeOfTheEmulator(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl here, which the page's commands need")
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
	r := &readme{t: t, receiver: receiver.URL, console: newTTY(t), ids: map[string]string{}, dir: t.TempDir()}
	ran := map[string]int{}
	for _, block := range blocks(t, ".github/EMULATOR.md") {
		language, text := block[0], block[1]
		ran[language]++
		switch language {
		case "sh":
			for line := range strings.Lines(text) {
				r.run(strings.TrimSuffix(line, "\n"))
			}
		case "go":
			r.program(text)
		case "json":
			r.people(text)
		case "mod":
			r.module(text)
		case "js", "html": // beside stripe-node's test, and in a browser beside the emulator's
		default:
			t.Errorf("no test runs what EMULATOR.md shows in %s", language)
		}
	}
	if ran["sh"] < 3 || ran["go"] != 1 || ran["js"] != 1 || ran["json"] != 1 || ran["html"] != 1 || ran["mod"] != 1 {
		t.Error("EMULATOR.md shows less than it did:", ran)
	}
	if first := <-events; first != "identity.verification_session.created" {
		t.Error(first)
	}
}

// checksExport runs the script that checks an export, on the export as it is and on
// two that were changed.
func checksExport(t *testing.T, folder, script string) {
	t.Helper()
	name := filepath.Join(folder, "export.jsonl")
	export, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(export), "\n")
	for what, text := range map[string]string{
		"head ":                                string(export),
		"was changed: ":                        strings.Replace(string(export), `"reason":"ticket 4711"`, `"reason":"ticket 4712"`, 1),
		"does not follow the record before it": strings.Join(slices.Delete(lines, 1, 2), ""),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		check := exec.CommandContext(t.Context(), "sh", "-c", script)
		check.Dir = folder
		out, err := check.CombinedOutput()
		if good := what == "head "; !strings.HasPrefix(string(out), what) || (err == nil) != good {
			t.Errorf("want %s: got %v, %s", what, err, out)
		}
	}
}

// untilSaid ends something as soon as a text was written.
type untilSaid struct {
	strings.Builder
	text string
	end  func()
}

func (u *untilSaid) Write(b []byte) (int, error) {
	n, err := u.Builder.Write(b)
	if strings.Contains(u.String(), u.text) {
		u.end()
	}
	return n, err
}

// watches runs a watch until it says that it watches.
func (s *shop) watches(args ...string) (code int, said string) {
	ctx, end := context.WithCancel(s.t.Context())
	defer end()
	errs := &untilSaid{text: "watching", end: end}
	code = Run(ctx, Process{
		Args: append(args, "--api-base", s.base, "--data-dir", s.dir), Environ: s.environ(), Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: errs,
	})
	return code, errs.String()
}

// saysNothingNew matches the stderr of a command that USING.md shows: Stripe has not
// finished the redactions by then, a plan's mirror was brought up to date, and what is recorded has a head.
var saysNothingNew = regexp.MustCompile(`^(idtop: the mirror was brought up to date: .*\n)?(idtop: warning: this job is not complete, .*\nhint: .*\n)?(ledger head .*\n)?$`)

// The commands of USING.md run as they are shown, one after the other. Its config is
// one.
func TestUsing(t *testing.T) {
	s := newShop(t, emulator.Config{Seed: 1, Sessions: 40})
	for range 2 { // the world has two more
		s.create("ann_8392")
	}
	session := s.create("joann_2")
	keys, profiles := &ring{items: map[string]string{}}, keyFile(t, "[profiles.live]\n", 0o600)
	ran, folder, whole := 0, t.TempDir(), false
	for _, block := range blocks(t, ".github/USING.md") {
		switch language, text := block[0], block[1]; language {
		case "toml":
			o := config.Options{File: keyFile(t, text, 0o600)}
			if err := o.Complete(&Process{Environ: []string{"HOME=/home/ann"}}, pflag.NewFlagSet("", pflag.ContinueOnError)); err != nil {
				t.Errorf("a config of USING.md: %v", err)
			}
			whole = whole || o.Profile != "" && strings.Count(text, "\n[profiles.") > 1
		case "sh":
			for line := range strings.Lines(text) {
				line = strings.TrimPrefix(line, "op read op://ops/stripe-identity/key | ") // prints the key
				command, ok := strings.CutPrefix(strings.TrimSpace(line), "idtop ")
				if !ok {
					t.Errorf("no test runs this command: %s", line)
				}
				ran++
				command, file, _ := strings.Cut(command, " > ")
				var args []string
				for _, arg := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(command, -1) {
					switch arg = strings.Trim(arg, `"`); {
					case arg == "vs_...":
						arg = session
					case arg == "7": // the only job here
						arg = "1"
					case arg == "export.jsonl":
						arg = filepath.Join(folder, arg)
					}
					args = append(args, arg)
				}
				if at := slices.Index(args, "--confirm") + 1; at > 0 {
					args[at] = args[at][:strings.LastIndex(args[at], " ")]
					args = s.seal(args...)
				}
				if args[0] == "watch" { // runs until it is ended
					if code, said := s.watches(args...); code != exitOK || !strings.HasPrefix(said, "idtop: watching") {
						t.Errorf("%s: exit code %d, stderr %q", line, code, said)
					}
					continue
				}
				got := outcome{}
				switch {
				case args[0] == "ledger" && args[1] != "evidence":
					got = s.ledger(args[1:]...)
				case args[0] == "login", args[0] == "logout":
					got = runRing(t, keys, []string{"HOME=/home/ann"}, s.key+"\n", append(args, "--config", profiles, "--api-base", s.base)...)
				case args[0] == "doctor":
					got = s.run(append(args, "--config", profiles)...)
				default:
					got = s.run(args...)
				}
				if got.code != exitOK || got.stdout == "" || !saysNothingNew.MatchString(got.stderr) {
					t.Errorf("%s: exit code %d, stdout %.100q, stderr %q", line, got.code, got.stdout, got.stderr)
				}
				if file != "" {
					if err := os.WriteFile(filepath.Join(folder, file), []byte(got.stdout), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		case "bash":
			checksExport(t, folder, text)
		case "console": // ui/plain has the sentences of plain mode as golden transcripts
		default:
			t.Errorf("no test reads what USING.md shows in %s", language)
		}
	}
	if !whole {
		t.Error("no config of USING.md has a profile and two tables of profiles")
	}
	if ran < 12 {
		t.Errorf("USING.md shows %d commands", ran)
	}
}
