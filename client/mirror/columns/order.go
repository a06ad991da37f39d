package columns

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"
)

// orders are the row orders that are kept between answers. A change only notes the
// rows that came and went; the next reader puts them in their places, so that a
// back-fill costs one merge for all rows since the last read. mu guards that merge,
// since reads run at the same time.
type orders struct {
	c          *Columns
	mu         sync.Mutex
	loose      []uint32 // rows that are not in newest yet
	newest     sequence // all rows, newest first
	byUser     byUser   // the rows with a user_id
	byUserBack byUser   // the same with the user_ids backwards
	bySince    bySince  // all rows, newest in their state first
	sinceBack  bySince  // the same with the times backwards
}

// bySince is an order of rows by the time of their last change of state; within a
// second, newest first. It is made on the first request for it.
type bySince struct {
	sequence
	made  bool
	loose map[uint32]struct{} // rows that joined or left since the sequence was updated
}

// byUser is an order of rows by user_id; within a user_id, newest first. It is made
// on the first request for it.
type byUser struct {
	sequence
	made    bool
	touched map[uint32]bool // rows that gained, lost or changed their user_id; true: the sequence has them
}

func newOrders(c *Columns) *orders {
	o := &orders{c: c}
	o.newest.before = c.newer
	o.byUser.before = func(a, b uint32) bool { return c.userBefore(a, b, +1) }
	o.byUserBack.before = func(a, b uint32) bool { return c.userBefore(a, b, -1) }
	o.bySince.before = func(a, b uint32) bool { return c.sinceBefore(a, b, +1) }
	o.sinceBack.before = func(a, b uint32) bool { return c.sinceBefore(a, b, -1) }
	return o
}

// newer is the order of newest: by created, within a second by id.
func (c *Columns) newer(a, b uint32) bool {
	if x, y := *c.created.at(a), *c.created.at(b); x != y {
		return x > y
	}
	if c.kindOf(a).prefixed && c.kindOf(b).prefixed {
		return bytes.Compare(c.idTexts.at(a), c.idTexts.at(b)) > 0
	}
	return c.id(a) > c.id(b)
}

func (c *Columns) userBefore(a, b uint32, direction int) bool {
	if *c.group.at(a) != *c.group.at(b) {
		if by := strings.Compare(c.index.UserID(a), c.index.UserID(b)); by != 0 {
			return by*direction < 0
		}
	}
	return c.newer(a, b)
}

func (c *Columns) sinceBefore(a, b uint32, direction int) bool {
	if by := cmp.Compare(*c.since.at(b), *c.since.at(a)); by != 0 {
		return by*direction < 0
	}
	return c.newer(a, b)
}

// add notes a new row.
func (o *orders) add(n uint32) {
	o.loose = append(o.loose, n)
	for _, s := range []*bySince{&o.bySince, &o.sinceBack} {
		if s.made {
			s.loosen(n)
		}
	}
}

// move notes that a row's Since is about to change.
func (o *orders) move(n uint32) {
	for _, s := range []*bySince{&o.bySince, &o.sinceBack} {
		s.takeOut(n)
		if s.made {
			s.loosen(n)
		}
	}
}

// takeOut takes a row out of the sequence, if it is there.
func (s *bySince) takeOut(n uint32) {
	if !s.made {
		return
	}
	if _, out := s.loose[n]; !out {
		s.sequence.remove(n)
	}
}

func (s *bySince) loosen(n uint32) {
	if s.loose[n] = struct{}{}; len(s.loose) > 1000 && len(s.loose) > s.len()/8 {
		*s = bySince{sequence: sequence{before: s.before}}
	}
}

// touch notes that a row gained its user_id, or lost one that it had.
func (o *orders) touch(n uint32, had bool) {
	for _, u := range []*byUser{&o.byUser, &o.byUserBack} {
		if !u.made {
			continue
		}
		if len(u.touched) > 1000 && len(u.touched) > u.len()/8 {
			u.forget()
			continue
		}
		if _, noted := u.touched[n]; !noted {
			u.touched[n] = had
		}
	}
}

func (u *byUser) forget() {
	u.sequence = sequence{before: u.before}
	u.made, u.touched = false, nil
}

// remove takes a row out of newest and bySince; touch does it for the orders by
// user.
func (o *orders) remove(n uint32) {
	for _, s := range []*bySince{&o.bySince, &o.sinceBack} {
		s.takeOut(n)
		delete(s.loose, n)
	}
	if last := len(o.loose) - 1; last >= 0 && o.loose[last] == n {
		o.loose = o.loose[:last]
		return
	}
	o.settle()
	o.newest.remove(n)
}

// recount notes that a row's kind changed.
func (o *orders) recount(n, was, is uint32) {
	o.newest.recount(n, was, is)
	for _, u := range []*byUser{&o.byUser, &o.byUserBack} {
		if len(u.touched) == 0 {
			u.recount(n, was, is)
		} else { // not all rows are in their places
			u.counts = nil
		}
	}
	o.bySince.recount(n, was, is)
	o.sinceBack.recount(n, was, is)
}

// settle puts the loose rows into newest.
func (o *orders) settle() {
	if len(o.loose) == 0 {
		return
	}
	o.newest.insert(o.loose)
	if o.loose = o.loose[:0]; cap(o.loose) > 1<<16 {
		o.loose = nil
	}
}

// newest returns all rows, newest first; they must not be changed.
func (c *Columns) newest() []uint32 {
	c.order.mu.Lock()
	defer c.order.mu.Unlock()
	c.order.settle()
	return c.order.newest.rows()
}

// countedNewest returns all rows, newest first, with the counts.
func (c *Columns) countedNewest(ctx context.Context) (sequence, error) {
	o := c.order
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settle()
	err := o.newest.count(ctx, c)
	return o.newest, err
}

// countedByUser returns the rows with a user_id, ordered by it; within a user_id,
// newest first. back reverses the user_ids.
func (c *Columns) countedByUser(ctx context.Context, back bool) (sequence, error) {
	o := c.order
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settle()
	if err := o.makeByUser(ctx); err != nil {
		return sequence{}, err
	}
	u := &o.byUser
	if back {
		if u = &o.byUserBack; !u.made {
			u.take(c.turned(o.byUser.rows()))
		}
		u.mend(c)
	}
	err := u.count(ctx, c)
	return u.sequence, err
}

// countedBySince returns all rows by when they came to their state: newest first,
// or with back oldest first.
func (c *Columns) countedBySince(ctx context.Context, back bool) (sequence, error) {
	o := c.order
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settle()
	s := &o.bySince
	if back {
		s = &o.sinceBack
	}
	if !s.made {
		rows, err := c.sortedBySince(ctx, o.newest.rows(), back)
		if err != nil {
			return sequence{}, err
		}
		s.buf, s.lo, s.hi, s.counts = rows, 0, len(rows), nil
		s.made, s.loose = true, map[uint32]struct{}{}
	}
	s.insert(slices.Collect(maps.Keys(s.loose)))
	clear(s.loose)
	err := s.count(ctx, c)
	return s.sequence, err
}

// sortedBySince sorts the rows by Since, on all cores.
func (c *Columns) sortedBySince(ctx context.Context, newest []uint32, back bool) ([]uint32, error) {
	keys := make([]uint64, len(newest)) // Since, and in the low bits the place in newest
	for i, n := range newest {
		since := *c.since.at(n)
		if !back {
			since = ^since
		}
		keys[i] = uint64(since)<<32 | uint64(i)
	}
	keys, err := sortParts(ctx, keys, make([]uint64, len(keys)), slices.Sort, cmp.Compare)
	rows := make([]uint32, len(keys))
	for i, key := range keys {
		rows[i] = newest[uint32(key)]
	}
	return rows, err
}

func (o *orders) makeByUser(ctx context.Context) error {
	if o.byUser.made {
		o.byUser.mend(o.c)
		return nil
	}
	rows, err := o.c.sortedByUser(ctx, o.newest.rows())
	if err == nil {
		o.byUser.take(rows)
	}
	return err
}

func (u *byUser) take(rows []uint32) {
	u.buf, u.lo, u.hi, u.counts = rows, 0, len(rows), nil
	u.made, u.touched = true, map[uint32]bool{}
}

// mend takes out the touched rows, and puts in those of them that have a user_id
// now.
func (u *byUser) mend(c *Columns) {
	if len(u.touched) == 0 {
		return
	}
	var in []uint32
	out := 0
	moved := newBitset(int(c.rows))
	for n, had := range u.touched {
		if had {
			moved.add(n)
			out++
		}
		if *c.group.at(n) != 0 {
			in = append(in, n)
		}
	}
	if out > 0 {
		u.hi = u.lo + len(slices.DeleteFunc(u.rows(), moved.has))
		u.counts = nil
	}
	u.insert(in)
	clear(u.touched)
}

// turned returns an order by user with the user_ids reversed.
func (c *Columns) turned(rows []uint32) []uint32 {
	turned := make([]uint32, 0, len(rows))
	for end := len(rows); end > 0; {
		from := end - 1
		for from > 0 && *c.group.at(rows[from-1]) == *c.group.at(rows[end-1]) {
			from--
		}
		turned = append(turned, rows[from:end]...)
		end = from
	}
	return turned
}

// userKey is the sort key of a row: the first bytes of the user_id, which nearly
// always decide. at is the row's place in newest.
type userKey struct {
	high, low uint64
	at        uint32
}

// sortedByUser sorts the rows by user, on all cores. Its copies of user_ids are
// wiped at the end.
func (c *Columns) sortedByUser(ctx context.Context, newest []uint32) ([]uint32, error) {
	keys := make([]userKey, 0, len(newest))
	defer func() { clear(keys[:cap(keys)]) }()
	for i, n := range newest {
		if *c.group.at(n) != 0 {
			keys = append(keys, userKey{at: uint32(i)})
		}
	}
	compare := func(a, b userKey) int {
		if by := cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low)); by != 0 {
			return by
		}
		if x, y := newest[a.at], newest[b.at]; *c.group.at(x) != *c.group.at(y) {
			if by := strings.Compare(c.index.UserID(x), c.index.UserID(y)); by != 0 {
				return by
			}
		}
		return cmp.Compare(a.at, b.at)
	}
	spare := make([]userKey, len(keys))
	defer clear(spare)
	sorted, err := sortParts(ctx, keys, spare, func(keys []userKey) {
		var first [16]byte
		for j := range keys {
			clear(first[copy(first[:], c.index.UserID(newest[keys[j].at])):])
			keys[j].high, keys[j].low = binary.BigEndian.Uint64(first[:]), binary.BigEndian.Uint64(first[8:])
		}
		slices.SortFunc(keys, compare)
	}, compare)
	rows := make([]uint32, len(keys))
	for i, key := range sorted {
		rows[i] = newest[key.at]
	}
	return rows, err
}

// sortParts sorts each part of keys with sort, and merges the parts with compare,
// back and forth between keys and spare, on all cores. It returns the slice with
// the result.
func sortParts[T any](ctx context.Context, keys, spare []T, sort func(part []T), compare func(a, b T) int) ([]T, error) {
	const part = 1 << 14
	err := parallel(ctx, (len(keys)+part-1)/part, func(i int) { sort(keys[i*part : min(len(keys), (i+1)*part)]) })
	from, to := keys, spare
	for size := part; err == nil && size < len(keys); size *= 2 {
		err = parallel(ctx, (len(keys)+2*size-1)/(2*size), func(i int) {
			begin := i * 2 * size
			mid, end := min(begin+size, len(from)), min(begin+2*size, len(from))
			mergeSorted(to[begin:end], from[begin:mid], from[mid:end], compare)
		})
		from, to = to, from
	}
	return from, err
}

// mergeSorted fills dst from two sorted parts.
func mergeSorted[T any](dst, a, b []T, compare func(a, b T) int) {
	for i := range dst {
		if len(b) == 0 || len(a) > 0 && compare(a[0], b[0]) <= 0 {
			dst[i], a = a[0], a[1:]
		} else {
			dst[i], b = b[0], b[1:]
		}
	}
}
