package mirror_test

import (
	"reflect"
	"slices"
	"testing"

	"idtop/client/mirror"
	"idtop/client/query"
)

// TestSameRows: a request differs from another by each of its fields, but for those
// that say which window of the rows is wanted.
func TestSameRows(t *testing.T) {
	window := []string{"Marked", "Near", "At", "Rows", "Whole", "Screen"}
	other := mirror.Request{
		Query: query.Parse("ann"), States: 1, Reason: "expired", Order: mirror.Order{Column: mirror.ByUser}, UserID: "ann", Alike: true,
		Only: []string{}, Marked: []string{"vs_1"}, Near: []string{"vs_1"}, At: 1, Rows: 1, Whole: true, AsTyped: true, Unreadable: true, Screen: make(chan struct{}),
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
