package sqlite

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// errDamaged says that the file holds bytes that no idtop wrote.
var errDamaged = errors.New("the file holds a value that was never written")

// stored is a session as the files hold it.
type stored struct {
	mirror.Row
	n        uint32
	sent     time.Time
	person   int64             // its number in people; 0: it has no values there
	metadata map[string]string // the values for the keys in Config.Metadata
	gone     bool
}

// storedFields are the columns of stored, in the order of decode.
const storedFields = `SELECT n, id, created, kind, since << 1 | rough, as_of, facts, report, sent, sessions.person
	FROM sessions LEFT JOIN people ON people.person = sessions.person `

const storedWidth = 10

// loadFields are the columns of stored that the memory needs, in the order of
// decodeLoaded. The driver takes as long for two values as SQLite for a row, so
// there are few values: created and kind are one number, since and rough another.
const loadFields = `SELECT id, created << 20 | kind, since << 1 | rough, as_of, facts
	FROM sessions LEFT JOIN people ON people.person = sessions.person `

const loadKindBits = 20

// values are the columns of sessions from kind on.
func (t *transaction) values(row mirror.Row, sent time.Time, person int64) ([7]any, error) {
	kind, err := t.kindOf(row)
	v := [7]any{kind, nil, millis(row.Since), row.Rough, row.AsOf.UnixMilli(), nil, nil}
	if row.ReportID != "" {
		v[1] = row.ReportID
	}
	if !sent.IsZero() {
		v[5] = sent.UnixMicro() - row.AsOf.UnixMilli()*1000
	}
	if person != 0 {
		v[6] = person
	}
	return v, err
}

// millis is a time in milliseconds, for a column that may be NULL.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// decode reads storedFields.
func decode(values []driver.Value, kinds *storedKinds) (s stored, err error) {
	n, ok := values[0].(int64)
	created, isTime := values[2].(int64)
	kind, isKind := values[3].(int64)
	report, _ := values[7].(string)
	s.n = uint32(n)
	ok = ok && isTime && isKind && s.fill(kinds, values[1], created, kind, [3]driver.Value{values[4], values[5], values[6]})
	if !s.gone {
		s.ReportID = report
		if after, has := values[8].(int64); has {
			s.sent = time.UnixMicro(s.AsOf.UnixMicro() + after)
		}
		s.person, _ = values[9].(int64)
		ok = ok && (s.person != 0) == (values[6] != nil)
	}
	if !ok {
		return s, fmt.Errorf("session %d: %w", s.n, errDamaged)
	}
	return s, nil
}

// decodeLoaded reads loadFields of the row with this number.
func (s *stored) decodeLoaded(n uint32, values []driver.Value, kinds *storedKinds) error {
	*s = stored{n: n}
	both, ok := values[1].(int64)
	created, kind := both>>loadKindBits, both&(1<<loadKindBits-1)
	if !ok || !s.fill(kinds, values[0], created, kind, [3]driver.Value(values[2:])) {
		return fmt.Errorf("session %d: %w", s.n, errDamaged)
	}
	return nil
}

// fill sets the fields that decode and decodeLoaded have in common. rest holds
// since and rough, as_of, and facts. ok is false when a value was never written so.
func (s *stored) fill(kinds *storedKinds, id driver.Value, created, kind int64, rest [3]driver.Value) (ok bool) {
	if id == nil {
		s.gone = true
		return true
	}
	s.ID, _ = id.(string)
	s.Created = client.Unix(created)
	since, known := rest[0].(int64)
	s.Since, s.Rough = time.UnixMilli(since>>1).Truncate(time.Second), since&1 != 0
	asOf, ok := rest[1].(int64)
	s.AsOf = time.UnixMilli(asOf)
	if rest[2] != nil {
		facts, _ := rest[2].([]byte)
		ok = s.setFacts(facts) && ok
	}
	ok = kinds.fill(&s.Row, kind) && ok && s.ID != ""
	if !known { // written by an earlier idtop, which dated few states
		s.Since, s.Rough = mirror.FirstSince(s.Row, false)
	}
	return ok
}

// factsOf encodes the values that name a person, for the table people: each after
// its length. It is nil when there are none.
func factsOf(row mirror.Row, metadata map[string]string, keys []string) []byte {
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

// setFacts decodes the result of factsOf, and tells whether it is valid.
func (s *stored) setFacts(facts []byte) (ok bool) {
	text := string(facts) // one allocation for all values
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

// keptOf returns the session's metadata that the configuration keeps.
func (s *Store) keptOf(session client.Session, row mirror.Row) map[string]string {
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
