package ledger

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"idtop/client"
)

func testKey(t testing.TB, text string) client.Key {
	t.Helper()
	key, err := client.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

const liveKey = "rk_live_51NuNcanarySecretabcd"

func open(t testing.TB, dir string, o Options) *Book {
	t.Helper()
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func redaction(t testing.TB, n int) Act {
	return Act{
		Verb: Redact, Key: testKey(t, liveKey), Account: "acct_1", Session: fmt.Sprintf("vs_%d", n), UserID: "ann_8392",
		Job: "7", Plan: "9f86d081", Before: Statuses{Status: client.StatusVerified}, Idempotency: fmt.Sprintf("key-%d", n), Generation: 1,
		Reason: "ticket 4711",
	}
}

var accepted = Outcome{
	Result: Succeeded, After: Statuses{client.StatusVerified, client.RedactionProcessing}, HTTP: 200, RequestID: "req_1",
	Server: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC),
}

// fill writes n pairs of intent and outcome.
func fill(t testing.TB, l *Book, from, n int) {
	t.Helper()
	for i := range n {
		e, err := l.Intend(redaction(t, from+i))
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Settle(accepted); err != nil {
			t.Fatal(err)
		}
	}
}

func content(t testing.TB, dir string) []byte {
	t.Helper()
	b, err := OpenRead(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	text, err := io.ReadAll(b.Export())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func put(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func verified(t testing.TB, dir string) Report {
	t.Helper()
	report, err := VerifyDir(dir, Head{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func wantCause(t testing.TB, err error, cause Cause) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Cause != cause {
		t.Fatalf("error %v of cause %d, want %d (%s)", err, CauseOf(err), cause, causes[cause].what)
	}
	if e.Hint() == "" || strings.ContainsAny(e.Error(), "\n") {
		t.Errorf("not a sentence with a hint: %q", e.Error())
	}
}

// The canonical form is part of the contract: checks of a ledger without idtop rely
// on it.
func TestCanonicalForm(t *testing.T) {
	now := time.Date(2026, 11, 23, 4, 48, 20, 120_999_999, time.FixedZone("", 3600))
	l := open(t, t.TempDir(), Options{Tool: "1.2", Actor: Actor{"jo\"e", "höst~\x7f\x1b\U00010000"}, Now: func() time.Time { return now }})
	fill(t, l, 1, 1)
	got := string(content(t, l.dir))
	person := l.Person("ann_8392")
	common := `"verb":"redact",%s"user":"jo\"e","host":"h\u00f6st~\u007f\u001b\ud800\udc00","account":"acct_1","mode":"live","key":"rk_live_\u2026abcd",` +
		`"restricted":true,"session":"vs_1","person":"` + person + `","job":"7","plan":"9f86d081","before_status":"verified",%s` +
		`"idempotency_key":"key-1","generation":1,"reason":"ticket 4711","tool":"1.2","prev":"%s"`
	first := `{"v":1,"seq":1,"time":"2026-11-23T03:48:20.120Z","kind":"intent",` + fmt.Sprintf(common, "", "", strings.Repeat("0", 64))
	hash1 := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Repeat("0", 64)+first+"}")))
	second := `{"v":1,"seq":2,"time":"2026-11-23T03:48:20.120Z","server_time":"2026-11-23T05:00:00.000Z","kind":"outcome",` +
		fmt.Sprintf(common, `"intent":1,"result":"done",`, `"after_status":"verified","after_redaction":"processing","http":200,"request":"req_1",`, hash1)
	hash2 := fmt.Sprintf("%x", sha256.Sum256([]byte(hash1+second+"}")))
	want := first + `,"hash":"` + hash1 + "\"}\n" + second + `,"hash":"` + hash2 + "\"}\n"
	if got != want {
		t.Errorf("ledger:\n%s\nwant:\n%s", got, want)
	}
	if head := l.Head().String(); head != "2:"+hash2 {
		t.Errorf("head %s", head)
	}
	if report := verified(t, l.dir); report.Records != 2 || report.Head != l.Head() || report.Pending+report.Unpaired != 0 {
		t.Errorf("report %+v", report)
	}
}

// rehash hashes a first line anew, so that only its form is wrong.
func rehash(line string) string {
	body := line[:strings.LastIndex(line, hashStart)]
	hash, _ := hashOf(Hash{}, []byte(body), nil)
	return body + hashStart + hash.String() + hashEnd
}

func TestOneSpellingOnly(t *testing.T) {
	l := open(t, t.TempDir(), Options{Actor: Actor{"jo", "höst"}})
	fill(t, l, 1, 1)
	line, _, _ := bytes.Cut(content(t, l.dir), []byte("\n"))
	if _, flaw := parseLine([]byte(rehash(string(line)))); flaw != FlawNone {
		t.Fatalf("untouched: %s", flaw)
	}
	for _, change := range [][2]string{
		{`\u00f6`, `\u00F6`}, {`\u00f6`, "ö"}, {`"jo"`, `"\u006ao"`}, {`"seq":1`, `"seq":01`}, {`"seq":1`, `"seq": 1`}, {`"seq":1`, `"seq":1.0`},
		{`"v":1,"seq":1`, `"seq":1,"v":1`}, {`"mode":"live"`, `"mode":"live","mode":"live"`}, {`"restricted":true`, `"restricted":false`},
		{`"mode":"live"`, `"Mode":"live"`}, {`"generation":1`, `"generation":1,"other":1`}, {`"job":"7"`, `"job":""`},
		{`"job":"7"`, `"job":"` + strings.Repeat("7", maxWord+1) + `"`}, {`Z"`, `+00:00"`}, {`"v":1`, `"v":1e0`}, {`"v":1`, `"v":-1`},
	} {
		changed := strings.Replace(string(line), change[0], change[1], 1)
		if changed == string(line) {
			t.Fatalf("%s is not in %s", change[0], line)
		}
		if _, flaw := parseLine([]byte(rehash(changed))); flaw != FlawForm {
			t.Errorf("%s -> %s: %s", change[0], change[1], flaw)
		}
	}
	if _, flaw := parseLine([]byte(rehash(strings.Replace(string(line), `"v":1`, `"v":2`, 1)))); flaw != FlawNewer {
		t.Errorf("version 2: %s", flaw)
	}
}

// Whatever text comes, the record is bounded, one line, and readable.
func TestHostileTextIsBounded(t *testing.T) {
	l := open(t, t.TempDir(), Options{Actor: Actor{strings.Repeat("\x00", 1<<20), "\n"}, Tool: strings.Repeat("\xff", 1000)})
	for _, s := range []string{
		strings.Repeat("\x1b", 1<<20), strings.Repeat("😀", 1<<18), "a\nb\r\x00\u202e\"\\", strings.Repeat("\xff\xfe", 1<<19),
		strings.Repeat("a", maxProse-1) + "é", `","hash":"` + strings.Repeat("0", 64) + "\"}\n",
	} {
		act := Act{
			Verb: Redact, Key: testKey(t, liveKey), Account: s, Session: s, UserID: s, Job: s, Plan: s, Idempotency: s, Generation: 1 << 40,
			Before: Statuses{client.Status(s), client.RedactionStatus(s)}, Reason: s, Detail: s,
		}
		e, err := l.Intend(act)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Settle(Outcome{Result: Result(s), After: act.Before, RequestID: s, Detail: s, HTTP: 200}); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range l.Find(Query{Session: s}) {
			if n++; err != nil {
				t.Fatal(err)
			}
		}
		if n != 2 {
			t.Errorf("%d records of %.20q found, want 2", n, s)
		}
	}
	for line := range bytes.Lines(content(t, l.dir)) {
		if len(line) > longestLine*3/4 {
			t.Errorf("a line of %d bytes", len(line))
		}
		if bytes.ContainsFunc(line[:len(line)-1], func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("not printable ASCII: %.100q", line)
		}
	}
	verified(t, l.dir)
}

func TestIntentsNeedWhatTheyNeed(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	for name, change := range map[string]func(*Act){
		"verb":            func(a *Act) { a.Verb = "" },
		"torn":            func(a *Act) { a.Verb = torn },
		"key":             func(a *Act) { a.Key = client.Key{} },
		"session":         func(a *Act) { a.Session = "" },
		"idempotency key": func(a *Act) { a.Idempotency = "" },
		"generation":      func(a *Act) { a.Generation = -1 },
	} {
		act := redaction(t, 1)
		change(&act)
		if _, err := l.Intend(act); CauseOf(err) != CauseInvalid {
			t.Errorf("without a proper %s: %v", name, err)
		}
	}
	if _, err := l.Note(redaction(t, 1)); CauseOf(err) != CauseInvalid {
		t.Errorf("a redaction as a note: %v", err)
	}
	var none *Book
	if _, err := none.Intend(redaction(t, 1)); CauseOf(err) != CauseClosed {
		t.Errorf("no ledger: %v", err)
	}
	if _, err := none.Note(Act{Verb: Reveal, Key: testKey(t, liveKey)}); CauseOf(err) != CauseClosed {
		t.Errorf("no ledger: %v", err)
	}
	if len(content(t, l.dir)) != 0 {
		t.Error("something was written")
	}
}

func TestAnOutcomeOnce(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	act := redaction(t, 1)
	act.Verb, act.Session = Create, ""
	e, err := l.Intend(act)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Settle(Outcome{}); CauseOf(err) != CauseInvalid {
		t.Errorf("an outcome without a result: %v", err)
	}
	outcome := func(intent uint64) (r Record, ok bool) {
		t.Helper()
		if err := l.Read(func(tx *Tx) (err error) { r, ok, err = tx.OutcomeOf(intent); return err }); err != nil {
			t.Fatal(err)
		}
		return r, ok
	}
	if r, ok := outcome(1); ok {
		t.Errorf("an outcome before there is one: %+v", r)
	}
	o := accepted
	o.Session = "vs_new"
	if err := e.Settle(o); err != nil {
		t.Fatal(err)
	}
	if r, ok := outcome(1); !ok || r.Result != o.Result || r.Seq != 2 {
		t.Errorf("%+v, %v", r, ok)
	}
	if err := e.Settle(o); !errors.Is(err, ErrSettled) {
		t.Errorf("a second outcome: %v", err)
	}
	n := 0
	for r := range l.Find(Query{Session: "vs_new"}) {
		if n++; r.Kind != KindOutcome || r.Intent != 1 || r.Verb != Create {
			t.Errorf("%+v", r)
		}
	}
	if n != 1 {
		t.Errorf("%d records of the new session", n)
	}
}

func TestWhatACrashLeftPending(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 3)
	for i := range 3 {
		act := redaction(t, 10+i)
		if i == 2 {
			act.Job = "8"
		}
		if _, err := l.Intend(act); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()

	l = open(t, dir, Options{})
	if report := verified(t, dir); report.Pending != 3 {
		t.Errorf("%d pending", report.Pending)
	}
	pending, err := l.Pending(Query{Job: "7"})
	if err != nil || len(pending) != 2 || pending[0].Intent().Session != "vs_10" || pending[1].Intent().Idempotency != "key-11" {
		t.Fatalf("%+v, %v", pending, err)
	}
	for _, e := range pending {
		if err := e.Settle(Outcome{Result: Unknown}); err != nil {
			t.Fatal(err)
		}
	}
	if pending, _ = l.Pending(Query{}); len(pending) != 1 || pending[0].Intent().Job != "8" {
		t.Errorf("still pending: %+v", pending)
	}
	trace, err := l.Trace(Query{Job: "7"})
	if err != nil || trace.Records != 10 || trace.First.Seq != 1 || trace.Last.Seq != 11 || trace.Head != l.Head() {
		t.Errorf("%+v, %v", trace, err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	fill(t, l, 1, 3)
	act := redaction(t, 9)
	act.UserID, act.Job = "bob", "8"
	if _, err := l.Intend(act); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Note(Act{Verb: Reveal, Key: testKey(t, liveKey), Session: "vs_2", UserID: "bob", Detail: "name"}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		q    Query
		want int
	}{
		{Query{}, 8}, {Query{UserID: "bob"}, 2}, {Query{UserID: "ann_8392"}, 6}, {Query{UserID: "nobody"}, 0}, {Query{Session: "vs_2"}, 3},
		{Query{Job: "8"}, 1}, {Query{Verb: Reveal}, 1}, {Query{Plan: "9f86d081", Job: "7"}, 6}, {Query{Since: time.Now().Add(time.Hour)}, 0},
		{Query{Until: time.Now().Add(time.Hour)}, 8}, {Query{UserID: "bob", Session: "vs_2"}, 1},
	} {
		for name, found := range map[string]func(func(Record, error) bool){"open": l.Find(test.q), "folder": Find(dir, test.q)} {
			n := 0
			for _, err := range found {
				if n++; err != nil {
					t.Fatal(err)
				}
			}
			if n != test.want {
				t.Errorf("%s: %d records match %+v, want %d", name, n, test.q, test.want)
			}
		}
	}
	for _, err := range Find(t.TempDir(), Query{}) {
		wantCause(t, err, CauseGone)
	}
	other := open(t, t.TempDir(), Options{})
	if other.Person("bob") == l.Person("bob") || l.Person("bob") == l.Person("Bob") || l.Person("") != "" {
		t.Error("Person does not tell people and installations apart")
	}
	l.Close()
	if again := open(t, dir, Options{}); again.Person("bob") != l.Person("bob") {
		t.Error("the key of the installation was not kept")
	}
}

// Nothing private is in any file, in whatever way it is handed over.
func TestCanaries(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	const user, person = "Canary_User_5187", "canary.person+7@example.org"
	for i, id := range []string{user, person} {
		act := redaction(t, i)
		act.UserID = id
		act.Reason = "deletion, key " + liveKey + " whsec_canarySecret RKCS_TEST_canarySecret"
		act.Detail = "of " + id + " (" + strings.ToUpper(id) + ") vs_1abc_secret_canarySecret"
		e, err := l.Intend(act)
		if err != nil {
			t.Fatal(err)
		}
		o := accepted
		o.Detail = "no such user: " + id
		if err := e.Settle(o); err != nil {
			t.Fatal(err)
		}
		for _, verb := range []Verb{Reveal, Copy} {
			if _, err := l.Note(Act{Verb: verb, Key: act.Key, Session: act.Session, UserID: id, Detail: "name"}); err != nil {
				t.Fatal(err)
			}
		}
		if pending, err := l.Pending(Query{UserID: id}); err != nil || len(pending) > 0 {
			t.Fatal(pending, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	private := regexp.MustCompile(`(?i)canary|example\.org|51NuN`)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, entry := range entries {
		b, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if found := private.Find(b); found != nil {
			t.Errorf("%s holds %q", entry.Name(), found)
		}
	}
	if text := content(t, dir); !bytes.Contains(text, []byte("deletion, key [secret]")) || !bytes.Contains(text, []byte("of [user_id] ([user_id])")) {
		t.Errorf("%s", text)
	}
}

func TestHeads(t *testing.T) {
	want := Head{12, Hash(sha256.Sum256(nil))}
	if got, err := ParseHead(" " + want.String() + "\n"); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	for _, s := range []string{"", "12", "12:", ":" + want.Hash.String(), want.String() + "0", want.String()[:60], "-1:" + want.Hash.String(), strings.ToUpper(want.String())} {
		if _, err := ParseHead(s); err == nil {
			t.Errorf("%q is taken for a head", s)
		}
	}
}

func TestOnHead(t *testing.T) {
	var told []uint64
	var fail error
	dir := t.TempDir()
	l := open(t, dir, Options{Every: 4, OnHead: func(h Head) error {
		told = append(told, h.Seq)
		return fail
	}})
	fill(t, l, 1, 5)
	if err := l.Close(); err != nil || fmt.Sprint(told) != "[4 8 10]" {
		t.Errorf("told %v, %v", told, err)
	}
	told = nil
	l = open(t, dir, Options{Every: 4, OnHead: func(h Head) error { told = append(told, h.Seq); return fail }})
	if l.Close(); told != nil {
		t.Errorf("told %v of nothing new", told)
	}
	fail = errors.New("no such place")
	l = open(t, dir, Options{Every: 4, OnHead: func(h Head) error { return fail }})
	fill(t, l, 1, 5) // the records are safe: acting goes on
	if err := l.Close(); !errors.Is(err, fail) {
		t.Errorf("closing: %v", err)
	}
	if _, err := l.Intend(redaction(t, 1)); CauseOf(err) != CauseClosed {
		t.Errorf("after closing: %v", err)
	}
	for _, err := range l.Find(Query{}) {
		if err == nil {
			t.Error("a closed ledger is read")
		}
	}
}

// Without a number of its own a book tells its head every hundred records.
func TestHowOftenAHeadIsTold(t *testing.T) {
	for _, every := range []int{0, -1} {
		var told []uint64
		l := open(t, t.TempDir(), Options{Every: every, OnHead: func(h Head) error { told = append(told, h.Seq); return nil }})
		fill(t, l, 1, 51)
		if err := l.Close(); err != nil || fmt.Sprint(told) != "[100 102]" {
			t.Errorf("every %d: %v, %v", every, told, err)
		}
	}
}

// A text that is too long ends with a whole character, whatever bytes it has.
func TestTextIsCutBetweenCharacters(t *testing.T) {
	for _, c := range [][2]string{
		{"1234567890", "1234567890"},
		{"12345678901", "1234567…"},
		{"123456ö8901", "123456…"},
		{"1234\U0001F6008901", "1234…"},
		{"12345\xff", "12345?"},
		{strings.Repeat("\x80", 11), "…"},
	} {
		got := c[0]
		cutter{}.text("", &got, 10)
		if got != c[1] || len(got) > 10 {
			t.Errorf("%q is cut to %q, want %q", c[0], got, c[1])
		}
	}
}

func TestFileSink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	path := filepath.Join(elsewhere, "heads")
	l := open(t, dir, Options{Every: 2, OnHead: FileSink(path, "a-book")})
	fill(t, l, 1, 3)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 3 {
		t.Fatalf("%s, %v", text, err)
	}
	for line := range strings.Lines(string(text)) {
		head, err := ParseHead(strings.Fields(line)[1])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := VerifyDir(dir, head); err != nil {
			t.Error(err)
		}
	}
	if err := FileSink(filepath.Join(elsewhere, "none", "heads"), "a-book")(Head{}); err == nil {
		t.Error("a sink without a folder does not fail")
	}
}

func TestGoroutinesAppendTogether(t *testing.T) {
	dir := t.TempDir()
	ledgers := []*Book{open(t, dir, Options{}), open(t, dir, Options{}), open(t, dir, Options{Every: 3, OnHead: func(Head) error { return nil }})}
	var wg sync.WaitGroup
	const each = 20
	for i := range 9 {
		wg.Go(func() {
			for j := range each {
				e, err := ledgers[i%3].Intend(redaction(t, 100*i+j))
				if err == nil {
					err = e.Settle(accepted)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 20 { // and somebody reads meanwhile
		if _, err := VerifyDir(dir, Head{}); err != nil {
			t.Error(err)
		}
		for _, err := range ledgers[0].Find(Query{}) {
			if err != nil {
				t.Error(err)
			}
		}
	}
	wg.Wait()
	if report := verified(t, dir); report.Records != 9*each*2 || report.Pending+report.Unpaired != 0 || len(report.Tears) > 0 {
		t.Errorf("%+v", report)
	}
}

// The cost of a record, in microseconds: an append, with its sync.
func BenchmarkAppend(b *testing.B) {
	l := open(b, b.TempDir(), Options{Tool: "1.0"})
	act := redaction(b, 1)
	took := make([]time.Duration, 0, 1<<16)
	for b.Loop() {
		start := time.Now()
		if _, err := l.Intend(act); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	for _, p := range [...]int{50, 99} {
		b.ReportMetric(float64(took[(len(took)-1)*p/100].Nanoseconds())/1e3, fmt.Sprintf("p%d-us", p))
	}
}

func BenchmarkVerify(b *testing.B) {
	l := open(b, b.TempDir(), Options{Tool: "1.0", Unsafe: true})
	fill(b, l, 0, 5000)
	text := content(b, l.dir)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Verify(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*10000)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	l := open(b, dir, Options{})
	fill(b, l, 0, 5000)
	for b.Loop() {
		l, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		l.Close()
	}
}

// "The user_id ann made c[user_id]ot of cannot": only whole words are taken out,
// and of a reason nothing but secrets.
func TestWordsStayWhole(t *testing.T) {
	for _, c := range [][3]string{
		{"cannot plan, ann said", "ann", "cannot plan, [user_id] said"},
		{"s and ss", "s", "[user_id] and ss"},
		{"ann", "ANN", "[user_id]"},
		{"ann-1, anna, ann", "ann", "[user_id]-1, anna, [user_id]"},
		{"Łann ann_1 ann", "ann", "Łann ann_1 [user_id]"},
	} {
		if got := scrub(c[0], c[1]); got != c[2] {
			t.Errorf("%q: %q", c[0], got)
		}
	}
	dir := t.TempDir()
	l := open(t, dir, Options{})
	defer l.Close()
	act := redaction(t, 1)
	act.UserID, act.Reason = "4711", "ticket 4711"
	entry, err := l.Intend(act)
	if err != nil {
		t.Fatal(err)
	}
	if got := entry.Intent().Reason; got != act.Reason {
		t.Errorf("%q", got)
	}
}
