package act_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/plan"
	"idtop/client/stripe"
)

// The test binary carries out redactions in the folder that this names, when it is
// started so, and marks the last one by looks at files that are not there.
const redactIn = "IDTOP_ACT_TEST_REDACT"

// mostSyncs is how many waits for the disk a redaction may take, from the accepted
// phrase to the recorded acceptance, in a folder that is in use.
const mostSyncs = 8

func TestMain(m *testing.M) {
	if dir := os.Getenv(redactIn); dir != "" {
		if err := redactTwice(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// held lets the requests for one session wait, so that its job does not end.
type held struct {
	id   atomic.Value
	wait chan struct{}
	next http.RoundTripper
}

func (h *held) RoundTrip(r *http.Request) (*http.Response, error) {
	if id, ok := h.id.Load().(string); ok && strings.HasSuffix(r.URL.Path, "/"+id) {
		<-h.wait
	}
	return h.next.RoundTrip(r)
}

// redactTwice redacts a session, and then, between the marks, one session of a
// second job; the other session of that job is not read before the second mark.
func redactTwice(dir string) error {
	ctx := context.Background()
	server := emulator.New(emulator.Config{Seed: 1, Sessions: 20})
	key, err := client.ParseKey(theKey)
	if err != nil {
		return err
	}
	network := &held{wait: make(chan struct{}), next: emulator.Transport(server)}
	api, err := stripe.New(stripe.Config{Key: key, Transport: network})
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, sqlite.Config{Dir: filepath.Join(dir, "mirror"), Owner: mirror.Owner{Account: theAccount}})
	if err != nil {
		return err
	}
	defer store.Close()
	desk, err := act.Open(act.Config{Dir: dir, API: api, Key: key, Account: theAccount, Store: store})
	if err != nil {
		return err
	}
	defer desk.Close()
	for _, marked := range []bool{false, true} {
		var seen []plan.Seen
		for range 2 {
			session, err := api.CreateSession(ctx, aCreation(), client.NewIdempotencyKey())
			if err != nil {
				return err
			}
			if err := store.Apply(ctx, mirror.Origin{At: time.Now(), Sent: time.Now(), News: true}, session); err != nil {
				return err
			}
			seen = append(seen, plan.Seen{ID: session.ID, State: session.State(), AsOf: time.Now()})
		}
		if marked {
			network.id.Store(seen[1].ID)
		}
		made, err := plan.New(client.Redact, theAccount, false, seen, 0)
		if err != nil {
			return err
		}
		mark(dir, "begin", marked)
		job, err := desk.Confirm(made, plan.Options{})
		if err != nil {
			return err
		}
		run, err := desk.Start(ctx, job.ID)
		if err != nil {
			return err
		}
		for accepted := 0; accepted == 0; time.Sleep(time.Millisecond) {
			now, err := desk.Journal.Job(job.ID)
			if err != nil {
				return err
			}
			accepted = now.Counts.Accepted()
		}
		if marked {
			mark(dir, "end", marked)
			close(network.wait)
		}
		<-run.Done()
	}
	return nil
}

func mark(dir, name string, marked bool) {
	if marked {
		os.Chdir(filepath.Join(dir, "mark-"+name)) // fails, and is seen
	}
}

// TestARedactionWaitsForTheDiskAFewTimes counts the calls that wait for the disk.
func TestARedactionWaitsForTheDiskAFewTimes(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed here: it counts the calls")
	}
	dir := t.TempDir()
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command(strace, "-f", "-y", "-e", "trace=fsync,fdatasync,chdir", "-o", trace, os.Args[0])
	cmd.Env = append(os.Environ(), redactIn+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "ptrace") {
			t.Skipf("strace may not trace here: %s", out)
		}
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	_, after, begun := strings.Cut(string(text), "mark-begin")
	between, _, ended := strings.Cut(after, "mark-end")
	if !begun || !ended {
		t.Fatalf("no marks in %s", text)
	}
	var syncs []string
	for line := range strings.Lines(between) {
		if strings.Contains(line, "sync(") {
			syncs = append(syncs, strings.TrimSpace(line))
		}
	}
	t.Logf("%d waits for the disk:\n%s", len(syncs), strings.Join(syncs, "\n"))
	if len(syncs) > mostSyncs {
		t.Errorf("%d waits for the disk, at most %d are allowed", len(syncs), mostSyncs)
	}
	if len(syncs) < 3 {
		t.Errorf("only %d: the confirmation, the intent and the outcome are not on the disk", len(syncs))
	}
}
