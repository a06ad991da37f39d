package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"

	"idtop/client"
	"idtop/client/mirror"
)

// The changes of a session are few bytes beside its row: the table history has them by
// the row's number. Those of a session that has no row, because the server does not know
// it any more or the mirror is built anew, are in kept by its id.

// base is what the changes of a row are written in relation to: they begin when it was
// created, and the report of the last verdict is the one that the row has. What is kept
// without a row has the zero base.
type base struct {
	id      string
	created client.Unix
	report  string
}

func baseOf(row mirror.Row) base { return base{row.ID, row.Created, row.ReportID} }

// The first byte of a change: its state, and these.
const (
	changeRough  = 1 << 4
	changeFrom   = 5 // the bits where the source begins
	changeOwn    = 1 << 7
	changeStates = changeRough - 1
)

// encodeHistory writes each change as a byte, how many seconds it came after the one
// before, the number of its code, and its report where the base does not have it.
func (t *transaction) encodeHistory(history mirror.History, base base) ([]byte, error) {
	var bytes []byte
	at := base.created
	for _, c := range history {
		head := byte(c.State) | byte(c.From)<<changeFrom
		if c.Rough {
			head |= changeRough
		}
		own := c.Report != "" && c.Report == base.report
		if own {
			head |= changeOwn
		}
		code, err := t.codeOf(c.Code)
		if err != nil {
			return nil, err
		}
		bytes = append(bytes, head)
		bytes = binary.AppendVarint(bytes, int64(c.At-at))
		report := c.Report
		if own {
			report = ""
		}
		named := uint64(0)
		if report != "" {
			named = 1
		}
		bytes = binary.AppendUvarint(bytes, code<<1|named)
		if report != "" {
			bytes = binary.AppendUvarint(bytes, uint64(len(report)))
			bytes = append(bytes, report...)
		}
		at = c.At
	}
	return bytes, nil
}

// decodeHistory reads what encodeHistory wrote; codes are the texts of the numbers.
func decodeHistory(bytes []byte, base base, codes []string) (history mirror.History, err error) {
	ok := true
	number := func() uint64 {
		n, size := binary.Uvarint(bytes)
		if ok = ok && size > 0; !ok {
			return 0
		}
		bytes = bytes[size:]
		return n
	}
	at := base.created
	for len(bytes) > 0 && ok {
		head := bytes[0]
		bytes = bytes[1:]
		after, size := binary.Varint(bytes)
		if size <= 0 {
			return nil, errDamaged
		}
		bytes = bytes[size:]
		at += client.Unix(after)
		c := mirror.Change{
			ID: base.id, At: at, Rough: head&changeRough != 0, State: client.State(head & changeStates), From: mirror.Source(head >> changeFrom & 3),
		}
		if head&changeOwn != 0 {
			c.Report = base.report
		}
		code := number()
		if code>>1 >= uint64(len(codes)) || int(c.State) >= client.StateCount {
			return nil, errDamaged
		}
		c.Code = codes[code>>1]
		if code&1 != 0 {
			length := number()
			if length > uint64(len(bytes)) {
				return nil, errDamaged
			}
			c.Report, bytes = string(bytes[:length]), bytes[length:]
		}
		history = append(history, c)
	}
	if !ok {
		return nil, errDamaged
	}
	return history, nil
}

// readCodes reads the texts of the numbers in changes; that of 0 is "". Guarded by mu.
func (s *Store) readCodes() (codes []string, err error) {
	codes = []string{""}
	err = s.eachText("SELECT text FROM codes ORDER BY code", func(text string) { codes = append(codes, text) })
	return codes, err
}

// codeOf returns the number of a code, a new one if need be.
func (t *transaction) codeOf(code string) (uint64, error) {
	if code == "" {
		return 0, nil
	}
	if t.codes == nil {
		var err error
		if t.codes, err = t.readCodes(); err != nil {
			return 0, err
		}
	}
	if i := slices.Index(t.codes, code); i > 0 {
		return uint64(i), nil
	}
	t.codes = append(t.codes, code)
	n := len(t.codes) - 1
	return uint64(n), t.exec("INSERT INTO codes (code, text) VALUES (?, ?)", n, code)
}

// blob reads the changes that one statement finds; nil when there are none.
func (s *Store) blob(query string, arg any) (bytes []byte, err error) {
	err = s.queryRow(query, arg).Scan(&bytes)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return bytes, err
}

const (
	historyOf = "SELECT changes FROM history WHERE n = ?"
	keptOfID  = "SELECT changes FROM kept WHERE id = ?"
)

// history reads the changes that are kept beside a row.
func (s *Store) history(n uint32, base base) (mirror.History, error) {
	bytes, err := s.blob(historyOf, n)
	return s.historyIn(bytes, err, base)
}

// kept reads the changes of a session without a row.
func (s *Store) kept(id string) (mirror.History, error) {
	bytes, err := s.blob(keptOfID, id)
	return s.historyIn(bytes, err, base{id: id})
}

func (s *Store) historyIn(bytes []byte, err error, base base) (mirror.History, error) {
	if err != nil || len(bytes) == 0 {
		return nil, err
	}
	codes, err := s.readCodes()
	if err != nil {
		return nil, err
	}
	return decodeHistory(bytes, base, codes)
}

// chronicle writes the changes of a row, which were other ones.
func (t *transaction) chronicle(n uint32, row mirror.Row, was, history mirror.History) error {
	if len(history) == 0 {
		return nil
	}
	if err := t.recount(was, history); err != nil {
		return err
	}
	if row.Erased() {
		history = history.Erase()
	}
	bytes, err := t.encodeHistory(history, baseOf(row))
	if err != nil {
		return err
	}
	return t.exec("INSERT INTO history (n, changes) VALUES (?, ?) ON CONFLICT (n) DO UPDATE SET changes = excluded.changes", n, bytes)
}

// see writes what a sighting adds to the history of a row that it changed.
func (t *transaction) see(n uint32, before, row mirror.Row, seen mirror.Origin) error {
	history, err := t.history(n, baseOf(before))
	if err != nil {
		return err
	}
	return t.chronicle(n, row, history, history.See(before, row, seen))
}

// tell writes what an event tells of a session, also of its past.
func (t *transaction) tell(c mirror.Change) error {
	n, known := t.number(c.ID)
	if !known {
		return nil
	}
	before, err := t.stored(n)
	if err != nil {
		return err
	}
	history, err := t.history(n, baseOf(before.Row))
	if err != nil {
		return err
	}
	if err := t.takeFailure(n, c); err != nil {
		return err
	}
	told := history.Tell(before.Row, c)
	if slices.Equal(told, history) {
		return nil
	}
	t.shows = true
	return t.chronicle(n, before.Row, history, told)
}

// dated writes that an event tells since when a row is in its state.
func (t *transaction) dated(n uint32, row mirror.Row) error {
	history, err := t.history(n, baseOf(row))
	if err != nil || len(history) == 0 {
		return err
	}
	return t.chronicle(n, row, history, history.Dated(row))
}

// takeBack takes the changes of a session that has been here before from kept.
func (t *transaction) takeBack(id string) (mirror.History, error) {
	if !t.asked {
		if err := t.queryRow("SELECT EXISTS (SELECT 1 FROM kept)").Scan(&t.keeps); err != nil {
			return nil, err
		}
		t.asked = true
	}
	if !t.keeps {
		return nil, nil
	}
	history, err := t.kept(id)
	if err != nil || len(history) == 0 {
		return nil, err
	}
	return history, t.exec("DELETE FROM kept WHERE id = ?", id)
}

// retain keeps the changes of a row that goes.
func (t *transaction) retain(before stored) error {
	history, err := t.history(before.n, baseOf(before.Row))
	if err != nil || len(history) == 0 {
		return err
	}
	bytes, err := t.encodeHistory(history, base{id: before.ID})
	if err != nil {
		return err
	}
	t.keeps, t.asked = true, true
	if err := t.exec("INSERT OR REPLACE INTO kept (id, changes) VALUES (?, ?)", before.ID, bytes); err != nil {
		return err
	}
	return t.exec("DELETE FROM history WHERE n = ?", before.n)
}

// History implements Store.
func (s *Store) History(ctx context.Context, id string) (changes []mirror.Change, err error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.readOnly(func() error {
		if err := s.catchUp(ctx); err != nil { // the row may be one that is not known yet
			return err
		}
		n, ok := s.columns.Number(id)
		if !ok {
			changes, err = s.kept(id)
			return err
		}
		row, err := s.storedRow(n)
		if err != nil {
			return err
		}
		history, err := s.history(n, baseOf(row.Row))
		changes = history.Of(row.Row)
		return err
	})
	return changes, s.troubleOf(err)
}
