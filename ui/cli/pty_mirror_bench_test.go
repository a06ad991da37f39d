//go:build e2e && linux

package cli

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/ui/config"
)

var mirrorSessions = flag.Int("mirror", 1_000_000, "how many sessions the mirror of BenchmarkMirror has")

// observed is an emulator that notes when it last answered with events.
type observed struct {
	http.Handler
	polled atomic.Int64 // UnixNano
}

func (w *observed) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.Handler.ServeHTTP(out, r)
	if r.URL.Path == "/v1/events" {
		w.polled.Store(time.Now().UnixNano())
	}
}

// BenchmarkMirror is what a mirror of a million sessions costs the built binary:
//
//	go test -tags e2e -run xxx -bench Mirror -benchtime 1x -timeout 30m ./ui/cli
//
// The first run of all, sync, is the back-fill over HTTP on loopback. With
// -mirror 100000 it takes less time.
func BenchmarkMirror(b *testing.B) {
	w := &observed{Handler: emulator.New(emulator.Config{Seed: defaultSeed, Sessions: *mirrorSessions})}
	server := httptest.NewServer(w)
	defer server.Close()
	data := filepath.Join(b.TempDir(), "data")
	flags := []string{"--api-base", server.URL, "--data-dir", data}

	b.Run("sync", func(b *testing.B) { benchSync(b, flags) })
	mirror := filepath.Join(data, "mirrors")
	b.Run("disk", func(b *testing.B) {
		for b.Loop() {
			b.ReportMetric(float64(folderSize(b, mirror))/float64(*mirrorSessions), "B/session")
		}
		b.ReportMetric(0, "ns/op")
	})
	b.Run("start", func(b *testing.B) { benchStart(b, flags) })
	b.Run("idle", func(b *testing.B) { benchQuiet(b, server.URL, flags) })
	b.Run("change", func(b *testing.B) { benchChange(b, w, server.URL, flags) })
}

// benchSync fills the mirror of a first run.
func benchSync(b *testing.B, flags []string) {
	name, err := program()
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		args := append([]string{"sync"}, flags...)
		if i > 0 {
			args = append(args, "--rebuild")
		}
		command := exec.Command(name, args...)
		command.Env = []string{"HOME=" + b.TempDir(), "PATH=" + os.Getenv("PATH"), config.KeyVariable + "=" + aKey}
		began := time.Now()
		if out, err := command.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		b.ReportMetric(float64(*mirrorSessions)/time.Since(began).Seconds(), "sessions/s")
	}
	b.ReportMetric(0, "ns/op")
}

func folderSize(b *testing.B, dir string) (size int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return size
}

// benchStart starts on the mirror: until the first full screen, and until a
// search that was typed at once is answered from all sessions.
func benchStart(b *testing.B, flags []string) {
	first, complete, runs := 0.0, 0.0, 0.0
	for b.Loop() {
		c := start(b, 120, 40, flags...)
		c.awaitFull()
		c.press("/zzqqzzqqzz")
		c.awaitText("No session matches")
		first += float64(c.full.Load()) / 1e6
		complete += float64(time.Since(c.started)) / 1e6
		runs++
		c.press("\x1b")
		c.awaitGone("zzqqzzqqzz") // or the next key would be taken for alt and itself
		c.end()
	}
	b.ReportMetric(first/runs, "ms-first")
	b.ReportMetric(complete/runs, "ms-complete")
	b.ReportMetric(0, "ns/op")
}

// benchQuiet lets the dashboard stand most of an hour after the last session came: its
// CPU, what it writes, its memory. Earlier, ages change each second, and each
// poll reads again the events of the last minutes.
func benchQuiet(b *testing.B, server string, flags []string) {
	const seconds = 20
	answer, err := http.PostForm(server+"/_emulator/clock", url.Values{"advance": {"50m"}})
	if err != nil {
		b.Fatal(err)
	}
	if answer.Body.Close(); answer.StatusCode != http.StatusOK {
		b.Fatal(answer.Status)
	}
	c := start(b, 200, 60, flags...)
	c.awaitText("1 All " + thousands(*mirrorSessions))
	c.press("/zzqqzzqqzz")
	c.awaitText("No session matches")
	c.press("\x1b")
	c.awaitGone("zzqqzzqqzz")
	time.Sleep(5 * time.Second) // the first reads are over
	for b.Loop() {
		before, written := c.cpu(), c.bytesOver(seconds)
		b.ReportMetric(100*(c.cpu()-before).Seconds()/seconds, "%core")
		b.ReportMetric(written/seconds, "bytes/s")
		b.ReportMetric(float64(c.memory())/float64(*mirrorSessions), "B-RSS/session")
	}
	b.ReportMetric(0, "ns/op")
	c.end()
}

func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

var residentSize = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// memory is what the program has in memory, in bytes.
func (c *console) memory() int {
	c.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.command.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	found := residentSize.FindSubmatch(status)
	if found == nil {
		c.t.Fatalf("no memory in %s", status)
	}
	kb, _ := strconv.Atoi(string(found[1]))
	return kb << 10
}

// benchChange changes sessions at the server: from the answer of the poll that
// tells to the screen.
func benchChange(b *testing.B, w *observed, url string, flags []string) {
	c := start(b, 120, 40, append(flags, "--poll", "1s")...)
	c.awaitFull()
	waiting := c.waitingOnScreen(url)
	if len(waiting) == 0 {
		b.Skip("no waiting session is on the first screen")
	}
	total, changes := time.Duration(0), 0
	for b.Loop() {
		for i := range 10 {
			id := waiting[i%len(waiting)]
			outcome := "processing"
			if i/len(waiting)%2 == 1 {
				outcome = "requires_input"
			}
			submit(b, url, id, outcome)
			c.await(outcome, func() bool {
				y, _ := c.screen.Find(tail(id))
				return strings.Contains(c.screen.Line(y), "processing") == (outcome == "processing")
			})
			total += time.Duration(time.Now().UnixNano() - w.polled.Load())
			changes++
		}
	}
	b.ReportMetric(float64(total)/float64(changes)/1e6, "ms/change")
	b.ReportMetric(0, "ns/op")
	c.end()
}
