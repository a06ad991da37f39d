package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"idtop/client/datadir"
)

// The files of an older idtop, which had one ledger for all accounts.
const (
	olderFile  = "ledger.jsonl"
	olderLock  = "ledger.lock"
	olderMark  = "ledger.mark"
	olderKey   = "ledger.key"
	sealedFile = "ledger-before.jsonl" // the same file, once a book has its head
)

// sealBefore makes the head of an older ledger the first record of a new book. The
// older file is verified and renamed, so that no older idtop writes to it; its
// bytes stay unchanged. The lock of the book is held.
func (b *Book) sealBefore() error {
	dir := b.options.Before
	if err := sealOlder(dir); err != nil {
		return err
	}
	report, err := VerifyBefore(dir)
	if CauseOf(err) == CauseGone {
		return nil
	}
	if err != nil {
		return err
	}
	if report.Head == (Head{}) {
		return nil
	}
	return b.commit(func(tx *Tx) error {
		return tx.append(&Record{Kind: KindNote, Verb: sealed, Detail: sealedFile + " " + report.Head.String()})
	})
}

// sealOlder renames the file of an older idtop, if it exists and verifies.
func sealOlder(dir string) error {
	d, err := datadir.Find(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return diskError(dir, err)
	}
	defer d.Close()
	f, err := d.OpenFile(olderFile, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return diskError(d.Join(olderFile), err)
	}
	defer f.Close()
	lock, err := d.Lock(olderLock)
	if err == nil {
		err = lock.Wait(lockPatience)
	}
	if err != nil {
		return diskError(d.Join(olderLock), err)
	}
	defer lock.Unlock()
	was, err := f.Stat()
	if err != nil {
		return diskError(d.Join(olderFile), err)
	}
	if d.Same(was, olderFile) != nil {
		return nil // another process has just renamed it
	}
	if _, err := verifyOlder(f, dir); err != nil {
		return &Error{Cause: CauseDamaged, Path: d.Join(olderFile), Err: err}
	}
	switch err := d.Rename(olderFile, sealedFile); {
	case errors.Is(err, fs.ErrExist):
		return &Error{Cause: CauseUnsafe, Path: d.Join(sealedFile), Err: errors.New("an older ledger was sealed under this name, and there is another one")}
	case err != nil:
		return diskError(d.Join(olderFile), err)
	}
	return nil
}

func verifyOlder(f *os.File, dir string) (Report, error) {
	var marked Head
	if mark, err := os.Open(filepath.Join(dir, olderMark)); err == nil {
		marked = readOlderMark(mark)
		mark.Close()
	}
	return VerifyAgainst(io.NewSectionReader(f, 0, 1<<62), marked)
}

// readOlderMark returns the head of an older mark, the zero Head without one.
func readOlderMark(in io.Reader) Head {
	text, _ := io.ReadAll(io.LimitReader(in, 1<<10))
	words := strings.Fields(string(text))
	if len(words) != 4 || checksum(strings.Join(words[:3], " ")+" ") != words[3]+"\n" {
		return Head{}
	}
	head, err := ParseHead(words[0] + ":" + words[1])
	if err != nil {
		return Head{}
	}
	return head
}

// openBefore opens the ledger of an older idtop, sealed or not, for reading.
func openBefore(dir string) (*os.File, error) {
	for _, name := range []string{sealedFile, olderFile} {
		f, err := os.Open(filepath.Join(dir, name))
		if !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return nil, diskError(filepath.Join(dir, name), err)
			}
			return f, nil
		}
	}
	return nil, &Error{Cause: CauseGone, Path: filepath.Join(dir, sealedFile), Err: errors.New("there is none")}
}

// VerifyBefore verifies the ledger of an older idtop in a folder, against its mark.
func VerifyBefore(dir string) (Report, error) {
	f, err := openBefore(dir)
	if err != nil {
		return Report{}, err
	}
	defer f.Close()
	return verifyOlder(f, dir)
}

// sealedHead is the head of an older ledger in a book's first record.
func sealedHead(first Record) (Head, bool) {
	name, head, _ := strings.Cut(first.Detail, " ")
	if first.Verb != sealed || name != sealedFile {
		return Head{}, false
	}
	parsed, err := ParseHead(head)
	return parsed, err == nil
}

// Chain is one verified chain of records in a data folder.
type Chain struct {
	Name   string // of the book, or of the file of an older idtop
	Report Report
}

// VerifyAll verifies all records of a data folder: the ledger of an older idtop and
// each book, and that a book has the older ledger's head if its first record says
// so. head is a head that was kept elsewhere, or the zero Head: one chain has to
// contain it. sent returns the head of a book that the book itself sent elsewhere;
// nil means none. The error is nil, a *Fault that names the first bad line, or an
// *Error.
func VerifyAll(data string, head Head, sent func(book string) (Head, error)) ([]Chain, error) {
	var chains []Chain
	var faults []error
	held := head == Head{}
	add := func(name string, verify func(Head) (Report, error)) error {
		report, err := verify(Head{})
		if err != nil {
			return err
		}
		if head != (Head{}) && !held {
			_, err := verify(head)
			if held = err == nil; !held {
				faults = append(faults, err)
			}
		}
		chains = append(chains, Chain{name, report})
		return nil
	}
	f, err := openBefore(data)
	older := Report{}
	if err == nil {
		defer f.Close()
		err = add(filepath.Base(f.Name()), func(head Head) (Report, error) {
			report, err := verifyOlder(f, data)
			if err == nil && head != (Head{}) {
				return VerifyAgainst(io.NewSectionReader(f, 0, 1<<62), head)
			}
			older = report
			return report, err
		})
	} else if CauseOf(err) == CauseGone {
		err = nil
	}
	if err != nil {
		return chains, err
	}
	dirs, err := Books(data)
	if err != nil {
		return chains, err
	}
	for _, dir := range dirs {
		if err := add(filepath.Base(dir), func(head Head) (Report, error) { return VerifyDir(dir, head) }); err != nil {
			return chains, err
		}
		if sent != nil {
			head, err := sent(filepath.Base(dir))
			if err == nil {
				_, err = VerifyDir(dir, head)
			}
			if err != nil {
				return chains, err
			}
		}
		if err := followsBefore(dir, data, older.Head); err != nil {
			return chains, err
		}
	}
	switch {
	case len(chains) == 0:
		return nil, &Error{Cause: CauseGone, Path: filepath.Join(data, booksDir), Err: errors.New("there is none")}
	case !held:
		return chains, faults[len(faults)-1]
	}
	return chains, nil
}

// followsBefore fails when the first record of a book has another head than the
// older ledger.
func followsBefore(dir, data string, older Head) error {
	for r, err := range Find(dir, Query{}) {
		if err != nil {
			return err
		}
		if head, ok := sealedHead(r); ok && head != older {
			return &Error{Cause: CauseDamaged, Path: filepath.Join(data, sealedFile),
				Err: fmt.Errorf("it ends with record %d, and the book %s has sealed record %d as its end", older.Seq, filepath.Base(dir), head.Seq)}
		}
		break
	}
	return nil
}
