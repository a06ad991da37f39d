package sqlite

import (
	"context"

	"idtop/client"
)

// Reports implements Store.
func (s *Store) Reports(ctx context.Context, ids ...string) (map[string][]client.ReportFacts, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	return map[string][]client.ReportFacts{}, nil
}
