package model

import (
	"cmp"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// Sync is what is known of the mirror, and how this screen wants it to be kept.
type Sync struct {
	mirror.Status
	Wish mirror.Wish

	changes <-chan struct{} // signaled when the Syncer's status has changed
}

// Reads are the GET requests of this month.
type Reads struct {
	Used    int64
	Allowed int64 // 0 without a budget
	Pace    int64 // requests in a month at the rate of the last days; 0: not known

	few  bool // more GETs were read than Stripe allows an account with few payments, and there is no budget
	over bool // the month's reads were used up at the last count
}

// ticked is sent once a second by tick.
type ticked struct{ at time.Time }

func (m *Model) onTicked(msg ticked) tea.Cmd {
	var woken tea.Cmd
	if msg.at.Round(0).Sub(m.Now.Round(0)) >= stoppedFor { // a monotonic clock stands still while the machine sleeps
		woken = m.awake()
	}
	m.Now = msg.at
	if m.config.Reads != nil {
		m.countReads()
	}
	if m.Jobs.Aborting && m.Now.Sub(m.Jobs.abortAsked) > abortTime {
		m.Jobs.Aborting = false
	}
	return tea.Batch(m.tick(), woken, m.rereadJobs(), m.lookForRise(), m.rereadInsights(), m.followPeople(), m.countViews(),
		m.watchElsewhere(), m.followPerson(), m.openDesk(), m.askAsTimePasses()) // a followed redaction changes without a run
}

// fewReads is half of Stripe's allowance in a month for an account with few payments.
const fewReads = 5_000

// countReads shows how many GETs were sent this month, and warns once when they
// are, or may become, too many.
func (m *Model) countReads() {
	was, reads := m.Reads, m.Reads
	reads.Used, reads.Allowed = m.config.Reads()
	if m.config.Pace != nil {
		reads.Pace = m.config.Pace()
	}
	reads.over = reads.Allowed > 0 && reads.Used >= reads.Allowed
	reads.few = reads.Allowed == 0 && reads.Used >= fewReads && !m.Identity.Demo
	m.Reads = reads
	if reads.over && !was.over {
		m.logWarning("This month's reads are used up: changes are read once an hour until the month ends, and older sessions not at all",
			m.say("{sync-now} reads at once; reads_per_month in the config is how many there may be"))
	}
	if reads.few && !was.few {
		m.logWarning("More than 5,000 requests were made this month: Stripe may allow 10,000 to an account with few payments",
			"reads_per_month in the config makes them last")
	}
}

func (m *Model) awaitSyncer() tea.Cmd {
	ctx, syncer, changed := m.config.Context, m.config.Syncer, m.Sync.changes
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			return syncerChanged{syncer.Status()}
		}
	}
}

// syncerChanged is sent by awaitSyncer with the new status.
type syncerChanged struct{ status mirror.Status }

// onSyncerChanged logs the first failure in a row, for each kind of failure, and
// the recovery; the screen shows the failures between by a countdown.
func (m *Model) onSyncerChanged(msg syncerChanged) tea.Cmd {
	was := m.Sync
	m.Sync.Status = msg.status
	switch {
	case m.Sync.Err != nil && (was.Err == nil || client.KindOf(was.Err) != client.KindOf(m.Sync.Err)):
		m.logError(m.Sync.Err)
	case was.Err != nil && m.Sync.Err == nil:
		m.logDone("Reading from Stripe again")
	}
	if m.Sync.FillErr != nil && was.FillErr == nil {
		m.logError(m.Sync.FillErr)
	}
	if m.Sync.Listing && !was.Listing {
		m.logWarning("The key may not read events: changes are found by listing sessions, which costs more reads and notices some changes late",
			"give the restricted key the permission Events: Read in the Stripe Dashboard")
	}
	if news := m.Sync.Clock; !news.At.Equal(was.Clock.At) {
		m.logWarning(Sentence(news.String()), "")
	}
	if m.Sync.Stale && !was.Stale {
		m.logWarning("Nothing was read for so long that Stripe's events do not reach back to it: all sessions are read again", "")
	}
	if m.Sync.Err != nil && !m.List.Loaded {
		return tea.Batch(m.awaitSyncer(), m.refind())
	}
	if m.Sync.Ahead != was.Ahead {
		return tea.Batch(m.awaitSyncer(), m.tellClock())
	}
	return m.awaitSyncer()
}

// tickTime is the time between ticks: a frame stays on the screen that long after
// Now.
const tickTime = time.Second

// Claim says how true the data on the screen is, until the next tick.
func (m *Model) Claim() mirror.Claim { return m.Sync.Claim(m.Now.Add(tickTime)) }

// Missing says why sessions may be missing in the list, "" when it is complete.
func (m *Model) Missing() string {
	claim := m.Claim()
	switch {
	case !claim.Complete || m.List.Page.Loading:
		return "Older sessions are still to be read"
	case claim.Link == mirror.Halted:
		return "Reading is paused"
	case claim.Link == mirror.Offline:
		return "Stripe can't be read now"
	case claim.Link == mirror.Waiting:
		return "Stripe does not answer now"
	case claim.Link == mirror.Opening:
		return "The newest sessions are still to be read"
	}
	return ""
}

// Emptiness says why the list has no row. Keys stand in it as {id}: each renderer writes them
// in its way.
func (m *Model) Emptiness() string {
	claim, searched, all := m.Claim(), !m.Search.Query.Empty(), m.List.Page.Counts.All
	switch {
	case m.List.Page.Loading:
		return "Loading the mirror…"
	case claim.Complete && !m.List.Loaded:
		return "Reading the newest sessions…"
	case claim.Complete && searched:
		return "No session matches. {back} clears the search, {tab-1} shows all states."
	case claim.Complete && all == 0 && m.Sync.Lost > 0:
		return "What this account has can't be read: " + plural(m.Sync.Lost, "session") + " without an id."
	case claim.Complete && all == 0:
		return "This account has no verification sessions yet."
	case claim.Complete:
		return "No session is in this state now."
	case all == 0 && claim.Cause != nil:
		return "Nothing could be read yet; {messages} has the details."
	case all == 0:
		return "Reading the newest sessions…"
	case searched:
		return "No session matches so far: older ones are still to be read."
	}
	return "No session in this state is known yet: older ones are still to be read."
}

// Stuck tells whether a session has been processing for too long. The start of
// processing must be known: created is not the time of submission.
func (m *Model) Stuck(row mirror.Row) bool {
	return row.State == client.StateProcessing && !row.Since.IsZero() && m.ServerNow().Sub(row.Since) >= client.StuckAfter
}

// Fatal is the error that leaves nothing to show: the key was refused before
// anything was read. It is nil otherwise.
func Fatal(status mirror.Status) error {
	kind := client.KindOf(status.Err)
	if status.Last.IsZero() && (kind == client.KindAuth || kind == client.KindPermission) {
		return status.Err
	}
	return nil
}

func (m *Model) loadAccount() tea.Cmd {
	ctx, api := m.config.Context, m.config.API
	return func() tea.Msg {
		account, err := api.Account(ctx)
		return accountRead{account, err}
	}
}

// accountRead is sent by loadAccount.
type accountRead struct {
	account client.Account
	err     error
}

func (m *Model) onAccountRead(msg accountRead) tea.Cmd {
	// Without permission to read the account, the key's last four characters stand
	// for it.
	if name := cmp.Or(msg.account.Name, msg.account.ID); msg.err == nil && name != "" {
		m.Identity.Account = name
	}
	return nil
}

// onFocus makes polls rarer while nobody looks, and masks private data.
func (m *Model) onFocus(focused bool) tea.Cmd {
	if !focused {
		m.mask()
		m.copying.holds = false
	}
	return m.steer(func(w *mirror.Wish) {
		if w.Away = !focused; focused {
			w.Key = m.Now
		}
	})
}

// touchEvery is how often the Syncer is told of keys. It slows down only after a
// much longer time without one.
const touchEvery = 10 * time.Second

// touch tells the Syncer that an operator presses keys.
func (m *Model) touch() tea.Cmd {
	if m.Now.Sub(m.Sync.Wish.Key) < touchEvery {
		return nil
	}
	return m.steer(func(w *mirror.Wish) { w.Key = m.Now })
}

func (m *Model) togglePause() tea.Cmd {
	cmd := m.steer(func(w *mirror.Wish) { w.Paused = !w.Paused })
	if m.Sync.Wish.Paused {
		m.logDone(m.say("Paused: this screen asks for nothing until you resume; {sync-now} reads once"))
	} else {
		m.logDone("Resumed")
	}
	return cmd
}

func (m *Model) tick() tea.Cmd {
	return tea.Tick(tickTime, func(at time.Time) tea.Msg { return ticked{at} })
}

// steer tells the Syncer how to work. Commands run in any order, so the wish has a
// number.
func (m *Model) steer(change func(*mirror.Wish)) tea.Cmd {
	m.Sync.Wish.Sequence++
	change(&m.Sync.Wish)
	syncer, wish := m.config.Syncer, m.Sync.Wish
	return func() tea.Msg { syncer.Steer(wish); return nil }
}

// begin tells the Syncer that an operator has just started the program. It sends
// the first wish.
func (m *Model) begin() tea.Cmd {
	syncer, wish := m.config.Syncer, m.Sync.Wish
	return func() tea.Msg { syncer.Steer(wish); return nil }
}

func (m *Model) syncNow() tea.Cmd {
	syncer := m.config.Syncer
	return func() tea.Msg { syncer.SyncNow(); return nil }
}

func (m *Model) pauseTitle() string {
	if m.Sync.Wish.Paused {
		return "resume"
	}
	return ""
}
