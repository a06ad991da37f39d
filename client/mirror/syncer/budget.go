package syncer

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/guard"
	"idtop/client/mirror"
)

// How a Budget spends. The doc comment of Budget says why.
const (
	lively    = 30 * time.Minute // how long the reads at hand should last
	rarest    = time.Hour        // between polls when no reads are left
	day       = 24 * time.Hour
	fillFast  = 1. / 2  // the part of the month's even share that the back-fill leaves untouched at full speed
	fillPart  = 1. / 4  // the part of a day's share that the back-fill has after that
	sweepPart = 1. / 10 // the part of a day's share that the sweep has
)

// How often a Budget tells the store its counts, and learns the counts of other
// processes.
const (
	flushAfter = 5 * time.Second
	learnAfter = time.Minute
	flushTime  = 5 * time.Second // a store that takes longer is asked again later
)

// Budget counts an account's reads and spreads the reads of a month until its end.
// Stripe allows an account with few payments 10,000 GETs a month, which a dashboard
// that polls every three seconds uses up in eight hours. Months and days are in
// UTC.
//
// Polls: a day's share is the rest of the month's reads divided by the days left.
// One half of it is at hand from midnight on, the other half becomes available
// evenly through the day; today's polls are subtracted. Polls are spaced so that
// the reads at hand last for half an hour. So polls are quick when the dashboard is
// opened, slow down while it stays open, and never stop. The next day has its share
// however many reads today took. Other requests make the later shares smaller, and
// unused reads make them larger.
//
// The back-fill runs at full speed until half of an even share of the rest of the
// month is left for the polls. From then on it has a quarter of a day's share each
// day. The sweep never has more than a tenth of a day's share.
//
// An operator's requests are counted and never held back. When no reads are left,
// polls come once an hour; the back-fill and the sweep wait for the next month.
//
// It is safe for concurrent use.
type Budget struct {
	allowed int64

	flushing sync.Mutex // held during a request to the store
	mu       sync.Mutex
	store    mirror.Store     // nil until Keep
	known    map[string]int64 // the store's counts by month and day
	pending  map[string]int64 // counts that the store was not told yet
	pace     int64            // the GETs of a month at the rate of the last whole days; 0: not known
	paced    string           // the day on which pace was computed
	timer    *time.Timer      // flushes; nil until Keep and after Close
	soon     bool             // the timer was set because something is pending
}

var _ Allowance = (*Budget)(nil)

// NewBudget returns a Budget of this many reads a month. 0 means no limit: the
// Budget only counts. It counts from now on, in memory until Keep.
func NewBudget(allowed int64) *Budget {
	return &Budget{allowed: max(0, allowed), known: map[string]int64{}, pending: map[string]int64{}}
}

// Keep stores the counts, and learns the earlier counts and those of other
// processes. The store learns of each read within a few seconds. The Budget has to
// be closed before the store.
func (b *Budget) Keep(ctx context.Context, store mirror.Store) error {
	b.mu.Lock()
	b.store = store
	b.mu.Unlock()
	err := b.flush(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer = time.AfterFunc(learnAfter, func() {
		defer guard.Catch()
		b.flushLater()
	})
	b.plan()
	return err
}

// Close tells the store the counts that are still pending.
func (b *Budget) Close() error {
	b.mu.Lock()
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	b.flushing.Lock() // a flush under way finishes first, and no other follows
	defer b.flushing.Unlock()
	err := b.tell(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.store = nil
	return err
}

// Count notes a GET that was sent; see stripe.PacerConfig.
func (b *Budget) Count(lane client.Lane) {
	now := time.Now().UTC()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending[monthOf(now)]++
	if lane == client.LaneTail {
		b.pending[dayOf(now)]++
	}
	if lane != client.LaneFill { // the back-fill reads each session once: it is no usual read
		b.pending[usualOf(now)]++
	}
	b.plan()
}

// Pace returns the GETs of a month at the rate of the last whole days, at most a
// week, without the first back-fill; 0 until one whole day is known.
func (b *Budget) Pace() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pace
}

// paceDays is the number of days over which the pace is computed.
const paceDays = 7

// findPace computes the pace from the store's counts of the days before today. The
// very first day is left out: it is not a whole day.
func (b *Budget) findPace(ctx context.Context, store mirror.Store, now time.Time) error {
	b.mu.Lock()
	known := b.paced == dayOf(now)
	b.mu.Unlock()
	if known {
		return nil
	}
	var sum, days, oldest int64
	for back := 1; back <= paceDays+1; back++ {
		n, err := store.AddReads(ctx, usualOf(now.AddDate(0, 0, -back)), 0)
		if err != nil {
			return err
		}
		if sum += n; n > 0 {
			days, oldest = int64(back), n
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.paced, b.pace = dayOf(now), 0; days > 1 {
		month := b.monthAt(now)
		b.pace = int64(float64(sum-oldest) / float64(days-1) * month.length.Hours() / 24)
	}
	return nil
}

// Reads returns how many GETs this month had so far, and how many it may have; 0
// means no limit.
func (b *Budget) Reads() (used, allowed int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count(monthOf(time.Now().UTC())), b.allowed
}

// Stretch implements Allowance.
func (b *Budget) Stretch(now time.Time, interval time.Duration) time.Duration {
	m := b.look(now)
	if m.allowed <= 0 {
		return interval
	}
	return max(interval, m.pollEvery())
}

// Spare implements Allowance.
func (b *Budget) Spare(now time.Time) time.Duration {
	m := b.look(now)
	if m.allowed <= 0 || m.left > m.allowed*fillFast*float64(max(m.remaining, day))/float64(m.length) {
		return 0
	}
	return m.pageEvery(fillPart)
}

// SpareSweep implements Allowance.
func (b *Budget) SpareSweep(now time.Time) time.Duration {
	m := b.look(now)
	if m.allowed <= 0 {
		return 0
	}
	return m.pageEvery(sweepPart)
}

// budgetMonth is a month's budget at one moment.
type budgetMonth struct {
	allowed, left float64
	polled        float64       // reads by polls today
	today         time.Duration // the part of today that is over
	remaining     time.Duration // the rest of the month
	length        time.Duration // the length of the month
}

func (b *Budget) look(now time.Time) budgetMonth {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.monthAt(now.UTC())
}

// monthAt is look for callers that hold the lock.
func (b *Budget) monthAt(now time.Time) budgetMonth {
	begin := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	end := begin.AddDate(0, 1, 0)
	return budgetMonth{
		allowed:   float64(b.allowed),
		left:      float64(b.allowed - b.count(monthOf(now))),
		polled:    float64(b.count(dayOf(now))),
		today:     now.Sub(now.Truncate(day)),
		remaining: end.Sub(now),
		length:    end.Sub(begin),
	}
}

// pollEvery is the time between two polls.
func (m budgetMonth) pollEvery() time.Duration {
	days := (m.remaining + m.today).Hours() / 24 // including the whole of today
	share := (m.left + m.polled) / days
	hand := min(m.left, share*(0.5+0.5*m.today.Seconds()/day.Seconds())-m.polled)
	if hand < float64(lively)/float64(rarest) {
		return rarest
	}
	return time.Duration(float64(lively) / hand)
}

// pageEvery is the time between pages, for reads that have a part of each day's
// share.
func (m budgetMonth) pageEvery(part float64) time.Duration {
	if m.left < 1 {
		return m.remaining
	}
	return time.Duration(float64(max(m.remaining, day)) / (m.left * part))
}

func monthOf(t time.Time) string { return t.Format("2006-01") }

func dayOf(t time.Time) string { return t.Format(time.DateOnly) }

// usualOf names the count of a day's GETs without the back-fill's.
func usualOf(t time.Time) string { return t.Format(time.DateOnly) + " usual" }

// count returns the known reads of a month or a day.
func (b *Budget) count(period string) int64 { return b.known[period] + b.pending[period] }

// plan sets the timer to tell the store the pending counts soon.
func (b *Budget) plan() {
	if b.timer != nil && !b.soon && len(b.pending) > 0 {
		b.soon = true
		b.timer.Reset(flushAfter)
	}
}

// flushLater is called by the timer. When the store fails, the counts stay pending:
// the parts that need the store more report the failure.
func (b *Budget) flushLater() {
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	err := b.flush(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer == nil {
		return
	}
	b.soon = false
	b.timer.Reset(learnAfter)
	if err == nil {
		b.plan()
	}
}

// flush runs tell, one call at a time.
func (b *Budget) flush(ctx context.Context) error {
	b.flushing.Lock()
	defer b.flushing.Unlock()
	return b.tell(ctx)
}

// tell tells the store the pending counts and learns the totals of this month and
// of today. Counts that could not be told stay pending.
func (b *Budget) tell(ctx context.Context) error {
	now := time.Now().UTC()
	month, today := monthOf(now), dayOf(now)
	b.mu.Lock()
	store, news := b.store, maps.Clone(b.pending)
	b.mu.Unlock()
	if store == nil {
		return nil
	}
	news[month] += 0 // asked for even when there is nothing to add
	news[today] += 0
	for _, period := range slices.Sorted(maps.Keys(news)) {
		n := news[period]
		total, err := store.AddReads(ctx, period, n)
		if err != nil {
			return err
		}
		b.mu.Lock()
		b.known[period] = total
		if b.pending[period] -= n; b.pending[period] <= 0 {
			delete(b.pending, period)
		}
		b.mu.Unlock()
	}
	if err := b.findPace(ctx, store, now); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.known, func(period string, _ int64) bool { return period != month && period != today })
	return nil
}
