package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
)

// plantedReport is the k-th report of the n-th session, with a needle where a document is.
func plantedReport(n, k int) client.ReportFacts {
	return client.ReportFacts{
		ID: fmt.Sprintf("vr_%06d_%d", n, k), Session: session(n, "", "", "").ID, Created: client.Unix(start.Unix() + int64(n+k)),
		Type: "document", Checks: []client.CheckFacts{{Kind: "document", Status: "verified"}},
		DocType: fmt.Sprintf("PLANTED%06d%s", n, strings.Repeat("d", 1+k)), Country: fmt.Sprintf("PLANTED%06d%s", n, strings.Repeat("c", 1+2*k)),
	}
}

var plants = regexp.MustCompile(`PLANTED\d{6}`)

// plantsIn returns the needles of reports in all files.
func plantsIn(t testing.TB, dir string) map[string]bool {
	found := map[string]bool{}
	for _, match := range plants.FindAllString(everything(t, dir), -1) {
		found[match] = true
	}
	return found
}

// TestErasedDocumentsLeaveNoByte plants reports with needles, some of them before their
// sessions and some after these were erased, and looks into every byte of every file.
func TestErasedDocumentsLeaveNoByte(t *testing.T) {
	all := 6000
	if testing.Short() {
		all = 800
	}
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 1))
	s := open(t, dir)
	epoch, _, err := s.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := start.Add(time.Hour)
	commit := func(batch mirror.Batch) {
		t.Helper()
		if err := s.Commit(t.Context(), epoch, batch); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
	}
	seen := func(n int, change func(client.Session) client.Session) mirror.Sighting {
		return mirror.Sighting{Origin: mirror.Origin{At: at, News: true}, Session: change(session(n, fmt.Sprint("user", n), client.StatusVerified, ""))}
	}
	alive := func(s client.Session) client.Session { return s }
	erased := map[int]bool{}
	for n := 0; n < all; n += 100 {
		var early, now, gone mirror.Batch
		for i := n; i < n+100; i++ {
			for k := range r.IntN(4) {
				if r.IntN(3) == 0 {
					early.Reports = append(early.Reports, plantedReport(i, k))
				} else {
					now.Reports = append(now.Reports, plantedReport(i, k))
				}
			}
			switch r.IntN(6) {
			case 0: // known as erased only
				now.Sightings, erased[i] = append(now.Sightings, seen(i, redacted)), true
			case 1:
				early.Sightings = append(early.Sightings, seen(i, alive))
				now.Sightings, erased[i] = append(now.Sightings, seen(i, redacted)), true
			case 2:
				now.Sightings = append(now.Sightings, seen(i, alive))
				gone.Gone, erased[i] = append(gone.Gone, seen(i, alive).Session.ID), true
			default:
				now.Sightings = append(now.Sightings, seen(i, alive))
			}
		}
		commit(early)
		commit(now)
		commit(gone)
	}
	late := mirror.Batch{}
	for n := range all {
		if erased[n] && r.IntN(2) == 0 && len(get0(t, s, session(n, "", "", "").ID)) > 0 {
			late.Reports = append(late.Reports, plantedReport(n, 5))
		}
	}
	commit(late)
	check := func(when string) {
		t.Helper()
		found := plantsIn(t, dir)
		for n := range all {
			id := session(n, "", "", "").ID
			reports := get0(t, s, id)
			row, known, err := s.Get(t.Context(), id)
			if err != nil || row.Attempts != len(reports) {
				t.Fatalf("%s: %+v of %d reports, %v", when, row, len(reports), err)
			}
			wants := !erased[n] && len(reports) > 0
			if needle := fmt.Sprintf("PLANTED%06d", n); found[needle] != wants {
				t.Errorf("%s: %s is found: %v, known: %v, erased: %v", when, needle, found[needle], known, erased[n])
			}
			for _, report := range reports {
				if has := report.DocType+report.Country != ""; has != wants {
					t.Errorf("%s: %+v", when, report)
				}
			}
		}
	}
	check("at the end")
	s.Close()
	s = open(t, dir)
	check("opened again")
	s.Close()
	s = open(t, dir, func(c *sqlite.Config) { c.ForgetReports = true })
	if found := plantsIn(t, dir); len(found) > 0 || len(get0(t, s, session(1, "", "", "").ID)) > 0 {
		t.Errorf("%d needles are left of reports that are not kept any more", len(found))
	}
}

func get0(t testing.TB, s *sqlite.Store, id string) []client.ReportFacts {
	t.Helper()
	reports, err := s.Reports(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return reports[id]
}

// TestNoOrderLeavesFactsOfAnErasedSession takes random steps: sessions come, are redacted,
// are swept as gone, their reports arrive, the mirror is opened again or built anew, in
// this process or another. After each step no file and no answer has the document of a session
// that the mirror knows as erased.
func TestNoOrderLeavesFactsOfAnErasedSession(t *testing.T) {
	runs := 12
	if testing.Short() {
		runs = 3
	}
	for run := range runs {
		r := rand.New(rand.NewPCG(uint64(run), 9))
		dir := t.TempDir()
		var s, other *sqlite.Store
		var epoch uint64
		begin := func() {
			s = open(t, dir)
			other = open(t, dir, func(c *sqlite.Config) { c.Watch = -1 })
			var err error
			if epoch, _, err = s.Lead(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		end := func() {
			s.Close()
			other.Close()
		}
		begin()
		const sessions = 12
		erased, steps := map[int]bool{}, []string(nil) // at Stripe; it never comes back
		at := start.Add(time.Hour)
		for range 120 {
			n := r.IntN(sessions)
			batch := mirror.Batch{}
			look := session(n, fmt.Sprint("user", n), client.StatusVerified, "")
			origin := mirror.Origin{At: at, News: r.IntN(2) == 0}
			step := []string{"seen", "seen", "redacted", "report", "report", "report", "gone", "applied", "reopened", "rebuilt"}[r.IntN(10)]
			steps = append(steps, fmt.Sprint(step, " ", n))
			switch step {
			case "redacted":
				erased[n] = true
			case "report":
				for range 1 + r.IntN(3) {
					batch.Reports = append(batch.Reports, plantedReport(n, r.IntN(4)))
				}
			case "gone":
				batch.Gone = []string{look.ID}
			case "reopened":
				end()
				begin()
				continue
			case "rebuilt":
				end()
				if _, err := sqlite.Rebuild(t.Context(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: true}); err != nil {
					t.Fatal(err)
				}
				begin()
				continue
			}
			if erased[n] {
				look = redacted(look)
			}
			if step == "seen" || step == "redacted" {
				batch.Sightings = []mirror.Sighting{{Origin: origin, Session: look}}
			}
			var err error
			if step == "applied" {
				err = other.Apply(t.Context(), origin, look)
			} else {
				err = s.Commit(t.Context(), epoch, batch)
			}
			if err != nil {
				t.Fatal(err)
			}
			at = at.Add(time.Second)
			found := plantsIn(t, dir)
			for n := range sessions {
				id := session(n, "", "", "").ID
				for _, store := range []*sqlite.Store{s, other} {
					reports := get0(t, store, id)
					row, known, err := store.Get(t.Context(), id)
					if err != nil || !known || !row.Erased() {
						continue
					}
					facts := slices.ContainsFunc(reports, func(r client.ReportFacts) bool { return r.DocType+r.Country != "" })
					if facts || row.Doc+row.Country != "" || found[fmt.Sprintf("PLANTED%06d", n)] {
						t.Fatalf("run %d: %+v, %+v, in the files: %v, after\n%s", run, row, reports, found, strings.Join(steps, ", "))
					}
				}
			}
		}
		end()
	}
}
