package mirror

import (
	"hash/maphash"
	"strings"
)

// limit is the rows that a request asks for by their ids or by their user_id,
// nil when it does not limit them so.
func (c *columns) limit(r Request) bitset {
	var limit bitset
	if r.Only != nil {
		limit = newBitset(int(c.rows))
		for _, id := range r.Only {
			if n, ok := c.number(id); ok {
				limit.add(n)
			}
		}
	}
	if r.UserID == "" {
		return limit
	}
	theirs := newBitset(int(c.rows))
	group := c.groups.find(maphash.String(c.seed, r.UserID))
	for n := range c.rows {
		if group != 0 && *c.group.at(n) == group && c.index.UserID(n) == r.UserID {
			theirs.add(n)
		}
	}
	if limit != nil {
		theirs.and(limit)
	}
	return theirs
}

// both is the rows that are in both sets; nil stands for all rows.
func both(a, b bitset) bitset {
	if a == nil {
		return b
	}
	if b != nil {
		a = append(bitset(nil), a...)
		a.and(b)
	}
	return a
}

// only names the ids of a request in few bytes.
func (c *columns) only(r Request) uint64 {
	if r.Only == nil {
		return 0
	}
	return maphash.String(c.seed, strings.Join(r.Only, " ")) | 1
}

// marked counts how many of the marked rows are in a view.
func (c *columns) marked(v view, ids []string) int {
	count := 0
	for _, id := range ids {
		if n, ok := c.number(id); ok && v.total() > 0 && v.has(n) {
			count++
		}
	}
	return count
}
