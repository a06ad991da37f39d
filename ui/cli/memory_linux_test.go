//go:build e2e

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPTYMemoryIsClosed looks at what the system knows of the built binary: no core file,
// no look into its memory for other programs of the same user, no file for other users.
func TestPTYMemoryIsClosed(t *testing.T) {
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(name, "emulator", "--listen", "127.0.0.1:0")
	if command.Dir, err = os.MkdirTemp("", "idtop-"); err != nil { // t.TempDir's is in one of ours alone
		t.Fatal(err)
	}
	defer os.RemoveAll(command.Dir)
	command.Env = []string{"HOME=" + command.Dir, "GOTRACEBACK=crash"} // which asks for a core file
	const nobody = 65534
	if os.Getuid() == 0 { // of root's processes everything belongs to root anyway
		for _, folder := range []string{filepath.Dir(name), command.Dir} {
			if err := os.Chmod(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer command.Process.Kill()
	if _, err := out.Read(make([]byte, 1)); err != nil { // it has begun to talk
		t.Fatal(err)
	}
	proc := fmt.Sprintf("/proc/%d/", command.Process.Pid)
	for file, want := range map[string]string{"limits": `(?m)^Max core file size +0 +0 `, "status": `(?m)^Umask:\t0077$`} {
		if text, err := os.ReadFile(proc + file); err != nil || !regexp.MustCompile(want).Match(text) {
			t.Errorf("%v: not as %q:\n%s", err, want, text)
		}
	}
	for _, file := range []string{"mem", "environ"} {
		if info, err := os.Stat(proc + file); err != nil || info.Sys().(*syscall.Stat_t).Uid != 0 {
			t.Errorf("%v: others may read %s", err, file)
		}
	}
	done := make(chan error, 1)
	_ = command.Process.Signal(syscall.SIGABRT)
	go func() { done <- command.Wait() }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("it goes on after SIGABRT")
	}
	if status := command.ProcessState.Sys().(syscall.WaitStatus); status.CoreDump() {
		t.Error("it left a core file")
	}
	if left, err := os.ReadDir(command.Dir); err != nil || len(left) > 0 {
		t.Errorf("%v: left behind: %v", err, left)
	}
}

// TestPTYFatalErrorHoldsNoValue makes the runtime itself give up, which no program can
// catch: what Go then writes has no value of ours, and no core file is left.
func TestPTYFatalErrorHoldsNoValue(t *testing.T) {
	const begin = "func (s *Store) watch(ctx context.Context) {\n"
	binary := changed(t, "client/mirror/sqlite/follow.go", begin, begin+`	if name := []string{"Ann Example"}; s.wait(ctx) == nil {
		s.mu.Lock()
		time.Sleep(time.Second)
		for range append(name, "Bob Example") {
			s.mu.Unlock()
		}
	}
`)
	c := open(t, 100, 30, binary, "--demo")
	c.awaitText("STATE")
	if code := c.awaitExit(8 * time.Second); code != exitUsage { // the runtime's own
		t.Errorf("exit code %d", code)
	}
	c.await("the error", func() bool { return strings.Contains(c.wrote(), "fatal error: sync: unlock of unlocked mutex") })
	if strings.Contains(c.wrote(), "Example") {
		t.Errorf("it says %q", c.wrote())
	}
	if left, _ := filepath.Glob(filepath.Join(c.home, "core*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}
