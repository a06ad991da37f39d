package columns

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
)

// attemptsModel is the attempts of some rows written the obvious way.
type attemptsModel struct {
	*maker
	c     *Columns
	rows  map[uint32]mirror.Row
	all   []modelAttempt
	given uint32
}

type modelAttempt struct {
	number uint32
	Attempt
	kind AttemptKind
}

// add gives attempts to random rows, with gaps in the numbers.
func (m *attemptsModel) add(n int) {
	for range n {
		row := m.IntN(int(m.c.rows))
		if _, ok := m.rows[uint32(row)]; !ok {
			continue
		}
		m.given += uint32(1 + m.IntN(2))
		kind := AttemptKind{
			Reported: m.IntN(4) > 0, Failed: m.IntN(2) == 0, Code: []string{"", "document_expired"}[m.IntN(2)], Checks: mirror.Checks(m.IntN(32)),
			Doc: []string{"", "passport", "id_card"}[m.IntN(3)], Country: []string{"", "PL", "DE", fmt.Sprint(m.IntN(200))}[m.IntN(4)],
		}
		if !kind.Reported {
			kind.Doc, kind.Country = "", ""
		}
		a := modelAttempt{m.given, Attempt{Row: uint32(row), At: client.Unix(1_790_000_000 + m.Int64N(5000))}, kind}
		m.c.PutAttempt(a.number, a.Row, a.At, a.kind)
		m.c.PutAttempt(a.number, a.Row, a.At+1, AttemptKind{Code: "the number is known"})
		m.all = append(m.all, a)
	}
}

// check compares the columns with the model, and lets the rows have what their reports say.
func (m *attemptsModel) check(t *testing.T) {
	t.Helper()
	m.all = slices.DeleteFunc(m.all, func(a modelAttempt) bool {
		_, ok := m.rows[a.Row]
		return !ok
	})
	for i, a := range m.all {
		if row := m.rows[a.Row]; row.Erased() {
			m.all[i].kind.Doc, m.all[i].kind.Country = "", ""
		}
	}
	slices.SortFunc(m.all, func(a, b modelAttempt) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.number, a.number)) })
	for n, row := range m.rows {
		row.ReportSum = mirror.ReportSum{}
		m.rows[n] = row
	}
	for _, a := range slices.Backward(m.all) {
		if row := m.rows[a.Row]; a.kind.Reported {
			row.ReportSum = mirror.ReportSum{Attempts: row.Attempts + 1, Doc: a.kind.Doc, Country: a.kind.Country, Checks: a.kind.Checks}
			m.rows[a.Row] = row
		}
	}
	from, until := client.Unix(1_790_000_000+m.Int64N(5000)), client.Unix(0)
	if m.IntN(3) > 0 {
		until = from + client.Unix(m.IntN(3000))
	}
	kinds := m.c.AttemptKinds()
	var want, got []modelAttempt
	for _, a := range m.all {
		if a.At >= from && (until == 0 || a.At < until) {
			a.number = 0
			want = append(want, a)
		}
	}
	for a := range m.c.Attempts(from, until) {
		kind := kinds[a.Kind]
		a.Kind = 0
		got = append(got, modelAttempt{Attempt: a, kind: kind})
	}
	if !slices.Equal(got, want) {
		t.Fatalf("[%d, %d): %d attempts, want %d", from, until, len(got), len(want))
	}
}

// TestErasedDocumentsAreGone: no byte of a document stays in the columns when its session
// is erased or goes, nor of one that comes after.
func TestErasedDocumentsAreGone(t *testing.T) {
	m := &maker{Rand: rand.New(rand.NewPCG(3, 3))}
	c := New()
	for i := range 3000 {
		c.Append(m.row(int64(1_790_000_000 - i)))
	}
	document := func(n uint32) AttemptKind {
		return AttemptKind{Reported: true, Doc: fmt.Sprint("needle", n), Country: fmt.Sprint("Needle", n%7)}
	}
	number := uint32(0)
	for range 2 {
		for n := range c.rows {
			c.PutAttempt(number, n, client.Unix(1_790_000_000+n), document(n))
			number++
		}
	}
	for column := range mirror.ColumnCount { // answers are remembered
		if _, err := c.Find(t.Context(), mirror.Request{Order: mirror.Order{Column: column}, Rows: 50}); err != nil {
			t.Fatal(err)
		}
	}
	if found := needlesIn(reflect.ValueOf(c).Elem(), map[uintptr]bool{}); found < 3000 {
		t.Fatalf("the test sees %d needles", found)
	}
	for n := range c.rows {
		if n%3 == 0 {
			c.Remove(n)
			continue
		}
		row := c.Row(n)
		row.UserID, row.Reference, row.Redaction, row.State = "", "", client.RedactionRedacted, client.StateRedacted
		c.Set(n, row)
		c.PutAttempt(number, n, 1_800_000_000, document(n))
		number++
		if row := c.Row(n); row.Attempts != 3 || row.Doc != "" || row.Country != "" {
			t.Fatalf("%+v", row)
		}
	}
	if found := needlesIn(reflect.ValueOf(c).Elem(), map[uintptr]bool{}); found > 0 {
		t.Errorf("%d needles are left", found)
	}
}
