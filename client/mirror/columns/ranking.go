package columns

import (
	"context"
	"slices"
	"sync"

	"idtop/client/mirror"
	"idtop/client/query"
)

// searched tells where the words of a query were found. All rows are searched, so
// that the tab does not change where a word is found.
type searched struct {
	words     []string         // looked up in user_ids
	matches   []*query.Matches // the matches of each of these words
	elsewhere []string         // words without a match in user_ids: looked up in ids, references and customers
	within    bitset           // the rows that have all words of elsewhere; nil: there are no such words
	typed     bitset           // the rows that have the words side by side, if the request wants only those; nil: all
}

// search looks for the words of a query.
func (c *Columns) search(ctx context.Context, r mirror.Request) (s searched, err error) {
	for _, word := range r.Query.Words() {
		matches, err := c.index.Match(ctx, word)
		if err != nil {
			return s, err
		}
		if matches.Count() > 0 {
			s.words, s.matches = append(s.words, word), append(s.matches, matches)
			if r.AsTyped {
				if matches, err = c.index.AsTyped(ctx, word); err != nil {
					return s, err
				}
				s.typed = both(c.bits(matches), s.typed)
			}
			continue
		}
		rows, err := c.elsewhere(ctx, word)
		if err != nil {
			return s, err
		}
		s.elsewhere = append(s.elsewhere, word)
		if s.within == nil {
			s.within = slices.Clone(rows)
		} else {
			s.within.and(rows)
		}
	}
	return s, nil
}

// rows returns the rows that match all words, nil when there are no words.
func (s searched) rows(c *Columns) bitset {
	rows := both(s.within, s.typed)
	for _, matches := range s.matches {
		these := c.bits(matches)
		if rows != nil {
			these.and(rows)
		}
		rows = these
	}
	return rows
}

// bits returns the rows of some matches as a set.
func (c *Columns) bits(matches *query.Matches) bitset {
	rows := newBitset(int(c.rows))
	for n := range matches.Each() {
		rows.add(n)
	}
	return rows
}

// ranking is a view of rows by how well they match. It ranks only the best rows
// until a window needs more.
type ranking struct {
	*filter
	searched
	backwards bool

	mu     sync.Mutex
	ranked query.Ranked
}

// firstRanked is how many rows are ranked at least: as many as an operator scrolls
// through before typing another letter.
const firstRanked = 512

// ranking answers a search ordered by best match.
func (c *Columns) ranking(ctx context.Context, r mirror.Request, s searched, limit bitset) (view, error) {
	v := &ranking{filter: c.filter(r, both(limit, both(s.within, s.typed))), searched: s, backwards: r.Order.Reverse}
	_, err := v.best(ctx, firstRanked)
	return v, err
}

// best returns at least this many of the best rows, or all rows.
func (v *ranking) best(ctx context.Context, rows int) ([]uint32, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if rows <= len(v.ranked.Rows) || v.ranked.Total > 0 && len(v.ranked.Rows) == v.ranked.Total {
		return v.ranked.Rows, nil
	}
	var keep func(n uint32) bool
	if v.in != nil || !v.free {
		keep = v.shows
	}
	ranked, err := v.c.index.Rank(ctx, query.Ranking{Words: v.words, Keep: keep, Rows: rows})
	if err == nil {
		v.ranked = ranked
	}
	return v.ranked.Rows, err
}

func (v *ranking) total() int { return v.ranked.Total }

// apart is how many rows, the last ones, have the letters of a word apart. It is 0 as long as the
// ranked rows do not reach them, and backwards, where they come first.
func (v *ranking) apart() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.backwards || v.ranked.Together == len(v.ranked.Rows) {
		return 0
	}
	return v.ranked.Total - v.ranked.Together
}

func (v *ranking) has(n uint32) bool {
	for _, matches := range v.matches {
		if !matches.Has(n) {
			return false
		}
	}
	return v.shows(n)
}

func (v *ranking) place(ctx context.Context, n uint32) (int, error) {
	rows, err := v.best(ctx, 0)
	at := slices.Index(rows, n)
	if at < 0 && err == nil {
		rows, err = v.best(ctx, v.total())
		at = slices.Index(rows, n)
	}
	if v.backwards {
		at = v.total() - 1 - at
	}
	return at, err
}

func (v *ranking) window(ctx context.Context, first, end int) ([]uint32, error) {
	if v.backwards {
		first, end = v.total()-end, v.total()-first
	}
	want := end
	if want > len(v.ranked.Rows) {
		want = min(v.total(), 2*end) // an operator who scrolls this far scrolls on
	}
	rows, err := v.best(ctx, want)
	if err != nil {
		return nil, err
	}
	window := slices.Clone(rows[first:end])
	if v.backwards {
		slices.Reverse(window)
	}
	return window, nil
}

// cached is a view of the rows in their present state.
type cached struct {
	asked     mirror.Request
	view      view
	elsewhere []string
	alike     []uint32
	unknown   int
	byReason  int
}

// caches remember the last answers until the rows change. They hold row numbers and
// requests, no values of rows.
type caches struct {
	mu    sync.Mutex
	views []cached
	parts []partsOf
}

// partsOf is the rows that contain a word in their ids, references or customers.
type partsOf struct {
	word string
	rows bitset
}

// cachedViews is how many answers are remembered for each screen: the list's, and a
// few beside it. A single screen may use them all.
const cachedViews = 4

func (k *caches) find(r mirror.Request) (cached, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, known := range k.views {
		if known.asked.SameRows(r) {
			return known, true
		}
	}
	return cached{}, false
}

func (k *caches) keep(known cached) {
	k.mu.Lock()
	defer k.mu.Unlock()
	own, oldest := 0, 0
	k.views = slices.DeleteFunc(k.views, func(other cached) bool { return gone(other.asked.Screen) })
	for i, other := range slices.Backward(k.views) {
		if other.asked.Screen == known.asked.Screen {
			own, oldest = own+1, i
		}
	}
	if own >= cachedViews {
		k.views = slices.Delete(k.views, oldest, oldest+1)
	}
	k.views = append(k.views, known)
}

// gone tells whether a screen has closed.
func gone(screen <-chan struct{}) bool {
	select {
	case <-screen:
		return true
	default:
		return false
	}
}

// conditional tells whether the view depends on more of the rows than their words.
func (known cached) conditional() bool { return !known.asked.Query.Conditions().Nothing() }

// stale forgets the views that depend on the states and reasons of rows.
func (k *caches) stale() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.views = slices.DeleteFunc(k.views, func(known cached) bool {
		if known.conditional() {
			return true
		}
		switch v := known.view.(type) {
		case *ranking:
			return !v.free
		case *listing:
			return !v.lasting()
		}
		return true
	})
}

// forget forgets all views.
func (k *caches) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.views)
	k.views = k.views[:0]
}

// drop forgets all.
func (k *caches) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.views)
	clear(k.parts)
	k.views, k.parts = k.views[:0], k.parts[:0]
}
