package ledger

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// crowded fills a book with pairs of intent and outcome: each person has four sessions.
func crowded(t testing.TB, l *Book, from, pairs int) {
	t.Helper()
	act := redaction(t, 0)
	err := l.Write(func(tx *Tx) error {
		for i := from; i < from+pairs; i++ {
			act.Session, act.UserID, act.Idempotency = fmt.Sprintf("vs_%d", i), fmt.Sprintf("user_%d", i/4), fmt.Sprintf("key-%d", i)
			e, err := tx.Intend(act)
			if err == nil {
				err = tx.Settle(e, accepted)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOfPersonAndSession: the index finds the same records as a walk over the whole chain, while
// two processes write, and after records were pruned.
func TestOfPersonAndSession(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	options := Options{Unsafe: true, Now: func() time.Time { return now }}
	books := []*Book{open(t, dir, options), open(t, dir, options)}
	r := rand.New(rand.NewPCG(1, 2))
	users := []string{"ann", "bob", `a "quoted" one`, "josé", ""}
	sessions := []string{"vs_1", "vs_2", "vs%", `vs"odd`, "vs\\", "séance"}
	for step := range 300 {
		b := books[r.IntN(len(books))]
		now = now.Add(time.Second)
		act := redaction(t, step)
		act.Session, act.UserID = sessions[r.IntN(len(sessions))], users[r.IntN(len(users))]
		act.Reason = `"session":"vs_1","person":"` + b.Person("ann") + `"`
		e, err := b.Intend(act)
		if err == nil {
			err = e.Settle(accepted)
		}
		if err != nil {
			t.Fatal(err)
		}
		if step%100 == 99 {
			if _, err := b.Prune(now.Add(-20*time.Second), func(*Tx, string) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		b = books[r.IntN(len(books))]
		walk := func(q Query, after uint64) (all []Record) {
			for record, err := range b.Find(q) {
				if err != nil {
					t.Fatal(err)
				}
				if record.Seq > after {
					all = append(all, record)
				}
			}
			return all
		}
		user, session, after := users[r.IntN(len(users)-1)], sessions[r.IntN(len(sessions))], uint64(r.IntN(2*step+1))
		if got, err := b.OfPerson(user, after); err != nil || !reflect.DeepEqual(got, walk(Query{UserID: user}, after)) {
			t.Fatalf("step %d: %d records of %s after %d, %v", step, len(got), user, after, err)
		}
		if got, err := b.OfSession(session); err != nil || !reflect.DeepEqual(got, walk(Query{Session: session}, 0)) {
			t.Fatalf("step %d: %d records of %s, %v", step, len(got), session, err)
		}
	}
	for _, ask := range []string{"", "nobody"} {
		of, err := books[0].OfPerson(ask, 0)
		if more, err2 := books[0].OfSession(ask); len(of)+len(more) > 0 || err != nil || err2 != nil {
			t.Errorf("of %q: %v %v, %v %v", ask, of, more, err, err2)
		}
	}
}

// TestQueriesUseTheirIndex: what is asked at each action does not take longer as a book grows.
func TestQueriesUseTheirIndex(t *testing.T) {
	l := open(t, t.TempDir(), Options{Unsafe: true})
	for query, index := range map[string]string{outcomeOf: "records_intent", pendingIs: "records_intent", ofJob: "records_job"} {
		err := l.Read(func(tx *Tx) error {
			rows, err := tx.Query("EXPLAIN QUERY PLAN "+query, []any{1, 1}[:strings.Count(query, "$")]...)
			if err != nil {
				return err
			}
			defer rows.Close()
			var plan []string
			for rows.Next() {
				var id, parent, unused int
				var step string
				if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
					return err
				}
				plan = append(plan, step)
			}
			if !strings.Contains(strings.Join(plan, "; "), "USING INDEX "+index) && !strings.Contains(strings.Join(plan, "; "), "USING COVERING INDEX "+index) {
				t.Errorf("%s: %q", query, plan)
			}
			return rows.Err()
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkOf100k asks a book of 100,000 records for those of a person and of a session: the first
// time, and again, each after a new record.
func BenchmarkOf100k(b *testing.B) {
	dir := b.TempDir()
	l := open(b, dir, Options{Tool: "1.0", Unsafe: true})
	crowded(b, l, 0, 50_000)
	for _, ask := range []struct {
		of   string
		find func(l *Book) ([]Record, error)
		want int
	}{
		{"person", func(l *Book) ([]Record, error) { return l.OfPerson("user_77", 0) }, 8},
		{"session", func(l *Book) ([]Record, error) { return l.OfSession("vs_77") }, 2},
	} {
		found := func(l *Book) {
			if all, err := ask.find(l); err != nil || len(all) != ask.want {
				b.Fatal(len(all), err)
			}
		}
		b.Run(ask.of+"/first", func(b *testing.B) {
			for b.Loop() {
				l := open(b, dir, Options{})
				began := time.Now()
				found(l)
				b.ReportMetric(time.Since(began).Seconds()*1000, "ms")
				l.Close()
			}
		})
		b.Run(ask.of+"/again", func(b *testing.B) {
			var took []time.Duration
			n := 60_000
			for b.Loop() {
				n++
				crowded(b, l, n, 1)
				began := time.Now()
				found(l)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
		})
	}
}
