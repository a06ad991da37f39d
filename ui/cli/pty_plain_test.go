//go:build e2e && unix

package cli

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// TestPTYPlainModeEndsWhereNobodyReads: the output is a pipe that is full.
func TestPTYPlainModeEndsWhereNobodyReads(t *testing.T) {
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(name, "--demo", "--demo-sessions", "200", "--plain")
	command.Env = []string{"HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir()}
	command.Stdin = strings.NewReader(strings.Repeat("ctrl+l\n?\nesc\n", 5000))
	out, full, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	command.Stdout = full
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	full.Close()
	waiting, same := 0, 0
	for i := 0; same < 20; i++ {
		if i > 1000 {
			t.Fatal("the program does not block")
		}
		time.Sleep(20 * time.Millisecond) // between two looks
		now, err := unix.IoctlGetInt(int(out.Fd()), unix.TIOCINQ)
		if err != nil {
			t.Fatal(err)
		}
		if same++; now != waiting || now < 32<<10 {
			waiting, same = now, 0
		}
	}
	begin := time.Now()
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = command.Wait() }()
	select {
	case <-ended:
		t.Logf("ended after %s with %d", time.Since(begin).Round(time.Millisecond), command.ProcessState.ExitCode())
	case <-time.After(8 * time.Second):
		_ = command.Process.Kill()
		t.Error("it does not end")
	}
}

// Not one escape byte is written in plain mode, in a terminal that could take them, and
// the terminal's settings stay as they were.
func TestPlainModeWritesNoEscape(t *testing.T) {
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(name, "--demo", "--demo-sessions", "200", "--plain")
	command.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	terminal, err := pty.Start(command)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var mu sync.Mutex
	var out bytes.Buffer
	go func() {
		piece := make([]byte, 4096)
		for {
			n, err := terminal.Read(piece)
			mu.Lock()
			out.Write(piece[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	said := func() string { mu.Lock(); defer mu.Unlock(); return out.String() }
	prompts := func(n int) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); strings.Count(said(), "> ") < n; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("no prompt %d in:\n%s", n, said())
			}
		}
	}
	prompts(1)
	for _, line := range []string{"j", "enter", "i", "esc", "5", "j", "v", "n", "y", "ctrl+l", "?", "esc", ":theme", "esc", "\x16\x1b[2J", "r", "esc"} {
		before := strings.Count(said(), "> ")
		if _, err := terminal.Write([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
		prompts(before + 1)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if text := said(); strings.Contains(text, "\x1b") || !strings.Contains(text, "Name: ") || !strings.Contains(text, "Redact, test mode") {
		t.Errorf("it wrote:\n%q", text)
	}
}
