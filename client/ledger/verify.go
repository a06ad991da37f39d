package ledger

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Flaw is the mistake in a line.
type Flaw uint8

// The flaws.
const (
	FlawNone       Flaw = iota
	FlawForm            // it is no record, or not in the canonical form
	FlawNewer           // a newer idtop has written it
	FlawHash            // it was changed
	FlawOrder           // another record is expected here
	FlawChain           // it does not follow from the record before
	FlawTorn            // it mentions a torn write that is not before it
	FlawUnfinished      // the file ends within the line
	FlawCut             // the file ends before the head
	FlawHead            // the record at the head's place differs
	FlawRead            // the file could not be read on
	flawCount
)

var flaws = [flawCount]string{
	FlawNone:       "nothing is wrong",
	FlawForm:       "it is not a record in the form that idtop writes: it was changed, or is not idtop's",
	FlawNewer:      "a newer version of idtop has written it: verify with that one",
	FlawHash:       "it was changed after it was written: its hash does not match",
	FlawOrder:      "its number is not the next one: a record was deleted, inserted, repeated or moved",
	FlawChain:      "it does not follow the record before: one of the two was replaced",
	FlawTorn:       "it tells of a write that was cut short just before it, and there is none",
	FlawUnfinished: "the file ends within it: a write was cut short, and the next record will say so, or the end was cut off",
	FlawCut:        "the file ends before the head that it is verified against: the end was cut off",
	FlawHead:       "its hash is not that of the head: the chain was written anew",
	FlawRead:       "the file can't be read further",
}

// String words the mistake.
func (f Flaw) String() string { return flaws[min(f, flawCount-1)] }

// Fault is the first bad line.
type Fault struct {
	Line int    // from 1; one after the last line for FlawCut
	Flaw Flaw   // its mistake
	Head Head   // the last good record before it
	Err  error  // why the file can't be read, for FlawRead
	Want uint64 // number of the expected record
}

// Error names the line and its mistake.
func (f *Fault) Error() string {
	what := fmt.Sprintf("line %d of the ledger, where record %d belongs: %s", f.Line, f.Want, f.Flaw)
	if f.Err != nil {
		what += ": " + f.Err.Error()
	}
	return what
}

// Unwrap returns why the file can't be read, or nil.
func (f *Fault) Unwrap() error { return f.Err }

// Tear is a torn write, explained by the record after it.
type Tear struct {
	Line  int    // where it begins
	Bytes uint64 // how many bytes are no record
	Seq   uint64 // of the record that explains it
}

// Report is the result of a verification, up to the first fault.
type Report struct {
	Records  uint64
	First    uint64 // the number of the first record: more than 1 after a prune
	Head     Head
	Tears    []Tear
	Pending  int // intents without an outcome: under way, or never settled after a crash
	Unpaired int // outcomes without an intent, or for an intent that already has one
}

// VerifyAgainst reads a ledger from its beginning. The error is nil or a *Fault
// that names the first bad line; the report covers all lines before it. A head that
// was kept elsewhere also shows a missing end and a rewritten chain; the ledger may
// have grown since. The zero Head means none.
func VerifyAgainst(in io.Reader, head Head) (Report, error) {
	return newWalker(in, Head{}, 0).verify(head)
}

// VerifyFile is VerifyAgainst for an export. It may begin after record 1 if the
// earlier records were pruned; then their intents may be missing.
func VerifyFile(in io.Reader, head Head) (Report, error) {
	w := newWalker(in, Head{}, 0)
	w.anyStart = true
	return w.verify(head)
}

func (w *walker) verify(head Head) (Report, error) {
	var report Report
	pending := map[uint64]struct{}{}
	for {
		r, err := w.next()
		report.Tears = w.tears
		if err == io.EOF {
			break
		}
		if err != nil {
			return report, err
		}
		if r.Seq == head.Seq && r.Hash != head.Hash {
			return report, &Fault{Line: w.line, Flaw: FlawHead, Head: report.Head, Want: r.Seq}
		}
		if report.Records++; report.Records == 1 {
			report.First = r.Seq
		}
		report.Head = r.Head()
		switch r.Kind {
		case KindIntent:
			pending[r.Seq] = struct{}{}
		case KindOutcome:
			if _, ok := pending[r.Intent]; !ok && r.Intent >= report.First {
				report.Unpaired++
			}
			delete(pending, r.Intent)
		}
		report.Pending = len(pending)
	}
	if report.Head.Seq < head.Seq {
		return report, &Fault{Line: w.line + 1, Flaw: FlawCut, Head: report.Head, Want: report.Head.Seq + 1}
	}
	return report, nil
}

// Records reads a ledger from its beginning, checking the chain as it goes; the
// last pair has a *Fault when a line is bad.
func Records(in io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		w := newWalker(in, Head{}, 0)
		for {
			r, err := w.next()
			if err == io.EOF || !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// longestTear is the largest size of torn writes in one place, in bytes. A write
// has at most a tenth of it; several may fail before one succeeds.
const longestTear = 256 << 10

// walker follows a chain.
type walker struct {
	in    *bufio.Reader
	lines parser
	head  Head  // of the last record
	line  int   // number of the last line read
	end   int64 // where the last record ends, in bytes
	begin int64 // where it begins
	tears []Tear
	held  []byte // the bytes after it that are no record, after next has failed

	anyStart bool // the chain may begin after record 1: the earlier ones were pruned
}

func newWalker(in io.Reader, head Head, offset int64) *walker {
	return &walker{in: bufio.NewReaderSize(in, longestLine), head: head, end: offset}
}

// next returns the next record; io.EOF at the end, else a *Fault.
func (w *walker) next() (Record, error) {
	r, line, flaw, err := w.read()
	if err != nil {
		return Record{}, err
	}
	if flaw == FlawNone {
		w.step(r, len(line))
		return r, nil
	}
	fault := &Fault{Line: w.line, Flaw: flaw, Head: w.head, Want: w.head.Seq + 1}
	if flaw == FlawOrder || flaw == FlawChain || flaw == FlawTorn || flaw == FlawNewer {
		return Record{}, fault // a whole record: this is no torn write
	}
	if r, ok := w.skipTear(line); ok {
		w.tears = append(w.tears, Tear{Line: fault.Line, Bytes: r.TornBytes, Seq: r.Seq})
		return r, nil
	}
	return Record{}, fault
}

// step moves on behind a record of this many bytes.
func (w *walker) step(r Record, size int) {
	w.head, w.begin = r.Head(), w.end
	w.end += int64(size)
}

// read reads and checks a line. The line is valid until the next read.
func (w *walker) read() (Record, []byte, Flaw, error) {
	line, err := w.in.ReadSlice('\n')
	if len(line) == 0 && err == io.EOF {
		return Record{}, nil, FlawNone, io.EOF
	}
	w.line++
	switch {
	case err == io.EOF:
		return Record{}, line, FlawUnfinished, nil
	case errors.Is(err, bufio.ErrBufferFull):
		return Record{}, line, FlawForm, nil
	case err != nil:
		return Record{}, nil, FlawRead, &Fault{Line: w.line, Flaw: FlawRead, Head: w.head, Want: w.head.Seq + 1, Err: err}
	}
	r, flaw := w.lines.parse(line)
	if w.anyStart && w.line == 1 && flaw == FlawNone && r.Seq > 1 {
		w.head = Head{r.Seq - 1, r.Prev}
	}
	switch {
	case flaw != FlawNone:
	case r.Seq != w.head.Seq+1:
		flaw = FlawOrder
	case r.Prev != w.head.Hash:
		flaw = FlawChain
	case r.TornBytes != 0 || r.Verb == torn:
		flaw = FlawTorn
	}
	return r, line, flaw, nil
}

// skipTear looks behind a bad line for the record that explains it. Bytes that it
// can't explain are in held.
func (w *walker) skipTear(bad []byte) (Record, bool) {
	w.held = append(w.held[:0], bad...)
	for len(w.held) <= longestTear {
		line, err := w.in.ReadSlice('\n')
		if err == nil && bytes.Contains(line, []byte(`"verb":"torn"`)) {
			r, flaw := w.lines.parse(line)
			if flaw == FlawNone && w.explains(r) {
				w.line += bytes.Count(w.held, []byte("\n"))
				w.end += int64(len(w.held))
				w.step(r, len(line))
				w.held = w.held[:0]
				return r, true
			}
		}
		w.held = append(w.held, line...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
	}
	return Record{}, false
}

// explains tells whether the record explains the held bytes as a torn write.
func (w *walker) explains(r Record) bool {
	return r.Verb == torn && r.Seq == w.head.Seq+1 && r.Prev == w.head.Hash &&
		r.TornBytes == uint64(len(w.held)) && r.TornHash == sha256.Sum256(w.held)
}
