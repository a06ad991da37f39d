package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/stripe"
)

const (
	testKey     = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
	testAccount = "acct_1AbCdEfGhIjKlMnO"
)

// world is a Stripe account behind a bad network, which watches what is done to
// it. It outlives the processes that talk to it.
type world struct {
	t      testing.TB
	server http.RoundTripper // without faults
	verb   client.Verb
	faults faults

	later   bool // the job waits for what is in processing, and takes each session as it is then
	limited bool // the server limits the rate: nothing but the process may ask it

	mu       sync.Mutex
	dice     *rand.Rand
	planned  map[string]client.State
	seen     map[string]client.State // what the last look told, of those the process knows
	stale    map[string]bool         // a POST came after the last look
	stored   map[string]stored       // failures that are replayed for their key
	effects  map[string]string       // the key that had the effect
	touched  map[string]bool         // changed by others
	posts    int
	wrong    map[string]int // what must not happen
	examples map[string]string
}

// faults are chances, in percent.
type faults struct{ limited, lostBefore, lostAfter, failBefore, failAfter, conflict, garbage, others int }

var usualFaults = faults{limited: 10, lostBefore: 3, lostAfter: 4, failBefore: 1, failAfter: 1, conflict: 2, garbage: 1, others: 2}

type stored struct {
	body string
	at   time.Time
}

// The things that must not happen.
const (
	lostItem   = "an item was lost"
	secondKey  = "sent with another key after the effect"
	ineligible = "a POST on a session that was not eligible, or without a look"
	wrongRow   = "a wrong row in the report"
	noRecord   = "a POST without its records in the ledger"
)

func newWorld(t testing.TB, verb client.Verb, seed uint64, f faults, config emulator.Config) *world {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &world{
		t: t, verb: verb, faults: f, server: emulator.Transport(emulator.New(config)),
		dice: rand.New(rand.NewPCG(seed, 1)), planned: map[string]client.State{}, seen: map[string]client.State{},
		stale: map[string]bool{}, stored: map[string]stored{}, effects: map[string]string{}, touched: map[string]bool{},
		wrong: map[string]int{}, examples: map[string]string{},
	}
}

// roll tells whether something of a chance in percent happens.
func (w *world) roll(percent int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.IntN(100) < percent
}

func (w *world) number(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.IntN(n)
}

// sent is how many POSTs have left so far.
func (w *world) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.posts
}

func (w *world) violate(what, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong[what]++
	if w.examples[what] == "" {
		w.examples[what] = id
	}
}

// call reaches the server without faults.
func (w *world) call(method, path string, params ...string) (int, []byte) {
	form := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	r, err := http.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+testKey)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := w.server.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, body
}

const sessionsPath = "/v1/identity/verification_sessions"

// create makes a session in a state and returns its id.
func (w *world) create(state client.State) string {
	_, body := w.call("POST", sessionsPath, "type", "document", "metadata[user_id]", "ann")
	var session client.Session
	if err := json.Unmarshal(body, &session); err != nil || session.ID == "" {
		w.t.Fatalf("no session: %s", body)
	}
	w.move(session.ID, state)
	return session.ID
}

// move brings a session to a state, if that is possible.
func (w *world) move(id string, state client.State) {
	submit := "/_emulator/sessions/" + id + "/submit"
	switch state {
	case client.StateFailed:
		w.call("POST", submit, "outcome", "requires_input", "code", "document_expired")
	case client.StateProcessing:
		w.call("POST", submit, "outcome", "processing")
	case client.StateVerified:
		w.call("POST", submit, "outcome", "verified")
	case client.StateCanceled:
		w.call("POST", sessionsPath+"/"+id+"/cancel")
	case client.StateRedacting:
		w.call("POST", sessionsPath+"/"+id+"/redact")
	}
}

// truth is a session as it really is.
func (w *world) truth(id string) client.Session {
	var session client.Session
	if status, body := w.call("GET", sessionsPath+"/"+id); status != 200 || json.Unmarshal(body, &session) != nil {
		w.t.Fatalf("no session %s: %s", id, body)
	}
	return session
}

// meddle lets somebody else change one of the sessions.
func (w *world) meddle() {
	states := []client.State{client.StateFailed, client.StateProcessing, client.StateVerified, client.StateCanceled, client.StateRedacting}
	w.mu.Lock()
	var ids []string
	for id := range w.planned {
		ids = append(ids, id)
	}
	w.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	id := ids[w.number(len(ids))]
	before := w.truth(id).State()
	w.move(id, states[w.number(len(states))])
	if w.truth(id).State() != before {
		w.mu.Lock()
		w.touched[id] = true
		w.mu.Unlock()
	}
}

// process is what a crash ends: it has its own transport and knows nothing of
// the processes before it.
type process struct {
	w      *world
	ctx    context.Context
	cancel context.CancelFunc

	pacer *stripe.Pacer

	mu   sync.Mutex
	dead bool
	book *ledger.Book
}

func (w *world) start() *process { return w.startAt(stripe.SandboxPace) }

// startAt starts a process that keeps a pace.
func (w *world) startAt(pace stripe.PacerConfig) *process {
	p := &process{w: w, pacer: stripe.NewPacer(pace)}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.seen)
	clear(w.stale)
	return p
}

var errKilled = errors.New("killed")

func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	p.cancel()
}

func (p *process) killed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// api is the client of a process.
func (p *process) api() client.API {
	key, err := client.ParseKey(testKey)
	if err != nil {
		p.w.t.Fatal(err)
	}
	api, err := stripe.New(stripe.Config{Key: key, Transport: p, Attempts: 1, Pacer: p.pacer})
	if err != nil {
		p.w.t.Fatal(err)
	}
	return api
}

// pass takes time for a way through the network.
func (p *process) pass() {
	time.Sleep(time.Duration(5+p.w.number(60)) * time.Millisecond)
}

// RoundTrip carries a request to the server and spoils it as the dice say.
func (p *process) RoundTrip(r *http.Request) (*http.Response, error) {
	w := p.w
	if p.killed() {
		return nil, errKilled
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, sessionsPath+"/"), "/")
	if w.roll(w.chances().others) {
		w.meddle()
	}
	if r.Method == http.MethodPost {
		w.arrived(id, r.Header.Get("Idempotency-Key"), p.book)
	}
	p.pass()
	if p.killed() && w.roll(50) {
		return nil, errKilled // it had not left yet
	}
	res, err := w.serve(id, r)
	p.pass()
	if p.killed() || r.Context().Err() != nil {
		return nil, errKilled
	}
	if err == nil && r.Method == http.MethodGet && res.StatusCode == 200 {
		body, _ := io.ReadAll(res.Body)
		res.Body = io.NopCloser(bytes.NewReader(body))
		var session client.Session
		if json.Unmarshal(body, &session) == nil {
			w.mu.Lock()
			w.seen[id], w.stale[id] = session.State(), false
			w.mu.Unlock()
		}
	}
	return res, err
}

// arrived checks a POST against what its sender can know.
func (w *world) arrived(id, key string, book *ledger.Book) {
	recorded := false
	if book != nil {
		var open int
		err := book.Read(func(tx *ledger.Tx) error {
			return tx.QueryRow("SELECT count(*) FROM items i JOIN records r ON r.seq = i.intent WHERE i.session = $1 AND i.key = $2 "+
				"AND NOT EXISTS (SELECT 1 FROM records o WHERE o.intent = r.seq)", id, key).Scan(&open)
		})
		recorded = err == nil && open == 1
	}
	w.mu.Lock()
	w.posts++
	effect, had := w.effects[id]
	seen, looked := w.seen[id]
	stale, planned := w.stale[id], w.planned[id]
	w.stale[id] = true
	w.mu.Unlock()
	if had && effect != key {
		w.violate(secondKey, id)
	}
	if !looked || stale || w.verb.Refusal(seen) != "" || seen != planned && planned != client.StateProcessing && !w.later {
		w.violate(ineligible, id)
	}
	if !recorded {
		w.violate(noRecord, id)
	}
}

func (w *world) chances() faults {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.faults
}

// serve answers a request, or loses it or its answer.
func (w *world) serve(id string, r *http.Request) (*http.Response, error) {
	f, key := w.chances(), r.Header.Get("Idempotency-Key")
	post := r.Method == http.MethodPost
	reset := errors.New("reset")
	reset = errors.Join(reset, syscall.ECONNRESET)
	switch {
	case w.roll(f.limited):
		if post {
			w.mu.Lock()
			w.stale[id] = false // nothing happened: the look is as good as before
			w.mu.Unlock()
		}
		return forge(r, 429, `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"slow"}}`), nil
	case w.roll(f.lostBefore):
		return nil, reset
	case post && w.roll(f.conflict):
		return forge(r, 409, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"busy"}}`), nil
	}
	if !post {
		if w.roll(f.failBefore) {
			return forge(r, 500, `{"error":{"type":"api_error","message":"broken"}}`), nil
		}
		return w.server.RoundTrip(r)
	}
	w.mu.Lock()
	replay, replayed := w.stored[key]
	w.mu.Unlock()
	if replayed && time.Since(replay.at) < 24*time.Hour {
		return forge(r, 500, replay.body), nil
	}
	failure := `{"error":{"type":"api_error","message":"broken"}}`
	store := func() {
		w.mu.Lock()
		w.stored[key] = stored{body: failure, at: time.Now()}
		w.mu.Unlock()
	}
	if w.roll(f.failBefore) {
		store()
		return forge(r, 500, failure), nil
	}
	before := !w.limited && w.verb.TookEffect(w.truth(id))
	res, err := w.server.RoundTrip(r)
	if err == nil && res.StatusCode == 200 && !before && (w.limited || w.verb.TookEffect(w.truth(id))) {
		w.mu.Lock()
		w.effects[id] = key
		w.mu.Unlock()
	}
	switch {
	case w.roll(f.failAfter):
		store()
		return forge(r, 500, failure), nil
	case w.roll(f.lostAfter):
		return nil, reset
	case w.roll(f.garbage):
		return forge(r, 200, `<html>Sign in</html>`), nil
	}
	return res, err
}

func forge(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: fmt.Sprint(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}, "Request-Id": {"req_forged1234"}},
		Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

// testAct is who acts in tests.
func testAct(verb ledger.Verb, session string) ledger.Act {
	key, err := client.ParseKey(testKey)
	if err != nil {
		panic(err)
	}
	return ledger.Act{Verb: verb, Key: key, Account: testAccount, Session: session, UserID: "ann"}
}

// runner opens the book of a folder in a process. The end of a process loses
// nothing that the system has, so waiting for the disk would show nothing here.
func (p *process) runner(dir string) (*Runner, *Journal) {
	j, err := OpenJournal(dir, ledger.Options{Unsafe: true, Actor: ledger.Actor{User: "ann", Host: "desk"}})
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.book = j.book
	return NewRunner(Config{Journal: j, API: p.api(), Pace: p.pacer, Act: testAct, Account: testAccount}), j
}

// plan plans the verb for sessions in the given states.
func (w *world) plan(states ...client.State) Plan {
	var sessions []Seen
	for _, state := range states {
		id := w.create(state)
		sessions = append(sessions, Seen{ID: id, State: state})
		w.planned[id] = state
	}
	p, err := New(w.verb, testAccount, false, sessions, len(sessions))
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}
