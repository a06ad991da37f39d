package storetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// countedList is a list that is looked at now and then.
type countedList struct {
	request  mirror.Request
	oneState bool

	look  *mirror.Look
	had   map[string]bool // what it had at the look
	known map[string]bool // what the store had then
}

// testCounts lets sessions come and change in any way, and compares what a store counts
// with the rows that it lists, one by one.
func testCounts(t *testing.T, b *bench) {
	r := rand.New(rand.NewPCG(11, 4))
	lists := []*countedList{{}, {oneState: true}, {oneState: true}, {}, {}, {}, {oneState: true}}
	lists[1].request.States = mirror.StatesOf(client.StateFailed)
	for i, line := range []string{"state:processing", "stuck:yes", "state:failed since:<30m", "tries:>=3", "state:failed doc:id_card"} {
		lists[2+i].request.Query = query.Parse(line)
	}
	lists[4].oneState = true
	epoch, at, counted := b.lead(), time.Duration(0), map[bool]int{}
	all := func(request mirror.Request) (rows []mirror.Row) {
		request.Rows = 1000
		for _, hit := range b.find(request).Rows {
			rows = append(rows, hit.Row)
		}
		return rows
	}
	own := mirror.Owned{}
	for range rounds(300) {
		at += time.Duration(r.IntN(400)) * time.Second
		n := r.IntN(60)
		s := Session(n, pick(r, "ann", "bob", "cid"), pick(r, client.StatusProcessing, client.StatusVerified, client.StatusRequiresInput), "")
		if s.Status == client.StatusRequiresInput {
			s.LastError = &client.CheckError{Code: pick(r, "document_expired", "selfie_manipulated")}
		}
		batch := mirror.Batch{Sightings: []mirror.Sighting{{Origin: mirror.Origin{At: Start.Add(at), News: r.IntN(3) > 0}, Session: s}}}
		if r.IntN(4) == 0 {
			batch.Reports = []client.ReportFacts{{ID: "vr_" + s.ID, Session: s.ID, Created: s.Created, Type: "document", DocType: "id_card"}}
		}
		b.commit(epoch, batch)
		if delete(own, s.ID); r.IntN(5) == 0 {
			own[s.ID] = mirror.StatesOf(s.State())
		}
		if r.IntN(20) == 0 {
			gone := ids(r.IntN(60))
			b.commit(epoch, mirror.Batch{Gone: gone})
			for _, l := range lists {
				delete(l.had, gone[0])
				delete(l.known, gone[0])
			}
		}
		now := Start.Add(at)
		var requests []mirror.CountRequest
		for _, l := range lists {
			l.request.Now = now
			if r.IntN(12) == 0 {
				l.look = nil
			}
			requests = append(requests, mirror.CountRequest{Request: l.request, Since: l.look})
		}
		counts, err := b.store.Counts(t.Context(), requests, own)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range lists {
			rows, fresh := all(l.request), 0
			if l.look == nil {
				l.had, l.known = map[string]bool{}, map[string]bool{}
				for _, row := range rows {
					l.had[row.ID] = true
				}
				for _, row := range all(mirror.Request{}) {
					l.known[row.ID] = true
				}
			} else {
				at := l.look.At
				for _, row := range all(mirror.Request{}) {
					if !l.known[row.ID] && row.Changed.IsZero() {
						at = max(at, client.Unix(row.Since.Unix()))
					}
				}
				if l.look = counts[i].Look; l.look.At != at {
					t.Fatalf("the last known change of a state was at %d, want %d", l.look.At, at)
				}
				before, then := map[string]bool{}, l.request
				then.Now = l.look.Now
				for _, row := range all(then) {
					before[row.ID] = row.Changed.IsZero()
				}
				for _, row := range rows {
					if l.cameInto(row, own, before) {
						fresh++
					}
				}
				for _, row := range rows {
					l.had[row.ID] = l.had[row.ID] || before[row.ID]
				}
				for _, row := range all(mirror.Request{}) {
					l.known[row.ID] = true
				}
			}
			if got := counts[i]; got.Sessions != len(rows) || got.New != fresh {
				t.Fatalf("%v %q: %d sessions, %d of them new, want %d and %d", l.request.States, l.request.Query.String(), got.Sessions, got.New, len(rows), fresh)
			}
			l.look = counts[i].Look
			counted[fresh > 0]++
		}
	}
	if least := rounds(300) / 3; counted[true] < least || counted[false] < least {
		t.Errorf("new sessions or none: %v", counted)
	}
}

// cameInto tells of a listed row what mirror.Count.New says. before are the unchanged rows
// that would have been listed at the look.
func (l *countedList) cameInto(row mirror.Row, own mirror.Owned, before map[string]bool) bool {
	switch states, ok := own[row.ID]; {
	case ok && states.Has(row.State), !l.had[row.ID] && before[row.ID]:
		return false
	case l.had[row.ID]:
		return l.oneState && row.Since.Unix() > int64(l.look.At)
	}
	return !l.request.Query.AsksReports() || row.Since.Unix() > int64(l.look.At-mirror.ReportedWithin)
}
