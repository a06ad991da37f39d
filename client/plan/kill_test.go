package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/ledger"
	"idtop/client/stripe"
)

var noDelay = emulator.Config{RedactionDelay: -1}

// What TestMain makes of the test binary when it is started again.
const (
	childDir = "IDTOP_PLAN_TEST_DIR"
	childURL = "IDTOP_PLAN_TEST_URL"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(dir, os.Getenv(childURL)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child carries out the one job of a folder, as a program does that is started.
func child(dir, base string) error {
	key, err := client.ParseKey(testKey)
	if err != nil {
		return err
	}
	api, err := stripe.New(stripe.Config{Key: key, BaseURL: base, Attempts: 1})
	if err != nil {
		return err
	}
	j, err := OpenJournal(dir, ledger.Options{})
	if err != nil {
		return err
	}
	defer j.Close()
	r := NewRunner(Config{Journal: j, API: api, Act: testAct, Account: testAccount})
	open, err := j.Unfinished()
	if err != nil || len(open) == 0 {
		return err
	}
	run, err := r.Start(context.Background(), open[0].ID)
	if err != nil {
		return err
	}
	<-run.Done()
	return run.Err()
}

// TestKilledForReal kills a process that carries out a job, with no warning, at
// any moment, again and again.
func TestKilledForReal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a killed process is not comparable there")
	}
	w := newWorld(t, client.Redact, 1, faults{limited: 2, lostAfter: 4, failAfter: 1}, noDelay)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		id, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, sessionsPath+"/"), "/")
		if r.Method == http.MethodPost {
			w.mu.Lock()
			w.posts++
			effect, had := w.effects[id]
			w.mu.Unlock()
			if had && effect != r.Header.Get("Idempotency-Key") {
				w.violate(secondKey, id)
			}
		}
		res, err := w.serve(id, r)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer res.Body.Close()
		for name, values := range res.Header {
			rw.Header()[name] = values
		}
		rw.WriteHeader(res.StatusCode)
		_, _ = io.Copy(rw, res.Body)
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Listener = listener
	server.Start()
	defer server.Close()

	dir := t.TempDir()
	r, j := w.start().runner(dir)
	var states []client.State
	for range 150 {
		states = append(states, client.StateWaiting)
	}
	job, err := r.Add(w.plan(states...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	j.Close()

	kills, over := 0, false
	for life := 0; life < 60 && !over; life++ {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir, childURL+"="+server.URL)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		patience := 30 * time.Second
		if life < 12 {
			patience = time.Duration(60+rand.IntN(250)) * time.Millisecond
		}
		select {
		case err := <-done:
			over = err == nil
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			<-done
			kills++
		}
	}
	j = openTest(t, dir)
	if kept, err := j.book.Verify(ledger.Head{}); err != nil || kept.Pending+kept.Unpaired > 0 || kept.Records < 301 {
		t.Errorf("%+v, %v", kept, err)
	}
	report, err := j.Report(job.ID)
	if err != nil || len(report.Rows) != 150 {
		t.Fatal(len(report.Rows), err)
	}
	for _, row := range report.Rows {
		if row.State != Complete && row.State != Following || w.truth(row.Session).State() != client.StateRedacted {
			t.Errorf("%+v", row)
		}
	}
	if len(w.wrong) > 0 || kills == 0 || len(w.effects) != 150 {
		t.Errorf("%d kills, %d effects, %v", kills, len(w.effects), w.wrong)
	}
	summary, _ := json.Marshal(report.Job.Counts)
	t.Logf("%d kills, %d POSTs, counts %s", kills, w.posts, summary)
}
