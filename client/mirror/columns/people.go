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
	listed, err := c.listedPeople(ctx, known.view, &answer)
	if err != nil {
		return mirror.People{}, err
	}
	keys := listed.sortKeys(r.By)
	if answer.Total = len(keys); answer.Total == 0 {
		return answer, nil
	}
	answer.At = max(0, min(r.At, answer.Total-1))
	if number := listed.named(r.Around); number != 0 {
		around := keys[number-1]
		answer.At = 0
		for _, key := range keys {
			if listed.before(key, around) {
				answer.At++
			}
		}
	}
	answer.First = max(0, min(answer.At-r.Rows/2, answer.Total-r.Rows))
	end := min(answer.Total, answer.First+max(1, r.Rows))
	sortWindow(keys, answer.First, end, listed.before)
	answer.People = listed.describe(keys[answer.First:end])
	return answer, ctx.Err()
}

// people are the persons whose sessions are listed, by numbers from 1 on.
type people struct {
	c      *Columns
	number []uint32 // by the group of a user_id; 0: none of the person's sessions is listed
	totals []person // by number; the first one is nobody
}

// person has the totals of one person, which decide about the place in the order.
type person struct {
	row     uint32 // the newest session
	listed  uint32 // sessions
	failed  uint32 // attempts
	at      uint32 // when the newest failure was
	why     uint32 // the reason of that failure: the number of a row's kind, or with ofAttempt the number of an attempt's kind
	failing bool   // a session is failed
}

// ofAttempt marks the number of an attempt's kind.
const ofAttempt = 1 << 31

// listedPeople finds the people of a view, and counts its sessions without a person.
func (c *Columns) listedPeople(ctx context.Context, v view, answer *mirror.People) (*people, error) {
	rows, err := c.rowsOf(ctx, v)
	if err != nil {
		return nil, err
	}
	p := &people{c: c, number: make([]uint32, c.groups.made), totals: make([]person, 1, 1+min(answer.Sessions, answer.Known))}
	for n := range rows.each {
		group := *c.group.at(n)
		switch {
		case group == 0:
			if answer.Nobody++; c.erased(n) {
				answer.Erased++
			}
			continue
		case p.number[group] == 0:
			p.number[group] = uint32(len(p.totals))
			p.totals = append(p.totals, person{row: n})
		}
		p.totals[p.number[group]].listed++
	}
	counted := newBitset(int(c.rows)) // the rows with an attempt that failed
	if err := p.countAttempts(ctx, counted); err != nil {
		return nil, err
	}
	if err := p.countRows(ctx, counted); err != nil {
		return nil, err
	}
	for _, one := range p.totals[1:] {
		if one.failing {
			answer.Failing++
		}
	}
	return p, nil
}

// of returns the number of a row's person, 0 when the person is not listed.
func (p *people) of(n uint32) uint32 {
	if group := *p.c.group.at(n); group != 0 {
		return p.number[group]
	}
	return 0
}

// named returns the number of a user_id, 0 when the person is not listed.
func (p *people) named(userID string) uint32 {
	group := p.c.groups.find(maphash.String(p.c.seed, userID))
	if group == 0 || userID == "" || p.c.index.UserID(p.totals[p.number[group]].row) != userID {
		return 0
	}
	return p.number[group]
}

// countAttempts counts the attempts that failed.
func (p *people) countAttempts(ctx context.Context, counted bitset) error {
	t := p.c.attempts
	for page, kinds := range t.kind.pages {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for i, kind := range kinds {
			if !t.kinds.all[kind].Failed {
				continue
			}
			n := t.row.pages[page][i]
			one := &p.totals[p.of(n)]
			one.failed++
			counted.add(n)
			if p.c.stateOf(n) != client.StateFailed { // countRows notes the failure of a failed session
				p.failed(one, t.at.pages[page][i], kind|ofAttempt)
			}
		}
	}
	return nil
}

// countRows counts the failed sessions that no attempt tells of, and finds each person's newest session.
func (p *people) countRows(ctx context.Context, counted bitset) error {
	c := p.c
	for n := range c.rows {
		if n%pageRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		number := p.of(n)
		if number == 0 {
			continue
		}
		one := &p.totals[number]
		if one.row != n && c.newer(n, one.row) {
			one.row = n
		}
		if kind := *c.kind.at(n); c.kinds.all[kind].state == client.StateFailed {
			if one.failing = true; !counted.has(n) {
				one.failed++
			}
			p.failed(one, *c.since.at(n), kind)
		}
	}
	return nil
}

// failed notes a failure if it is the newest of a person.
func (p *people) failed(one *person, at, why uint32) {
	if one.why == 0 || at > one.at || at == one.at && p.failure(at, why).After(p.failure(one.at, one.why)) {
		one.at, one.why = at, why
	}
}

func (p *people) failure(at, why uint32) mirror.Failure {
	switch {
	case why == 0:
		return mirror.Failure{}
	case why&ofAttempt != 0:
		return mirror.Failure{At: client.Unix(at), Code: cmp.Or(p.c.attempts.kinds.all[why&^ofAttempt].Code, client.NoCode)}
	}
	kind := &p.c.kinds.all[why]
	return mirror.Failure{At: client.Unix(at), Rough: kind.rough, Code: kind.ErrorCode}
}

// sortKey is a person with the values that decide about the place in the order.
type sortKey struct {
	first, second, newest uint32
	number                uint32
}

// sortKeys returns the key of each person, by number.
func (p *people) sortKeys(by mirror.PeopleOrder) []sortKey {
	keys := make([]sortKey, 0, len(p.totals)-1)
	for i, one := range p.totals[1:] {
		key := sortKey{one.failed, one.at, *p.c.created.at(one.row), uint32(i + 1)}
		if by == mirror.ByLastFailure {
			key.first, key.second = key.second, key.first
		}
		keys = append(keys, key)
	}
	return keys
}

// before tells whether one person comes before another. No two are equal.
func (p *people) before(a, b sortKey) bool {
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
	return p.c.index.UserID(p.totals[a.number].row) < p.c.index.UserID(p.totals[b.number].row)
}

// sortWindow sorts a list as far as [first, end) needs it (quickselect): of a million people only a
// screen is wanted.
func sortWindow[T any](list []T, first, end int, before func(a, b T) bool) {
	const few = 64
	for len(list) > few && first < end && end > 0 {
		pivot, left, right := list[len(list)/2], 0, len(list)-1
		for left <= right {
			for before(list[left], pivot) {
				left++
			}
			for before(pivot, list[right]) {
				right--
			}
			if left <= right {
				list[left], list[right] = list[right], list[left]
				left, right = left+1, right-1
			}
		}
		// those up to right come before those from left on; between them is the pivot
		sortWindow(list[:right+1], max(0, first), min(end, right+1), before)
		list, first, end = list[left:], first-left, end-left
	}
	if first < end && end > 0 {
		slices.SortFunc(list, func(a, b T) int {
			switch {
			case before(a, b):
				return -1
			case before(b, a):
				return +1
			}
			return 0
		})
	}
}

// describe returns all that is known of some people. It finds their rows and attempts in one pass
// over all.
func (p *people) describe(window []sortKey) []mirror.Person {
	c, t := p.c, p.c.attempts
	wanted := newBitset(len(p.totals))
	for _, key := range window {
		wanted.add(key.number)
	}
	rows := make(map[uint32][]uint32, len(window)) // by number
	for n := range c.rows {
		if number := p.of(n); wanted.has(number) {
			rows[number] = append(rows[number], n)
		}
	}
	ended := map[uint32][]Attempt{} // by row
	for page, kinds := range t.kind.pages {
		for i, kind := range kinds {
			if n := t.row.pages[page][i]; kind != 0 && wanted.has(p.of(n)) {
				ended[n] = append(ended[n], Attempt{n, client.Unix(t.at.pages[page][i]), kind})
			}
		}
	}
	described := make([]mirror.Person, len(window))
	for i, key := range window {
		one, theirs := p.totals[key.number], rows[key.number]
		slices.SortFunc(theirs, func(a, b uint32) int { // no two are equal
			if c.newer(a, b) {
				return +1
			}
			return -1
		})
		someone := mirror.Person{
			UserID: c.index.UserID(one.row), Listed: int(one.listed), Sessions: len(theirs), Failed: int(one.failed), Failure: p.failure(one.at, one.why),
			First: client.Unix(*c.created.at(theirs[0])), Newest: client.Unix(*c.created.at(one.row)), Session: c.id(one.row),
		}
		for at, n := range theirs {
			someone.State[c.stateOf(n)]++
			if at >= len(theirs)-mirror.HistoryMost {
				someone.History = append(someone.History, c.outcomes(n, ended[n]))
			}
		}
		described[i] = someone
	}
	return described
}

// outcomes returns the states in which the attempts of a row ended, and behind them the row's own
// state if no attempt led to it.
func (c *Columns) outcomes(n uint32, ended []Attempt) (outcomes []client.State) {
	state := func(a Attempt) client.State {
		if c.attempts.kinds.all[a.Kind].Failed {
			return client.StateFailed
		}
		return client.StateVerified
	}
	slices.SortFunc(ended, func(a, b Attempt) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(state(a), state(b))) })
	for _, a := range ended {
		outcomes = append(outcomes, state(a))
	}
	now := c.stateOf(n)
	if verdict := now == client.StateFailed || now == client.StateVerified; !verdict || !slices.Contains(outcomes, now) {
		outcomes = append(outcomes, now)
	}
	return outcomes
}
