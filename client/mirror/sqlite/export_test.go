package sqlite

import (
	"context"

	"idtop/client/mirror"
)

// OpenHeld opens a mirror that reads no more than its newest rows until start.
var OpenHeld = openFiles

// Early tells whether a request is answered before all rows are read.
func (s *Store) Early(r mirror.Request) bool {
	head := s.head.Load()
	if head == nil || r.Whole {
		return false
	}
	_, ok := head.find(r)
	return ok
}

// Pay does what erasures owe.
func (s *Store) Pay(ctx context.Context) { s.pay(ctx) }

// Follow looks at once for what other processes wrote.
func (s *Store) Follow(ctx context.Context) { s.follow(ctx) }
