package sqlite

import (
	"database/sql/driver"

	"idtop/client"
	"idtop/client/mirror"
)

// storedKinds numbers the facts of rows as the table kinds does: a session's row in the
// file has only the number. Numbers begin with 1.
type storedKinds struct {
	all    []mirror.Facts
	number map[mirror.Facts]int64
}

// kindFields are the columns of kinds in the order of addRead and kindOf.
const kindFields = "type, status, redaction, error, livemode, selfie, live_shot, id_number, unreadable, flow"

const kindWidth = 10

func newStoredKinds() storedKinds {
	return storedKinds{all: make([]mirror.Facts, 1), number: map[mirror.Facts]int64{}}
}

func (k *storedKinds) add(f mirror.Facts) int64 {
	n := int64(len(k.all))
	k.number[f] = n
	k.all = append(k.all, f)
	return n
}

// addRead adds a row of kinds.
func (k *storedKinds) addRead(values []driver.Value) error {
	var texts [4]string
	var flags [4]bool
	ok := true
	for i := range 4 {
		text, isText := values[i].(string)
		flag, isNumber := values[4+i].(int64)
		texts[i], flags[i], ok = text, flag != 0, ok && isText && isNumber
	}
	unreadable, isText := values[8].(string)
	flow, isFlow := values[9].(string)
	if !ok || !isText || !isFlow {
		return errDamaged
	}
	k.add(mirror.Facts{
		Type: texts[0], Status: client.Status(texts[1]), Redaction: client.RedactionStatus(texts[2]), ErrorCode: texts[3],
		Livemode: flags[0], Selfie: flags[1], LiveShot: flags[2], IDNumber: flags[3],
		Unreadable: unreadable, Flow: flow,
	})
	return nil
}

// fill sets the row's fields from its kind; ok is false when there is no such kind.
func (k *storedKinds) fill(row *mirror.Row, n int64) (ok bool) {
	if n < 1 || n >= int64(len(k.all)) {
		return false
	}
	row.Facts = k.all[n]
	row.State = client.StateOf(row.Status, row.ErrorCode, row.Redaction)
	return true
}

// cut forgets the kinds that a failed transaction added.
func (k *storedKinds) cut(n int) {
	for _, f := range k.all[n:] {
		delete(k.number, f)
	}
	k.all = k.all[:n]
}

// kindOf returns the number of a row's kind, a new one if need be.
func (t *transaction) kindOf(row mirror.Row) (int64, error) {
	f := row.Facts
	if n, ok := t.kinds.number[f]; ok {
		return n, nil
	}
	err := t.exec("INSERT INTO kinds (kind, "+kindFields+") VALUES "+places(kindWidth+1, 1), len(t.kinds.all),
		f.Type, string(f.Status), string(f.Redaction), f.ErrorCode, f.Livemode, f.Selfie, f.LiveShot, f.IDNumber, f.Unreadable, f.Flow)
	if err != nil {
		return 0, err
	}
	return t.kinds.add(f), nil
}

// readKinds reads the kinds added since the last read. Guarded by mu.
func (s *Store) readKinds() error {
	return s.each("SELECT "+kindFields+" FROM kinds WHERE kind >= ? ORDER BY kind", kindWidth, s.kinds.addRead, len(s.kinds.all))
}
