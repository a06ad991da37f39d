package mirror

import "idtop/client"

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
	At    client.Unix // when a session came to its state last, of all that were known
	Known uint32      // the number of the first session that was not known yet
	Rows  []uint64    // the numbers of the sessions, as a set
}

// Count is the answer to a CountRequest.
type Count struct {
	Sessions int
	// New is how many of them came into the list since the look. A session came in when
	// the list did not have it then, for whatever reason; in a list of one state also when
	// it left the state and came to it again. It did not come in when it was not known
	// at the look and is no news, as what is read back; when the list asks for what reports
	// tell, and only the report was read later; and when the operator brought it there himself.
	New  int
	Look *Look // what the list has now, or CountRequest.Since with what was read back meanwhile
}

// ReportedWithin is how long after a session came to its state its reports are read, at
// most; in seconds. What a list knows later was read back.
const ReportedWithin client.Unix = 300
