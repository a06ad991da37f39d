package act_test

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/plan"
	"idtop/client/stripe"
)

const (
	theKey     = "rk_test_canary0123456789ABCD"
	theAccount = "acct_1AbCdEfGhIjKlMnO"
)

// world is a desk on an emulator. Time passes only as a test lets it.
type world struct {
	t        *testing.T
	dir      string
	server   *emulator.Server
	store    *storetest.Memory
	desk     *act.Desk
	ctx      context.Context
	required bool   // the config requires reasons
	quit     func() // as when the program is left, until the next start

	mu    sync.Mutex
	posts []string // paths of requests that were not GETs
	gets  int
	// spoil may answer a request with an error, before it has its effect or
	// after; nil spoils nothing.
	spoil func(r *http.Request, after bool) error

	ticket *regexp.Regexp
	key    string                          // "": theKey
	over   func(mirror.Store) mirror.Store // what the desk sees of the store; nil: all
}

func newWorld(t *testing.T, config emulator.Config) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), server: emulator.New(config), store: storetest.NewMemory(), quit: func() {}}
	w.start()
	t.Cleanup(func() { w.quit() })
	return w
}

// start starts the program anew.
func (w *world) start() {
	w.t.Helper()
	w.quit()
	key, err := client.ParseKey(cmp.Or(w.key, theKey))
	if err != nil {
		w.t.Fatal(err)
	}
	api, err := stripe.New(stripe.Config{Key: key, Transport: w})
	if err != nil {
		w.t.Fatal(err)
	}
	store := mirror.Store(w.store)
	if w.over != nil {
		store = w.over(store)
	}
	desk, err := act.Open(act.Config{
		Dir: w.dir, API: api, Key: key, Account: theAccount, Store: store, ReasonRequired: w.required, Ticket: w.ticket,
		Ledger: ledger.Options{Tool: "1.2.3", Actor: ledger.Actor{User: "ann", Host: "desk-1"}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := desk.Runner.Follow(ctx); err != nil {
			w.t.Error(err)
		}
	}()
	w.desk, w.ctx = desk, ctx
	w.quit = func() {
		w.quit = func() {}
		stop()
		<-over
		if err := desk.Close(); err != nil {
			w.t.Error(err)
		}
	}
}

// RoundTrip implements http.RoundTripper.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	spoil := w.spoil
	if r.Method == http.MethodGet {
		w.gets++
	} else {
		w.posts = append(w.posts, r.URL.Path)
	}
	w.mu.Unlock()
	if spoil == nil {
		spoil = func(*http.Request, bool) error { return nil }
	}
	if err := spoil(r, false); err != nil {
		return nil, err
	}
	answer, err := emulator.Transport(w.server).RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := spoil(r, true); err != nil {
		answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

func (w *world) spoils(spoil func(*http.Request, bool) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spoil = spoil
}

// sent is how many requests were not GETs, and how many were, since last time.
func (w *world) sent() (posts, gets int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	posts, gets = len(w.posts), w.gets
	w.posts, w.gets = nil, 0
	return posts, gets
}

// create makes a session behind the program's back, which the mirror knows.
func (w *world) create(form url.Values) client.Session {
	w.t.Helper()
	s := w.ask("POST", "/v1/identity/verification_sessions", form)
	w.show(s.ID)
	return s
}

func (w *world) ann() client.Session {
	return w.create(url.Values{"type": {"document"}, "metadata[user_id]": {"ann_8392"}})
}

// ask sends a request of the test's own.
func (w *world) ask(method, path string, form url.Values) client.Session {
	w.t.Helper()
	r, err := http.NewRequest(method, "https://api.stripe.com"+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(cmp.Or(w.key, theKey), "")
	answer, err := emulator.Transport(w.server).RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	var s client.Session
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil || answer.StatusCode != http.StatusOK {
		w.t.Fatalf("%s %s: %s, %v", method, path, answer.Status, err)
	}
	return s
}

func (w *world) now(id string) client.Session {
	w.t.Helper()
	return w.ask("GET", "/v1/identity/verification_sessions/"+id, nil)
}

func (w *world) show(id string) {
	w.t.Helper()
	if err := w.store.Apply(w.ctx, mirror.Origin{At: time.Now(), Sent: time.Now(), News: true}, w.now(id)); err != nil {
		w.t.Fatal(err)
	}
}

// planned is the plan for a verb on sessions as they are now.
func (w *world) planned(verb client.Verb, ids ...string) plan.Plan {
	w.t.Helper()
	var seen []plan.Seen
	for _, id := range ids {
		seen = append(seen, plan.Seen{ID: id, State: w.now(id).State(), AsOf: time.Now()})
	}
	made, err := plan.New(verb, theAccount, w.key != "", seen, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

// job confirms a plan and carries it out.
func (w *world) job(made plan.Plan, o plan.Options) plan.Job {
	w.t.Helper()
	job, err := w.desk.Confirm(made, o)
	if err != nil {
		w.t.Fatal(err)
	}
	run, err := w.desk.Start(w.ctx, job.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	<-run.Done()
	if job, err = w.desk.Journal.Job(job.ID); err != nil {
		w.t.Fatal(err)
	}
	return job
}

// book is the folder of the book.
func (w *world) book() string { return ledger.BookDir(w.dir, theAccount, w.key != "") }

// records are what the ledger has, after it was verified.
func (w *world) records(q ledger.Query) []ledger.Record {
	w.t.Helper()
	if _, err := ledger.VerifyDir(w.book(), ledger.Head{}); err != nil {
		w.t.Error(err)
	}
	var all []ledger.Record
	for record, err := range ledger.Find(w.book(), q) {
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, record)
	}
	return all
}

// words are records in short.
func words(records []ledger.Record) string {
	var all []string
	for _, r := range records {
		all = append(all, strings.TrimSpace(string(r.Verb)+" "+string(r.Kind)+" "+string(r.Result)))
	}
	return strings.Join(all, ", ")
}
