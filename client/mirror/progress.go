package mirror

import "idtop/client"

// Batch is one commit of a leader. Its parts are recorded in this order.
type Batch struct {
	Sightings []Sighting
	Began     []Beginning // ignored for sessions in another state
	Gone      []string    // ids that the server does not know any more: their rows go
	Events    []EventMark // events whose news is in this batch
	Progress  Progress    // replaces the last one
}

// EventMark names an event that was dealt with.
type EventMark struct {
	ID      string
	Created client.Unix
}

// Progress is how much of the account the mirror knows. All times are the
// server's.
type Progress struct {
	Anchor  client.Unix // the tail began here, before the first list was read; 0: not begun
	Tail    client.Unix // created of the newest event that was dealt with, or Anchor
	Checked client.Unix // all that could be seen then is known, but for Open; 0: never
	Oldest  client.Unix // no session is older; 0: not known yet
	Open    []Window    // not read yet, newest first; they do not overlap
	Sweep   Sweep       // the walk over all that is known, to find what no event tells
	Horizon client.Unix `json:",omitzero"` // the server's clock was moved back: rows up to this time may be of the clock before
	Ahead   client.Unix `json:",omitzero"` // how many seconds the server's clock was ahead of this machine's
	Lost    int         // how many sessions had no id that could be read, when all were listed last: they have no row
	Stale   bool        // the tail was interrupted for so long that Open is read anew, not for the first time
}

// Window is the sessions created in [From, Until). After is set when the newest
// second of the window has more sessions than a page: those of this id and
// before it in the list were read.
type Window struct {
	From, Until client.Unix
	After       string `json:",omitzero"`
}

// Sweep is a slow walk from the newest session to the oldest.
type Sweep struct {
	Began client.Unix // when this walk began; 0: none is under way
	Rest  Window      // what it has still to read
	Last  client.Unix // when the last whole walk began; 0: none did
	Ended client.Unix // when it ended
	Lost  int         // Progress.Lost of this walk so far
}

// Complete tells whether all sessions that Stripe showed at Checked are known.
func (p Progress) Complete() bool { return p.Checked != 0 && len(p.Open) == 0 }
