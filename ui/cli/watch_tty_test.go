//go:build unix

package cli

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"idtop/client/emulator"
	"idtop/ui/config"
)

// A watch that leads gives way to a dashboard that is opened: the dashboard reads for both,
// and the watch asks Stripe for nothing. Once the dashboard has gone, the watch reads again.
// The two programs have different keys of one account, by which the server tells them apart.
func TestWatchGivesWayToADashboard(t *testing.T) {
	const dashboardKey = "sk_test_ofTheDashboard0000000000"
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 60})
	a.synced()
	var ofWatch, ofDashboard atomic.Int64
	count := func(_ http.ResponseWriter, r *http.Request) bool {
		switch {
		case !strings.HasPrefix(r.URL.Path, "/v1/"):
		case strings.Contains(r.Header.Get("Authorization"), dashboardKey):
			ofDashboard.Add(1)
		default:
			ofWatch.Add(1)
		}
		return false
	}
	a.refuse.Store(&count)
	first, _ := a.waiting()
	w := a.watch("--query", "state:failed,verified")
	<-w.based

	console := newTTY(t)
	grows := func(who string, requests *atomic.Int64) {
		t.Helper()
		before := requests.Load()
		await(t, console.screen, "requests of the "+who, func() bool { return requests.Load() >= before+2 })
	}
	grows("watch", &ofWatch)

	ctx, quit := context.WithCancel(t.Context())
	defer quit()
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, Process{
			Args:    []string{"--data-dir", a.dir, "--api-base", a.url, "--poll", "1s"},
			Environ: append(console.environ(), config.KeyVariable+"="+dashboardKey), Stdin: console.slave, Stdout: console.slave, Stderr: io.Discard,
		})
	}()
	await(t, console.screen, "list", func() bool { return console.screen.Contains("synced") })
	var still int64
	await(t, console.screen, "watch that has given way", func() bool {
		still = ofWatch.Load()
		grows("dashboard", &ofDashboard)
		return ofWatch.Load() == still
	})
	a.submit(first, "outcome=requires_input&code=document_expired")
	if line, text := w.line(); line.Session != first || line.State != "failed" {
		t.Errorf("what the dashboard read: %s", text)
	}
	if n := ofWatch.Load() - still; n != 0 {
		t.Errorf("the watch sent %d requests beside the dashboard", n)
	}
	quit()
	if code := <-ended; code != exitOK {
		t.Errorf("the dashboard ended with %d", code)
	}

	grows("watch", &ofWatch)
	second, _ := a.waiting()
	a.submit(second, "outcome=verified")
	if line, text := w.line(); line.Session != second || line.State != "verified" {
		t.Errorf("what the watch read itself: %s", text)
	}
	if rest := w.stop(); len(rest) != 0 {
		t.Errorf("also %q", rest)
	}
}
