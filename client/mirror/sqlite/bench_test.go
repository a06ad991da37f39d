package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/mirror/storetest"
	"idtop/client/query"
)

// commitAll back-fills n sessions, newest first, in pages of 100, so many pages a
// Commit, and tells how long the Commits took. Those that were submitted have a
// report, as an account's have; with facts, its facts are there, and some have been tried before.
func commitAll(b testing.TB, s mirror.Store, n, pages int, facts bool) (took time.Duration) {
	b.Helper()
	epoch, ok, err := s.Lead(b.Context())
	if err != nil || !ok {
		b.Fatal(ok, err)
	}
	defer s.Resign(epoch)
	c := storetest.NewCrowd()
	for done := 0; done < n; {
		var batch mirror.Batch
		sent := start.Add(time.Duration(done) * 40 * time.Microsecond)
		for range min(100*pages, n-done) {
			session := c.Session(done)
			if session.Status == client.StatusVerified || session.LastError != nil {
				session.LastReport = client.Ref("vr_1" + c.Letters(23, storetest.Base62))
				if facts {
					batch.Reports = append(batch.Reports, c.Reports(session)...)
				}
			}
			batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: mirror.Origin{At: sent.Truncate(time.Second), Sent: sent}, Session: session})
			done++
		}
		created := batch.Sightings[len(batch.Sightings)-1].Session.Created
		batch.Progress = mirror.Progress{Anchor: client.Unix(start.Unix()), Oldest: 1, Open: []mirror.Window{{From: 1, Until: created}}}
		began := time.Now()
		if err := s.Commit(b.Context(), epoch, batch); err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
	}
	return took
}

// filled returns a folder with a mirror of so many sessions, made once for all benchmarks of a run.
func filled(b *testing.B, n int) string {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("idtop-bench-%d-%d", os.Getpid(), n))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	s := durable(b, dir, true)
	commitAll(b, s, n, 50, true)
	s.Close()
	benchDirs = append(benchDirs, dir)
	return dir
}

var benchDirs []string

func durable(b testing.TB, dir string, unsynced bool) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(context.Background(), sqlite.Config{Dir: dir, Owner: owner, Unsynced: unsynced})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkFill is a back-fill into an empty mirror, each Commit on the disk.
func BenchmarkFill(b *testing.B) {
	for _, pages := range []int{1, 4, 16} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			const n = 200_000
			var took time.Duration
			for b.Loop() {
				s := durable(b, b.TempDir(), false)
				took += commitAll(b, s, n, pages, false)
				s.Close()
			}
			b.ReportMetric(float64(n)*float64(b.N)/took.Seconds(), "sessions/s")
		})
	}
}

// BenchmarkDisk is the size of a closed mirror.
func BenchmarkDisk(b *testing.B) {
	dir := filled(b, million)
	for b.Loop() {
	}
	size := int64(0)
	for _, name := range files(b, dir) {
		info, err := os.Stat(name)
		if err != nil {
			b.Fatal(err)
		}
		size += info.Size()
	}
	b.ReportMetric(float64(size)/million, "B/session")
}

// BenchmarkMemory1M is the memory of an open mirror with report facts: when it is loaded, and
// after every order and a search.
func BenchmarkMemory1M(b *testing.B) {
	dir := filled(b, million)
	heap := func() float64 {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return float64(stats.HeapAlloc)
	}
	for b.Loop() {
		before := heap()
		s := durable(b, dir, true)
		find(b, s, mirror.Request{Whole: true, Rows: 50})
		loaded := heap()
		find(b, s, mirror.Request{Query: query.Parse("smith"), Rows: 50})
		for column := range mirror.ColumnCount {
			find(b, s, mirror.Request{Order: mirror.Order{Column: column}, Rows: 50})
			find(b, s, mirror.Request{Order: mirror.Order{Column: column, Reverse: true}, Rows: 50})
		}
		used := heap()
		b.ReportMetric((loaded-before)/million, "B/session")
		b.ReportMetric((used-before)/million, "B/session-used")
		s.Close()
	}
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// BenchmarkOpen1M is a start: until the first screen, and until a search is complete.
func BenchmarkOpen1M(b *testing.B) {
	dir := filled(b, million)
	var first, all time.Duration
	for b.Loop() {
		began := time.Now()
		s := durable(b, dir, true)
		if page := find(b, s, mirror.Request{Rows: 100}); len(page.Rows) != 100 || page.Total != million {
			b.Fatal(len(page.Rows), page.Total)
		}
		first += time.Since(began)
		if page := find(b, s, mirror.Request{Query: query.Parse("user_83"), Rows: 100}); page.Total == 0 {
			b.Fatal("nothing found")
		}
		all += time.Since(began)
		s.Close()
	}
	b.ReportMetric(first.Seconds()*1000/float64(b.N), "first-ms")
	b.ReportMetric(all.Seconds()*1000/float64(b.N), "complete-ms")
}

// BenchmarkErase1M redacts one session, and a thousand at once, each until no byte is left.
func BenchmarkErase1M(b *testing.B) {
	for _, many := range []int{1, 1000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			s := durable(b, filled(b, million), false)
			defer s.Close()
			ids, err := s.IDs(b.Context(), mirror.StatesOf(client.StateVerified))
			if err != nil {
				b.Fatal(err)
			}
			rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
			at := time.Now()
			for b.Loop() {
				var redacted []client.Session
				for _, id := range ids[:many] {
					redacted = append(redacted, client.Session{ID: id, Status: client.StatusVerified, Redaction: &client.Redaction{Status: client.RedactionRedacted}})
				}
				ids = ids[many:]
				if err := s.Apply(b.Context(), mirror.Origin{At: at}, redacted...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("vacuum", func(b *testing.B) { // what it would cost otherwise
		db := database(b, filled(b, million))
		for b.Loop() {
			if _, err := db.Exec("PRAGMA secure_delete = on; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkQuery1M types queries as the list asks for them: with the rows that are there for their
// reason.
func BenchmarkQuery1M(b *testing.B) {
	s := durable(b, filled(b, million), true)
	defer s.Close()
	find(b, s, mirror.Request{Whole: true, Rows: 50})
	storetest.BenchmarkTyped(b, s, mirror.Request{Rows: 150, Reasons: true})
}

// BenchmarkValues1M counts the values that complete a term, as its letters are typed.
func BenchmarkValues1M(b *testing.B) {
	s := durable(b, filled(b, million), true)
	defer s.Close()
	find(b, s, mirror.Request{Whole: true, Rows: 50})
	for name, typed := range map[string]string{"user": "user_83", "ref": "order-12", "id": "vs_1a", "customer": "", "reason": "", "country": ""} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				for end := range len(typed) + 1 {
					began := time.Now()
					find(b, s, mirror.Request{Values: name, Begun: typed[:end], Rows: 150, Order: mirror.Order{Column: mirror.ByAge}})
					took = append(took, time.Since(began))
				}
			}
			storetest.ReportTimes(b, "", took)
		})
	}
}
