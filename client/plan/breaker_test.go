package plan

import (
	"slices"
	"testing"
)

// A job stops by itself. Each row has the ends of its items, one after the other, and the
// item with which the job stops.
func TestWhenAJobStopsByItself(t *testing.T) {
	type ended struct {
		state   ItemState
		trouble bool
	}
	times := func(n int, e ended) []ended { return slices.Repeat([]ended{e}, n) }
	done, trouble, unknown, own := ended{Complete, false}, ended{Failed, true}, ended{Unknown, true}, ended{Failed, false}
	sent, waits := ended{Sending, false}, ended{Waiting, false}
	for name, c := range map[string]struct {
		items []ended
		stops int // with the item of this number, from 1; 0: it goes on
		why   string
	}{
		"four in a row":                            {items: slices.Concat(times(4, trouble), times(1, done))},
		"five in a row":                            {slices.Concat(times(40, done), times(5, trouble)), 45, "5 sessions failed one after the other: see why before it goes on"},
		"five at the start":                        {times(5, trouble), 5, "5 sessions failed one after the other: see why before it goes on"},
		"unknown ones count":                       {times(5, unknown), 5, "5 sessions failed one after the other: see why before it goes on"},
		"one between them is done":                 {items: slices.Concat(times(40, done), times(4, trouble), times(40, done), times(4, trouble))},
		"what is only sent is between":             {slices.Concat(times(4, trouble), times(3, sent), times(1, waits), times(1, trouble)), 9, "5 sessions failed one after the other: see why before it goes on"},
		"failures of the items' own":               {items: slices.Concat(times(15, own), times(4, done))},
		"one of its own between does not end them": {slices.Concat(times(4, trouble), times(1, own), times(1, trouble)), 6, "5 sessions failed one after the other: see why before it goes on"},
		"two of twenty":                            {items: slices.Concat(times(2, own), times(18, done))},
		"three of nineteen":                        {items: slices.Concat(times(16, done), times(3, own), times(1, done))},
		"three of twenty":                          {slices.Concat(times(17, done), times(3, own)), 20, "3 of 20 sessions failed: see why before it goes on"},
		"a tenth of many, and one more":            {slices.Concat(times(90, done), times(11, own)), 101, "11 of 101 sessions failed: see why before it goes on"},
		"a tenth of many":                          {items: slices.Concat(times(90, done), times(10, own))},
		"what is only sent has not ended":          {items: slices.Concat(times(3, own), times(20, sent), times(16, done))},
	} {
		t.Run(name, func(t *testing.T) {
			var b breaker
			for i, item := range c.items {
				err := b.note(item.state, item.trouble)
				switch {
				case (err != nil) != (i+1 == c.stops):
					t.Fatalf("item %d: %v", i+1, err)
				case err != nil && err.Error() != c.why:
					t.Errorf("it stops with %q", err)
				}
			}
		})
	}
}
