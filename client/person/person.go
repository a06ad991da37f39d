package person

import (
	"cmp"
	"slices"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/client/query"
)

// Page is all that is said of a person.
type Page struct {
	UserID   string
	Now      Sentence  // the person in a sentence
	Sessions []Session // newest first
	Attempts int       // of all sessions
	First    client.Unix
	Why      []Cause // why attempts failed, the most frequent first
	Next     Sentence
	Redact   Can
	Cancel   Can
	Link     string // the session that a fresh link is for, "" without one
	Erasing  []Erasure
	Done     []Deed // newest first
	Alike    []Alike
	Unknown  []string // sentences: what could not be known
}

// Sentence is an answer, the same in short, and more about it, which may also be said with
// less.
type Sentence struct{ Text, Short, More, Less string }

// Session is a session of the person.
type Session struct {
	mirror.Row
	Attempts []Attempt // newest first; the first one tells the state
	Note     string    // what was checked, or what becomes of it
}

// Attempt is a submission, or the state that a session came to without one.
type Attempt struct {
	State client.State
	Code  string // why it failed
	At    client.Unix
	Rough bool // At is only when it was seen
	Times int  // how many there are of the kind on that day, see Session.Grouped
}

// Cause counts the failed attempts with one reason.
type Cause struct {
	Code  string
	Count int
}

// Can is what a verb would do to the sessions.
type Can struct {
	Now, Later int
	Not        []string // how many it would not change, and why
	Refused    string   // why there is no plan
}

// Erasure is a session that is being erased.
type Erasure struct {
	Session string
	Due     time.Time // zero when no job here erases it
	Job     int64
	Reason  string // of the job
}

// Deed is something that an operator did here.
type Deed struct {
	At      time.Time
	Who     string // "you" for the one who looks
	What    string
	Session string // of the newest one
	Count   int    // of sessions
	Job     string
	Reason  string
}

// Alike is a user_id that looks the same, and how it differs.
type Alike struct {
	UserID     string
	Sessions   int
	Difference string
}

// Of says what is known of a person. now is the server's clock, in the zone whose days
// are meant.
func Of(k Known, now time.Time) Page {
	p := Page{UserID: k.UserID}
	rows := slices.Clone(k.Rows)
	slices.SortFunc(rows, newest)
	causes := map[string]int{}
	for i, row := range rows {
		s := Session{Row: row, Attempts: attempts(row, k.Reports[row.ID], k.History[row.ID]), Note: k.note(row, now)}
		for _, a := range s.Attempts {
			switch a.State {
			case client.StateFailed:
				causes[a.Code]++
				p.Attempts++
			case client.StateVerified, client.StateProcessing:
				p.Attempts++
			}
		}
		if i == len(rows)-1 {
			p.First = row.Created
		}
		if p.Link == "" && row.Status == client.StatusRequiresInput && row.Redaction == "" && row.Unreadable == "" {
			p.Link = row.ID
		}
		p.Sessions = append(p.Sessions, s)
	}
	for code, n := range causes {
		p.Why = append(p.Why, Cause{code, n})
	}
	slices.SortFunc(p.Why, func(a, b Cause) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(client.ReasonOf(a.Code).Label, client.ReasonOf(b.Code).Label))
	})
	p.Redact, p.Cancel = can(client.Redact, rows), can(client.Cancel, rows)
	for _, row := range rows {
		if row.State == client.StateRedacting {
			p.Erasing = append(p.Erasing, k.erasure(row))
		}
	}
	p.Done = k.deeds()
	for _, a := range k.Alike {
		p.Alike = append(p.Alike, Alike{a.UserID, a.Sessions, query.Difference(k.UserID, a.UserID)})
	}
	p.Now, p.Next = k.now(p, now), p.next()
	p.Unknown = k.unknown()
	return p
}

// attempts lists what a session went through, newest first. Of a session that is erased
// or being erased, only that is said.
func attempts(row mirror.Row, reports []client.ReportFacts, history []mirror.Change) []Attempt {
	now := Attempt{State: row.State, Code: row.ErrorCode, At: client.Unix(row.Since.Unix()), Rough: row.Rough, Times: 1}
	if row.Erased() {
		now.Code = ""
		return []Attempt{now}
	}
	var all []Attempt
	for _, report := range reports {
		state, code := report.Outcome()
		if state == client.StateFailed {
			code = cmp.Or(code, client.NoCode)
		}
		all = append(all, Attempt{State: state, Code: code, At: report.Created, Times: 1})
	}
	reported := mirror.ReportsOf(history, reports)
	for i, c := range history {
		if _, told := reported[i]; !told && (c.State == client.StateFailed || c.State == client.StateVerified) {
			all = append(all, Attempt{State: c.State, Code: c.Code, At: c.At, Rough: c.Rough, Times: 1})
		}
	}
	slices.SortStableFunc(all, func(a, b Attempt) int { return cmp.Compare(b.At, a.At) })
	verdict := row.State == client.StateFailed || row.State == client.StateVerified
	if !verdict || !slices.ContainsFunc(all, func(a Attempt) bool { return a.State == row.State }) {
		if !verdict {
			now.Code = ""
		}
		if now.Rough && len(all) > 0 { // it came after all that is known
			now.At = max(now.At, all[0].At)
		}
		all = append([]Attempt{now}, all...)
	}
	return all
}

// Grouped are the attempts with those of one day that ended alike as one.
func (s Session) Grouped(zone *time.Location) []Attempt {
	var groups []Attempt
	for _, a := range s.Attempts {
		if last := len(groups) - 1; last >= 0 {
			g := &groups[last]
			if g.State == a.State && g.Code == a.Code && day(g.At.Time().In(zone)) == day(a.At.Time().In(zone)) {
				g.Times++
				continue
			}
		}
		groups = append(groups, a)
	}
	return groups
}

// can plans a verb on all sessions.
func can(verb client.Verb, rows []mirror.Row) (c Can) {
	if len(rows) == 0 {
		return c
	}
	seen := make([]plan.Seen, len(rows))
	for i, row := range rows {
		seen[i] = plan.Seen{ID: row.ID, State: row.State, AsOf: row.AsOf, Unreadable: row.Unreadable}
	}
	made, err := plan.New(verb, "", false, seen, len(seen))
	if err != nil {
		c.Refused = err.Error()
		return c
	}
	c.Now, c.Later = made.Count(plan.Now), made.Count(plan.Wait)
	groups := map[string]int{}
	var order []string
	for _, e := range made.Entries {
		if e.Disposition == plan.Now || e.Disposition == plan.Wait {
			continue
		}
		why := whyNot(e)
		if groups[why] == 0 {
			order = append(order, why)
		}
		groups[why]++
	}
	slices.SortStableFunc(order, func(a, b string) int { return groups[b] - groups[a] })
	for _, why := range order {
		c.Not = append(c.Not, number(groups[why])+" "+why)
	}
	return c
}

func (k Known) erasure(row mirror.Row) Erasure {
	e := Erasure{Session: row.ID}
	if job, ok := k.job(row.ID); ok {
		e.Job, e.Reason = job.ID, job.Reason
		if accepted := k.Items[row.ID].Accepted; !accepted.IsZero() {
			e.Due = accepted.Add(plan.EraseTime)
		}
	}
	return e
}

// Underway tells whether all sessions of the person are erased, or will be by jobs: their
// erasure is then what matters.
func (k Known) Underway() bool {
	erased, named, asked := 0, 0, 0
	for _, row := range k.Rows {
		if row.Erased() {
			erased++
			continue
		}
		named++
		switch k.Items[row.ID].State {
		case plan.Pending, plan.Sending, plan.Waiting, plan.Unknown:
			asked++
		}
	}
	return erased > 0 && (named == 0 || asked > 0)
}

// Accepted is how many sessions Stripe has accepted for erasure, and how many of
// them it reports as erased.
func (k Known) Accepted() (accepted, erased int) {
	for _, row := range k.Rows {
		if row.Erased() {
			accepted++
		}
		if row.State == client.StateRedacted {
			erased++
		}
	}
	return accepted, erased
}

// Last is the time of the last session that Stripe was seen to have erased, zero
// when no job here has one.
func (k Known) Last() (last time.Time) {
	for _, item := range k.Items {
		if item.State == plan.Complete && item.Changed.After(last) {
			last = item.Changed
		}
	}
	return last
}

// Due is the end of Stripe's time limit for the last session, zero when it is known
// of none.
func (k Known) Due() (due time.Time) {
	for _, row := range k.Rows {
		if row.State != client.StateRedacting {
			continue
		}
		if by := k.erasure(row).Due; by.After(due) {
			due = by
		}
	}
	return due
}
