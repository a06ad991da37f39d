package ui_test

import (
	"testing"
	"time"

	"idtop/ui"
)

// TestATimeOnTheScreenHasItsZone: a time in any zone is shown in the operator's
// zone, with its name.
func TestATimeOnTheScreenHasItsZone(t *testing.T) {
	local := time.Local
	time.Local = time.FixedZone("EST", -5*3600)
	t.Cleanup(func() { time.Local = local })
	now := time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC) // the 27th in New York
	for at, want := range map[time.Time]string{
		time.Date(2026, 11, 27, 23, 43, 0, 0, time.UTC): "18:43 EST",
		time.Date(2026, 11, 28, 5, 10, 0, 0, time.UTC):  "28 Nov 00:10 EST",
		time.Date(2025, 11, 27, 23, 43, 0, 0, time.UTC): "27 Nov 2025 18:43 EST",
	} {
		if got := ui.Clock(at, now); got != want {
			t.Errorf("%v is shown as %q, want %q", at, got, want)
		}
	}
}
