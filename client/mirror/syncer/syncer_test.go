package syncer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/clienttest"
	"idtop/client/emulator"
	"idtop/client/guard"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
)

// account is a Syncer on an emulator in a synctest bubble.
type account struct {
	t      *testing.T
	server *emulator.Server
	api    *stripe.Client
	store  *storetest.Memory
	syncer *syncer.Syncer
	reads  atomic.Int64
	wish   mirror.Wish
	broken broken
}

// broken is an API with reads that a test can make fail.
type broken struct {
	client.API
	mu          sync.Mutex
	fails       failures
	lists, gets int
	asked       atomic.Int64
}

// failures are asked before a read, nil lets it work: list before a list of
// sessions of every status, with what it asks for.
type failures struct {
	list        func(p client.SessionListParams) error
	get, events func(id string) error
}

func (b *broken) fail(f failures) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = f
}

// counts returns how many lists and single reads were asked for.
func (b *broken) counts() (lists, gets int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lists, b.gets
}

func ask[T any](b *broken, f func(failures) func(T) error, count *int, about T) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	*count++
	b.asked.Add(1)
	if fail := f(b.fails); fail != nil {
		return fail(about)
	}
	return nil
}

func (b *broken) ListSessions(ctx context.Context, p client.SessionListParams) (client.Page[client.Session], error) {
	if p.Status == "" {
		if err := ask(b, func(f failures) func(client.SessionListParams) error { return f.list }, &b.lists, p); err != nil {
			return client.Page[client.Session]{}, err
		}
	}
	return b.API.ListSessions(ctx, p)
}

func (b *broken) GetSession(ctx context.Context, id string, expand ...string) (client.Session, error) {
	if err := ask(b, func(f failures) func(string) error { return f.get }, &b.gets, id); err != nil {
		return client.Session{}, err
	}
	return b.API.GetSession(ctx, id, expand...)
}

func (b *broken) ListEvents(ctx context.Context, p client.EventListParams) (client.Page[client.Event], error) {
	if err := ask(b, func(f failures) func(string) error { return f.events }, new(int), ""); err != nil {
		return client.Page[client.Event]{}, err
	}
	return b.API.ListEvents(ctx, p)
}

func (a *account) known() int {
	a.t.Helper()
	return find(a.t, a.store, mirror.Request{Rows: 1}).Counts.All
}

func (a *account) pause(paused bool) {
	a.wish.Sequence++
	a.wish.Paused = paused
	a.syncer.Steer(a.wish)
}

func (a *account) focus(focused bool) {
	a.wish.Sequence++
	a.wish.Away = !focused
	a.syncer.Steer(a.wish)
}

func withAccount(t *testing.T, world emulator.Config, config syncer.Config, test func(t *testing.T, a *account)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, world, config)
		a.start()
		test(t, a)
	})
}

// newAccount returns an account with a Syncer that does not run yet.
func newAccount(t *testing.T, world emulator.Config, config syncer.Config) *account {
	a := &account{t: t, server: emulator.New(world), store: storetest.NewMemory()}
	key, err := client.ParseKey("rk_test_emulator0000")
	if err != nil {
		t.Fatal(err)
	}
	a.api, err = stripe.New(stripe.Config{Key: key, Transport: counting{emulator.Transport(a.server), &a.reads}})
	if err != nil {
		t.Fatal(err)
	}
	a.broken.API = a.api
	config.API, config.Store = &a.broken, a.store
	a.syncer = syncer.New(config)
	return a
}

func (a *account) start() {
	ctx, cancel := context.WithCancel(a.t.Context())
	done := make(chan struct{})
	go func() {
		a.syncer.Run(ctx)
		close(done)
	}()
	a.t.Cleanup(func() {
		cancel()
		<-done
	})
	synctest.Wait()
}

type counting struct {
	next  http.RoundTripper
	count *atomic.Int64
}

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.count.Add(1)
	return c.next.RoundTrip(r)
}

func (a *account) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (a *account) control(method, path, form string) {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), method, "http://127.0.0.1/_emulator/"+path, strings.NewReader(form))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := emulator.Transport(a.server).RoundTrip(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		a.t.Fatalf("%s %s %s: %d %s", method, path, form, answer.StatusCode, body)
	}
}

func (a *account) create(user string) string {
	a.t.Helper()
	s, err := a.api.CreateSession(a.t.Context(), client.SessionCreateParams{
		Type: "document", Metadata: map[string]string{"user_id": user}}, client.NewIdempotencyKey())
	if err != nil {
		a.t.Fatal(err)
	}
	return s.ID
}

// agrees checks that the store has exactly what the server has.
func (a *account) agrees() {
	a.t.Helper()
	n := 0
	err := clienttest.EachSession(a.t.Context(), a.api, client.SessionListParams{}, func(s client.Session) error {
		n++
		row := get(a.t, a.store, s.ID)
		if row.State != s.State() || row.ErrorCode != s.ErrorCode() || row.UserID != s.UserID() {
			return fmt.Errorf("%s: the store has %s %q %q, the server %s %q %q", s.ID,
				row.State, row.ErrorCode, row.UserID, s.State(), s.ErrorCode(), s.UserID())
		}
		return nil
	})
	if err != nil {
		a.t.Fatal(err)
	}
	if known := find(a.t, a.store, mirror.Request{Rows: 1}).Counts.All; known != n {
		a.t.Fatalf("the store has %d sessions, the server %d", known, n)
	}
}

func TestSyncerReadsEverything(t *testing.T) {
	withAccount(t, emulator.Config{Seed: 5, Sessions: 1234}, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(time.Second)
		s := a.syncer.Status()
		if s.Phase != mirror.Live || s.Filling || s.Filled != 1 || s.Err != nil {
			t.Fatalf("status %+v", s)
		}
		a.agrees()
	})
}

// TestSyncerFollowsTraffic lets the emulator live for ten minutes: every change of
// a session that is not final is noticed, also far below the newest page.
func TestSyncerFollowsTraffic(t *testing.T) {
	world := emulator.Config{Seed: 5, Sessions: 700, Traffic: true}
	withAccount(t, world, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(10 * time.Minute)
		a.control("POST", "fault", "mode=slow&delay=1ms&count=1") // harmless: shows that controls work under traffic
		a.pause(true)
		a.wait(time.Second)
		missing, n := 0, 0
		err := clienttest.EachSession(t.Context(), a.api, client.SessionListParams{}, func(s client.Session) error {
			n++
			if row, ok, _ := a.store.Get(t.Context(), s.ID); !ok || row.State != s.State() {
				missing++
			}
			return nil
		})
		if err != nil || n < 750 || missing > 5 { // a few change while this walk goes on
			t.Errorf("%d of %d sessions differ: %v", missing, n, err)
		}
	})
}

func TestSyncerNoticesOldSessions(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		old := a.create("old")
		for n := range 350 {
			a.create(fmt.Sprintf("later_%d", n))
		}
		a.wait(10 * time.Second)
		a.control("POST", "sessions/"+old+"/submit", "outcome=verified&delay=0s")
		a.wait(20 * time.Second)
		if row := get(t, a.store, old); row.State != client.StateVerified {
			t.Errorf("an old session that was verified at once still shows %s", row.State)
		}
		a.agrees()
	})
}

// TestSyncerCatchesUp lets more sessions come between two polls than a page has.
func TestSyncerCatchesUp(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		a.create("first")
		a.wait(10 * time.Second)
		a.pause(true)
		a.wait(time.Second)
		for n := range 420 {
			a.create(fmt.Sprintf("burst_%d", n))
		}
		a.pause(false)
		a.wait(10 * time.Second)
		a.agrees()
	})
}

func TestSyncerFollowsRedactions(t *testing.T) {
	withAccount(t, emulator.Config{RedactionDelay: time.Hour}, syncer.Config{Interval: time.Minute}, func(t *testing.T, a *account) {
		id := a.create("ann")
		for n := range 120 { // out of the newest page
			a.create(fmt.Sprintf("later_%d", n))
		}
		a.wait(2 * time.Minute)
		s, err := a.api.RedactSession(t.Context(), id, client.NewIdempotencyKey())
		if err != nil {
			t.Fatal(err)
		}
		if err := a.store.Apply(t.Context(), mirror.Origin{At: time.Now(), News: true}, s); err != nil {
			t.Fatal(err)
		}
		a.wait(10 * time.Minute)
		if row := get(t, a.store, id); row.State != client.StateRedacting {
			t.Errorf("state %s", row.State)
		}
		a.wait(55 * time.Minute)
		if row := get(t, a.store, id); row.State != client.StateRedacted {
			t.Errorf("state %s after the redaction's end", row.State)
		}
	})
}

func TestSyncerBacksOff(t *testing.T) {
	withAccount(t, emulator.Config{Seed: 1, Sessions: 30}, syncer.Config{}, func(t *testing.T, a *account) {
		a.control("POST", "fault", "mode=500")
		before := a.reads.Load()
		a.wait(10 * time.Minute)
		s := a.syncer.Status()
		if s.Phase != mirror.Failing || s.Failures < 5 || client.KindOf(s.Err) != client.KindServer {
			t.Errorf("status %+v", s)
		}
		if n := a.reads.Load() - before; n > 120 {
			t.Errorf("%d requests in ten minutes of failure", n)
		}
		a.control("DELETE", "fault", "")
		a.wait(80 * time.Second)
		if s := a.syncer.Status(); s.Phase != mirror.Live || s.Err != nil || s.Failures != 0 {
			t.Errorf("status %+v after the fault", s)
		}
		a.agrees()
	})
}

// TestSyncerPace counts polls: often while somebody looks, seldom while nobody
// does, none while paused, one when asked for.
func TestSyncerPace(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		polls := func(d time.Duration) int64 { // one read each
			before := a.reads.Load()
			a.wait(d)
			return a.reads.Load() - before
		}
		if n := polls(time.Minute); n < 19 || n > 21 {
			t.Errorf("%d polls in a focused minute", n)
		}
		a.focus(false)
		if n := polls(time.Minute); n < 3 || n > 5 {
			t.Errorf("%d polls in an unfocused minute", n)
		}
		a.wait(10 * time.Second)
		a.focus(true)
		if n := polls(time.Second); n != 1 {
			t.Errorf("%d polls when the focus came back", n)
		}
		a.pause(true)
		if n := polls(time.Minute); n != 0 || a.syncer.Status().Phase != mirror.Paused {
			t.Errorf("%d polls while paused, %+v", n, a.syncer.Status())
		}
		a.syncer.SyncNow()
		if n := polls(time.Minute); n != 1 || a.syncer.Status().Phase != mirror.Paused {
			t.Errorf("%d polls when asked for while paused", n)
		}
		a.pause(false)
		if n := polls(time.Second); n != 1 {
			t.Errorf("%d polls after the pause", n)
		}
	})
}

func TestSyncerKnowsTheServersClock(t *testing.T) {
	world := emulator.Config{Now: func() time.Time { return time.Now().Add(90 * time.Minute) }}
	withAccount(t, world, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(time.Second)
		if ahead := a.syncer.Status().Ahead; ahead < 89*time.Minute || ahead > 91*time.Minute {
			t.Errorf("the server's clock is %v ahead", ahead)
		}
	})
}

// TestSyncerKnowsWhatIsStuck learns from the events since when a session has
// been processing that was so before this program started.
func TestSyncerKnowsWhatIsStuck(t *testing.T) {
	withAccount(t, emulator.Config{Seed: 42, Sessions: 50}, syncer.Config{}, func(t *testing.T, a *account) {
		a.wait(time.Second)
		stuck := 0
		ids, _ := a.store.IDs(t.Context(), mirror.StatesOf(client.StateProcessing))
		for _, id := range ids {
			if row := get(t, a.store, id); !row.Since.IsZero() && time.Since(row.Since) > 15*time.Minute {
				stuck++
			}
		}
		if stuck == 0 {
			t.Errorf("none of %d processing sessions is known to be stuck", len(ids))
		}
	})
}

// TestPanicInTheBackFill: what reads pages beside the syncer is guarded too.
func TestPanicInTheBackFill(t *testing.T) {
	var told atomic.Value
	defer guard.Report(func(value any) { told.Store(value) })()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, emulator.Config{Seed: 3, Sessions: 300}, syncer.Config{})
		a.broken.fail(failures{list: func(p client.SessionListParams) error {
			if p.Created.Until > 0 { // a page of the past
				panic("a person's data")
			}
			return nil
		}})
		a.start()
		a.wait(time.Minute)
		if told.Load() != "a person's data" {
			t.Errorf("told %v", told.Load())
		}
	})
}

// lying is an API with lists that always claim to have more.
type lying struct {
	client.API
	calls atomic.Int64
}

func (l *lying) ListSessions(context.Context, client.SessionListParams) (client.Page[client.Session], error) {
	l.calls.Add(1)
	time.Sleep(time.Millisecond)
	return client.Page[client.Session]{Data: []client.Session{session(1, "ann", client.StatusRequiresInput, "")}, HasMore: true}, nil
}

func (l *lying) ListEvents(context.Context, client.EventListParams) (client.Page[client.Event], error) {
	l.calls.Add(1)
	return client.Page[client.Event]{HasMore: true}, nil
}

func (l *lying) GetSession(context.Context, string, ...string) (client.Session, error) {
	return client.Session{}, errors.New("not asked for")
}

func TestSyncerSurvivesAListThatLies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &lying{}
		syncer := syncer.New(syncer.Config{API: api, Store: storetest.NewMemory()})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		syncer.Run(ctx)
		if n := api.calls.Load(); n > 250 {
			t.Errorf("%d calls in half a minute", n)
		}
	})
}
