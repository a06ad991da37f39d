package mirror_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"idtop/client/mirror"
	"idtop/client/query"
)

// TestSameRows: a request differs from another by each of its fields, but for those
// that say which window of the rows is wanted.
func TestSameRows(t *testing.T) {
	window := []string{"Now", "Values", "Begun", "Marked", "Near", "At", "Rows", "Whole", "Screen", "Metadata"}
	other := mirror.Request{
		Query: query.Parse("ann"), States: 1, Now: time.Unix(1, 0), Values: "state", Begun: "f", Order: mirror.Order{Column: mirror.ByUser}, UserID: "ann", Alike: true,
		Only: []string{}, Marked: []string{"vs_1"}, Near: []string{"vs_1"}, At: 1, Rows: 1, Whole: true, AsTyped: true, Reasons: true, Metadata: []string{"team"}, Unreadable: true, Screen: make(chan struct{}),
	}
	for field, value := range reflect.ValueOf(other).Fields() {
		if value.IsZero() {
			t.Errorf("%s is not tried", field.Name)
		}
		var r mirror.Request
		reflect.ValueOf(&r).Elem().FieldByIndex(field.Index).Set(value)
		if same := r.SameRows(mirror.Request{}); same != slices.Contains(window, field.Name) {
			t.Errorf("with another %s, the same rows: %v", field.Name, same)
		}
		if !r.SameRows(r) {
			t.Errorf("with %s, a request differs from itself", field.Name)
		}
	}
}

// TestTheTimeCountsWhereTheQueryDependsOnIt, by the second.
func TestTheTimeCountsWhereTheQueryDependsOnIt(t *testing.T) {
	at := time.Unix(1000, 0)
	for line, timed := range map[string]bool{
		"ann": false, "state:failed": false, "tries:>2": false, "created:2026-11": false,
		"age:<2h": true, "ann -since:>1d": true, "stuck:no": true, "created:today": true, "a OR (b age:>1h)": true,
	} {
		r := mirror.Request{Query: query.Parse(line), Now: at}
		later, meanwhile := r, r
		later.Now, meanwhile.Now = at.Add(time.Second), at.Add(time.Second/2)
		if r.SameRows(later) == timed || !r.SameRows(meanwhile) {
			t.Errorf("%s: the same rows a second later: %v, half a second later: %v", line, r.SameRows(later), r.SameRows(meanwhile))
		}
	}
}
