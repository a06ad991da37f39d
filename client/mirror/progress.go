package mirror

import (
	"time"

	"idtop/client"
)

// Batch is one commit of a leader. Its parts are recorded in this order.
type Batch struct {
	Sightings []Sighting
	Began     []Beginning          // ignored for sessions in another state
	Told      []Change             // what events tell of sessions, also of the past; ignored for unknown ones
	Reports   []client.ReportFacts // also of sessions that are not known yet; known reports change nothing
	Gone      []string             // ids that the server no longer knows: their rows are removed
	Events    []EventMark          // events whose news is in this batch
	Progress  Progress             // replaces the last one
}

// EventMark names an event that was handled.
type EventMark struct {
	ID      string
	Created client.Unix
}

// Progress is how much of the account the mirror knows. All times are the
// server's.
type Progress struct {
	Anchor  client.Unix    // the time from which events are read, taken before the first list; 0: not begun
	Tail    client.Unix    // created of the newest handled event, or Anchor
	Checked client.Unix    // everything that Stripe showed then is known, except for Open; 0: never
	Oldest  client.Unix    // no session is older; 0: not known yet
	Open    []Window       // windows not read yet, newest first, without overlaps
	Reports ReportProgress `json:",omitzero"`
	Sweep   Sweep          // the walk over all known sessions, which finds changes without an event
	Horizon client.Unix    `json:",omitzero"` // the server's clock was moved back: rows up to this time may carry times of the clock before
	Ahead   client.Unix    `json:",omitzero"` // how many seconds the server's clock was ahead of this machine's
	Lost    int            // sessions without a readable id in the last whole listing: they have no row
	Stale   bool           // the tail was interrupted for so long that Open is read again, not for the first time
}

// ReportProgress is how much is known of reports.
type ReportProgress struct {
	Kept Kept        // which reports the configuration keeps; KeptOff: nothing was begun
	From client.Unix // older ones are not to be read
	Tail client.Unix // the time of the newest known report, or when reading them began
	Due  bool        // a session left processing since the newest reports were read
	Want []string    `json:",omitzero"` // the ids of reports that sessions named and no list showed yet
	Open []Window    // what is not read yet, newest first; the windows may overlap
}

// Window is the sessions created in [From, Until). After is set when the newest
// second of the window has more sessions than a page: the sessions of that second
// up to and including this id were read.
type Window struct {
	From, Until client.Unix
	After       string `json:",omitzero"`
}

// Sweep is a slow walk from the newest session to the oldest.
type Sweep struct {
	Began client.Unix // when this walk began; 0: none is under way
	Rest  Window      // the window still to be read
	Last  client.Unix // when the last complete walk began; 0: none did
	Ended client.Unix // when that walk ended
	Lost  int         // Progress.Lost of this walk so far
}

// ServerNow is the server's clock when it is now here.
func (p Progress) ServerNow(now time.Time) time.Time {
	return now.Add(time.Duration(p.Ahead) * time.Second)
}

// Complete tells whether all sessions that Stripe showed at Checked are known.
func (p Progress) Complete() bool { return p.Checked != 0 && len(p.Open) == 0 }
