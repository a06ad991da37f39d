package mirror

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"idtop/client"
)

// errDamaged is why what was read can't be what was written.
var errDamaged = errors.New("the file holds what was never written")

// stored is what the files hold of a session.
type stored struct {
	Row
	n        uint32
	sent     time.Time
	person   int64             // its number in people; 0: it has nothing there
	metadata map[string]string // what Config.Metadata names of it
	gone     bool
}

// storedFields is what stored is read from, in the order of decode.
const storedFields = `SELECT n, id, created, type, status, redaction, error, report, options, since, as_of, sent, person,
	(SELECT facts FROM people WHERE people.person = sessions.person) FROM sessions `

const storedWidth = 14

// The bits of sessions.options.
const (
	bitLive = 1 << iota
	bitSelfie
	bitLiveShot
	bitIDNumber
)

func optionBits(row Row) (bits int64) {
	for i, set := range []bool{row.Livemode, row.Selfie, row.LiveShot, row.IDNumber} {
		if set {
			bits |= 1 << i
		}
	}
	return bits
}

// values are the columns of sessions from type on.
func (t *transaction) values(row Row, sent time.Time, person int64) ([]any, error) {
	var numbers [4]int64
	for i, text := range []string{row.Type, string(row.Status), string(row.Redaction), row.ErrorCode} {
		var err error
		if numbers[i], err = t.word(text); err != nil {
			return nil, err
		}
	}
	v := []any{
		numbers[0], numbers[1], numbers[2], numbers[3], nil, optionBits(row),
		millis(row.Since), row.AsOf.UnixMilli(), nil, nil,
	}
	if row.ReportID != "" {
		v[4] = row.ReportID
	}
	if !sent.IsZero() {
		v[8] = sent.UnixMicro() - row.AsOf.UnixMilli()*1000
	}
	if person != 0 {
		v[9] = person
	}
	return v, nil
}

// millis is a time for a column that may be NULL.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// fields reads columns and remembers that one was not what was written.
type fields struct {
	values []driver.Value
	words  words
	bad    bool
}

func (f *fields) number(i int) int64 {
	n, ok := f.values[i].(int64)
	f.bad = f.bad || !ok
	return n
}

// optional is number for a column that may be NULL.
func (f *fields) optional(i int) (n int64, ok bool) {
	if f.values[i] == nil {
		return 0, false
	}
	return f.number(i), true
}

func (f *fields) word(i int) string {
	n := f.number(i)
	if n < 0 || n >= int64(len(f.words.texts)) {
		f.bad = true
		return ""
	}
	return f.words.texts[n]
}

// decode reads storedFields.
func decode(values []driver.Value, words words) (s stored, err error) {
	f := &fields{values: values, words: words}
	s.n = uint32(f.number(0))
	if values[1] == nil {
		s.gone = true
		return s, nil
	}
	s.ID, _ = values[1].(string)
	s.Created = client.Unix(f.number(2))
	s.Type, s.Status, s.Redaction = f.word(3), client.Status(f.word(4)), client.RedactionStatus(f.word(5))
	s.ErrorCode = f.word(6)
	s.ReportID, _ = values[7].(string)
	bits := f.number(8)
	s.Livemode, s.Selfie, s.LiveShot, s.IDNumber = bits&bitLive != 0, bits&bitSelfie != 0, bits&bitLiveShot != 0, bits&bitIDNumber != 0
	if since, ok := f.optional(9); ok {
		s.Since = time.UnixMilli(since)
	}
	asOf := f.number(10)
	s.AsOf = time.UnixMilli(asOf)
	if sent, ok := f.optional(11); ok {
		s.sent = time.UnixMicro(asOf*1000 + sent)
	}
	if s.person, _ = f.optional(12); s.person != 0 {
		facts, _ := values[13].([]byte)
		f.bad = f.bad || !s.setFacts(facts)
	}
	s.State = client.StateOf(s.Status, s.ErrorCode, s.Redaction)
	if f.bad || s.ID == "" {
		return s, fmt.Errorf("session %d: %w", s.n, errDamaged)
	}
	return s, nil
}

// factsOf is what names a person, for the table people: each value with its
// length before it. It is nil when there is nothing.
func factsOf(row Row, metadata map[string]string, keys []string) []byte {
	var facts []byte
	add := func(value string) {
		facts = binary.AppendUvarint(facts, uint64(len(value)))
		facts = append(facts, value...)
	}
	add(row.UserID)
	add(row.Reference)
	add(row.Customer)
	for _, key := range keys {
		if value, ok := metadata[key]; ok {
			add(key)
			add(value)
		}
	}
	if string(facts) == "\x00\x00\x00" {
		return nil
	}
	return facts
}

// setFacts takes what factsOf made, and tells whether that is what it was.
func (s *stored) setFacts(facts []byte) (ok bool) {
	text := string(facts) // one piece of memory for all values
	next := func() (value string) {
		n, size := binary.Uvarint(facts)
		if size <= 0 || n > uint64(len(facts)-size) {
			ok = false
			facts, text = nil, ""
			return ""
		}
		value = text[size : size+int(n)]
		facts, text = facts[size+int(n):], text[size+int(n):]
		return value
	}
	ok = len(facts) > 0
	s.UserID, s.Reference, s.Customer = next(), next(), next()
	for ok && len(facts) > 0 {
		if s.metadata == nil {
			s.metadata = map[string]string{}
		}
		key := next()
		s.metadata[key] = next()
	}
	return ok
}

// keptOf is what the configuration keeps of a session's metadata.
func (s *SQLite) keptOf(session client.Session, row Row) map[string]string {
	if row.Erased() || len(s.config.Metadata) == 0 {
		return nil
	}
	var kept map[string]string
	for _, key := range s.config.Metadata {
		if value, ok := session.Metadata[key]; ok && key != "user_id" {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[key] = value
		}
	}
	return kept
}

// words numbers the few words that many rows have; number 0 is "".
type words struct {
	texts   []string
	numbers map[string]int64
}

func newWords(texts []string) words {
	w := words{texts: append([]string{""}, texts...), numbers: map[string]int64{}}
	for i, text := range w.texts {
		w.numbers[text] = int64(i)
	}
	return w
}

func (w *words) add(text string) {
	w.numbers[text] = int64(len(w.texts))
	w.texts = append(w.texts, text)
}

// cut forgets the words that a transaction added which failed.
func (w *words) cut(n int) {
	for _, text := range w.texts[n:] {
		delete(w.numbers, text)
	}
	w.texts = slices.Clip(w.texts[:n])
}
