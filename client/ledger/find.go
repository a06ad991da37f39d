package ledger

import (
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"idtop/client/datadir"
)

// Query selects records: those that match all its fields.
type Query struct {
	UserID  string // compared as the hash under the book's key
	Session string
	Job     string
	Plan    string
	Verb    Verb
	Since   time.Time // local time of the record, from this on
	Until   time.Time // and before this
}

// match returns the filter of a query.
func (q Query) match(key []byte) func(Record) bool {
	who := person(key, q.UserID)
	cut := Record{Session: q.Session, Job: q.Job, Plan: q.Plan, Verb: q.Verb}
	cut.fields(cutter{}) // in their written form
	return func(r Record) bool {
		return (who == "" || r.Person == who) &&
			(cut.Session == "" || r.Session == cut.Session) &&
			(cut.Job == "" || r.Job == cut.Job) &&
			(cut.Plan == "" || r.Plan == cut.Plan) &&
			(cut.Verb == "" || r.Verb == cut.Verb) &&
			(q.Since.IsZero() || !r.Time.Before(q.Since)) &&
			(q.Until.IsZero() || r.Time.Before(q.Until))
	}
}

// match is Query.match with the key of the book. A person can't be found without it.
func (b *Book) match(q Query) (func(Record) bool, error) {
	if q.UserID != "" && b.keyErr != nil {
		return nil, b.keyErr
	}
	return q.match(b.key.secret), nil
}

// Find goes through the records of the book in a folder that match, oldest first,
// and checks the chain as it goes: the last pair has the error when something is
// wrong. It writes nothing, so that it works where Open refuses to.
func Find(dir string, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		b, err := OpenRead(dir)
		if err != nil {
			yield(Record{}, err)
			return
		}
		defer b.Close()
		b.Find(q)(yield)
	}
}

// FindAll is Find in all books of a data folder and in the ledger of an older idtop.
// The records of one chain stay in their order; where the chains meet, the older
// record comes first.
func FindAll(data string, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		dirs, err := Books(data)
		if err != nil {
			yield(Record{}, err)
			return
		}
		chains := []iter.Seq2[Record, error]{findBefore(data, q)}
		if !isThere(filepath.Join(data, sealedFile)) && !isThere(filepath.Join(data, olderFile)) {
			chains = nil
		}
		for _, dir := range dirs {
			chains = append(chains, Find(dir, q))
		}
		if len(chains) == 0 {
			yield(Record{}, &Error{Cause: CauseGone, Path: filepath.Join(data, booksDir), Err: errors.New("there is none")})
			return
		}
		byTime(chains, yield)
	}
}

// byTime makes one sequence of several, in the order of the times of the records.
func byTime(chains []iter.Seq2[Record, error], yield func(Record, error) bool) {
	type source struct {
		next func() (Record, error, bool)
		r    Record
		err  error
	}
	var open []*source
	for _, chain := range chains {
		next, stop := iter.Pull2(chain)
		defer stop()
		s := &source{next: next}
		var ok bool
		if s.r, s.err, ok = next(); ok {
			open = append(open, s)
		}
	}
	for len(open) > 0 {
		first := 0
		for i, s := range open {
			if s.r.Time.Before(open[first].r.Time) {
				first = i
			}
		}
		s := open[first]
		if !yield(s.r, s.err) || s.err != nil {
			return
		}
		var ok bool
		if s.r, s.err, ok = s.next(); !ok {
			open = slices.Delete(open, first, first+1)
		}
	}
}

// findBefore is Find in the ledger of an older idtop.
func findBefore(data string, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		f, err := openBefore(data)
		var key installKey
		if err == nil {
			defer f.Close()
			if q.UserID != "" {
				key, err = readKey(filepath.Join(data, olderKey))
			}
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		match := q.match(key.secret)
		for r, err := range Records(f) {
			if (err != nil || match(r)) && !yield(r, err) {
				return
			}
		}
	}
}

// Find is the function Find on an open book.
func (b *Book) Find(q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if b == nil {
			yield(Record{}, &Error{Cause: CauseClosed})
			return
		}
		match, err := b.match(q)
		if err != nil {
			yield(Record{}, err)
			return
		}
		w := newWalker(b.Export(), Head{}, 0)
		w.anyStart = true
		for {
			r, err := w.next()
			if err == io.EOF {
				return
			}
			var fault *Fault
			if errors.As(err, &fault) && fault.Flaw == FlawRead && CauseOf(fault.Err) == CauseClosed {
				err = fault.Err
			}
			if (err != nil || match(r)) && (!yield(r, err) || err != nil) {
				return
			}
		}
	}
}

// ofJob returns the records of a job, by an index.
func (b *Book) ofJob(q Query) (all []Record, err error) {
	match, err := b.match(q)
	if err != nil {
		return nil, err
	}
	err = b.Read(func(tx *Tx) error {
		for from := uint64(0); ; {
			page, err := tx.lines(ofJob, q.Job, from)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, r := range page {
				if from = r.Seq; match(r) {
					all = append(all, r)
				}
			}
		}
	})
	return all, err
}

// Export returns the book's records as JSON lines, which Verify checks without the
// database.
func (b *Book) Export() io.Reader { return &exporter{book: b} }

// exporter reads the records in pages, so that it holds no connection between them.
type exporter struct {
	book *Book
	from uint64
	rest []byte
	end  bool
}

func (e *exporter) Read(p []byte) (int, error) {
	for len(e.rest) == 0 {
		if e.end {
			return 0, io.EOF
		}
		if err := e.book.Read(e.page); err != nil {
			return 0, err
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func (e *exporter) page(tx *Tx) error {
	rows, err := tx.Query("SELECT seq, line FROM records WHERE seq > $1 ORDER BY seq LIMIT 500", e.from)
	if err != nil {
		return err
	}
	defer rows.Close()
	e.rest, e.end = nil, true
	for rows.Next() {
		var line string
		if err := rows.Scan(&e.from, &line); err != nil {
			return diskError(e.book.path, err)
		}
		e.rest, e.end = append(append(e.rest, line...), '\n'), false
	}
	if err := rows.Err(); err != nil {
		return diskError(e.book.path, err)
	}
	return nil
}

// Pending returns the matching intents without an outcome, oldest first: those
// under way in this and other processes, and those that a crash left behind. Their
// Settle records an outcome that was found later.
func (b *Book) Pending(q Query) (pending []*Entry, err error) {
	match, err := b.match(q)
	if err != nil {
		return nil, err
	}
	err = b.Read(func(tx *Tx) error {
		all, err := tx.lines(pendingIs)
		for _, r := range all {
			if match(r) {
				pending = append(pending, &Entry{book: b, intent: r, userID: q.UserID})
			}
		}
		return err
	})
	return pending, err
}

// Trace is the place of the matching records in the chain.
type Trace struct {
	First, Last Head   // of the matching records
	Head        Head   // of the book
	Records     uint64 // how many match
}

// Trace finds the place of a job's records in the chain, for Evidence.
func (b *Book) Trace(q Query) (Trace, error) {
	all, err := b.ofJob(q)
	if err != nil {
		return Trace{}, err
	}
	t := Trace{Head: b.Head(), Records: uint64(len(all))}
	if len(all) > 0 {
		t.First, t.Last = all[0].Head(), all[len(all)-1].Head()
	}
	return t, b.Read(func(tx *Tx) (err error) {
		t.Head, _, err = tx.headBy(seeHead)
		return err
	})
}

// OfJob returns the records of a job and its plan, oldest first.
func (b *Book) OfJob(job, plan string) ([]Record, error) {
	return b.ofJob(Query{Job: job, Plan: plan})
}

// OfPerson returns the records about a user_id that come after a number, oldest first.
// It does not check the chain.
func (b *Book) OfPerson(userID string, after uint64) ([]Record, error) {
	if b == nil || userID == "" {
		return nil, nil
	}
	if b.keyErr != nil {
		return nil, b.keyErr
	}
	return b.about(aboutPerson, Record{Person: b.Person(userID)}, after)
}

// OfSession returns the records about a session, oldest first. It does not check the
// chain.
func (b *Book) OfSession(session string) ([]Record, error) {
	return b.about(aboutSession, Record{Session: session}, 0)
}

// about returns the records that are about the same as r and come after a number.
func (b *Book) about(member int, r Record, after uint64) (all []Record, err error) {
	r.fields(cutter{}) // in their written form
	err = b.Read(func(tx *Tx) error {
		all, err = b.places.find(tx, member, r, after)
		return err
	})
	return all, err
}

// VerifyDir verifies the book of a folder against the mark beside it, and against a
// head that was kept elsewhere, or the zero Head. The error is nil, a *Fault that
// names the first bad line, or an *Error.
func VerifyDir(dir string, head Head) (Report, error) {
	b, err := OpenRead(dir)
	if err != nil {
		return Report{}, err
	}
	return b.verifyMarked(head)
}

// VerifyStill is VerifyDir without a change to any file, also not for a moment. It fails
// with datadir.ErrUnread where that can't be.
func VerifyStill(dir string, head Head) (report Report, err error) {
	err = datadir.Still(filepath.Join(dir, bookFile), func(source string) error {
		b, err := openRead(dir, source)
		if err == nil {
			report, err = b.verifyMarked(head)
		}
		return err
	})
	return report, err
}

// verifyMarked verifies a book that was opened for reading, and closes it.
func (b *Book) verifyMarked(head Head) (Report, error) {
	defer b.Close()
	if mark, err := os.Open(filepath.Join(b.dir, markFile)); err == nil {
		b.mark = mark
	}
	return b.Verify(head)
}

// Verify is VerifyDir on an open book.
func (b *Book) Verify(head Head) (Report, error) {
	for _, known := range []Head{{}, head} {
		report, err := VerifyFile(b.Export(), known)
		if err != nil {
			return report, err
		}
		if known == head {
			return report, b.Read(func(tx *Tx) error { return errors.Join(tx.check(), tx.checkStart()) })
		}
	}
	return Report{}, nil
}

// checkStart refuses a chain that begins after record 1, unless a record says that
// the earlier ones were pruned.
func (t *Tx) checkStart() error {
	first, err := t.lines("SELECT line FROM records ORDER BY seq LIMIT 1")
	if err != nil || len(first) == 0 || first[0].Seq == 1 {
		return err
	}
	all, err := t.lines(allPrunes)
	if err != nil {
		return err
	}
	for _, r := range all {
		if head, ok := prunedHead(r); ok && head == first[0].Head() {
			return nil
		}
	}
	return t.damaged("it begins with record %d, and no record says that those before it were pruned", first[0].Seq)
}

const allPrunes = "SELECT line FROM records WHERE kind = 'note' AND line LIKE '%\"verb\":\"pruned\"%' ORDER BY seq DESC"

// prunedHead is the head of the pruned records that a record names.
func prunedHead(r Record) (Head, bool) {
	if r.Verb != pruned {
		return Head{}, false
	}
	word, _, _ := strings.Cut(r.Detail, " ")
	head, err := ParseHead(word)
	return head, err == nil
}
