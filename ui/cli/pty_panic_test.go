//go:build e2e && unix

package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestPTYPanic makes a goroutine of the mirror panic: the program gives the
// terminal back and does not show the value, even when that goroutine holds a lock
// that the end of the program needs.
func TestPTYPanic(t *testing.T) {
	for name, c := range map[string]struct {
		before string
		within time.Duration
	}{
		"in order": {"", 8 * time.Second},
		"by force": {"s.mu.Lock(); ", faultPatience + 5*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			const begin = "func (s *Store) watch(ctx context.Context) {\n"
			binary := changed(t, "client/mirror/sqlite/follow.go", begin,
				begin+"\tif s.wait(ctx) == nil {\n\t\ttime.Sleep(2 * time.Second)\n\t\t"+c.before+"panic(\"Ann Example\")\n\t}\n")
			console := open(t, 100, 30, binary, "--demo")
			console.awaitText("STATE")
			if code := console.awaitExit(c.within); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			console.expectRestored()
			text := console.screen.Text()
			if !regexp.MustCompile("internal error [0-9a-f]{8}: ").MatchString(text) || !strings.Contains(text, "follow.go:") || strings.Contains(text, "Ann") {
				t.Errorf("it says %q", text)
			}
		})
	}
}

// changed builds the program with another text in one of its files.
func changed(t *testing.T, name, from, to string) (binary string) {
	t.Helper()
	dir := t.TempDir()
	name = filepath.Join(root(t), name)
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(source), from, to, 1)
	if text == string(source) {
		t.Fatalf("%s has no %q", name, from)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {name: filepath.Join(dir, "changed.go")}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{"changed.go": text, "overlay.json": string(overlay)} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary = filepath.Join(dir, "idtop")
	if out, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, "idtop").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}
