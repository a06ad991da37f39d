//go:build !windows && !plan9

package ledger

import (
	"fmt"
	"log/syslog"
)

// SyslogSink returns an OnHead that sends each head to the system's log, as
// idtop and with the priority auth.notice.
func SyslogSink() func(Head) error {
	return func(head Head) error {
		w, err := syslog.New(syslog.LOG_AUTH|syslog.LOG_NOTICE, "idtop")
		if err == nil {
			defer w.Close()
			err = w.Notice("head of the ledger " + head.String())
		}
		if err != nil {
			return fmt.Errorf("the head of the ledger could not be sent to the system's log: %w", err)
		}
		return nil
	}
}
