package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/views"
	"idtop/keymap"
)

// rig runs a model without a terminal, in a synctest bubble: commands run in
// goroutines, their messages are handed back one by one.
type rig struct {
	t      *testing.T
	m      *Model
	store  *storetest.Memory
	api    *fakeAPI
	syncer *fakeSyncer
	inbox  chan tea.Msg
	seen   []tea.Msg          // messages that the runtime would have taken, such as quit
	late   func(tea.Msg) bool // which answers come late: they are held back
	held   []tea.Msg
}

func newRig(t *testing.T, change func(*Config)) *rig {
	ctx, stop := context.WithCancel(t.Context())
	r := &rig{
		t: t, store: storetest.NewMemory(), api: &fakeAPI{sessions: map[string]client.Session{}},
		syncer: &fakeSyncer{}, inbox: make(chan tea.Msg, 10_000),
	}
	config := Config{
		Context: ctx, API: r.api, Store: r.store, Syncer: r.syncer, Renderer: plain{}, Keys: keymap.Default(),
		Clock: time.Now, Clip: func(s string) (string, error) { return s, nil },
		OpenURL:  func(context.Context, string) error { return errors.New("none") },
		Identity: Identity{AccountID: "acct_1", Account: "Acme Inc", Demo: true},
	}
	config.Keeper = views.In(t.TempDir())
	if change != nil {
		change(&config)
	}
	if config.Desk == nil {
		config.Acting = acting(t, config)
	}
	r.m = New(config)
	r.run(r.m.Init())
	r.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	r.settle()
	t.Cleanup(func() { // the timers that still run have to end before the bubble does
		stop()
		time.Sleep(time.Minute)
	})
	return r
}

// acting is what a model changes something with, in a folder of the test.
func acting(t *testing.T, config Config) Acting {
	t.Helper()
	kind := "rk_test_model00000000"
	if config.Identity.Live {
		kind = "rk_live_model00000000"
	}
	key, err := client.ParseKey(kind)
	if err != nil {
		t.Fatal(err)
	}
	desk, err := act.Open(act.Config{Dir: t.TempDir(), API: config.API, Key: key, Account: "acct_1", Store: config.Store})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { desk.Close() })
	return Acting{Desk: desk, NewKey: client.NewIdempotencyKey}
}

type plain struct{}

func (plain) View(*Model) (tea.View, Extent) {
	return tea.NewView(""), Extent{Detail: 30, Overlay: 60, Plan: 5, Help: []int{0, 20, 40}}
}
func (plain) SessionName(id, userID string) string {
	return userID + " " + id[max(0, len(id)-4):]
}

func (r *rig) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				r.run(c)
			}
			return
		}
		if msg != nil {
			r.inbox <- msg
		}
	}()
}

func (r *rig) send(msg tea.Msg) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		msg = Key{key, time.Now()}
	}
	next, cmd := r.m.Update(msg)
	r.m = next.(*Model)
	r.m.View()
	r.run(cmd)
}

// settle hands over messages until none comes without time passing.
func (r *rig) settle() {
	for {
		synctest.Wait()
		select {
		case msg := <-r.inbox:
			if r.late != nil && r.late(msg) {
				r.held = append(r.held, msg)
				continue
			}
			r.seen = append(r.seen, msg)
			r.send(msg)
		default:
			return
		}
	}
}

// pass lets time pass.
func (r *rig) pass(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(100*time.Millisecond, time.Until(end)))
		r.settle()
	}
}

// press presses keys, as Bubble Tea names them, each for itself, and waits for
// their answers.
func (r *rig) press(keys ...string) {
	for _, key := range keys {
		time.Sleep(loneTime)
		r.send(keyPress(key))
		r.send(Rest{})
		r.settle()
	}
}

var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace, "home": tea.KeyHome, "end": tea.KeyEnd,
}

func keyPress(key string) tea.KeyPressMsg {
	if code, ok := keyCodes[key]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if code, ok := keyCodes[strings.TrimPrefix(key, "shift+")]; ok {
		return tea.KeyPressMsg{Code: code, Mod: tea.ModShift}
	}
	if len(key) == len("ctrl+x") && key[:5] == "ctrl+" {
		return tea.KeyPressMsg{Code: rune(key[5]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(key)[0], Text: key}
}

// add puts sessions into the store and the API, newest last.
func (r *rig) add(sessions ...client.Session) {
	for i := range sessions {
		sessions[i].Livemode = sessions[i].Livemode || r.m.Identity.Live
		r.api.put(sessions[i])
	}
	if err := r.store.Apply(r.t.Context(), mirror.Origin{At: time.Now(), News: true}, sessions...); err != nil {
		r.t.Fatal(err)
	}
	r.settle()
}

// session makes the nth session, of a user, in a status.
func session(n int, user string, status client.Status, code string) client.Session {
	s := client.Session{
		ID: fmt.Sprintf("vs_test%08d", n), Object: "identity.verification_session", Created: client.Unix(1_700_000_000 + n),
		Status: status, Type: "document", Metadata: map[string]string{"user_id": user},
	}
	if code != "" {
		s.LastError = &client.CheckError{Code: code}
	}
	return s
}

type fakeSyncer struct {
	mu      sync.Mutex
	status  mirror.Status
	changes mirror.Changes
	wish    mirror.Wish
	asked   int
}

func (s *fakeSyncer) Status() mirror.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

func (s *fakeSyncer) Subscribe(ctx context.Context) <-chan struct{} { return s.changes.Subscribe(ctx) }

func (s *fakeSyncer) Steer(wish mirror.Wish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if wish.Sequence > s.wish.Sequence {
		s.wish = wish
	}
}
func (s *fakeSyncer) SyncNow() { s.asked++ }

// report gives the model a new status.
func (r *rig) report(status mirror.Status) {
	r.syncer.mu.Lock()
	r.syncer.status = status
	r.syncer.mu.Unlock()
	r.syncer.changes.Notify()
	r.settle()
}
