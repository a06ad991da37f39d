package stripe

import (
	"errors"
	"fmt"
	"io"
	"regexp"

	"idtop/client"
)

// scanner reads JSON as it arrives. It keeps only the values that the caller asks
// for, and wipes its buffers at the end. After the first fault it reads nothing
// more; err is that fault, and never holds a byte of the JSON.
type scanner struct {
	body     io.Reader
	err      error
	room     []byte
	at, size int
	read     int       // bytes taken so far
	short    [256]byte // the last key, word or number
}

func newScanner(body io.Reader) *scanner { return &scanner{body: body, room: make([]byte, 8<<10)} }

// cutOff is an answer that did not arrive whole.
type cutOff struct{ error }

func (c cutOff) Unwrap() error { return c.error }

func (r *scanner) wipe() {
	clear(r.room)
	clear(r.short[:])
}

func (r *scanner) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.at, r.size = 0, 0
}

// odd fails because the JSON is not as JSON is.
func (r *scanner) odd() { r.fail(fmt.Errorf("invalid JSON came: wrong at byte %d", r.read)) }

// more tells whether there is another byte.
func (r *scanner) more() bool {
	for empty := 0; r.at == r.size && r.err == nil; empty++ {
		n, err := r.body.Read(r.room)
		r.at, r.size = 0, n
		switch {
		case r.read+n > maxBody:
			r.fail(&oddAnswer{0, client.CauseHuge, fmt.Sprintf("an answer of more than %d MiB", maxBody>>20)})
		case n > 0:
		case errors.Is(err, io.EOF):
			return false
		case err != nil:
			r.fail(cutOff{err})
		case empty > 100:
			r.fail(cutOff{io.ErrNoProgress})
		}
	}
	return r.err == nil
}

// peek returns the next byte without taking it, 0 after a fault.
func (r *scanner) peek() byte {
	if !r.more() {
		r.fail(cutOff{io.ErrUnexpectedEOF})
		return 0
	}
	return r.room[r.at]
}

func (r *scanner) take() byte {
	b := r.peek()
	if r.err == nil {
		r.at++
		r.read++
	}
	return b
}

// next returns the next byte that is no space, without taking it.
func (r *scanner) next() byte {
	for r.more() {
		switch b := r.room[r.at]; b {
		case ' ', '\t', '\r', '\n':
			r.take()
		default:
			return b
		}
	}
	return r.peek()
}

// expect takes the next byte that is no space, which has to be this one.
func (r *scanner) expect(b byte) {
	if r.next(); r.take() != b {
		r.odd()
	}
}

// end makes sure that nothing follows.
func (r *scanner) end() {
	for r.more() {
		switch r.take() {
		case ' ', '\t', '\r', '\n':
		default:
			r.odd()
		}
	}
}

// object reads an object and calls member with each of the keys, for it to read or skip
// the value; a key that is not one of the known is "". Of another value it tells that
// it is none, and skips it.
func (r *scanner) object(known []string, member func(key string)) (is bool) {
	return r.list('{', '}', func() {
		if r.next() != '"' {
			r.odd()
		}
		key := r.text()
		r.expect(':')
		for _, name := range known {
			if string(key) == name {
				member(name)
				return
			}
		}
		member("")
	})
}

// array reads an array and calls element to read each value.
func (r *scanner) array(element func()) (is bool) { return r.list('[', ']', element) }

func (r *scanner) list(opening, closing byte, element func()) (is bool) {
	if r.next() != opening {
		r.skip()
		return false
	}
	r.take()
	if r.next() == closing {
		r.take()
		return true
	}
	for r.err == nil {
		element()
		switch r.next(); r.take() {
		case ',':
		case closing:
			return true
		default:
			r.odd()
		}
	}
	return false
}

// text reads a string that has no more than short holds and nothing escaped; any other
// it passes over and returns none. It is good until the next value is read.
func (r *scanner) text() []byte {
	r.take()
	size, fits := 0, true
	for r.err == nil {
		b := r.take()
		switch {
		case b == '"':
			if !fits {
				return nil
			}
			return r.short[:size]
		case b < ' ':
			r.odd()
		case b == '\\':
			r.take()
			fits = false
		case size == len(r.short):
			fits = false
		default:
			r.short[size] = b
			size++
		}
	}
	return nil
}

// word reads a string of a form; of any other value it returns "".
func (r *scanner) word(form *regexp.Regexp) string {
	if r.next() != '"' {
		r.skip()
		return ""
	}
	if text := r.text(); form.Match(text) {
		return string(text)
	}
	return ""
}

// plain reads a value that is not in quotes or brackets, such as true or 12.
func (r *scanner) plain() []byte {
	size := 0
	for r.more() && size < len(r.short) {
		b := r.room[r.at]
		if b != '-' && b != '+' && b != '.' && (b < '0' || b > '9') && (b < 'A' || b > 'Z') && (b < 'a' || b > 'z') {
			break
		}
		r.short[size] = r.take()
		size++
	}
	if size == 0 {
		r.odd()
	}
	return r.short[:size]
}

// truth reads true or false; any other value is false, and known is then too.
func (r *scanner) truth() (is, known bool) {
	if b := r.next(); b != 't' && b != 'f' {
		r.skip()
		return false, false
	}
	text := r.plain()
	return string(text) == "true", true
}

// number reads a whole number from 0 on; any other value is 0.
func (r *scanner) number() (n int64) {
	if b := r.next(); b < '0' || b > '9' {
		r.skip()
		return 0
	}
	text := r.plain()
	if len(text) > 15 {
		return 0
	}
	for _, b := range text {
		if b < '0' || b > '9' {
			return 0
		}
		n = 10*n + int64(b-'0')
	}
	return n
}

// skip passes over a value.
func (r *scanner) skip() {
	depth := 0
	for r.err == nil {
		switch r.next() {
		case '"':
			r.text()
		case '{', '[':
			r.take()
			depth++
		case '}', ']':
			r.take()
			depth--
		case ',', ':':
			if r.take(); depth == 0 {
				r.odd()
			}
		default:
			r.plain()
		}
		if depth <= 0 {
			break
		}
	}
	if depth < 0 {
		r.odd()
	}
}
