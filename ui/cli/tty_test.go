//go:build unix

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"idtop/client"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/internal/screentest"
)

// tty is a terminal for the program, which runs inside the test's own process.
type tty struct {
	screen *screentest.Screen
	master *os.File // keys are written there
	slave  *os.File
	home   string      // where the program keeps its mirrors and looks for its config
	opened atomic.Bool // the program had its screen open
	before unix.Termios
}

func newTTY(t *testing.T) *tty {
	t.Helper()
	if raceDetector {
		t.Skip("when a program ends, Bubble Tea 2.1 closes its input while its reader may still wait on it: a race of the library's that the detector sees on a slow machine")
	}
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 30, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	c := &tty{screen: screentest.New(100, 30), master: master, slave: slave, home: t.TempDir()}
	c.before = *termios(t, slave)
	drained, ended := make(chan struct{}), new(atomic.Bool)
	go func() {
		defer close(drained)
		piece := make([]byte, 64<<10)
		for {
			n, err := master.Read(piece)
			c.screen.Write(received(piece[:n]))
			if c.screen.AltScreen() {
				c.opened.Store(true)
			}
			if err != nil || ended.Load() {
				return
			}
		}
	}()
	t.Cleanup(func() {
		// The slave stays open: Bubble Tea's reader may not have noticed yet that
		// its program has ended.
		ended.Store(true)
		_, _ = slave.WriteString(" ")
		<-drained
		master.Close()
		c.screen.Close()
	})
	return c
}

// received is what came from a terminal device, for a screen. The screen returns
// the carriage at a line feed; here the device has done so already, or the
// program has told it not to, so that a line feed is nothing but a step down.
func received(piece []byte) []byte { return bytes.ReplaceAll(piece, []byte("\n"), []byte("\x1bD")) }

func termios(t *testing.T, f *os.File) *unix.Termios {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// run runs the program in the terminal; stderr is kept apart.
func (c *tty) run(t *testing.T, ctx context.Context, environ []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var stderr bytes.Buffer
	code := Run(ctx, Process{
		Args: args, Environ: append(c.environ(), environ...),
		Stdin: c.slave, Stdout: c.slave, Stderr: &stderr,
	})
	if now := termios(t, c.slave); *now != c.before {
		t.Errorf("the terminal's settings are %+v, were %+v", *now, c.before)
	}
	return outcome{code, "", stderr.String()}
}

// environ is the environment of a terminal with a home of its own.
func (c *tty) environ() []string {
	return []string{"TERM=xterm-256color", "HOME=" + c.home, "TMPDIR=" + c.home}
}

// knows lets the program know the account of the test's key at a server, as from
// an earlier start.
func (c *tty) knows(t *testing.T, base string) {
	t.Helper()
	if _, err := config.FindPlace(t.Context(), &Process{Environ: c.environ()}, mustParseKey(aKey), config.Options{APIBase: base}, onlyAccount{}); err != nil {
		t.Fatal(err)
	}
}

// await waits until the screen is as it should be.
func await(t testing.TB, screen *screentest.Screen, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s on the screen:\n%s", what, screen.Text())
		}
	}
}

// refusing is a server that refuses every request after a while.
func refusing(t *testing.T, delay time.Duration, status int, message string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
		}
		w.Header().Set("Request-Id", "req_123")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"type": "invalid_request_error", "message": message}})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestKeyThatIsRefused(t *testing.T) {
	const permission = "The provided key 'rk_test_***' does not have the required permissions for this endpoint on account " +
		"'acct_123'. Having the 'rak_identity_product_read' permission would allow this request to continue."
	for name, c := range map[string]struct {
		status     int
		message    string
		line, hint string
	}{
		"wrong key": {401, "Invalid API Key provided: rk_test_****mnop\x1b]0;x\a",
			"read account: Stripe does not accept the key: Invalid API Key provided: rk_test_****mnop␛]0;x␇ (req_123)",
			"check STRIPE_API_KEY or --key-file: it may be mistyped, expired or revoked"},
		"no permission": {403, permission,
			`list sessions: the key has no permission for this: the key lacks the permission ` +
				`"Identity, Verification Sessions and Reports: Read" (rak_identity_product_read) (req_123)`,
			"give the restricted key the permission named above in the Stripe Dashboard"},
	} {
		for _, when := range []string{"at once", "late"} {
			t.Run(name+" "+when, func(t *testing.T) {
				delay := time.Duration(0)
				if when == "late" {
					delay = 2 * firstAnswer
				}
				console := newTTY(t)
				base := refusing(t, delay, c.status, c.message)
				console.knows(t, base)
				got := console.run(t, t.Context(), []string{config.KeyVariable + "=" + aKey}, "--api-base", base)
				expectFailure(t, got, exitFailed, c.line, c.hint)
				await(t, console.screen, "normal screen", func() bool { return !console.screen.AltScreen() })
				if opened := console.opened.Load(); opened != (when == "late") {
					t.Errorf("the screen was opened: %v", opened)
				}
			})
		}
	}
}

// What is no verdict on the key opens the dashboard, which shows the cause.
func TestOtherErrorsOpenTheDashboard(t *testing.T) {
	for name, c := range map[string]struct {
		base  string
		shown string
	}{
		"server":     {refusing(t, 0, 500, "Sorry"), "Stripe had an error of its own"},
		"no network": {"http://127.0.0.1:1", "the server refuses the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			console := newTTY(t)
			console.knows(t, c.base)
			ctx, stop := context.WithCancel(t.Context())
			go func() {
				defer stop()
				await(t, console.screen, c.shown, func() bool { return console.screen.Contains(c.shown) })
			}()
			got := console.run(t, ctx, []string{config.KeyVariable + "=" + aKey}, "--api-base", c.base)
			if got.code != exitOK || got.stderr != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Plain mode whose output takes nothing any more says so: the command line was right.
func TestPlainModeIsNotHeard(t *testing.T) {
	reader, full := io.Pipe()
	_ = reader.CloseWithError(syscall.ENOSPC)
	var stderr bytes.Buffer
	code := Run(t.Context(), Process{Args: []string{"--demo", "--demo-sessions", "50", "--plain"}, Environ: []string{"TERM=dumb"}, Stdin: strings.NewReader("q\n"), Stdout: full, Stderr: &stderr})
	if code != exitFailed || stderr.String() != "idtop: the answers can't be written: no space left on device\n" {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}

func TestTerminalThatCanNotPlaceText(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Process{Args: []string{"--demo", "--demo-sessions", "50"}, Environ: []string{"TERM=dumb"}, Stdin: strings.NewReader("j\nq\n"), Stdout: &stdout, Stderr: &stderr})
	if said := stdout.String(); code != exitOK || stderr.Len() > 0 || !strings.Contains(said, "> j\nRow 1 of ") || strings.Contains(said, "\x1b") {
		t.Errorf("a dumb terminal: exit code %d, stderr %q, stdout:\n%q", code, stderr.String(), said)
	}
	code = Run(t.Context(), Process{Args: []string{"--demo"}, Stdin: newTTY(t).slave, Stdout: io.Discard, Stderr: &stderr})
	if code != exitUsage || !strings.Contains(stderr.String(), "standard output is none") || !strings.Contains(stderr.String(), "add --plain") {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}

// The key and the switches of the terminal library that write all to a file
// are gone before anything is drawn.
func TestEnvironmentIsCleaned(t *testing.T) {
	console := newTTY(t)
	gone := map[string]bool{}
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer stop()
		await(t, console.screen, "Failed", func() bool { return console.screen.Contains("Failed") })
	}()
	Run(ctx, Process{
		Args: []string{"--demo"}, Environ: append(console.environ(), config.KeyVariable+"="+aKey, "TEA_TRACE=/dev/null", "TEA_DEBUG=1"),
		Unsetenv: func(name string) error { gone[name] = true; return nil },
		Stdin:    console.slave, Stdout: console.slave, Stderr: io.Discard,
	})
	for _, name := range []string{config.KeyVariable, "TEA_TRACE", "TEA_DEBUG"} {
		if !gone[name] {
			t.Errorf("%s is left in the environment", name)
		}
	}
}

// panicking is an API that fails in a way nobody expects: while the back-fill
// lists sessions, or later while the tail lists events.
type panicking struct {
	client.API
	late  bool
	calls atomic.Int32
}

func (p *panicking) ListSessions(ctx context.Context, params client.SessionListParams) (client.Page[client.Session], error) {
	if !p.late && p.calls.Add(1) > 2 {
		panic("Ann Example")
	}
	return p.API.ListSessions(ctx, params)
}

func (p *panicking) ListEvents(ctx context.Context, params client.EventListParams) (client.Page[client.Event], error) {
	if p.late && p.calls.Add(1) > 2 {
		panic("Ann Example")
	}
	return p.API.ListEvents(ctx, params)
}

// A panic outside of Bubble Tea's reach would leave the terminal raw.
func TestPanicOfTheSyncerGivesTheTerminalBack(t *testing.T) {
	for name, late := range map[string]bool{"back-fill": false, "tail": true} {
		t.Run(name, func(t *testing.T) {
			console := newTTY(t)
			var stderr bytes.Buffer
			p := &Process{Environ: console.environ(), Stdin: console.slave, Stdout: console.slave, Stderr: &stderr}
			o := dashboardOptions{demo: true, demoSessions: 1000, Options: config.Options{Poll: time.Second}}
			s, err := findServer(t.Context(), p, o)
			if err != nil {
				t.Fatal(err)
			}
			s.api = &panicking{API: s.api, late: late}
			terminal, err := openTerminal(p)
			if err != nil {
				t.Fatal(err)
			}
			k, err := keep(t.Context(), p, s, o)
			if err != nil {
				t.Fatal(err)
			}
			defer k.end()
			_, err = runWith(t.Context(), p, s, k, terminal, o)
			f := fail.Of(err)
			f.Print(&stderr)
			if f.Misuse || !strings.HasPrefix(stderr.String(), "idtop: internal error "+faultID(f.Frames)+": a panic with a value of type string\nhint: ") ||
				!strings.Contains(stderr.String(), "syncer.(*") || strings.Contains(stderr.String(), "Ann") {
				t.Errorf("misuse %t, stderr %q", f.Misuse, stderr.String())
			}
			await(t, console.screen, "normal screen", func() bool { return !console.screen.AltScreen() })
			if now := termios(t, console.slave); *now != console.before {
				t.Errorf("the terminal's settings are %+v, were %+v", *now, console.before)
			}
		})
	}
}

// TestLoginDoesNotShowTheKey: nothing that is typed is echoed, and the terminal is as
// before, also when the operator stops.
func TestLoginDoesNotShowTheKey(t *testing.T) {
	for _, stop := range []bool{false, true} {
		master, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer master.Close()
		defer slave.Close()
		before := *termios(t, slave)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var stderr bytes.Buffer
		type result struct {
			text string
			err  error
		}
		read := make(chan result, 1)
		go func() {
			text, err := askKey(ctx, &Process{Stdin: slave, Stderr: &stderr})
			read <- result{text, err}
		}()
		for deadline := time.Now().Add(10 * time.Second); termios(t, slave).Lflag&unix.ECHO != 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the terminal goes on echoing")
			}
		}
		if stop {
			cancel()
		} else if _, err := master.WriteString(aKey + "\n"); err != nil {
			t.Fatal(err)
		}
		got := <-read
		if stop && (got.err == nil || got.text != "") || !stop && (got.err != nil || got.text != aKey) {
			t.Errorf("stopped: %t, got %q, %v", stop, got.text, got.err)
		}
		if now := termios(t, slave); now.Lflag != before.Lflag {
			t.Errorf("stopped: %t, the terminal's settings are %+v, were %+v", stop, now.Lflag, before.Lflag)
		}
		if stderr.String() != "API key (it is not shown): \n" {
			t.Errorf("it says %q", stderr.String())
		}
		if stop { // the read goes on until something comes
			_, _ = master.WriteString("\n")
			continue
		}
		_, _ = slave.WriteString("end")
		echoed := make([]byte, 1000)
		n, err := master.Read(echoed)
		if said := string(echoed[:n]); err != nil || strings.Contains(said, aKey[8:]) || strings.Contains(said, aKey[:8]) {
			t.Errorf("the terminal shows %q, %v", said, err)
		}
	}
}
