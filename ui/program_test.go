package ui_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
	"idtop/client/views"
	"idtop/model"
	"idtop/ui"
	"idtop/ui/internal/screentest"
	"idtop/ui/safe"
	"idtop/ui/term"
)

// program is the whole dashboard in a synctest bubble: a real tea.Program that
// draws on a screen, talks HTTP to an emulator without a socket, and gets real
// key messages. Time passes only when a test lets it.
type program struct {
	config   model.Config
	t        *testing.T
	tea      *tea.Program
	screen   *screentest.Screen
	server   *emulator.Server
	api      *stripe.Client
	store    *storetest.Memory
	desk     *act.Desk
	writes   *writes
	done     chan struct{}
	opened   []string
	hammered uint64 // how often random keys were pressed
	noEvents bool
	answer   atomic.Pointer[string] // what the server says to every request; nil: what it would
	losing   atomic.Bool            // answers to what changes something are lost
	slow     atomic.Int64           // how long answers to what changes something take
	cut      atomic.Bool            // nothing gets through any more
	way      atomic.Pointer[way]    // what stands between the program and the server; nil: nothing
	full     atomic.Bool            // the disk of the mirror
	direct   *stripe.Client         // asks the server past all faults
	effects  *effects
	dir      string // of ledger and journal
	answers  func(path string, body []byte) []byte
	drawn    atomic.Pointer[model.Model]
	keyboard *io.PipeWriter // of options.input
}

// recorder draws as the dashboard does and keeps the model that it drew last.
type recorder struct {
	ui.Renderer
	drawn *atomic.Pointer[model.Model]
}

func (r recorder) View(m *model.Model) (tea.View, model.Extent) {
	shown := *m
	if d, ok := m.Modal.(*model.Dialog); ok { // which goes on changing
		asked := *d
		shown.Modal = &asked
	}
	r.drawn.Store(&shown)
	return r.Renderer.View(m)
}

// spoiled is a transport that a test can put other answers into.
type spoiled struct {
	p    *program
	next http.RoundTripper
}

func (s spoiled) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.p.noEvents && r.URL.Path == "/v1/events" {
		return refusal(r)
	}
	if way := s.p.way.Load(); way != nil {
		return (*way)(r, s.next)
	}
	if answer := s.p.answer.Load(); answer != nil {
		return http.ReadResponse(bufio.NewReader(strings.NewReader(*answer)), r)
	}
	if s.p.cut.Load() {
		return nil, errCut
	}
	answer, err := s.next.RoundTrip(r)
	if r.Method != http.MethodGet {
		time.Sleep(time.Duration(s.p.slow.Load()))
		if s.p.losing.Load() || s.p.cut.Load() {
			return nil, errCut
		}
	}
	if s.p.answers != nil && err == nil {
		body, failed := io.ReadAll(answer.Body)
		body = s.p.answers(r.URL.Path, body)
		answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		answer.Header.Del("Content-Length")
		err = failed
	}
	return answer, err
}

// refusal is what Stripe answers to a key that may not read events.
func refusal(r *http.Request) (*http.Response, error) {
	const body = `{"error":{"type":"invalid_request_error","message":"Having the 'rak_event_read' permission would allow this request to continue."}}`
	return &http.Response{
		StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

var errCut = errors.New("connection reset")

// says lets the server answer every request with an error of Stripe's form; 0
// lets it answer as it would.
func (p *program) says(status int, message string) {
	if status == 0 {
		p.answer.Store(nil)
		return
	}
	body := fmt.Sprintf(`{"error":{"type":"invalid_request_error","message":%q}}`, message)
	answer := fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\nRequest-Id: req_spoiled1\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
	p.answer.Store(&answer)
}

type options struct {
	width, height int
	emulator      emulator.Config
	live          bool
	readOnly      bool
	search        string
	undo          time.Duration
	shut          bool // read-only until :write
	maxItems      int
	dir           string           // of ledger and journal, "" for a new one
	server        *emulator.Server // one that is there already
	key           string
	profile       colorprofile.Profile
	light         bool
	ascii         bool
	theme         string
	noEvents      bool  // the key may not read them
	reads         int64 // a month's budget
	reports       mirror.Kept
	views         []views.View // of the config
	privacy       *bool
	profiles      model.Switch

	remembers bool     // how it was left before, in the same dir
	input     bool     // bytes as a terminal sends them, see program.sends
	mouse     bool     // on from the start
	metadata  []string // kept besides user_id
	tour      *model.Touring

	answers func(path string, body []byte) []byte // stands between the server and the program
	through func(*screentest.Screen) io.Writer    // stands between the program and the screen

	store  func(mirror.Store) mirror.Store // stands between the model and the store
	syncer func(model.Syncer) model.Syncer // the same of the syncer
}

// run runs a test of the program.
func run(t *testing.T, o options, test func(p *program)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(start(t, o))
	})
}

func start(t *testing.T, o options) *program {
	t.Helper()
	if o.width == 0 {
		o.width, o.height = 80, 24
	}
	if o.key == "" {
		o.key = "rk_test_emulator0000"
	}
	if o.live {
		o.key, o.emulator.Live = strings.Replace(o.key, "_test_", "_live_", 1), true
	}
	if o.profile == 0 {
		o.profile = colorprofile.TrueColor
	}
	safe.SetASCII(o.ascii)
	t.Cleanup(func() { safe.SetASCII(false) })
	key, err := client.ParseKey(o.key)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, screen: screentest.New(o.width, o.height), store: storetest.NewMemory(), done: make(chan struct{}), noEvents: o.noEvents, answers: o.answers}
	p.store.Metadata = o.metadata
	// The bubble's clock starts in the year 2000; the server's is ahead, as a
	// server's clock may well be.
	o.emulator.Now = func() time.Time { return time.Now().Add(ahead) }
	if p.server = o.server; p.server == nil {
		p.server = emulator.New(o.emulator)
	}
	if p.dir = o.dir; p.dir == "" {
		p.dir = t.TempDir()
	}
	p.effects = &effects{next: emulator.Transport(p.server)}
	p.writes = &writes{next: spoiled{p, p.effects}}
	if p.direct, err = stripe.New(stripe.Config{Key: key, Transport: emulator.Transport(p.server)}); err != nil {
		t.Fatal(err)
	}
	gate := new(client.Gate)
	if !o.readOnly && !o.shut {
		gate.Open()
	}
	apiConfig := stripe.Config{Key: key, Transport: p.writes, Gate: gate}
	syncing := syncer.Config{Store: fullDisk{p.store, &p.full}, Reports: o.reports}
	pace := stripe.PaceOf(key) // as at Stripe, so that there is something to see of a job
	var budgeted func() (used, allowed int64)
	if o.reads > 0 {
		budget := syncer.NewBudget(o.reads)
		pace.OnRead = budget.Count
		syncing.Budget, budgeted = budget, budget.Reads
	}
	apiConfig.Pacer = stripe.NewPacer(pace)
	p.api, err = stripe.New(apiConfig)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	syncing.API = p.api
	syncer := syncer.New(syncing)
	go syncer.Run(ctx)
	following := make(chan struct{})
	desk, err := act.Open(act.Config{Dir: p.dir, API: p.api, Key: key, Account: "acct_emulator", Store: p.store, Gate: gate, Once: p.api.Once(), Pace: apiConfig.Pacer,
		Ledger: ledger.Options{Actor: ledger.Actor{User: "kim", Host: "ops-2"}}})
	if err != nil {
		t.Fatal(err)
	}
	p.desk = desk
	go func() { desk.Runner.Follow(ctx); close(following) }()
	if o.readOnly {
		gate = nil // nothing opens it
	}
	var store mirror.Store = p.store
	if o.store != nil {
		store = o.store(store)
	}
	var status model.Syncer = syncer
	if o.syncer != nil {
		status = o.syncer(status)
	}
	p.config = model.Config{
		Acting: model.Acting{Desk: desk, Gate: gate, NewKey: client.NewIdempotencyKey, Undo: o.undo, MaxItems: o.maxItems, Exports: "exports",
			Export: func(context.Context, *act.Desk, model.Exporting) (act.Exported, error) {
				return act.Exported{}, errors.New("the tests of the command write files")
			}},
		Context: ctx, API: p.api, Store: store, Syncer: status, Renderer: recorder{drawn: &p.drawn}, Keys: testKeys(),
		Clock: time.Now, Theme: o.theme, Clip: safe.Clip, Search: o.search, Reads: budgeted, Privacy: o.privacy, Keeper: views.In(filepath.Join(p.dir, "views")), Views: o.views,
		Mouse: o.mouse, Metadata: o.metadata, Tour: o.tour,
		Switch: o.profiles,
		OpenURL: func(_ context.Context, url string) error {
			p.opened = append(p.opened, url)
			return errors.New("this is a remote session")
		},
		Identity: model.Identity{AccountID: "acct_emulator", Account: key.String(), Live: o.live, ReadOnly: o.readOnly || o.shut, Restricted: key.Restricted()},
	}
	if o.remembers {
		file := views.In(filepath.Join(p.dir, "views"))
		p.config.Left.Rememberer = file
		p.config.Left.Memory, p.config.Left.Err = file.Recall()
	}
	reads := []tea.ProgramOption{tea.WithInput(nil)}
	if o.input {
		var from *io.PipeReader
		from, p.keyboard = io.Pipe()
		reader := term.New(from)
		reads = []tea.ProgramOption{tea.WithInput(reader), tea.WithFilter(reader.Filter)}
		t.Cleanup(func() { p.keyboard.Close(); reader.Close() })
	}
	var terminal io.Writer = p.screen
	if o.through != nil {
		terminal = o.through(p.screen)
	}
	p.tea = tea.NewProgram(model.New(p.config), append(reads, tea.WithContext(ctx), tea.WithOutput(terminal), tea.WithoutSignals(),
		tea.WithWindowSize(o.width, o.height), tea.WithColorProfile(o.profile), tea.WithFPS(30),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}))...)
	go func() {
		_, err := p.tea.Run()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		cancel()
		<-following
		desk.Close()
		p.screen.Close()
		close(p.done)
	}()
	t.Cleanup(p.quit)
	p.wait(300 * time.Millisecond)
	if o.light {
		p.tea.Send(tea.BackgroundColorMsg{Color: white{}})
		p.wait(100 * time.Millisecond)
	}
	return p
}

// ahead puts the emulator's clock into November 2026.
const ahead = 9820*24*time.Hour + 16*time.Hour

type white struct{}

func (white) RGBA() (r, g, b, a uint32) { return 0xffff, 0xffff, 0xffff, 0xffff }

// wait lets time pass until everything has settled.
func (p *program) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// quit ends the program, and lets the timers that still run end too: the bubble
// must not end before them.
func (p *program) quit() {
	p.tea.Quit()
	<-p.done
	time.Sleep(2 * time.Minute)
}

var codes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace,
}

// press presses keys given as in a script: names, or letters for themselves.
func (p *program) press(script string) {
	for _, key := range strings.Fields(script) {
		if key == "space" {
			p.key(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "})
		} else if name, ok := strings.CutPrefix(key, "shift+"); ok {
			p.key(tea.KeyPressMsg{Code: codes[name], Mod: tea.ModShift})
		} else if code, ok := codes[key]; ok {
			p.key(tea.KeyPressMsg{Code: code})
		} else if rest, ok := strings.CutPrefix(key, "ctrl+"); ok {
			p.key(tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl})
		} else {
			for _, r := range key {
				p.key(tea.KeyPressMsg{Code: r, Text: string(r)})
				p.wait(20 * time.Millisecond)
			}
		}
		p.tea.Send(model.Rest{})
		p.wait(100 * time.Millisecond)
	}
}

// key presses a key now.
func (p *program) key(key tea.KeyPressMsg) {
	if otherKeys {
		key = translated(p.drawn.Load(), key)
	}
	p.tea.Send(model.Key{KeyPressMsg: key, At: time.Now()})
}

// sends writes bytes as the terminal sends them.
func (p *program) sends(bytes string) {
	if _, err := io.WriteString(p.keyboard, bytes); err != nil {
		p.t.Fatal(err)
	}
	p.wait(500 * time.Millisecond)
}

// types types a text, spaces and all.
func (p *program) types(text string) {
	for _, r := range text {
		p.wait(20 * time.Millisecond)
		p.key(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	p.tea.Send(model.Rest{})
	p.wait(50 * time.Millisecond)
}

// shows fails unless each text is on the screen.
func (p *program) shows(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if !p.screen.Contains(text) {
			p.t.Fatalf("the screen does not show %q:\n%s", text, p.screen.Text())
		}
	}
}

// hides fails if one of the texts is on the screen.
func (p *program) hides(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if p.screen.Contains(text) {
			p.t.Fatalf("the screen shows %q:\n%s", text, p.screen.Text())
		}
	}
}

// control asks the emulator's own controls for something.
func (p *program) control(method, path, form string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, "http://127.0.0.1/_emulator/"+path, strings.NewReader(form))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := emulator.Transport(p.server).RoundTrip(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%s %s %s: %d %s", method, path, form, answer.StatusCode, body)
	}
}

// create makes a session of a user and returns its id.
func (p *program) create(user string) string {
	p.t.Helper()
	s, err := p.api.CreateSession(p.t.Context(), client.SessionCreateParams{
		Type: "document", Metadata: map[string]string{"user_id": user},
		Document: &client.DocumentOptions{RequireMatchingSelfie: true},
	}, client.NewIdempotencyKey())
	if err != nil {
		p.t.Fatal(err)
	}
	p.wait(time.Second) // created has whole seconds: what comes later is newer
	return s.ID
}

// named is a session as messages name it.
func named(user, id string) string { return user + " …" + id[len(id)-4:] }

// status returns the session as the server has it.
func (p *program) status(id string) client.Session {
	p.t.Helper()
	s, err := p.api.GetSession(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// line returns the screen's first line with a text.
func (p *program) line(text string) string {
	p.t.Helper()
	y, ok := p.screen.Find(text)
	if !ok {
		p.t.Fatalf("the screen does not show %q:\n%s", text, p.screen.Text())
	}
	return p.screen.Line(y)
}

func (p *program) resize(w, h int) {
	p.screen.Resize(w, h)
	p.tea.Send(tea.WindowSizeMsg{Width: w, Height: h})
	p.wait(200 * time.Millisecond)
}
