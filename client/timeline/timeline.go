package timeline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// View is who looks at a timeline, and when.
type View struct {
	Now   time.Time     // the server's clock
	Ahead time.Duration // how far that is ahead of this machine's clock
	Actor ledger.Actor  // whose own acts are those of "you"
	Facts mirror.Known  // what the mirror knows of reports
}

// Timeline is a session's entries, oldest first.
type Timeline struct {
	ID      string
	Row     mirror.Row // zero when the mirror has none
	Entries []Entry
	Next    string    // what is still to come
	Due     time.Time // when Stripe has to have erased it; zero: nothing is due
	Spans   []Span    // where its time went; nil when that is not known throughout
	Notes   []string  // what can't be known of it, a sentence each

	now time.Time
}

// Kind is the kind of an entry.
type Kind uint8

// The kinds.
const (
	Created   Kind = iota
	Submitted      // by the person
	Verdict        // of an attempt
	Came           // to another state
	Act            // of an operator, here
	Gap            // nothing is known of this time
)

// Entry is one thing that happened.
type Entry struct {
	Kind    Kind
	At      time.Time // the server's clock; zero when it is not known
	Rough   bool      // it had happened by then
	After   time.Duration
	Apart   bool         // After is known: the entry before has a time too
	State   client.State // which it came to; of an Act StateUnknown
	Words   string
	Code    string  // why it failed
	Attempt int     // the number of the submission, 0 for none
	Checks  []Check // of a Verdict; nil when they are not known
	Who     string  // of an Act
	Mine    bool    // the Act is that of View.Actor
	Reason  string  // why an Act was done, in the operator's words

	Source string // event, seen here, answer, session or report; "" of an Act
	Report string // the report that tells it too
	Ledger uint64 // the record that tells it
}

// What is the entry in one word.
func (e Entry) What() string {
	switch e.Kind {
	case Created:
		return "created"
	case Submitted:
		return "submitted"
	case Act:
		return e.By()
	case Gap:
		return "gap"
	}
	return e.State.String()
}

// By names who acted.
func (e Entry) By() string {
	if e.Mine {
		return "you"
	}
	return e.Who
}

// From says from where the entry is known.
func (e Entry) From() string {
	end := e.Report[max(0, len(e.Report)-4):]
	switch {
	case e.Ledger != 0:
		return "ledger " + grouped(e.Ledger)
	case e.Source == "report":
		return "report …" + end
	case e.Report != "":
		return e.Source + ", report …" + end
	}
	return e.Source
}

// Check is one check of an attempt.
type Check struct {
	Name    string // as in the API
	Status  string // verified, unverified, another word of Stripe's, or "" when it did not run
	Code    string
	Doc     string // document type and country, of the document check
	Country string
}

// Passed tells whether the check found nothing wrong.
func (c Check) Passed() bool { return c.Status == "verified" }

// Called is the check in people's words.
func (c Check) Called() string { return client.CheckName(c.Name) }

// Says is the result in people's words.
func (c Check) Says() string {
	switch {
	case c.Status == "":
		return "not checked"
	case c.Code != "":
		return strings.TrimPrefix(client.ReasonOf(c.Code).Label, c.Called()+" ")
	}
	return c.Status
}

// Papers is the document in people's words, "" when it is not known.
func (c Check) Papers() string {
	return strings.TrimSpace(strings.ReplaceAll(c.Doc, "_", " ") + " " + c.Country)
}

// Span is a time in which a session waited for the person, or Stripe was checking.
type Span struct {
	From, Until time.Time
	Checking    bool
}

// unnoticed is how long after the entry before it a change may be seen first without
// that anything else may have come between.
const unnoticed = 10 * time.Minute

// Of returns the timeline of a session.
func Of(k Known, v View) Timeline {
	t := Timeline{ID: k.ID, Row: k.Row, now: v.Now}
	if k.Row.ID != "" {
		t.Entries = append(t.Entries, created(k))
	}
	t.Entries = append(t.Entries, verdicts(k)...)
	for _, c := range k.Changes {
		if c.State != client.StateFailed && c.State != client.StateVerified && !(c.State == client.StateWaiting && c.At == k.Row.Created) {
			t.Entries = append(t.Entries, came(c, k.Row))
		}
	}
	t.Entries = append(t.Entries, acts(k.Records, v)...)
	slices.SortStableFunc(t.Entries, func(a, b Entry) int {
		return cmp.Or(a.place(k.Row).Compare(b.place(k.Row)), cmp.Compare(a.rank(), b.rank()))
	})
	t.number()
	t.gaps(k.Row)
	t.after()
	t.next()
	t.spans()
	t.notes(k, v)
	return t
}

// place is where an entry stands: one without a time comes after the creation.
func (e Entry) place(row mirror.Row) time.Time {
	if e.At.IsZero() {
		return row.Created.Time()
	}
	return e.At
}

// rank orders what happened in one second: an act before what it led to, and a
// cancellation before the erasure that it is part of.
func (e Entry) rank() int {
	switch {
	case e.Kind == Created:
		return -1
	case e.Kind == Act:
		return 0
	case e.Kind == Came:
		return 2 + int(e.State)
	}
	return 1
}

func created(k Known) Entry {
	e := Entry{Kind: Created, At: k.Row.Created.Time(), State: client.StateWaiting, Words: Asks(k.Row), Source: "session"}
	for _, c := range k.Changes {
		if c.State == client.StateWaiting && c.At == k.Row.Created && c.From == mirror.Event {
			e.Source = c.From.String()
		}
	}
	return e
}

// Asks is what a session asks for, in people's words.
func Asks(row mirror.Row) string {
	words := strings.ReplaceAll(cmp.Or(row.Type, "verification"), "_", " ")
	var with []string
	for _, option := range []struct {
		set  bool
		name string
	}{{row.Selfie, "selfie"}, {row.LiveShot, "live capture"}, {row.IDNumber, "id number"}} {
		if option.set {
			with = append(with, option.name)
		}
	}
	if len(with) > 0 {
		words += " with " + strings.Join(with, ", ")
	}
	return words
}

// came is the entry of a change that is no verdict.
func came(c mirror.Change, row mirror.Row) Entry {
	e := Entry{Kind: Came, At: c.At.Time(), Rough: c.Rough && c.From == mirror.Listed, State: c.State, Source: c.From.String()}
	switch c.State {
	case client.StateProcessing:
		e.Kind = Submitted
	case client.StateWaiting:
		e.Words = "waits for the person again"
	case client.StateCanceled:
		e.Words = "it can't be used any more"
	case client.StateRedacting:
		e.Words = "accepted by Stripe"
	case client.StateRedacted:
		e.Words = "erased by Stripe"
	default:
		e.Words = "a state that this idtop does not know"
	}
	return e.undated(c, row)
}

// undated takes the time from the entry of a change that is only known to be later than
// the creation.
func (e Entry) undated(c mirror.Change, row mirror.Row) Entry {
	if c.Rough && c.At == row.Created {
		e.At = time.Time{}
	}
	return e
}

// verdicts are the entries of verdicts: those that the history has, with their reports,
// and those of reports alone.
func verdicts(k Known) (entries []Entry) {
	of := mirror.ReportsOf(k.Changes, k.Reports)
	used := map[string]bool{}
	for i, c := range k.Changes {
		if c.State != client.StateFailed && c.State != client.StateVerified {
			continue
		}
		e := Entry{Kind: Verdict, At: c.At.Time(), Rough: c.Rough, State: c.State, Code: c.Code, Report: c.Report, Source: c.From.String()}
		e = e.undated(c, k.Row)
		if report, ok := of[i]; ok {
			used[report.ID] = true
			e.Report, e.Checks = report.ID, checks(report, k.Row)
			if c.Rough && report.Created >= k.Row.Created {
				e.At, e.Rough = report.Created.Time(), false
			}
		}
		entries = append(entries, e.worded())
	}
	for _, report := range k.Reports {
		if !used[report.ID] {
			state, code := report.Outcome()
			if state == client.StateFailed {
				code = cmp.Or(code, client.NoCode)
			}
			entries = append(entries, Entry{
				Kind: Verdict, At: report.Created.Time(), State: state, Code: code, Report: report.ID, Checks: checks(report, k.Row), Source: "report",
			}.worded())
		}
	}
	return entries
}

// worded gives a verdict its words.
func (e Entry) worded() Entry {
	e.Words = client.ReasonOf(e.Code).Label
	if e.State == client.StateVerified {
		e.Words = "all checks passed"
	}
	return e
}

// checks are those of a report, and those that the session asks for and Stripe did not
// run.
func checks(report client.ReportFacts, row mirror.Row) (all []Check) {
	ran := map[string]bool{}
	for _, c := range report.Checks {
		ran[c.Kind] = true
		check := Check{Name: c.Kind, Status: cmp.Or(c.Status, "unknown"), Code: c.Code}
		if c.Kind == "document" {
			check.Doc, check.Country = report.DocType, report.Country
		}
		all = append(all, check)
	}
	for _, asked := range []struct {
		name string
		is   bool
	}{{"document", row.Type == "document"}, {"selfie", row.Selfie}, {"id_number", row.IDNumber || row.Type == "id_number"}} {
		if asked.is && !ran[asked.name] {
			all = append(all, Check{Name: asked.name})
		}
	}
	return all
}

// number gives submissions and their verdicts the number of the attempt.
func (t *Timeline) number() {
	attempt, open := 0, false
	for i := range t.Entries {
		e := &t.Entries[i]
		switch {
		case e.Kind == Submitted:
			attempt++
			open = true
		case e.Kind == Verdict && client.BeforeAnyCheck(e.Code):
			continue
		case e.Kind == Verdict && !open:
			attempt++
		case e.Kind != Verdict:
			continue
		}
		if e.Kind == Verdict {
			open = false
		}
		e.Attempt = attempt
		if e.Kind == Submitted {
			e.Words = "attempt " + strconv.Itoa(attempt)
		}
	}
}

// gaps adds what is not known before an entry: a change that was only seen may have come
// long before, with others.
func (t *Timeline) gaps(row mirror.Row) {
	var all []Entry
	var last time.Time
	for _, e := range t.Entries {
		switch {
		case e.At.IsZero():
			all = append(all, Entry{Kind: Gap, Words: "what came between is not known: it was read back, and no event tells"})
		case e.Rough && !last.IsZero() && e.At.Sub(last) > unnoticed:
			all = append(all, Entry{Kind: Gap, Words: "nothing is known between " + between(last, e.At)})
		}
		if all = append(all, e); !e.At.IsZero() && e.Kind != Act {
			last = e.At
		}
	}
	t.Entries = all
}

// after measures how long after the entry before each came.
func (t *Timeline) after() {
	var last time.Time
	for i := range t.Entries {
		e := &t.Entries[i]
		switch {
		case e.Kind == Gap:
			continue
		case e.At.IsZero():
			last = time.Time{}
			continue
		}
		if !last.IsZero() {
			e.After, e.Apart = max(0, e.At.Sub(last)), true
		}
		last = e.At
	}
}

// last is the newest entry that is no act and no gap.
func (t *Timeline) last() (e Entry, ok bool) {
	for _, e := range slices.Backward(t.Entries) {
		if e.Kind != Act && e.Kind != Gap {
			return e, true
		}
	}
	return Entry{}, false
}

// next says whose move it is.
func (t *Timeline) next() {
	if t.Row.ID == "" {
		t.Next = "not known: the mirror has no such session any more"
		return
	}
	switch t.Row.State {
	case client.StateWaiting:
		t.Next = "the person opens the link and submits; nothing is due"
	case client.StateProcessing:
		t.Next = "Stripe's verdict, usually within a minute"
	case client.StateFailed:
		switch client.ReasonOf(t.Row.ErrorCode).Mover {
		case client.MoverUser:
			t.Next = "the person opens the link and tries again; nothing is due"
		case client.MoverOperator:
			t.Next = "you decide; nothing is due"
		default:
			t.Next = "nothing is due"
		}
	case client.StateRedacting:
		t.Next = "erased by Stripe within 4 days"
		if !t.Row.Since.IsZero() {
			t.Due = t.Row.Since.Add(plan.EraseTime)
			t.Next = "erased by " + Moment(t.Due)
			if t.now.After(t.Due) {
				t.Next = "erased: it was due " + Moment(t.Due)
			}
		}
	case client.StateVerified, client.StateCanceled, client.StateRedacted:
		t.Next = "nothing: this is its end"
	default:
		t.Next = "not known: look for a newer idtop"
	}
}

// spans are the times of waiting and checking, if all of them are known.
func (t *Timeline) spans() {
	var all []Span
	var from time.Time
	checking := false
	end := func(at time.Time) {
		if at.After(from) {
			all = append(all, Span{from, at, checking})
		}
		from = at
	}
	for _, e := range t.Entries {
		switch {
		case e.Kind == Act:
			continue
		case e.Kind == Gap || e.Rough || e.At.IsZero():
			return
		case e.Kind == Created:
			from = e.At
			continue
		case from.IsZero() || e.Kind == Verdict && e.Attempt > 0 && !checking || e.Kind == Submitted && checking:
			return // a submission or a verdict is missing
		}
		end(e.At)
		checking = e.Kind == Submitted
	}
	if s := t.Row.State; s == client.StateWaiting || s == client.StateFailed || s == client.StateProcessing {
		end(t.now)
	}
	t.Spans = all
}

// Went is how long the session waited for the person, and how long Stripe was checking.
func (t Timeline) Went() (waited, checked time.Duration) {
	for _, s := range t.Spans {
		if s.Checking {
			checked += s.Until.Sub(s.From)
		} else {
			waited += s.Until.Sub(s.From)
		}
	}
	return waited, checked
}

// eventsKept is how long Stripe keeps events.
const eventsKept = 30 * 24 * time.Hour

// notes says what can't be known.
func (t *Timeline) notes(k Known, v View) {
	without, vague := 0, false
	for _, e := range t.Entries {
		if e.Kind == Verdict && e.Checks == nil && e.Attempt > 0 {
			without++
		}
		vague = vague || e.Kind == Gap
	}
	if without > 0 {
		t.Notes = append(t.Notes, "Which checks ran is not known of "+counted(without, "attempt")+": "+whyNoFacts(v.Facts, k.Row)+".")
	}
	if vague && !k.Row.Created.Time().IsZero() && v.Now.Sub(k.Row.Created.Time()) > eventsKept {
		t.Notes = append(t.Notes, "Stripe keeps events for 30 days: of what is older there is only what was seen here.")
	}
	if k.Row.Erased() {
		t.Notes = append(t.Notes, "Whose it was the mirror can't tell any more; the ledger can, for those who have its key.")
	}
	if k.NoBook != "" {
		t.Notes = append(t.Notes, "What was done here is not known: "+k.NoBook+".")
	}
}

func whyNoFacts(facts mirror.Known, row mirror.Row) string {
	switch {
	case facts.Kept == mirror.KeptOff:
		return "report facts are off"
	case facts.Err != nil:
		return "reports can't be read"
	case facts.Filling && (facts.Back == 0 || row.Created < facts.Back):
		return "older reports are still being read"
	case facts.Kept == mirror.KeptRecent:
		return "reports are kept for 30 days"
	}
	return "no report of it is known"
}
