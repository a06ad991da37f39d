//go:build unix

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/ui/config"
)

// sitting is the dashboard on a shop's account, under way in a terminal.
type sitting struct {
	*tty
	t       *testing.T
	leave   context.CancelFunc // as SIGTERM does
	exports string             // the folder that exports are offered
	ended   chan struct{}
	got     outcome // once it has ended
}

func (s *shop) dashboard(args ...string) *sitting {
	s.t.Helper()
	return sit(s.t, []string{config.KeyVariable + "=" + s.key}, append(args, "--api-base", s.base, "--data-dir", s.dir, "--poll", "1s")...)
}

func sit(t *testing.T, environ []string, args ...string) *sitting {
	t.Helper()
	d := &sitting{tty: newTTY(t), t: t, ended: make(chan struct{})}
	ctx, leave := context.WithCancel(t.Context())
	d.leave = leave
	go func() {
		defer close(d.ended)
		d.got = d.run(t, ctx, environ, args...)
	}()
	t.Cleanup(func() { d.end() })
	return d
}

func (d *sitting) press(keys string) {
	d.t.Helper()
	if _, err := d.master.WriteString(keys); err != nil {
		d.t.Fatal(err)
	}
}

func (d *sitting) shows(text string) {
	d.t.Helper()
	await(d.t, d.screen, text, func() bool { return d.screen.Contains(text) })
}

// end leaves the dashboard and returns what it says then.
func (d *sitting) end() outcome {
	d.t.Helper()
	d.leave()
	<-d.ended
	return d.got
}

// cancel cancels the session under the cursor.
func (d *sitting) cancel() {
	d.t.Helper()
	d.press("c")
	d.shows("only this key does it")
	d.press("y")
	time.Sleep(500 * time.Millisecond) // so long the rest of an answer is none of other keys
}

const atOnce = "undo = \"0s\"\n"

// A live account is read-only until the operator says why it has to be changed.
func TestLiveIsReadOnlyUntilWrite(t *testing.T) {
	s := newShop(t, emulator.Config{Live: true})
	id := s.create("ann_8392")
	d := s.dashboard(s.config(atOnce))
	d.shows("ann_8392")
	d.shows("LIVE")
	d.shows("read-only")
	d.press("c")
	d.shows("read-only until :write REASON")
	d.press(":write\r")
	d.shows("Say why")
	d.press("\x1b")
	d.shows("space select") // the footer of the list
	if n := s.sent(); n != 0 {
		t.Fatalf("%d requests were sent", n)
	}
	d.press(":write ticket 4711\r") // as a paste would
	d.shows("enter came with other keys")
	time.Sleep(100 * time.Millisecond) // the terminal is a real one, and so is an operator's pause
	d.press("\r")
	d.shows("Read-write from now on")
	d.press("j")
	d.cancel()
	d.shows("Canceled ann_8392")
	d.press(":read-only\r")
	d.shows("Read-only from now on")
	got := d.end()
	if got.code != exitOK || !regexp.MustCompile(`^ledger head \d+:[0-9a-f]{64}\n$`).MatchString(got.stderr) {
		t.Errorf("%+v", got)
	}
	if s.sent() != 1 || s.status(id) != "canceled" {
		t.Error("it was not canceled")
	}
	var records []struct{ Kind, Verb, Hash string }
	if err := json.Unmarshal([]byte(s.ledger("show", "--format", "json").stdout), &records); err != nil {
		t.Errorf("the records are no JSON: %v", err)
	}
	if len(records) < 5 || records[0].Verb != "write-mode" || len(records[0].Hash) != 64 {
		t.Errorf("the records are %+v", records)
	}
	expectLines(t, s.ledger("show").stdout, "write-mode  note  reason ticket 4711  on\n", "confirm  note", "cancel  intent", "cancel  outcome  done", "write-mode  note  off\n")
}

// --read-only is for good: no key, no command opens it.
func TestReadOnlyIsForGood(t *testing.T) {
	s := newShop(t, emulator.Config{Live: true})
	s.create("ann_8392")
	d := s.dashboard("--read-only")
	d.shows("ann_8392")
	d.press(":write ticket 4711\r")
	d.shows("it was started with --read-only")
	d.press("\x1b")
	await(t, d.screen, "the palette closed", func() bool { return !d.screen.Contains("NOT NOW") })
	d.press("jc")
	d.shows("Can't cancel: read-only")
	got := d.end()
	if got.code != exitOK || got.stderr != "" || s.sent() != 0 {
		t.Errorf("%+v", got)
	}
}

// Without a ledger the dashboard looks, and changes nothing.
func TestDashboardWithoutALedger(t *testing.T) {
	s := newShop(t, emulator.Config{})
	s.create("ann_8392")
	if err := os.MkdirAll(filepath.Join(s.dir, "ledger.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	d := s.dashboard()
	d.shows("ann_8392")
	d.shows("no ledger")
	d.press("c")
	d.shows("the ledger can't be used")
	d.press("jY")
	d.shows("Can't copy")
	if s.sent() != 0 {
		t.Error("something was sent")
	}
	// As soon as the ledger can be opened changes are possible, without a restart.
	if err := os.Remove(filepath.Join(s.dir, "ledger.jsonl")); err != nil {
		t.Fatal(err)
	}
	d.shows("The ledger can be used now")
	d.shows("read-write")
	d.press("Y")
	d.shows("Copied the user_id")
	if got := d.end(); got.code != exitOK || !strings.HasPrefix(got.stderr, "ledger head ") {
		t.Errorf("%+v", got)
	}
}

// The program is ended in the middle of a job: what is under way is answered,
// the job is said, and the next start says it again.
func TestDashboardIsLeftInAJob(t *testing.T) {
	s := newShop(t, emulator.Config{})
	for i := range 30 {
		s.create(fmt.Sprintf("ann_%d", i))
	}
	config := s.config(atOnce)
	d := s.dashboard(config)
	d.shows("ann_29")
	d.press("*")
	d.shows("30 marked")
	asked, answer := make(chan bool, 100), make(chan bool)
	s.hook = func(r *http.Request) {
		if r.Method == http.MethodPost {
			asked <- true
			<-answer
		}
	}
	d.press("c")
	d.confirm("CANCEL 30 TEST")
	<-asked
	d.leave()
	close(answer)
	got := d.end()
	said := regexp.MustCompile(`idtop: warning: (job 1: left undone: canceled \d+, [^\n]*never sent)\nhint: start idtop again`).FindStringSubmatch(got.stderr)
	if got.code != exitOK || said == nil {
		t.Fatalf("%+v", got)
	}
	d = s.dashboard(config)
	d.shows("Job 1 is " + strings.TrimPrefix(said[1], "job 1: "))
	d.press("J")
	d.shows("▸ 1 ")
	d.press("R")
	d.shows("type CANCEL ")
	d.confirm(regexp.MustCompile(`CANCEL \d+ TEST`).FindString(d.screen.Text()))
	d.shows("canceled, all 30")
	if got := d.end(); got.code != exitOK {
		t.Errorf("%+v", got)
	}
	if n := s.sent(); n != 30 {
		t.Errorf("%d requests were sent for 30 sessions", n)
	}
}

// confirm types the phrase of the plan that is shown. Its first letter does not
// count before the screen was quiet for a while, and is typed until it does.
func (d *sitting) confirm(phrase string) {
	d.t.Helper()
	ask := "type " + phrase
	d.shows(ask)
	var typed time.Time
	await(d.t, d.screen, "first letter of "+phrase, func() bool {
		if d.screen.Contains(ask + "   " + phrase[:1]) {
			return true
		}
		if time.Since(typed) > 2*time.Second {
			d.press(phrase[:1])
			typed = time.Now()
		}
		return false
	})
	for _, letter := range phrase[1:] { // as fingers do: what comes at once is a paste
		time.Sleep(20 * time.Millisecond)
		d.press(string(letter))
	}
}

// A demo records too, in its own folder, and leaves nothing behind.
func TestDemoLeavesNothing(t *testing.T) {
	d := sit(t, nil, "--demo", "--demo-sessions", "20")
	d.shows("space select")
	d.press("jY")
	d.shows("Copied the user_id")
	count := func() (files int) {
		_ = filepath.WalkDir(d.home, func(path string, e fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, "book.db") {
				files++
			}
			return nil
		})
		return files
	}
	if n := count(); n != 1 {
		t.Errorf("%d books", n)
	}
	if got := d.end(); got.code != exitOK || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	if left, _ := filepath.Glob(filepath.Join(d.home, "*")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}
