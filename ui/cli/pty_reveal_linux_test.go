//go:build e2e

package cli

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"idtop/client/emulator"
	"idtop/ui/internal/screentest"
)

// TestPTYRevealedIsMaskedBeforeTheEnd leaves the screen while a person's name is revealed: no
// byte of it comes after that, and the last frame before the terminal is given back is masked.
// What idtop has copied is gone then, too.
func TestPTYRevealedIsMaskedBeforeTheEnd(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here, whose job control this needs")
	}
	s := newShop(t, emulator.Config{})
	s.key = aKey
	id := s.ask("POST", "/v1/identity/verification_sessions", url.Values{"type": {"document"}, "metadata[user_id]": {"ann_8392"}}).ID
	s.submit(id, "verified")
	secrets := s.secretsOf("/v1/identity/verification_sessions/" + id + "?expand[]=verified_outputs")
	config := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(config, []byte("clipboard_clear = \"1h\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	const emptied = "\x1b]52;c;\a"
	for what, end := range map[string]func(c *console){
		"q":       func(c *console) { c.press("q"); c.awaitShell() },
		"SIGTERM": func(c *console) { c.kill(syscall.SIGTERM); c.awaitShell() },
		"SIGHUP":  func(c *console) { c.kill(syscall.SIGHUP); c.awaitShell() },
		"ctrl+z":  func(c *console) { c.press("\x1a"); c.awaitText("Stopped") },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := open(t, 120, 40, shell, "--norc", "--noprofile", "-i")
			c.press(name + " --api-base " + s.base + " --config " + config + "\n")
			c.awaitText("1 All 1")
			c.press("5g\r")
			c.awaitText("OUTPUTS")
			c.press("y")
			c.awaitText("Copied the id")
			c.press("v")
			c.awaitText("esc nothing")
			c.press("n")
			c.awaitText("name, shown for")
			var shown []string
			for _, secret := range secrets {
				if c.screen.Contains(secret) {
					shown = append(shown, secret)
				}
			}
			if len(shown) < 2 {
				t.Fatalf("of %q only %q is revealed", secrets, shown)
			}
			from := len(c.wrote())
			end(c)
			all := c.wrote()
			left := strings.LastIndex(all, "\x1b[?1049l")
			if left < from {
				t.Fatal("the screen was not left")
			}
			last := screentest.New(120, 40)
			defer last.Close()
			last.Write(received([]byte(all[:left])))
			for _, secret := range shown {
				if leaks([]byte(all[from:]), secret) != nil || last.Contains(secret) {
					t.Errorf("%q comes after the end was asked for, or is in the last frame:\n%s", secret, last.Text())
				}
			}
			if !last.Contains("OUTPUTS") || last.Contains("shown for") {
				t.Errorf("the last frame is\n%s", last.Text())
			}
			if goesOn := what == "ctrl+z"; strings.Contains(all[from:], emptied) == goesOn {
				t.Errorf("the clipboard was emptied: %t", !goesOn)
			}
			if what == "ctrl+z" {
				c.press("fg\n")
				c.await("screen again", c.screen.AltScreen)
				c.press("q")
				c.awaitShell()
			}
			c.press("exit\n")
			c.awaitExit(5 * time.Second)
		})
	}
}

// awaitShell waits for the end of the program in a shell.
func (c *console) awaitShell() {
	c.t.Helper()
	c.await("shell again", func() bool { return !c.screen.AltScreen() })
}

// kill sends a signal to the program in the foreground of a shell.
func (c *console) kill(signal syscall.Signal) {
	c.t.Helper()
	group, err := unix.IoctlGetInt(int(c.master.Fd()), unix.TIOCGPGRP)
	if err == nil {
		err = syscall.Kill(-group, signal)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}
