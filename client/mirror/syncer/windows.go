package syncer

import (
	"math"

	"idtop/client"
	"idtop/client/mirror"
)

// The lists of sessions and of events are walked by time. Each page is asked for
// below the second of the last row before it, and that second is read again; so no
// cursor is needed, and a walk can go on after any interruption. Only a second with
// more rows than a page is paged by cursor.

// openEnd is the end of a window whose Until is 0.
const openEnd = client.Unix(math.MaxInt64)

// top is the end of the window; openEnd when it has none.
func top(w mirror.Window) client.Unix {
	if w.Until == 0 {
		return openEnd
	}
	return w.Until
}

// created is the window in the form of an API request.
func created(w mirror.Window) client.Range { return client.Range{From: w.From, Until: w.Until} }

// mark is the position of a row in a walk: its time and id.
type mark struct {
	id      string
	created client.Unix
}

// walk tells the state of a walk after a page.
type walk uint8

const (
	further walk = iota // more pages are left
	ended               // all is read
	stuck               // the list claims to have more and does not bring it
)

// leftOf returns the rest of a window after a page with this many rows. last is the
// page's last row, and more tells whether the list has more.
func leftOf(w mirror.Window, rows int, last mark, more bool) (mirror.Window, walk) {
	switch {
	case rows == 0 && (more || w.After != ""):
		// The page before said that more rows follow: an empty page is a fault.
		return w, stuck
	case !more, last.created < w.From:
		return mirror.Window{}, ended
	case last.created+1 < top(w):
		return mirror.Window{From: w.From, Until: last.created + 1}, further
	case last.id == w.After:
		return w, stuck
	}
	return mirror.Window{From: w.From, Until: w.Until, After: last.id}, further
}

// apart splits the newest second of a window, whose cursor is of no use, from the
// rest: neither part has to wait for the other.
func apart(w mirror.Window) []mirror.Window {
	second := mirror.Window{From: max(w.From, w.Until-1), Until: w.Until}
	if second.From <= w.From {
		return []mirror.Window{second}
	}
	return []mirror.Window{second, {From: w.From, Until: second.From}}
}

// errStuck says that a list can't be walked to its end.
func errStuck(op string) error {
	return &client.Error{Kind: client.KindInvalid, Op: op, Message: "the list says that it has more rows and brings none that are new"}
}

// filled tells how much of the time since the oldest session is read, 0 to 1. It is
// 0 until the oldest is known.
func filled(p mirror.Progress) float64 {
	if len(p.Open) == 0 {
		return 1
	}
	now := max(p.Anchor, p.Tail)
	if p.Oldest == 0 || now <= p.Oldest {
		return 0
	}
	open := client.Unix(0)
	for _, w := range p.Open {
		open += max(0, min(top(w), now)-max(w.From, p.Oldest))
	}
	return max(0, 1-float64(open)/float64(now-p.Oldest))
}
