//go:build unix

package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"idtop/client/emulator"
	"idtop/ui/config"
	"idtop/ui/safe"
)

// longQuiet is longer than the quiet that ends what was typed ahead.
const longQuiet = 450 * time.Millisecond

// world is an emulator that notes the keys that it is asked with.
type world struct {
	*httptest.Server
	mu   sync.Mutex
	keys map[string]bool
}

func newWorld(t *testing.T, c emulator.Config) *world {
	w := &world{keys: map[string]bool{}}
	server := emulator.New(c)
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.keys[r.Header.Get("Authorization")] = true
		w.mu.Unlock()
		server.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

// onlyAsked fails unless the world was asked with this key alone.
func (w *world) onlyAsked(t *testing.T, key string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.keys) != 1 || !w.keys["Bearer "+key] {
		t.Errorf("the world of %.8s was asked with %d keys", key, len(w.keys))
	}
}

// Two accounts in two worlds, on one terminal: each sees its own key, and nothing of the
// one is on the screen or open in the files once the other is shown. What was written is
// said in the messages of the next, and a profile that can't be shown leads back.
func TestSwitchOfProfiles(t *testing.T) {
	const liveKey, other = "rk_live_51Nzyxwvutsrqponm", "\x0f"
	t.Cleanup(func() { safe.SetASCII(false) })
	console := newTTY(t)
	tested, live := newWorld(t, emulator.Config{Seed: 1, Sessions: 30}), newWorld(t, emulator.Config{Seed: 2, Sessions: 12, Live: true})
	file := keyFile(t, fmt.Sprintf(`
profile = "tested"
undo = "0s"
[profiles.tested]
mode = "test"
api_base = %q
[profiles.public]
mode = "live"
ascii = true
api_base = %q
key_file = %q
[profiles.wrong]
mode = "test"
api_base = %q
key_file = %q
`, tested.URL, live.URL, keyFile(t, liveKey, 0o600), live.URL, keyFile(t, liveKey, 0o600)), 0o600)

	ended := make(chan outcome)
	go func() {
		ended <- console.run(t, t.Context(), []string{config.KeyVariable + "=" + aKey}, "--config", file)
	}()
	press := func(keys string) {
		if _, err := console.master.WriteString(keys); err != nil {
			t.Error(err)
		}
	}
	shows := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			await(t, console.screen, text, func() bool { return console.screen.Contains(text) })
		}
	}
	to := func(keys string) { // the box opens at the profile that is shown
		t.Helper()
		time.Sleep(longQuiet) // keys that come at once after a switch were typed for the account before
		press(other)
		shows("Profiles of the config")
		press(keys + "\r")
	}

	shows("1 All 30", " TEST ", "read-write")
	press("/ann\r")
	shows("/ ann")
	press("j ")
	shows("1 marked")
	press("\x10")
	shows("names off")
	to("j")
	shows("1 All 12", "[LIVE]", "read-only", "This is the LIVE account ", "until :write")
	shows("names off", "x failed") // those who look on still do; and this profile is drawn in ASCII
	if console.screen.Contains("/ ann") || console.screen.Contains("TEST") {
		t.Errorf("the test account is left on the screen:\n%s", console.screen.Text())
	}
	if open := openFiles(t, console.home, "-test@"); open != nil {
		t.Errorf("of the test account are open: %q", open)
	}
	to("j")
	shows("The other profile can't be shown: mode of profile \"wrong\" is test", "1 All 12", "[LIVE]")

	to("k")
	shows("This is acct_", "in test mode", "1 All 30", "✗ failed")
	tested.onlyAsked(t, aKey) // of the environment, also the second time
	live.onlyAsked(t, liveKey)

	time.Sleep(longQuiet)
	press("2g")
	shows("row 1 of")
	press("c")
	shows("only this key does it")
	press("y")
	shows("Canceled ")
	to("j")
	shows("1 All 12", "[LIVE]", "This is the LIVE account ")
	time.Sleep(longQuiet)
	press("!")
	shows("Messages", "Ledger head ") // it would have been written to stderr by a quit
	press("!")
	press("q")
	if got := <-ended; got.code != exitOK || got.stderr != "" {
		t.Errorf("got %+v", got)
	}
}

// openFiles are the files below a folder that this process has open, and whose path has a text.
func openFiles(t *testing.T, folder, text string) (open []string) {
	if runtime.GOOS != "linux" {
		return nil
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if to, err := os.Readlink(filepath.Join("/proc/self/fd", e.Name())); err == nil && strings.HasPrefix(to, folder) && strings.Contains(to, text) {
			open = append(open, to)
		}
	}
	return open
}

// A start without a profile can be come back to from each profile.
func TestBackToNoProfile(t *testing.T) {
	file := keyFile(t, "[profiles.a]\nmode = \"test\"\nascii = false\n[profiles.b]\n", 0o600)
	p := &Process{Environ: []string{"HOME=" + t.TempDir()}}
	first := newDashboardOptions(pflag.NewFlagSet("", pflag.ContinueOnError))
	if err := errors.Join(first.flags.Set("config", file), first.Complete(p, first.flags)); err != nil {
		t.Fatal(err)
	}
	if err := first.flags.Set("ascii", "true"); err != nil {
		t.Fatal(err)
	}
	all := &dashboards{process: p, started: *p, first: *first}
	for _, name := range []string{"b", "", "a"} {
		o, err := all.options(name)
		if o.ASCII == nil || !*o.ASCII {
			t.Errorf("in %q the flag --ascii is lost", name)
		}
		var names []string
		for _, profile := range o.Profiles {
			names = append(names, profile.Name)
		}
		if err != nil || o.Profile != name || !slices.Equal(names, []string{"", "a", "b"}) {
			t.Errorf("in %q are %q: %v", name, names, err)
		}
	}
}
