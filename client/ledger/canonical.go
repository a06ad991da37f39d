package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// version is the version of the canonical form.
const version = 1

// longestLine is more than any record has, in bytes. A byte of text takes at most
// six, as in \u001b.
const longestLine = 32 << 10

const (
	timeForm  = "2006-01-02T15:04:05.000Z"
	prevStart = `,"prev":"`
	hashStart = `,"hash":"`
	hashEnd   = "\"}\n"
)

// seal bounds the record's text, computes its hash and appends its line.
func (r *Record) seal(line []byte) []byte {
	r.Version = version
	r.fields(cutter{})
	start := len(line)
	w := writer{append(line, '{')}
	r.fields(&w)
	r.Hash, _ = hashOf(r.Prev, w.b[start:], nil)
	w.b = append(w.b, hashStart...)
	w.b = hex.AppendEncode(w.b, r.Hash[:])
	return append(w.b, hashEnd...)
}

// JSON returns the record's line in the ledger, in ASCII, without the line feed.
func (r Record) JSON() []byte { return bytes.TrimSuffix(r.seal(nil), []byte("\n")) }

// hashOf hashes a record: body is its line up to the hash member. It returns the
// buffer for the next call.
func hashOf(prev Hash, body, buffer []byte) (Hash, []byte) {
	b := hex.AppendEncode(buffer[:0], prev[:])
	b = append(append(b, body...), '}')
	return sha256.Sum256(b), b
}

// parser reads lines with one shared buffer.
type parser struct {
	reader reader
	writer writer
}

// parseLine reads one line, see parser.parse.
func parseLine(line []byte) (Record, Flaw) { return new(parser).parse(line) }

// parse reads a line with its line feed. The flaw is FlawNone only for a line that
// seal has written. The hash is checked first, which also distinguishes a newer
// version's line from a changed one.
func (p *parser) parse(line []byte) (r Record, flaw Flaw) {
	body, hash, ok := cutHash(line, hashStart, hashEnd)
	_, prev, ok2 := cutHash(body, prevStart, `"`)
	if !ok || !ok2 {
		return r, FlawForm
	}
	var sum Hash
	if sum, p.writer.b = hashOf(prev, body, p.writer.b); sum != hash {
		return r, FlawHash
	}
	p.reader = reader{rest: string(body), ok: body[0] == '{'} // the record's texts are parts of this string
	r.fields(&p.reader)
	p.writer.b = append(p.writer.b[:0], '{')
	r.fields(&p.writer)
	r.Hash = hash
	switch {
	case r.Version > version:
		return r, FlawNewer
	case !p.reader.ok || p.reader.rest != "" || !bytes.Equal(p.writer.b, body):
		return r, FlawForm
	}
	return r, FlawNone
}

// cutHash takes a member with a hash off the end of a line.
func cutHash(line []byte, start, end string) (rest []byte, h Hash, ok bool) {
	at := len(line) - len(start) - 2*len(h) - len(end)
	if at < 1 || !bytes.HasPrefix(line[at:], []byte(start)) || !bytes.HasSuffix(line, []byte(end)) {
		return nil, h, false
	}
	h, ok = parseHash(string(line[at+len(start) : len(line)-len(end)]))
	return line[:at], h, ok
}

// writer appends members in the canonical form.
type writer struct{ b []byte }

func (w *writer) name(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *writer) text(name string, v *string, _ int) {
	if *v != "" {
		w.name(name)
		w.b = appendQuoted(w.b, *v)
	}
}

func (w *writer) number(name string, v *uint64) {
	if *v != 0 {
		w.name(name)
		w.b = strconv.AppendUint(w.b, *v, 10)
	}
}

func (w *writer) flag(name string, v *bool) {
	if *v {
		w.name(name)
		w.b = append(w.b, "true"...)
	}
}

func (w *writer) moment(name string, v *time.Time) {
	if !v.IsZero() {
		w.name(name)
		w.b = append(w.b, '"')
		w.b = v.AppendFormat(w.b, timeForm)
		w.b = append(w.b, '"')
	}
}

// hash writes prev always, for a reader to see that it is there.
func (w *writer) hash(name string, v *Hash) {
	if *v != (Hash{}) || name == "prev" {
		w.name(name)
		w.b = append(w.b, '"')
		w.b = hex.AppendEncode(w.b, v[:])
		w.b = append(w.b, '"')
	}
}

// appendQuoted appends a JSON string in printable ASCII.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= ' ' && r <= '~':
			b = append(b, byte(r))
		case r >= 0x10000:
			high, low := utf16.EncodeRune(r)
			b = appendUnit(appendUnit(b, high), low)
		default:
			b = appendUnit(b, r)
		}
	}
	return append(b, '"')
}

func appendUnit(b []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}

// reader takes the members that are present off the front of a record. It is
// lenient inside of values: parse writes the record again and compares.
type reader struct {
	rest string // the rest of the record, from the { or the comma before the next member
	ok   bool
}

// value takes the next member when it has this name, and returns its value.
func (d *reader) value(name string) (string, bool) {
	n := len(name)
	if !d.ok || len(d.rest) < n+5 || d.rest[2:2+n] != name || d.rest[1] != '"' || d.rest[2+n] != '"' || d.rest[3+n] != ':' {
		return "", false
	}
	value := d.rest[n+4:]
	end := 0
	if value[0] == '"' {
		for end = 1; end < len(value) && value[end] != '"'; end++ {
			if value[end] == '\\' {
				end++
			}
		}
		end++
	} else if end = strings.IndexByte(value, ','); end < 0 {
		end = len(value)
	}
	if end > len(value) {
		d.ok = false
		return "", false
	}
	d.rest = value[end:]
	return value[:end], true
}

// plain takes a text in its written form, with its escapes.
func (d *reader) plain(name string) (string, bool) {
	value, ok := d.value(name)
	if !ok {
		return "", false
	}
	if len(value) < 2 || value[0] != '"' {
		d.ok = false
		return "", false
	}
	return value[1 : len(value)-1], true
}

func (d *reader) text(name string, v *string, most int) {
	s, ok := d.plain(name)
	if ok && strings.IndexByte(s, '\\') >= 0 {
		d.ok = json.Unmarshal([]byte(`"`+s+`"`), &s) == nil
	}
	if ok {
		*v, d.ok = s, d.ok && len(s) <= most
	}
}

func (d *reader) number(name string, v *uint64) {
	if value, ok := d.value(name); ok {
		n, err := strconv.ParseUint(value, 10, 64)
		*v, d.ok = n, err == nil
	}
}

func (d *reader) flag(name string, v *bool) {
	if value, ok := d.value(name); ok {
		*v, d.ok = true, value == "true"
	}
}

func (d *reader) moment(name string, v *time.Time) {
	if s, ok := d.plain(name); ok {
		t, err := time.Parse(timeForm, s)
		*v, d.ok = t, err == nil
	}
}

func (d *reader) hash(name string, v *Hash) {
	if s, ok := d.plain(name); ok {
		*v, d.ok = parseHash(s)
	}
}

// cutter brings members into bounds, so that any record can be written and read
// again.
type cutter struct{}

const cutMark = "…"

func (cutter) text(_ string, v *string, most int) {
	s := *v
	if len(s) > most {
		end := most - len(cutMark)
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + cutMark
	}
	*v = strings.ToValidUTF8(s, "?") // never longer
}

func (cutter) moment(_ string, v *time.Time) {
	t := v.UTC().Truncate(time.Millisecond)
	if t.Year() < 1 || t.Year() > 9999 {
		t = time.Time{}
	}
	*v = t
}

func (cutter) number(string, *uint64) {}
func (cutter) flag(string, *bool)     {}
func (cutter) hash(string, *Hash)     {}
