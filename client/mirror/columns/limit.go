package columns

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"idtop/client/mirror"
)

// limit is the rows that a request asks for by their ids or by their user_id,
// nil when it does not limit them so, and those whose user_id looks like that one.
func (c *Columns) limit(ctx context.Context, r mirror.Request) (bitset, []uint32, error) {
	var limit bitset
	if r.Only != nil {
		limit = newBitset(int(c.rows))
		for _, id := range r.Only {
			if n, ok := c.Number(id); ok {
				limit.add(n)
			}
		}
	}
	if r.UserID == "" {
		return limit, nil, nil
	}
	theirs := newBitset(int(c.rows))
	group := c.groups.find(maphash.String(c.seed, r.UserID))
	for n := range c.rows {
		if group != 0 && *c.group.at(n) == group && c.index.UserID(n) == r.UserID {
			theirs.add(n)
		}
	}
	rows, err := c.index.Alike(ctx, r.UserID)
	if err != nil {
		return nil, nil, err
	}
	if r.Alike {
		for _, n := range rows {
			theirs.add(n)
		}
	}
	if limit != nil {
		theirs.and(limit)
	}
	return theirs, rows, nil
}

// alike counts the sessions of each user_id.
func (c *Columns) alike(rows []uint32) (alike []mirror.Alike) {
	sessions := map[string]int{}
	for _, n := range rows {
		sessions[c.index.UserID(n)]++
	}
	for _, userID := range slices.Sorted(maps.Keys(sessions)) {
		alike = append(alike, mirror.Alike{UserID: userID, Sessions: sessions[userID]})
	}
	return alike
}

// both is the rows that are in both sets; nil stands for all rows.
func both(a, b bitset) bitset {
	if a == nil {
		return b
	}
	if b != nil {
		if len(b) < len(a) { // what is beyond is not set
			a, b = b, a
		}
		a = append(bitset(nil), a...)
		a.and(b)
	}
	return a
}

// only names the ids of a request in few bytes.
func (c *Columns) only(r mirror.Request) uint64 {
	if r.Only == nil {
		return 0
	}
	return maphash.String(c.seed, strings.Join(r.Only, " ")) | 1
}

// marked counts how many of the marked rows are in a view.
func (c *Columns) marked(v view, ids []string) int {
	count := 0
	for _, id := range ids {
		if n, ok := c.Number(id); ok && v.total() > 0 && v.has(n) {
			count++
		}
	}
	return count
}
