package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"idtop/client/datadir"
)

// FileSink returns an OnHead that appends each head of a book to a file, with the
// time and the book's name. The file should be where the book's owner can't write
// alone, for example on another machine's disk. Links are not followed.
func FileSink(path, book string) func(Head) error {
	return func(head Head) error {
		f, err := datadir.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE)
		if err != nil {
			return diskError(path, err)
		}
		_, err = fmt.Fprintf(f, "%s %s %s\n", time.Now().UTC().Format(timeForm), head, book)
		if err == nil {
			err = f.Sync()
		}
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return fmt.Errorf("the head of the book could not be written to %s: %w", path, err)
		}
		return nil
	}
}

// FileHead returns the last head of a book in a file of FileSink, the zero Head when
// there is none.
func FileHead(path, book string) (Head, error) {
	f, err := datadir.OpenFile(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return Head{}, nil
	}
	if err != nil {
		return Head{}, diskError(path, err)
	}
	defer f.Close()
	var last Head
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) != 3 || words[2] != book {
			continue
		}
		if last, err = ParseHead(words[1]); err != nil {
			return Head{}, &Error{Cause: CauseDamaged, Path: path, Err: err}
		}
	}
	return last, lines.Err()
}
