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

// No event tells of a report. So the newest reports are asked for after an event, or a
// change in a list, shows that a session left processing with a report that is not
// known: a quiet account costs no reads. They become visible late and in any order, so that
// those made up to overlap before the newest one are listed again each time. Older
// reports are read behind the sessions, newest first. The list has no filter for the reports of
// flows, so it is never asked for a type.
const (
	wantMost    = 200
	tailPages   = 10 // of new reports in one round; the back-fill reads what is left
	recentSpan  = client.Unix(30 * 86400)
	oldestKnown = client.Unix(1) // all reports since then are all
)

// awaitAfter are the waits for a report that an event named and the list does not show yet.
var awaitAfter = []time.Duration{0, 10 * time.Second, 60 * time.Second, 300 * time.Second}

// reporting is the state of reading reports that is not in Progress.
type reporting struct {
	seen     map[string]client.Unix // the reports of the last tail, by id
	tries    int                    // how often ReportProgress.Want was waited for
	due      time.Time              // the tail is not read again before; zero: at once
	failures int

	fill    span // the oldest page that is asked for
	fillDue time.Time
	mu      sync.Mutex
	came    *reportsRead
}

// reportsRead is a page of the back-fill of reports.
type reportsRead struct {
	asked mirror.Window
	page  client.Page[client.ReportFacts]
	err   error
}

// noteReport looks whether a session left processing with a report that is not known, and
// makes the tail of reports due if so.
func (l *leader) noteReport(ctx context.Context, session client.Session) error {
	if l.config.Reports == mirror.KeptOff || session.LastReport == "" && client.BeforeAnyCheck(session.ErrorCode()) {
		return nil
	}
	if state := session.State(); state != client.StateFailed && state != client.StateVerified {
		return nil
	}
	id := string(session.LastReport)
	p := &l.progress.Reports // the next commit has what changes here
	if _, seen := l.reports.seen[id]; seen || slices.Contains(p.Want, id) {
		return nil
	}
	if id != "" {
		known, err := l.config.Store.Reports(ctx, session.ID)
		if err != nil {
			return err
		}
		for _, report := range known[session.ID] {
			if report.ID == id {
				return nil
			}
		}
		if len(p.Want) < wantMost {
			p.Want = append(p.Want, id)
		}
	}
	l.reports.tries, l.reports.due, p.Due = 0, time.Time{}, true
	return nil
}

// noteListed is noteReport for a session of a list: it counts if it is another than the row
// shows.
func (l *leader) noteListed(ctx context.Context, session client.Session, row mirror.Row) error {
	if row.State == session.State() && row.ReportID == string(session.LastReport) {
		return nil
	}
	return l.noteReport(ctx, session)
}

// planReports makes progress say what the configuration keeps of reports.
func (l *leader) planReports(ctx context.Context) error {
	p, kept := l.progress.Reports, l.config.Reports
	if p.Kept == kept {
		return nil
	}
	now := l.clock.now()
	switch {
	case kept == mirror.KeptOff:
		p = mirror.ReportProgress{}
	case p.Kept == mirror.KeptOff:
		p = mirror.ReportProgress{Tail: now - overlap, From: oldestKnown, Due: true}
		if kept == mirror.KeptRecent {
			p.From = max(oldestKnown, now-recentSpan)
		}
		p.Open = []mirror.Window{{From: p.From, Until: p.Tail}}
	case kept == mirror.KeptAll && p.From > oldestKnown:
		p.Open = append(append([]mirror.Window(nil), p.Open...), mirror.Window{From: oldestKnown, Until: p.From})
		p.From = oldestKnown
	}
	p.Kept = kept
	return l.commit(ctx, mirror.Batch{}, func(progress *mirror.Progress) { progress.Reports = p })
}

// readReports reads the newest reports when they are due. What goes wrong is said in
// Status and tried again: the sessions do not wait for it.
func (l *leader) readReports(ctx context.Context) error {
	if err := l.planReports(ctx); err != nil {
		return err
	}
	r := &l.reports
	if !l.progress.Reports.Due || time.Now().Before(r.due) {
		return nil
	}
	err := l.readReportTail(ctx)
	if l.lost || ctx.Err() != nil {
		return err
	}
	if r.failures++; err == nil {
		r.failures = 0
	} else {
		r.due = time.Now().Add(max(patience(err, l.config.Interval, r.failures), l.refusedFor(err)))
	}
	l.setStatus(func(status *mirror.Status) { status.Reports.Err = err })
	return nil
}

// refusedFor is how long a key that may not read reports is not used for it.
func (l *leader) refusedFor(err error) time.Duration {
	if client.KindOf(err) == client.KindPermission {
		return askForEvents
	}
	return 0
}

func (l *leader) readReportTail(ctx context.Context) error {
	r, began := &l.reports, l.progress.Reports.Tail
	window, newest, how := mirror.Window{From: max(1, began-overlap)}, began, further
	for range tailPages {
		page, err := l.listReports(ctx, window)
		if err != nil {
			return err
		}
		var batch mirror.Batch
		var last mark
		for _, report := range page.Data {
			last = mark{report.ID, report.Created}
			newest = max(newest, min(report.Created, l.clock.now()))
			if _, seen := r.seen[report.ID]; !seen {
				batch.Reports = append(batch.Reports, report)
			}
		}
		if window, how = leftOf(window, len(page.Data), last, page.HasMore); how == stuck {
			return errStuck("list reports")
		}
		if len(batch.Reports) > 0 {
			if err := l.commit(ctx, batch, nil); err != nil {
				return err
			}
		}
		for _, report := range page.Data {
			r.seen[report.ID] = report.Created
		}
		if how == ended {
			break
		}
	}
	maps.DeleteFunc(r.seen, func(_ string, at client.Unix) bool { return at < newest-2*overlap })
	want := slices.DeleteFunc(slices.Clone(l.progress.Reports.Want), func(id string) bool {
		_, seen := r.seen[id]
		return seen
	})
	if r.due = (time.Time{}); len(want) > 0 && r.tries < len(awaitAfter) {
		r.due = time.Now().Add(awaitAfter[r.tries])
		r.tries++
	} else {
		want = nil
	}
	return l.commit(ctx, mirror.Batch{}, func(p *mirror.Progress) {
		p.Reports.Tail, p.Reports.Want, p.Reports.Due = newest, want, len(want) > 0
		if how == further {
			p.Reports.Open = append([]mirror.Window{window}, p.Reports.Open...)
		}
	})
}

// listReports asks for a page of the reports made in a window.
func (s *Syncer) listReports(ctx context.Context, w mirror.Window) (client.Page[client.ReportFacts], error) {
	page, err := s.config.API.ListReportFacts(ctx, client.ReportListParams{
		Cursor: client.Cursor{Limit: pageSize, After: w.After}, Created: created(w),
	})
	return page, err
}

// reportsOn asks for the next page of older reports when it is due.
func (l *leader) reportsOn(ctx context.Context) {
	r, open, now := &l.reports, l.progress.Reports.Open, time.Now()
	if r.fillDue = (time.Time{}); r.fill.reading || len(open) == 0 || len(l.fill.spans) > 0 || !l.clock.known() {
		return
	}
	if r.fillDue = r.fill.due; r.fillDue.Before(l.fill.spare) {
		r.fillDue = l.fill.spare
	}
	if now.Before(r.fillDue) || !l.spend(false) {
		return
	}
	r.fillDue, r.fill.reading = time.Time{}, true
	asked := open[0]
	ctx = client.WithLane(ctx, client.LaneFill)
	l.fill.fetches.Go(func() {
		defer guard.Catch()
		page, err := l.listReports(ctx, asked)
		r.mu.Lock()
		r.came = &reportsRead{asked, page, err}
		r.mu.Unlock()
		signal(l.fill.pages)
	})
}

// takeReports commits the page of older reports that came.
func (l *leader) takeReports(ctx context.Context) {
	r := &l.reports
	r.mu.Lock()
	read := r.came
	r.came = nil
	r.mu.Unlock()
	if read == nil || ctx.Err() != nil {
		return
	}
	r.fill.reading = false
	err, leads := l.takePage(ctx, read.err, read.page.Date, func() error { return l.fillReports(ctx, read) })
	switch {
	case !leads:
		return
	case err == nil:
		r.fill.failures, r.fill.due = 0, time.Time{}
	default:
		if client.KindOf(err) == client.KindNotFound { // the report of the cursor is gone
			l.openReports(read.asked, mirror.Window{From: read.asked.From, Until: read.asked.Until})
		}
		r.fill.failures++
		r.fill.due = time.Now().Add(max(patience(err, l.config.Interval, r.fill.failures), l.refusedFor(err)))
	}
	l.setStatus(func(status *mirror.Status) { status.Reports.Err = err })
}

func (l *leader) fillReports(ctx context.Context, read *reportsRead) error {
	var last mark
	for _, report := range read.page.Data {
		last = mark{report.ID, report.Created}
	}
	rest, how := leftOf(read.asked, len(read.page.Data), last, read.page.HasMore)
	switch {
	case how == further:
		l.openReports(read.asked, rest)
	case how == ended:
		l.openReports(read.asked)
	case read.asked.After != "":
		l.openReports(read.asked, apart(read.asked)...)
		fallthrough
	default:
		return errStuck("list reports")
	}
	return l.commit(ctx, mirror.Batch{Reports: read.page.Data}, nil)
}

// openReports puts windows in the place of one that is open.
func (l *leader) openReports(old mirror.Window, parts ...mirror.Window) {
	var open []mirror.Window
	for _, w := range l.progress.Reports.Open {
		if w != old {
			open = append(open, w)
			continue
		}
		open = append(open, parts...)
	}
	l.progress.Reports.Open = open
}
