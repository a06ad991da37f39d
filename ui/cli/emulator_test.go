package cli

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/stripe"
	"idtop/ui/config"
)

// runningEmulator is the emulator command under way.
type runningEmulator struct {
	address string
	said    string
	stop    context.CancelFunc
	code    chan int
	stderr  *lockedBuffer
}

// startEmulator runs the command until the test ends and waits for what it
// says.
func startEmulator(t *testing.T, args ...string) *runningEmulator {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	said, out := io.Pipe()
	e := &runningEmulator{stop: stop, code: make(chan int, 1), stderr: &lockedBuffer{}}
	go func() {
		e.code <- Run(ctx, Process{Args: append([]string{"emulator"}, args...), Stdout: out, Stderr: e.stderr})
		out.Close()
	}()
	t.Cleanup(stop)
	var text bytes.Buffer
	for strings.Count(text.String(), "\n") < 3 {
		piece := make([]byte, 1024)
		n, err := said.Read(piece)
		text.Write(piece[:n])
		if err != nil {
			t.Fatalf("the emulator ended: %s", e.stderr.String())
		}
	}
	go io.Copy(io.Discard, said)
	e.said = text.String()
	e.address = regexp.MustCompile(`http://[^ :]+:\d+|http://\[::1\]:\d+`).FindString(e.said)
	return e
}

func (e *runningEmulator) end(t *testing.T) {
	t.Helper()
	e.stop()
	select {
	case code := <-e.code:
		if code != exitOK {
			t.Errorf("exit code %d: %s", code, e.stderr.String())
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the emulator does not end")
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func apiAt(t testing.TB, address, key string) client.API {
	t.Helper()
	parsed, err := client.ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	api, err := stripe.New(stripe.Config{Key: parsed, BaseURL: address, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func TestEmulatorServesUntilItIsStopped(t *testing.T) {
	e := startEmulator(t, "--listen", "127.0.0.1:0", "--sessions", "30", "--seed", "7")
	want := "idtop emulator on " + e.address + ": 30 sessions, test mode, seed 7\n" +
		"look at it with: STRIPE_API_KEY=sk_test_123 idtop --api-base " + e.address + "\n" +
		"choose outcomes, move the clock, make requests fail: " + e.address + "/ in a browser\n"
	if e.said != want || e.stderr.String() != "" {
		t.Errorf("said %q, want %q; stderr %q", e.said, want, e.stderr.String())
	}
	api := apiAt(t, e.address, "sk_test_123") // the key that was said
	page, err := api.ListSessions(t.Context(), client.SessionListParams{Cursor: client.Cursor{Limit: 100}})
	if err != nil || len(page.Data) != 30 {
		t.Errorf("got %d sessions, error %v", len(page.Data), err)
	}
	e.end(t)
	if _, err := api.ListSessions(t.Context(), client.SessionListParams{}); client.KindOf(err) != client.KindNetwork {
		t.Errorf("after the end: %v", err)
	}
}

func TestEmulatorOfALiveAccount(t *testing.T) {
	e := startEmulator(t, "--listen", "localhost:0", "--sessions", "12", "--live")
	if !strings.Contains(e.said, "live mode") || !strings.Contains(e.said, "STRIPE_API_KEY=sk_live_123 ") {
		t.Errorf("said %q", e.said)
	}
	page, err := apiAt(t, e.address, "sk_live_123").ListSessions(t.Context(), client.SessionListParams{})
	if err != nil || len(page.Data) == 0 || !page.Data[0].Livemode {
		t.Errorf("got %d sessions, error %v", len(page.Data), err)
	}
	e.end(t)
}

// Stripe's rates are kept when that is asked for, and only then.
func TestEmulatorRateLimits(t *testing.T) {
	for _, limited := range []bool{false, true} {
		args := []string{"--listen", "127.0.0.1:0", "--sessions", "0"}
		if limited {
			args = append(args, "--rate-limits")
		}
		e := startEmulator(t, args...)
		api := apiAt(t, e.address, "sk_test_123")
		var err error
		for n := 0; err == nil && n < 200; n++ { // well beyond 25 a second
			_, err = api.ListSessions(t.Context(), client.SessionListParams{})
		}
		if limited && client.KindOf(err) != client.KindRateLimit || !limited && err != nil {
			t.Errorf("limited %v: %v", limited, err)
		}
		e.end(t)
	}
}

// Reads beyond the allocation are refused, and the client takes them for a limit.
func TestEmulatorReadAllocation(t *testing.T) {
	e := startEmulator(t, "--listen", "127.0.0.1:0", "--sessions", "0", "--read-allocation", "2")
	api := apiAt(t, e.address, "sk_test_123")
	for n := range 3 {
		_, err := api.ListSessions(t.Context(), client.SessionListParams{})
		if refused := client.KindOf(err) == client.KindRateLimit; refused != (n == 2) {
			t.Errorf("read %d: %v", n+1, err)
		}
	}
	e.end(t)
}

// The help fits a screen of 40 rows and 80 columns.
func TestEmulatorHelpFitsOneScreen(t *testing.T) {
	lines := strings.Split(run(t, nil, "emulator", "--help").stdout, "\n")
	if len(lines) > 40 {
		t.Errorf("the help has %d lines", len(lines))
	}
	for _, line := range lines {
		if len(line) > 80 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}

// A file of people is all that there is, unless more sessions are asked for.
func TestEmulatorWithAFileOfPeople(t *testing.T) {
	name := filepath.Join(t.TempDir(), "people.json")
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`[{"ago": "2h", "create": {"type": "document"}, "steps": [{"after": "1m", "submit": {"outcome": "verified"}}]}]`)
	e := startEmulator(t, "--listen", "127.0.0.1:0", "--people", name)
	page, err := apiAt(t, e.address, "sk_test_123").ListSessions(t.Context(), client.SessionListParams{})
	if err != nil || len(page.Data) != 1 || page.Data[0].Status != "verified" || !strings.Contains(e.said, ": 1 session") {
		t.Errorf("got %v, error %v; said %q", page.Data, err, e.said)
	}
	e.end(t)
	write(`[{"create": {"type": "letter"}}]`)
	expectFailure(t, run(t, nil, "emulator", "--people", name), exitUsage, "--people "+strconv.Quote(name)+": people: session 1: create: Invalid type: must be one of document or id_number", "EMULATOR.md shows how it is written")
	write(`{}`)
	expectFailure(t, run(t, nil, "emulator", "--people", name), exitFailed, "--people "+strconv.Quote(name)+": it is no list of sessions: at byte 1 is one object", "EMULATOR.md shows how it is written")
	expectFailure(t, run(t, nil, "emulator", "--people", name+"x"), exitFailed, "--people "+strconv.Quote(name+"x")+": no such file or directory", "name a file that can be read")
}

// An emulator that is started again is another account, whatever its seed: what a
// mirror has of the last one is not taken for it.
func TestEmulatorStartedAgainHasNoGhosts(t *testing.T) {
	account := func(args ...string) string {
		e := startEmulator(t, append([]string{"--listen", "127.0.0.1:0", "--sessions", "5", "--seed", "7"}, args...)...)
		defer e.end(t)
		api, err := stripe.New(stripe.Config{Key: mustParseKey("rk_test_emulator0000"), BaseURL: e.address})
		if err != nil {
			t.Fatal(err)
		}
		a, err := api.Account(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return a.ID
	}
	if first, second := account(), account(); first == second || !config.AccountForm.MatchString(first) {
		t.Errorf("the accounts are %s and %s", first, second)
	}
	if got := account("--account", "acct_1Named0000000"); got != "acct_1Named0000000" {
		t.Errorf("the account is %s", got)
	}
	expectFailure(t, run(t, nil, "emulator", "--account", "x y"), exitUsage,
		`--account "x y": is not an id of an account`, "write it like acct_1NuNAILkdIwHu7ix")
}

// A request that is not answered yet does not keep the emulator from ending.
func TestEmulatorEndsWithRequestsUnderWay(t *testing.T) {
	e := startEmulator(t, "--listen", "127.0.0.1:0", "--sessions", "0")
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST /v1/identity/verification_sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	e.end(t)
}

func TestEmulatorAddressInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	expectFailure(t, run(t, nil, "emulator", "--listen", address), exitFailed,
		`--listen "`+address+`": something listens there already`,
		"stop what listens there, or take a free port: --listen 127.0.0.1:0")
}

func TestEmulatorWarnsWhenOthersCanReachIt(t *testing.T) {
	e := startEmulator(t, "--listen", ":0", "--sessions", "0")
	if !strings.HasPrefix(e.stderr.String(), "idtop: warning: the emulator can be reached from other machines\nhint: ") {
		t.Errorf("stderr %q", e.stderr.String())
	}
	if !strings.HasPrefix(e.address, "http://127.0.0.1:") {
		t.Errorf("said %q", e.said)
	}
	resp, err := http.Get(e.address + "/v1/account")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	e.end(t)
}
