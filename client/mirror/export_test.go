package mirror

import (
	"context"

	"idtop/client"
)

// Design is how a Syncer deals with events, for the tests that show that weaker
// ways lose changes.
type Design = design

// The four weaker designs, which others use.
var (
	DesignA = Design{exclusive: true, lateAnchor: true, trust: trustNewer} // begins after the back-fill, no overlap, snapshots
	DesignB = Design{exclusive: true, trust: trustNewer}                   // as A, but begins before
	DesignC = Design{trust: trustNone}                                     // no overlap, and reads every session
	DesignD = Design{overlap: 60, trust: trustNotOlder}                    // some overlap, and snapshots
	Sound   = sound
)

// WithDesign lets a Syncer that does not run yet use another design.
func WithDesign(s *Syncer, d Design) *Syncer {
	s.design = d
	return s
}

// Shown is what a row of a session shows, without when.
func Shown(s client.Session) Row { return rowOf(s) }

// FollowDue is followDue.
var FollowDue = followDue

// Overlap is how many seconds before the tail are listed again.
const Overlap = overlap

// OpenHeld opens a mirror that reads no more than its newest rows until start.
var OpenHeld = openFiles

// Early tells whether a request is answered before all rows are read.
func (s *SQLite) Early(r Request) bool {
	head := s.head.Load()
	if head == nil || r.Whole {
		return false
	}
	_, ok := head.find(r)
	return ok
}

// Pay does what erasures owe.
func (s *SQLite) Pay(ctx context.Context) { s.pay(ctx) }

// Follow looks at once for what other processes wrote.
func (s *SQLite) Follow(ctx context.Context) { s.follow(ctx) }
