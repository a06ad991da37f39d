package plan

import (
	"errors"
	"time"

	"idtop/client/ledger"
)

// lease is the right of one process to carry out one job. The row of the job has its
// holder and its epoch, and each holder gives it a new epoch. A process takes a job that
// nobody holds, or whose holder is dead. A holder that was taken for dead is fenced:
// what it writes for the job is refused in the same transaction.
//
// Followed redactions need no lease, since nothing is sent for them: Journal.change
// writes them only if they have not changed since they were read.
type lease struct {
	j     *Journal
	job   int64
	epoch int64
	over  bool // the row names no holder any more
}

const (
	takeJob = "UPDATE jobs SET holder = $1, epoch = epoch + 1 WHERE id = $2 RETURNING epoch"
	freeJob = "UPDATE jobs SET holder = '' WHERE id = $1"
	heldBy  = "SELECT count(*) FROM jobs WHERE id = $1 AND holder = $2 AND epoch = $3"
)

// me is the id of this process among the holders of jobs.
func (j *Journal) me() (string, error) {
	j.beginning.Lock()
	defer j.beginning.Unlock()
	j.mu.Lock()
	id := j.id
	j.mu.Unlock()
	if id != "" {
		return id, nil
	}
	id, err := j.lives.begin() // may write to the book, whose transactions ask for mu
	j.mu.Lock()
	defer j.mu.Unlock()
	j.id = id
	return id, err
}

// reserve keeps the others of this process from a job; ok is false when one has it.
func (j *Journal) reserve(job int64) (ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.held[job] {
		return false
	}
	j.held[job] = true
	return true
}

func (j *Journal) unreserve(job int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.held, job)
}

// inUse tells whether a job with a holder is in the hands of a live one, and whether
// that is another process.
func (j *Journal) inUse(tx *ledger.Tx, job int64, holder string) (used, elsewhere bool, err error) {
	if holder == "" {
		return false, false, nil
	}
	j.mu.Lock()
	mine, held := holder == j.id, j.held[job]
	j.mu.Unlock()
	if mine {
		return held, false, nil
	}
	alive, err := j.lives.alive(tx, holder)
	return alive, alive, err
}

// take makes this process the holder of a job, and does also with it in the same
// transaction. It fails with ErrBusy while another has the job.
func (j *Journal) take(id int64, also func(*ledger.Tx, *Job) error) (*lease, Job, error) {
	me, err := j.me()
	if err != nil {
		return nil, Job{}, err
	}
	if !j.reserve(id) {
		return nil, Job{}, ErrBusy
	}
	l, job := &lease{j: j, job: id}, Job{}
	err = j.write("take", func(tx *ledger.Tx) error {
		jobs, err := readJobs(tx, oneJob, []any{id})
		if err != nil {
			return err
		}
		if len(jobs) == 0 {
			return noJob(id)
		}
		job = jobs[0]
		switch _, elsewhere, err := j.inUse(tx, id, job.holder); {
		case err != nil:
			return err
		case elsewhere:
			return ErrBusy
		}
		if err := tx.QueryRow(takeJob, me, id).Scan(&l.epoch); err != nil {
			return err
		}
		if err := also(tx, &job); err != nil {
			return err
		}
		return countItems(tx, &job)
	})
	if err != nil {
		j.unreserve(id)
		return nil, Job{}, err
	}
	return l, job, nil
}

// hold makes this process the holder of a job that add adds.
func (j *Journal) hold(job *Job, add func(*ledger.Tx) error) (l *lease, err error) {
	if job.holder, err = j.me(); err != nil {
		return nil, err
	}
	if err := j.write("add", add); err != nil {
		return nil, err
	}
	j.reserve(job.ID)
	return &lease{j: j, job: job.ID, epoch: 1}, nil
}

// takePatience is how long to wait for the holder of a finished job: as long as a
// look at a waiting session takes.
const takePatience = 2 * time.Second

// takeSoon is take with patience.
func (j *Journal) takeSoon(id int64, also func(*ledger.Tx, *Job) error) (*lease, Job, error) {
	for end := time.Now().Add(takePatience); ; time.Sleep(50 * time.Millisecond) {
		l, job, err := j.take(id, also)
		if !errors.Is(err, ErrBusy) || time.Now().After(end) {
			return l, job, err
		}
	}
}

// write records what f does, all or nothing, on the disk when it returns, if this
// process is still the holder.
func (l *lease) write(point string, f func(*ledger.Tx) error) error {
	return l.j.write(point, func(tx *ledger.Tx) error {
		var n int
		if err := tx.QueryRow(heldBy, l.job, l.j.id, l.epoch).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return ErrFenced
		}
		return f(tx)
	})
}

// last is write for the last that is written under the lease: it frees the job too.
func (l *lease) last(point string, f func(*ledger.Tx) error) error {
	err := l.write(point, func(tx *ledger.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		_, err := tx.Exec(freeJob, l.job)
		return err
	})
	l.over = err == nil
	return err
}

// release frees the job. When that can't be recorded, this process may take the job
// again, and others once it has ended.
func (l *lease) release() {
	if !l.over {
		_ = l.last("release", func(*ledger.Tx) error { return nil })
	}
	l.j.unreserve(l.job)
}

// write records what f does, all or nothing, on the disk when it returns.
func (j *Journal) write(point string, f func(*ledger.Tx) error) error {
	if err := j.stop(point, false); err != nil {
		return err
	}
	if err := j.book.Write(f); err != nil {
		return j.broken("written", err)
	}
	return j.stop(point, true)
}

func (j *Journal) stop(point string, committed bool) error {
	if j.halt == nil {
		return nil
	}
	return j.halt(point, committed)
}

// change records an item without a lease of its job, and returns it as saved. ok is
// false when the item has changed meanwhile: another process had it, or the operator
// has given it up.
func (j *Journal) change(was, is Item) (saved Item, ok bool, err error) {
	err = j.write("follow", func(tx *ledger.Tx) error {
		now, err := readItem(tx, was.Job, was.Number)
		if err != nil {
			return err
		}
		if now != was {
			saved = now
			return errMoved
		}
		if err := saveItem(tx, is); err != nil {
			return err
		}
		saved, err = readItem(tx, is.Job, is.Number)
		return err
	})
	if errors.Is(err, errMoved) {
		return saved, false, nil
	}
	return saved, err == nil, err
}

// errMoved is why nothing is written: somebody else has written meanwhile.
var errMoved error = refusal("it has changed meanwhile")

// othersOf chooses the items of a session in other jobs.
const othersOf = "SELECT i.state, i.intent, j.id, j.holder FROM items i JOIN jobs j ON j.id = i.job WHERE i.session = $1 AND i.job <> $2"

// others returns the last record of an intent that another job has of an item's session.
// busy tells that it may be sending at this moment.
func (j *Journal) others(tx *ledger.Tx, it Item) (last uint64, busy bool, err error) {
	rows, err := tx.Query(othersOf, it.Session, it.Job)
	if err != nil {
		return 0, false, err
	}
	defer rows.Close()
	sending := map[int64]string{}
	for rows.Next() {
		var state ItemState
		var intent uint64
		var job int64
		var holder string
		if err := rows.Scan(&state, &intent, &job, &holder); err != nil {
			return 0, false, err
		}
		if last = max(last, intent); state == Sending {
			sending[job] = holder
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, false, err
	}
	for job, holder := range sending {
		used, _, err := j.inUse(tx, job, holder)
		if err != nil || used {
			return last, used, err
		}
	}
	return last, false, nil
}
