package syncer_test

import (
	"fmt"
	"reflect"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
	"idtop/client/query"
)

// commit passes a commit on and checks what it did.
func (r *run) commit(p *process, epoch uint64, batch mirror.Batch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := p.Store.Commit(r.t.Context(), epoch, batch); err != nil {
		return err
	}
	if r.commits++; r.design != syncer.Sound {
		return nil // a weak design has to fail by what it shows
	}
	fail := func(format string, args ...any) { r.violations = append(r.violations, fmt.Sprintf(format, args...)) }
	if epoch < r.epoch {
		fail("I7: epoch %d committed after %d", epoch, r.epoch)
	}
	r.epoch = epoch
	r.truth.mu.Lock()
	defer r.truth.mu.Unlock()
	for _, s := range batch.Sightings {
		if why := r.checkRow(p.Store, s.Session.ID); why != "" {
			fail("%s: %s", s.Session.ID, why)
		}
	}
	for _, id := range batch.Gone {
		delete(r.shown, id)
		if s := r.truth.byID[id]; s != nil && !s.gone {
			fail("I1: %s was dropped and is there", id)
		}
	}
	for _, e := range batch.Events {
		r.marks[e.ID] = true
	}
	r.checkProgress(batch.Progress, fail)
	r.progress = batch.Progress
	if r.commits%20 == 0 {
		r.checkCover(p.Store, fail)
	}
	return nil
}

// checkRow checks I2, that a row never moves back, and I4, that it shows what
// was so at the time it names.
func (r *run) checkRow(store mirror.Store, id string) string {
	row, ok, err := store.Get(r.t.Context(), id)
	if err != nil || !ok {
		return fmt.Sprint("the row is not there: ", err)
	}
	before, known := r.shown[id]
	r.shown[id] = row
	switch {
	case known && row.AsOf.Before(before.AsOf):
		return fmt.Sprintf("I2: the row went from %v back to %v", before.AsOf, row.AsOf)
	case known && before.Erased() && !row.Erased(), known && before.State == client.StateRedacted && row.State != client.StateRedacted:
		return fmt.Sprintf("I2: %s went back to %s", before.State, row.State)
	case row.Erased() && row.UserID+row.Reference+row.Customer != "":
		return "I3: it is redacted and has " + row.UserID + row.Reference + row.Customer
	case row.Erased() && row.Doc+row.Country != "":
		return "I3: it is redacted and has " + row.Doc + row.Country
	}
	content, from, until := bare(row), row.AsOf.Add(-3*time.Second), row.AsOf.Add(time.Second)
	versions := r.truth.byID[id].versions
	for i, v := range versions {
		over := i+1 < len(versions) && versions[i+1].from.Before(from)
		if content == v.row && v.from.Before(until) && !over {
			return ""
		}
	}
	return fmt.Sprintf("I4: the row shows %+v, which was not so at %v", content, row.AsOf)
}

// bare is a row with only Stripe's own fields.
func bare(row mirror.Row) mirror.Row {
	row.ReportSum = mirror.ReportSum{}
	row.Tries, row.Since, row.Rough, row.AsOf, row.Changed = 0, time.Time{}, false, time.Time{}, time.Time{}
	return row
}

// checkProgress checks that covered windows only grow (I4) and that the tail
// never passes an event that was not dealt with by more than the overlap (I6).
func (r *run) checkProgress(p mirror.Progress, fail func(string, ...any)) {
	old, anew := r.progress, p.Anchor != r.progress.Anchor
	if now := client.Unix(r.truth.now().Unix()); p.Tail > now || p.Checked > now {
		fail("I6: the tail is at %d, checked at %d, and the time is %d", p.Tail, p.Checked, now)
	}
	if anew {
		if old.Anchor != 0 && (!p.Stale || p.Tail-old.Tail < 24*86400) {
			fail("I10: the mirror began anew after %d s", p.Tail-old.Tail)
		}
		r.tailed = 0
		for r.tailed < len(r.truth.events) && r.truth.events[r.tailed].Created < p.Anchor {
			r.tailed++
		}
		return
	}
	if p.Tail < old.Tail || p.Checked < old.Checked {
		fail("I6: the tail went back from %d to %d, checked from %d to %d", old.Tail, p.Tail, old.Checked, p.Checked)
	}
	for _, w := range p.Open {
		if !covers(old.Open, w) {
			fail("I4: %v was read and is open again", w)
		}
	}
	for ; r.tailed < len(r.truth.events) && r.truth.events[r.tailed].Created < p.Tail-syncer.Overlap; r.tailed++ {
		e := r.truth.events[r.tailed]
		if !r.marks[e.ID] {
			fail("I6: the tail is at %d and %s of %d is not dealt with", p.Tail, e.Type, e.Created)
		}
	}
}

// covers tells whether a window lies in the union of others, newest first.
func covers(all []mirror.Window, w mirror.Window) bool {
	for _, o := range all {
		if o.From <= w.From && (o.Until == 0 || w.Until != 0 && w.Until <= o.Until) {
			return true
		}
	}
	for i := 1; i < len(all); i++ { // two that touch are one
		if all[i].Until == all[i-1].From {
			joined := append([]mirror.Window{{From: all[i].From, Until: all[i-1].Until}}, all[i+1:]...)
			if covers(joined, w) {
				return true
			}
		}
	}
	return false
}

// checkCover checks that what is covered is there (I4).
func (r *run) checkCover(store mirror.Store, fail func(string, ...any)) {
	p := r.progress
	for _, s := range r.truth.sessions {
		seen := len(s.told) == 0 || s.Created < p.Anchor
		if seen {
			seen = p.Anchor != 0 && !covers(p.Open, mirror.Window{From: s.Created, Until: s.Created + 1})
		} else {
			seen = client.Unix(s.told[0].visible.Unix()) < p.Checked
		}
		if !seen || s.gone {
			continue
		}
		if _, ok, err := store.Get(r.t.Context(), s.ID); !ok || err != nil {
			fail("I4: %s of %d is covered and not there: %v", s.ID, s.Created, err)
			return
		}
	}
}

// compare checks I1: the store shows what is so, but for what no event told.
func (r *run) compare(when string, events bool) {
	store := r.handle()
	defer r.release(store)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.truth.mu.Lock()
	defer r.truth.mu.Unlock()
	fail := func(format string, args ...any) {
		r.violations = append(r.violations, "I1 "+when+": "+fmt.Sprintf(format, args...))
	}
	there := 0
	for _, s := range r.truth.sessions {
		row, ok, err := store.Get(r.t.Context(), s.ID)
		if !s.gone {
			there++
		}
		want := mirror.RowOf(s.Session)
		switch {
		case events && s.silent:
		case err != nil || ok == s.gone:
			fail("%s is there: %v, and was to be: %v, %v", s.ID, ok, !s.gone, err)
		case !s.gone && bare(row) != want:
			fail("%s is %+v, the store has %+v as of %v", s.ID, want, bare(row), row.AsOf)
		}
	}
	if events || len(r.violations) > 0 {
		return
	}
	r.compareStrings(store, fail)
	r.compareReports(store, fail)
	page, err := store.Find(r.t.Context(), mirror.Request{Rows: 1})
	if err != nil || page.Counts.All != there {
		fail("the store has %d sessions, Stripe %d: %v", page.Counts.All, there, err)
	}
	if p, err := store.Progress(r.t.Context()); err != nil || len(p.Open) > 0 || p.Stale || p.Checked < client.Unix(r.truth.now().Add(-7*time.Minute).Unix()) {
		fail("at rest progress is %+v: %v", p, err)
	}
}

// compareReports checks that all reports are there (I1), and no document of a session that is
// erased (I3).
func (r *run) compareReports(store mirror.Store, fail func(string, ...any)) {
	for _, s := range r.truth.sessions {
		if s.gone {
			continue
		}
		reports, err := store.Reports(r.t.Context(), s.ID)
		known := map[string]client.ReportFacts{}
		for _, report := range reports[s.ID] {
			known[report.ID] = report
		}
		many := 0
		for _, a := range r.truth.reports {
			want := a.ReportFacts
			if want.Session != s.ID {
				continue
			}
			if many++; s.Redaction != nil {
				want.DocType, want.Country = "", ""
			}
			if !reflect.DeepEqual(known[want.ID], want) {
				fail("the report is %+v, the store has %+v", want, known[want.ID])
			}
		}
		if err != nil || len(reports[s.ID]) != many {
			fail("%s has %d reports, the store %d: %v", s.ID, many, len(reports[s.ID]), err)
		}
	}
}

// compareStrings checks that no row and no search shows values that a redacted
// session once had (I3, seen through the store).
func (r *run) compareStrings(store mirror.Store, fail func(string, ...any)) {
	still := map[string]bool{}
	for _, s := range r.truth.sessions {
		if user := s.UserID(); !s.gone && user != "" {
			still[user] = true
		}
	}
	for _, s := range r.truth.sessions {
		for _, v := range s.versions {
			if user := v.row.UserID; s.Redaction != nil && user != "" && !still[user] {
				page, err := store.Find(r.t.Context(), mirror.Request{Query: query.Parse("user:" + user), Rows: 10})
				for _, hit := range page.Rows {
					if hit.UserID == user {
						fail("I3: %s is redacted and its user_id is shown: %v", s.ID, err)
					}
				}
				still[user] = true
			}
		}
	}
}
