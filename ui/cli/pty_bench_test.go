//go:build e2e && linux

package cli

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
)

// What the built binary costs in a real terminal:
//
//	go test -tags e2e -run xxx -bench . ./ui/cli

// BenchmarkFirstFrame is the time from exec to the first frame with all its
// rows.
func BenchmarkFirstFrame(b *testing.B) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}} {
		b.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				c := start(b, size.w, size.h, "--demo")
				c.awaitFull()
				took = append(took, time.Duration(c.full.Load()))
				c.press("q")
				c.awaitExit(5 * time.Second)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "ms-median")
			b.ReportMetric(float64(took[len(took)-1])/1e6, "ms-worst")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkEmulatorStart is the time from exec of an emulator without sessions to its
// first answer.
func BenchmarkEmulatorStart(b *testing.B) {
	name, err := program()
	if err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for b.Loop() {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		address := free.Addr().String()
		free.Close()
		c := exec.Command(name, "emulator", "--sessions", "0", "--listen", address)
		began := time.Now()
		if err := c.Start(); err != nil {
			b.Fatal(err)
		}
		for {
			answer, err := http.Get("http://" + address + "/_emulator/state")
			if err == nil {
				answer.Body.Close()
				break
			}
			time.Sleep(time.Millisecond / 4)
		}
		took = append(took, time.Since(began))
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "ms-median")
	b.ReportMetric(float64(took[len(took)-1])/1e6, "ms-worst")
	b.ReportMetric(0, "ns/op")
}

// quiet is a dashboard at 200x60 with nothing but the list, on a server in
// which nothing moves by itself.
func quiet(b *testing.B, poll string) (c *console, server string) {
	b.Helper()
	s := httptest.NewServer(emulator.New(emulator.Config{Seed: defaultSeed, Sessions: 600}))
	b.Cleanup(s.Close)
	c = start(b, 200, 60, "--api-base", s.URL, "--poll", poll)
	c.awaitFull()
	c.await("all sessions", func() bool { return c.screen.Contains("1 All 600") })
	if c.screen.Contains("│") {
		c.press("\x1b") // the detail is beside the list
		c.awaitGone("│")
	}
	return c, s.URL
}

// end quits, so that a benchmark leaves nothing behind.
func (c *console) end() {
	c.t.Helper()
	c.press("q")
	c.awaitExit(5 * time.Second)
}

// BenchmarkScroll moves the cursor at the lower edge, where each key moves all
// rows: the bytes written for each key, and the time that the program computes for it,
// the terminal library's share included.
func BenchmarkScroll(b *testing.B) {
	b.Run("a frame for each key", func(b *testing.B) {
		c := atLowerEdge(b)
		before, computed, keys := c.bytes.Load(), c.cpu(), 0
		for b.Loop() {
			if keys++; keys < 500 { // there are 600 rows
				c.step("j")
			}
		}
		b.ReportMetric(float64(c.bytes.Load()-before)/float64(min(keys, 500)), "bytes/key")
		b.ReportMetric((c.cpu()-computed).Seconds()*1000/float64(min(keys, 500)), "cpu-ms/key")
		b.ReportMetric(0, "ns/op")
		c.end()
	})
	b.Run("100 keys a second", func(b *testing.B) {
		const keys = 400
		for b.Loop() {
			c := atLowerEdge(b)
			before, computed := c.bytes.Load(), c.cpu()
			again := time.NewTicker(10 * time.Millisecond)
			for range keys {
				<-again.C
				c.press("j")
			}
			again.Stop()
			c.step("j")
			b.ReportMetric(float64(c.bytes.Load()-before)/keys, "bytes/key")
			b.ReportMetric((c.cpu()-computed).Seconds()*1000/keys, "cpu-ms/key")
			c.end()
		}
		b.ReportMetric(0, "ns/op")
	})
}

// atLowerEdge is quiet with the cursor in the last visible row.
func atLowerEdge(b *testing.B) *console {
	b.Helper()
	c, _ := quiet(b, "1h")
	for range 60 {
		c.step("j")
	}
	return c
}

// step presses a key that moves the cursor and waits until the screen shows it.
func (c *console) step(key string) {
	c.t.Helper()
	was := c.selected()
	c.press(key)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(200 * time.Microsecond) {
		if now := c.selected(); now != was && now != "" {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%q does not move the cursor:\n%s", key, c.screen.Text())
		}
	}
}

// BenchmarkStatusChange lets one visible session after the other change its
// state: the bytes for each beyond those of polls without a change.
func BenchmarkStatusChange(b *testing.B) {
	const polls = 5
	c, server := quiet(b, "1s")
	waiting := c.waitingOnScreen(server)
	for range 50 { // away from them: the footer tells what can be done to the selected one
		c.step("j")
	}
	if len(waiting) == 0 {
		b.Skip("no waiting session is on the first screen")
	}
	perPoll := c.bytesOver(polls) / polls
	changes, total := 0, 0.0
	for b.Loop() {
		id := waiting[changes%len(waiting)]
		outcome := "processing"
		if changes/len(waiting)%2 == 1 {
			outcome = "requires_input"
		}
		changes++
		begin, at := c.bytes.Load(), time.Now()
		submit(b, server, id, outcome)
		c.await(outcome, func() bool {
			y, _ := c.screen.Find(tail(id))
			return strings.Contains(c.screen.Line(y), "processing") == (outcome == "processing")
		})
		c.settle()
		total += float64(c.bytes.Load()-begin) - perPoll*time.Since(at).Seconds()
	}
	b.ReportMetric(total/float64(changes), "bytes/change")
	b.ReportMetric(perPoll, "bytes/quiet-poll")
	b.ReportMetric(0, "ns/op")
	c.end()
}

// waitingOnScreen lists the ids of sessions that wait, and can be seen.
func (c *console) waitingOnScreen(server string) []string {
	c.t.Helper()
	page, err := apiAt(c.t, server, "sk_test_123").ListSessions(c.t.Context(), client.SessionListParams{Cursor: client.Cursor{Limit: 50}})
	if err != nil {
		c.t.Fatal(err)
	}
	var ids []string
	for _, s := range page.Data {
		if s.State() == client.StateWaiting && c.screen.Contains(tail(s.ID)) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// tail is as much of an id as the list shows.
func tail(id string) string { return id[len(id)-6:] }

// bytesOver counts what is written in some seconds.
func (c *console) bytesOver(seconds int) float64 {
	before := c.bytes.Load()
	time.Sleep(time.Duration(seconds) * time.Second) // what is measured is the time itself
	return float64(c.bytes.Load() - before)
}

// settle lets a poll or two pass.
func (c *console) settle() { time.Sleep(3 * time.Second) }

func submit(b *testing.B, server, id, outcome string) {
	b.Helper()
	form := url.Values{"outcome": {outcome}}
	if outcome == "requires_input" {
		form.Set("code", "document_expired")
	}
	resp, err := http.PostForm(server+"/_emulator/sessions/"+id+"/submit", form)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		b.Fatalf("submit: %s: %s", resp.Status, body)
	}
}

// BenchmarkIdle is how much of a core the dashboard takes while nobody touches
// it: on a server without news, and with the emulator and its traffic inside.
func BenchmarkIdle(b *testing.B) {
	const seconds = 10
	measure := func(b *testing.B, c *console) {
		for range 3 {
			c.settle() // the first reads are over
		}
		cpu, written := 0.0, 0.0
		runs := 0.0
		for b.Loop() {
			before := c.cpu()
			written += c.bytesOver(seconds)
			cpu += (c.cpu() - before).Seconds()
			runs++
		}
		b.ReportMetric(100*cpu/(runs*seconds), "%core")
		b.ReportMetric(written/(runs*seconds), "bytes/s")
		b.ReportMetric(0, "ns/op")
		c.end()
	}
	b.Run("server", func(b *testing.B) {
		c, _ := quiet(b, "3s")
		measure(b, c)
	})
	b.Run("demo", func(b *testing.B) {
		c := start(b, 200, 60, "--demo")
		c.awaitFull()
		measure(b, c)
	})
}

// cpu is the time that the program has spent computing.
func (c *console) cpu() time.Duration {
	c.t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.command.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	ticks := 0
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.Atoi(field)
		if err != nil {
			c.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
