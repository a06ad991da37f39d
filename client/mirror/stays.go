package mirror

import (
	"maps"
	"slices"
	"time"

	"idtop/client"
)

// Stay is a time that a session was in processing. Both of its ends are known for certain.
type Stay struct {
	Until  client.Unix // when the session left processing
	Length client.Unix
}

// Stays are the times that a session was in processing, oldest first.
func (h History) Stays() (stays []Stay) {
	for i := range len(h) - 1 {
		came, left := h[i], h[i+1]
		if came.State == client.StateProcessing && left.State != client.StateProcessing && !came.Rough && !left.Rough {
			stays = append(stays, Stay{left.At, left.At - came.At})
		}
	}
	return stays
}

// Lengths count stays by their lengths.
type Lengths map[client.Unix]int

// Count is how many stays there are.
func (l Lengths) Count() (n int) {
	for _, stays := range l {
		n += stays
	}
	return n
}

// Percentile is the least length that so many percent of the stays do not exceed; 0 when
// there are none.
func (l Lengths) Percentile(percent int) time.Duration {
	rank := (l.Count()*percent + 99) / 100
	for _, length := range slices.Sorted(maps.Keys(l)) {
		if rank -= l[length]; rank <= 0 {
			return time.Duration(length) * time.Second
		}
	}
	return 0
}
