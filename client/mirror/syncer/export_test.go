package syncer

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

// FollowDue is followDue.
var FollowDue = followDue

// Overlap is how many seconds before the tail are listed again.
const Overlap = overlap
