package mirror

import (
	"time"

	"idtop/client"
)

// CountRequest asks how many sessions a list has, and how many came into it since the
// operator looked at it.
type CountRequest struct {
	Request       // its order and its window do not matter
	Since   *Look // nil: the operator looks at it now
}

// Owned are the sessions that this program brought to a state, with those states.
type Owned map[string]States

// Look records which sessions a list had when the operator looked at it. Only the store that
// made a Look can read it.
type Look struct {
	Now   time.Time   // Request.Now
	At    client.Unix // the newest change of state that was known
	Known uint32      // the number of the first session that was not known yet
	Rows  []uint64    // the numbers of the sessions, as a bit set
}

// Count is the answer to a CountRequest.
type Count struct {
	Sessions int
	// New is how many of them came into the list since the look. A session is new when it
	// came or changed while this program ran, or when time let it in, as in stuck:yes. In a
	// list of one state a session is new again when it left the state and came back.
	//
	// A session is not new when it was only read back or dated later. In a list that asks for
	// what reports tell, a session is not new when only its reports were read back. A session
	// in a state that Owned has of it is not new either.
	New  int
	Look *Look // the list as it is now, or CountRequest.Since with the sessions that were read back meanwhile
}

// ReportedWithin is how long after a session came to its state its reports are read, at
// most; in seconds. What a list knows later was read back.
const ReportedWithin client.Unix = 300
