package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Pruned is the result of a Prune.
type Pruned struct {
	Records uint64 // how many were moved from the book to File
	Head    Head   // the last record of File; the remaining chain follows it
	File    string // the exported segment, which Verify checks
}

// ErrNothingToPrune says that no record is old enough.
var ErrNothingToPrune = errors.New("no record is that old")

// Prune exports the records from before a time to a file beside the book, and
// removes them except the last: the remaining chain begins with it. A record says
// so. Prune refuses while an intent in that segment has no outcome, or while open
// tells that a job in it is unfinished.
func (b *Book) Prune(before time.Time, open func(tx *Tx, job string) error) (Pruned, error) {
	var p Pruned
	var text []byte
	err := b.Read(func(tx *Tx) (err error) {
		p, text, err = tx.segment(before)
		if err != nil {
			return err
		}
		return tx.closedTo(p.Head.Seq, open)
	})
	if err != nil {
		return Pruned{}, err
	}
	name := fmt.Sprintf("records-to-%d.jsonl", p.Head.Seq)
	p.File = b.files.Join(name)
	if err := b.files.CreateWhole(name, text); err != nil && !errors.Is(err, fs.ErrExist) {
		return Pruned{}, diskError(p.File, err)
	}
	written, err := b.files.OpenFile(name, os.O_RDONLY)
	if err != nil {
		return Pruned{}, diskError(p.File, err)
	}
	defer written.Close()
	report, err := VerifyFile(written, p.Head)
	if err != nil || report.Head != p.Head {
		return Pruned{}, &Error{Cause: CauseDamaged, Path: p.File, Err: err}
	}
	return p, b.Write(func(tx *Tx) error {
		if err := tx.closedTo(p.Head.Seq, open); err != nil {
			return err
		}
		steps := append(append([]string{}, b.dialect.unguard...), fmt.Sprintf("DELETE FROM records WHERE seq < %d", p.Head.Seq))
		for _, step := range append(steps, b.dialect.reguards...) {
			if _, err := tx.Exec(step); err != nil {
				return err
			}
		}
		return tx.append(&Record{Kind: KindNote, Verb: pruned, Detail: p.Head.String() + " " + name})
	})
}

// segment returns the first records of the book that are older than a time.
func (t *Tx) segment(before time.Time) (p Pruned, text []byte, err error) {
	for from := uint64(0); ; {
		page, err := t.lines(allLines, from)
		if err != nil {
			return p, nil, err
		}
		for _, r := range page {
			if !r.Time.Before(before) {
				page = nil
				break
			}
			from, p.Head = r.Seq, r.Head()
			p.Records++
			text = append(append(text, r.JSON()...), '\n')
		}
		if len(page) == 0 {
			break
		}
	}
	if p.Records < 2 {
		return p, nil, ErrNothingToPrune
	}
	p.Records-- // the last one stays
	return p, text, nil
}

// closedTo fails when an action among the records up to a number is unfinished.
func (t *Tx) closedTo(last uint64, open func(tx *Tx, job string) error) error {
	pending, err := t.lines(pendingIs)
	if err != nil {
		return err
	}
	if len(pending) > 0 && pending[0].Seq <= last {
		return fmt.Errorf("record %d announces an action, and no record has its outcome", pending[0].Seq)
	}
	rows, err := t.Query("SELECT DISTINCT job FROM records WHERE seq <= $1 AND job <> ''", last)
	if err != nil {
		return err
	}
	defer rows.Close()
	var jobs []string
	for rows.Next() {
		var job string
		if err := rows.Scan(&job); err != nil {
			return diskError(t.book.path, err)
		}
		jobs = append(jobs, job)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return diskError(t.book.path, err)
	}
	for _, job := range jobs {
		if err := open(t, job); err != nil {
			return err
		}
	}
	return nil
}
