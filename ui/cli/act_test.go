package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/ui/config"
)

// shop is an account on an emulator, with a data folder, for commands that act.
type shop struct {
	t         *testing.T
	base, dir string
	key       string
	hook      func(r *http.Request) // before a request of the program is answered; may be nil

	mu    sync.Mutex
	posts []string // paths that the program sent something else than GET to, with the idempotency keys
}

func newShop(t *testing.T, config emulator.Config) *shop {
	t.Helper()
	s := &shop{t: t, dir: filepath.Join(t.TempDir(), "data"), key: "rk_test_abcdefghijklmnop"}
	if config.Live {
		s.key = "rk_live_abcdefghijklmnop"
	}
	config.AccountName = "Acme Inc"
	world := emulator.New(config)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Of-The-Test") == "" {
			if r.Method != http.MethodGet {
				s.mu.Lock()
				s.posts = append(s.posts, r.URL.Path+" "+r.Header.Get("Idempotency-Key"))
				s.mu.Unlock()
			}
			if s.hook != nil {
				s.hook(r)
			}
		}
		world.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.base = server.URL
	return s
}

// ask sends a request of the test's own.
func (s *shop) ask(method, path string, form url.Values) client.Session {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("X-Of-The-Test", "1")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(s.key, "")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: HTTP %d: %s", method, path, answer.StatusCode, body)
	}
	var session client.Session
	if err := json.Unmarshal(body, &session); err != nil {
		s.t.Fatal(err)
	}
	return session
}

func (s *shop) create(user string) string {
	return s.ask("POST", "/v1/identity/verification_sessions", url.Values{"type": {"document"}, "metadata[user_id]": {user}}).ID
}

func (s *shop) submit(id, outcome string) {
	s.ask("POST", "/_emulator/sessions/"+id+"/submit", url.Values{"outcome": {outcome}})
}

func (s *shop) status(id string) string {
	return s.ask("GET", "/v1/identity/verification_sessions/"+id, nil).State().String()
}

// sent is how many requests of the program were not GETs, since the last time.
func (s *shop) sent() int {
	all, _ := s.sentKeys()
	return all
}

// sentKeys is sent, and how many different keys they had, each for its session.
func (s *shop) sentKeys() (all, keys int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all = len(s.posts)
	slices.Sort(s.posts)
	keys = len(slices.Compact(s.posts))
	s.posts = nil
	return all, keys
}

// environ is what the program is started with.
func (s *shop) environ() []string {
	return []string{config.KeyVariable + "=" + s.key, "HOME=" + s.dir + "-home"}
}

func (s *shop) run(args ...string) outcome {
	s.t.Helper()
	return run(s.t, s.environ(), append(args, "--api-base", s.base, "--data-dir", s.dir)...)
}

// seal completes the phrase of --confirm to that of the plan, which has to begin
// with it.
func (s *shop) seal(args ...string) []string {
	s.t.Helper()
	args = slices.Clone(args)
	at := slices.Index(args, "--confirm") + 1
	look := slices.Concat(args[:at-1], []string{"--plan", "--format", "json"}, args[at+1:])
	var made struct{ Phrase string }
	if got := s.good(look...); json.Unmarshal([]byte(got.stdout), &made) != nil || !strings.HasPrefix(made.Phrase, args[at]+" ") {
		s.t.Fatalf("%q: the phrase is %q", args, made.Phrase)
	}
	args[at] = made.Phrase
	return args
}

// good runs a command that has to succeed.
func (s *shop) good(args ...string) outcome {
	s.t.Helper()
	got := s.run(args...)
	if got.code != exitOK {
		s.t.Fatalf("%q: exit code %d: %s%s", args, got.code, got.stdout, got.stderr)
	}
	return got
}

// ledger reads the ledger, which takes neither a key nor a server.
func (s *shop) ledger(args ...string) outcome {
	s.t.Helper()
	return run(s.t, nil, append(append([]string{"ledger"}, args...), "--data-dir", s.dir)...)
}

// config writes a config and returns the flag that names it.
func (s *shop) config(text string) string {
	s.t.Helper()
	return "--config=" + keyFile(s.t, text, 0o600)
}

// expectLines checks that a text has these in this order.
func expectLines(t *testing.T, text string, want ...string) {
	t.Helper()
	rest := text
	for _, line := range want {
		_, after, ok := strings.Cut(rest, line)
		if !ok {
			t.Errorf("no %q, or not in this place, in:\n%s", line, text)
			return
		}
		rest = after
	}
}

func TestOneCancel(t *testing.T) {
	s := newShop(t, emulator.Config{})
	id, other := s.create("ann_8392"), s.create("joann_2")
	got := s.good("cancel", id, "--plan")
	expectLines(t, got.stdout, "cancel in account acct_", ", TEST\n", "now", id, "waiting", "    1 now\n", "plan ", `1 now; --confirm "CANCEL 1 TEST `, `" does it; it can't be undone`)
	if n := s.sent(); n != 0 || got.stderr != "" {
		t.Errorf("--plan sent %d requests, stderr %q", n, got.stderr)
	}
	got = s.good(s.seal("cancel", id, "--confirm", "CANCEL 1 TEST", "--reason", "ticket 4711")...)
	expectLines(t, got.stdout, "canceled", id, "req_", "job 1: canceled\n")
	if !regexp.MustCompile(`^ledger head 3:[0-9a-f]{64}\n$`).MatchString(got.stderr) {
		t.Errorf("stderr %q", got.stderr)
	}
	if s.status(id) != "canceled" || s.status(other) != "waiting" || s.sent() != 1 {
		t.Error("not what was asked for was done")
	}
	got = s.run("cancel", id, "--plan")
	expectLines(t, got.stdout, "already", id, "there is nothing to do now")
	expectFailure(t, s.run(s.seal("cancel", id, "--confirm", "CANCEL 0 TEST")...), exitFailed, "nothing was sent: nothing can be done now to any of the 1 sessions of this plan",
		"look at the plan again: --plan instead of --confirm")
	if s.sent() != 0 {
		t.Error("something was sent")
	}
}

func TestAPersonIsErased(t *testing.T) {
	s := newShop(t, emulator.Config{})
	ids := []string{s.create("ann_8392"), s.create("ann_8392"), s.create("ann_8392"), s.create("ann_8392")}
	stranger := s.create("ann_839")
	s.submit(ids[0], "verified")
	s.submit(ids[1], "processing")
	got := s.good("redact", ids[0], "--plan")
	expectLines(t, got.stdout, "REDACT 1 TEST")
	ids = append(ids, s.create("ann_8392")) // after the mirror was begun: it must not be missed
	got = s.good("redact", "--user", "ann_8392", "--plan")
	expectLines(t, got.stdout, "    4 now\n", "    1 wait: ", `4 now; --confirm "REDACT 4 TEST `)
	phrase4 := regexp.MustCompile(`--confirm "(.*?)"`).FindStringSubmatch(got.stdout)[1]
	got = s.good("redact", "--user", "ann_8392", "--plan", "--when-finished")
	expectLines(t, got.stdout, `4 now, 1 later; --confirm "REDACT 5 TEST `)
	if s.sent() != 0 {
		t.Error("a plan sent something")
	}
	for _, phrase := range []string{"REDACT 3 TEST", "REDACT 4 LIVE", "redact 4 test", "CANCEL 4 TEST", "4", "yes", strings.ToLower(phrase4), "REDACT 4 TEST 0000"} {
		expectFailure(t, s.run("redact", "--user", "ann_8392", "--confirm", phrase), exitFailed,
			fmt.Sprintf(`--confirm says %q, which is not the phrase of the plan, 4 now: nothing was sent`, phrase),
			"look at the plan again: --plan instead of --confirm")
	}
	expectFailure(t, s.run("redact", "--user", "ann_8392", "--confirm", "REDACT 4 TEST"), exitFailed,
		`--confirm says "REDACT 4 TEST" without the four characters at the end of the plan's phrase: nothing was sent`,
		"look at the plan again: --plan instead of --confirm")
	expectFailure(t, s.run("redact", "--user", "ann_8392", "--confirm", phrase4, "--when-finished"), exitFailed,
		fmt.Sprintf(`--confirm says %q, which is not the phrase of the plan, 4 now, 1 later: nothing was sent`, phrase4),
		"look at the plan again: --plan instead of --confirm")
	if s.sent() != 0 {
		t.Error("a wrong phrase sent something")
	}
	named := s.run(append(s.seal("redact", "--user", "ann_8392", "--confirm", "REDACT 4 TEST"), "--reason", "letter of ann_8392, ticket 4711")...)
	expectFailure(t, named, exitUsage, "the reason names a user_id (ann_8392): nothing was sent", "say it in other words with --reason; what matches ticket in the config may be there")
	got = s.good(s.seal("redact", "--user", "ann_8392", "--confirm", "REDACT 5 TEST", "--when-finished", "--reason", "letter, ticket 4711", "--format", "json")...)
	var report struct {
		Job    int64
		Reason string
		Counts map[string]int
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || report.Counts["following"] != 4 || report.Counts["waiting"] != 1 ||
		report.Reason != "letter, ticket 4711" {
		t.Errorf("%v: %s", err, got.stdout)
	}
	if n := s.sent(); n != 4 || s.status(stranger) != "waiting" || s.status(ids[1]) != "processing" {
		t.Errorf("%d requests were sent", n)
	}
	for _, id := range []string{ids[0], ids[2], ids[3], ids[4]} {
		if s.status(id) != "redacting" {
			t.Errorf("%s is %s", id, s.status(id))
		}
	}
	expectFailure(t, s.run("redact", "--user", "'+491701234", "--plan"), exitFailed, `no session has the user_id "'+491701234"`,
		`a CSV file has a ' before such a user_id: --user="+491701234"`)
	expectFailure(t, s.run("redact", "--user", "nobody", "--plan"), exitFailed, `no session has the user_id "nobody"`,
		"the user_id has to be exact: idtop list --query finds similar ones")
}

// TestAPlanIsMadeOfWhatStripeHasNow: a plan of a person or of a query brings the mirror up to date by
// itself, from nothing and from an hour ago, and says so.
func TestAPlanIsMadeOfWhatStripeHasNow(t *testing.T) {
	s := newShop(t, emulator.Config{Seed: 1, Sessions: 250})
	first, kept := s.create("zoe_4711_2"), s.create("zoe_4711_2")
	got := s.good("redact", "--user", "zoe_4711_2", "--plan")
	expectLines(t, got.stdout, first, "    2 now\n")
	expectLines(t, got.stderr, "idtop: the mirror is not complete: what it lacks is read from Stripe before the plan\n", "idtop: the mirror was brought up to date: complete to ")

	second := s.create("zoe_4711_2") // nobody has told the mirror
	s.ask("POST", "/v1/identity/verification_sessions/"+first, url.Values{"metadata[user_id]": {"carl_1"}})
	old := s.good("redact", "--user", "zoe_4711_2", "--plan", "--no-sync")
	expectLines(t, old.stderr, "idtop: warning: the mirror is ", " old: newer sessions may be missing\nhint: without --no-sync", first+" is not of this user_id any more")
	if strings.Contains(old.stdout, second) {
		t.Errorf("--no-sync has read more than the mirror had:\n%s", old.stdout)
	}
	for _, how := range [][]string{{"--user", "zoe_4711_2"}, {"--query", "user:zoe_4711_2"}} {
		got = s.good(append([]string{"redact", "--plan"}, how...)...)
		if !strings.Contains(got.stdout, second) || !strings.Contains(got.stdout, kept) || strings.Contains(got.stdout, first) {
			t.Errorf("%q plans:\n%s", how, got.stdout)
		}
		if !regexp.MustCompile(`^idtop: the mirror was brought up to date: complete to \S+Z, \d+ reads?\n(idtop: warning: ` + first + ` .*\nhint: it is left out\n)?$`).MatchString(got.stderr) {
			t.Errorf("%q says %q", how, got.stderr)
		}
	}
	if s.sent() != 0 {
		t.Error("a plan sent something")
	}
	third := s.create("zoe_4711_2")
	phrase := regexp.MustCompile(`--confirm "(.*?)"`).FindStringSubmatch(got.stdout)[1]
	changed := s.run("redact", "--query", "user:zoe_4711_2", "--confirm", phrase)
	if changed.code != exitFailed || !strings.Contains(changed.stderr, "the plan has changed: "+third+" is new (waiting): nothing was sent") || s.sent() != 0 {
		t.Errorf("exit code %d: %s", changed.code, changed.stderr)
	}
	expectFailure(t, s.run("redact", third, "--no-sync", "--plan"), exitUsage, "--no-sync needs --user or --query: ids are read from Stripe, not found in the mirror", "idtop redact --help lists the flags")
}

// TestNoPlanWhileTheBudgetHoldsSessionsBack: it would miss some.
func TestNoPlanWhileTheBudgetHoldsSessionsBack(t *testing.T) {
	s := newShop(t, emulator.Config{Seed: 1, Sessions: 2500})
	ann := s.create("zoe_4711_2")
	few := s.config("reads_per_month = 20\n")
	got := s.run("redact", "--user", "zoe_4711_2", "--plan", few)
	if got.code != exitFailed || got.stdout != "" {
		t.Errorf("exit code %d: %s", got.code, got.stdout)
	}
	expectLines(t, got.stderr, "the mirror is not complete: what it lacks is read", "no plan, because the mirror can't be brought up to date: ", " of the 20 reads of this month are used, so ", " sessions",
		"hint: a larger reads_per_month in the config, or --no-sync for what is known")
	got = s.good("redact", "--user", "zoe_4711_2", "--plan", "--no-sync", few)
	expectLines(t, got.stdout, ann, "    1 now\n")
	expectLines(t, got.stderr, missing, "without --no-sync the mirror is brought up to date first")
	expectFailure(t, s.run("redact", "--user", "zoe_4711_2", "--confirm", "REDACT 1 TEST", "--no-sync", few), exitFailed,
		missing+", and nothing is done", "without --no-sync the mirror is brought up to date first")
	s.good("redact", "--user", "zoe_4711_2", "--plan", s.config("reads_per_month = 100000\n"))
}

// TestNoPlanWithoutAnAnswer: a mirror that can't be brought up to date is not planned from.
func TestNoPlanWithoutAnAnswer(t *testing.T) {
	s := newShop(t, emulator.Config{})
	s.create("zoe_4711_2")
	s.good("sync")
	answer, err := http.PostForm(s.base+"/_emulator/fault", url.Values{"mode": {"redirect"}, "match": {"/v1/(events|identity)"}})
	if err != nil || answer.Body.Close() != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v: %v", err, answer)
	}
	got := s.run("redact", "--user", "zoe_4711_2", "--plan", s.config("poll = \"1s\"\n"))
	if got.code != exitFailed || got.stdout != "" || !strings.Contains(got.stderr, "idtop: no plan, because the mirror can't be brought up to date: ") {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

// TestIDsThatLookTheSameAreNotForgotten: one who asks to be erased may be there
// under an id that only looks the same. That is said, and taken in when it is asked for.
func TestIDsThatLookTheSameAreNotForgotten(t *testing.T) {
	s := newShop(t, emulator.Config{})
	exact := s.create("josé_7")
	alike := []string{s.create("jose\u0301_7"), s.create("josé_7 "), s.create("josé_7 ")}
	other := s.create("jose_7")
	s.good("sync")
	got := s.good("redact", "--user", "josé_7", "--plan")
	expectLines(t, got.stdout, "    1 now\n")
	expectLines(t, got.stderr, "3 more sessions under 2 ids that look the same", "--include-alike takes them in",
		`"jose\u0301_7", 1 session: accents decomposed`, `"jos\u00e9_7 ", 2 sessions: a space after it`)
	got = s.good("redact", "--user", "josé_7", "--include-alike", "--plan")
	expectLines(t, got.stdout, "    4 now\n", `--confirm "REDACT 4 TEST`)
	expectLines(t, got.stderr, "3 more sessions under 2 ids that look the same", "they are taken in")
	s.good(s.seal("redact", "--user", "josé_7", "--include-alike", "--confirm", "REDACT 4 TEST", "--reason", "ticket 4711")...)
	for _, id := range append(alike, exact) {
		if s.status(id) != "redacting" {
			t.Errorf("%s is %s", id, s.status(id))
		}
	}
	if s.status(other) != "waiting" {
		t.Error("an id that looks otherwise was taken in")
	}
	got = s.run("redact", "--user", "JOSE_7", "--plan")
	expectLines(t, got.stderr, "1 more session under an id that looks the same", `"jose_7", 1 session: other capitals`, "no session has the user_id")
	expectFailure(t, s.run("redact", exact, "--include-alike", "--plan"), exitUsage, "--include-alike needs --user", "idtop redact --help lists the flags")
}

// A person's metadata may have changed since the mirror saw it.
func TestASessionThatIsSomebodyElsesByNow(t *testing.T) {
	s := newShop(t, emulator.Config{})
	mine, theirs := s.create("ann_8392"), s.create("ann_8392")
	s.good("sync")
	s.ask("POST", "/v1/identity/verification_sessions/"+theirs, url.Values{"metadata[user_id]": {"bob_1"}})
	got := s.good("redact", "--user", "ann_8392", "--plan")
	expectLines(t, got.stdout, mine, `"REDACT 1 TEST `)
	if strings.Contains(got.stdout, theirs) {
		t.Error("the other person's session is in the plan:", got.stdout)
	}
}

func TestPlanInJSON(t *testing.T) {
	s := newShop(t, emulator.Config{})
	id := s.create("日本\x1b]0;x")
	got := s.good("redact", id, id, "--plan", "--format", "json")
	var made struct {
		Verb, Account, Mode, Phrase, Hash string
		Counts                            map[string]int
		Sessions                          []struct{ ID, State, Disposition string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &made); err != nil {
		t.Fatal(err)
	}
	if made.Verb != "redact" || made.Mode != "TEST" || made.Phrase != "REDACT 1 TEST "+made.Hash[:4] || len(made.Hash) != 64 || !strings.HasPrefix(made.Account, "acct_") ||
		made.Counts["now"] != 1 || len(made.Sessions) != 1 || made.Sessions[0].ID != id || made.Sessions[0].State != "waiting" {
		t.Errorf("%+v", made)
	}
	for _, r := range got.stdout {
		if r > 0x7e || r < ' ' && r != '\n' {
			t.Errorf("%q is in the output", r)
		}
	}
}

func TestWhatIsNotDone(t *testing.T) {
	s := newShop(t, emulator.Config{})
	ids := []string{s.create("a_1"), s.create("a_2"), s.create("a_3")}
	confirmed := slices.Clip(s.seal(append([]string{"cancel", "--confirm", "CANCEL 3 TEST"}, ids...)...))
	for name, c := range map[string]struct {
		args       []string
		code       int
		line, hint string
	}{
		"neither":       {[]string{"cancel", ids[0]}, exitUsage, "cancel needs either --plan or --confirm", "idtop cancel --help lists the flags"},
		"both":          {[]string{"cancel", ids[0], "--plan", "--confirm", "x"}, exitUsage, "cancel needs either --plan or --confirm", "idtop cancel --help lists the flags"},
		"empty phrase":  {[]string{"cancel", ids[0], "--confirm", ""}, exitFailed, `--confirm says "", which is not the phrase of the plan, 1 now: nothing was sent`, "look at the plan again: --plan instead of --confirm"},
		"nobody":        {[]string{"redact", "--plan"}, exitUsage, "redact needs either ids of sessions, or --user, or --query", "idtop redact --help lists the flags"},
		"no user":       {[]string{"redact", "--plan", "--user", ""}, exitUsage, "--user: a user_id is missing", "idtop redact --help lists the flags"},
		"id and user":   {[]string{"redact", "--plan", "--user", "a_1", ids[0]}, exitUsage, "redact needs either ids of sessions, or --user, or --query", "idtop redact --help lists the flags"},
		"no id":         {[]string{"cancel", "--plan", "a_1"}, exitUsage, `"a_1" is not the id of a session`, "an id looks like vs_1NuNAILkdIwHu7ixh70tMLw"},
		"reason":        {append(confirmed, s.config("reason_required = true\n")), exitUsage, "the config requires a reason: nothing was sent", "add --reason with why, or a ticket"},
		"blank reason":  {append(confirmed, "--reason", " ", s.config("reason_required = true\n")), exitUsage, "the config requires a reason: nothing was sent", "add --reason with why, or a ticket"},
		"read-only":     {append(confirmed, s.config("read_only = true\n")), exitFailed, "read-only: nothing is changed at Stripe", "leave out --read-only, and read_only in the config"},
		"read-only now": {append(confirmed, "--read-only"), exitFailed, "read-only: nothing is changed at Stripe", "leave out --read-only, and read_only in the config"},
		"too many":      {append(confirmed, s.config("max_items = 2\n")), exitFailed, "this would cancel 3 sessions, and one job may act on 2: choose fewer, or allow more in the config", "max_items in the config says how many one job may act on"},
		"long reason":   {append(confirmed, "--reason", strings.Repeat("x", 501)), exitUsage, "the reason has more than 500 characters, or is not text: shorten it: nothing was sent", "say it in other words with --reason; what matches ticket in the config may be there"},
		"plan, reason":  {[]string{"cancel", ids[0], "--plan", "--reason", "asked by a_2"}, exitUsage, "the reason names a user_id (a_2): nothing was sent", "say it in other words with --reason; what matches ticket in the config may be there"},
		"plan, long":    {[]string{"cancel", ids[0], "--plan", "--reason", strings.Repeat("x", 501)}, exitUsage, "the reason has more than 500 characters, or is not text: shorten it: nothing was sent", "say it in other words with --reason; what matches ticket in the config may be there"},
		"plan, phrase":  {[]string{"cancel", ids[0], "--plan", "--reason", "CANCEL 1 TEST"}, exitUsage, "that is the phrase: it belongs to Confirm: nothing was sent", "say it in other words with --reason; what matches ticket in the config may be there"},
		"job":           {[]string{"jobs", "resume", "x"}, exitUsage, `"x" is not the number of a job`, "idtop jobs lists them"},
		"which job":     {[]string{"jobs", "close"}, exitUsage, "jobs close needs the number of a job", "idtop jobs lists them"},
		"no job":        {[]string{"jobs", "show", "7"}, exitFailed, "there is no job 7 in the journal", "idtop jobs lists the jobs of this account"},
		"no evidence":   {[]string{"ledger", "evidence", "--job", "7"}, exitFailed, "there is no evidence: there is no job 7 in the journal", "idtop jobs lists the jobs of this account"},
		"which of them": {[]string{"ledger", "evidence"}, exitUsage, "--job is missing", "idtop jobs lists them"},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.run(c.args...)
			expectFailure(t, got, c.code, c.line, c.hint)
		})
	}
	if n := s.sent(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// "A live account was changed without anybody saying why."
func TestALiveAccountWithoutAScreenWantsAReason(t *testing.T) {
	s := newShop(t, emulator.Config{Live: true})
	id := s.create("ann_8392")
	expectLines(t, s.good("redact", id, "--plan").stdout, ", LIVE\n", `"REDACT 1 LIVE `)
	if got := s.run("redact", id, "--confirm", "REDACT 1 TEST", "--reason", "ticket 4711"); got.code != exitFailed || s.sent() != 0 {
		t.Errorf("%+v", got)
	}
	confirmed := slices.Clip(s.seal("redact", id, "--confirm", "REDACT 1 LIVE"))
	for _, reason := range [][]string{nil, {"--reason", " "}} {
		expectFailure(t, s.run(append(confirmed, reason...)...), exitUsage, "a live account is changed only with a reason: nothing was sent",
			"add --reason with why, or a ticket; it is recorded")
	}
	if s.sent() != 0 {
		t.Error("something was sent")
	}
	s.good(append(confirmed, "--reason", "ticket 4711")...)
	if s.sent() != 1 || s.status(id) != "redacting" {
		t.Error("it was not redacted")
	}
	expectLines(t, s.ledger("show").stdout, "live  write-mode  note  reason ticket 4711  on\n", "live  confirm  note", "live  redact  intent", "live  redact  outcome  done")
}

// "It said 2, one was redacted elsewhere, a new one came, and the new one was
// redacted": a plan that was never shown is not carried out.
func TestAPlanThatWasNeverShownIsNotCarriedOut(t *testing.T) {
	s := newShop(t, emulator.Config{})
	ids := []string{s.create("ann_8392"), s.create("ann_8392")}
	s.good("sync")
	confirmed := s.seal("redact", "--user", "ann_8392", "--confirm", "REDACT 2 TEST")
	s.ask("POST", "/v1/identity/verification_sessions/"+ids[0]+"/redact", nil)
	later := s.create("ann_8392")
	got := s.run(confirmed...)
	if got.code != exitFailed || s.sent() != 0 || s.status(later) != "waiting" {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"the plan has changed: ", later + " is new (waiting)", ids[0] + " ", ": nothing was sent\nhint: look at the plan again"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("no %q in %q", want, got.stderr)
		}
	}
}

// Of the plans that are remembered nothing names a person.
func TestPlansAreRememberedWithoutPersons(t *testing.T) {
	s := newShop(t, emulator.Config{})
	for n := range plansKept + 3 {
		s.good("redact", s.create(fmt.Sprintf("canary_%d", n)), "--plan")
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "books", "*", plansFile))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || strings.Contains(string(text), "canary") || strings.Count(string(text), `"hash"`) != plansKept {
		t.Errorf("%v: %s", err, text)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v: %v", info, err)
	}
}

// Without a ledger nothing is sent.
func TestNoLedgerNoAction(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root: a folder in the place of the file instead of permissions")
	}
	s := newShop(t, emulator.Config{})
	id := s.create("ann_8392")
	confirmed := s.seal("cancel", id, "--confirm", "CANCEL 1 TEST")
	if err := os.Mkdir(filepath.Join(s.dir, "ledger.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	got := s.run(confirmed...)
	if got.code != exitFailed || !strings.HasPrefix(got.stderr, "idtop: the ledger can't be used: ") || !strings.Contains(got.stderr, "\nhint: ") {
		t.Errorf("%+v", got)
	}
	if s.sent() != 0 || s.status(id) != "waiting" {
		t.Error("something was sent")
	}
}
