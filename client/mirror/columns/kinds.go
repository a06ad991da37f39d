package columns

import (
	"slices"
	"strings"

	"idtop/client"
	"idtop/client/mirror"
)

// facts are all that a row has with few values: many rows share one facts.
type facts struct {
	mirror.Facts
	named    bool // it has a user_id
	rough    bool // Row.Rough
	prefixed bool // its id begins with idPrefix
}

// kind is one combination of facts, and how many rows have it.
type kind struct {
	facts
	state client.State
	rows  int
}

// kinds numbers the facts. Number 0 is the kind of removed rows.
type kinds struct {
	all    []kind
	number map[facts]uint32
}

func newKinds() kinds { return kinds{all: make([]kind, 1), number: map[facts]uint32{}} }

// of returns the number of a row's facts.
func (k *kinds) of(row *mirror.Row, prefixed bool) uint32 {
	f := facts{row.Facts, row.UserID != "", row.Rough, prefixed}
	if n, ok := k.number[f]; ok {
		return n
	}
	// cloned, because the values may be substrings of a whole answer
	f.Type, f.Flow, f.ErrorCode, f.Unreadable = strings.Clone(f.Type), strings.Clone(f.Flow), strings.Clone(f.ErrorCode), strings.Clone(f.Unreadable)
	f.Status, f.Redaction = client.Status(strings.Clone(string(f.Status))), client.RedactionStatus(strings.Clone(string(f.Redaction)))
	n := uint32(len(k.all))
	k.all = append(k.all, kind{facts: f, state: client.StateOf(f.Status, f.ErrorCode, f.Redaction)})
	k.number[f] = n
	return n
}

// groups counts the rows of each user_id. It keeps only a hash of 64 bits of each
// user_id, with a seed of this process: among a million user_ids two have the same
// hash once in forty million starts, and then their counts are added up. Group 0 is
// for rows without a user_id.
type groups struct {
	hashes pages[uint64]
	sizes  pages[uint32]
	made   uint32   // numbers given out
	free   []uint32 // numbers to use again
	byHash table
	having sizes
}

func newGroups() groups { return groups{made: 1, having: sizes{}} }

// join returns the group of a user_id's hash, with one row more.
func (g *groups) join(hash uint64) uint32 {
	n, ok := g.byHash.find(hash, func(n uint32) bool { return *g.hashes.at(n) == hash })
	if !ok {
		n = g.take()
		g.hashes.put(n, hash)
		g.sizes.put(n, 0)
	}
	g.resize(n, +1)
	if !ok {
		if g.byHash.hash == nil {
			g.expect(0)
		}
		g.byHash.put(n, g.made, func(n uint32) bool { return g.size(n) > 0 })
	}
	return n
}

// expect makes room for this many groups.
func (g *groups) expect(groups int) {
	g.byHash.hash = func(n uint32) uint64 { return *g.hashes.at(n) }
	g.byHash.reserve(groups, g.made, func(n uint32) bool { return g.size(n) > 0 })
}

// find returns the group of a user_id's hash, 0 when it has no rows.
func (g *groups) find(hash uint64) uint32 {
	n, _ := g.byHash.find(hash, func(n uint32) bool { return *g.hashes.at(n) == hash })
	return n
}

// take returns an unused number.
func (g *groups) take() uint32 {
	if last := len(g.free) - 1; last >= 0 {
		n := g.free[last]
		g.free = g.free[:last]
		return n
	}
	if g.made == 1 {
		g.hashes.put(0, 0)
		g.sizes.put(0, 0)
	}
	g.made++
	return g.made - 1
}

// leave takes a row from a group.
func (g *groups) leave(n uint32) {
	g.resize(n, -1)
	if g.size(n) == 0 {
		g.byHash.remove(n)
		*g.hashes.at(n) = 0
		g.free = append(g.free, n)
	}
}

func (g *groups) resize(n uint32, by int) {
	size := g.sizes.at(n)
	g.having.count(*size, -1)
	*size = uint32(int(*size) + by)
	g.having.count(*size, +1)
}

// size is how many rows a group has; group 0 has none.
func (g *groups) size(n uint32) uint32 {
	if n == 0 {
		return 0
	}
	return *g.sizes.at(n)
}

// sizes counts the groups of each size.
type sizes struct {
	few  [16]int
	many map[uint32]int
}

func (s *sizes) count(size uint32, by int) {
	if int(size) < len(s.few) {
		s.few[size] += by
		return
	}
	if s.many == nil {
		s.many = map[uint32]int{}
	}
	if s.many[size] += by; s.many[size] == 0 {
		delete(s.many, size)
	}
}

// present returns the sizes of the existing groups, in no particular order.
func (s *sizes) present() []uint32 {
	var present []uint32
	for size := 1; size < len(s.few); size++ {
		if s.few[size] > 0 {
			present = append(present, uint32(size))
		}
	}
	for size := range s.many {
		present = append(present, size)
	}
	return present
}

// groups is how many groups exist.
func (s *sizes) groups() (groups int) {
	for _, size := range s.present() {
		groups += s.of(size)
	}
	return groups
}

// of is how many groups have a size.
func (s *sizes) of(size uint32) int {
	if int(size) < len(s.few) {
		return s.few[size]
	}
	return s.many[size]
}

// rare is the size from which on there is at most one group in a hundred; at least 3.
func (s *sizes) rare() int {
	all, larger := s.groups(), 0
	for _, size := range slices.Backward(slices.Sorted(slices.Values(s.present()))) {
		if larger += s.of(size); larger*100 > all {
			return max(3, int(size)+1)
		}
	}
	return 3
}
