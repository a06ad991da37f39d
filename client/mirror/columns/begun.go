package columns

import (
	"bytes"
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"idtop/client/query"
)

// A text field can have as many values as there are rows. They are told apart by a hash of 64 bits,
// so that only the few values that are offered are copied.

// value is a value of a text field: how many rows have it, and the newest of them.
type value struct {
	hash uint64
	row  uint32
	rows uint32
}

// shards is how many parts the values are counted in, by their hash: the values of one part fit into
// the nearest cache.
const shards = 256

// sharded is the values of the rows of a page, ordered by shard, and where each shard ends.
type sharded struct {
	values []value
	ends   [shards]uint16
}

// begun counts the values of a text field that begin with a text, and returns those that
// are offered to complete it, see mirror.Request.Begun.
func (c *Columns) begun(ctx context.Context, rows bitset, name, begun string) ([]query.Value, error) {
	has, hash := rows.test(), c.hashOfText(name, begun)
	if name == "user" {
		matches, err := c.index.Glob(ctx, query.Beginning(begun))
		if err != nil {
			return nil, err
		}
		has = all([]test{has, c.bits(matches).test()})
	}
	pages := make([]sharded, len(rows)/len(pageSet{}))
	err := parallel(ctx, len(pages), func(page int) {
		var set pageSet
		has(page, &set)
		pages[page] = c.shard(page, &set, hash)
	})
	if err != nil {
		return nil, err
	}
	exact := maphash.String(c.seed, strings.TrimPrefix(begun, prefixOf(name)))
	better := func(a, b value) int {
		switch {
		case a.hash == b.hash:
			return 0
		case a.hash == exact:
			return -1
		case b.hash == exact:
			return 1
		case a.rows != b.rows:
			return cmp.Compare(b.rows, a.rows)
		case c.newer(a.row, b.row):
			return -1
		}
		return 1
	}
	var mu sync.Mutex
	var best []value
	err = parallel(ctx, shards, func(shard int) {
		own := c.mostOf(pages, shard, better)
		mu.Lock()
		defer mu.Unlock()
		best = append(best, own...)
	})
	slices.SortFunc(best, better)
	var values []query.Value
	for _, v := range best[:min(len(best), query.MostCandidates)] {
		values = append(values, query.Value{Text: c.textOf(name, v.row), Sessions: int(v.rows)})
	}
	return values, err
}

// shard makes values of the rows of a page.
func (c *Columns) shard(page int, set *pageSet, hash func(n uint32) (h uint64, ok bool)) (s sharded) {
	var found []value
	first := uint32(page) << pageBits
	for i := range min(pageRows, c.rows-first) {
		if set[i/64]>>(i%64)&1 == 0 {
			continue
		}
		if h, ok := hash(first + i); ok {
			found = append(found, value{h, first + i, 1})
			s.ends[h%shards]++
		}
	}
	next := uint16(0)
	for i := range s.ends { // from sizes to where each begins
		s.ends[i], next = next, next+s.ends[i]
	}
	s.values = make([]value, len(found))
	for _, v := range found { // which moves each to where it ends
		at := &s.ends[v.hash%shards]
		s.values[*at] = v
		*at++
	}
	return s
}

// mostOf counts the values of a shard, and returns the best of them.
func (c *Columns) mostOf(pages []sharded, shard int, better func(a, b value) int) []value {
	counted := map[uint64]value{}
	for _, page := range pages {
		from := uint16(0)
		if shard > 0 {
			from = page.ends[shard-1]
		}
		for _, v := range page.values[from:page.ends[shard]] {
			if known, ok := counted[v.hash]; ok {
				if v.rows += known.rows; c.newer(known.row, v.row) {
					v.row = known.row
				}
			}
			counted[v.hash] = v
		}
	}
	var best []value
	for _, v := range counted {
		if len(best) == query.MostCandidates && better(best[len(best)-1], v) < 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, v, better)
		best = slices.Insert(best, at, v)
		best = best[:min(len(best), query.MostCandidates)]
	}
	return best
}

// textField returns a column of texts, nil if the name is not of one.
func (c *Columns) textField(name string) func(n uint32) []byte {
	switch name {
	case "ref":
		return c.references.at
	case "customer":
		return c.customers.at
	case "id":
		return c.idTexts.at
	}
	if key, ok := strings.CutPrefix(name, query.Meta); ok {
		return func(n uint32) []byte { return c.metadataOf(n, key) }
	}
	return nil
}

// prefixOf is the beginning of a field's texts that their column leaves out.
func prefixOf(name string) string {
	if name == "id" {
		return idPrefix
	}
	return ""
}

// hashOfText returns the hash of a row's value, if it has one that begins with a text. Of user_ids
// only those rows are asked.
func (c *Columns) hashOfText(name, begun string) func(n uint32) (h uint64, ok bool) {
	if name == "user" {
		return func(n uint32) (uint64, bool) {
			group := *c.group.at(n)
			return *c.groups.hashes.at(group), group != 0
		}
	}
	at := c.textField(name)
	rest, prefixed := strings.CutPrefix(begun, prefixOf(name))
	if strings.HasPrefix(prefixOf(name), begun) {
		rest, prefixed = "", true
	}
	return func(n uint32) (uint64, bool) {
		text, begins := at(n), begun
		if name == "id" && c.kindOf(n).prefixed {
			if begins = rest; !prefixed {
				return 0, false
			}
		}
		return maphash.Bytes(c.seed, text), len(text) > 0 && bytes.HasPrefix(text, []byte(begins))
	}
}

// textOf returns the value of a row.
func (c *Columns) textOf(name string, n uint32) string {
	switch name {
	case "user":
		return c.index.UserID(n)
	case "id":
		return c.id(n)
	}
	return string(c.textField(name)(n))
}
