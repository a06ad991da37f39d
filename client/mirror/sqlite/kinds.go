package sqlite

import (
	"database/sql/driver"

	"idtop/client"
	"idtop/client/mirror"
)

// storedFacts are the stored fields of a session that have few values.
type storedFacts struct {
	typ       string
	status    client.Status
	redaction client.RedactionStatus
	code      string
	livemode  bool
	selfie    bool
	liveShot  bool
	idNumber  bool

	unreadable string // Row.Unreadable
}

// storedKinds numbers storedFacts as the table kinds does: a session's row in the
// file has only the number. Numbers begin with 1.
type storedKinds struct {
	all    []storedFacts
	number map[storedFacts]int64
}

// kindFields are the columns of kinds in the order of addRead and kindOf.
const kindFields = "type, status, redaction, error, livemode, selfie, live_shot, id_number, unreadable"

const kindWidth = 9

func newStoredKinds() storedKinds {
	return storedKinds{all: make([]storedFacts, 1), number: map[storedFacts]int64{}}
}

func (k *storedKinds) add(f storedFacts) int64 {
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
	if !ok || !isText {
		return errDamaged
	}
	k.add(storedFacts{
		typ: texts[0], status: client.Status(texts[1]), redaction: client.RedactionStatus(texts[2]), code: texts[3],
		livemode: flags[0], selfie: flags[1], liveShot: flags[2], idNumber: flags[3],
		unreadable: unreadable,
	})
	return nil
}

// fill sets the row's fields from its kind; ok is false when there is no such kind.
func (k *storedKinds) fill(row *mirror.Row, n int64) (ok bool) {
	if n < 1 || n >= int64(len(k.all)) {
		return false
	}
	f := &k.all[n]
	row.Type, row.Status, row.Redaction, row.ErrorCode = f.typ, f.status, f.redaction, f.code
	row.Livemode, row.Selfie, row.LiveShot, row.IDNumber = f.livemode, f.selfie, f.liveShot, f.idNumber
	row.Unreadable = f.unreadable
	row.State = client.StateOf(f.status, f.code, f.redaction)
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
	f := storedFacts{
		typ: row.Type, status: row.Status, redaction: row.Redaction, code: row.ErrorCode,
		livemode: row.Livemode, selfie: row.Selfie, liveShot: row.LiveShot, idNumber: row.IDNumber,
		unreadable: row.Unreadable,
	}
	if n, ok := t.kinds.number[f]; ok {
		return n, nil
	}
	err := t.exec("INSERT INTO kinds (kind, "+kindFields+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", len(t.kinds.all),
		f.typ, string(f.status), string(f.redaction), f.code, f.livemode, f.selfie, f.liveShot, f.idNumber, f.unreadable)
	if err != nil {
		return 0, err
	}
	return t.kinds.add(f), nil
}

// readKinds reads the kinds added since the last read. Guarded by mu.
func (s *Store) readKinds() error {
	return s.each("SELECT "+kindFields+" FROM kinds WHERE kind >= ? ORDER BY kind", kindWidth, s.kinds.addRead, len(s.kinds.all))
}
