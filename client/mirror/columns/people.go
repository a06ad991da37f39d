package columns

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"

	"idtop/client"
	"idtop/client/mirror"
)

// People answers a PeopleRequest. Soon after ctx ends it fails with ctx's error.
//
// It goes over all rows and attempts with a few numbers for each person who is listed, so
// that nothing has to be kept between answers; strings are made of the window only.
func (c *Columns) People(ctx context.Context, r mirror.PeopleRequest) (mirror.People, error) {
	if err := ctx.Err(); err != nil {
		return mirror.People{}, err
	}
	known, err := c.view(ctx, r.Request)
	if err != nil {
		return mirror.People{}, err
	}
	answer := mirror.People{At: -1, Known: c.groups.having.groups(), Sessions: known.view.total(), Rare: c.groups.having.rare()}
	if answer.Sessions == 0 {
		return answer, nil
	}
	crowd, err := c.crowd(ctx, known.view, &answer)
	if err != nil {
		return mirror.People{}, err
	}
	places := crowd.places(r.By)
	if answer.Total = len(places); answer.Total == 0 {
		return answer, nil
	}
	answer.At = max(0, min(r.At, answer.Total-1))
	if number := crowd.named(r.Around); number != 0 {
		at := places[number-1]
		answer.At = 0
		for _, p := range places {
			if crowd.before(p, at) {
				answer.At++
			}
		}
	}
	answer.First = max(0, min(answer.At-r.Rows/2, answer.Total-r.Rows))
	end := min(answer.Total, answer.First+max(1, r.Rows))
	crowd.sort(places, answer.First, end)
	answer.People = crowd.tell(places[answer.First:end])
	return answer, ctx.Err()
}

// crowd is the people whose sessions are listed, by numbers from 1 on.
type crowd struct {
	c      *Columns
	number []uint32 // by the group of a user_id; 0: none of theirs is listed
	all    []soul   // by number; the first one is nobody
}

// soul is what decides about the place of one of them.
type soul struct {
	row     uint32 // their newest
	listed  uint32
	failed  uint32 // attempts
	at      uint32 // when the newest failure was
	why     uint32 // of it: the number of a row's kind, or with whyAttempt that of an attempt's
	failing bool   // a session is failed
}

// whyAttempt marks the number of an attempt's kind.
const whyAttempt = 1 << 31

// crowd finds the people of a view, and counts its rows of nobody.
func (c *Columns) crowd(ctx context.Context, v view, answer *mirror.People) (*crowd, error) {
	pages := int(c.rows+pageRows-1) >> pageBits
	rows := newBitset(pages << pageBits)
	shown := c.rowTest(func(n uint32) bool { return *c.kind.at(n) != 0 && v.has(n) })
	if err := parallel(ctx, pages, func(page int) { shown(page, (*pageSet)(rows[page*len(pageSet{}):])) }); err != nil {
		return nil, err
	}
	all := &crowd{c: c, number: make([]uint32, c.groups.made), all: make([]soul, 1, 1+min(answer.Sessions, answer.Known))}
	for n := range rows.each {
		group := *c.group.at(n)
		switch {
		case group == 0:
			if answer.Nobody++; c.erased(n) {
				answer.Erased++
			}
			continue
		case all.number[group] == 0:
			all.number[group] = uint32(len(all.all))
			all.all = append(all.all, soul{row: n})
		}
		all.all[all.number[group]].listed++
	}
	told := newBitset(pages << pageBits) // the rows with an attempt that failed
	if err := all.countAttempts(ctx, told); err != nil {
		return nil, err
	}
	if err := all.countRows(ctx, told); err != nil {
		return nil, err
	}
	for _, s := range all.all[1:] {
		if s.failing {
			answer.Failing++
		}
	}
	return all, nil
}

// of returns the number of a row's person, 0 when that is none of the crowd.
func (all *crowd) of(n uint32) uint32 {
	if group := *all.c.group.at(n); group != 0 {
		return all.number[group]
	}
	return 0
}

// named returns the number of a user_id, 0 when that is none of the crowd.
func (all *crowd) named(userID string) uint32 {
	group := all.c.groups.find(maphash.String(all.c.seed, userID))
	if group == 0 || userID == "" || all.c.index.UserID(all.all[all.number[group]].row) != userID {
		return 0
	}
	return all.number[group]
}

// countAttempts counts the attempts that failed.
func (all *crowd) countAttempts(ctx context.Context, told bitset) error {
	t := all.c.attempts
	for page, kinds := range t.kind.pages {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for i, kind := range kinds {
			if !t.kinds.all[kind].Failed {
				continue
			}
			n := t.row.pages[page][i]
			s := &all.all[all.of(n)]
			s.failed++
			told.add(n)
			if all.c.stateOf(n) != client.StateFailed { // that of a failed session is told by its row
				all.failed(s, t.at.pages[page][i], kind|whyAttempt)
			}
		}
	}
	return nil
}

// countRows counts the failed sessions.
func (all *crowd) countRows(ctx context.Context, told bitset) error {
	c := all.c
	for n := range c.rows {
		if n%pageRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		number := all.of(n)
		if number == 0 {
			continue
		}
		s := &all.all[number]
		if s.row != n && c.newer(n, s.row) {
			s.row = n
		}
		if kind := *c.kind.at(n); c.kinds.all[kind].state == client.StateFailed {
			if s.failing = true; !told.has(n) {
				s.failed++
			}
			all.failed(s, *c.since.at(n), kind)
		}
	}
	return nil
}

// failed notes a failure if it is the newest.
func (all *crowd) failed(s *soul, at, why uint32) {
	if s.why == 0 || at > s.at || at == s.at && all.failure(at, why).After(all.failure(s.at, s.why)) {
		s.at, s.why = at, why
	}
}

func (all *crowd) failure(at, why uint32) mirror.Failure {
	switch {
	case why == 0:
		return mirror.Failure{}
	case why&whyAttempt != 0:
		return mirror.Failure{At: client.Unix(at), Code: cmp.Or(all.c.attempts.kinds.all[why&^whyAttempt].Code, client.NoCode)}
	}
	kind := &all.c.kinds.all[why]
	return mirror.Failure{At: client.Unix(at), Rough: kind.rough, Code: kind.ErrorCode}
}

// placed is one of a crowd with what decides about the place.
type placed struct {
	first, second, newest uint32
	number                uint32
}

// places are those of all, by their numbers.
func (all *crowd) places(by mirror.PeopleOrder) []placed {
	places := make([]placed, 0, len(all.all)-1)
	for i, s := range all.all[1:] {
		p := placed{s.failed, s.at, *all.c.created.at(s.row), uint32(i + 1)}
		if by == mirror.ByLastFailure {
			p.first, p.second = p.second, p.first
		}
		places = append(places, p)
	}
	return places
}

// before tells whether one comes before another. No two are equal.
func (all *crowd) before(a, b placed) bool {
	switch {
	case a.first != b.first:
		return a.first > b.first
	case a.second != b.second:
		return a.second > b.second
	case a.newest != b.newest:
		return a.newest > b.newest
	case a.number == b.number:
		return false
	}
	return all.c.index.UserID(all.all[a.number].row) < all.c.index.UserID(all.all[b.number].row)
}

// sort puts those in their places who belong into [first, end): a million people have an
// order, and only a screen of it is wanted.
func (all *crowd) sort(places []placed, first, end int) {
	const few = 64
	for len(places) > few && first < end && end > 0 {
		pivot, left, right := places[len(places)/2], 0, len(places)-1
		for left <= right {
			for all.before(places[left], pivot) {
				left++
			}
			for all.before(pivot, places[right]) {
				right--
			}
			if left <= right {
				places[left], places[right] = places[right], places[left]
				left, right = left+1, right-1
			}
		}
		// those up to right come before those from left on; between them is the pivot
		all.sort(places[:right+1], max(0, first), min(end, right+1))
		places, first, end = places[left:], first-left, end-left
	}
	if first < end && end > 0 {
		slices.SortFunc(places, func(a, b placed) int {
			if all.before(a, b) {
				return -1
			}
			return +1
		})
	}
}

// tell says all of some people. Their rows and attempts are found in one pass over all.
func (all *crowd) tell(window []placed) []mirror.Someone {
	c, t := all.c, all.c.attempts
	wanted := newBitset(len(all.all))
	for _, p := range window {
		wanted.add(p.number)
	}
	rows := make(map[uint32][]uint32, len(window)) // by number
	for n := range c.rows {
		if number := all.of(n); wanted.has(number) {
			rows[number] = append(rows[number], n)
		}
	}
	ended := map[uint32][]Attempt{} // by row
	for page, kinds := range t.kind.pages {
		for i, kind := range kinds {
			if n := t.row.pages[page][i]; kind != 0 && wanted.has(all.of(n)) {
				ended[n] = append(ended[n], Attempt{n, client.Unix(t.at.pages[page][i]), kind})
			}
		}
	}
	people := make([]mirror.Someone, len(window))
	for i, p := range window {
		s, theirs := all.all[p.number], rows[p.number]
		slices.SortFunc(theirs, func(a, b uint32) int { // no two are equal
			if c.newer(a, b) {
				return +1
			}
			return -1
		})
		someone := mirror.Someone{
			UserID: c.index.UserID(s.row), Listed: int(s.listed), Sessions: len(theirs), Failed: int(s.failed), Failure: all.failure(s.at, s.why),
			First: client.Unix(*c.created.at(theirs[0])), Newest: client.Unix(*c.created.at(s.row)), Session: c.id(s.row),
		}
		for at, n := range theirs {
			someone.State[c.stateOf(n)]++
			if at >= len(theirs)-mirror.HistoryMost {
				someone.History = append(someone.History, c.course(n, ended[n]))
			}
		}
		people[i] = someone
	}
	return people
}

// course is how the attempts of a row ended, and its state if that came of none of them.
func (c *Columns) course(n uint32, ended []Attempt) (course []client.State) {
	state := func(a Attempt) client.State {
		if c.attempts.kinds.all[a.Kind].Failed {
			return client.StateFailed
		}
		return client.StateVerified
	}
	slices.SortFunc(ended, func(a, b Attempt) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(state(a), state(b))) })
	for _, a := range ended {
		course = append(course, state(a))
	}
	now := c.stateOf(n)
	if verdict := now == client.StateFailed || now == client.StateVerified; !verdict || !slices.Contains(course, now) {
		course = append(course, now)
	}
	return course
}
