package emulator

import "strings"

// Stripe's ids are a prefix, the time of creation, a piece of the account's id
// and a random part. Here the random part is the object's position, permuted
// with a key: an id leads to its object without an index of a million strings.
const (
	alphabet    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	timeLen     = 6
	accountLen  = 10
	codeLen     = 8
	halfBits    = 23 // two halves: 46 bits, which 8 characters of base 62 can hold
	halfMask    = 1<<halfBits - 1
	feistelRuns = 4
)

// idKind is the kind of object that an id names.
type idKind uint8

const (
	idSession idKind = iota
	idReport
	idEvent
	idFile
	idRequest
	idLink
	idWebhook
	idEphemeral
	idKinds
)

var idPrefixes = [idKinds]string{"vs_", "vr_", "evt_", "file_", "req_", "link_", "we_", "ephkey_"}

// digitOf is the value of a character of the alphabet, or 0xff.
var digitOf = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = byte(i)
	}
	return t
}()

// idCodec makes and reads the ids of one account.
type idCodec struct {
	account string // the piece of the account's id inside all others
	keys    [idKinds][feistelRuns]uint64
}

func newIDCodec(seed uint64) idCodec {
	c := idCodec{}
	d := roll(seed, saltAccount, 0, 0)
	c.account = randomText(&d, accountLen)
	for kind := range c.keys {
		k := roll(seed, saltIDs, uint64(kind), 0)
		for run := range c.keys[kind] {
			c.keys[kind][run] = k.next()
		}
	}
	return c
}

// sound tells whether the piece of the account fits into ids.
func (c *idCodec) sound() bool {
	return len(c.account) == accountLen && strings.Trim(c.account, alphabet) == ""
}

// randomText gives n characters of base 62.
func randomText(d *dice, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.below(len(alphabet))]
	}
	return string(b)
}

// scramble and unscramble are a keyed permutation of 46 bits and its inverse.
func scramble(keys *[feistelRuns]uint64, v uint64) uint64 {
	left, right := v>>halfBits&halfMask, v&halfMask
	for _, k := range keys {
		left, right = right, left^(mix(right^k)&halfMask)
	}
	return left<<halfBits | right
}

func unscramble(keys *[feistelRuns]uint64, v uint64) uint64 {
	left, right := v>>halfBits&halfMask, v&halfMask
	for i := len(keys) - 1; i >= 0; i-- {
		left, right = right^(mix(left^keys[i])&halfMask), left
	}
	return left<<halfBits | right
}

// appendBase62 writes v in exactly n characters.
func appendBase62(dst []byte, v uint64, n int) []byte {
	start := len(dst)
	for range n {
		dst = append(dst, 0)
	}
	for i := len(dst) - 1; i >= start; i-- {
		dst[i] = alphabet[v%62]
		v /= 62
	}
	return dst
}

// append writes the id of the object at position index, created at a Unix time.
func (c *idCodec) append(dst []byte, kind idKind, index, created uint32) []byte {
	dst = append(dst, idPrefixes[kind]...)
	dst = appendBase62(dst, uint64(created), timeLen)
	dst = append(dst, c.account...)
	return appendBase62(dst, scramble(&c.keys[kind], uint64(index)), codeLen)
}

func (c *idCodec) text(kind idKind, index, created uint32) string {
	return string(c.append(nil, kind, index, created))
}

// index reads the position out of an id. That an object stands there, and that
// its whole id is this one, is for the caller to compare.
func (c *idCodec) index(kind idKind, id string) (uint32, bool) {
	rest, ok := strings.CutPrefix(id, idPrefixes[kind])
	if !ok || len(rest) != timeLen+accountLen+codeLen {
		return 0, false
	}
	return readPosition(rest[timeLen+accountLen:], &c.keys[kind])
}

// readPosition reads a position that was scrambled and written in codeLen characters.
func readPosition(text string, keys *[feistelRuns]uint64) (uint32, bool) {
	v, ok := readBase62(text)
	if !ok || v >= 1<<(2*halfBits) {
		return 0, false
	}
	v = unscramble(keys, v)
	return uint32(v), v < 1<<32
}
