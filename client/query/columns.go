package query

import "math/bits"

// User_ids of the same length form a class. A block is 64 of them, its lanes. It
// has a column of 8 machine words for each position in the text: in word k, bit n
// is bit k of lane n's character there. The characters are ASCII, so word 7 is
// free. It marks the places where the library gives a bonus of 20 points: after a
// separator, and at a capital after a small letter. That is a byte a character and
// one cache line a column, and the text is kept nowhere else.
const (
	lanes       = 64
	longest     = 64 // bytes of a user_id in columns
	apartClass  = longest + 1
	width       = 8 // words of a column
	bonusPlane  = 7
	casePlane   = 5 // the bit that tells capitals from small letters
	chunkBlocks = 16
	chunkSlots  = chunkBlocks * lanes
)

// column is the characters of 64 rows at one position.
type column = [width]uint64

// chunk is the unit of growth of a class, and one core's share of work.
type chunk struct {
	columns []column // the blocks, one after another
	rows    [chunkSlots]uint32
	taken   [chunkBlocks]uint64 // the lanes that hold a row
	newest  [chunkBlocks]uint32 // the newest row of each block that is not empty

	seen letterSet // the letters that were ever in the chunk
	// The letters at the first character, and at bonus places 1, 2 and at least 3
	// characters in: they bound the scores.
	scoring [4]letterSet
}

// letterSet is a set of ASCII characters; a capital counts as its small letter.
type letterSet [2]uint64

func (s *letterSet) add(letter byte)      { s[letter>>6] |= 1 << (letter & 63) }
func (s *letterSet) has(letter rune) bool { return s[letter>>6]>>(letter&63)&1 != 0 }

// class is the user_ids of one length.
type class struct {
	chunks []*chunk
	slots  uint32   // how many slots were ever given out
	free   []uint32 // the empty ones among them
}

// fitsColumns tells whether columns can hold a user_id: ASCII, not too long, and
// without a NUL, where the library stops reading.
func fitsColumns(userID string) bool {
	if len(userID) > longest {
		return false
	}
	for i := range len(userID) {
		if userID[i] >= 0x80 || userID[i] == 0 {
			return false
		}
	}
	return true
}

func (c *class) chunkOf(slot uint32) (*chunk, uint32) {
	return c.chunks[slot/chunkSlots], slot % chunkSlots
}

// block returns the columns of one block.
func (c *chunk) block(b int) []column {
	length := len(c.columns) / chunkBlocks
	return c.columns[b*length : (b+1)*length]
}

// blocks is how many blocks of the class are in use.
func (c *class) blocks() int { return int(c.slots+lanes-1) / lanes }

// put stores a user_id and returns its slot, unless the class is full.
func (c *class) put(row uint32, userID string, newer func(a, b uint32) bool) (uint32, bool) {
	var slot uint32
	switch n := len(c.free); {
	case n > 0:
		slot = c.free[n-1]
		c.free = c.free[:n-1]
	case c.slots == 1<<slotBits:
		return 0, false
	default:
		slot = c.slots
		c.slots++
		if slot%chunkSlots == 0 {
			c.chunks = append(c.chunks, &chunk{columns: make([]column, chunkBlocks*len(userID))})
		}
	}
	chunk, at := c.chunkOf(slot)
	b, lane := int(at/lanes), at%lanes
	chunk.rows[at] = row
	if chunk.taken[b] == 0 || newer(row, chunk.newest[b]) {
		chunk.newest[b] = row
	}
	chunk.taken[b] |= 1 << lane
	before, bit := byte(0), uint64(1)<<lane
	for p, column := 0, chunk.block(b); p < len(column); p++ {
		letter := userID[p]
		value, small := uint64(letter), small(letter)
		chunk.seen.add(small)
		if bonus(before, letter) {
			value |= 1 << bonusPlane
			chunk.scoring[min(p, 3)].add(small)
		} else if p == 0 {
			chunk.scoring[0].add(small)
		}
		words := &column[p]
		for k := range words {
			words[k] |= -(value & 1) & bit
			value >>= 1
		}
		before = letter
	}
	return slot, true
}

// bonus tells whether the library gives 20 points for a letter at this place.
func bonus(before, letter byte) bool {
	switch before {
	case '/', '-', '_', ' ', '.', '\\':
		return true
	}
	return 'a' <= before && before <= 'z' && 'A' <= letter && letter <= 'Z'
}

// small returns the small letter of a capital.
func small(letter byte) byte {
	if 'A' <= letter && letter <= 'Z' {
		return letter + 'a' - 'A'
	}
	return letter
}

// erase wipes a slot.
func (c *class) erase(slot, row uint32, newer func(a, b uint32) bool) {
	chunk, at := c.chunkOf(slot)
	b, lane := int(at/lanes), at%lanes
	for p, column := 0, chunk.block(b); p < len(column); p++ {
		for k := range width {
			column[p][k] &^= 1 << lane
		}
	}
	chunk.taken[b] &^= 1 << lane
	chunk.rows[at] = 0
	c.free = append(c.free, slot)
	if chunk.newest[b] != row || chunk.taken[b] == 0 {
		return
	}
	rows := chunk.rows[b*lanes : (b+1)*lanes]
	newest := rows[bits.TrailingZeros64(chunk.taken[b])]
	for left := chunk.taken[b]; left != 0; left &= left - 1 {
		if other := rows[bits.TrailingZeros64(left)]; newer(other, newest) {
			newest = other
		}
	}
	chunk.newest[b] = newest
}

// newestLast tells whether the class was filled from its oldest row on.
func (c *class) newestLast(newer func(a, b uint32) bool) bool {
	if len(c.chunks) == 0 {
		return false
	}
	first, last := c.chunks[0], c.chunks[len(c.chunks)-1]
	return first.taken[0] != 0 && last.taken[0] != 0 && newer(last.newest[0], first.newest[0])
}

// text rebuilds a user_id from its bits.
func (c *class) text(slot uint32) string {
	chunk, at := c.chunkOf(slot)
	var text [longest]byte
	columns := chunk.block(int(at / lanes))
	for p := range columns {
		text[p] = letterOf(columns[p], at%lanes)
	}
	return string(text[:len(columns)])
}

// letterOf returns the letter in a lane of a column.
func letterOf(c column, lane uint32) byte {
	letter := uint64(0)
	for k := range bonusPlane {
		letter |= c[k] >> lane & 1 << k
	}
	return byte(letter)
}
