package columns

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// The tests of this file look at what a Store's tests can't: columns of several
// pages and stretches, and the bytes in them.

// maker makes rows of a back-fill, of now, and of anywhere between.
type maker struct {
	*rand.Rand
	made int
}

func (m *maker) row(created int64) mirror.Row {
	m.made++
	row := mirror.Row{
		ID: fmt.Sprintf("vs_%06d%x", m.made, m.Uint32()), Created: client.Unix(created),
		Facts: mirror.Facts{
			Type:      "document",
			Status:    []client.Status{client.StatusVerified, client.StatusCanceled, client.StatusProcessing, client.StatusRequiresInput}[m.IntN(4)],
			ErrorCode: []string{"", "document_expired", "selfie_manipulated"}[m.IntN(3)],
		},
		UserID:    []string{"", fmt.Sprint("user_", m.IntN(5000)), fmt.Sprint("Usér-", m.IntN(50)), "a_long_one_that_others_begin_with_" + fmt.Sprint(m.IntN(99))}[m.IntN(4)],
		Reference: []string{"", fmt.Sprint("Order-", m.IntN(90000)), fmt.Sprint("Ørder-", m.IntN(90000))}[m.IntN(20)%3],
	}
	if m.IntN(50) == 0 {
		row.ID = fmt.Sprintf("x%d", m.made)
	}
	row.State = client.StateOf(row.Status, row.ErrorCode, "")
	row.Since, row.Rough = client.Unix(created+m.Int64N(100)).Time(), m.IntN(2) == 0
	return row
}

// TestColumnsOfManyPages changes some ten thousand rows in every way and
// compares the orders, the counts and some windows with what sorting gives.
func TestColumnsOfManyPages(t *testing.T) {
	m := &maker{Rand: rand.New(rand.NewPCG(7, 7))}
	c := New()
	rows := map[uint32]mirror.Row{}
	const middle = 1_790_000_000
	newest, oldest := int64(middle), int64(middle)
	add := func(created int64) {
		row := m.row(created)
		rows[c.Append(row)] = row
	}
	tries := &attemptsModel{maker: m, c: c, rows: rows}
	for round := range 16 {
		switch round % 5 {
		case 0: // a back-fill
			for range 2500 {
				oldest -= m.Int64N(2)
				add(oldest)
			}
		case 1: // what comes now
			for range 300 {
				newest += m.Int64N(2)
				add(newest)
			}
		case 2: // a window between
			for range 200 {
				add(oldest + m.Int64N(newest-oldest))
			}
		case 3: // a start
			batch := make([]mirror.Row, 2000)
			for i := range batch {
				batch[i] = m.row(oldest + m.Int64N(newest-oldest))
				rows[c.rows+uint32(i)] = batch[i]
			}
			c.Load(len(batch), func(i int) *mirror.Row { return &batch[i] })
			c.Load(3, func(int) *mirror.Row { return nil })
		}
		for n := range rows {
			if m.IntN(400) == 0 {
				row := m.row(0)
				row.ID, row.Created = rows[n].ID, rows[n].Created
				if m.IntN(9) == 0 {
					row.Redaction, row.State = client.RedactionProcessing, client.StateRedacting
				}
				c.Set(n, row)
				rows[n] = row
			} else if m.IntN(3000) == 0 {
				c.Remove(n)
				delete(rows, n)
			}
		}
		tries.add(2000)
		tries.check(t)
		checkColumns(t, c, rows, m.Rand)
	}
}

func checkColumns(t *testing.T, c *Columns, rows map[uint32]mirror.Row, random *rand.Rand) {
	t.Helper()
	var counts mirror.Counts
	tries := map[string]int{}
	for _, row := range rows {
		counts.All++
		counts.State[row.State]++
		tries[row.UserID]++
	}
	tries[""] = 0
	for range 8 {
		r := mirror.Request{
			Order:  mirror.Order{Column: mirror.Column(random.IntN(int(mirror.ColumnCount))), Reverse: random.IntN(2) == 0},
			States: []mirror.States{0, 0, mirror.StatesOf(client.StateVerified), mirror.StatesOf(client.StateFailed, client.StateWaiting)}[random.IntN(4)],
			Query:  query.Parse([]string{"", "", "", "user_1", "order-1", "ørder-77", "s_00", "é", "long 9"}[random.IntN(9)] + []string{"", "", " reason:document_expired"}[random.IntN(3)]),
			Rows:   50,
		}
		in, elsewhere := searchNaively(t, c, rows, r.Query)
		want := slices.DeleteFunc(in, func(n uint32) bool {
			return !r.States.Has(rows[n].State) || !r.Query.Conditions().Nothing() && rows[n].ErrorCode != "document_expired"
		})
		if r.Order.Column == mirror.ByBest && len(r.Query.Words()) > 0 && len(elsewhere) == 0 {
			r.Order.Column = mirror.ByAge // the ranking is the index's
		}
		sortNaively(want, rows, tries, r.Order)
		if len(want) > 0 {
			r.Near = []string{rows[want[random.IntN(len(want))]].ID}
		}
		got, err := c.Find(t.Context(), r)
		if err != nil || got.total != len(want) || got.counts != counts || !slices.Equal(got.elsewhere, elsewhere) {
			t.Fatalf("%+v: %d of %d rows, counts %+v, elsewhere %q, %v", r, got.total, len(want), got.counts, got.elsewhere, err)
		}
		if len(want) > 0 && (c.id(want[got.at]) != r.Near[0] || !slices.Equal(got.Numbers, want[got.first:got.first+len(got.Numbers)])) {
			t.Fatalf("%+v: other rows from %d", r, got.first)
		}
	}
	for n, row := range rows {
		got := c.Row(n)
		if row.Tries, got.AsOf = tries[row.UserID], row.AsOf; got != row {
			t.Fatalf("row %d is %+v, want %+v", n, got, row)
		}
		if known, ok := c.Number(row.ID); !ok || known != n {
			t.Fatalf("%s has number %d, want %d", row.ID, known, n)
		}
	}
}

func searchNaively(t *testing.T, c *Columns, rows map[uint32]mirror.Row, q query.Query) (found []uint32, elsewhere []string) {
	for n := range rows {
		found = append(found, n)
	}
	for _, word := range q.Words() {
		matches, err := c.index.Match(t.Context(), word)
		if err != nil {
			t.Fatal(err)
		}
		lower := strings.ToLower(word)
		if matches.Count() == 0 {
			elsewhere = append(elsewhere, word)
		}
		found = slices.DeleteFunc(found, func(n uint32) bool {
			if matches.Count() > 0 {
				return !matches.Has(n)
			}
			return !strings.Contains(strings.ToLower(rows[n].ID), lower) && !strings.Contains(strings.ToLower(rows[n].Reference), lower)
		})
	}
	return found, elsewhere
}

func sortNaively(numbers []uint32, rows map[uint32]mirror.Row, tries map[string]int, order mirror.Order) {
	sign := 1
	if order.Reverse {
		sign = -1
	}
	slices.SortFunc(numbers, func(x, y uint32) int {
		a, b := rows[x], rows[y]
		newest := cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(b.ID, a.ID))
		switch order.Column {
		case mirror.ByState:
			return cmp.Or(sign*cmp.Compare(a.State, b.State), newest)
		case mirror.ByUser:
			return cmp.Or(emptyLast(a.UserID, b.UserID, order.Reverse), newest)
		case mirror.ByReason:
			return cmp.Or(emptyLast(a.ErrorCode, b.ErrorCode, order.Reverse), newest)
		case mirror.BySince:
			return cmp.Or(sign*b.Since.Compare(a.Since), newest)
		case mirror.ByTries:
			return cmp.Or(sign*cmp.Compare(tries[b.UserID], tries[a.UserID]), newest)
		case mirror.ByDoc:
			return cmp.Or(emptyLast(a.Doc, b.Doc, order.Reverse), newest)
		case mirror.ByCountry:
			return cmp.Or(emptyLast(a.Country, b.Country, order.Reverse), newest)
		case mirror.ByAttempts:
			return cmp.Or(sign*cmp.Compare(b.Attempts, a.Attempts), newest)
		}
		return sign * newest
	})
}

// TestErasedBytesAreGone plants needles, erases them in every way, and looks at
// all bytes that the columns hold. The index's own tests look at its bytes.
func TestErasedBytesAreGone(t *testing.T) {
	m := &maker{Rand: rand.New(rand.NewPCG(3, 3))}
	c := New()
	needles := map[uint32]mirror.Row{}
	for i := range 10_000 {
		row := m.row(int64(1_790_000_000 - i))
		if i%10 == 0 {
			row.UserID, row.Reference = fmt.Sprint("needle_", i), fmt.Sprint("Needle-", i)
			if i%20 == 0 {
				row.UserID, row.Customer = fmt.Sprint("Needlé_", i), fmt.Sprint("cus_Needle", i)
			}
			needles[c.rows] = row
		}
		c.Append(row)
	}
	if _, err := c.Find(t.Context(), mirror.Request{UserID: "NEEDLE_20"}); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"needl", "eedle-", "edle_1"} { // answers are remembered
		for column := range mirror.ColumnCount {
			if _, err := c.Find(t.Context(), mirror.Request{Query: query.Parse(text), Order: mirror.Order{Column: column}, Rows: 50}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found := needlesIn(reflect.ValueOf(c).Elem(), map[uintptr]bool{}); found < len(needles) {
		t.Fatalf("the test sees %d of %d needles", found, len(needles))
	}
	i := 0
	for n, row := range needles {
		switch i++; i % 3 {
		case 0:
			c.Remove(n)
		case 1:
			row.UserID, row.Reference, row.Customer, row.Redaction, row.State = "", "", "", client.RedactionRedacted, client.StateRedacted
			c.Set(n, row)
		case 2:
			row.UserID, row.Reference, row.Customer = "somebody else", "a longer reference than that", "cus_Other"
			c.Set(n, row)
			row.UserID, row.Reference = "", ""
			c.Set(n, row)
		}
	}
	if found := needlesIn(reflect.ValueOf(c).Elem(), map[uintptr]bool{}); found > 0 {
		t.Errorf("%d needles are left", found)
	}
	if found, err := c.Find(t.Context(), mirror.Request{Query: query.Parse("needle"), Rows: 5}); err != nil || found.total > 0 {
		t.Errorf("a search finds %d, %v", found.total, err)
	}
}

// needlesIn counts the needles in all strings and bytes that a value leads to,
// up to the capacity of slices.
func needlesIn(v reflect.Value, seen map[uintptr]bool) int {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() || v.Kind() != reflect.Slice && seen[v.Pointer()] {
			return 0
		}
		seen[v.Pointer()] = v.Kind() != reflect.Slice
	}
	found := 0
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			found += needlesIn(v.Elem(), seen)
		}
	case reflect.String:
		found += strings.Count(strings.ToLower(v.String()), "needle")
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			found += needlesIn(iter.Key(), seen) + needlesIn(iter.Value(), seen)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			found += needlesIn(v.Field(i), seen)
		}
	case reflect.Slice:
		v = v.Slice3(0, v.Cap(), v.Cap())
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return strings.Count(strings.ToLower(string(v.Bytes())), "needle")
		}
		fallthrough
	case reflect.Array:
		switch v.Type().Elem().Kind() {
		case reflect.Pointer, reflect.Interface, reflect.String, reflect.Map, reflect.Struct, reflect.Slice, reflect.Array:
			for i := range v.Len() {
				found += needlesIn(v.Index(i), seen)
			}
		}
	}
	return found
}

// BenchmarkColumns1M fills columns as a store does at its start.
func BenchmarkColumns1M(b *testing.B) {
	m := &maker{Rand: rand.New(rand.NewPCG(4, 2))}
	rows := make([]mirror.Row, 1_000_000)
	for i := range rows {
		rows[i] = m.row(int64(1_790_000_000 - i))
	}
	for b.Loop() {
		c := New()
		c.Expect(len(rows))
		for at := 0; at < len(rows); at += 10_000 {
			c.Load(10_000, func(i int) *mirror.Row { return &rows[at+i] })
		}
		if found, err := c.Find(context.Background(), mirror.Request{Rows: 50}); err != nil || found.total != len(rows) {
			b.Fatal(found.total, err)
		}
	}
}

// The rows of a page bring the values of the keys that are asked for, and none once they
// are erased.
func TestRowsBringMetadata(t *testing.T) {
	c := New()
	random := &maker{Rand: rand.New(rand.NewPCG(1, 2))}
	for _, metadata := range []map[string]string{{"team": "cards", "plan": "pro"}, nil, {"plan": "free"}} {
		c.SetMetadata(c.Append(random.row(1_700_000_000)), metadata)
	}
	values := func(keys ...string) (all [][]string) {
		found, err := c.Find(t.Context(), mirror.Request{Rows: 10, Metadata: keys})
		if err != nil {
			t.Fatal(err)
		}
		for _, hit := range found.Page(mirror.Request{}, c.Row).Rows {
			all = append(all, hit.Metadata)
		}
		slices.SortFunc(all, slices.Compare)
		return all
	}
	if got, want := values("plan", "team"), [][]string{{"", ""}, {"free", ""}, {"pro", "cards"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := values(); !reflect.DeepEqual(got, [][]string{nil, nil, nil}) {
		t.Errorf("without a key: %q", got)
	}
	c.SetMetadata(0, nil)
	if got, want := values("team"), [][]string{{""}, {""}, {""}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
