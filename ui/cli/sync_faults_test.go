package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/clienttest"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
	"idtop/ui/config"
)

// spoils are the ways to make an answer useless. Each gets the answer of a healthy
// server.
var spoils = map[string]func(*http.Response) error{
	"400": refusedWith(400, "invalid_request_error"), "401": refusedWith(401, "invalid_request_error"),
	"403": refusedWith(403, "invalid_request_error"), "429": refusedWith(429, "rate_limit_error"),
	"500": refusedWith(500, "api_error"), "503 of a proxy": func(r *http.Response) error {
		r.StatusCode = 503
		replaceBody(r, "<html>no</html>")
		return nil
	},
	"half a JSON": bodyOf(func(b string) string { return b[:len(b)/2] }),
	"nothing":     bodyOf(func(string) string { return "" }),
	"no list":     bodyOf(func(string) string { return `{"object":"list","has_more":false,"data":null}` }),
	"an odd page": bodyOf(func(b string) string { return strings.Replace(b, `"data":[`, `"data":[7,`, 1) }),
	"cut":         func(*http.Response) error { return io.ErrUnexpectedEOF },
}

func refusedWith(status int, kind string) func(*http.Response) error {
	return func(r *http.Response) error {
		r.StatusCode = status
		replaceBody(r, `{"error":{"type":"`+kind+`","message":"No."}}`)
		return nil
	}
}

func bodyOf(change func(string) string) func(*http.Response) error {
	return func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		replaceBody(r, change(string(body)))
		return err
	}
}

func replaceBody(r *http.Response, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// spoiler is the way to a server on which answers spoil.
type spoiler struct {
	next  http.RoundTripper
	mu    sync.Mutex
	asked int
	spoil func(n int, r *http.Request) string // which of spoils the n-th answer has, "" for none
}

func (s *spoiler) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	how := s.spoil(s.asked, r)
	s.asked++
	s.mu.Unlock()
	answer, err := s.next.RoundTrip(r)
	if err != nil || how == "" {
		return answer, err
	}
	if how == "no answer" {
		answer.Body.Close()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return answer, spoils[how](answer)
}

// syncTrial is a sync on an emulator through a spoiler, in a bubble.
type syncTrial struct {
	t      *testing.T
	way    *spoiler
	direct *stripe.Client // to the server, past the spoiler
	run    *syncRun
	stderr *lockedBuffer
	stdout *bytes.Buffer
	wrong  []string
}

func newTrial(t *testing.T, world emulator.Config, spoil func(int, *http.Request) string) *syncTrial {
	server := emulator.New(world)
	direct, err := stripe.New(stripe.Config{Key: mustParseKey(aKey), Transport: emulator.Transport(server)})
	if err != nil {
		t.Fatal(err)
	}
	way := &spoiler{next: emulator.Transport(server), spoil: spoil}
	s, err := newServer(stripe.Config{Key: mustParseKey(aKey), ReadOnly: true, Transport: way}, 0)
	if err != nil {
		t.Fatal(err)
	}
	store := storetest.NewMemory()
	trial := &syncTrial{t: t, way: way, direct: direct, stderr: &lockedBuffer{}, stdout: &bytes.Buffer{}}
	trial.run = &syncRun{
		process: &Process{Stdout: trial.stdout, Stderr: trial.stderr}, server: s, place: &config.Place{Account: "acct_1"}, store: store,
		syncer: syncer.New(syncer.Config{API: s.api, Store: store}), began: time.Now(),
	}
	return trial
}

// sync runs it to its end, looks at each moment whether what is claimed is so, and
// returns what sync failed with.
func (s *syncTrial) sync(limit time.Duration) error {
	ctx, end := context.WithTimeout(s.t.Context(), limit)
	defer end()
	over := make(chan struct{}, 2)
	go func() {
		s.run.syncer.Run(ctx)
		over <- struct{}{}
	}()
	go func() {
		for changes := s.run.syncer.Subscribe(ctx); ctx.Err() == nil; {
			s.check(s.run.syncer.Status(), "meanwhile")
			select {
			case <-ctx.Done():
			case <-changes:
			}
		}
		over <- struct{}{}
	}()
	err := s.run.await(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		s.wrong = append(s.wrong, "it never ends")
	}
	if err == nil {
		err = s.run.report(ctx, "text")
	}
	end()
	<-over
	<-over
	return err
}

// check compares a claim with what the server has.
func (s *syncTrial) check(status mirror.Status, when string) {
	c := status.Claim(time.Now())
	known := map[string]bool{}
	ids, err := s.run.store.IDs(context.Background(), 0)
	if err != nil {
		s.t.Error(err)
	}
	for _, id := range ids {
		known[id] = true
	}
	lacks, lacksNew := 0, 0
	err = clienttest.EachSession(context.Background(), s.direct, client.SessionListParams{}, func(x client.Session) error {
		if !known[x.ID] && x.Created.Time().Before(status.Checked) {
			lacks++
			if !status.Back.IsZero() && !x.Created.Time().Before(status.Back) {
				lacksNew++
			}
		}
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
	fail := func(format string, args ...any) {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: %s: %+v of %+v", when, fmt.Sprintf(format, args...), c, status))
	}
	switch {
	case c.Complete && (status.Checked.IsZero() || lacks > 0):
		fail("complete, and %d sessions are not known", lacks)
	case c.Filled >= 1 && !c.Complete:
		fail("all is read, and it is not complete")
	case c.Link == mirror.Synced && (!c.Complete || !c.Dated):
		fail("synced, and not complete")
	case lacksNew > 0:
		fail("%d sessions are not known that are newer than what is read back to", lacksNew)
	}
	// sampled after the status, which can only have grown truer
	if p, err := s.run.store.Progress(context.Background()); err != nil || p.Complete() && c.Complete && lacks > 0 {
		fail("progress is complete: %v", err)
	}
}

// judge looks at what sync said in the end.
func (s *syncTrial) judge(err error, sessions int) {
	said := s.stdout.String()
	p, broken := s.run.store.Progress(context.Background())
	if broken != nil {
		s.t.Error(broken)
	}
	butFor := "" // rows without an id, which nobody can ask for again
	if p.Lost > 0 {
		butFor = fmt.Sprintf(" but for %d unreadable", p.Lost)
	}
	switch {
	case err == nil && (!strings.Contains(said, "complete to ") || !strings.Contains(said, "Z"+butFor+", ") || !strings.HasPrefix(said, fmt.Sprintf("%d session", sessions))):
		s.wrong = append(s.wrong, "it ends well with "+said)
	case err != nil && (said != "" || err.Error() == ""):
		s.wrong = append(s.wrong, fmt.Sprintf("it fails with %q and says %q", err, said))
	case err != nil && !causes.MatchString(err.Error()):
		s.wrong = append(s.wrong, fmt.Sprintf("it does not say why: %q", err))
	}
	var warned bytes.Buffer
	if err := tellLacks(context.Background(), &Process{Stderr: &warned}, s.run.store, p, time.Now()); err != nil {
		s.t.Error(err)
	}
	if (warned.Len() == 0) != (p.Complete() && p.Lost == 0) {
		s.wrong = append(s.wrong, fmt.Sprintf("list warns %q at %+v", warned.String(), p))
	}
}

// causes is what a failure of sync names.
var causes = regexp.MustCompile("does not answer in time|does not accept the key|no permission|slow down|error of its own|no complete answer|not one of Stripe's|the request failed|no such object|or a proxy on the way")

// TestCompleteIsSaidOnlyOfWhatWasRead lets each request of a sync fail in each way,
// once, from then on, and for good for its kind of request.
func TestCompleteIsSaidOnlyOfWhatWasRead(t *testing.T) {
	worlds := []int{0, 30, 230}
	if testing.Short() {
		worlds = worlds[:2]
	}
	for _, sessions := range worlds {
		requests := 0
		synctest.Test(t, func(t *testing.T) {
			trial := newTrial(t, emulator.Config{Seed: 4, Sessions: sessions}, func(int, *http.Request) string { return "" })
			trial.judge(trial.sync(time.Minute), sessions)
			if requests = trial.way.asked; len(trial.wrong) > 0 || requests < 3 {
				t.Fatalf("without a fault, %d requests: %s", requests, trial.wrong)
			}
		})
		for how := range spoils {
			for at := range requests {
				for lasts, spoiled := range map[string]func(n int, r, first *http.Request) bool{
					"once":    func(n int, _, _ *http.Request) bool { return n == at },
					"from on": func(n int, _, _ *http.Request) bool { return n >= at },
					"its kind": func(n int, r, first *http.Request) bool {
						return n >= at && r.URL.Path == first.URL.Path
					},
				} {
					synctest.Test(t, func(t *testing.T) {
						var first *http.Request
						trial := newTrial(t, emulator.Config{Seed: 4, Sessions: sessions}, func(n int, r *http.Request) string {
							if n == at {
								first = r
							}
							if n >= at && spoiled(n, r, first) {
								return how
							}
							return ""
						})
						trial.judge(trial.sync(20*time.Minute), sessions)
						if len(trial.wrong) > 0 {
							t.Errorf("%d sessions, %s of request %d, %s: %s", sessions, how, at, lasts, trial.wrong[0])
						}
					})
				}
			}
		}
	}
}

// TestSyncUnderRandomFaults plays random schedules of faults, with sessions that
// come meanwhile. IDTOP_SYNC_SCHEDULES=10000 plays as many, IDTOP_SYNC_SCHEDULE=n
// one of them.
func TestSyncUnderRandomFaults(t *testing.T) {
	first, end := uint64(0), uint64(150)
	if testing.Short() {
		end = 40
	}
	if n, err := strconv.ParseUint(os.Getenv("IDTOP_SYNC_SCHEDULES"), 10, 64); err == nil {
		end = n
	}
	if n, err := strconv.ParseUint(os.Getenv("IDTOP_SYNC_SCHEDULE"), 10, 64); err == nil {
		first, end = n, n+1
	}
	ended := 0
	for seed := first; seed < end; seed++ {
		if last, ok := t.Deadline(); ok && time.Until(last) < 30*time.Second {
			break
		}
		synctest.Test(t, func(t *testing.T) {
			if wrong := playFaults(t, rand.New(rand.NewPCG(seed, 1))); wrong != "" {
				t.Errorf("schedule %d: %s", seed, wrong)
			}
		})
		if ended++; t.Failed() {
			break
		}
	}
	t.Logf("%d schedules", ended)
}

// playFaults plays one schedule and returns the first thing that was not so.
func playFaults(t *testing.T, random *rand.Rand) string {
	hows := []string{"no answer"}
	for how := range spoils {
		hows = append(hows, how)
	}
	slices.Sort(hows)
	sessions := []int{0, 1, 99, 100, 101, 250, 450}[random.IntN(7)]
	share := []float64{0, 0.05, 0.3, 0.7, 1}[random.IntN(5)]
	until := random.IntN(60) // requests, after which the server is well
	noEvents := random.IntN(4) == 0
	var mu sync.Mutex
	trial := newTrial(t, emulator.Config{Seed: random.Uint64(), Sessions: sessions}, func(n int, r *http.Request) string {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case noEvents && r.URL.Path == "/v1/events":
			return "403"
		case n < until && random.Float64() < share:
			return hows[random.IntN(len(hows))]
		}
		return ""
	})
	came := random.IntN(150)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; n < came && ctx.Err() == nil; n++ {
			_, _ = trial.direct.CreateSession(ctx, client.SessionCreateParams{Type: "document", Metadata: map[string]string{"user_id": fmt.Sprint("late_", n)}}, client.NewIdempotencyKey())
			mu.Lock()
			pause := time.Duration(random.IntN(900)) * time.Millisecond
			mu.Unlock()
			time.Sleep(pause)
		}
	}()
	err := trial.sync(time.Hour)
	stop()
	<-done
	trial.check(trial.run.syncer.Status(), "in the end")
	if err != nil && !causes.MatchString(err.Error()) {
		return fmt.Sprintf("it does not say why: %q", err)
	}
	if len(trial.wrong) > 0 {
		return trial.wrong[0]
	}
	return ""
}

// TestSyncSaysWhyItWaits: the cause is there within eight seconds, whether the
// server answers with an error or not at all, and what happens next.
func TestSyncSaysWhyItWaits(t *testing.T) {
	for how, want := range map[string]string{
		"no answer": "Stripe does not answer: waiting, then trying again", "500": "Stripe had an error of its own: trying again",
		"429": "Stripe asks to slow down: trying again", "cut": "no complete answer came from the server: trying again",
	} {
		for _, from := range []int{0, 1, 3} {
			t.Run(fmt.Sprint(how, " from ", from), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					trial := newTrial(t, emulator.Config{Seed: 4, Sessions: 900}, func(n int, r *http.Request) string {
						if n >= from {
							return how
						}
						return ""
					})
					ended := make(chan error, 1)
					go func() { ended <- trial.sync(20 * time.Minute) }()
					time.Sleep(8 * time.Second)
					synctest.Wait()
					if said := trial.stderr.String(); !strings.Contains(said, want) {
						t.Errorf("after eight seconds it has said %q, want %q", said, want)
					}
					if err := <-ended; err == nil || !causes.MatchString(err.Error()) {
						t.Errorf("it ends with %v", err)
					}
				})
			})
		}
	}
}
