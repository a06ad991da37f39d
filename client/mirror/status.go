package mirror

import (
	"fmt"
	"time"

	"idtop/client"
)

// Phase is the Syncer's present work.
type Phase uint8

// The phases.
const (
	Connecting Phase = iota // nothing has been read yet
	Live                    // the last poll succeeded
	Failing                 // the last poll failed; the next one is scheduled
	Paused                  // the operator stopped it
)

// Status tells what the Syncer is doing and how true the Store is.
type Status struct {
	Phase     Phase
	Since     time.Time     // since when it is in this phase, by this machine's clock
	Last      time.Time     // everything that Stripe showed then is known, except older sessions while Filling; by this machine's clock; zero: not known
	Asked     time.Time     // when the request of the poll under way was sent; zero: none is awaited
	Heard     time.Time     // when the last answer came; zero: none did
	Trouble   error         // why an attempt of the awaited request failed; it is tried again; nil when none failed
	Next      time.Time     // when the next poll is due, past while one is under way; zero when paused
	Err       error         // why the last poll failed, nil when it did not
	Failures  int           // polls that failed in a row
	Filling   bool          // older sessions are still being read
	Filled    float64       // the part of the account's time that is read, 0 to 1
	Back      time.Time     // all sessions created from then on are known; the server's clock; zero: none are
	Rate      int           // back-filled sessions a second; 0: not known
	FillErr   error         // why the back-fill or the sweep last failed, nil when it did not
	FillNext  time.Time     // when it is tried again
	FillFails int           // how often in a row it failed
	Checked   time.Time     // as Last, by the server's clock; zero: never
	Listing   bool          // the key may not read events: changes are found by lists, which miss some
	Following bool          // another idtop on this machine reads for both
	Lost      int           // sessions without a readable id, which have no row
	Stale     bool          // nothing was read for so long that everything is read again
	Clock     ClockNews     // the last oddity of the server's clock
	Reports   Known         // what is known of reports
	Events    client.Unix   // all events from then on were read; 0: none were
	Oldest    client.Unix   // no session is older; 0: not known yet
	Ahead     time.Duration // how far the server's clock is ahead of this machine's
}

// Link tells how the connection to Stripe is.
type Link uint8

// The links.
const (
	Opening Link = iota // nothing was answered yet
	Synced              // everything that Stripe showed Age ago is known
	Reading             // new changes are known as in Synced; older sessions are still being read
	Waiting             // an answer takes long, or its request is sent again
	Stopped             // new changes are known; older sessions can't be read now
	Offline             // nothing can be read now
	Halted              // the operator paused it
)

// After this silence the screen says that no answer comes.
const silence = 5 * time.Second

// Claim is everything that a screen or a command may say of how true the mirror is.
// Drawing code adds no conclusions of its own.
type Claim struct {
	Link     Link
	Dated    bool          // Age is known
	Age      time.Duration // everything that Stripe showed so long ago is known; older sessions only if Complete
	Since    time.Duration // how long the link has been Waiting, Offline or Halted
	Cause    error         // why it is Stopped or Offline; for Waiting nil while no answer came at all
	Again    time.Duration // until the next attempt, 0: now; for Stopped and Offline
	Complete bool          // no session that Stripe showed Age ago is missing: an unknown id does not exist
	Filled   float64       // the part of the account's time that is read, 0 to 1; 1 only when Complete
	Back     time.Time     // all sessions created from then on are known; the server's clock; zero: none are
	Rate     int           // sessions read a second; 0: not known
}

// Claim returns the claim at a time by this machine's clock.
func (s Status) Claim(now time.Time) Claim {
	c := Claim{
		Link: Synced, Complete: !s.Filling && !s.Stale && !s.Checked.IsZero(),
		Filled: min(max(s.Filled, 0), 1), Back: s.Back, Rate: s.Rate,
	}
	switch {
	case !s.Last.IsZero():
		c.Dated, c.Age = true, max(0, now.Sub(s.Last))
	case !s.Checked.IsZero():
		c.Dated, c.Age = true, max(0, now.Add(s.Ahead).Sub(s.Checked))
	}
	if !c.Complete {
		c.Filled = min(c.Filled, 0.999)
	}
	since := func(t time.Time) time.Duration { return max(0, now.Sub(t)) }
	switch {
	case s.Phase == Paused:
		c.Link, c.Since = Halted, since(s.Since)
	case s.Phase == Failing:
		c.Link, c.Since, c.Cause, c.Again = Offline, since(s.Since), s.Err, max(0, s.Next.Sub(now))
	case s.Trouble != nil && !s.Asked.IsZero(), !s.Asked.IsZero() && since(s.Asked) >= silence:
		c.Link, c.Since, c.Cause = Waiting, since(s.Asked), s.Trouble
	case s.Phase == Connecting && (s.Heard.IsZero() || s.Back.IsZero()), !c.Dated && s.FillErr == nil && s.Back.IsZero():
		c.Link = Opening
	case s.Filling && s.FillErr != nil:
		c.Link, c.Cause, c.Again = Stopped, s.FillErr, max(0, s.FillNext.Sub(now))
	case s.Filling || s.Stale:
		c.Link = Reading
	case !c.Dated:
		c.Link = Opening
	}
	return c
}

// Wish is how the operator of a screen wants the Syncer to work. Wishes may arrive
// out of order: for each screen the highest Sequence counts. When several screens
// differ, the wish for the most polls wins.
type Wish struct {
	Sequence uint64
	Screen   <-chan struct{} // closed when the screen closes; nil is a screen of its own that never closes
	Paused   bool            // read nothing; a poll under way is finished, and another process may lead meanwhile
	Away     bool            // nobody looks at the screen: poll less often

	Key time.Time // when a key was last pressed, within seconds; zero: no operator presses keys here
}

// ClockNews is something odd about the server's clock.
type ClockNews struct {
	At    time.Time     // when it was noticed, by this machine's clock; zero: never
	By    time.Duration // how far the clock was off
	Moved bool          // the clock was really moved; otherwise the date of one answer was ignored
}

// String describes the news in words.
func (n ClockNews) String() string {
	if n.Moved {
		return "server clock moved by " + hours(n.By)
	}
	return "an answer whose date is off by " + hours(n.By) + " was taken without its date"
}

// hours writes a time of at least an hour in whole hours.
func hours(d time.Duration) string {
	if d.Abs() >= time.Hour {
		return fmt.Sprintf("%dh", d.Round(time.Hour)/time.Hour)
	}
	return d.Round(time.Second).String()
}
