package emulator

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// out is JSON being written. Objects have tens of members and a page a hundred
// objects, so members are appended one after the other instead of going through
// maps; a comma is written where the last byte shows that one is needed.
type out struct{ b []byte }

func (o *out) separate() {
	if n := len(o.b); n > 0 {
		switch o.b[n-1] {
		case '{', '[', ':':
		default:
			o.b = append(o.b, ',')
		}
	}
}

func (o *out) open(bracket byte) {
	o.separate()
	o.b = append(o.b, bracket)
}

func (o *out) close(bracket byte) { o.b = append(o.b, bracket) }

// key begins a member; name must need no escaping.
func (o *out) key(name string) *out {
	o.separate()
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
	return o
}

func (o *out) null() {
	o.separate()
	o.b = append(o.b, "null"...)
}

func (o *out) boolean(v bool) {
	o.separate()
	o.b = strconv.AppendBool(o.b, v)
}

func (o *out) number(v int64) {
	o.separate()
	o.b = strconv.AppendInt(o.b, v, 10)
}

func (o *out) text(s string) {
	o.separate()
	if plain(s) {
		o.b = append(o.b, '"')
		o.b = append(o.b, s...)
		o.b = append(o.b, '"')
		return
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string can always be encoded
		panic(strconv.QuoteToASCII(err.Error()))
	}
	o.b = append(o.b, bytes.TrimRight(buf.Bytes(), "\n")...)
}

// textOrNull writes null for the empty string, as Stripe does for an unset field.
func (o *out) textOrNull(s string) {
	if s == "" {
		o.null()
		return
	}
	o.text(s)
}

// id writes an object's id.
func (o *out) id(c *idCodec, kind idKind, index, created uint32) {
	o.separate()
	o.b = append(o.b, '"')
	o.b = c.append(o.b, kind, index, created)
	o.b = append(o.b, '"')
}

// plain tells whether s stands in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c == 0x7f {
			return false
		} else if c >= utf8.RuneSelf {
			return utf8.ValidString(s) && noneEscaped(s)
		}
	}
	return true
}

func noneEscaped(s string) bool {
	for _, r := range s {
		if r < 0x20 || r == '"' || r == '\\' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}
