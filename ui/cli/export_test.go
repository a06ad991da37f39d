//go:build unix

package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/timeline"
)

// exported presses E and writes what is shown to a file, which it returns.
func (d *sitting) exported(says, confirm string, choose string) (path string, text []byte) {
	d.t.Helper()
	before := d.files()
	d.press("E")
	d.shows("nothing has been written yet")
	d.press(choose)
	d.confirm(confirm)
	d.shows(says)
	await(d.t, d.screen, "a new file", func() bool {
		for _, name := range d.files() {
			if !slices.Contains(before, name) {
				path = name
			}
		}
		return path != ""
	})
	text, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatalf("no file came: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		d.t.Errorf("%s has the mode %v", path, info.Mode())
	}
	time.Sleep(600 * time.Millisecond) // letters typed on after an answer are none of other keys
	return path, text
}

func (d *sitting) files() []string {
	files, _ := filepath.Glob(filepath.Join(d.exports, "[a-z]*"))
	return files
}

// TestWhatIsShownIsExported as a file of the operator's own, without persons unless that was asked for and
// confirmed, and the ledger says which.
func TestWhatIsShownIsExported(t *testing.T) {
	s := newShop(t, emulator.Config{})
	hostile := `=HYPERLINK("http://x","y")`
	id, other := s.create(hostile), s.create("ann_8392")
	s.submit(id, "requires_input")
	d := s.dashboard()
	d.exports = filepath.Join(s.dir, exportFolder)
	d.shows("ann_8392")
	path, text := d.exported("2 sessions without personal data", "export", "\t\t\t")
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) != 3 || slices.Contains(lines[0], "user_id") || slices.Contains(lines[0], "client_reference_id") || slices.Contains(lines[0], "related_customer") {
		t.Errorf("%v: %q", err, lines)
	}
	if strings.Contains(string(text), "HYPERLINK") || strings.Contains(string(text), "ann") || !strings.Contains(string(text), id) || !strings.Contains(string(text), other) {
		t.Errorf("the file has:\n%s", text)
	}

	_, personal := d.exported("2 sessions with personal data", "export personal data", "\t \t\t")
	if lines, err := csv.NewReader(bytes.NewReader(personal)).ReadAll(); err != nil || !slices.ContainsFunc(lines, func(l []string) bool { return slices.Contains(l, "'"+hostile) }) {
		t.Errorf("%v: %q", err, lines)
	}
	d.press("2")
	_, object := d.exported("1 session without personal data", "export", " \t\t\t")
	var sessions []map[string]any
	if err := json.Unmarshal(object, &sessions); err != nil || len(sessions) != 1 || sessions[0]["id"] != id || sessions[0]["user_id"] != nil {
		t.Errorf("%v: %s", err, object)
	}
	d.press("/ann state:waiting\r")
	d.press("1")
	d.shows("ann state:waiting")
	_, searched := d.exported("1 session without personal data", "export", "\t\t\t")
	if !strings.Contains(string(searched), other) || strings.Contains(string(searched), id) {
		t.Errorf("the search has:\n%s", searched)
	}

	d.press("E")
	d.shows("nothing has been written yet")
	d.press("\t\t" + strings.Repeat("\x7f", 300) + strings.TrimSuffix(path, ".csv") + "\t")
	d.confirm("export")
	d.shows("Nothing was exported")
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text) {
		t.Errorf("the file was replaced: %v", err)
	}
	if got := d.end(); got.code != exitOK {
		t.Errorf("%+v", got)
	}
	sum := sha256.Sum256(text)
	shown := s.ledger("show").stdout
	expectLines(t, shown, "export  note", "2 sessions as csv without personal data; sha256 "+hex.EncodeToString(sum[:])+"; columns id state created", "as csv with personal data", "1 sessions as json without", "query that names a person")
	if strings.Contains(shown, "ann") && strings.Contains(shown, "state:waiting") || strings.Count(shown, "export  note") != 4 {
		t.Errorf("the ledger has:\n%s", shown)
	}
}

// TestAnExportThatFailsLeavesNoFile, and no record.
func TestAnExportThatFailsLeavesNoFile(t *testing.T) {
	s := newShop(t, emulator.Config{})
	s.create("ann_8392")
	d := s.dashboard()
	d.exports = filepath.Join(s.dir, exportFolder)
	d.shows("ann_8392")
	if err := os.MkdirAll(d.exports, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(d.exports, 0o777); err != nil {
		t.Fatal(err)
	}
	d.press("E")
	d.shows("nothing has been written yet")
	d.press("\t\t\t")
	d.confirm("export")
	d.shows("Nothing was exported")
	d.end()
	if files := d.files(); len(files) != 0 || strings.Contains(s.ledger("show").stdout, "export") {
		t.Errorf("files %v", files)
	}
}

// TestTimelinesAndInsightsAreExported without the person, and as one whole JSON.
func TestTimelinesAndInsightsAreExported(t *testing.T) {
	one := timeline.Timeline{ID: "vs_1", Row: mirror.Row{ID: "vs_1", UserID: "ann_8392"}, Entries: []timeline.Entry{{Kind: timeline.Act, At: time.Unix(1, 0), Words: "=1", Reason: "-2", Ledger: 7}}}
	for _, personal := range []bool{false, true} {
		for _, format := range []string{"csv", "json"} {
			var b strings.Builder
			done, err := writeTimelines(&b, format, personal, []timeline.Timeline{one})
			if err != nil || done.Count != 1 || strings.Contains(b.String(), "ann_8392") != personal || slices.Contains(done.Columns, "user_id") != personal {
				t.Errorf("%s %v: %v %+v\n%s", format, personal, err, done, b.String())
			}
			if format == "csv" && !strings.Contains(b.String(), ",'=1,") {
				t.Errorf("a formula is one:\n%s", b.String())
			}
			if format == "json" && !json.Valid([]byte(b.String())) {
				t.Errorf("no JSON:\n%s", b.String())
			}
		}
	}
	var b strings.Builder
	in := insights.Insights{Request: insights.Request{Window: insights.Windows[0], Split: insights.Splits[0]}, Bars: []insights.Bar{{Value: "selfie_mismatch", Failed: 3, Query: "reason:selfie_mismatch"}}}
	done, err := writeInsights(&b, "csv", in)
	if lines, bad := csv.NewReader(strings.NewReader(b.String())).ReadAll(); err != nil || bad != nil || done.Count != 1 || len(lines) != 2 || lines[1][4] != "selfie_mismatch" || lines[1][6] != "3" || lines[1][7] != "" {
		t.Errorf("%v: %q", err, b.String())
	}
}

// TestPeopleAreExported with their user_ids only if that was asked for.
func TestPeopleAreExported(t *testing.T) {
	store := storetest.NewMemory()
	hostile := `=HYPERLINK("http://x","y")`
	storetest.Apply(t, store, 0, storetest.Session(1, "ann_8392", client.StatusVerified, ""), storetest.Session(2, "ann_8392", client.StatusRequiresInput, "document_expired"),
		storetest.Session(3, hostile, client.StatusRequiresInput, "=1"))
	k := &kept{store: store}
	for _, personal := range []bool{false, true} {
		for _, format := range []string{"csv", "json"} {
			var b strings.Builder
			done, err := k.writePeople(t.Context(), &b, format, personal, mirror.PeopleRequest{By: mirror.ByLastFailure})
			if err != nil || done.Count != 2 || done.Of != "people" || slices.Contains(done.Columns, "user_id") != personal ||
				strings.Contains(b.String(), "ann_8392") != personal || strings.Contains(b.String(), "HYPERLINK") != personal {
				t.Errorf("%s %v: %v %+v\n%s", format, personal, err, done, b.String())
			}
			switch lines, err := csv.NewReader(strings.NewReader(b.String())).ReadAll(); {
			case format == "json":
				var people []map[string]any
				if err := json.Unmarshal([]byte(b.String()), &people); err != nil || len(people) != 2 || people[1]["sessions"] != 2.0 || people[1]["code"] != "document_expired" {
					t.Errorf("%v: %s", err, b.String())
				}
			case err != nil || len(lines) != 3 || !slices.Equal(lines[0], done.Columns) || len(lines[1]) != len(lines[0]) || !slices.Contains(lines[1], "'=1"):
				t.Errorf("%v: %q", err, lines)
			}
		}
	}
}
