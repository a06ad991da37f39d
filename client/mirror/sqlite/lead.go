package sqlite

import (
	"context"

	"idtop/client/mirror"
)

// Lead implements Store. The operating system holds the lock, so it ends with the
// process, however that ends. The epoch in the file makes it safe: should a lock
// ever be lost, later commits of the former leader are refused.
func (s *Store) Lead(ctx context.Context) (epoch uint64, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok, err = s.lead.Try(); err != nil || !ok || s.epoch != 0 {
		return 0, false, s.troubleOf(err)
	}
	err = s.transaction(ctx, func() error {
		return s.queryRow("UPDATE mirror SET epoch = epoch + 1 RETURNING epoch").Scan(&epoch)
	})
	if err != nil {
		s.lead.Unlock()
		return 0, false, err
	}
	s.epoch = epoch
	return epoch, true, nil
}

// Resign implements Store.
func (s *Store) Resign(epoch uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if epoch != s.epoch || epoch == 0 {
		return nil
	}
	s.epoch = 0
	return s.troubleOf(s.lead.Unlock())
}

// leads tells whether the file still names this leadership as the present one.
func (s *Store) leads(epoch uint64) error {
	var present uint64
	if err := s.queryRow("SELECT epoch FROM mirror").Scan(&present); err != nil {
		return err
	}
	if epoch == 0 || epoch != s.epoch || epoch != present {
		return mirror.ErrFenced
	}
	return nil
}
