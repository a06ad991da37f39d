package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"slices"

	"idtop/client"
	"idtop/client/mirror"
)

// The table stays has the times in processing that the histories tell of, without the
// sessions: those of each hour in which they ended are one value. A stay is in it as often
// as it is in the tables history and kept, so that whatever replaces a history replaces
// its stays too.

// hourOf is the hour of a time, and the second in it.
func hourOf(at client.Unix) (hour int64, second uint16) {
	return int64(at) / 3600, uint16(at % 3600)
}

// appendStay adds a stay to the value of its hour: the second in two bytes, and the length.
func appendStay(stays []byte, stay mirror.Stay) ([]byte, error) {
	_, second := hourOf(stay.Until)
	return binary.AppendUvarint(binary.BigEndian.AppendUint16(stays, second), uint64(stay.Length)), nil
}

// nextStay reads the first stay in the value of an hour; size 0: it is damaged.
func nextStay(hour int64, stays []byte) (stay mirror.Stay, size int) {
	if len(stays) < 3 {
		return stay, 0
	}
	length, size := binary.Uvarint(stays[2:])
	if size <= 0 {
		return stay, 0
	}
	return mirror.Stay{Until: client.Unix(hour*3600 + int64(binary.BigEndian.Uint16(stays))), Length: client.Unix(length)}, 2 + size
}

// removeStay takes a stay out of the value of its hour.
func removeStay(stays []byte, stay mirror.Stay) ([]byte, error) {
	hour, _ := hourOf(stay.Until)
	for at := 0; at < len(stays); {
		found, size := nextStay(hour, stays[at:])
		switch {
		case size == 0:
			return nil, errDamaged
		case found == stay:
			return slices.Delete(stays, at, at+size), nil
		}
		at += size
	}
	return stays, nil
}

// recount replaces the stays of a history that is written by those of another.
func (t *transaction) recount(was, is mirror.History) error {
	before, after := was.Stays(), is.Stays()
	for _, stay := range before {
		if !slices.Contains(after, stay) {
			if err := t.change(stay, removeStay); err != nil {
				return err
			}
		}
	}
	for _, stay := range after {
		if !slices.Contains(before, stay) {
			if err := t.change(stay, appendStay); err != nil {
				return err
			}
		}
	}
	return nil
}

// change changes the value of a stay's hour, for writeStays.
func (t *transaction) change(stay mirror.Stay, how func([]byte, mirror.Stay) ([]byte, error)) error {
	hour, _ := hourOf(stay.Until)
	stays, read := t.stays[hour]
	var err error
	if !read {
		if stays, err = t.blob("SELECT stays FROM stays WHERE hour = ?", hour); err != nil {
			return err
		}
	}
	if stays, err = how(stays, stay); err != nil {
		return err
	}
	if t.stays == nil {
		t.stays = map[int64][]byte{}
	}
	t.stays[hour] = stays
	return nil
}

// writeStays writes the hours that have changed.
func (t *transaction) writeStays() error {
	for hour, stays := range t.stays {
		if err := t.exec("INSERT OR REPLACE INTO stays (hour, stays) VALUES (?, ?)", hour, stays); err != nil {
			return err
		}
	}
	return nil
}

// shortStay is a length in seconds that few stays reach.
const shortStay = 1024

// Stays implements Store.
func (s *Store) Stays(ctx context.Context, from, until client.Unix) (mirror.Lengths, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lengths, short := mirror.Lengths{}, [shortStay]int{}
	first, _ := hourOf(from)
	last, _ := hourOf(until)
	err := s.each("SELECT hour, stays FROM stays WHERE hour BETWEEN ? AND ?", 2, func(values []driver.Value) error {
		hour, _ := values[0].(int64)
		stays, _ := values[1].([]byte)
		for len(stays) > 0 {
			stay, size := nextStay(hour, stays)
			switch {
			case size == 0:
				return errDamaged
			case stay.Until < from || stay.Until >= until:
			case stay.Length < shortStay:
				short[stay.Length]++
			default:
				lengths[stay.Length]++
			}
			stays = stays[size:]
		}
		return nil
	}, first, last)
	for length, n := range short {
		if n > 0 {
			lengths[client.Unix(length)] = n
		}
	}
	return lengths, s.troubleOf(err)
}

// countStays fills the table stays from the histories of a mirror that has none yet.
func countStays(ctx context.Context, conn *sql.Conn) (err error) {
	t := &transaction{Store: &Store{conn: conn, stmts: map[string]*sql.Stmt{}}}
	defer func() { err = errors.Join(err, t.closeStmts()) }()
	codes, err := t.readCodes()
	if err != nil {
		return err
	}
	err = t.each("SELECT created, changes FROM history JOIN sessions USING (n) UNION ALL SELECT 0, changes FROM kept", 2, func(values []driver.Value) error {
		created, _ := values[0].(int64)
		changes, _ := values[1].([]byte)
		history, damaged := decodeHistory(changes, base{created: client.Unix(created)}, codes)
		if damaged != nil { // History says so
			return nil
		}
		return cmp.Or(ctx.Err(), t.recount(nil, history))
	})
	return cmp.Or(err, t.writeStays())
}
