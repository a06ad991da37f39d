//go:build e2e && unix

package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"idtop/ui/config"
	"idtop/ui/internal/screentest"
)

// The built binary in a real terminal. These tests look at what a person and
// the shell would see, and at nothing inside.

// program is the built binary.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "idtop-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "idtop")
	if out, err := exec.Command("go", "build", "-o", name, "idtop").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return name, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if name, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(name))
	}
	os.Exit(code)
}

// console is a terminal with the program running in it, as leader of its
// session, like under ssh.
type console struct {
	t       testing.TB
	screen  *screentest.Screen
	master  *os.File
	slave   *os.File // kept open: the terminal outlives the program
	home    string   // where the program may write
	command *exec.Cmd
	before  unix.Termios
	started time.Time
	bytes   atomic.Int64 // that the program wrote
	log     bytes.Buffer // these bytes
	full    atomic.Int64 // when the first full frame was there, in ns since the start
	logging sync.Mutex
	reading sync.Mutex // held by a terminal that does not read
	exited  chan error
}

// open starts a command in a terminal of w columns and h lines.
func open(t testing.TB, w, h int, name string, args ...string) *console {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}); err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, screen: screentest.New(w, h), master: master, slave: slave, home: t.TempDir(), exited: make(chan error, 1)}
	c.before = *c.termios()
	c.command = exec.Command(name, args...)
	c.command.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "HOME=" + c.home, "TMPDIR=" + c.home, "PATH=" + os.Getenv("PATH"), config.KeyVariable + "=" + aKey}
	c.command.Stdin, c.command.Stdout, c.command.Stderr = slave, slave, slave
	c.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	c.started = time.Now()
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	drained := make(chan struct{})
	go func() { defer close(drained); c.read() }()
	go func() { c.exited <- c.command.Wait() }()
	t.Cleanup(func() {
		_ = c.command.Process.Kill()
		slave.Close()
		<-drained
		master.Close()
		c.screen.Close()
	})
	return c
}

// start runs the built binary.
func start(t testing.TB, w, h int, args ...string) *console {
	t.Helper()
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, w, h, name, args...)
}

// read takes what the program writes until nobody has the terminal open.
func (c *console) read() {
	piece := make([]byte, 64<<10)
	for {
		c.reading.Lock()
		n, err := c.master.Read(piece)
		at := time.Since(c.started)
		c.reading.Unlock()
		c.logging.Lock()
		c.log.Write(piece[:max(0, n)])
		c.logging.Unlock()
		if err != nil {
			return
		}
		c.bytes.Add(int64(n))
		c.screen.Write(received(piece[:n]))
		if c.full.Load() == 0 && c.isFull() {
			c.full.Store(int64(at))
		}
	}
}

// wrote is everything that the program wrote so far.
func (c *console) wrote() string {
	c.logging.Lock()
	defer c.logging.Unlock()
	return c.log.String()
}

var hasRows = regexp.MustCompile(`(✗ failed|○ waiting|◐ processing|✓ verified|– canceled|◌ redacting|⊘ redacted) +\S`)

// isFull tells whether all of the first frame is there, from the header to the
// footer, with rows.
func (c *console) isFull() bool {
	_, h := c.screen.Size()
	return strings.Contains(c.screen.Line(0), "idtop") && strings.Contains(c.screen.Line(h-1), "enter why") && hasRows.MatchString(c.screen.Text())
}

func (c *console) termios() *unix.Termios {
	c.t.Helper()
	state, err := unix.IoctlGetTermios(int(c.slave.Fd()), getTermios)
	if err != nil {
		c.t.Fatal(err)
	}
	return state
}

func (c *console) press(keys string) {
	c.t.Helper()
	if _, err := io.WriteString(c.master, keys); err != nil {
		c.t.Fatal(err)
	}
}

func (c *console) await(what string, is func() bool) {
	c.t.Helper()
	await(c.t, c.screen, what, is)
}

func (c *console) awaitText(text string) {
	c.t.Helper()
	c.await(text, func() bool { return c.screen.Contains(text) })
}

func (c *console) awaitGone(text string) {
	c.t.Helper()
	c.await("end of "+text, func() bool { return !c.screen.Contains(text) })
}

func (c *console) awaitFull() {
	c.t.Helper()
	c.await("full frame", func() bool { return c.full.Load() > 0 })
}

// selected is the line with the cursor.
func (c *console) selected() string {
	y, ok := c.screen.Find("▸")
	if !ok {
		return ""
	}
	return c.screen.Line(y)
}

func (c *console) signal(s os.Signal) {
	c.t.Helper()
	if err := c.command.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// awaitExit waits for the end and returns the exit code.
func (c *console) awaitExit(within time.Duration) int {
	c.t.Helper()
	select {
	case <-c.exited:
		return c.command.ProcessState.ExitCode()
	case <-time.After(within):
		c.t.Fatalf("still running after %s:\n%s", within, c.screen.Text())
	}
	return -1
}

// expectRestored checks that the terminal is as it was before the program.
func (c *console) expectRestored() {
	c.t.Helper()
	c.await("restored terminal", func() bool {
		_, _, cursor := c.screen.Cursor()
		return cursor && !c.screen.AltScreen()
	})
	c.expectSettings()
}

func (c *console) expectSettings() {
	c.t.Helper()
	if now := c.termios(); *now != c.before {
		c.t.Errorf("the terminal's settings are %+v, were %+v", *now, c.before)
	}
}

// A triage from end to end: look, search, read why, cancel, redact, quit.
func TestPTYTriage(t *testing.T) {
	c := start(t, 120, 40, "--demo")
	c.awaitFull()
	for _, want := range []string{"TEST", "read-write", "● synced", "1 All", "STATE", "USER ID", "REASON"} {
		c.awaitText(want)
	}
	c.awaitText("TOUR 1 of 6")
	c.press("\x1b")
	c.awaitGone("TOUR")
	c.search()
	// The oldest failures: nobody comes back to those while the test runs.
	c.press("2G")
	old := regexp.MustCompile(`✗ failed .* [1-9][0-9]d `)
	c.await("oldest failure", func() bool { return old.MatchString(c.selected()) })
	c.act("c", "Cancel this session?", "✓ Canceled ")
	c.press("k")
	c.act("r", "Redact this session?", "· Redaction of ")
	c.press("q")
	if code := c.awaitExit(5 * time.Second); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	c.expectRestored()
	if text := strings.TrimSpace(c.screen.Text()); text != "" {
		t.Errorf("left on the screen: %q", text)
	}
}

// The mouse in a real terminal: taken by the config, given back by ctrl+t and at the end.
func TestPTYMouse(t *testing.T) {
	c := start(t, 120, 40, "--demo")
	c.awaitFull()
	if c.screen.Mode(screentest.MouseClicks) {
		t.Error("the mouse was taken silently")
	}
	c.press("P\x14") // paused, so that the rows stay where they are
	c.await("mouse", func() bool { return c.screen.Mode(screentest.MouseClicks) })
	c.press("\x1b[<0;20;12M\x1b[<0;20;12m") // line 12 of the terminal
	c.await("selected row", func() bool { return c.selected() != "" && c.selected() == c.screen.Line(11) })
	c.press("\x1b[<65;20;12M\x1b[<65;20;12M")
	c.await("scrolled row", func() bool { return c.selected() != "" && c.selected() != c.screen.Line(11) })
	c.press("\x14")
	c.await("mouse given back", func() bool { return !c.screen.Mode(screentest.MouseClicks) })
	c.press("\x14")
	c.await("mouse", func() bool { return c.screen.Mode(screentest.MouseClicks) })
	c.press("q")
	if code := c.awaitExit(5 * time.Second); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	c.await("mouse given back", func() bool { return !c.screen.Mode(screentest.MouseClicks) })
	c.expectRestored()
}

// search finds a person by three letters, opens the detail and comes back.
func (c *console) search() {
	c.t.Helper()
	c.press("/")
	c.press("ann")
	c.await("matches only", func() bool { return strings.Contains(c.selected(), "ann") && c.screen.Contains(" of ") })
	c.press("\r") // keeps the search
	c.press("\r") // opens the session
	c.awaitText("CREATED")
	c.awaitText("esc back")
	c.press("\x1b")
	c.awaitGone("CREATED")
	c.press("\x1b")
	c.awaitGone("/ ann")
}

// act opens a confirmation, backs out of it, tries what must not confirm, and
// confirms.
func (c *console) act(key, question, done string) {
	c.t.Helper()
	const armed = "only this key does it"
	c.press(key)
	c.awaitText(question)
	c.press("\x1b")
	c.awaitGone(question)

	c.press(key + "y") // typed ahead
	c.awaitText(armed)
	for _, other := range []string{"\r", " ", "\t", key, "\x1b[200~y\x1b[201~"} {
		c.press(other)
	}
	c.press("\x1b[A")
	c.awaitText(question) // none of them did anything
	if c.screen.Contains(done) {
		c.t.Fatalf("confirmed without y:\n%s", c.screen.Text())
	}
	c.press("\x1b")
	c.awaitGone(question)

	c.press(key)
	c.awaitText(armed)
	c.press("y")
	c.awaitText(done)
}
