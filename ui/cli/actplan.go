package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/guard"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/client/query"
	"idtop/ui"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// readsAtOnce is how many sessions a plan reads at the same time.
const readsAtOnce = 8

// makePlan reads each session and plans the verb on it.
func (w *workplace) makePlan(ctx context.Context, o actOptions) (plan.Plan, error) {
	ids := o.ids
	var err error
	switch {
	case o.user != "":
		ids, err = w.sessionsOf(ctx, o)
	case o.query != "":
		ids, err = w.matching(ctx, o)
	}
	if err != nil {
		return plan.Plan{}, err
	}
	sessions, err := w.readAll(ctx, ids)
	if err != nil {
		return plan.Plan{}, stopped(ctx, err)
	}
	if o.query != "" {
		if sessions, err = w.stillMatching(ctx, o, sessions); err != nil {
			return plan.Plan{}, err
		}
	}
	var seen []plan.Seen
	for _, s := range sessions {
		if o.user != "" && s.Redaction == nil && s.Unreadable == "" && !o.means(s.Metadata["user_id"]) {
			fail.Warn(w.process.Stderr, s.ID+" is not of this user_id any more", "it is left out")
			continue
		}
		seen = append(seen, plan.Seen{ID: s.ID, State: s.State(), AsOf: s.Date, Unreadable: s.Unreadable})
	}
	made, err := plan.New(o.verb, w.kept.place.Account, w.kept.place.Live, seen, o.MaxItems)
	switch {
	case err != nil && len(seen) == 0:
		return made, fail.New("name others: none of these is left", "%s", err)
	case err != nil:
		return made, fail.New("max_items in the config says how many one job may act on", "%s", err)
	}
	return made, nil
}

// readAll reads sessions several at a time, returns them in order, and gives them
// to the mirror.
func (w *workplace) readAll(ctx context.Context, ids []string) ([]client.Session, error) {
	ctx, end := context.WithCancelCause(client.WithLane(ctx, client.LaneAction))
	defer end(nil)
	var wg sync.WaitGroup
	slots := make(chan struct{}, readsAtOnce)
	sessions := make([]client.Session, len(ids))
	progress := newProgress(w.process)
	defer progress.end()
	for i, id := range ids {
		slots <- struct{}{}
		progress.show("", fmt.Sprintf("reading %d of %d sessions", i+1, len(ids)))
		wg.Go(func() {
			defer func() { <-slots }()
			defer guard.Catch()
			var err error
			if sessions[i], err = w.readOne(ctx, id); err != nil {
				end(err)
			}
		})
	}
	wg.Wait()
	return sessions, context.Cause(ctx)
}

func (w *workplace) readOne(ctx context.Context, id string) (client.Session, error) {
	sent := time.Now()
	session, err := w.api.GetSession(ctx, id)
	if err != nil && session.Unreadable == "" {
		return session, err
	}
	if err := w.kept.store.Apply(ctx, mirror.Origin{At: session.Date, Sent: sent, News: true}, session); err != nil {
		return session, fail.Mirror(err)
	}
	return session, nil
}

// missing is why sessions may be unknown.
const missing = "the mirror is not complete: sessions of this person may be missing"

// bring brings the mirror up to date before the plan, and says so. With --no-sync it is taken as it
// is: one that is not complete is enough for a look at a plan, and not for more.
func (w *workplace) bring(ctx context.Context, o actOptions, missing string) (complete bool, err error) {
	progress, err := w.kept.store.Progress(ctx)
	if err != nil {
		return false, fail.Mirror(err)
	}
	complete = progress.Complete()
	const hint = "without --no-sync the mirror is brought up to date first"
	switch {
	case o.noSync && complete:
		age := progress.ServerNow(time.Now()).Sub(progress.Checked.Time())
		fail.Warn(w.process.Stderr, "the mirror is "+roughly(age)+" old: newer sessions may be missing", hint)
		return complete, nil
	case o.noSync && o.plan:
		fail.Warn(w.process.Stderr, missing, hint)
		return complete, nil
	case o.noSync:
		return complete, fail.New(hint, "%s, and nothing is done", missing)
	case !complete:
		fmt.Fprintln(w.process.Stderr, "idtop: the mirror is not complete: what it lacks is read from Stripe before the plan")
	}
	before, _ := w.server.budget.Reads()
	run, err := w.catchUp(ctx, hasty)
	if err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		f := fail.Of(err)
		return false, fail.New(cmp.Or(f.Way, "idtop sync says more"), "no plan, because the mirror can't be brought up to date: %s", f.Text)
	}
	after, _ := w.server.budget.Reads()
	fmt.Fprintf(w.process.Stderr, "idtop: the mirror was brought up to date: complete to %s, %s\n", stamp(run.checked), several(int(after-before), "read"))
	return true, nil
}

// sessionsOf lists the sessions of a person. It must not miss any because the
// mirror is old or incomplete.
func (w *workplace) sessionsOf(ctx context.Context, o actOptions) ([]string, error) {
	complete, err := w.bring(ctx, o, missing)
	if err != nil {
		return nil, err
	}
	page, err := w.find(ctx, mirror.Request{UserID: o.user, Alike: o.alike, Rows: config.MostItems})
	if err != nil {
		return nil, fail.Mirror(err)
	}
	w.tellAlike(page.Alike, o)
	switch {
	case page.Total > len(page.Rows):
		return nil, fail.New("name some of them by their ids", "%s sessions have this user_id, which is too many for one plan", safe.Num(page.Total))
	case page.Total == 0 && w.redacted(o.user) != "":
		return nil, fail.New("idtop jobs shows it", "%s %s", safe.Quote(o.user), w.redacted(o.user))
	case page.Total == 0 && uncelled(o.user) != "":
		return nil, fail.New(fmt.Sprintf("a CSV file has a ' before such a user_id: --user=%s", safe.Quote(uncelled(o.user))), "no session has the user_id %s", safe.Quote(o.user))
	case page.Total == 0 && complete:
		return nil, fail.New("the user_id has to be exact: idtop list --query finds similar ones", "no session has the user_id %s", safe.Quote(o.user))
	case page.Total == 0:
		return nil, fail.New("idtop sync completes the mirror; the user_id has to be exact", "no session with the user_id %s is known", safe.Quote(o.user))
	}
	var ids []string
	for _, row := range page.Rows {
		ids = append(ids, row.ID)
	}
	return ids, nil
}

// queried is the request for what the query of a command finds.
func (w *workplace) queried(ctx context.Context, o actOptions) (mirror.Request, error) {
	q, err := queryOf(o.query)
	if err != nil {
		return mirror.Request{}, err
	}
	progress, err := w.kept.store.Progress(ctx)
	if err != nil {
		return mirror.Request{}, fail.Mirror(err)
	}
	return mirror.Request{Query: q, Now: progress.ServerNow(time.Now()), AsTyped: true, Rows: config.MostItems}, nil
}

// matching lists the sessions that a query finds, and says what it leaves out.
func (w *workplace) matching(ctx context.Context, o actOptions) ([]string, error) {
	if _, err := w.bring(ctx, o, "the mirror is not complete: sessions that match may be missing"); err != nil {
		return nil, err
	}
	asked, err := w.queried(ctx, o)
	if err != nil {
		return nil, err
	}
	page, err := w.find(ctx, asked)
	if err != nil {
		return nil, fail.Mirror(err)
	}
	loose := asked
	loose.AsTyped, loose.Rows = false, 1
	all, err := w.find(ctx, loose)
	if err != nil {
		return nil, fail.Mirror(err)
	}
	if apart := all.Total - page.Total; apart > 0 {
		fail.Warn(w.process.Stderr, several(apart, "session")+" with letters apart or accented left out", "name them by their ids")
	}
	if len(page.Elsewhere) > 0 {
		fail.Warn(w.process.Stderr, "no user_id has "+strings.Join(page.Elsewhere, ", "), "looked in ids, references and customers instead")
	}
	tellUnknown(w.process, page)
	switch {
	case page.Total > len(page.Rows):
		return nil, fail.New("narrow the query", "%s match, which is too many for one plan", several(page.Total, "session"))
	case page.Total == 0:
		return nil, fail.New("idtop list --query shows what a query finds", "no session matches the query")
	}
	var ids []string
	for _, row := range page.Rows {
		ids = append(ids, row.ID)
	}
	return ids, nil
}

// stillMatching returns the sessions that still match after they were read.
func (w *workplace) stillMatching(ctx context.Context, o actOptions, sessions []client.Session) (still []client.Session, err error) {
	asked, err := w.queried(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, s := range sessions {
		asked.Only = append(asked.Only, s.ID)
	}
	page, err := w.find(ctx, asked)
	if err != nil {
		return nil, fail.Mirror(err)
	}
	for _, s := range sessions {
		if slices.ContainsFunc(page.Rows, func(row mirror.Hit) bool { return row.ID == s.ID }) {
			still = append(still, s)
		} else {
			fail.Warn(w.process.Stderr, s.ID+" does not match any more", "it is left out")
		}
	}
	return still, nil
}

// uncelled is the user_id of a CSV cell that has a ' before it, "" for any other text.
func uncelled(cell string) string {
	if bare, ok := strings.CutPrefix(cell, "'"); ok && safe.CSV(bare) == cell {
		return bare
	}
	return ""
}

// means tells whether the options include a user_id.
func (o actOptions) means(userID string) bool {
	return userID == o.user || o.alike && query.LookAlike(o.user, userID)
}

// tellAlike warns of user_ids that look the same as the requested one.
func (w *workplace) tellAlike(alike []mirror.Alike, o actOptions) {
	if len(alike) == 0 {
		return
	}
	sessions, lines := 0, make([]safe.Text, len(alike))
	for i, a := range alike {
		sessions += a.Sessions
		lines[i] = safe.Line(fmt.Sprintf("%s, %s: %s", safe.Quote(a.UserID), several(a.Sessions, "session"), query.Difference(o.user, a.UserID)))
	}
	under := fmt.Sprintf("%s under %s that look the same", several(sessions, "more session"), several(len(alike), "id"))
	if len(alike) == 1 {
		under = fmt.Sprintf("%s under an id that looks the same", several(sessions, "more session"))
	}
	hint := "--include-alike takes them in"
	if o.alike {
		hint = "they are taken in"
	}
	fail.Warn(w.process.Stderr, under, hint)
	for _, line := range lines {
		fmt.Fprintf(w.process.Stderr, "  %s\n", line)
	}
}

// several is a number with its noun.
func several(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%s %ss", safe.Num(n), one)
}

// aMoment is the largest age of a redaction that was made "a moment ago".
const aMoment = 10 * time.Minute

// redacted says when this machine redacted the sessions of a user_id, "" when the
// ledger has no such record. These sessions have no user_id any more.
func (w *workplace) redacted(userID string) string {
	var last time.Time
	for record, err := range ledger.FindAll(w.kept.place.Data, ledger.Query{UserID: userID, Verb: ledger.Redact}) {
		if err != nil {
			break // an unreadable ledger adds nothing
		}
		if record.Kind == ledger.KindOutcome && record.Result == ledger.Succeeded && record.Account == w.kept.place.Account &&
			record.Mode == client.ModeName(w.kept.place.Live) {
			last = record.Time
		}
	}
	switch now := time.Now(); {
	case last.IsZero():
		return ""
	case now.Sub(last) < aMoment:
		return "was redacted a moment ago"
	default:
		return "was redacted: " + ui.Clock(last, now)
	}
}

// reportText is a report for people: what happened to each session, then to all.
func reportText(report plan.Report) string {
	var b strings.Builder
	for _, row := range report.Rows {
		after := row.After
		if after == client.StateUnknown {
			after = row.Planned
		}
		fmt.Fprintf(&b, "%-12s %-30s %-10s", row.Fate, safe.Line(row.Session), after)
		for _, words := range []string{row.Words, row.RequestID} {
			if words != "" {
				fmt.Fprintf(&b, "  %s", safe.Line(words))
			}
		}
		b.WriteByte('\n')
	}
	fmt.Fprintln(&b, safe.Line(report.Job.Summary(report.Now)))
	return b.String()
}
