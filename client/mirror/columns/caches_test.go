package columns

import (
	"testing"

	"idtop/client/mirror"
	"idtop/client/query"
)

// TestScreensKeepTheirAnswers: what one operator asks for pushes nothing out that was
// remembered for another, until that one has left.
func TestScreensKeepTheirAnswers(t *testing.T) {
	ann, bob := make(chan struct{}), make(chan struct{})
	asked := func(screen chan struct{}, line string) mirror.Request {
		return mirror.Request{Screen: screen, Query: query.Parse(line)}
	}
	var k caches
	k.keep(cached{asked: asked(ann, "ann")})
	for _, line := range []string{"1", "2", "3", "4", "5"} {
		k.keep(cached{asked: asked(bob, line)})
	}
	for line, want := range map[string]bool{"ann": true, "1": false, "2": true, "5": true} {
		for _, screen := range []chan struct{}{ann, bob} { // all may use it
			if _, known := k.find(asked(screen, line)); known != want {
				t.Errorf("%q is remembered: %v, want %v", line, known, want)
			}
		}
	}
	close(ann)
	k.keep(cached{asked: asked(bob, "6")})
	if _, known := k.find(asked(bob, "ann")); known || len(k.views) != cachedViews {
		t.Errorf("%d answers are remembered of one screen", len(k.views))
	}
}
