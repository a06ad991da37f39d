package ledger

import (
	"database/sql"
	"errors"
	"fmt"
)

// Tx is one transaction of a Book: records, with their jobs and items.
type Tx struct {
	book     *Book
	tx       *sql.Tx
	head     Head // of the last record, including those of this transaction
	appended bool

	marked   Head // the mark before the transaction
	isMarked bool
}

// The queries of every write. The first locks the one row that orders all writes.
const (
	takeHead   = "UPDATE head SET rev = rev + 1 RETURNING seq, hash"
	moveHead   = "UPDATE head SET seq = $1, hash = $2"
	seeHead    = "SELECT seq, hash FROM head"
	lastRecord = "SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1"
	hashAt     = "SELECT hash FROM records WHERE seq = $1"
	lineAt     = "SELECT line FROM records WHERE seq = $1"
	outcomeOf  = "SELECT count(*) FROM records WHERE intent = $1 AND intent > 0" // as the index says
	addRecord  = "INSERT INTO records (seq, kind, intent, job, hash, line) VALUES ($1, $2, $3, $4, $5, $6)"
	pendingIs  = "SELECT line FROM records i WHERE kind = 'intent' AND NOT EXISTS (SELECT 1 FROM records o WHERE o.intent = i.seq AND o.intent > 0) ORDER BY seq"
	ofJob      = "SELECT line FROM records WHERE job = $1 AND job <> '' AND seq > $2 ORDER BY seq LIMIT 500"
	allLines   = "SELECT line FROM records WHERE seq > $1 ORDER BY seq LIMIT 500"
)

var hot = []string{takeHead, moveHead, lastRecord, hashAt, lineAt, outcomeOf, addRecord}

func (t *Tx) stmt(query string) *sql.Stmt {
	t.book.preparing.Lock()
	defer t.book.preparing.Unlock()
	if s := t.book.prepared[query]; s != nil {
		return t.tx.Stmt(s)
	}
	return nil
}

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	var result sql.Result
	var err error
	if s := t.stmt(query); s != nil {
		result, err = s.Exec(args...)
	} else {
		result, err = t.tx.Exec(query, args...)
	}
	if err != nil {
		return 0, diskError(t.book.path, err)
	}
	n, err := result.RowsAffected()
	return n, err
}

// QueryRow asks for one row.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	if s := t.stmt(query); s != nil {
		return s.QueryRow(args...)
	}
	return t.tx.QueryRow(query, args...)
}

// Query asks for rows.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	var rows *sql.Rows
	var err error
	if s := t.stmt(query); s != nil {
		rows, err = s.Query(args...)
	} else {
		rows, err = t.tx.Query(query, args...)
	}
	if err != nil {
		return nil, diskError(t.book.path, err)
	}
	return rows, nil
}

func (t *Tx) headBy(query string) (head Head, found bool, err error) {
	var hash string
	err = t.QueryRow(query).Scan(&head.Seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return Head{}, false, nil
	}
	if err != nil {
		return Head{}, false, diskError(t.book.path, err)
	}
	var ok bool
	if head.Hash, ok = parseHash(hash); !ok {
		return Head{}, false, t.damaged("record %d has no hash", head.Seq)
	}
	return head, true, nil
}

// begin takes the transaction's place in the order of all writes, and refuses a
// book that has lost records.
func (t *Tx) begin() error {
	head, found, err := t.headBy(takeHead)
	if err != nil {
		return err
	}
	if !found {
		return t.damaged("its head is missing")
	}
	return t.checkFrom(head)
}

// check is begin for a transaction that only reads.
func (t *Tx) check() error {
	head, found, err := t.headBy(seeHead)
	if err != nil {
		return err
	}
	if !found {
		return t.damaged("its head is missing")
	}
	return t.checkFrom(head)
}

// checkFrom compares the book's own head with its last record, with the mark, with
// the key, and with the head that was sent elsewhere.
func (t *Tx) checkFrom(head Head) error {
	b := t.book
	last, _, err := t.headBy(lastRecord)
	if err != nil {
		return err
	}
	if last != head {
		return t.damaged("its last record is %d, and %d was the last one: records were deleted or planted", last.Seq, head.Seq)
	}
	if t.isMarked {
		if err := t.has(t.marked, head, "the mark beside it"); err != nil {
			return err
		}
	}
	if head.Seq == 0 && b.key.used {
		return t.damaged("it has no record, and its key has made some")
	}
	if b.options.Sent != nil && !b.asked.Swap(true) {
		sent, err := b.options.Sent()
		if err != nil {
			return err
		}
		if err := t.has(sent, head, "the head that was sent elsewhere"); err != nil {
			return err
		}
	}
	t.head = head
	return nil
}

// has refuses a book that lacks a head known from elsewhere.
func (t *Tx) has(known, head Head, who string) error {
	switch {
	case known.Seq == 0 || known == head:
		return nil
	case known.Seq > head.Seq:
		return t.damaged("it ends with record %d, and %s tells of record %d: the end was cut off, or an older copy was put back", head.Seq, who, known.Seq)
	}
	var hash string
	err := t.QueryRow(hashAt, known.Seq).Scan(&hash)
	switch {
	case errors.Is(err, sql.ErrNoRows) && t.pruned(known.Seq):
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return t.damaged("record %d is missing, and %s knows it", known.Seq, who)
	case err != nil:
		return diskError(t.book.path, err)
	case hash != known.Hash.String():
		return t.damaged("record %d is another one than %s tells: the chain was written anew", known.Seq, who)
	}
	return nil
}

// pruned tells whether a record is older than the remaining chain.
func (t *Tx) pruned(seq uint64) bool {
	var first uint64
	err := t.QueryRow("SELECT seq FROM records ORDER BY seq LIMIT 1").Scan(&first)
	return err == nil && seq < first
}

func (t *Tx) damaged(format string, args ...any) error {
	return &Error{Cause: CauseDamaged, Path: t.book.path, Err: fmt.Errorf(format, args...)}
}

// append adds a record at the end of the chain.
func (t *Tx) append(r *Record) error {
	r.Seq, r.Prev, r.Tool = t.head.Seq+1, t.head.Hash, t.book.options.Tool
	r.Time = t.book.options.Now()
	if r.Actor == (Actor{}) {
		r.Actor = t.book.options.Actor
	}
	line := r.JSON() // bounds the text, and computes the hash of a copy
	sealed, flaw := parseLine(append(line, '\n'))
	if flaw != FlawNone {
		return &Error{Cause: CauseInvalid, Path: t.book.path, Err: errors.New(flaw.String())}
	}
	*r = sealed
	if _, err := t.Exec(addRecord, r.Seq, string(r.Kind), r.Intent, r.Job, r.Hash.String(), string(line)); err != nil {
		return err
	}
	t.head, t.appended = r.Head(), true
	return nil
}

// recordOf reads a line of the table.
func (t *Tx) recordOf(line string) (Record, error) {
	r, flaw := parseLine(append([]byte(line), '\n'))
	switch flaw {
	case FlawNone:
		return r, nil
	case FlawNewer:
		return Record{}, &Error{Cause: CauseNewer, Path: t.book.path}
	}
	return Record{}, t.damaged("record %d: %s", r.Seq, flaw)
}

// lines reads the records of a query.
func (t *Tx) lines(query string, args ...any) ([]Record, error) {
	rows, err := t.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Record
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, diskError(t.book.path, err)
		}
		r, err := t.recordOf(line)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, diskError(t.book.path, err)
	}
	return all, nil
}

// at returns the record with a number, after checking that the next record follows
// it.
func (t *Tx) at(seq uint64) (Record, error) {
	all, err := t.lines(lineAt, seq)
	if err != nil {
		return Record{}, err
	}
	if len(all) == 0 || all[0].Seq != seq {
		return Record{}, t.damaged("record %d is missing", seq)
	}
	return all[0], nil
}
