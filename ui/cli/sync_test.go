package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
	"idtop/ui/config"
)

// account is an emulated account, with what idtop keeps of it.
type account struct {
	t        *testing.T
	dir      string
	url      string
	requests atomic.Int64
	refuse   atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool] // answers instead of the server, if it likes
	server   atomic.Pointer[emulator.Server]
}

// fromNoon is the clock of a server where the test begins at noon of a certain day: the
// seeded world is the same whenever the test runs, and midnight is far.
func fromNoon() func() time.Time {
	ahead := time.Until(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	return func() time.Time { return time.Now().Add(ahead) }
}

func newAccount(t *testing.T, config emulator.Config) *account {
	t.Helper()
	a := &account{t: t, dir: t.TempDir()}
	a.server.Store(emulator.New(config))
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.requests.Add(1)
		if refuse := a.refuse.Load(); refuse == nil || !(*refuse)(w, r) {
			a.server.Load().ServeHTTP(w, r)
		}
	}))
	t.Cleanup(served.Close)
	a.url = served.URL
	return a
}

func (a *account) run(ctx context.Context, args ...string) outcome {
	a.t.Helper()
	var stdout, stderr bytes.Buffer
	code := Run(ctx, Process{
		Args: append(args, "--data-dir", a.dir, "--api-base", a.url), Environ: []string{config.KeyVariable + "=" + aKey},
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
	})
	return outcome{code, stdout.String(), stderr.String()}
}

// synced runs sync and returns what it reports.
func (a *account) synced(args ...string) syncReport {
	a.t.Helper()
	got := a.run(a.t.Context(), append([]string{"sync", "--format", "json"}, args...)...)
	var report syncReport
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || got.code != exitOK {
		a.t.Fatalf("%v: got %+v", err, got)
	}
	return report
}

// mirrors lists the folders of mirrors.
func (a *account) mirrors() []string {
	a.t.Helper()
	entries, err := os.ReadDir(filepath.Join(a.dir, "mirrors"))
	if err != nil {
		a.t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestSync(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 1234})
	first := a.synced()
	if first.Sessions != 1234 || first.Reads < 13 || first.Reads > 60 || !strings.HasPrefix(first.Account, "acct_1") || first.Livemode || first.Complete == "" {
		t.Errorf("the first sync reports %+v", first)
	}
	total := 0
	for _, n := range first.States {
		total += n
	}
	if total != first.Sessions {
		t.Errorf("the states %v are of %d sessions", first.States, total)
	}
	if names := a.mirrors(); len(names) != 1 || !strings.HasPrefix(names[0], first.Account+"-test@127.0.0.1_") {
		t.Errorf("the mirrors are %v", names)
	}
	before := a.requests.Load()
	second := a.synced()
	if second.Sessions != 1234 || a.requests.Load()-before > 10 || second.Reads <= first.Reads {
		t.Errorf("the second sync sends %d requests and reports %+v", a.requests.Load()-before, second)
	}
	before = a.requests.Load()
	listed := a.run(t.Context(), "list", "--format", "json")
	if rows := ids(t, listed); len(rows) != 1234 || a.requests.Load() != before {
		t.Errorf("%d rows are listed with %d requests", len(rows), a.requests.Load()-before)
	}
}

func TestSyncInWords(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 50})
	got := a.run(t.Context(), "sync")
	if got.code != exitOK || got.stderr != "" || !strings.HasPrefix(got.stdout, "50 sessions: ") || !strings.Contains(got.stdout, " verified") ||
		!strings.Contains(got.stdout, "\ncomplete to 20") || !strings.HasSuffix(got.stdout, " reads this month\n") {
		t.Errorf("got %+v", got)
	}
}

func TestSyncRebuild(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 300})
	first := a.synced()
	got := a.run(t.Context(), "sync", "--rebuild")
	want := "idtop: emptying the mirror of " + first.Account + ` (test mode) in "` + filepath.Join(a.dir, "mirrors", a.mirrors()[0]) +
		"\": all sessions are read from Stripe again, their history stays\n"
	if got.code != exitOK || got.stderr != want || !strings.HasPrefix(got.stdout, "300 sessions: ") {
		t.Errorf("got %+v, want stderr %s", got, want)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Config{Dir: filepath.Join(a.dir, "mirrors", a.mirrors()[0]), Owner: mirror.Owner{Account: first.Account}})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if got := a.run(t.Context(), "sync", "--rebuild"); got.code != exitFailed || !strings.Contains(got.stderr, "is open in another idtop\nhint: close every other idtop and try again\n") {
		t.Errorf("a mirror in use is removed: %+v", got)
	}
}

// What can repair a damaged mirror is what its message says.
func TestSyncRebuildsADamagedMirror(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 30})
	a.synced()
	file := filepath.Join(a.dir, "mirrors", a.mirrors()[0], "mirror.db")
	if err := os.WriteFile(file, bytes.Repeat([]byte("damaged "), 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	got := a.run(t.Context(), "sync")
	if got.code != exitFailed || !strings.Contains(got.stderr, " is damaged\nhint: idtop sync --rebuild reads everything from Stripe again, and keeps the histories that can be read\n") {
		t.Errorf("got %+v", got)
	}
	if report := a.synced("--rebuild"); report.Sessions != 30 {
		t.Errorf("after the rebuild %+v", report)
	}
}

func TestSyncThatIsStopped(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 2000})
	ctx, stop := context.WithCancel(t.Context())
	lists := new(atomic.Int64)
	refuse := func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/identity/verification_sessions" && lists.Add(1) > 5 {
			stop()
			<-r.Context().Done()
			return true
		}
		return false
	}
	a.refuse.Store(&refuse)
	got := a.run(ctx, "sync")
	if got.code != exitFailed || got.stdout != "" || !strings.HasPrefix(got.stderr, "idtop: stopped before all was read: reading back: to ") ||
		!strings.HasSuffix(got.stderr, " reads\nhint: nothing is lost: the next run goes on from there\n") {
		t.Errorf("got %+v", got)
	}
	a.refuse.Store(nil)
	if listed := a.run(t.Context(), "list"); !strings.Contains(listed.stderr, "older sessions are missing") || strings.Count(listed.stdout, "\n") < 100 {
		t.Errorf("%d lines are listed, stderr %q", strings.Count(listed.stdout, "\n"), listed.stderr)
	}
	if report := a.synced(); report.Sessions != 2000 {
		t.Errorf("the next sync reports %+v", report)
	}
}

func TestSyncWithAKeyThatIsRefused(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 20})
	a.synced()
	refuse := func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","message":"Expired API Key provided"}}`))
		return true
	}
	a.refuse.Store(&refuse)
	expectFailure(t, a.run(t.Context(), "sync"), exitFailed, "read account: Stripe does not accept the key: Expired API Key provided",
		"check STRIPE_API_KEY or --key-file: it may be mistyped, expired or revoked")
	if rows := ids(t, a.run(t.Context(), "list", "--format", "json")); len(rows) != 20 {
		t.Errorf("%d sessions are left", len(rows))
	}
}

// A key is asked for its account once; later starts need no answer before they
// can show the mirror.
func TestFirstStartWithoutAnAnswer(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 20})
	a.url = "http://127.0.0.1:1"
	got := a.run(t.Context(), "sync")
	expectFailure(t, got, exitFailed, "whose key this is has to be asked at its first start: read account: the server refuses the connection: connection refused",
		"check the network and start again; from the second start on a mirror is shown without it")
	if _, err := os.Stat(filepath.Join(a.dir, "mirrors")); err == nil {
		t.Error("a mirror was made all the same")
	}
}

// The mirror is one account's. If the key is another's after all, nothing is
// read into it, and the next start finds the right one.
func TestKeyOfAnotherAccount(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 20})
	first := a.synced()
	a.server.Store(emulator.New(emulator.Config{Seed: 2, Sessions: 33}))
	got := a.run(t.Context(), "sync")
	if got.code != exitFailed || got.stdout != "" || !strings.Contains(got.stderr, ", and the mirror that was opened is of "+first.Account+
		": nothing was read or changed\nhint: start idtop again: it opens the mirror of acct_1") {
		t.Errorf("got %+v", got)
	}
	second := a.synced()
	if second.Sessions != 33 || second.Account == first.Account || len(a.mirrors()) != 2 {
		t.Errorf("the next start reports %+v, mirrors %v", second, a.mirrors())
	}
}

// An account and a mode in the config pin the key: another one is refused before
// anything is read, also where the mirror of its account is known.
func TestPinnedAccount(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 2})
	pinned := func(settings string) outcome {
		t.Helper()
		return a.run(t.Context(), "sync", "--config", keyFile(t, "[profiles.a]\n"+settings, 0o600), "--profile", "a")
	}
	const way = "give a key of acct_other, or choose another profile with --profile"
	for _, reads := range []int64{1, 0} { // whose the key is, once
		a.requests.Store(0)
		got := pinned("account = \"acct_other\"\n")
		if !strings.HasPrefix(got.stderr, `idtop: account of profile "a" is acct_other, and the key rk_test_…mnop is of acct_1`) ||
			!strings.HasSuffix(got.stderr, ": nothing was read or changed\nhint: "+way+"\n") || got.code != exitFailed || a.requests.Load() != reads {
			t.Errorf("%d requests, want %d, and %+v", a.requests.Load(), reads, got)
		}
		expectFailure(t, pinned("mode = \"live\"\n"), exitFailed, `mode of profile "a" is live, and the key rk_test_…mnop is of test mode: nothing was read or changed`,
			"give a key of live mode, or choose another profile with --profile")
		if a.requests.Load() != reads {
			t.Error("a key of the wrong mode was sent")
		}
	}
	if _, err := os.Stat(filepath.Join(a.dir, "mirrors")); err == nil {
		t.Error("a mirror was made")
	}
	account := a.synced().Account
	if got := pinned("account = \"" + account + "\"\nmode = \"test\"\n"); got.code != exitOK {
		t.Errorf("the right key is refused: %+v", got)
	}
	refuse := func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","message":"No."}}`))
		return true
	}
	a.refuse.Store(&refuse)
	a.dir = t.TempDir()
	if got := pinned("account = \"" + account + "\"\n"); !strings.Contains(got.stderr, "may not tell whose it is: nothing was read or changed\nhint: give a key that may read its account") {
		t.Errorf("a key of nobody knows whom: %+v", got)
	}
}

// A key that may not know its account has a mirror of its own.
func TestKeyWithoutAnAccount(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 20})
	refuse := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/account" {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","message":"No."}}`))
		return true
	}
	a.refuse.Store(&refuse)
	for range 2 {
		if report := a.synced(); report.Sessions != 20 || !strings.HasPrefix(report.Account, "key_") {
			t.Errorf("got %+v", report)
		}
	}
	if names := a.mirrors(); len(names) != 1 || !strings.HasPrefix(names[0], "key_") {
		t.Errorf("the mirrors are %v", names)
	}
}

// Without the permission for events a sync still ends.
func TestSyncWithoutEvents(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 250})
	refuse := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/events" {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","message":"Having the 'rak_event_read' permission would allow this request to continue."}}`))
		return true
	}
	a.refuse.Store(&refuse)
	if report := a.synced(); report.Sessions != 250 {
		t.Errorf("got %+v", report)
	}
}

// While another idtop keeps the mirror, sync waits for that one.
func TestSyncBesideAnother(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 120})
	a.synced()
	key := mustParseKey(aKey)
	pl, err := config.FindPlace(t.Context(), &Process{}, key, config.Options{DataDir: a.dir, APIBase: a.url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := pl.Open(t.Context(), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	api, err := stripe.New(stripe.Config{Key: key, BaseURL: a.url})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	other := syncer.New(syncer.Config{API: api, Store: store})
	ended := make(chan struct{})
	go func() { defer close(ended); other.Run(ctx) }()
	changes := other.Subscribe(ctx)
	for other.Status().Last.IsZero() {
		<-changes
	}
	if report := a.synced(); report.Sessions != 120 {
		t.Errorf("got %+v", report)
	}
	stop()
	<-ended
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// spoil lets a server show two of its sessions in another form wherever they come:
// one with a numeric user_id, and one without an id.
func (a *account) spoil() {
	var odd, nameless any
	spoiled := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet {
			return false
		}
		answer := httptest.NewRecorder()
		a.server.Load().ServeHTTP(answer, r)
		var object map[string]any
		if json.Unmarshal(answer.Body.Bytes(), &object) != nil {
			return false
		}
		data, _ := object["data"].([]any)
		if odd == nil && len(data) > 1 && strings.HasSuffix(r.URL.Path, "/verification_sessions") {
			odd, nameless = data[0].(map[string]any)["id"], data[1].(map[string]any)["id"]
		}
		for _, o := range append(data, object) {
			session := o.(map[string]any)
			if event, ok := session["data"].(map[string]any); ok {
				session = event["object"].(map[string]any)
			}
			switch id := session["id"]; {
			case id == nil || odd == nil:
			case id == odd:
				session["metadata"] = map[string]any{"user_id": 4711}
			case id == nameless:
				session["id"] = nil
			}
		}
		w.Header().Set("Date", answer.Header().Get("Date"))
		w.WriteHeader(answer.Code)
		_ = json.NewEncoder(w).Encode(object)
		return true
	}
	a.refuse.Store(&spoiled)
}

// TestOneOddSessionHidesNothing: a page with one that can't be read is taken, and
// what can't be read is said wherever something is called complete.
func TestOneOddSessionHidesNothing(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 5})
	a.spoil()
	for range 2 { // the second time it is what was kept
		got := a.run(t.Context(), "sync")
		if got.code != exitOK || !strings.HasPrefix(got.stdout, "4 sessions") || !strings.Contains(got.stdout, " but for 2 unreadable, ") ||
			!strings.Contains(got.stdout, "\nunreadable: vs_") || !strings.Contains(got.stdout, ", its metadata\n") {
			t.Errorf("sync says %+v", got)
		}
	}
	got := a.run(t.Context(), "list")
	if !strings.Contains(got.stdout, "unreadable: metadata") || !strings.Contains(got.stderr, "1 of the sessions could not be read as a whole") ||
		!strings.Contains(got.stderr, "1 of the sessions had no id that could be read") {
		t.Errorf("list says %+v", got)
	}
	var sessions []listed
	if err := json.Unmarshal([]byte(a.run(t.Context(), "list", "--format", "json").stdout), &sessions); err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions {
		if s.Unreadable == "" {
			continue
		}
		got := a.run(t.Context(), "redact", s.ID, "--plan")
		if !strings.Contains(got.stdout, "unreadable: metadata") || strings.Contains(got.stdout, "REDACT 1") {
			t.Errorf("the plan says %+v", got)
		}
	}
}

// TestSyncReadsTheReportsToo: after a sync the list has the facts of every report.
func TestSyncReadsTheReportsToo(t *testing.T) {
	s := newShop(t, emulator.Config{Seed: 5, Sessions: 900})
	s.good("sync")
	reported := 0
	for line := range strings.Lines(s.good("list", "--format", "jsonl").stdout) {
		var row listed
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if row.Report != "" {
			reported++
		}
		if known := row.Attempts > 0; known != (row.Report != "") {
			t.Errorf("%+v", row)
		}
	}
	if reported < 300 {
		t.Errorf("%d sessions have a report", reported)
	}
}

// TestASyncAsksForTheLastSecondAtOnce: what a poll found before the server's clock reached
// the start of the sync is asked for again without waiting for the next poll.
func TestASyncAsksForTheLastSecondAtOnce(t *testing.T) {
	began := time.Date(2026, 11, 28, 9, 0, 10, 300e6, time.UTC)
	second := began.Truncate(time.Second)
	for name, c := range map[string]struct {
		status          mirror.Status
		early, complete bool
	}{
		"a second before":      {mirror.Status{Last: began.Add(time.Second), Checked: second.Add(-time.Second)}, true, false},
		"in the same second":   {mirror.Status{Last: began.Add(time.Second), Checked: second}, false, true},
		"asked before":         {mirror.Status{Last: began.Add(-time.Second), Checked: second.Add(-time.Second)}, false, false},
		"still filled":         {mirror.Status{Last: began.Add(time.Second), Checked: second.Add(-time.Second), Filling: true}, false, false},
		"another reads":        {mirror.Status{Last: began.Add(time.Second), Checked: second.Add(-time.Second), Following: true}, false, false},
		"a failure":            {mirror.Status{Last: began.Add(time.Second), Checked: second.Add(-time.Second), Err: errors.New("no")}, false, false},
		"a clock that is fast": {mirror.Status{Last: began.Add(time.Second), Checked: second, Ahead: 2 * time.Second}, true, false},
	} {
		r := &syncRun{began: began}
		if early, complete := r.early(c.status), r.complete(c.status); early != c.early || complete != c.complete {
			t.Errorf("%s: early %v, complete %v", name, early, complete)
		}
	}
}
