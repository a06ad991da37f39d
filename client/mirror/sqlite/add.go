package sqlite

import (
	"strings"
	"time"

	"idtop/client/mirror"
)

// adding holds back the new rows of a transaction, so that one statement inserts
// many: that takes a third of the time of single inserts. Rows go into their tables
// in the order of their numbers; erase.go needs that for the table people.
type adding struct {
	person   int64 // the number of the next person; 0: not asked for yet
	sessions []any
	people   []any
}

// addAtOnce is how many rows one statement inserts.
const addAtOnce = 50

const (
	sessionWidth = 10
	personWidth  = 2
)

var (
	insertSession = "INSERT INTO sessions (n, id, created, kind, report, since, rough, as_of, sent, person) VALUES "
	insertPerson  = "INSERT INTO people (person, facts) VALUES "

	insertOneSession = insertSession + places(sessionWidth, 1)
	insertOnePerson  = insertPerson + places(personWidth, 1)
	insertSessions   = insertSession + places(sessionWidth, addAtOnce)
	insertPeople     = insertPerson + places(personWidth, addAtOnce)
)

// places returns the placeholders for the values of this many rows.
func places(width, rows int) string {
	row := "(?" + strings.Repeat(", ?", width-1) + ")"
	return row + strings.Repeat(", "+row, rows-1)
}

func (t *transaction) addSession(n uint32, row mirror.Row, sent time.Time, person int64) error {
	values, err := t.values(row, sent, person)
	if err != nil {
		return err
	}
	t.adding.sessions = append(t.adding.sessions, n, row.ID, int64(row.Created))
	t.adding.sessions = append(t.adding.sessions, values[:]...)
	if len(t.adding.sessions) < addAtOnce*sessionWidth {
		return nil
	}
	return t.flushSessions()
}

// addPerson adds the facts of a person at the end of people.
func (t *transaction) addPerson(facts []byte) (person int64, err error) {
	a := &t.adding
	if a.person == 0 {
		if err := t.queryRow("SELECT coalesce(max(person), 0) + 1 FROM people").Scan(&a.person); err != nil {
			return 0, err
		}
	}
	person = a.person
	a.person++
	if a.people = append(a.people, person, facts); len(a.people) >= addAtOnce*personWidth {
		err = t.flushPeople()
	}
	return person, err
}

// flush writes the held-back rows.
func (t *transaction) flush() error {
	if err := t.flushPeople(); err != nil {
		return err
	}
	return t.flushSessions()
}

func (t *transaction) flushSessions() error {
	values := t.adding.sessions
	t.adding.sessions = values[:0]
	return t.insert(insertSessions, insertOneSession, sessionWidth, values)
}

func (t *transaction) flushPeople() error {
	values := t.adding.people
	t.adding.people = values[:0]
	return t.insert(insertPeople, insertOnePerson, personWidth, values)
}

// insert inserts rows of width values each: many rows with the statement many, the
// remaining rows with the statement one.
func (t *transaction) insert(many, one string, width int, values []any) error {
	for ; len(values) >= width*addAtOnce; values = values[width*addAtOnce:] {
		if err := t.exec(many, values[:width*addAtOnce]...); err != nil {
			return err
		}
	}
	for ; len(values) > 0; values = values[width:] {
		if err := t.exec(one, values[:width]...); err != nil {
			return err
		}
	}
	return nil
}
