package cli

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/ui/config"
	"idtop/ui/safe"
)

// stocked is a data folder with a mirror of the test's key, of so many sessions
// and some of special interest.
type stocked struct {
	dir string
	pl  *config.Place
}

func stock(t *testing.T, n int, progress mirror.Progress, sessions ...client.Session) stocked {
	t.Helper()
	s := stocked{dir: t.TempDir()}
	var err error
	for _, ask := range []client.API{onlyAccount{}, nil} { // found again without a request
		if s.pl, err = config.FindPlace(t.Context(), &Process{}, mustParseKey(aKey), config.Options{DataDir: s.dir}, ask); err != nil {
			t.Fatal(err)
		}
	}
	store, err := s.pl.Open(t.Context(), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for i := range n {
		sessions = append(sessions, aSession(i, fmt.Sprintf("user_%d", i)))
	}
	epoch, _, err := store.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	batch := mirror.Batch{Progress: progress}
	for _, session := range sessions {
		batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: time.Unix(1_790_000_000, 0)}, Session: session})
	}
	if err := store.Commit(t.Context(), epoch, batch); err != nil {
		t.Fatal(err)
	}
	return s
}

// aSession is the nth oldest session; every third one has failed.
func aSession(n int, user string) client.Session {
	s := client.Session{
		ID: fmt.Sprintf("vs_test%08d", n), Object: "identity.verification_session", Created: client.Unix(1_780_000_000 + n),
		Status: client.StatusVerified, Type: "document", Metadata: map[string]string{"user_id": user},
	}
	if n%3 == 0 {
		s.Status, s.LastError = client.StatusRequiresInput, &client.CheckError{Code: "document_expired"}
	}
	return s
}

// upToDate is the progress of a mirror that knows all.
func upToDate() mirror.Progress {
	now := client.Unix(time.Now().Unix())
	return mirror.Progress{Anchor: now, Tail: now, Checked: now, Oldest: 1_780_000_000}
}

func (s stocked) list(t *testing.T, args ...string) outcome {
	t.Helper()
	return run(t, []string{config.KeyVariable + "=" + aKey}, append([]string{"list", "--data-dir", s.dir}, args...)...)
}

// ids returns the ids of a list in JSON.
func ids(t *testing.T, got outcome) []string {
	t.Helper()
	var rows []listed
	if err := json.Unmarshal([]byte(got.stdout), &rows); err != nil || got.code != exitOK || got.stderr != "" {
		t.Fatalf("%v: exit code %d, stderr %q, stdout %.300q", err, got.code, got.stderr, got.stdout)
	}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids
}

func TestListIsWholeAndInOrder(t *testing.T) {
	for _, n := range []int{0, 1, listWindow - 1, listWindow, listWindow + 1, 2*listWindow + 7} {
		s := stock(t, n, upToDate())
		var want []string
		for i := range n {
			want = append(want, fmt.Sprintf("vs_test%08d", n-1-i))
		}
		if got := ids(t, s.list(t, "--format", "json")); !slices.Equal(got, want) {
			t.Errorf("of %d sessions %d are listed", n, len(got))
		}
	}
}

func TestListOfSome(t *testing.T) {
	s := stock(t, 30, upToDate(), aSession(100, "ann_8392"), aSession(99, "joann_2"))
	for args, want := range map[string][]string{
		"--query ann_":                     {"vs_test00000100", "vs_test00000099"},
		"--query ann --state failed":       {"vs_test00000099"},
		"--query 0000100":                  {"vs_test00000100"},
		"--query zzz":                      nil,
		"--limit 2":                        {"vs_test00000100", "vs_test00000099"},
		"--state failed --limit 2":         {"vs_test00000099", "vs_test00000027"},
		"--state waiting,Failed --limit 1": {"vs_test00000099"},
	} {
		if got := ids(t, s.list(t, append(strings.Fields(args), "--format", "json")...)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", args, got, want)
		}
	}
}

// A user_id is foreign text: no spreadsheet may take it for a formula, and no
// terminal for a command.
func TestListOfHostileText(t *testing.T) {
	hostile := []string{"=HYPERLINK(\"x\")", "+1", "-1", "@a", "\ta", "a,b", "a\"b", "a\r\nb", "\x1b]0;x\a", "\u009b2J", "\u202egnp", "日本"}
	var sessions []client.Session
	for i, user := range hostile {
		sessions = append(sessions, aSession(len(hostile)-i, user))
	}
	s := stock(t, 0, upToDate(), sessions...)
	got := s.list(t, "--format", "csv")
	rows, err := csv.NewReader(strings.NewReader(got.stdout)).ReadAll()
	if err != nil || len(rows) != len(hostile)+1 || !slices.Equal(rows[0], listedNames) {
		t.Fatalf("%v: %q", err, got.stdout)
	}
	for i, row := range rows[1:] {
		if want := safe.CSV(hostile[i]); row[2] != want {
			t.Errorf("csv: %q, want %q", row[2], want)
		}
	}
	if strings.ContainsAny(strings.ReplaceAll(got.stdout, "\r\n", ""), "\r\n\x1b\u009b\a\t") {
		t.Errorf("raw control characters, or lines that end otherwise: %q", got.stdout)
	}
	if !strings.HasPrefix(got.stdout, strings.Join(listedNames, ",")+"\r\n") {
		t.Errorf("the header line is %.200q", got.stdout)
	}
	var objects []listed
	got = s.list(t, "--format", "json")
	if err := json.Unmarshal([]byte(got.stdout), &objects); err != nil {
		t.Fatal(err)
	}
	for i, object := range objects {
		if object.UserID != hostile[i] {
			t.Errorf("json: %q, want %q", object.UserID, hostile[i])
		}
	}
	lines := s.list(t, "--format", "jsonl").stdout
	for i, line := range slices.Collect(strings.Lines(lines)) {
		var object listed
		if err := json.Unmarshal([]byte(line), &object); err != nil || object.UserID != hostile[i] {
			t.Errorf("jsonl: %q, %v", line, err)
		}
	}
	if n := strings.Count(lines, "\n"); n != len(hostile) {
		t.Errorf("jsonl: %d lines", n)
	}
	for _, text := range []string{got.stdout, lines, s.list(t).stdout} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0x202e }) {
			t.Errorf("raw: %q", text)
		}
	}
}

func TestListTable(t *testing.T) {
	s := stock(t, 2, upToDate(), aSession(9, "a_user_id_that_is_a_little_longer_than_the_others"))
	want := `STATE     USER ID                                       REASON            TRIES  CREATED               TYPE      SESSION
failed    a_user_id_that_is_a_little_longer_than_the_others  document expired  1      2026-05-28T20:26:49Z  document  vs_test00000009
verified  user_1                                                          1      2026-05-28T20:26:41Z  document  vs_test00000001
failed    user_0                                        document expired  1      2026-05-28T20:26:40Z  document  vs_test00000000
`
	if got := s.list(t); got.stdout != want || got.code != exitOK || got.stderr != "" {
		t.Errorf("stderr %q, got\n%swant\n%s", got.stderr, got.stdout, want)
	}
}

func TestListOfNothing(t *testing.T) {
	s := stock(t, 2, upToDate())
	if got := s.list(t, "--query", "zzz"); got.stdout != "" || got.code != exitOK || got.stderr != "idtop: no session in the mirror matches\n" {
		t.Errorf("got %+v", got)
	}
	if got := s.list(t, "--query", "zzz", "--format", "jsonl"); got.stdout != "" || got.code != exitOK || got.stderr != "" {
		t.Errorf("got %+v", got)
	}
}

func TestListSaysWhatMayBeMissing(t *testing.T) {
	now := client.Unix(time.Now().Unix())
	for name, c := range map[string]struct {
		progress mirror.Progress
		want     string
	}{
		"begun":     {mirror.Progress{Anchor: now, Open: []mirror.Window{{Until: now}}}, "the mirror has just been begun: sessions are missing"},
		"filling":   {mirror.Progress{Anchor: now, Checked: now, Open: []mirror.Window{{Until: now}}}, "the mirror is not complete: older sessions are missing"},
		"old":       {mirror.Progress{Anchor: now - 86400*3, Checked: now - 3*3600}, "the mirror is 3 hours old"},
		"very old":  {mirror.Progress{Anchor: now - 86400*30, Checked: now - 86400*21}, "the mirror is 21 days old"},
		"a bit old": {mirror.Progress{Anchor: now, Checked: now - 11*60}, "the mirror is 11 minutes old"},
	} {
		t.Run(name, func(t *testing.T) {
			got := stock(t, 1, c.progress).list(t)
			want := "idtop: warning: " + c.want + "\nhint: idtop sync brings it up to date\n"
			if got.stderr != want || got.code != exitOK || !strings.Contains(got.stdout, "user_0") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestListWithoutAMirror(t *testing.T) {
	const line, hint = "there is no mirror for the key rk_test_…mnop yet", "idtop sync makes one; that of another server needs its --api-base here"
	env := []string{config.KeyVariable + "=" + aKey}
	dir := filepath.Join(t.TempDir(), "none")
	expectFailure(t, run(t, env, "list", "--data-dir", dir), exitFailed, line, hint)
	if _, err := os.Lstat(dir); err == nil {
		t.Error("a folder was made")
	}
	expectFailure(t, run(t, env, "list", "--data-dir", t.TempDir()), exitFailed, line, hint)
	s := stock(t, 1, upToDate())
	if err := os.RemoveAll(s.pl.Dir); err != nil {
		t.Fatal(err)
	}
	expectFailure(t, s.list(t), exitFailed, line, hint)
	expectFailure(t, s.list(t, "--state", "fail"), exitUsage, `--state "fail": there is no such state`,
		"known are failed, waiting, processing, verified, canceled, redacting, redacted")
	expectFailure(t, s.list(t, "--format", "xml"), exitUsage, `--format "xml": must be one of table, json, jsonl, csv`, "idtop list --help lists the flags")
}

func TestListOfADamagedMirror(t *testing.T) {
	s := stock(t, 10, upToDate())
	err := filepath.WalkDir(s.pl.Dir, func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".db" {
			return os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	expectFailure(t, s.list(t), exitFailed, "the mirror in "+s.pl.Dir+" is damaged",
		"idtop sync --rebuild reads everything from Stripe again, and keeps the histories that can be read")
}

// TestListTellsReportFacts as the config lets the mirror keep them.
func TestListTellsReportFacts(t *testing.T) {
	s := stock(t, 3, upToDate())
	store, err := s.pl.Open(t.Context(), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	epoch, _, err := store.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	report := client.ReportFacts{ID: "vr_test00000001", Session: aSession(2, "").ID, Created: 1_780_000_009, DocType: "id_card", Country: "PL"}
	if err := store.Commit(t.Context(), epoch, mirror.Batch{Reports: []client.ReportFacts{report}, Progress: upToDate()}); err != nil {
		t.Fatal(err)
	}
	store.Close()
	told := func(args ...string) (row listed) {
		t.Helper()
		got := s.list(t, append(args, "--format", "jsonl", "--limit", "1")...)
		if err := json.Unmarshal([]byte(got.stdout), &row); err != nil || row.ID != report.Session {
			t.Fatalf("%v: %q %q", err, got.stdout, got.stderr)
		}
		return row
	}
	if row := told(); row.Doc != "id_card" || row.Country != "PL" || row.Attempts != 1 {
		t.Errorf("%+v", row)
	}
	if got := s.list(t, "--format", "csv"); !strings.Contains(got.stdout, ",id_card,PL,1,") {
		t.Errorf("%q", got.stdout)
	}
	off := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(off, []byte("reports = \"off\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--config", off}, nil} { // what was erased does not come back
		if row := told(args...); row.Doc+row.Country != "" || row.Attempts != 0 {
			t.Errorf("%v: %+v", args, row)
		}
	}
}

// --columns chooses columns and their order in each format, kept metadata among them.
func TestListColumns(t *testing.T) {
	s := stock(t, 2, upToDate())
	for format, want := range map[string]string{
		"csv":   "user_id,state\r\nuser_1,verified\r\nuser_0,failed\r\n",
		"jsonl": `{"user_id":"user_1","state":"verified"}` + "\n" + `{"user_id":"user_0","state":"failed"}` + "\n",
		"table": "user_id  state\nuser_1   verified\nuser_0   failed\n",
	} {
		if got := s.list(t, "--columns", "user_id,state", "--format", format); got.stdout != want || got.code != exitOK {
			t.Errorf("%s: %q, want %q; stderr %q", format, got.stdout, want, got.stderr)
		}
	}
	if got := s.list(t, "--columns", "user"); got.code != exitUsage || !strings.Contains(got.stderr, `--columns "user": there is no such column`) || !strings.Contains(got.stderr, "user_id") {
		t.Errorf("got %+v", got)
	}
	if got := s.list(t, "--columns", "metadata.team"); got.code != exitUsage || !strings.Contains(got.stderr, "metadata in the config names the keys that are kept") {
		t.Errorf("got %+v", got)
	}
	row := found{mirror.Row{ID: "vs_1", Tries: 3}, map[string]string{"team": "=red"}}
	for format, want := range map[string]string{
		"csv":   "metadata.team,tries,unreadable\r\n'=red,3,\r\n",
		"jsonl": `{"metadata.team":"=red","tries":3,"unreadable":""}` + "\n",
		"table": "metadata.team  tries  unreadable\n=red           3\n",
	} {
		f := fields{metadata: []string{"team"}, personal: true}
		if err := f.choose([]string{"metadata.team", "tries", "unreadable"}); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		w := newRowWriter(format, f, &out)
		if err := errors.Join(w.begin(), w.rows([]found{row}), w.end()); err != nil || out.String() != want {
			t.Errorf("%s: %q, want %q; %v", format, out.String(), want, err)
		}
	}
}
