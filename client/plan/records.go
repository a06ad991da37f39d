package plan

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"idtop/client"
)

// MostJobs is how many of the newest jobs Jobs returns.
const MostJobs = 500

// Which jobs are asked for: each is found by an index.
var (
	someJobs = fmt.Sprintf(`id IN (SELECT id FROM jobs WHERE id > (SELECT max(id) FROM jobs) - ? UNION SELECT id FROM jobs WHERE state = %d
		UNION SELECT job FROM items WHERE state IN (%d, %d, %d, %d, %d))`, Open, Sending, Unknown, Waiting, Following, Overdue)
	openJobs    = "state = ?"
	waitingJobs = "state = ? AND id IN (SELECT job FROM items WHERE state = ?)"
	oneJob      = "id = ?"
)

// Jobs returns the newest jobs, and of the older ones those in which something
// still goes on, the newest first.
func (j *Journal) Jobs() ([]Job, error) { return j.jobs(someJobs, MostJobs) }

// Unfinished returns the jobs that have not come to their end, the newest
// first: what runs now, and what a crash, a quit or a failure left behind.
func (j *Journal) Unfinished() ([]Job, error) { return j.jobs(openJobs, Open) }

// Waiting returns the jobs that will still be done to sessions which Stripe has
// not finished processing, the newest first: what is sent once it may be.
func (j *Journal) Waiting() ([]Job, error) {
	return j.jobs(waitingJobs, Finished, Waiting)
}

// Job returns one job.
func (j *Journal) Job(id int64) (Job, error) {
	jobs, err := j.jobs(oneJob, id)
	if err != nil {
		return Job{}, err
	}
	if len(jobs) == 0 {
		return Job{}, fmt.Errorf("there is no job %d in the journal", id)
	}
	return jobs[0], nil
}

// jobs reads both tables in one transaction, so that the counts belong to the
// states.
func (j *Journal) jobs(where string, args ...any) ([]Job, error) {
	tx, err := j.db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, j.broken("read", err)
	}
	defer tx.Rollback()
	jobs, err := readJobs(tx, where, args)
	if err != nil {
		return nil, j.broken("read", err)
	}
	for i := range jobs {
		if err := countItems(tx, &jobs[i]); err != nil {
			return nil, j.broken("read", err)
		}
	}
	return jobs, nil
}

func jobsWhere(where string) string {
	return "SELECT id, verb, account, live, plan, reason, created, start, state, why, later FROM jobs WHERE " + where + " ORDER BY id DESC"
}

func readJobs(tx *sql.Tx, where string, args []any) ([]Job, error) {
	rows, err := tx.Query(jobsWhere(where), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var jobs []Job
	for rows.Next() {
		var job Job
		var verb string
		var created, start int64
		if err := rows.Scan(&job.ID, &verb, &job.Account, &job.Live, &job.Plan, &job.Reason, &created, &start, &job.State, &job.Why, &job.WhenFinished); err != nil {
			return nil, err
		}
		if job.Verb, err = verbNamed(verb); err != nil {
			return nil, err
		}
		job.Created, job.Start = fromMillis(created), fromMillis(start)
		jobs = append(jobs, job)
	}
	return jobs, rows.Err()
}

// countsOf counts the items of a job, and takes from them what else there is to know
// of the job as a whole. Its arguments are two states that show the effect, and the
// job.
const countsOf = "SELECT state, count(*), sum(generation = 0 OR after IN (?, ?)), min(accepted), max(accepted), " +
	"max(max(looked, accepted)) FROM items WHERE job = ? GROUP BY state"

func countItems(tx *sql.Tx, job *Job) error {
	effect := []any{client.StateRedacting.String(), client.StateRedacted.String(), job.ID}
	if job.Verb == client.Cancel {
		effect[0], effect[1] = client.StateCanceled.String(), client.StateCanceled.String()
	}
	rows, err := tx.Query(countsOf, effect...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state ItemState
		var n, needless int
		var first, last, looked int64
		if err := rows.Scan(&state, &n, &needless, &first, &last, &looked); err != nil {
			return err
		}
		switch {
		case state >= itemStateCount:
			return fmt.Errorf("item state %d is not known", state)
		case state == Skipped:
			job.LeftOut = needless
		case state == Following:
			job.Due = fromMillis(last).Add(EraseTime)
		case state == Overdue:
			job.WasDue = fromMillis(first).Add(EraseTime)
		case state == Done:
			job.Over = fromMillis(looked)
		}
		job.Counts[state] += n
	}
	return rows.Err()
}

const itemColumns = "i.job, i.number, i.session, i.planned, i.state, i.words, i.generation, i.key, i.since, " +
	"i.request, i.after, i.recovered, i.accepted, i.changed, i.look, i.looks, i.looked"

const (
	itemsOf = "SELECT " + itemColumns + " FROM items i WHERE i.job = ? ORDER BY i.number"
	oneItem = "SELECT " + itemColumns + " FROM items i WHERE i.job = ? AND i.number = ?"
)

// Items returns the items of a job in the order of its plan.
func (j *Journal) Items(job int64) ([]Item, error) {
	return j.items(itemsOf, job)
}

// RedactionsOf returns what jobs have made of the redaction of some sessions, the
// oldest job first.
func (j *Journal) RedactionsOf(sessions []string) ([]Item, error) {
	list, err := json.Marshal(sessions)
	if err != nil {
		return nil, err
	}
	return j.items("SELECT "+itemColumns+" FROM items i JOIN jobs ON jobs.id = i.job WHERE jobs.verb = ? AND jobs.state != ? "+
		"AND i.session IN (SELECT value FROM json_each(?)) ORDER BY i.job, i.number", client.Redact.String(), Recalled, string(list))
}

// item returns one item as it is recorded now.
func (j *Journal) item(job int64, number int) (Item, error) {
	items, err := j.items(oneItem, job, number)
	if err != nil {
		return Item{}, err
	}
	if len(items) == 0 {
		return Item{}, j.broken("read", errNoItem)
	}
	return items[0], nil
}

func (j *Journal) items(query string, args ...any) ([]Item, error) {
	statement, err := j.statement(query)
	if err != nil {
		return nil, err
	}
	rows, err := statement.Query(args...)
	if err != nil {
		return nil, j.broken("read", err)
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var it Item
		var planned, after string
		var since, accepted, changed, look, looked int64
		err := rows.Scan(&it.Job, &it.Number, &it.Session, &planned, &it.State, &it.Words, &it.Generation, &it.Key, &since,
			&it.RequestID, &after, &it.Recovered, &accepted, &changed, &look, &it.Looks, &looked)
		if err != nil {
			return nil, j.broken("read", err)
		}
		it.Planned, it.After = stateNamed(planned), stateNamed(after)
		it.Since, it.Accepted, it.Changed, it.Look, it.Looked = fromMillis(since), fromMillis(accepted), fromMillis(changed), fromMillis(look), fromMillis(looked)
		items = append(items, it)
	}
	if err := rows.Err(); err != nil {
		return nil, j.broken("read", err)
	}
	return items, nil
}

// laterOn says which items are looked at outside of their job's run: redactions
// that are followed always; what waits, and what nobody knows the outcome of, only
// once the job is over, so that it is not in two hands.
var laterOn = fmt.Sprintf(` FROM items i JOIN jobs j ON j.id = i.job WHERE i.look > 0 AND j.account = ? AND j.live = ?
	AND (i.state IN (%d, %d) OR i.state IN (%d, %d, %d) AND j.state <> %d)`, Following, Overdue, Unknown, Waiting, Sending, Open)

var (
	dueItems = "SELECT " + itemColumns + laterOn + " AND i.look <= ? ORDER BY i.look LIMIT ?"
	nextDue  = "SELECT min(i.look)" + laterOn
)

// due returns items whose sessions are to be looked at by now, the most urgent
// first.
func (j *Journal) due(account string, live bool, now time.Time, limit int) ([]Item, error) {
	return j.items(dueItems, account, live, toMillis(now), limit)
}

// nextLook returns when the next item is due, the zero time when none is.
func (j *Journal) nextLook(account string, live bool) (time.Time, error) {
	var next sql.NullInt64
	statement, err := j.statement(nextDue)
	if err != nil {
		return time.Time{}, err
	}
	if err := statement.QueryRow(account, live).Scan(&next); err != nil {
		return time.Time{}, j.broken("read", err)
	}
	return fromMillis(next.Int64), nil
}

// add records a job with all its items and their keys and returns its id.
func (l *lease) add(job Job, items []Item) (int64, error) {
	var id int64
	err := l.write("add", func(tx *sql.Tx) error {
		result, err := tx.Exec("INSERT INTO jobs (verb, account, live, plan, reason, created, start, state, why, later) VALUES (?,?,?,?,?,?,?,?,?,?)",
			job.Verb.String(), job.Account, job.Live, job.Plan, job.Reason, toMillis(job.Created), toMillis(job.Start), job.State, job.Why, job.WhenFinished)
		if err != nil {
			return err
		}
		if id, err = result.LastInsertId(); err != nil {
			return err
		}
		insert, err := tx.Prepare("INSERT INTO items (job, number, session, planned, state, words, generation, key, since, " +
			"request, after, recovered, accepted, changed, look, looks, looked) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, it := range items {
			it.Job = id
			if _, err := insert.Exec(append([]any{it.Job, it.Number, it.Session, it.Planned.String()}, it.changing()...)...); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

// changing are the columns of an item that change, in the order of the table.
func (it Item) changing() []any {
	return []any{
		it.State, it.Words, it.Generation, it.Key, toMillis(it.Since), it.RequestID, it.After.String(), it.Recovered,
		toMillis(it.Accepted), toMillis(it.Changed), toMillis(it.Look), it.Looks, toMillis(it.Looked),
	}
}

var errNoItem = errors.New("the item is not there any more")

// save records an item as it is now. point names the step that it is saved for.
func (l *lease) save(point string, it Item) error {
	update, err := l.j.statement("UPDATE items SET state = ?, words = ?, generation = ?, key = ?, since = ?, request = ?, after = ?, " +
		"recovered = ?, accepted = ?, changed = ?, look = ?, looks = ?, looked = ? WHERE job = ? AND number = ?")
	if err != nil {
		return err
	}
	return l.write(point, func(tx *sql.Tx) error {
		result, err := tx.Stmt(update).Exec(append(it.changing(), it.Job, it.Number)...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, errNoItem)
		}
		return nil
	})
}

// end records that a job is over. Items that were not begun are not started
// when it did not come to its end by itself.
func (l *lease) end(job int64, state JobState, why string, now time.Time) error {
	return l.write("end", func(tx *sql.Tx) error {
		if state != Finished {
			if _, err := tx.Exec("UPDATE items SET state = ?, changed = ?, look = 0 WHERE job = ? AND state IN (?, ?)",
				NotStarted, toMillis(now), job, Pending, Waiting); err != nil {
				return err
			}
		}
		// What nobody knows the outcome of is asked for again later.
		if _, err := tx.Exec("UPDATE items SET state = ?, look = ? WHERE job = ? AND state = ?",
			Unknown, toMillis(now.Add(followFirst)), job, Sending); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE jobs SET state = ?, why = ? WHERE id = ?", state, why, job)
		return err
	})
}

// stopped records why an open job does not go on.
func (l *lease) stopped(job int64, why string) error {
	return l.write("stop", func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET why = ? WHERE id = ?", why, job)
		return err
	})
}
