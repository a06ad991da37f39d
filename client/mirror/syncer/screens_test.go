package syncer_test

import (
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/mirror/syncer"
)

// TestScreensPauseForThemselves: one operator who pauses or looks away takes nothing
// from another; when all pause, or those who did not have left, nothing is read.
func TestScreensPauseForThemselves(t *testing.T) {
	withAccount(t, emulator.Config{}, syncer.Config{}, func(t *testing.T, a *account) {
		ann, bob := make(chan struct{}), make(chan struct{})
		sees := func(want bool, when string) {
			t.Helper()
			before := a.known()
			a.create("somebody")
			a.wait(20 * time.Second)
			if got := a.known() > before; got != want {
				t.Errorf("%s: a new session shows %v, want %v", when, got, want)
			}
			if paused := a.syncer.Status().Phase == mirror.Paused; paused == want {
				t.Errorf("%s: the status says paused %v", when, paused)
			}
		}
		a.syncer.Steer(mirror.Wish{Screen: bob})
		a.syncer.Steer(mirror.Wish{Screen: ann, Sequence: 3, Paused: true, Away: true})
		sees(true, "Ann has paused")
		a.syncer.Steer(mirror.Wish{Screen: bob, Sequence: 1, Paused: true})
		a.wait(5 * time.Second)
		sees(false, "both have paused")
		a.syncer.Steer(mirror.Wish{Screen: ann, Sequence: 2}) // older than her last one
		sees(false, "an old wish came late")
		a.syncer.Steer(mirror.Wish{Screen: ann, Sequence: 4})
		sees(true, "Ann goes on")
		close(ann)
		a.wait(10 * time.Second)
		sees(false, "Ann has left, and Bob's screen is paused")
	})
}
