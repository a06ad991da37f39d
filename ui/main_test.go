package ui_test

import (
	"os"
	"os/signal"
	"testing"
	"time"
)

// TestMain starts the signal machinery of the runtime before any synctest
// bubble does: its goroutine lives for ever and must belong to none. Times are
// drawn in the operator's zone, so the tests have one.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
	os.Exit(m.Run())
}
