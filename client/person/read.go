package person

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// Request asks what is known of a person.
type Request struct {
	UserID string   // "" once it is forgotten
	Alike  bool     // also sessions of user_ids that look like it
	IDs    []string // sessions of theirs that are known already; an erased one names nobody any more
	Most   int      // how many sessions at most
	Kept   mirror.Kept
}

// Known is what the mirror and the ledger know of a person.
type Known struct {
	UserID   string
	Rows     []mirror.Row // newest first
	Alike    []mirror.Alike
	Reports  map[string][]client.ReportFacts
	History  map[string][]mirror.Change
	Items    map[string]plan.Item // the item of each session, from the last job that redacts it
	Jobs     []ErasureJob         // the jobs of these items, newest first
	Records  []ledger.Record      // about the user_id, oldest first
	Operator ledger.Actor         // who looks
	Kept     mirror.Kept          // which reports the mirror keeps
	Ledger   bool                 // there is a ledger to look into
	Trouble  error                // why the ledger could not be read; all else is known
}

// ErasureJob is a job that erases sessions, with its place in the ledger.
type ErasureJob struct {
	Job         plan.Job
	Actor       ledger.Actor // who confirmed it
	First, Last uint64       // the numbers of its first and last record; 0 without any
}

// Records are where it is kept what was done here.
type Records struct {
	Book    *ledger.Book
	Journal *plan.Journal
	Reader  ledger.Actor // who looks
}

// mostTold is how many sessions have their attempts read: the newest. A person has a few;
// an id that a whole system shares has thousands.
const mostTold = 100

// Read finds out what is known of a person. before is what was known last: what can't
// change of it is not read again. kept is nil without a ledger.
func Read(ctx context.Context, store mirror.Store, kept *Records, r Request, before Known) (Known, error) {
	k := Known{UserID: r.UserID, Kept: r.Kept, Ledger: kept != nil, Items: map[string]plan.Item{}}
	ids, named := slices.Clone(r.IDs), map[string]bool{}
	if kept != nil {
		k.Operator = kept.Reader
		k.Trouble = k.readRecords(kept.Book, before)
		for _, record := range k.Records {
			if record.Session != "" {
				ids = append(ids, record.Session)
			}
		}
	}
	if r.UserID != "" {
		page, err := store.Find(ctx, mirror.Request{UserID: r.UserID, Alike: r.Alike, Rows: r.Most, Whole: true})
		if err != nil {
			return k, err
		}
		k.Alike = page.Alike
		for _, hit := range page.Rows {
			named[hit.ID] = true
			ids = append(ids, hit.ID)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	page, err := store.Find(ctx, mirror.Request{Only: ids, Rows: len(ids), Whole: true})
	if err != nil {
		return k, err
	}
	var known []string
	for _, hit := range page.Rows {
		if hit.Erased() || named[hit.ID] { // otherwise it belongs to another person by now
			k.Rows = append(k.Rows, hit.Row)
			known = append(known, hit.ID)
		}
	}
	if err := k.readAttempts(ctx, store, known[:min(len(known), mostTold)]); err != nil || kept == nil {
		return k, err
	}
	if err := k.readErasures(kept, known, before); k.Trouble == nil {
		k.Trouble = err
	}
	return k, nil
}

// readRecords reads what the ledger has of the user_id since it was read before.
func (k *Known) readRecords(book *ledger.Book, before Known) error {
	after := uint64(0)
	if n := len(before.Records); before.UserID == k.UserID && n > 0 {
		k.Records, after = before.Records[:n:n], before.Records[n-1].Seq
	}
	more, err := book.OfPerson(k.UserID, after)
	k.Records = append(k.Records, more...)
	return err
}

func (k *Known) readAttempts(ctx context.Context, store mirror.Store, ids []string) (err error) {
	if k.Reports, err = store.Reports(ctx, ids...); err != nil {
		return err
	}
	k.History = make(map[string][]mirror.Change, len(ids))
	for _, id := range ids {
		if k.History[id], err = store.History(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// readErasures reads which jobs redact the sessions. The records of a job are kept while
// the job is unchanged.
func (k *Known) readErasures(kept *Records, ids []string, before Known) error {
	items, err := kept.Journal.RedactionsOf(ids)
	if err != nil {
		return err
	}
	jobs := map[int64]bool{}
	for _, item := range items {
		if last, ok := k.Items[item.Session]; !ok || item.State != plan.Skipped || last.State == plan.Skipped {
			k.Items[item.Session] = item
		}
	}
	for _, item := range k.Items {
		jobs[item.Job] = true
	}
	known := map[int64]ErasureJob{}
	for _, e := range before.Jobs {
		known[e.Job.ID] = e
	}
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(jobs))) {
		e := known[id]
		if job, err := kept.Journal.Job(id); err != nil || job.Counts != e.Job.Counts || job.State != e.Job.State {
			if e, err = kept.erasureOf(id); err != nil {
				return err
			}
		}
		k.Jobs = append(k.Jobs, e)
	}
	return nil
}

// erasureOf reads a job and finds its records in the ledger.
func (r *Records) erasureOf(id int64) (ErasureJob, error) {
	job, err := r.Journal.Job(id)
	if err != nil {
		return ErasureJob{}, err
	}
	e := ErasureJob{Job: job}
	records, err := r.Book.OfJob(strconv.FormatInt(id, 10), job.Plan)
	if err == nil && len(records) > 0 {
		first, last := records[0], records[len(records)-1]
		e.First, e.Last, e.Actor = first.Seq, last.Seq, first.Actor
	}
	return e, err
}

// IDs are the sessions of the person.
func (k Known) IDs() []string {
	ids := make([]string, len(k.Rows))
	for i, row := range k.Rows {
		ids[i] = row.ID
	}
	return ids
}

// Row returns a session of the person.
func (k Known) Row(id string) mirror.Row {
	i := slices.IndexFunc(k.Rows, func(row mirror.Row) bool { return row.ID == id })
	if i < 0 {
		return mirror.Row{ID: id}
	}
	return k.Rows[i]
}

// job is the job of a session's redaction, if one did it here.
func (k Known) job(id string) (job plan.Job, ok bool) {
	item, ok := k.Items[id]
	i := slices.IndexFunc(k.Jobs, func(e ErasureJob) bool { return e.Job.ID == item.Job })
	if !ok || i < 0 {
		return job, false
	}
	return k.Jobs[i].Job, true
}

// newest compares rows so that the newest comes first.
func newest(a, b mirror.Row) int {
	return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(b.ID, a.ID))
}
