package act

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// The numbers of an older journal. They stay as they are, whatever a book has.
const (
	olderOpenJob     = 1
	olderSendingItem = 2
	olderUnknownItem = 6
	olderWaitingItem = 8
)

// OpenBeforeError says that nothing is changed because an older idtop left jobs,
// which only that idtop can carry out or give up.
type OpenBeforeError struct{ Jobs []string }

func (e *OpenBeforeError) Error() string {
	return "an older idtop has left jobs that are not at their end: " + strings.Join(e.Jobs, ", ")
}

// Hint names the operator's next step.
func (e *OpenBeforeError) Hint() string {
	return "close them with the idtop that began them, by `idtop jobs`, then start this one again"
}

// OpenBefore fails with an *OpenBeforeError when a job of an older idtop is not at its
// end. Those jobs were kept in a journal for each account and mode. A redaction that
// Stripe has accepted is at its end there: the mirror follows it now.
func OpenBefore(data string) error {
	files, err := filepath.Glob(filepath.Join(data, "jobs", "*", "jobs.db"))
	if err != nil {
		return err
	}
	var open []string
	for _, file := range files {
		jobs, err := openJobs(file)
		if err != nil {
			return fmt.Errorf("the jobs of an older idtop in %s can't be read: %w", file, err)
		}
		for _, id := range jobs {
			open = append(open, fmt.Sprintf("%s of %s", jobWords(id), filepath.Base(filepath.Dir(file))))
		}
	}
	if len(open) > 0 {
		return &OpenBeforeError{open}
	}
	return nil
}

// openJobs are the jobs in an older journal that would still send requests, or that
// have unknown outcomes.
func openJobs(file string) (open []int64, err error) {
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		return nil, err
	}
	source := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath(), RawQuery: "mode=rw&_pragma=query_only(1)&_pragma=busy_timeout(5000)"}).String()
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_master WHERE name = 'jobs'").Scan(&tables); err != nil || tables == 0 {
		return nil, err
	}
	rows, err := db.Query("SELECT id FROM jobs WHERE state = $1 OR id IN (SELECT job FROM items WHERE state IN ($2, $3, $4)) ORDER BY id",
		olderOpenJob, olderSendingItem, olderUnknownItem, olderWaitingItem)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		open = append(open, id)
	}
	return open, rows.Err()
}
