package plan

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/ledger"
)

// MostJobs is how many of the newest jobs Jobs returns.
const MostJobs = 500

// The conditions by which jobs are selected; an index serves each.
var (
	someJobs = fmt.Sprintf(`id IN (SELECT id FROM jobs WHERE id > (SELECT max(id) FROM jobs) - $1 UNION SELECT id FROM jobs WHERE state = %d
		UNION SELECT job FROM items WHERE state IN (%d, %d, %d, %d, %d))`, Open, Sending, Unknown, Waiting, Following, Overdue)
	openJobs    = "state = $1"
	waitingJobs = "state = $1 AND id IN (SELECT job FROM items WHERE state = $2)"
	oneJob      = "id = $1"
)

// Jobs returns the newest jobs and all older unfinished ones, newest first.
func (j *Journal) Jobs() ([]Job, error) { return j.jobs(someJobs, MostJobs) }

// Unfinished returns the open jobs, newest first: those that run now, and those
// that a crash, a quit or a failure interrupted.
func (j *Journal) Unfinished() ([]Job, error) { return j.jobs(openJobs, Open) }

// Waiting returns the jobs with sessions that Stripe is still processing, newest
// first. These sessions are acted on once that is possible.
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
		return Job{}, noJob(id)
	}
	return jobs[0], nil
}

func noJob(id int64) error { return refusal(fmt.Sprintf("there is no job %d in the journal", id)) }

// jobs reads both tables in one transaction, so that counts and states agree.
func (j *Journal) jobs(where string, args ...any) ([]Job, error) {
	var jobs []Job
	err := j.book.Read(func(tx *ledger.Tx) (err error) {
		if jobs, err = readJobs(tx, where, args); err != nil {
			return err
		}
		for i := range jobs {
			if err := countItems(tx, &jobs[i]); err != nil {
				return err
			}
			if jobs[i].State != Open {
				continue
			}
			if _, jobs[i].Elsewhere, err = j.inUse(tx, jobs[i].ID, jobs[i].holder); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, j.broken("read", err)
	}
	return jobs, nil
}

func jobsWhere(where string) string {
	return "SELECT id, verb, account, live, plan, reason, created, start, state, why, later, operator, host, gate, confirmer, holder FROM jobs WHERE " + where + " ORDER BY id DESC"
}

func readJobs(tx *ledger.Tx, where string, args []any) ([]Job, error) {
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
		if err := rows.Scan(&job.ID, &verb, &job.Account, &job.Live, &job.Plan, &job.Reason, &created, &start, &job.State, &job.Why, &job.WhenFinished,
			&job.Operator.User, &job.Operator.Host, &job.Gate, &job.Confirmer, &job.holder); err != nil {
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

// countsOf counts the items of a job, and computes the other facts about the job as
// a whole. Its arguments are the two states that show the effect, and the job.
const countsOf = "SELECT state, count(*), count(CASE WHEN generation = 0 OR after IN ($1, $2) THEN 1 END), min(accepted), max(accepted), " +
	"max(CASE WHEN looked > accepted THEN looked ELSE accepted END) FROM items WHERE job = $3 GROUP BY state"

func countItems(tx *ledger.Tx, job *Job) error {
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
		case state == Complete:
			job.Over = fromMillis(looked)
		}
		job.Counts[state] += n
	}
	return rows.Err()
}

const itemColumns = "i.job, i.number, i.session, i.planned, i.state, i.words, i.generation, i.key, i.since, " +
	"i.request, i.after, i.recovered, i.accepted, i.changed, i.look, i.looks, i.looked, i.intent"

const (
	itemsOf = "SELECT " + itemColumns + " FROM items i WHERE i.job = $1 ORDER BY i.number"
	oneItem = "SELECT " + itemColumns + " FROM items i WHERE i.job = $1 AND i.number = $2"
)

// Items returns the items of a job in the order of its plan.
func (j *Journal) Items(job int64) ([]Item, error) {
	return j.items(itemsOf, job)
}

// RedactionsOf returns the items by which jobs redacted some sessions, the oldest
// job first.
func (j *Journal) RedactionsOf(sessions []string) ([]Item, error) {
	var all []Item
	for some := range slices.Chunk(sessions, mostSessions) {
		args, marks := []any{client.Redact.String(), Recalled}, make([]string, len(some))
		for i, session := range some {
			args, marks[i] = append(args, session), fmt.Sprint("$", i+3)
		}
		items, err := j.items("SELECT "+itemColumns+" FROM items i JOIN jobs ON jobs.id = i.job WHERE jobs.verb = $1 AND jobs.state <> $2 "+
			"AND i.session IN ("+strings.Join(marks, ",")+")", args...)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	slices.SortFunc(all, func(a, b Item) int { return cmp.Or(cmp.Compare(a.Job, b.Job), cmp.Compare(a.Number, b.Number)) })
	return all, nil
}

// mostSessions is how many sessions one query asks for.
const mostSessions = 500

// readItem returns one item in its recorded state.
func readItem(tx *ledger.Tx, job int64, number int) (Item, error) {
	items, err := readItems(tx, oneItem, job, number)
	if err != nil {
		return Item{}, err
	}
	if len(items) == 0 {
		return Item{}, errNoItem
	}
	return items[0], nil
}

func (j *Journal) items(query string, args ...any) (items []Item, err error) {
	err = j.book.Read(func(tx *ledger.Tx) error {
		items, err = readItems(tx, query, args...)
		return err
	})
	if err != nil {
		return nil, j.broken("read", err)
	}
	return items, nil
}

func readItems(tx *ledger.Tx, query string, args ...any) ([]Item, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var it Item
		var planned, after string
		var since, accepted, changed, look, looked int64
		err := rows.Scan(&it.Job, &it.Number, &it.Session, &planned, &it.State, &it.Words, &it.Generation, &it.Key, &since,
			&it.RequestID, &after, &it.Recovered, &accepted, &changed, &look, &it.Looks, &looked, &it.Intent)
		if err != nil {
			return nil, err
		}
		it.Planned, it.After = stateNamed(planned), stateNamed(after)
		it.Since, it.Accepted, it.Changed, it.Look, it.Looked = fromMillis(since), fromMillis(accepted), fromMillis(changed), fromMillis(look), fromMillis(looked)
		items = append(items, it)
	}
	return items, rows.Err()
}

// laterOn selects the items that are looked at outside of their job's run: always
// the followed redactions; waiting items and unknown outcomes only once the job is
// over, so that no item is in two hands. restOn leaves out the redactions, for a
// process with a mirror that follows them. Waiting items are those of one operator;
// a job of an older book has no operator and belongs to everybody.
var (
	laterOn = fmt.Sprintf(lookedAt+" AND (i.state IN (%d, %d) OR "+afterJob+")", Following, Overdue)
	restOn  = lookedAt + " AND " + afterJob
)

var afterJob = fmt.Sprintf("(i.state IN (%d, %d) OR i.state = %d AND CAST($3 AS BOOLEAN) AND j.operator IN ('', CAST($4 AS TEXT))) AND j.state <> %d", Unknown, Sending, Waiting, Open)

const lookedAt = " FROM items i JOIN jobs j ON j.id = i.job WHERE i.look > 0 AND j.account = $1 AND j.live = $2"

var (
	dueItems   = "SELECT " + itemColumns + laterOn + " AND i.look <= $5 ORDER BY i.look LIMIT $6"
	nextDue    = "SELECT min(i.look)" + laterOn
	dueRest    = "SELECT " + itemColumns + restOn + " AND i.look <= $5 ORDER BY i.look LIMIT $6"
	nextRest   = "SELECT min(i.look)" + restOn
	redactions = fmt.Sprintf("SELECT "+itemColumns+" FROM items i JOIN jobs j ON j.id = i.job WHERE i.state IN (%d, %d) AND j.account = $1 AND j.live = $2", Following, Overdue)
)

// follower is an operator for whom items are looked at.
type follower struct {
	account  string
	live     bool
	operator string
	mayWrite bool // otherwise waiting items go on waiting
}

func (f follower) args() []any { return []any{f.account, f.live, f.mayWrite, f.operator} }

// due returns the items that are due to be looked at, the most urgent first.
func (j *Journal) due(query string, f follower, now time.Time, limit int) ([]Item, error) {
	return j.items(query, append(f.args(), toMillis(now), limit)...)
}

// nextLook returns when the next item is due, the zero time when none is.
func (j *Journal) nextLook(query string, f follower) (time.Time, error) {
	var next sql.NullInt64
	err := j.book.Read(func(tx *ledger.Tx) error { return tx.QueryRow(query, f.args()...).Scan(&next) })
	if err != nil {
		return time.Time{}, j.broken("read", err)
	}
	return fromMillis(next.Int64), nil
}

// addJob adds a job with all its items and their keys, and gives it its id.
func addJob(tx *ledger.Tx, job *Job, items []Item) error {
	err := tx.QueryRow("INSERT INTO jobs (id, verb, account, live, plan, reason, created, start, state, why, later, operator, host, gate, confirmer, holder, epoch) "+
		"SELECT coalesce(max(id), 0) + 1, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BOOLEAN), CAST($4 AS TEXT), CAST($5 AS TEXT), "+
		"CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS INTEGER), CAST($9 AS TEXT), CAST($10 AS BOOLEAN), CAST($11 AS TEXT), CAST($12 AS TEXT), "+
		"CAST($13 AS BIGINT), CAST($14 AS TEXT), CAST($15 AS TEXT), 1 FROM jobs RETURNING id",
		job.Verb.String(), job.Account, job.Live, job.Plan, job.Reason, toMillis(job.Created), toMillis(job.Start), job.State, job.Why, job.WhenFinished,
		job.Operator.User, job.Operator.Host, job.Gate, job.Confirmer, job.holder).Scan(&job.ID)
	if err != nil {
		return err
	}
	for _, it := range items {
		it.Job = job.ID
		if _, err := tx.Exec(insertItem, append([]any{it.Job, it.Number, it.Session, it.Planned.String()}, it.changing()...)...); err != nil {
			return err
		}
	}
	return nil
}

const (
	insertItem = "INSERT INTO items (job, number, session, planned, state, words, generation, key, since, " +
		"request, after, recovered, accepted, changed, look, looks, looked, intent) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)"
	updateItem = "UPDATE items SET state = $1, words = $2, generation = $3, key = $4, since = $5, request = $6, after = $7, " +
		"recovered = $8, accepted = $9, changed = $10, look = $11, looks = $12, looked = $13, intent = $14 WHERE job = $15 AND number = $16"
)

// changing are the values of an item that change, in the order of the table.
func (it Item) changing() []any {
	return []any{
		it.State, it.Words, it.Generation, it.Key, toMillis(it.Since), it.RequestID, it.After.String(), it.Recovered,
		toMillis(it.Accepted), toMillis(it.Changed), toMillis(it.Look), it.Looks, toMillis(it.Looked), it.Intent,
	}
}

var errNoItem = errors.New("the item is not there any more")

// save records an item. point names the step of the save.
func (l *lease) save(point string, it Item) error {
	return l.write(point, func(tx *ledger.Tx) error { return saveItem(tx, it) })
}

func saveItem(tx *ledger.Tx, it Item) error {
	n, err := tx.Exec(updateItem, append(it.changing(), it.Job, it.Number)...)
	if err == nil && n != 1 {
		err = errNoItem
	}
	return err
}

// end records that a job is over. If it stopped early, its pending items become not
// started.
func (l *lease) end(state JobState, why string, now time.Time) error {
	return l.last("end", func(tx *ledger.Tx) error {
		if state != Finished {
			if _, err := tx.Exec("UPDATE items SET state = $1, changed = $2, look = 0 WHERE job = $3 AND state IN ($4, $5)",
				NotStarted, toMillis(now), l.job, Pending, Waiting); err != nil {
				return err
			}
		}
		// Unknown outcomes are looked for again later.
		if _, err := tx.Exec("UPDATE items SET state = $1, look = $2 WHERE job = $3 AND state = $4",
			Unknown, toMillis(now.Add(followFirst)), l.job, Sending); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE jobs SET state = $1, why = $2 WHERE id = $3", state, why, l.job)
		return err
	})
}

// stopped records why an open job does not go on.
func (l *lease) stopped(why string) error {
	return l.last("stop", func(tx *ledger.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET why = $1 WHERE id = $2", why, l.job)
		return err
	})
}

// Prune exports and removes the records of the book from before a time, see
// ledger.Book.Prune. An unfinished job keeps its records.
func (j *Journal) Prune(before time.Time) (ledger.Pruned, error) {
	return j.book.Prune(before, func(tx *ledger.Tx, job string) error {
		id, err := strconv.ParseInt(job, 10, 64)
		if err != nil {
			return fmt.Errorf("%.20q is no number of a job", job)
		}
		jobs, err := readJobs(tx, oneJob, []any{id})
		if err != nil || len(jobs) == 0 {
			return err
		}
		if err := countItems(tx, &jobs[0]); err != nil {
			return err
		}
		if jobs[0].State == Open || jobs[0].Counts.Of(Sending, Unknown, Waiting, Following, Overdue) > 0 {
			return fmt.Errorf("job %d has records that are older, and is not at its end: %s", id, jobs[0].Says(time.Now()))
		}
		return nil
	})
}
