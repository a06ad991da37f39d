package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/guard"
	"idtop/client/ledger"
)

// script is an API that answers as it is told, one step after the other, and
// writes down what it is asked.
type script struct {
	client.API
	mu      sync.Mutex
	session client.Session
	posts   []func(s *client.Session) error // the next POSTs; then they succeed
	gets    []func(s *client.Session) error
	log     []string
	delay   time.Duration
}

func (a *script) step(ctx context.Context, what string, steps *[]func(*client.Session) error, otherwise func(*client.Session) error) (client.Session, error) {
	client.Sleep(ctx, a.delay, nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.log = append(a.log, what)
	f := otherwise
	if len(*steps) > 0 {
		f, *steps = (*steps)[0], (*steps)[1:]
	}
	if err := f(&a.session); err != nil {
		return client.Session{}, err
	}
	answer := a.session
	answer.RequestID = "req_1"
	return answer, nil
}

// asked is what was asked so far.
func (a *script) asked() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.log)
}

func (a *script) GetSession(ctx context.Context, id string, _ ...string) (client.Session, error) {
	return a.step(ctx, "GET", &a.gets, func(*client.Session) error { return nil })
}

func (a *script) RedactSession(ctx context.Context, id, key string) (client.Session, error) {
	return a.step(ctx, "POST "+key, &a.posts, redacted)
}

func (a *script) CancelSession(ctx context.Context, id, key string) (client.Session, error) {
	return a.step(ctx, "POST "+key, &a.posts, canceled)
}

func redacted(s *client.Session) error {
	s.Redaction = &client.Redaction{Status: client.RedactionProcessing}
	return nil
}

func canceled(s *client.Session) error {
	s.Status = client.StatusCanceled
	return nil
}

// after has the effect and loses its answer.
func after(f func(*client.Session) error, e client.Error) func(*client.Session) error {
	return func(s *client.Session) error {
		f(s)
		return &e
	}
}

func fails(e client.Error) func(*client.Session) error {
	return func(*client.Session) error { return &e }
}

func becomes(status client.Status) func(*client.Session) error {
	return func(s *client.Session) error {
		s.Status = status
		return nil
	}
}

var (
	lost     = client.Error{Kind: client.KindNetwork, Undecided: true, Retryable: true}
	broken   = client.Error{Kind: client.KindServer, Undecided: true, Status: 500, RequestID: "req_9"}
	gateway  = client.Error{Kind: client.KindServer, Undecided: true, Status: 502}
	limited  = client.Error{Kind: client.KindRateLimit, Status: 429, Retryable: true}
	conflict = client.Error{Kind: client.KindConflict, Status: 409, Undecided: true, Retryable: true}
	state    = client.Error{Kind: client.KindState, Status: 400}
	missing  = client.Error{Kind: client.KindNotFound, Status: 404}
	noKey    = client.Error{Kind: client.KindAuth, Status: 401}
)

// recorded is what the book has of the POSTs, by their generations.
func (b *bench) recorded() (lines []string) {
	b.t.Helper()
	for r, err := range b.journal.book.Find(ledger.Query{Session: id(1)}) {
		switch {
		case err != nil:
			b.t.Fatal(err)
		case r.Kind == ledger.KindIntent:
			lines = append(lines, fmt.Sprint("intend ", r.Generation))
		case r.Kind == ledger.KindOutcome:
			lines = append(lines, fmt.Sprint("settle ", r.Generation, " ", r.Result))
		}
	}
	return lines
}

// bench is a job of one session on a script.
type bench struct {
	t       *testing.T
	api     *script
	journal *Journal
	runner  *Runner
	now     atomic.Int64 // nanoseconds added to the clock
	later   bool         // what is planned is done to what waits too
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t}
	b.api = &script{session: client.Session{ID: id(1), Status: client.StatusRequiresInput}}
	j, err := OpenJournal(t.TempDir(), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.journal = j
	b.runner = NewRunner(Config{Journal: j, API: b.api, Act: testAct, Account: testAccount,
		Now: func() time.Time { return time.Now().Add(time.Duration(b.now.Load())) }})
	return b
}

func (b *bench) add(verb client.Verb, options Options, sessions ...Seen) int64 {
	b.t.Helper()
	if len(sessions) == 0 {
		sessions = []Seen{{ID: id(1), State: client.StateWaiting}}
	}
	p, err := New(verb, testAccount, false, sessions, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	p.Later = b.later
	job, err := b.runner.Add(p, options)
	if err != nil {
		b.t.Fatal(err)
	}
	return job.ID
}

// advance lets the clock jump, as it does for a program that was stopped.
func (b *bench) advance(d time.Duration) { b.now.Add(int64(d)) }

func (b *bench) run(job int64) *Run {
	b.t.Helper()
	run, err := b.runner.Start(b.t.Context(), job)
	if err != nil {
		b.t.Fatal(err)
	}
	<-run.Done()
	return run
}

func (b *bench) item(job int64) Item {
	b.t.Helper()
	items, err := b.journal.Items(job)
	if err != nil || len(items) == 0 {
		b.t.Fatal(items, err)
	}
	return items[0]
}

// asked is what the API was asked, keys by their order.
func (b *bench) asked() string {
	keys := map[string]string{}
	var all []string
	for _, line := range b.api.log {
		if key, isPost := strings.CutPrefix(line, "POST "); isPost {
			if keys[key] == "" {
				keys[key] = fmt.Sprint("POST", len(keys)+1)
			}
			line = keys[key]
		}
		all = append(all, line)
	}
	return strings.Join(all, " ")
}

type steps = []func(*client.Session) error

// Each refusal is recorded with the time that Stripe's answer had.
func TestARefusalHasTheServersTime(t *testing.T) {
	at := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	for name, refusal := range map[string]client.Error{"400": state, "401": noKey, "429": limited} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				defer b.journal.Close()
				refusal.Date = at
				b.api.posts = steps{fails(refusal)}
				b.run(b.add(client.Cancel, Options{}))
				var refused []ledger.Record
				for r, err := range b.journal.book.Find(ledger.Query{Session: id(1)}) {
					if err != nil {
						t.Fatal(err)
					}
					if r.Result == ledger.Failed {
						refused = append(refused, r)
					}
				}
				if len(refused) != 1 || !refused[0].Server.Equal(at) || refused[0].HTTP != uint64(refusal.Status) {
					t.Errorf("%+v", refused)
				}
			})
		})
	}
}

// TestOutcomes is what comes after each kind of answer: look first, and with
// which key the POST is sent again.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name        string
		verb        client.Verb
		gets, posts steps
		asked       string
		state       ItemState
		recovered   bool
		stops       bool
	}{
		{name: "at once", asked: "GET POST1", state: Following},
		{name: "cancel", verb: client.Cancel, asked: "GET POST1", state: Complete},
		{name: "lost before", posts: steps{fails(lost)}, asked: "GET POST1 GET POST1", state: Following},
		{name: "lost after", posts: steps{after(redacted, lost)}, asked: "GET POST1 GET", state: Following, recovered: true},
		{name: "cancel lost after", verb: client.Cancel, posts: steps{after(canceled, lost)}, asked: "GET POST1 GET", state: Complete, recovered: true},
		{name: "429", posts: steps{fails(limited)}, asked: "GET POST1 POST1", state: Following},
		{name: "429, long", posts: steps{fails(client.Error{Kind: client.KindRateLimit, After: 20 * time.Second})}, asked: "GET POST1 GET POST1", state: Following},
		{name: "409", posts: steps{fails(conflict)}, asked: "GET POST1 GET POST1", state: Following},
		{name: "409 after", posts: steps{after(redacted, conflict)}, asked: "GET POST1 GET", state: Following, recovered: true},
		{name: "500", posts: steps{fails(broken)}, asked: "GET POST1 GET POST2", state: Following},
		{name: "500 after", posts: steps{after(redacted, broken)}, asked: "GET POST1 GET", state: Following, recovered: true},
		{name: "502 of somebody else", posts: steps{fails(gateway)}, asked: "GET POST1 GET POST1", state: Following},
		{name: "400 and eligible", posts: steps{fails(state)}, asked: "GET POST1 GET", state: Failed},
		{name: "400, done by others", posts: steps{after(redacted, state)}, asked: "GET POST1 GET", state: Skipped},
		{name: "400, processing meanwhile", posts: steps{after(becomes(client.StatusProcessing), state)}, asked: "GET POST1 GET", state: Skipped},
		{name: "404", gets: steps{fails(missing)}, asked: "GET", state: Failed},
		{name: "401 at the look", gets: steps{fails(noKey)}, asked: "GET", state: Pending, stops: true},
		{name: "401 at the POST", posts: steps{fails(noKey)}, asked: "GET POST1", state: Pending, stops: true},
		{name: "done before", gets: steps{redacted}, asked: "GET", state: Skipped},
		{name: "changed before", gets: steps{becomes(client.StatusVerified)}, asked: "GET", state: Skipped},
		{name: "processing before", gets: steps{becomes(client.StatusProcessing)}, asked: "GET", state: Skipped},
		{name: "yes without effect", posts: steps{func(*client.Session) error { return nil }}, asked: "GET POST1 GET POST1", state: Following},
		{name: "lost look", gets: steps{fails(lost)}, asked: "GET GET POST1", state: Following},
		{name: "lost, then changed", posts: steps{after(becomes(client.StatusVerified), lost)}, asked: "GET POST1 GET", state: Skipped},
		{name: "lost, then 400", posts: steps{after(redacted, lost), fails(state)}, asked: "GET POST1 GET", state: Following, recovered: true},
		{name: "lost for good", posts: slices.Repeat(steps{fails(lost)}, 20),
			asked: "GET" + strings.Repeat(" POST1 GET", maxTries), state: Failed},
		{name: "blind for good", posts: steps{fails(lost)}, gets: append(steps{func(*client.Session) error { return nil }}, slices.Repeat(steps{fails(lost)}, 20)...),
			asked: "GET POST1" + strings.Repeat(" GET", maxTries), state: Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				defer b.journal.Close()
				if c.verb == 0 {
					c.verb = client.Redact
				}
				b.api.gets, b.api.posts = c.gets, c.posts
				job := b.add(c.verb, Options{})
				run := b.run(job)
				it := b.item(job)
				if b.asked() != c.asked || it.State != c.state || it.Recovered != c.recovered || (run.Err() != nil) != c.stops {
					t.Errorf("asked %q, %s %q recovered %v, err %v", b.asked(), it.State, it.Words, it.Recovered, run.Err())
				}
				if (it.State == Skipped || it.State == Failed) && it.Words == "" {
					t.Error("no reason")
				}
				if posts := strings.Count(b.asked(), "POST"); it.State == Failed && (it.After == client.StateUnknown) != (posts == 0) {
					t.Errorf("it failed after a look that showed a state, and its record has %s", it.After)
				}
				for r := range b.journal.book.Find(ledger.Query{Session: id(1)}) {
					if r.Kind != ledger.KindNote && string(r.Verb) != c.verb.String() {
						t.Errorf("recorded as %s", r.Verb)
					}
				}
				intents, posts, lines := 0, strings.Count(b.asked(), "POST"), b.recorded()
				for _, line := range lines {
					if strings.HasPrefix(line, "intend") {
						intents++
					}
				}
				if intents != posts || len(lines) != 2*intents || len(lines) > 0 && !strings.HasPrefix(lines[len(lines)-1], "settle") {
					t.Errorf("%d POSTs, and the book says %q", posts, lines)
				}
			})
		})
	}
}

// A key that is 23 hours old is not sent any more.
func TestOldKeys(t *testing.T) {
	for _, c := range []struct {
		age   time.Duration
		err   client.Error
		asked string
	}{
		{22 * time.Hour, lost, "POST1 GET POST1"},
		{25 * time.Hour, lost, "POST1 GET POST2"},
		{25 * time.Hour, limited, "POST1 GET POST2"},
		{-time.Hour, lost, "POST1 GET POST2"},
		{-time.Hour, limited, "POST1 GET POST2"},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			defer b.journal.Close()
			b.api.posts = steps{func(*client.Session) error {
				b.advance(c.age)
				return &c.err
			}}
			job := b.add(client.Redact, Options{})
			b.run(job)
			it := b.item(job)
			if asked := strings.TrimPrefix(b.asked(), "GET "); asked != c.asked || it.State != Following ||
				it.Generation != 1+strings.Count(c.asked, "POST2") {
				t.Errorf("age %v: %q, %+v", c.age, asked, it)
			}
		})
	}
}

// Without the book nothing is sent.
func TestBookFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		job := b.add(client.Redact, Options{})
		fails := true
		b.journal.halt = func(point string, committed bool) error {
			if fails && point == "sending" && !committed {
				return errors.New("disk full")
			}
			return nil
		}
		run := b.run(job)
		if b.asked() != "GET" || b.item(job).State != Pending || run.Err() == nil || !strings.Contains(run.Snapshot().Why, "disk full") {
			t.Errorf("%q %v", b.asked(), run.Err())
		}
		fails = false
		if b.run(job); b.item(job).State != Following {
			t.Errorf("%+v", b.item(job))
		}
	})
}

// An answer that can't be recorded halts the job too: the next run finds the effect.
func TestBookFailsAtTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		job := b.add(client.Redact, Options{})
		b.journal.halt = func(point string, committed bool) error {
			if point == "outcome" && !committed {
				return errors.New("disk full")
			}
			return nil
		}
		if run := b.run(job); run.Err() == nil || !strings.Contains(run.Err().Error(), "disk full") || b.item(job).State != Sending {
			t.Errorf("%v, %+v", run.Err(), b.item(job))
		}
		b.journal.halt = nil
		if b.run(job); b.item(job).State != Following || !b.item(job).Recovered || strings.Count(b.asked(), "POST") != 1 {
			t.Errorf("%+v, asked %s", b.item(job), b.asked())
		}
	})
}

// Without a confirming record nothing is sent: neither for a planted job, nor for a
// session planted in a confirmed job, nor for a job with a record of another plan.
func TestWhatWasNotConfirmedIsNotSent(t *testing.T) {
	for name, plant := range map[string]string{
		"a job":           "INSERT INTO jobs (id, verb, account, live, plan, reason, created, start, state, why, later) SELECT 2, verb, account, live, plan, reason, created, start, state, why, later FROM jobs; UPDATE items SET job = 2",
		"a session":       "INSERT INTO items SELECT job, 2, 'vs_2', planned, state, words, generation, 'key', since, request, after, recovered, accepted, changed, look, looks, looked, intent FROM items",
		"another session": "UPDATE items SET session = 'vs_2'",
		"another plan":    "UPDATE jobs SET plan = 'other'",
		"what waits":      "INSERT INTO jobs (id, verb, account, live, plan, reason, created, start, state, why, later) SELECT 2, verb, account, live, plan, reason, created, start, 2, why, later FROM jobs; UPDATE items SET job = 2, state = 8, look = 1",
		"a job of before": "UPDATE jobs SET id = 1; INSERT INTO jobs (id, verb, account, live, plan, reason, created, start, state, why, later) SELECT 7, verb, account, live, plan, reason, created, start, state, why, later FROM jobs; UPDATE items SET job = 7",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				defer b.journal.Close()
				b.later = true
				job := b.add(client.Redact, Options{})
				db, err := sql.Open("sqlite", filepath.Join(b.journal.book.Dir(), "book.db"))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Exec(plant); err != nil {
					t.Fatal(err)
				}
				db.Close()
				switch name {
				case "a job":
					job = 2
				case "a job of before":
					job = 7
				}
				if name != "what waits" {
					if run := b.run(job); !errors.Is(run.Err(), ErrUnconfirmed) {
						t.Errorf("the run ended with %v", run.Err())
					}
				}
				b.followFor(24 * time.Hour)
				if posts := strings.Count(b.asked(), "POST"); posts != 0 {
					t.Errorf("asked %q", b.asked())
				}
			})
		})
	}
}

func TestRecall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		job := b.add(client.Redact, Options{Delay: 5 * time.Second})
		run, err := b.runner.Start(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		if s := run.Snapshot(); s.Phase != Countdown || len(b.api.log) != 0 {
			t.Errorf("%+v %v", s, b.api.log)
		}
		if !run.Recall() {
			t.Error("it can't be recalled")
		}
		<-run.Done()
		time.Sleep(time.Minute)
		stored, _ := b.journal.Job(job)
		if len(b.api.log) != 0 || run.Err() != nil || stored.State != Recalled || b.item(job).State != NotStarted {
			t.Errorf("%v %v %+v", b.api.log, run.Err(), stored)
		}

		job = b.add(client.Redact, Options{Delay: 5 * time.Second})
		b.api.delay = time.Second
		if run, err = b.runner.Start(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		if run.Recall() {
			t.Error("it can be recalled after it was sent")
		}
		<-run.Done()
		if b.item(job).State != Following {
			t.Errorf("%+v", b.item(job))
		}
	})
}

// A bad network stops the job after a few sessions, and it goes on later.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		var sessions []Seen
		for n := range 100 {
			sessions = append(sessions, Seen{ID: id(n), State: client.StateWaiting})
		}
		b.api.gets = slices.Repeat(steps{fails(lost)}, 1000)
		job := b.add(client.Redact, Options{}, sessions...)
		run := b.run(job)
		stored, _ := b.journal.Job(job)
		if run.Err() == nil || stored.State != Open || stored.Why == "" || stored.Counts[Pending] < 80 {
			t.Errorf("%v %+v", run.Err(), stored)
		}
		if err := b.runner.CloseJob(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if stored, _ = b.journal.Job(job); stored.State != Closed || stored.Counts.All() != 100 || stored.Counts[NotStarted] < 80 {
			t.Errorf("%+v", stored)
		}
	})
}

// After an abort no POST leaves, what is under way finishes, and the rest is
// not started; while it is paused nothing new begins.
func TestPauseAndAbort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, r, j, run := bulk(t, 200)
		defer j.Close()
		_ = p
		time.Sleep(2 * time.Second)
		run.Pause()
		time.Sleep(time.Second)
		before := w.sent()
		time.Sleep(time.Minute)
		if s := run.Snapshot(); w.sent() != before || s.Phase != Paused || s.InFlight != 0 {
			t.Errorf("%d POSTs while paused, %+v", w.sent()-before, s)
		}
		run.Continue()
		time.Sleep(time.Second)
		run.Abort()
		time.Sleep(time.Second)
		before = w.sent()
		<-run.Done()
		time.Sleep(time.Minute)
		report, err := j.Report(run.Job().ID)
		if err != nil || w.sent() != before || len(report.Rows) != 200 || report.Job.State != Aborted {
			t.Errorf("%d POSTs after the abort, %+v %v", w.sent()-before, report.Job, err)
		}
		if n := report.Job.Counts; n[Following] != len(w.effects) || n[NotStarted] != 200-len(w.effects) {
			t.Errorf("%v, %d effects", n, len(w.effects))
		}
		if _, err := r.Start(t.Context(), run.Job().ID); err == nil {
			t.Error("an aborted job starts again")
		}
	})
}

// TestTheTimeToRecallIsTheOperators: time while the program is stopped or the
// machine sleeps does not count, nor does time before a restart of the countdown
// that the operator is told of.
func TestTheTimeToRecallIsTheOperators(t *testing.T) {
	for name, interrupt := range map[string]func(*bench, *Run){
		"stopped or asleep for an hour": func(b *bench, _ *Run) { b.advance(time.Hour) },
		"the clock is set back":         func(b *bench, _ *Run) { b.advance(-time.Hour) },
		"back from a suspend":           func(_ *bench, run *Run) { run.CountAnew() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				defer b.journal.Close()
				job := b.add(client.Redact, Options{Delay: 5 * time.Second})
				b.advance(time.Minute) // between the confirmation and the beginning
				run, err := b.runner.Start(t.Context(), job)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(4 * time.Second)
				interrupt(b, run)
				time.Sleep(4900 * time.Millisecond)
				s := run.Snapshot()
				if left := s.Start.Sub(b.runner.config.Now()); s.Phase != Countdown || len(b.api.asked()) != 0 || left < 0 || left > time.Second {
					t.Errorf("%s, %s left, asked %v", s.Phase, left, b.api.asked())
				}
				time.Sleep(time.Second)
				if s := run.Snapshot(); s.Phase == Countdown {
					t.Errorf("it never begins: %+v", s)
				}
				run.CountAnew()
				<-run.Done()
				if b.item(job).State != Following {
					t.Errorf("%+v", b.item(job))
				}
			})
		})
	}
}

// TestTwoJobsHaveNoSessionAtOnce: what another job is doing to a session is waited
// for, and then it is done.
func TestTwoJobsHaveNoSessionAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		b.api.delay = 10 * time.Second
		first, second := b.add(client.Redact, Options{}), b.add(client.Redact, Options{})
		var runs []*Run
		for _, job := range []int64{first, second} {
			run, err := b.runner.Start(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, run)
		}
		for _, run := range runs {
			<-run.Done()
		}
		states := []ItemState{b.item(first).State, b.item(second).State}
		slices.Sort(states)
		if got := b.asked(); strings.Count(got, "POST") != 1 || !slices.Equal(states, []ItemState{Skipped, Following}) {
			t.Errorf("asked %s; %v", got, states)
		}
	})
}

// TestPanicHaltsTheRun: what panicked is reported, nothing more of the job is
// sent, and it can be gone on with.
func TestPanicHaltsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told any
		defer guard.Report(func(value any) { told = value })()
		b := newBench(t)
		defer b.journal.Close()
		b.api.posts = steps{func(*client.Session) error { panic("a person's data") }}
		job := b.add(client.Cancel, Options{})
		b.run(job)
		if told != "a person's data" {
			t.Errorf("told %v", told)
		}
		if it := b.item(job); it.State != Sending {
			t.Errorf("the session is %s", it.State)
		}
		after, err := b.journal.Job(job)
		if err != nil || after.State != Open || after.Why != "internal error" {
			t.Errorf("the job is %s: %q, %v", after.State, after.Why, err)
		}
		b.run(job)
		if it := b.item(job); it.State != Complete {
			t.Errorf("the session is %s, asked %s", it.State, b.asked())
		}
	})
}

// TestAFullDiskIsTheCause: a journal that can't be written stops the job, and why is
// recorded as soon as it can be written again, without a restart.
func TestAFullDiskIsTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.journal.Close()
		job := b.add(client.Redact, Options{})
		var full atomic.Bool
		full.Store(true)
		b.journal.halt = func(point string, _ bool) error {
			if full.Load() && (point == "sending" || point == "stop") {
				return errors.New("database or disk is full")
			}
			return nil
		}
		run := b.run(job)
		if err := run.Err(); err == nil || !strings.Contains(err.Error(), "disk is full") || !strings.Contains(run.Snapshot().Why, "disk is full") {
			t.Fatalf("%v, %q", err, run.Snapshot().Why)
		}
		b.followFor(5 * time.Minute)
		if stored, err := b.journal.Job(job); err != nil || stored.Why != "" {
			t.Fatalf("%+v, %v", stored, err)
		}
		full.Store(false)
		b.followFor(5 * time.Minute)
		stored, err := b.journal.Job(job)
		if err != nil || stored.State != Open || !strings.Contains(stored.Why, "disk is full") {
			t.Errorf("%+v, %v", stored, err)
		}
	})
}

// The mirror is shown each session that an answer told about: once by a look that ends
// the item, or by the answer to its POST, not by both.
func TestTheMirrorIsShownWhatIsAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		gets, posts steps
		stop        bool // during the look
		shown       string
	}{
		"sent":           {shown: "redacting"},
		"done before":    {gets: steps{redacted}, shown: "redacting"},
		"answer lost":    {posts: steps{after(redacted, lost)}, shown: "redacting"},
		"sent again":     {posts: steps{fails(lost)}, shown: "redacting"},
		"not there":      {gets: steps{fails(missing)}},
		"the run halts":  {stop: true, shown: client.StateWaiting.String()},
		"accepted later": {posts: steps{func(*client.Session) error { return nil }}, shown: client.StateWaiting.String() + " redacting"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				defer b.journal.Close()
				var shown []string
				b.runner.config.Sink = func(s client.Session, sent time.Time) {
					if sent.IsZero() || time.Since(sent) > time.Second {
						t.Errorf("sent at %s", sent)
					}
					shown = append(shown, s.State().String())
				}
				b.api.gets, b.api.posts = c.gets, c.posts
				job := b.add(client.Redact, Options{})
				if c.stop {
					b.api.delay = time.Second
					run, err := b.runner.Start(t.Context(), job)
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(500 * time.Millisecond)
					run.Abort()
					<-run.Done()
				} else {
					b.run(job)
				}
				if got := strings.Join(shown, " "); got != c.shown {
					t.Errorf("shown %q, want %q", got, c.shown)
				}
			})
		})
	}
}

// A refusal that Stripe gives no known reason for is trouble, and several in a row stop
// the job. A refusal because of the session's state is the session's own.
func TestWhichRefusalsStopAJob(t *testing.T) {
	for _, c := range []struct {
		kind  client.Error
		posts int
	}{{client.Error{Kind: client.KindUnknown, Status: 418}, troublesInARow}, {state, 15}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			defer b.journal.Close()
			b.runner.slots = make(chan struct{}, 1)
			var sessions []Seen
			for n := range 15 {
				sessions = append(sessions, Seen{ID: id(n), State: client.StateWaiting})
			}
			b.api.posts = slices.Repeat(steps{fails(c.kind)}, 100)
			run := b.run(b.add(client.Cancel, Options{}, sessions...))
			if n := strings.Count(strings.Join(b.api.asked(), " "), "POST"); n != c.posts || (run.Err() != nil) != (c.posts < 15) {
				t.Errorf("%v: %d POSTs, %v", c.kind, n, run.Err())
			}
		})
	}
}

// A server that never stops limiting the rate is given up, after as many requests as
// are said, and so is one that fails.
func TestHowOftenAPostIsSent(t *testing.T) {
	accepts := func(*client.Session) error { return nil } // and does nothing
	for name, c := range map[string]struct {
		answer func(*client.Session) error
		posts  int
	}{
		"429": {fails(limited), maxSlow}, "lost": {fails(lost), maxTries}, "502": {fails(gateway), maxTries},
		"400": {fails(state), 1}, "yes without effect": {accepts, maxTries},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			defer b.journal.Close()
			b.api.posts = slices.Repeat(steps{c.answer}, 200)
			job := b.add(client.Cancel, Options{})
			b.run(job)
			if n := strings.Count(b.asked(), "POST"); n != c.posts || b.item(job).State != Failed {
				t.Errorf("%s: %d POSTs, %s", name, n, b.item(job).State)
			}
		})
	}
}
