package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"idtop/client"
	"idtop/client/guard"
	"idtop/client/ledger"
)

// Bounds of a Runner.
const (
	inFlight  = 8               // requests at once
	grace     = 3 * time.Second // for answers under way when the program quits
	maxReason = 500             // characters
)

// Config holds a Runner's parts. Journal, API and Act have to be set.
type Config struct {
	Journal *Journal
	// API sends each request once: the Runner looks at the session before it repeats
	// anything.
	API client.API
	// Pace makes the API's requests wait for their turn; nil sends each at once.
	Pace Pace
	// Act describes an action on a session, or on none, for the records.
	Act func(verb ledger.Verb, session string) ledger.Act
	// Account and Live name the account of the API's key. Jobs of another account or
	// mode are not touched.
	Account string
	Live    bool
	// Sink gets every session in an answer of the server, and when its request was
	// sent, so that it shows at once. It is called from several goroutines.
	Sink func(session client.Session, sent time.Time)
	// Known returns a session's state in the mirror and the server's time of that
	// state: a mirror follows redactions by itself. If it is nil, or ok is false,
	// the Runner reads the session.
	Known func(ctx context.Context, session string) (state client.State, at time.Time, ok bool)
	// MayWrite tells whether this operator may change something now. While it is
	// false, this operator's waiting items go on waiting; nil means always.
	MayWrite func() bool
	// Now returns the time for records and for the age of keys; nil is time.Now.
	Now func() time.Time
}

// Pace makes requests wait for their turn.
type Pace interface {
	// Turn waits for the turn of a POST, as long as ctx lasts.
	Turn(ctx context.Context, verb client.Verb) (client.Turn, error)
}

// Runner carries out the jobs of a journal. It is safe for concurrent use; all its
// jobs share one limit of simultaneous requests.
type Runner struct {
	config Config
	slots  chan struct{} // one for each simultaneous request

	ahead atomic.Int64 // how far the server's clock is ahead, in nanoseconds

	mu     sync.Mutex
	added  map[int64]added  // the jobs that have not started
	unsaid map[int64]string // why jobs stopped, where that could not be recorded
}

// added is a job between its confirmation and its start.
type added struct {
	lease *lease
	delay time.Duration // of the countdown
}

// NewRunner returns a Runner that does nothing yet.
func NewRunner(config Config) *Runner {
	now := config.Now
	if now == nil {
		now = time.Now
	}
	// Without the monotonic clock, which stands still while a machine sleeps: keys
	// grow old meanwhile.
	config.Now = func() time.Time { return now().Round(0) }
	if config.MayWrite == nil {
		config.MayWrite = func() bool { return true }
	}
	if config.Sink == nil {
		config.Sink = func(client.Session, time.Time) {}
	}
	return &Runner{
		config: config, slots: make(chan struct{}, inFlight),
		added: map[int64]added{}, unsaid: map[int64]string{},
	}
}

// sameClock is how far apart two clocks may be to count as the same: a date has
// whole seconds.
const sameClock = 2 * time.Second

// Hear tells the Runner how far the server's clock is ahead of this machine's. The
// mirror asks the server more often than the Runner, and knows it first.
func (r *Runner) Hear(ahead time.Duration) {
	was := time.Duration(r.ahead.Load())
	if (ahead - was).Abs() > sameClock {
		r.ahead.Store(int64(ahead))
		r.wakeFollower()
	}
}

// serverNow is the server's time, which redactions are due by.
func (r *Runner) serverNow() time.Time { return r.config.Now().Add(time.Duration(r.ahead.Load())) }

// answered is the server's time of an answer with a session.
func (r *Runner) answered(session client.Session) time.Time {
	if session.Date.IsZero() {
		return r.serverNow()
	}
	r.Hear(session.Date.Sub(r.config.Now()))
	return session.Date
}

// ErrUnconfirmed says why a job is not carried out.
var ErrUnconfirmed = errors.New("no record says that this job was confirmed with these sessions: nothing is sent")

// isPlan fails when a job's items differ from the confirmed plan.
func (job Job) isPlan(items []Item) error {
	p := Plan{Verb: job.Verb, Account: job.Account, Live: job.Live}
	for _, it := range items {
		p.Entries = append(p.Entries, Entry{Seen: Seen{ID: it.Session, State: it.Planned}})
	}
	if p.hash() != job.Plan {
		return ErrUnconfirmed
	}
	return nil
}

// Options say how to carry out a plan.
type Options struct {
	// Reason is the reason or ticket in the operator's words: at most 500
	// characters.
	Reason string
	// Delay is how long the job can be recalled before anything is sent.
	Delay time.Duration
	// UserID is the user_id of all sessions, "" when they belong to several people.
	UserID string
	// Gate is the number of the record of the :write that it was confirmed under.
	Gate uint64
}

// operator is who acts by this Runner.
func (r *Runner) operator() ledger.Actor {
	return cmp.Or(r.config.Act(ledger.Confirm, "").Actor, r.config.Journal.book.Actor())
}

// ReasonFits fails when a reason can't be recorded because of its form.
func ReasonFits(reason string) error {
	if utf8.RuneCountInString(reason) > maxReason || !utf8.ValidString(reason) {
		return fmt.Errorf("the reason has more than %d characters, or is not text: shorten it", maxReason)
	}
	return nil
}

// Add records a plan as a job with all its sessions and their keys, and its
// confirmation; Start carries it out. The job has an item for each session of the
// plan, including those that it does not act on.
func (r *Runner) Add(p Plan, options Options) (Job, error) {
	switch {
	case p.Account != r.config.Account || p.Live != r.config.Live:
		return Job{}, fmt.Errorf("the plan is for account %s, %s, and this is account %s, %s: nothing is done",
			p.Account, p.Mode(), r.config.Account, modeWord(r.config.Live))
	case ReasonFits(options.Reason) != nil:
		return Job{}, ReasonFits(options.Reason)
	case p.Acts() == 0:
		return Job{}, fmt.Errorf("nothing can be done now to any of the %d sessions of this plan", len(p.Entries))
	}
	now, operator := r.config.Now(), r.operator()
	job := Job{
		Verb: p.Verb, Account: p.Account, Live: p.Live, Plan: p.Hash, Reason: options.Reason, WhenFinished: p.Later,
		Created: now, Start: now.Add(options.Delay), State: Open,
		Operator: operator, Confirmer: operator.User, Gate: options.Gate,
	}
	items := make([]Item, len(p.Entries))
	for i, entry := range p.Entries {
		items[i] = itemOf(entry, job, r.serverNow(), p.Later, options.Delay)
		items[i].Number = i + 1
		job.Counts[items[i].State]++
	}
	session := ""
	if len(p.Entries) == 1 {
		session = p.Entries[0].ID
	}
	confirmed := r.config.Act(ledger.Confirm, session)
	confirmed.UserID, confirmed.Plan, confirmed.Reason, confirmed.Detail = options.UserID, p.Hash, options.Reason, p.Phrase()
	l, err := r.config.Journal.hold(&job, func(tx *ledger.Tx) error {
		if err := addJob(tx, &job, items); err != nil {
			return err
		}
		confirmed.Job = number(job.ID)
		_, err := tx.Note(confirmed)
		return err
	})
	if err != nil {
		return Job{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.added[job.ID] = added{l, options.Delay}
	return job, nil
}

// itemOf makes the item of an entry. An entry that can't be acted on is skipped
// from the start, with the reason. A redaction that is already under way is
// followed, so that the job tells when all of its sessions are redacted.
func itemOf(entry Entry, job Job, now time.Time, later bool, delay time.Duration) Item {
	it := Item{Session: entry.ID, Planned: entry.State, State: Skipped, Words: entry.Why, Changed: now, Looked: entry.AsOf}
	switch {
	case entry.Disposition == Now:
		it.State = Pending
	case entry.Disposition == Wait && later:
		it.State, it.Words, it.Look = Waiting, "", now.Add(delay+waitFirst)
	case entry.Disposition == Already && entry.State == client.StateRedacting:
		it.State, it.After, it.Accepted, it.Look = Following, entry.State, now, now.Add(delay+followFirst)
	}
	if it.State == Pending || it.State == Waiting {
		it.Generation, it.Key = 1, client.NewIdempotencyKey()
	}
	return it
}

// Start carries out an open job in the background: a new one, or one that a crash,
// a quit or a failure interrupted. It first settles unknown outcomes, by reading
// the sessions. When ctx ends, requests under way get a few seconds for their
// answers, and the job stays open.
func (r *Runner) Start(ctx context.Context, id int64) (*Run, error) {
	run, err := r.begin(ctx, id, func(*ledger.Tx, *Job) error { return nil })
	if err != nil {
		return nil, err
	}
	guard.Go(func() { run.carryOut(ctx) })
	return run, nil
}

// Resume is Start for a job that was left behind, by whomever: from now on it is
// carried out under the name of this operator, and a record says so. gate is the
// record of this operator's :write.
func (r *Runner) Resume(ctx context.Context, id int64, gate uint64) (*Run, error) {
	r.abandon(id)
	run, err := r.begin(ctx, id, func(tx *ledger.Tx, job *Job) error {
		job.Operator, job.Gate = r.operator(), gate
		if _, err := tx.Exec("UPDATE jobs SET operator = $1, host = $2, gate = $3 WHERE id = $4", job.Operator.User, job.Operator.Host, gate, id); err != nil {
			return err
		}
		return r.note(tx, ledger.Resume, *job, "")
	})
	if err != nil {
		return nil, err
	}
	guard.Go(func() { run.carryOut(ctx) })
	return run, nil
}

// note records what is done to a job as a whole.
func (r *Runner) note(tx *ledger.Tx, verb ledger.Verb, job Job, detail string) error {
	a := r.config.Act(verb, "")
	a.Job, a.Plan, a.Reason, a.Detail = number(job.ID), job.Plan, job.Reason, detail
	_, err := tx.Note(a)
	return err
}

// abandon lets go of a job that was added and not started.
func (r *Runner) abandon(id int64) {
	r.mu.Lock()
	fresh, ok := r.added[id]
	delete(r.added, id)
	r.mu.Unlock()
	if ok {
		fresh.lease.release()
	}
}

// begin takes a job, does also with it in the same transaction, and registers its run.
// A job that was added here is taken already.
func (r *Runner) begin(ctx context.Context, id int64, also func(*ledger.Tx, *Job) error) (*Run, error) {
	j := r.config.Journal
	r.mu.Lock()
	fresh, ok := r.added[id]
	delete(r.added, id)
	r.mu.Unlock()
	l, job, err := fresh.lease, Job{}, error(nil)
	if ok {
		if job, err = j.Job(id); err != nil {
			l.release()
		}
	} else {
		if j.running(id) {
			return nil, fmt.Errorf("job %d is being carried out already", id)
		}
		l, job, err = j.take(id, func(tx *ledger.Tx, job *Job) error {
			if job.State != Open {
				return refusal(fmt.Sprintf("job %d is %s already", id, job.State))
			}
			return errors.Join(r.notMine(*job), also(tx, job))
		})
	}
	if err != nil {
		return nil, err
	}
	run := newRun(ctx, r, l, job)
	run.delay = fresh.delay // one that is left from before goes on at once
	run.start = r.config.Now().Add(run.delay)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.runs[id] = run
	return run, nil
}

// running tells whether this process carries out a job.
func (j *Journal) running(id int64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.runs[id] != nil
}

// notMine says why a job can't be touched here: it belongs to another account or
// mode.
func (r *Runner) notMine(job Job) error {
	if job.Account == r.config.Account && job.Live == r.config.Live {
		return nil
	}
	return refusal(fmt.Sprintf("job %d is for account %s, %s: start idtop with a key of that account and mode", job.ID, job.Account, modeWord(job.Live)))
}

// CloseJob gives up an open job that is not running: pending items are not started,
// and unknown outcomes are settled by reading the sessions. Of a finished job it
// gives up the items that still wait for processing to end. It records that, and
// sends only GETs.
func (r *Runner) CloseJob(ctx context.Context, id int64) error {
	if job, err := r.config.Journal.Job(id); err == nil && job.Waits() {
		return r.callOff(id)
	}
	r.abandon(id)
	run, err := r.begin(ctx, id, func(tx *ledger.Tx, job *Job) error { return r.note(tx, ledger.Abort, *job, "closed") })
	if err != nil {
		return err
	}
	run.closing = true
	run.stopFor(abortCause{})
	run.carryOut(ctx)
	return run.Err()
}

// callOff gives up the waiting items of a finished job. An item that is being
// looked at finishes first.
func (r *Runner) callOff(id int64) error {
	r.config.Journal.following.Lock()
	defer r.config.Journal.following.Unlock()
	l, _, err := r.config.Journal.takeSoon(id, func(tx *ledger.Tx, job *Job) error {
		return errors.Join(r.notMine(*job), r.note(tx, ledger.Abort, *job, "closed"))
	})
	if err != nil {
		return err
	}
	defer l.release()
	return l.end(Closed, "", r.serverNow())
}

// words describes a failure in this program's own words: the journal keeps no
// foreign text.
func words(err error) string {
	var e *client.Error
	if !errors.As(err, &e) {
		return "the request failed"
	}
	text := e.Kind.What()
	if e.Code != "" {
		text += ", " + e.Code
	}
	if e.Status != 0 {
		text += fmt.Sprintf(", HTTP %d", e.Status)
	}
	if e.RequestID != "" {
		text += " (" + e.RequestID + ")"
	}
	return text
}
