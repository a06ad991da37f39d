package columns

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"strings"
)

// elsewhere returns the rows whose id, reference or customer contains word, letter
// case aside. The set must not be changed.
func (c *Columns) elsewhere(ctx context.Context, word string) (bitset, error) {
	within, known := c.caches.findParts(word)
	if known {
		return within, nil
	}
	rows := newBitset((len(c.idTexts.pages)) << pageBits)
	p := newPart(word)
	err := parallel(ctx, len(c.idTexts.pages), func(i int) {
		// a page's rows are words of the set that no other page has
		first := uint32(i) << pageBits
		if within != nil && !slices.ContainsFunc(within[i<<pageBits/64:(i+1)<<pageBits/64], func(w uint64) bool { return w != 0 }) {
			return
		}
		found := func(row int) { rows.add(first + uint32(row)) }
		p.search(c.idTexts.pages[i], found)
		p.search(c.references.pages[i], found)
		if customers := c.customers.pages[i]; customers != nil {
			p.search(customers, found)
		}
		c.prefixed(i, p, found)
	})
	if err == nil {
		c.caches.keepParts(word, rows)
	}
	return rows, err
}

// part is a word in lower case: as bytes for ASCII texts, and as strings.ToLower
// makes it for others.
type part struct {
	word  string
	bytes []byte
	plain bool // the word is ASCII
}

func newPart(word string) part {
	word = strings.ToLower(word)
	return part{word, []byte(word), ascii(word)}
}

// search reports the texts of a page that contain the part. They are one after
// another in memory, so one search covers many of them: as many as fit into the
// nearest cache in lower case. A text may be reported twice.
func (p part) search(page *textPage, found func(row int)) {
	if p.plain {
		var near [4096]byte
		room := near[:0]
		if len(p.bytes) > len(near)/2 {
			room = make([]byte, 0, 2*len(p.bytes))
		}
		row := 0 // where the last one was found: the next is not far
		for from := 0; from+len(p.bytes) <= len(page.bytes); {
			text := lower(room, page.bytes[from:min(len(page.bytes), from+cap(room))])
			for at := 0; at < len(text); {
				next := bytes.Index(text[at:], p.bytes)
				if next < 0 {
					break
				}
				at += next
				for int(page.ends[row]) <= from+at {
					row++
				}
				if end := int(page.ends[row]) - from; at+len(p.bytes) <= end {
					found(row)
					at = end
				} else {
					at++
				}
			}
			from += len(text) - len(p.bytes) + 1
		}
		clear(room[:cap(room)])
	}
	if !page.high {
		return
	}
	for row := range page.rows {
		if text := page.text(row); !ascii(text) && strings.Contains(strings.ToLower(string(text)), p.word) {
			found(row)
		}
	}
}

// prefixed reports the rows of a page whose id contains the part inside its prefix
// or across the prefix's end.
func (c *Columns) prefixed(page int, p part, found func(row int)) {
	inside := strings.Contains(idPrefix, p.word)
	var tails [][]byte // what has to follow the prefix
	for i := range idPrefix {
		if tail, ok := strings.CutPrefix(p.word, idPrefix[i:]); ok {
			tails = append(tails, []byte(tail))
		}
	}
	if !inside && len(tails) == 0 {
		return
	}
	ids := c.idTexts.pages[page]
	for row := range ids.rows {
		n := uint32(page)<<pageBits + uint32(row)
		if !c.kindOf(n).prefixed {
			continue
		}
		begins := func(tail []byte) bool {
			text := []byte(strings.ToLower(string(ids.text(row))))
			return bytes.HasPrefix(text, tail)
		}
		if inside || slices.ContainsFunc(tails, begins) {
			found(row)
		}
	}
}

// lower appends text to dst with its ASCII letters in lower case, eight bytes at a
// time. A byte is a capital letter when adding 0x80-'A' sets its highest bit and
// adding 0x7f-'Z' does not.
func lower(dst, text []byte) []byte {
	const ones = 0x0101010101010101
	at := len(dst)
	dst = append(dst, text...)
	rest := dst[at:]
	for ; len(rest) >= 8; rest = rest[8:] {
		x := binary.LittleEndian.Uint64(rest)
		low := x & (0x7f * ones)
		capital := (low + (0x80-'A')*ones) &^ (low + (0x7f-'Z')*ones) &^ x & (0x80 * ones)
		binary.LittleEndian.PutUint64(rest, x|capital>>2)
	}
	for i, b := range rest {
		if b-'A' < 26 {
			rest[i] = b | 0x20
		}
	}
	return dst
}

// findParts returns the remembered rows of a word. If there are none, it returns
// the rows of a word contained in it, a superset.
func (k *caches) findParts(word string) (rows bitset, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range slices.Backward(k.parts) {
		if p.word == word {
			return p.rows, true
		}
		if rows == nil && strings.Contains(word, p.word) {
			rows = p.rows
		}
	}
	return rows, false
}

func (k *caches) keepParts(word string, rows bitset) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.parts) == cachedParts {
		k.parts = slices.Delete(k.parts, 0, 1)
	}
	k.parts = append(k.parts, partsOf{word, rows})
}

// cachedParts is the number of words whose rows are remembered.
const cachedParts = 16
