package mirror

import (
	"fmt"
	"time"
)

// Phase is the Syncer's present work.
type Phase uint8

// The phases.
const (
	Connecting Phase = iota // nothing has been read yet
	Live                    // the last poll succeeded
	Failing                 // the last poll failed; the next one is planned
	Paused                  // the operator stopped it
)

// Status tells what the Syncer is doing and how true the Store is.
type Status struct {
	Phase     Phase
	Since     time.Time     // since when it is in this phase, by this machine's clock
	Last      time.Time     // all that Stripe showed then is known, but for what is still Filling; by this machine's clock; zero: not known
	Asked     time.Time     // since when the answer to a poll is awaited; zero: none is
	Heard     time.Time     // when an answer came last; zero: none did
	Trouble   error         // why an attempt of what is awaited failed that is made again, nil when none did
	Next      time.Time     // when the next poll is due, past while one is under way; zero when paused
	Err       error         // why the last poll failed, nil when it did not
	Failures  int           // polls that failed in a row
	Filling   bool          // sessions are still to be read that were there at the start
	Filled    float64       // how much of the account's time is read, 0 to 1
	Back      time.Time     // all sessions created from then on are known; the server's clock; zero: none are
	Rate      int           // sessions a second that are read so; 0: not known
	FillErr   error         // why reading them, or the sweep, failed last, nil when it did not
	FillNext  time.Time     // when that is tried again
	FillFails int           // how often in a row it failed
	Checked   time.Time     // as Last, by the server's clock; zero: never
	Listing   bool          // the key may not read events: changes are found by lists, which miss some
	Following bool          // another idtop on this machine reads for both
	Lost      int           // sessions without an id that could be read, which have no row
	Stale     bool          // nothing was read for so long that all is read again
	Clock     ClockNews     // what was odd about the server's clock last
	Ahead     time.Duration // how far the server's clock is ahead of this machine's
}

// Link tells how the connection to Stripe is.
type Link uint8

// The links.
const (
	Opening Link = iota // nothing was answered yet
	Synced              // all is known that Stripe showed Age ago
	Reading             // so it is of what is new; older sessions are still being read
	Waiting             // an answer takes long, or its request is made again
	Stopped             // the newest is known, and older sessions can't be read now
	Offline             // nothing can be read now
	Halted              // the operator paused it
)

// After silence the screen says that no answer comes.
const silence = 5 * time.Second

// Claim is all that a screen or a command may say of how true the mirror is. The
// code that draws it concludes nothing of its own.
type Claim struct {
	Link     Link
	Dated    bool          // Age is known
	Age      time.Duration // all that Stripe showed so long ago is known, but for older sessions unless Complete
	Since    time.Duration // how long Link has been so, for Waiting, Offline and Halted
	Cause    error         // why, for Stopped and Offline; for Waiting nil while no answer came at all
	Again    time.Duration // until it is tried again, 0: now; for Stopped and Offline
	Complete bool          // no session is missing that Stripe showed Age ago: of what is not known, there is none
	Filled   float64       // how much of the account's time is read, 0 to 1; 1 only when Complete
	Back     time.Time     // what was created from then on is known; the server's clock; zero: nothing is
	Rate     int           // sessions a second that are read; 0: not known
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

// Wish is how the operator of a screen wants the Syncer to work. Wishes may arrive in
// another order than they were made in: of each screen the one of the highest Sequence
// counts. Of several screens the most awake decides.
type Wish struct {
	Sequence uint64
	Screen   <-chan struct{} // closed when the screen is gone; nil is a screen of its own, for good
	Paused   bool            // read nothing; a poll under way is finished, and another process may lead meanwhile
	Away     bool            // nobody looks at the screen: poll less often

	Key time.Time // when a key was pressed last, within seconds; zero: there is no operator with keys
}

// ClockNews is something odd about the server's clock.
type ClockNews struct {
	At    time.Time     // when it was found out, by this machine's clock; zero: nothing was
	By    time.Duration // how far it was off
	Moved bool          // it is the server's clock from then on; otherwise one answer's date was left out
}

// String says it in words.
func (n ClockNews) String() string {
	if n.Moved {
		return "server clock moved by " + hours(n.By)
	}
	return "an answer whose date is off by " + hours(n.By) + " was taken without its date"
}

// hours writes a time as whole hours where it is that long.
func hours(d time.Duration) string {
	if d.Abs() >= time.Hour {
		return fmt.Sprintf("%dh", d.Round(time.Hour)/time.Hour)
	}
	return d.Round(time.Second).String()
}
