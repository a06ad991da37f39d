package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"idtop/client/emulator"
	"idtop/ui/config"
)

// watching is a watch that runs until its reader or its context ends.
type watching struct {
	t     *testing.T
	lines *bufio.Scanner
	out   io.Closer
	end   context.CancelFunc
	code  chan int
	based chan struct{} // closed once the watch knows what matches at first
	errs  *safeText
}

// safeText is a text that one goroutine writes and another reads.
type safeText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *safeText) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(text + "\n")
}

func (s *safeText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// watch starts a watch and reads its lines through a pipe, as a script does.
func (a *account) watch(args ...string) *watching {
	a.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		a.t.Fatal(err)
	}
	ctx, end := context.WithCancel(a.t.Context())
	w := &watching{t: a.t, lines: bufio.NewScanner(read), out: read, end: end, code: make(chan int, 1), based: make(chan struct{}), errs: &safeText{}}
	said, saying := io.Pipe()
	go func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if w.errs.add(lines.Text()); strings.Contains(lines.Text(), "watching") {
				close(w.based)
			}
		}
	}()
	go func() {
		w.code <- Run(ctx, Process{
			Args:    append([]string{"watch", "--poll", "1s", "--data-dir", a.dir, "--api-base", a.url}, args...),
			Environ: []string{config.KeyVariable + "=" + aKey}, Stdin: strings.NewReader(""), Stdout: write, Stderr: saying,
		})
		write.Close()
		saying.Close()
	}()
	a.t.Cleanup(func() { end(); read.Close() })
	return w
}

// line is the next line.
func (w *watching) line() (line watched, text string) {
	w.t.Helper()
	if !w.lines.Scan() {
		w.t.Fatalf("no line came; exit code %d, stderr %s", <-w.code, w.errs)
	}
	if err := json.Unmarshal(w.lines.Bytes(), &line); err != nil {
		w.t.Fatalf("%s: %v", w.lines.Bytes(), err)
	}
	return line, w.lines.Text()
}

// stop ends the watch as a signal does, and returns the lines that came before.
func (w *watching) stop() (rest []string) {
	w.end()
	for w.lines.Scan() {
		rest = append(rest, w.lines.Text())
	}
	if code := <-w.code; code != exitOK {
		w.t.Errorf("exit code %d: %s", code, w.errs)
	}
	return rest
}

// submit has a session fail or pass at the server.
func (a *account) submit(id, form string) {
	a.t.Helper()
	a.control("sessions/"+id+"/submit", form)
}

// control has the server do what no key may ask for.
func (a *account) control(path, form string) {
	a.t.Helper()
	answer, err := http.Post(a.url+"/_emulator/"+path, "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil || answer.StatusCode != http.StatusOK {
		a.t.Fatal(err, answer)
	}
	answer.Body.Close()
}

// waiting is a session of the mirror that waits for its person.
func (a *account) waiting() (id, user string) {
	a.t.Helper()
	var rows []listed
	got := a.run(a.t.Context(), "list", "--state", "waiting", "--format", "json", "--limit", "1")
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil || len(rows) != 1 {
		a.t.Fatalf("%v: %+v", err, got)
	}
	return rows[0].ID, rows[0].UserID
}

func TestWatchWritesChanges(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 60})
	a.synced()
	id, user := a.waiting()
	w := a.watch("--query", "state:failed,verified")
	<-w.based
	a.submit(id, "outcome=requires_input&code=document_expired")
	line, text := w.line()
	if line.Kind != "change" || line.Session != id || line.State != "failed" || line.Reason != "document_expired" || line.Counts["matching"] == 0 || line.Time == "" || line.Since == "" {
		t.Errorf("%s", text)
	}
	if strings.Contains(text, "user_id") || user != "" && strings.Contains(text, user) {
		t.Errorf("the line names the person: %s", text)
	}
	if rest := w.stop(); len(rest) != 0 {
		t.Errorf("also %q", rest)
	}
}

// A rise is written once, also after a restart.
func TestWatchWritesARiseOnce(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 42, Sessions: 6000, Incident: true, Now: fromNoon()})
	w := a.watch("--rise")
	line, text := w.line()
	if line.Kind != "rise" || line.Reason != "document_unverified_other" || line.Counts["failed"] < 10 || line.Counts["failed"] < 3*line.Counts["usual"] || len(line.Shares) == 0 || !strings.Contains(line.Shares[0], "of PL") {
		t.Errorf("%s", text)
	}
	if rest := w.stop(); len(rest) != 0 {
		t.Errorf("also %q", rest)
	}
	again := a.watch("--rise", "--query", "state:failed,verified", "--with", "user_id")
	id, user := a.waiting()
	<-again.based
	a.submit(id, "outcome=verified")
	line, text = again.line()
	if line.Kind != "change" || line.UserID == nil || *line.UserID != user {
		t.Errorf("after a restart: %s", text)
	}
	if rest := again.stop(); len(rest) != 0 {
		t.Errorf("also %q", rest)
	}
}

// "idtop watch | head -1" ends, even when nothing more happens.
func TestWatchEndsWithItsReader(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 20})
	w := a.watch()
	<-w.based
	w.out.Close()
	if code := <-w.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, w.errs)
	}
}

// A dashboard that is open on this machine is seen, and that it has gone.
func TestWatchSeesADashboard(t *testing.T) {
	a := newAccount(t, emulator.Config{Seed: 1, Sessions: 20})
	a.synced()
	pl, err := config.FindPlace(t.Context(), &Process{}, mustParseKey(aKey), config.Options{DataDir: a.dir, APIBase: a.url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	leave := (&kept{place: pl}).look()
	if !dashboardThere(pl) {
		t.Error("the dashboard is not seen")
	}
	leave()
	if dashboardThere(pl) {
		t.Error("the dashboard has gone")
	}
}
