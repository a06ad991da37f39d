package mirror

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
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
const storedFields = `SELECT n, id, created, kind, since, as_of, facts, report, sent, sessions.person
	FROM sessions LEFT JOIN people ON people.person = sessions.person `

const storedWidth = 10

// loadFields are those of storedFields that the columns need.
const loadFields = `SELECT n, id, created, kind, since, as_of, facts
	FROM sessions LEFT JOIN people ON people.person = sessions.person `

// values are the columns of sessions from kind on.
func (t *transaction) values(row Row, sent time.Time, person int64) ([6]any, error) {
	kind, err := t.kindOf(row)
	v := [6]any{kind, nil, millis(row.Since), row.AsOf.UnixMilli(), nil, nil}
	if row.ReportID != "" {
		v[1] = row.ReportID
	}
	if !sent.IsZero() {
		v[4] = sent.UnixMicro() - row.AsOf.UnixMilli()*1000
	}
	if person != 0 {
		v[5] = person
	}
	return v, err
}

// millis is a time for a column that may be NULL.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// decode reads storedFields, or only loadFields.
func decode(values []driver.Value, kinds *storedKinds) (s stored, err error) {
	bad := false
	number := func(i int) int64 {
		n, ok := values[i].(int64)
		bad = bad || !ok
		return n
	}
	s.n = uint32(number(0))
	if values[1] == nil {
		s.gone = true
		return s, nil
	}
	s.ID, _ = values[1].(string)
	s.Created = client.Unix(number(2))
	bad = !kinds.fill(&s.Row, number(3)) || bad
	if values[4] != nil {
		s.Since = time.UnixMilli(number(4))
	}
	s.AsOf = time.UnixMilli(number(5))
	if values[6] != nil {
		facts, _ := values[6].([]byte)
		bad = !s.setFacts(facts) || bad
	}
	if len(values) == storedWidth {
		s.ReportID, _ = values[7].(string)
		if values[8] != nil {
			s.sent = time.UnixMicro(number(5)*1000 + number(8))
		}
		if values[9] != nil {
			s.person = number(9)
		}
		bad = bad || (s.person != 0) != (values[6] != nil)
	}
	if bad || s.ID == "" {
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
