package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// FileSink returns an OnHead that appends each head with the time to a file,
// which does not follow links and should lie where the ledger's owner can't
// write alone, such as another machine's disk.
func FileSink(path string) func(Head) error {
	return func(head Head) error {
		f, err := openFile(filepath.Dir(path), filepath.Base(path), os.O_WRONLY|os.O_APPEND|os.O_CREATE)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(f, "%s %s\n", time.Now().UTC().Format(timeForm), head)
		if err == nil {
			err = f.Sync()
		}
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return fmt.Errorf("the head of the ledger could not be written to %s: %w", path, err)
		}
		return nil
	}
}
