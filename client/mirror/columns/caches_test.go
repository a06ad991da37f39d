package columns

import (
	"testing"

	"idtop/client/mirror"
)

// TestScreensKeepTheirAnswers: what one operator asks for pushes nothing out that was
// remembered for another, until that one has left.
func TestScreensKeepTheirAnswers(t *testing.T) {
	ann, bob := make(chan struct{}), make(chan struct{})
	asked := func(screen chan struct{}, reason string) mirror.Request {
		return mirror.Request{Screen: screen, Reason: reason}
	}
	var k caches
	k.keep(cached{asked: asked(ann, "of Ann")})
	for _, reason := range []string{"1", "2", "3", "4", "5"} {
		k.keep(cached{asked: asked(bob, reason)})
	}
	for reason, want := range map[string]bool{"of Ann": true, "1": false, "2": true, "5": true} {
		for _, screen := range []chan struct{}{ann, bob} { // all may use it
			if _, known := k.find(asked(screen, reason)); known != want {
				t.Errorf("%q is remembered: %v, want %v", reason, known, want)
			}
		}
	}
	close(ann)
	k.keep(cached{asked: asked(bob, "6")})
	if _, known := k.find(asked(bob, "of Ann")); known || len(k.views) != cachedViews {
		t.Errorf("%d answers are remembered of one screen", len(k.views))
	}
}
