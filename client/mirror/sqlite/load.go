package sqlite

import (
	"context"
	"database/sql/driver"
	"io"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"idtop/client/guard"
	"idtop/client/mirror"
	"idtop/client/mirror/columns"
)

// loadChunk is how many rows a reader reads at once.
const loadChunk = 4 << 10

// loaders is how many readers load at the same time.
func loaders() int { return min(runtime.GOMAXPROCS(0), 8) }

// wait waits until all rows are loaded.
func (s *Store) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.loaded:
		return s.failed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// load fills the columns once, in the background.
func (s *Store) load(ctx context.Context) {
	defer close(s.loaded)
	columns, at, err := s.readAll(ctx)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.show(columns, at)
		err = s.readOnly(func() error { return s.catchUp(ctx) })
	}
	if err != nil {
		s.failed = s.troubleOf(err)
	}
	s.head.Store(nil)
	s.readers.SetMaxIdleConns(1) // the others' caches are not needed any more
	s.changes.Notify()
}

// show replaces the shown columns. Guarded by mu.
func (s *Store) show(columns *columns.Columns, at position) {
	s.lock.Change(func() { s.columns = columns })
	s.at, s.seen = at, -1
}

// readAll reads all rows into new columns. It returns the position up to which they
// are complete; rows that other processes changed meanwhile may be newer.
func (s *Store) readAll(ctx context.Context) (*columns.Columns, position, error) {
	var at position
	err := s.readers.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(n) + 1, 0) FROM sessions),
		(SELECT coalesce(max(seq), 0) FROM changes), (SELECT coalesce(max(a) + 1, 0) FROM attempts)`).Scan(&at.next, &at.seq, &at.attempts)
	if err != nil {
		return nil, at, err
	}
	columns := columns.New()
	columns.Expect(int(at.next))
	chunks := make([]chan []stored, (at.next+loadChunk-1)/loadChunk)
	for i := range chunks {
		chunks[i] = make(chan []stored, 1)
	}
	group, both := errgroup.WithContext(ctx)
	var next struct {
		sync.Mutex
		chunk int
	}
	free := make(chan []stored, 2*loaders()) // room for the chunks that are being read or wait for the columns
	for range cap(free) {
		free <- nil
	}
	for range loaders() {
		group.Go(func() error {
			defer guard.Catch()
			for {
				var room []stored
				select {
				case room = <-free:
				case <-both.Done():
					return both.Err()
				}
				next.Lock()
				i := next.chunk
				next.chunk++
				next.Unlock()
				if i >= len(chunks) {
					return nil
				}
				rows, err := s.readChunk(both, room, uint32(i)*loadChunk, min(at.next, uint32(i+1)*loadChunk))
				if err != nil {
					return err
				}
				chunks[i] <- rows
			}
		})
	}
	group.Go(func() error {
		defer guard.Catch()
		return loadChunks(both, columns, chunks, free)
	})
	if err := group.Wait(); err != nil {
		return nil, at, err
	}
	return columns, at, s.loadAttempts(ctx, columns, at.attempts)
}

// loadChunks takes the chunks in order, and returns the room of each to free.
func loadChunks(ctx context.Context, c *columns.Columns, chunks []chan []stored, free chan<- []stored) error {
	for _, chunk := range chunks {
		select {
		case rows := <-chunk:
			loadStored(c, rows)
			free <- rows
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// readChunk reads the rows from one number up to another, into room if it is large
// enough.
func (s *Store) readChunk(ctx context.Context, room []stored, from, to uint32) ([]stored, error) {
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	all := slices.Grow(room[:0], int(to-from))
	err = conn.Raw(func(raw any) error {
		conn, kinds := raw.(driver.QueryerContext), newStoredKinds()
		if err := rawRows(conn, "BEGIN", none); err != nil {
			return err
		}
		defer rawRows(conn, "ROLLBACK", none)
		if err := rawRows(conn, "SELECT "+kindFields+" FROM kinds ORDER BY kind", kinds.addRead); err != nil {
			return err
		}
		return rawRows(conn, loadFields+"WHERE n >= ? AND n < ? ORDER BY n", func(values []driver.Value) error {
			if len(all) == cap(all) {
				return errDamaged
			}
			all = all[:len(all)+1]
			row := &all[len(all)-1]
			return row.decodeLoaded(from+uint32(len(all)-1), values, &kinds)
		}, int64(from), int64(to))
	})
	if err == nil && len(all) != int(to-from) { // every number has a row
		err = errDamaged
	}
	return all, err
}

// rawRows queries the driver directly: database/sql would double the time for a
// row.
func rawRows(conn driver.QueryerContext, query string, do func([]driver.Value) error, args ...driver.Value) error {
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	rows, err := conn.QueryContext(context.Background(), query, named)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(values); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := do(values); err != nil {
			return err
		}
	}
}

// loadStored appends the next rows to the columns.
func loadStored(c *columns.Columns, all []stored) {
	c.Load(len(all), func(i int) *mirror.Row {
		if all[i].gone {
			return nil
		}
		return &all[i].Row
	})
	for i := range all {
		if all[i].metadata != nil {
			c.SetMetadata(all[i].n, all[i].metadata)
		}
	}
}

// none is for statements that have no rows.
func none([]driver.Value) error { return nil }
