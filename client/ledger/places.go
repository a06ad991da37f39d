package ledger

import (
	"bytes"
	"database/sql"
	"hash/maphash"
	"slices"
	"sync"
)

// places tells which records are about a session or a person. The lines are read once, when
// somebody first asks, and then as far as the book has grown. Neither ids nor pseudonyms
// are kept, only hashes of them, so that each record which is found has to be looked at.
type places struct {
	mu      sync.Mutex
	seed    maphash.Seed
	upTo    Head // the last record that was read
	records []about
	last    map[uint64]uint32 // by the hash of a member: one more than the index of the last record that has it
}

// about is a record, and for each of aboutMembers one more than the index of the record before
// that has the same value; 0 is none.
type about struct {
	seq    uint64
	before [len(aboutMembers)]uint32
}

// aboutMembers are the members that are looked for, as they begin in a line. Inside of a text a
// quotation mark has a backslash before it, so nothing else in a line looks the same.
var aboutMembers = [...]struct {
	start []byte
	of    func(r Record) string
}{
	aboutSession: {[]byte(`"session":"`), func(r Record) string { return r.Session }},
	aboutPerson:  {[]byte(`"person":"`), func(r Record) string { return r.Person }},
}

const (
	aboutSession = iota
	aboutPerson

	grownBy = "SELECT seq, hash, line FROM records WHERE seq > $1 ORDER BY seq"
)

// find returns the records that have the same value of a member as r and come after a number,
// oldest first.
func (p *places) find(tx *Tx, member int, r Record, after uint64) (all []Record, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.grow(tx); err != nil {
		return nil, err
	}
	for at := p.last[p.hashOf(member, r.JSON())]; at > 0; at = p.records[at-1].before[member] {
		seq := p.records[at-1].seq
		if seq <= after {
			break
		}
		found, err := tx.lines(lineAt, seq) // none after it was pruned
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.Reverse(all)
	value := aboutMembers[member].of
	all = slices.DeleteFunc(all, func(found Record) bool { return value(found) != value(r) })
	return all, nil
}

// grow reads what has come since the last time. It begins anew where the book does not have the
// last record that it knows: that was pruned, or the book is another one.
func (p *places) grow(tx *Tx) error {
	var hash string
	if p.last == nil || tx.QueryRow(hashAt, p.upTo.Seq).Scan(&hash) != nil || hash != p.upTo.Hash.String() {
		p.upTo, p.records, p.last, p.seed = Head{}, nil, map[uint64]uint32{}, maphash.MakeSeed()
	}
	rows, err := tx.Query(grownBy, p.upTo.Seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	var line sql.RawBytes
	for rows.Next() {
		var r about
		if err := rows.Scan(&r.seq, &hash, &line); err != nil {
			return diskError(tx.book.path, err)
		}
		for member := range aboutMembers {
			if h := p.hashOf(member, line); h != 0 {
				r.before[member] = p.last[h]
				p.last[h] = uint32(len(p.records) + 1)
			}
		}
		p.records = append(p.records, r)
		p.upTo.Seq = r.seq
		p.upTo.Hash, _ = parseHash(hash)
	}
	if err := rows.Err(); err != nil {
		return diskError(tx.book.path, err)
	}
	return nil
}

// hashOf is the hash of a member of a line with its value, 0 if the line does not have it.
func (p *places) hashOf(member int, line []byte) uint64 {
	_, value, ok := bytes.Cut(line, aboutMembers[member].start)
	if !ok {
		return 0
	}
	value, _, _ = bytes.Cut(value, []byte(`"`))
	return maphash.Bytes(p.seed, value) + uint64(member)
}
