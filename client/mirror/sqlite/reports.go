package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/columns"
)

// Reports, and failures that left none, are in the table attempts. Its rows are only ever
// added at the end and never change their size, as those of people: the type and the
// country of a document are erased in place, see erase.go. Which session has them is in
// attempts_of, and of a session that has no row yet in waiting.

// attempt is a row of attempts.
type attempt struct {
	number  uint32
	n       uint32 // the number of the session's row, or waits
	at      client.Unix
	kind    reportKind
	doc     string
	country string
	id      string // "": there is no report
}

// waits stands for the row of a session that is not known yet.
const waits = math.MaxUint32

// reportKind is what reports say with few values.
type reportKind struct {
	Type   string              `json:"type,omitempty"`
	Flow   string              `json:"flow,omitempty"`
	Checks []client.CheckFacts `json:"checks,omitempty"`
	Code   string              `json:"code,omitempty"` // of a failure without a report
}

// reportKinds numbers them as the table report_kinds does, from 1 on.
type reportKinds struct {
	all    []reportKind
	number map[string]uint64 // by their JSON
}

func newReportKinds() reportKinds {
	return reportKinds{all: make([]reportKind, 1), number: map[string]uint64{}}
}

func (k *reportKinds) add(text string) error {
	var kind reportKind
	if err := json.Unmarshal([]byte(text), &kind); err != nil {
		return errDamaged
	}
	k.number[text] = uint64(len(k.all))
	k.all = append(k.all, kind)
	return nil
}

// cut forgets the kinds that a failed transaction added.
func (k *reportKinds) cut(n int) {
	for text, number := range k.number {
		if number >= uint64(n) {
			delete(k.number, text)
		}
	}
	k.all = k.all[:n]
}

// readReportKinds reads the kinds that are not known yet. Guarded by mu.
func (s *Store) readReportKinds() (err error) {
	each := s.eachText("SELECT text FROM report_kinds WHERE kind >= ? ORDER BY kind", func(text string) {
		if err == nil {
			err = s.reportKinds.add(text)
		}
	}, len(s.reportKinds.all))
	return cmp.Or(each, err)
}

// reportKindOf returns the number of a kind, a new one if need be.
func (t *transaction) reportKindOf(kind reportKind) (uint64, error) {
	text, err := json.Marshal(kind)
	if err != nil {
		return 0, err
	}
	k := &t.reportKinds
	if n, ok := k.number[string(text)]; ok {
		return n, nil
	}
	n := uint64(len(k.all))
	if err := t.exec("INSERT INTO report_kinds (kind, text) VALUES (?, ?)", n, string(text)); err != nil {
		return 0, err
	}
	return n, k.add(string(text))
}

// The types of documents that Stripe has, by their numbers in attempts.
var docTypes = []string{"", "driving_license", "id_card", "passport"}

const (
	reportPrefix = "vr_"
	otherDoc     = 0xff // its name follows
)

// encode is an attempt as the table has it: the row and the time in four bytes each, the
// kind, the document with its length before it, and the id. It has the same
// length for every row, and once the document is erased.
func (a attempt) encode(kind uint64) []byte {
	var document []byte
	switch i := slices.Index(docTypes, a.doc); {
	case i >= 0:
		document = append(document, byte(i))
	default:
		document = append(document, otherDoc, byte(len(a.doc)))
		document = append(document, a.doc...)
	}
	if document = append(document, a.country...); len(document) == 1 && document[0] == 0 {
		document = nil
	}
	facts := binary.BigEndian.AppendUint32(nil, a.n)
	facts = binary.BigEndian.AppendUint32(facts, uint32(a.at))
	facts = binary.AppendUvarint(facts, kind)
	facts = append(facts, byte(len(document)))
	facts = append(facts, document...)
	id, prefixed := strings.CutPrefix(a.id, reportPrefix)
	if a.id != "" && !prefixed {
		id = "\x00" + id
	}
	return append(facts, id...)
}

// decodeAttempt reads what encode wrote. Zeros are an attempt that is gone: its at is 0.
func decodeAttempt(number uint32, facts []byte, kinds *reportKinds) (a attempt, err error) {
	if len(facts) < 10 {
		return a, errDamaged
	}
	a.number, a.n, a.at = number, binary.BigEndian.Uint32(facts), client.Unix(binary.BigEndian.Uint32(facts[4:]))
	if a.at == 0 {
		return a, nil
	}
	kind, from, to := documentIn(facts)
	if kind == 0 || kind >= uint64(len(kinds.all)) || to > len(facts) {
		return a, errDamaged
	}
	a.kind = kinds.all[kind]
	document := facts[from:to]
	if len(document) > 0 {
		switch doc := document[0]; {
		case doc == otherDoc && len(document) > 1 && len(document) >= 2+int(document[1]):
			end := 2 + int(document[1])
			a.doc, document = string(document[2:end]), document[end:]
		case int(doc) < len(docTypes):
			a.doc, document = docTypes[doc], document[1:]
		default:
			return a, errDamaged
		}
		a.country = strings.TrimRight(string(document), "\x00")
	}
	if a.kind.Code != "" {
		return a, nil
	}
	id, odd := strings.CutPrefix(string(facts[to:]), "\x00")
	if a.id = id; !odd {
		a.id = reportPrefix + id
	}
	return a, nil
}

// documentIn finds the kind in the bytes of an attempt, and where the document lies.
func documentIn(facts []byte) (kind uint64, from, to int) {
	kind, size := binary.Uvarint(facts[8:])
	if size <= 0 || 8+size >= len(facts) {
		return 0, 0, 0
	}
	from = 8 + size + 1
	return kind, from, from + int(facts[from-1])
}

// report is the attempt as others know it.
func (a attempt) report(session string) client.ReportFacts {
	return client.ReportFacts{
		ID: a.id, Session: session, Created: a.at, Type: a.kind.Type, Flow: a.kind.Flow, Checks: slices.Clone(a.kind.Checks), DocType: a.doc, Country: a.country,
	}
}

// told is what the columns need of an attempt.
func (a attempt) told() columns.AttemptKind {
	if a.id == "" {
		return columns.AttemptKind{Failed: true, Code: a.kind.Code}
	}
	return columns.AttemptKindOf(a.report(""))
}

// addAttempt adds an attempt at the end, and returns its number.
func (t *transaction) addAttempt(a attempt) (uint32, error) {
	kind, err := t.reportKindOf(a.kind)
	if err != nil {
		return 0, err
	}
	number := t.attempts
	t.attempts++
	return number, t.exec("INSERT INTO attempts (a, facts) VALUES (?, ?)", number, a.encode(kind))
}

// give makes an attempt one of a row.
func (t *transaction) give(number uint32, a attempt) error {
	a.number = number
	t.shows = true
	t.steps = append(t.steps, step{n: a.n, attempt: &a})
	return t.exec("INSERT INTO attempts_of (n, a) VALUES (?, ?)", a.n, number)
}

// takeReport records a report.
func (t *transaction) takeReport(report client.ReportFacts) error {
	if report.ID == "" || report.Session == "" || report.Created <= 0 || len(report.DocType) > 64 || len(report.Country) > 64 {
		return nil
	}
	a := attempt{
		n: waits, at: report.Created, id: report.ID, doc: report.DocType, country: report.Country,
		kind: reportKind{Type: report.Type, Flow: report.Flow, Checks: report.Checks},
	}
	n, known := t.number(report.Session)
	if !known {
		return t.letWait(report.Session, a)
	}
	before, err := t.stored(n)
	if err != nil {
		return err
	}
	of, err := t.attemptsOf(n)
	if err != nil || has(of, report.ID) {
		return err
	}
	if a.n = n; before.Erased() {
		a.doc, a.country = "", ""
	}
	number, err := t.addAttempt(a)
	if err == nil {
		err = t.give(number, a)
	}
	if err != nil {
		return err
	}
	row, news := before.Row.Dated(report)
	if !news {
		return nil
	}
	if err := t.dated(n, row); err != nil {
		return err
	}
	return t.set(n, before, row, before.sent, before.person, true)
}

func has(attempts []attempt, id string) bool {
	return slices.ContainsFunc(attempts, func(a attempt) bool { return a.id == id })
}

// letWait keeps a report until its session comes.
func (t *transaction) letWait(session string, a attempt) error {
	waiting, err := t.attemptsIn(waitingFor, session)
	if err != nil || has(waiting, a.id) {
		return err
	}
	number, err := t.addAttempt(a)
	if err != nil {
		return err
	}
	t.looked, t.awaited = true, true
	return t.exec("INSERT INTO waiting (id, a) VALUES (?, ?)", session, number)
}

// takeWaiting returns the reports that waited for a new row, for give, and lets them date
// it.
func (t *transaction) takeWaiting(n uint32, row *mirror.Row) ([]attempt, error) {
	if !t.looked {
		if err := t.queryRow("SELECT EXISTS (SELECT 1 FROM waiting)").Scan(&t.awaited); err != nil {
			return nil, err
		}
		t.looked = true
	}
	if !t.awaited {
		return nil, nil
	}
	waiting, err := t.attemptsIn(waitingFor, row.ID)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	for i := range waiting {
		a := &waiting[i]
		a.n = n
		if err := t.rewrite(a.number, func(facts []byte) { binary.BigEndian.PutUint32(facts, n) }); err != nil {
			return nil, err
		}
		if row.Erased() {
			a.doc, a.country = "", ""
			if err := t.eraseDocument(a.number); err != nil {
				return nil, err
			}
		}
		*row, _ = row.Dated(a.report(row.ID))
	}
	return waiting, t.exec("DELETE FROM waiting WHERE id = ?", row.ID)
}

// takeFailure records a failure that left no report, as an event tells of it.
func (t *transaction) takeFailure(n uint32, c mirror.Change) error {
	if !c.Unreported() {
		return nil
	}
	of, err := t.attemptsOf(n)
	if err != nil || slices.ContainsFunc(of, func(a attempt) bool { return a.id == "" && a.at == c.At }) {
		return err
	}
	a := attempt{n: n, at: c.At, kind: reportKind{Code: c.Code}}
	number, err := t.addAttempt(a)
	if err != nil {
		return err
	}
	return t.give(number, a)
}

// dateByReport dates a failed row by the report that tells of its failure, if it is known.
func (t *transaction) dateByReport(n uint32, row mirror.Row) (_ mirror.Row, dated bool, err error) {
	if row.State != client.StateFailed || !row.Rough || row.ReportID == "" {
		return row, false, nil
	}
	of, err := t.attemptsOf(n)
	for _, a := range of {
		if now, news := row.Dated(a.report(row.ID)); news {
			return now, true, err
		}
	}
	return row, false, err
}

// eraseReports takes the documents from the reports of a session.
func (t *transaction) eraseReports(n uint32) error {
	of, err := t.attemptsOf(n)
	for _, a := range of {
		if err == nil && (a.doc != "" || a.country != "") {
			err = t.eraseDocument(a.number)
		}
	}
	return err
}

func (t *transaction) eraseDocument(number uint32) error {
	if err := t.owe(); err != nil {
		return err
	}
	return t.rewrite(number, func(facts []byte) {
		_, from, to := documentIn(facts)
		clear(facts[from:to])
	})
}

// dropReports erases all attempts of a row that goes.
func (t *transaction) dropReports(n uint32) error {
	of, err := t.attemptsOf(n)
	if err != nil || len(of) == 0 {
		return err
	}
	if err := t.owe(); err != nil {
		return err
	}
	for _, a := range of {
		if err := t.rewrite(a.number, func(facts []byte) { clear(facts) }); err != nil {
			return err
		}
	}
	return t.exec("DELETE FROM attempts_of WHERE n = ?", n)
}

// rewrite changes the bytes of an attempt, not their number.
func (t *transaction) rewrite(number uint32, change func(facts []byte)) error {
	var facts []byte
	if err := t.queryRow("SELECT facts FROM attempts WHERE a = ?", number).Scan(&facts); err != nil {
		return err
	}
	change(facts)
	return t.exec("UPDATE attempts SET facts = ? WHERE a = ?", facts, number)
}

// The attempts of a row by its number, and those that wait for a session by its id.
const (
	attemptsOfRow = "SELECT a, facts FROM attempts_of JOIN attempts USING (a) WHERE n = ? ORDER BY a"
	waitingFor    = "SELECT a, facts FROM waiting JOIN attempts USING (a) WHERE id = ? ORDER BY a"
)

// attemptsOf reads the attempts of a row in the order in which they came. Guarded by mu.
func (s *Store) attemptsOf(n uint32) ([]attempt, error) { return s.attemptsIn(attemptsOfRow, n) }

func (s *Store) attemptsIn(query string, args ...any) (found []attempt, err error) {
	err = s.each(query, 2, func(values []driver.Value) error {
		number, ok := values[0].(int64)
		facts, isBlob := values[1].([]byte)
		if !ok || !isBlob {
			return errDamaged
		}
		a, err := decodeAttempt(uint32(number), facts, &s.reportKinds)
		if err == nil && a.at != 0 {
			found = append(found, a)
		}
		return err
	}, args...)
	return found, err
}

// Reports implements Store.
func (s *Store) Reports(ctx context.Context, ids ...string) (found map[string][]client.ReportFacts, err error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	found = map[string][]client.ReportFacts{}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.readOnly(func() error {
		if err := s.catchUp(ctx); err != nil { // a report may be of a kind that is not loaded yet
			return err
		}
		for _, id := range ids {
			n, ok := s.columns.Number(id)
			if !ok || found[id] != nil {
				continue
			}
			of, err := s.attemptsOf(n)
			if err := cmp.Or(err, ctx.Err()); err != nil {
				return err
			}
			if reports := reportsOf(of, id); len(reports) > 0 {
				found[id] = reports
			}
		}
		return nil
	})
	return found, s.troubleOf(err)
}

// reportsOf are the reports among the attempts of a session, oldest first.
func reportsOf(attempts []attempt, session string) (reports []client.ReportFacts) {
	for _, a := range attempts {
		if a.id != "" {
			reports = append(reports, a.report(session))
		}
	}
	slices.SortStableFunc(reports, func(a, b client.ReportFacts) int { return cmp.Compare(a.Created, b.Created) })
	return reports
}

// attemptNews reads the attempts that other processes added since s.at, and those that
// waited for a session which has a row since.
func (s *Store) attemptNews() (steps []step, err error) {
	if err := s.readReportKinds(); err != nil {
		return nil, err
	}
	added, err := s.attemptsIn("SELECT a, facts FROM attempts WHERE a >= ? ORDER BY a", s.at.attempts)
	if err != nil {
		return nil, err
	}
	waited, err := s.attemptsIn("SELECT a, facts FROM attempts_of JOIN attempts USING (a) WHERE n >= ? AND a < ?", s.at.next, s.at.attempts)
	for _, a := range append(added, waited...) {
		steps = append(steps, step{n: a.n, attempt: &a})
	}
	return steps, err
}

// loadAttempts reads the attempts up to a number into columns that have the rows.
func (s *Store) loadAttempts(ctx context.Context, c *columns.Columns, attempts uint32) error {
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		conn, kinds, number := raw.(driver.QueryerContext), newReportKinds(), uint32(0)
		if err := rawRows(conn, "BEGIN", none); err != nil {
			return err
		}
		defer rawRows(conn, "ROLLBACK", none)
		err := rawRows(conn, "SELECT text FROM report_kinds ORDER BY kind", func(values []driver.Value) error {
			text, _ := values[0].(string)
			return kinds.add(text)
		})
		if err != nil {
			return err
		}
		err = rawRows(conn, "SELECT facts FROM attempts WHERE a < ? ORDER BY a", func(values []driver.Value) error {
			facts, _ := values[0].([]byte)
			a, err := decodeAttempt(number, facts, &kinds)
			if number++; err == nil && a.at != 0 {
				putAttempt(c, a)
			}
			return cmp.Or(err, ctx.Err())
		}, int64(attempts))
		if err == nil && number != attempts { // otherwise every number is there
			err = errDamaged
		}
		return err
	})
}

// putAttempt puts an attempt into the columns, unless it waits for its row.
func putAttempt(c *columns.Columns, a attempt) {
	if c.Known(a.n) {
		c.PutAttempt(a.number, a.n, a.at, a.told())
	}
}

// forgetReports erases all attempts if the configuration says so, and how far they were
// read. Guarded by mu.
func (s *Store) forgetReports(ctx context.Context) error {
	if !s.config.ForgetReports {
		return nil
	}
	var some bool
	if err := s.queryRow("SELECT EXISTS (SELECT 1 FROM attempts_of) OR EXISTS (SELECT 1 FROM waiting)").Scan(&some); err != nil || !some {
		return err
	}
	return s.transaction(ctx, func() error {
		for _, statement := range []string{
			"UPDATE attempts SET facts = zeroblob(length(facts))", "DELETE FROM attempts_of", "DELETE FROM waiting",
			"UPDATE mirror SET owed = owed + 1, progress = json_remove(progress, '$.Reports')",
			// a gap, so that the other processes read everything anew
			"INSERT INTO changes (seq, n) SELECT coalesce(max(seq), 0) + 2, 0 FROM changes", "DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes)",
		} {
			if err := s.exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
}
