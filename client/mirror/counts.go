package mirror

import (
	"time"

	"idtop/client"
)

// CountRequest asks how many sessions a list has, and how many came into it since it was
// looked at.
type CountRequest struct {
	Request       // its order and its window do not matter
	Since   *Look // nil: it is looked at now
}

// Owned are sessions that the operator brought to a state himself.
type Owned map[string]States

// Look is which sessions a list had when it was looked at. The store that answers with it
// reads it again; it is of no use to another one.
type Look struct {
	Now   time.Time   // Request.Now
	At    client.Unix // when a session came to its state last, of all that were known
	Known uint32      // the number of the first session that was not known yet
	Rows  []uint64    // the numbers of the sessions, as a set
}

// Count is the answer to a CountRequest.
type Count struct {
	Sessions int
	// New is how many of them came into the list since the look: the list did not have
	// them then, and they came or changed while this program ran, or time let them in, as
	// in stuck:yes. In a list of one state those count too that left the state and came to
	// it again. No session counts that was only read back or dated later, or whose reports
	// were, where the list asks for what reports tell; nor one that the operator brought
	// there himself.
	New  int
	Look *Look // what the list has now, or CountRequest.Since with what was read back meanwhile
}

// ReportedWithin is how long after a session came to its state its reports are read, at
// most; in seconds. What a list knows later was read back.
const ReportedWithin client.Unix = 300
