package storetest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/client/query/querytest"
)

// naive is a store written in the slow and obvious way. Every other store has to
// agree with it.
type naive struct {
	rows    map[string]*naiveRow
	reports map[string][]client.ReportFacts // of each session, in the order in which they came
	history map[string]mirror.History       // what is written down of each session
	told    map[string][]mirror.Change      // the failures of each session that left no report
}

type naiveRow struct {
	mirror.Row
	sent time.Time
}

func newNaive() *naive {
	return &naive{rows: map[string]*naiveRow{}, history: map[string]mirror.History{}, reports: map[string][]client.ReportFacts{}, told: map[string][]mirror.Change{}}
}

func project(s client.Session) mirror.Row {
	row := mirror.Row{
		ID: s.ID, Created: s.Created, ReportID: string(s.LastReport), UserID: s.UserID(), Reference: s.ClientReferenceID,
		Customer: string(s.RelatedCustomer), State: s.State(),
	}
	row.Type, row.Flow, row.Status, row.Redaction, row.ErrorCode = s.Type, s.VerificationFlow, s.Status, s.RedactionStatus(), s.ErrorCode()
	row.Livemode, row.Unreadable = s.Livemode, s.Unreadable
	if s.Options != nil && s.Options.Document != nil {
		o := s.Options.Document
		row.Selfie, row.LiveShot, row.IDNumber = o.RequireMatchingSelfie, o.RequireLiveCapture, o.RequireIDNumber
	}
	if row.Redaction == client.RedactionProcessing || row.Redaction == client.RedactionRedacted {
		row.UserID, row.Reference, row.Customer = "", "", ""
	}
	return row
}

// rank is how far a session is on the way to its redaction or cancellation, which
// has no way back.
func rank(row mirror.Row) int {
	switch row.State {
	case client.StateCanceled:
		return 1
	case client.StateRedacting:
		return 2
	case client.StateRedacted:
		return 3
	}
	return 0
}

func (n *naive) apply(sighting mirror.Sighting) {
	row, seen := project(sighting.Session), sighting.Origin
	if row.ID == "" {
		return
	}
	noticed := seen.Sent
	if noticed.IsZero() {
		noticed = seen.At
	}
	row.AsOf = seen.At
	known := n.rows[row.ID]
	if known == nil {
		switch {
		case row.State == client.StateWaiting:
			row.Since = row.Created.Time()
		case !seen.News && (row.State == client.StateFailed || row.State == client.StateVerified || row.State == client.StateCanceled):
			row.Since, row.Rough = row.Created.Time(), true
		default:
			row.Since, row.Rough = seen.At, true
		}
		if seen.News {
			row.Changed = noticed
		}
		history := n.history[row.ID]
		if last := len(history) - 1; last >= 0 && row.Rough && history[last].State == row.State &&
			(row.State != client.StateFailed || history[last].Code == row.ErrorCode) && agree(history[last].Report, row) {
			row.Since, row.Rough = history[last].At.Time(), history[last].Rough
		}
		n.rows[row.ID] = &naiveRow{row, seen.Sent}
		n.keep(row, history.See(mirror.Row{}, row, seen))
		n.date(row.ID)
		return
	}
	older := seen.At.Before(known.AsOf) || seen.At.Equal(known.AsOf) && !seen.Sent.IsZero() && seen.Sent.Before(known.sent)
	if older {
		return
	}
	if row.Unreadable != "" {
		if known.Unreadable != row.Unreadable {
			known.Unreadable, known.sent = row.Unreadable, seen.Sent
		}
		return
	}
	if rank(row) < rank(known.Row) {
		return
	}
	row.Since, row.Rough, row.Changed = known.Since, known.Rough, known.Changed
	was := known.Row
	was.AsOf = row.AsOf
	if was != row {
		again := row.State == client.StateFailed && (row.ErrorCode != known.ErrorCode || row.ReportID != known.ReportID)
		if row.State != known.State || again {
			row.Since, row.Rough = seen.At, true
		}
		if seen.News {
			row.Changed = noticed
		}
	}
	n.keep(row, n.history[row.ID].See(known.Row, row, seen))
	known.Row, known.sent = row, seen.Sent
	n.date(row.ID)
}

// date dates a failure that no event dated by its report.
func (n *naive) date(id string) {
	row := n.rows[id]
	for _, report := range n.reports[id] {
		if row == nil || report.ID != row.ReportID || row.State != client.StateFailed || !row.Rough || report.Created < row.Created {
			continue
		}
		for _, check := range report.Checks {
			if check.Status != "verified" && check.Code == row.ErrorCode {
				row.Since, row.Rough = report.Created.Time(), false
			}
		}
		if !row.Rough {
			n.keep(row.Row, n.history[id].Dated(row.Row))
		}
	}
}

// reportsOf are the reports of a session that is known, oldest first.
func (n *naive) reportsOf(id string) []client.ReportFacts {
	row := n.rows[id]
	if row == nil {
		return nil
	}
	reports := slices.Clone(n.reports[id])
	for i := range reports {
		if row.Erased() {
			reports[i].DocType, reports[i].Country = "", ""
		}
	}
	slices.SortStableFunc(reports, func(a, b client.ReportFacts) int { return cmp.Compare(a.Created, b.Created) })
	return reports
}

// sum is what a row says of its reports.
func (n *naive) sum(row mirror.Row) (sum mirror.ReportSum) {
	for _, report := range n.reportsOf(row.ID) {
		sum = mirror.ReportSum{Attempts: sum.Attempts + 1, Doc: report.DocType, Country: report.Country}
		for _, check := range report.Checks {
			if check.Status != "verified" {
				sum.Checks |= mirror.ChecksOf(check.Kind)
			}
		}
	}
	return sum
}

// agree tells whether a report may be that of a row's verdict.
func agree(report string, row mirror.Row) bool {
	verdict := row.State == client.StateFailed || row.State == client.StateVerified
	return !verdict || report == "" || row.ReportID == "" || report == row.ReportID
}

// keep writes the history of a row down.
func (n *naive) keep(row mirror.Row, history mirror.History) {
	if row.Erased() {
		history = history.Erase()
	}
	n.history[row.ID] = history
}

// stays counts, second by second, the sessions whose history says that they left
// processing then, and when they had come to it.
func (n *naive) stays(from, until client.Unix) mirror.Lengths {
	lengths := mirror.Lengths{}
	for _, history := range n.history {
		since, exact := client.Unix(0), false
		for _, c := range history {
			if exact && c.State != client.StateProcessing && !c.Rough && c.At >= from && c.At < until {
				lengths[c.At-since]++
			}
			since, exact = c.At, c.State == client.StateProcessing && !c.Rough
		}
	}
	return lengths
}

// historyOf is what there is to tell of a session.
func (n *naive) historyOf(id string) mirror.History {
	if row := n.rows[id]; row != nil {
		return n.history[id].Of(row.Row)
	}
	return n.history[id]
}

func (n *naive) commit(batch mirror.Batch) {
	for _, s := range batch.Sightings {
		n.apply(s)
	}
	for _, began := range batch.Began {
		if row := n.rows[began.ID]; row != nil && row.State == began.State {
			if row.Rough || !row.Since.Equal(began.At.Time()) {
				row.Since, row.Rough = began.At.Time(), false
				n.keep(row.Row, n.history[row.ID].Dated(row.Row))
			}
		}
	}
	for _, c := range batch.Told {
		if row := n.rows[c.ID]; row != nil {
			n.tell(c)
			n.keep(row.Row, n.history[c.ID].Tell(row.Row, c))
		}
	}
	for _, report := range batch.Reports {
		known := slices.ContainsFunc(n.reports[report.Session], func(r client.ReportFacts) bool { return r.ID == report.ID })
		if report.ID != "" && report.Session != "" && !known {
			n.reports[report.Session] = append(n.reports[report.Session], report)
			n.date(report.Session)
		}
	}
	for _, id := range batch.Gone {
		if n.rows[id] != nil {
			delete(n.reports, id)
			delete(n.told, id)
		}
		delete(n.rows, id)
	}
}

// newest returns all rows, newest first, with their tries.
func (n *naive) newest() []mirror.Row {
	tries := map[string]int{}
	for _, row := range n.rows {
		tries[row.UserID]++
	}
	tries[""] = 0
	var rows []mirror.Row
	for _, row := range n.rows {
		whole := row.Row
		whole.Tries, whole.ReportSum = tries[row.UserID], n.sum(row.Row)
		rows = append(rows, whole)
	}
	slices.SortFunc(rows, newestFirst)
	return rows
}

func newestFirst(a, b mirror.Row) int {
	return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(b.ID, a.ID))
}

// find answers a request, without the marks of the hits.
func (n *naive) find(r mirror.Request) mirror.Page {
	rows := n.newest()
	page := mirror.Page{At: -1}
	page.Counts.All = len(rows)
	for _, row := range rows {
		page.Counts.State[row.State]++
		if row.Unreadable != "" {
			page.Counts.Unreadable++
		}
	}
	rows, page.Elsewhere = n.search(rows, r)
	rows = slices.DeleteFunc(rows, func(row mirror.Row) bool { return !limits(r, page, row) })
	for _, row := range n.newest() {
		if !alike(r.UserID, row.UserID) {
			continue
		}
		i := slices.IndexFunc(page.Alike, func(a mirror.Alike) bool { return a.UserID == row.UserID })
		if i < 0 {
			i = len(page.Alike)
			page.Alike = append(page.Alike, mirror.Alike{UserID: row.UserID})
		}
		page.Alike[i].Sessions++
	}
	slices.SortFunc(page.Alike, func(a, b mirror.Alike) int { return cmp.Compare(a.UserID, b.UserID) })
	page.Values = valuesOf(r, rows)
	if r.Order == (mirror.Order{}) {
		for _, row := range rows {
			if apart(r, page, row) {
				page.Apart++
			}
		}
	}
	page.Unknown = n.unknown(r, page)
	order(rows, r.Order)
	below := n.byReason(r, page, rows)
	page.ByReason, rows = len(below), append(rows, below...)
	if page.Total = len(rows); page.Total == 0 {
		return page
	}
	index := func(id string) int { return slices.IndexFunc(rows, func(row mirror.Row) bool { return row.ID == id }) }
	for _, id := range r.Marked {
		if index(id) >= 0 {
			page.Marked++
		}
	}
	page.At = max(0, min(r.At, len(rows)-1))
	for _, id := range slices.Backward(r.Near) {
		if at := index(id); at >= 0 {
			page.At = at
		}
	}
	page.First = max(0, min(page.At-r.Rows/2, page.Total-r.Rows))
	for _, row := range rows[page.First:min(page.Total, page.First+max(1, r.Rows))] {
		page.Rows = append(page.Rows, mirror.Hit{Row: row, Marks: r.Query.Marks(row.UserID, row.ID, row.Reference, page.Elsewhere),
			Apart: !asTyped(r, page, row)})
	}
	return page
}

// alike tells whether a user_id looks like another one.
func alike(than, userID string) bool {
	look := querytest.Look(userID)
	return than != userID && look != "" && look == querytest.Look(than)
}

// asTyped tells whether a row contains, side by side, the words that were looked up
// in user_ids.
func asTyped(r mirror.Request, page mirror.Page, row mirror.Row) bool {
	for _, word := range r.Query.Words() {
		if !slices.Contains(page.Elsewhere, word) && !querytest.AsTyped(word, row.UserID) {
			return false
		}
	}
	return true
}

// apart tells whether a row has the letters of a word apart, other accents aside.
func apart(r mirror.Request, page mirror.Page, row mirror.Row) bool {
	return slices.ContainsFunc(r.Query.Words(), func(word string) bool {
		standing, _, _ := querytest.Rate(word, row.UserID)
		return !slices.Contains(page.Elsewhere, word) && standing < querytest.Together
	})
}

// search returns the rows that meet a query, best first.
func (n *naive) search(rows []mirror.Row, r mirror.Request) (found []mirror.Row, elsewhere []string) {
	scores, standing := map[string]int{}, map[string]int{}
	for _, row := range rows {
		standing[row.ID] = querytest.Whole + querytest.Own
	}
	for _, word := range r.Query.Words() {
		for _, row := range rows {
			if stands, score, ok := querytest.Rate(word, row.UserID); ok {
				scores[row.ID] += score
				standing[row.ID] = min(standing[row.ID], stands)
			}
		}
		if !slices.ContainsFunc(rows, func(row mirror.Row) bool { return inUserID(word, row) }) {
			elsewhere = append(elsewhere, word)
		}
	}
	for _, row := range rows {
		if len(r.Query.Problems()) == 0 && (r.Query.Empty() || querytest.Meets(r.Query.String(), sessionOf(row), r.Now, func(word string) bool { return has(rows, word, row) }) == querytest.Yes) {
			found = append(found, row)
		}
	}
	slices.SortStableFunc(found, func(a, b mirror.Row) int {
		return cmp.Or(cmp.Compare(standing[b.ID], standing[a.ID]), cmp.Compare(scores[b.ID], scores[a.ID]))
	})
	return found, elsewhere
}

func inUserID(word string, row mirror.Row) bool {
	_, _, ok := querytest.Rate(word, row.UserID)
	return ok
}

// has tells whether a word is found in a row: in its user_id or, if no row has it there,
// elsewhere.
func has(rows []mirror.Row, word string, row mirror.Row) bool {
	if slices.ContainsFunc(rows, func(row mirror.Row) bool { return inUserID(word, row) }) {
		return inUserID(word, row)
	}
	return slices.ContainsFunc([]string{row.ID, row.Reference, row.Customer}, func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(word))
	})
}

// byReason returns the rows that are found by their reason only, in order.
func (n *naive) byReason(r mirror.Request, page mirror.Page, above []mirror.Row) (below []mirror.Row) {
	if !r.Reasons || r.AsTyped || len(r.Query.Problems()) > 0 {
		return nil
	}
	rows := n.newest()
	for _, row := range rows {
		byReason := false
		met := func(word string) bool {
			in := has(rows, word, row)
			if !in && slices.Contains(r.Query.Words(), word) && querytest.InReason(word, row.ErrorCode, client.ReasonOf(row.ErrorCode).Label) {
				byReason = true
				return true
			}
			return in
		}
		words := true
		for _, word := range r.Query.Words() {
			words = met(word) && words
		}
		conditions := r.Query.Conditions()
		rest := conditions.Nothing() || querytest.Meets(conditions.String(), sessionOf(row), r.Now, func(word string) bool { return has(rows, word, row) }) == querytest.Yes
		if words && byReason && rest && limits(r, page, row) {
			below = append(below, row)
		}
	}
	if r.Order.Column == mirror.ByBest {
		r.Order.Column = mirror.ByAge
	}
	order(below, r.Order)
	return below
}

// limits tells whether a row meets all of a request but its query.
func limits(r mirror.Request, page mirror.Page, row mirror.Row) bool {
	return r.States.Has(row.State) && (r.UserID == "" || row.UserID == r.UserID || r.Alike && alike(r.UserID, row.UserID)) &&
		(!r.Unreadable || row.Unreadable != "") && (!r.AsTyped || asTyped(r, page, row)) && (r.Only == nil || slices.Contains(r.Only, row.ID))
}

// unknown counts the rows of which it is not known whether they meet the query.
func (n *naive) unknown(r mirror.Request, page mirror.Page) (unknown int) {
	rows := n.newest()
	if len(r.Query.Problems()) > 0 || r.Query.Empty() {
		return 0
	}
	for _, row := range rows {
		has := func(word string) bool { return has(rows, word, row) }
		if limits(r, page, row) && querytest.Meets(r.Query.String(), sessionOf(row), r.Now, has) == querytest.Unknown {
			unknown++
		}
	}
	return unknown
}

// valuesOf counts the values of Request.Values.
func valuesOf(r mirror.Request, rows []mirror.Row) (values []query.Value) {
	fields := map[string]func(row mirror.Row) string{
		"state":    func(row mirror.Row) string { return row.State.String() },
		"status":   func(row mirror.Row) string { return string(row.Status) },
		"reason":   func(row mirror.Row) string { return row.ErrorCode },
		"type":     func(row mirror.Row) string { return row.Type },
		"flow":     func(row mirror.Row) string { return row.Flow },
		"doc":      func(row mirror.Row) string { return row.Doc },
		"country":  func(row mirror.Row) string { return row.Country },
		"redacted": func(row mirror.Row) string { return map[bool]string{true: "yes", false: "no"}[row.Erased()] },
	}
	texts := map[string]func(row mirror.Row) string{
		"user": func(row mirror.Row) string { return row.UserID }, "ref": func(row mirror.Row) string { return row.Reference },
		"customer": func(row mirror.Row) string { return row.Customer }, "id": func(row mirror.Row) string { return row.ID },
	}
	if text := texts[r.Values]; text != nil {
		return begun(r, rows, text)
	}
	if field := fields[r.Values]; field != nil {
		counts := map[string]int{}
		for _, row := range rows {
			counts[field(row)]++
		}
		for text, sessions := range counts {
			values = append(values, query.Value{Text: text, Sessions: sessions})
		}
		slices.SortFunc(values, func(a, b query.Value) int { return cmp.Or(b.Sessions-a.Sessions, cmp.Compare(a.Text, b.Text)) })
		return values
	}
	for _, text := range query.Offered(r.Values) {
		count := 0
		for _, row := range rows {
			if querytest.Meets(r.Values+":"+text, sessionOf(row), r.Now, nil) == querytest.Yes {
				count++
			}
		}
		values = append(values, query.Value{Text: text, Sessions: count})
	}
	return values
}

// begun counts the values of a text that begin with Request.Begun.
func begun(r mirror.Request, rows []mirror.Row, text func(row mirror.Row) string) (values []query.Value) {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, newestFirst)
	for _, row := range rows {
		value := text(row)
		if value == "" || !strings.HasPrefix(value, r.Begun) {
			continue
		}
		at := slices.IndexFunc(values, func(v query.Value) bool { return v.Text == value })
		if at < 0 {
			at, values = len(values), append(values, query.Value{Text: value})
		}
		values[at].Sessions++
	}
	slices.SortStableFunc(values, func(a, b query.Value) int {
		if a.Text == r.Begun || b.Text == r.Begun {
			return strings.Compare(a.Text, b.Text) // the shorter one
		}
		return b.Sessions - a.Sessions
	})
	return values[:min(len(values), query.MostCandidates)]
}

// sessionOf is a row as queries ask for it.
func sessionOf(row mirror.Row) querytest.Session {
	return querytest.Session{
		State: row.State.String(), Status: string(row.Status), Reason: row.ErrorCode, Label: client.ReasonOf(row.ErrorCode).Label, Type: row.Type,
		User: row.UserID, Ref: row.Reference, ID: row.ID, Customer: row.Customer, Created: row.Created.Time(), Since: row.Since, Tries: row.Tries,
		Flow: row.Flow, Doc: row.Doc, Country: row.Country, Checks: row.Checks.Kinds(), Attempts: row.Attempts,
		Unreported: row.Attempts == 0 && row.State != client.StateWaiting && !client.BeforeAnyCheck(row.ErrorCode),
	}
}

// order sorts rows that come best first.
func order(rows []mirror.Row, by mirror.Order) {
	direction := 1
	if by.Reverse {
		direction = -1
	}
	// a missing value is last in both directions
	values := func(a, b string) int {
		if (a == "") != (b == "") {
			return cmp.Compare(len(b), len(a))
		}
		return direction * cmp.Compare(a, b)
	}
	var compare func(a, b mirror.Row) int
	switch by.Column {
	case mirror.ByAge:
		compare = func(a, b mirror.Row) int { return direction * newestFirst(a, b) }
	case mirror.ByState:
		compare = func(a, b mirror.Row) int { return direction * cmp.Compare(a.State, b.State) }
	case mirror.ByUser:
		compare = func(a, b mirror.Row) int { return values(a.UserID, b.UserID) }
	case mirror.ByReason:
		compare = func(a, b mirror.Row) int { return values(a.ErrorCode, b.ErrorCode) }
	case mirror.ByTries:
		compare = func(a, b mirror.Row) int { return direction * cmp.Compare(b.Tries, a.Tries) }
	case mirror.ByDoc:
		compare = func(a, b mirror.Row) int { return values(a.Doc, b.Doc) }
	case mirror.ByCountry:
		compare = func(a, b mirror.Row) int { return values(a.Country, b.Country) }
	case mirror.ByAttempts:
		compare = func(a, b mirror.Row) int { return direction * cmp.Compare(b.Attempts, a.Attempts) }
	case mirror.BySince:
		compare = func(a, b mirror.Row) int { return direction * b.Since.Compare(a.Since) }
	default:
		if by.Reverse {
			slices.Reverse(rows)
		}
		return
	}
	slices.SortFunc(rows, func(a, b mirror.Row) int { return cmp.Or(compare(a, b), newestFirst(a, b)) })
}
