package columns

import "math/bits"

// table finds a row's or a group's number by the hash of its name. It is an
// open-addressing table of numbers. One byte of each hash is kept beside them, so
// that a lookup hardly ever compares a wrong number.
type table struct {
	slots []uint32 // the number + 1; 0: free
	tags  []uint8
	used  int
	hash  func(n uint32) uint64
}

// slot is the preferred place of a hash.
func (t *table) slot(hash uint64) int {
	hi, _ := bits.Mul64(hash, uint64(len(t.slots)))
	return int(hi)
}

func (t *table) next(slot int) int {
	if slot++; slot == len(t.slots) {
		return 0
	}
	return slot
}

// find returns the number with this hash that is accepts.
func (t *table) find(hash uint64, is func(n uint32) bool) (n uint32, ok bool) {
	if t.used == 0 {
		return 0, false
	}
	for slot := t.slot(hash); t.slots[slot] != 0; slot = t.next(slot) {
		if n := t.slots[slot] - 1; t.tags[slot] == uint8(hash) && is(n) {
			return n, true
		}
	}
	return 0, false
}

// put adds a new number. When the table has to grow, all is an upper bound of the
// existing numbers, and has tells which of them are in the table.
func (t *table) put(n uint32, all uint32, has func(n uint32) bool) {
	if (t.used+1)*5 > len(t.slots)*4 {
		t.resize(max(16, len(t.slots)*3/2), all, func(other uint32) bool { return other != n && has(other) })
	}
	t.place(n)
}

// reserve makes room for this many numbers.
func (t *table) reserve(numbers int, all uint32, has func(n uint32) bool) {
	if size := numbers*5/4 + 16; size > len(t.slots) {
		t.resize(size, all, has)
	}
}

func (t *table) resize(size int, all uint32, has func(n uint32) bool) {
	t.slots, t.tags, t.used = make([]uint32, size), make([]uint8, size), 0
	for n := range all {
		if has(n) {
			t.place(n)
		}
	}
}

func (t *table) place(n uint32) {
	hash := t.hash(n)
	slot := t.slot(hash)
	for t.slots[slot] != 0 {
		slot = t.next(slot)
	}
	t.slots[slot], t.tags[slot] = n+1, uint8(hash)
	t.used++
}

// remove takes a number out and moves up the numbers that were pushed behind it.
func (t *table) remove(n uint32) {
	free := t.slot(t.hash(n))
	for t.slots[free] != n+1 {
		free = t.next(free)
	}
	t.used--
	for slot := t.next(free); t.slots[slot] != 0; slot = t.next(slot) {
		wants := t.slot(t.hash(t.slots[slot] - 1))
		// An entry may fill the free slot unless its preferred slot lies after the
		// free one and not after its own.
		if behind := free < wants && wants <= slot; free > slot {
			if free < wants || wants <= slot {
				continue
			}
		} else if behind {
			continue
		}
		t.slots[free], t.tags[free] = t.slots[slot], t.tags[slot]
		free = slot
	}
	t.slots[free], t.tags[free] = 0, 0
}

// bitset is a set of numbers.
type bitset []uint64

func newBitset(size int) bitset { return make(bitset, (size+63)/64) }

func (b bitset) add(n uint32) { b[n/64] |= 1 << (n % 64) }

func (b bitset) has(n uint32) bool { return b[n/64]&(1<<(n%64)) != 0 }

// each goes through the numbers of the set.
func (b bitset) each(yield func(n uint32) bool) {
	for i, word := range b {
		for ; word != 0; word &= word - 1 {
			if !yield(uint32(i*64 + bits.TrailingZeros64(word))) {
				return
			}
		}
	}
}

func (b bitset) and(other bitset) {
	for i := range b {
		b[i] &= other[i]
	}
}
