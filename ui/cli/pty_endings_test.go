//go:build e2e && unix

package cli

import (
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

func TestPTYEndings(t *testing.T) {
	for name, end := range map[string]func(*console){
		"q":       func(c *console) { c.press("q") },
		"ctrl+c":  func(c *console) { c.press("\x03") },
		"SIGTERM": func(c *console) { c.signal(syscall.SIGTERM) },
		"SIGINT":  func(c *console) { c.signal(syscall.SIGINT) },
		"SIGHUP":  func(c *console) { c.signal(syscall.SIGHUP) },
		"SIGQUIT": func(c *console) { c.signal(syscall.SIGQUIT) },
		"SIGABRT": func(c *console) { c.signal(syscall.SIGABRT) },
	} {
		if name == "SIGHUP" && signal.Ignored(syscall.SIGHUP) {
			continue // as under nohup: the program leaves it ignored
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, 100, 30, "--demo")
			c.awaitFull()
			if *c.termios() == c.before {
				t.Error("the terminal is not in raw mode")
			}
			end(c)
			if code := c.awaitExit(5 * time.Second); code != exitOK {
				t.Errorf("exit code %d", code)
			}
			c.expectRestored()
			if text := strings.TrimSpace(c.screen.Text()); text != "" {
				t.Errorf("left on the screen: %q", text)
			}
			c.expectNothingKept()
		})
	}
}

// expectNothingKept checks that a demo took its mirror with it.
func (c *console) expectNothingKept() {
	c.t.Helper()
	if entries, err := os.ReadDir(c.home); err != nil || len(entries) > 0 {
		c.t.Errorf("%v: left behind: %v", err, entries)
	}
}

// The window is closed: nobody is left to restore anything for.
func TestPTYHangUp(t *testing.T) {
	c := start(t, 100, 30, "--demo")
	c.awaitFull()
	c.slave.Close()
	c.master.Close()
	if code := c.awaitExit(5 * time.Second); code != exitOK && code != exitFailed {
		t.Errorf("exit code %d", code)
	}
}

// A terminal that does not read, as behind a dead connection, holds every
// write, and with it the program's own way to end.
func TestPTYTerminalThatStopsReading(t *testing.T) {
	c := start(t, 100, 30, "--demo")
	c.awaitFull()
	c.reading.Lock() // the reader takes one piece more, then waits here
	defer c.reading.Unlock()
	c.awaitBlocked()
	c.signal(syscall.SIGTERM)
	begin := time.Now()
	if code := c.awaitExit(5 * time.Second); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	t.Logf("ended after %s", time.Since(begin).Round(time.Millisecond))
	c.expectSettings()
	c.expectNothingKept()
}

// awaitBlocked makes the program draw until what waits to be read does not
// grow any more.
func (c *console) awaitBlocked() {
	c.t.Helper()
	waiting, same := -1, 0
	for i := 0; same < 10; i++ {
		if i > 500 {
			c.t.Fatal("the program does not block")
		}
		if err := pty.Setsize(c.master, &pty.Winsize{Rows: 30, Cols: uint16(100 + i%2)}); err != nil {
			c.t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond) // between two looks
		now, err := unix.IoctlGetInt(int(c.master.Fd()), unix.TIOCINQ)
		if err != nil {
			c.t.Fatal(err)
		}
		if now == waiting && now > 0 {
			same++
		} else {
			waiting, same = now, 0
		}
	}
}

// ctrl+z needs a shell that can bring the program back.
func TestPTYSuspend(t *testing.T) {
	t.Run("without job control", func(t *testing.T) {
		c := start(t, 100, 30, "--demo")
		c.awaitFull()
		c.press("\x1a")
		c.awaitText("no shell with job control")
		c.press("q")
		c.awaitExit(5 * time.Second)
		c.expectRestored()
	})
	t.Run("in a shell", func(t *testing.T) {
		shell, err := exec.LookPath("bash")
		if err != nil {
			t.Skip("there is no bash here, whose job control this needs")
		}
		name, err := program()
		if err != nil {
			t.Fatal(err)
		}
		c := open(t, 100, 30, shell, "--norc", "--noprofile", "-i")
		c.press(name + " --demo\n")
		c.awaitFull()
		c.press("\x1a")
		c.awaitText("Stopped")
		if c.screen.AltScreen() {
			t.Error("the screen was not left")
		}
		c.press("fg\n")
		c.await("screen again", func() bool { return c.screen.AltScreen() && c.isFull() })
		c.press("j")
		c.press("q")
		c.await("shell's prompt again", func() bool { // what is typed before it may be thrown away
			said := strings.TrimSpace(c.screen.Text())
			return !c.screen.AltScreen() && (strings.HasSuffix(said, "#") || strings.HasSuffix(said, "$"))
		})
		c.press("echo code=$?\n")
		c.awaitText("code=0")
		c.press("exit\n")
		c.awaitExit(5 * time.Second)
	})
}
