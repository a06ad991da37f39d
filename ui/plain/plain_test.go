package plain_test

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
	"idtop/client/views"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/plain"
)

// TestMain starts what lives for ever before any bubble does. Times are said in the
// operator's zone, so the tests have one.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
	os.Exit(m.Run())
}

// ahead puts the emulator's clock into November 2026.
const ahead = 9820*24*time.Hour + 16*time.Hour

// program is the whole dashboard in plain mode in a synctest bubble: it reads lines from a
// pipe, and talks to an emulator without a socket.
type program struct {
	t      *testing.T
	server *emulator.Server
	api    *stripe.Client
	lines  *io.PipeWriter
	again  chan struct{} // the program goes on after it was stopped
	out    *written
	said   int // how much of out was looked at
	state  *model.Model
	end    context.CancelFunc
	done   chan struct{}
	err    error
}

// written is what the program wrote.
type written struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

type options struct {
	emulator emulator.Config
	live     bool
	readOnly bool
	undo     time.Duration
}

func run(t *testing.T, o options, test func(p *program)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := start(t, o)
		t.Cleanup(p.quit)
		test(p)
	})
}

func start(t *testing.T, o options) *program {
	t.Helper()
	text := "rk_test_emulator0000"
	if o.live {
		text, o.emulator.Live = "rk_live_emulator0000", true
	}
	key, err := client.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	o.emulator.Now = func() time.Time { return time.Now().Add(ahead) }
	p := &program{t: t, server: emulator.New(o.emulator), out: &written{}, again: make(chan struct{}), done: make(chan struct{})}
	gate := new(client.Gate)
	if !o.readOnly {
		gate.Open()
	}
	pacer := stripe.NewPacer(stripe.PaceOf(key))
	if p.api, err = stripe.New(stripe.Config{Key: key, Transport: emulator.Transport(p.server), Gate: gate, Pacer: pacer}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p.end = cancel
	store, dir := storetest.NewMemory(), t.TempDir()
	syncer := syncer.New(syncer.Config{Store: store, API: p.api})
	go syncer.Run(ctx)
	desk, err := act.Open(act.Config{Dir: dir, API: p.api, Key: key, Account: "acct_emulator", Store: store, Gate: gate, Once: p.api.Once(), Pace: pacer,
		Ledger: ledger.Options{Actor: ledger.Actor{User: "kim", Host: "ops-2"}}})
	if err != nil {
		t.Fatal(err)
	}
	following := make(chan struct{})
	go func() { desk.Runner.Follow(ctx); close(following) }()
	p.state = model.New(model.Config{
		Acting: model.Acting{Desk: desk, Gate: gate, NewKey: client.NewIdempotencyKey, Undo: o.undo, Exports: "exports",
			Export: func(context.Context, *act.Desk, model.Exporting) (act.Exported, error) {
				return act.Exported{}, io.ErrShortWrite
			}},
		Plain: true, Context: ctx, API: p.api, Store: store, Syncer: syncer, Renderer: plain.Renderer{}, Keys: keymap.Default(), Clock: time.Now,
		Keeper: views.In(filepath.Join(dir, "views")), OpenURL: func(context.Context, string) error { return io.ErrClosedPipe },
		Identity: model.Identity{AccountID: "acct_emulator", Account: "Acme Inc", Live: o.live, ReadOnly: o.readOnly, Restricted: true},
	})
	in, lines := io.Pipe()
	p.lines = lines
	go func() {
		p.err = plain.Run(ctx, plain.Config{Model: p.state, State: p.state, Keys: keymap.Default(), In: in, Out: p.out, Echo: true, Continued: p.again})
		cancel()
		in.Close()
		<-following
		desk.Close()
		close(p.done)
	}()
	p.wait(4 * time.Second)
	return p
}

// quit ends the program, and lets the timers that still run end too.
func (p *program) quit() {
	p.lines.Close()
	p.end()
	<-p.done
	time.Sleep(2 * time.Minute)
}

func (p *program) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// types types lines, and waits for the answer to each. It returns all that was said since.
func (p *program) types(lines ...string) string {
	p.t.Helper()
	for _, text := range lines {
		if _, err := io.WriteString(p.lines, text+"\n"); err != nil {
			p.t.Fatal(err)
		}
		p.wait(1500 * time.Millisecond)
	}
	return p.news()
}

// news is all that was said since the last look.
func (p *program) news() string {
	all := p.out.String()
	news := all[p.said:]
	p.said = len(all)
	return news
}

// says fails unless each text was said.
func (p *program) says(news string, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(news, text) {
			p.t.Fatalf("%q was not said:\n%s", text, news)
		}
	}
}

// create makes a session of a user and returns its id.
func (p *program) create(user string) string {
	p.t.Helper()
	s, err := p.api.CreateSession(p.t.Context(), client.SessionCreateParams{Type: "document", Metadata: map[string]string{"user_id": user},
		Document: &client.DocumentOptions{RequireMatchingSelfie: true}}, client.NewIdempotencyKey())
	if err != nil {
		p.t.Fatal(err)
	}
	p.wait(time.Second)
	return s.ID
}

// isLinear fails if a byte is no text, or a sign is one that only a screen has.
func isLinear(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r < ' ' && r != '\n' || r == 0x7f || strings.ContainsRune("✗○◐✓–◌⊘▸●▪▲↑↓←→│─━…·•▌█░", r) {
			t.Errorf("it wrote %q in:\n%s", r, text)
			return
		}
	}
}

// TestStories keeps what is said in the main stories. Refresh them with `go test
// ./ui/plain -update` and read the difference.
func TestStories(t *testing.T) {
	for _, story := range []struct {
		name  string
		live  bool
		lines []string
	}{
		{"look", false, []string{"j", "enter", ",", "2", "j", "pgdn", "enter", "tab", "pgdn", "tab", "esc", "f"}},
		{"person", false, []string{"/ann_8392", "u", "j", "t", "pgup", "esc", "esc", "esc"}},
		{"why", false, []string{"2", "j", "=", "enter", "=", "t", "esc"}},
		{"cancel one", false, []string{"2", "j", "c", "n", "c", "y", "J", "esc"}},
		{"redact a person", true, []string{"/ann_8392", "u", "r", "REDACT 1 LIVE", "r", "tab", "ticket 4711", "tab", "REDACT 2 LIVE", "tab", "REDACT 2 LIVE", "J", "pgdn", "q"}},
		{"insights", false, []string{"i", "j", "w", "tab", "j", "enter", "esc", "esc"}},
		{"people and views", false, []string{"U", "j", "s", "enter", "esc", "esc", "V", "j", "enter", "C", "space", "j", "space", "esc"}},
		{"a new session", false, []string{"n", "maria_7", "id_number", "", "", "", "", "a@b.cd", "created", "create", "m", "tab", "tier", "gold", "save"}},
		{"words", false, []string{"/state:faild", "/reas", "", "/", "reas", "tab", "tab", "enter", "esc", ":time", "esc", ":help", "pgdn", "/", "redact", "esc", "esc", "!", "foo", "question mark", "esc", "ctrl+r", "y", "L", "o"}},
	} {
		t.Run(strings.ReplaceAll(story.name, " ", "-"), func(t *testing.T) {
			run(t, options{live: story.live, undo: recallTime(story.live), emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
				p.types(story.lines...)
				p.types("q")
				p.lines.Close()
				<-p.done
				text := p.out.String()
				isLinear(t, text)
				golden.RequireEqual(t, text)
			})
		})
	}
}

// recallTime keeps a job of several sessions from being sent within its story: they are
// sent at once, and the order of their answers is nobody's.
func recallTime(many bool) time.Duration {
	if many {
		return time.Minute
	}
	return 0
}
