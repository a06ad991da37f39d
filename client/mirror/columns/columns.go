package columns

import (
	"encoding/binary"
	"hash/maphash"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/guard"
	"idtop/client/mirror"
	"idtop/client/query"
)

// Columns hold every session's row without its ReportID, which is neither searched
// nor sorted by. Rows are numbered without gaps in the order of their arrival; a
// number is never used again.
//
// The methods that change the columns (Append, Expect, Load, Set, Remove) need them
// for themselves; all others may run at the same time as one another. The stores
// ensure that with a Lock.
//
// A row costs about a hundred bytes, whatever strings it has: user_ids are in the
// index, ids and references in pages of bytes, and all fields with few values share
// one number, the row's kind. There are no pointers for the garbage collector to
// follow. Times are kept in whole seconds, from 1970 to 2106.
type Columns struct {
	created, asOf pages[uint32]
	since         pages[uint32]
	kind          pages[uint32] // 0: the row is gone
	group         pages[uint32] // the sessions with the same user_id; 0: no user_id
	idTexts       texts         // without idPrefix if the kind says so
	references    texts
	customers     rareTexts
	metadata      rareTexts        // keys and values, see SetMetadata
	index         *query.Index     // of the user_ids
	changed       map[uint32]int64 // Row.Changed in ns, for the few rows that changed while the program ran
	told          pages[uint32]    // what its reports say, a number of tolds; 0: it has none
	reported      pages[uint32]    // when its newest report was made
	rows          uint32           // how many numbers were given out

	byID   table
	kinds  kinds
	groups groups
	tolds  interned[mirror.ReportSum]
	counts mirror.Counts
	seed   maphash.Seed

	order    *orders
	attempts *attempts
	caches   caches
}

// idPrefix begins every id that Stripe gives to a session.
const idPrefix = "vs_"

func New() *Columns {
	c := &Columns{changed: map[uint32]int64{}, seed: maphash.MakeSeed()}
	c.kinds = newKinds()
	c.groups = newGroups()
	c.tolds = newInterned[mirror.ReportSum]()
	c.attempts = newAttempts()
	c.index = query.NewIndex(c.newer)
	c.order = newOrders(c)
	c.byID.hash = func(n uint32) uint64 { return maphash.Bytes(c.seed, c.idTexts.at(n)) }
	return c
}

// Number returns the number of an id; ok is false when it is not known.
func (c *Columns) Number(id string) (n uint32, ok bool) {
	rest, prefixed := strings.CutPrefix(id, idPrefix)
	return c.byID.find(maphash.String(c.seed, rest), func(n uint32) bool {
		return string(c.idTexts.at(n)) == rest && c.kindOf(n).prefixed == prefixed
	})
}

// Append adds a row with a new id, and returns its number. Row.Tries and
// Row.ReportSum are ignored: the columns count them.
func (c *Columns) Append(row mirror.Row) uint32 {
	n := c.lay(&row)
	c.join(n, row.UserID)
	c.byID.put(n, c.rows, c.Known)
	c.caches.drop()
	return n
}

// Skip uses up a number for a session that is gone.
func (c *Columns) Skip() { c.Remove(c.Append(mirror.Row{ID: "gone"})) }

// lay puts a row behind the others; the caller makes it findable. A nil row leaves
// its number empty.
func (c *Columns) lay(row *mirror.Row) uint32 {
	n := c.rows
	c.rows++
	gone := row == nil
	if gone {
		row = &mirror.Row{}
	}
	rest, prefixed := strings.CutPrefix(row.ID, idPrefix)
	c.idTexts.append(n, rest)
	c.references.append(n, row.Reference)
	c.customers.append(n, row.Customer)
	c.metadata.append(n, "")
	c.created.put(n, seconds(int64(row.Created)))
	c.asOf.put(n, 0)
	c.since.put(n, 0)
	c.group.put(n, 0)
	c.kind.put(n, 0)
	c.told.put(n, 0)
	c.reported.put(n, 0)
	if gone {
		return n
	}
	*c.kind.at(n) = c.kinds.of(row, prefixed)
	c.note(n, row)
	c.count(n, +1)
	c.order.add(n)
	return n
}

// Expect makes room for this many rows in all.
func (c *Columns) Expect(rows int) {
	c.byID.reserve(rows, c.rows, c.Known)
	c.groups.expect(rows)
}

// Load adds many rows at once, in the order of their numbers: the way to fill
// columns at the start, on several cores. The ids must be new. at returns the i-th
// row, or nil for a number that stays empty; it is called more than once for each.
// Loading is cheapest when all rows are newer, or all older, than the rows so far.
func (c *Columns) Load(rows int, at func(i int) *mirror.Row) {
	first := c.rows
	for i := range rows {
		n := c.lay(at(i))
		if row := at(i); row != nil && row.UserID != "" {
			c.order.touch(n, false)
		}
	}
	each := func(do func(n uint32, row *mirror.Row)) {
		for i := range rows {
			if row := at(i); row != nil {
				do(first+uint32(i), row)
			}
		}
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		defer guard.Catch()
		each(func(n uint32, row *mirror.Row) {
			if row.UserID != "" {
				c.index.Put(n, row.UserID)
			}
		})
	})
	wait.Go(func() {
		defer guard.Catch()
		each(func(n uint32, row *mirror.Row) {
			if row.UserID != "" {
				*c.group.at(n) = c.groups.join(maphash.String(c.seed, row.UserID))
			}
		})
	})
	each(func(n uint32, _ *mirror.Row) { c.byID.put(n, n+1, c.Known) })
	wait.Wait()
	c.caches.drop()
}

// Set replaces the row of a number. Its id and created stay. A UserID, Reference or
// Customer that is replaced leaves no byte behind.
func (c *Columns) Set(n uint32, row mirror.Row) {
	if seconds(row.Since.Unix()) != *c.since.at(n) {
		c.order.move(n)
		c.caches.moved()
	}
	c.note(n, &row)
	erased := c.erased(n)
	if was, is := *c.kind.at(n), c.kinds.of(&row, c.kindOf(n).prefixed); was != is {
		c.count(n, -1)
		*c.kind.at(n) = is
		c.count(n, +1)
		c.order.recount(n, was, is)
		c.caches.stale()
	}
	if !erased && c.erased(n) {
		c.eraseAttempts(n)
	}
	if string(c.references.at(n)) != row.Reference {
		c.references.set(n, row.Reference)
		c.caches.drop()
	}
	if string(c.customers.at(n)) != row.Customer {
		c.customers.set(n, row.Customer)
		c.caches.drop()
	}
	if c.index.UserID(n) != row.UserID {
		c.leave(n)
		c.join(n, row.UserID)
		c.caches.drop()
	}
}

// note sets the times of a row.
func (c *Columns) note(n uint32, row *mirror.Row) {
	*c.asOf.at(n) = seconds(row.AsOf.Unix())
	*c.since.at(n) = seconds(row.Since.Unix())
	if changed := nanoseconds(row.Changed); changed != 0 {
		c.changed[n] = changed
	} else {
		delete(c.changed, n)
	}
}

// Remove takes a row out; its number stays empty and its bytes are wiped.
func (c *Columns) Remove(n uint32) {
	c.order.remove(n)
	c.leave(n)
	c.count(n, -1)
	c.byID.remove(n)
	c.idTexts.set(n, "")
	c.references.set(n, "")
	c.customers.set(n, "")
	c.metadata.set(n, "")
	*c.kind.at(n) = 0
	c.dropAttempts(n)
	delete(c.changed, n)
	c.caches.drop()
}

// SetMetadata replaces the metadata of a row by those that are kept. What goes leaves no byte
// behind.
func (c *Columns) SetMetadata(n uint32, metadata map[string]string) {
	var text []byte
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		for _, part := range []string{key, metadata[key]} {
			text = binary.AppendUvarint(text, uint64(len(part)))
			text = append(text, part...)
		}
	}
	if string(c.metadata.at(n)) != string(text) {
		c.metadata.set(n, string(text))
		c.caches.drop()
	}
	clear(text)
}

// metadataOf returns the value of a key, nil if the row has none.
func (c *Columns) metadataOf(n uint32, key string) []byte {
	text := c.metadata.at(n)
	next := func() []byte {
		length, size := binary.Uvarint(text)
		part := text[size : size+int(length)]
		text = text[size+int(length):]
		return part
	}
	for len(text) > 0 {
		if has, value := next(), next(); string(has) == key {
			return value
		}
	}
	return nil
}

// metadataOfAll returns the values of some keys for each of some rows, nil without a key.
func (c *Columns) metadataOfAll(rows []uint32, keys []string) [][]string {
	if len(keys) == 0 {
		return nil
	}
	all := make([][]string, len(rows))
	for i, n := range rows {
		all[i] = make([]string, len(keys))
		for k, key := range keys {
			all[i][k] = string(c.metadataOf(n, key))
		}
	}
	return all
}

// Known tells whether a number has a row.
func (c *Columns) Known(n uint32) bool { return n < c.rows && *c.kind.at(n) != 0 }

// Given is how many numbers were given out, so it is the number of the next row.
func (c *Columns) Given() uint32 { return c.rows }

// join gives a row its user_id.
func (c *Columns) join(n uint32, userID string) {
	if userID == "" {
		return
	}
	*c.group.at(n) = c.groups.join(maphash.String(c.seed, userID))
	c.index.Put(n, userID)
	c.order.touch(n, false)
}

// leave takes its user_id from a row.
func (c *Columns) leave(n uint32) {
	group := c.group.at(n)
	if *group == 0 {
		return
	}
	c.groups.leave(*group)
	*group = 0
	c.index.Put(n, "")
	c.order.touch(n, true)
}

func (c *Columns) count(n uint32, by int) {
	k := &c.kinds.all[*c.kind.at(n)]
	k.rows += by
	c.counts.All += by
	c.counts.State[k.state] += by
	if k.Unreadable != "" {
		c.counts.Unreadable += by
	}
}

// Row returns the row of a number, with its Tries, without ReportID.
func (c *Columns) Row(n uint32) mirror.Row {
	k := c.kindOf(n)
	row := mirror.Row{
		Facts: k.Facts, ID: string(c.idTexts.at(n)), Created: client.Unix(*c.created.at(n)),
		UserID: c.index.UserID(n), Reference: string(c.references.at(n)), Customer: string(c.customers.at(n)),
		State: k.state, Tries: int(c.tries(n)), Since: client.Unix(*c.since.at(n)).Time(), Rough: k.rough, Changed: moment(c.changed[n]),
		AsOf: client.Unix(*c.asOf.at(n)).Time(),
	}
	if k.prefixed {
		row.ID = idPrefix + row.ID
	}
	row.ReportSum = c.tolds.all[*c.told.at(n)]
	return row
}

func (c *Columns) kindOf(n uint32) *kind { return &c.kinds.all[*c.kind.at(n)] }

// stateOf returns the state of a row.
func (c *Columns) stateOf(n uint32) client.State { return c.kindOf(n).state }

// tries is how many rows have the same user_id as this one; 0 without a user_id.
func (c *Columns) tries(n uint32) uint32 { return c.groups.size(*c.group.at(n)) }

// IDs lists the ids of the sessions in the given states, newest first.
func (c *Columns) IDs(states mirror.States) []string {
	var ids []string
	for _, n := range c.newest() {
		if states.Has(c.stateOf(n)) {
			ids = append(ids, c.id(n))
		}
	}
	return ids
}

// Within lists the ids of the sessions created in a window, newest first.
func (c *Columns) Within(w mirror.Window) []string {
	rows := c.newest()
	from := func(t client.Unix) int { // the first row created before t
		return sort.Search(len(rows), func(i int) bool { return client.Unix(*c.created.at(rows[i])) < t })
	}
	var ids []string
	for _, n := range rows[from(w.Until):max(from(w.Until), from(w.From))] {
		ids = append(ids, c.id(n))
	}
	return ids
}

// id returns the id of a row.
func (c *Columns) id(n uint32) string {
	if c.kindOf(n).prefixed {
		return idPrefix + string(c.idTexts.at(n))
	}
	return string(c.idTexts.at(n))
}

// seconds fits a time into 32 bits.
func seconds(unix int64) uint32 { return uint32(max(0, min(unix, math.MaxUint32))) }

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}
