package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"idtop/client/mirror"
)

// Find implements Store. Until all rows are loaded it answers only requests that
// the newest rows answer: a window near the top of the unfiltered list. All other
// requests wait.
func (s *Store) Find(ctx context.Context, request mirror.Request) (page mirror.Page, err error) {
	if err := ctx.Err(); err != nil {
		return mirror.Page{}, err
	}
	select {
	case <-s.loaded:
	default:
		if head := s.head.Load(); head != nil && !request.Whole {
			if page, ok := head.find(request); ok {
				return page, nil
			}
		}
	}
	err = s.search(ctx, func(ctx context.Context) error {
		found, err := s.columns.Find(ctx, request)
		if err != nil {
			return err
		}
		reports, err := s.reports(ctx, found.Numbers)
		if err != nil {
			return err
		}
		page = found.Page(request, func(n uint32) mirror.Row {
			row := s.columns.Row(n)
			row.ReportID = reports[n]
			return row
		})
		return nil
	})
	return page, err
}

// search runs a long read of the columns once all rows are loaded.
func (s *Store) search(ctx context.Context, do func(context.Context) error) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	return s.troubleOf(s.lock.Search(ctx, do))
}

// Counts implements Store.
func (s *Store) Counts(ctx context.Context, requests []mirror.CountRequest, own mirror.Owned) (counts []mirror.Count, err error) {
	err = s.search(ctx, func(ctx context.Context) (err error) {
		counts, err = s.columns.Counts(ctx, requests, own)
		return err
	})
	return counts, err
}

// Get implements Store.
func (s *Store) Get(ctx context.Context, id string) (row mirror.Row, ok bool, err error) {
	if err := s.wait(ctx); err != nil {
		return mirror.Row{}, false, err
	}
	s.lock.Read(func() {
		var n uint32
		if n, ok = s.columns.Number(id); !ok {
			return
		}
		row = s.columns.Row(n)
		var reports map[uint32]string
		reports, err = s.reports(ctx, []uint32{n})
		row.ReportID = reports[n]
	})
	return row, ok, s.troubleOf(err)
}

// IDs implements Store.
func (s *Store) IDs(ctx context.Context, states mirror.States) (ids []string, err error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.lock.Read(func() { ids = s.columns.IDs(states) })
	return ids, nil
}

// Tally implements Store.
func (s *Store) Tally(ctx context.Context, request mirror.TallyRequest) (tally mirror.Tally, err error) {
	if err := s.wait(ctx); err != nil {
		return tally, err
	}
	s.lock.Read(func() { tally = s.columns.Tally(request) })
	return tally, nil
}

// People implements Store.
func (s *Store) People(ctx context.Context, request mirror.PeopleRequest) (people mirror.People, err error) {
	err = s.search(ctx, func(ctx context.Context) (err error) {
		people, err = s.columns.People(ctx, request)
		return err
	})
	return people, err
}

// Within implements Store.
func (s *Store) Within(ctx context.Context, window mirror.Window) (ids []string, err error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.lock.Read(func() { ids = s.columns.Within(window) })
	return ids, nil
}

// Metadata returns the values of a session for the keys in Config.Metadata. It is
// nil when the session has none of them, is not known, or is redacted.
func (s *Store) Metadata(ctx context.Context, id string) (metadata map[string]string, err error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.readOnly(func() error {
		if err := s.catchUp(ctx); err != nil { // the row may be of a kind that is not loaded yet
			return err
		}
		n, ok := s.columns.Number(id)
		if !ok {
			return nil
		}
		row, err := s.storedRow(n)
		metadata = row.metadata
		return err
	})
	return metadata, s.troubleOf(err)
}

// reportsAtOnce is how many rows one statement asks for.
const reportsAtOnce = 500

// reports reads the ReportIDs of some rows: the columns do not hold them.
func (s *Store) reports(ctx context.Context, numbers []uint32) (map[uint32]string, error) {
	reports := make(map[uint32]string, len(numbers))
	if len(numbers) == 0 {
		return reports, nil
	}
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	err = conn.Raw(func(raw any) error {
		for some := range slices.Chunk(numbers, reportsAtOnce) {
			if err := errors.Join(ctx.Err(), readReports(raw.(driver.QueryerContext), some, reports)); err != nil {
				return err
			}
		}
		return nil
	})
	return reports, err
}

// sparse is how many times as many rows as are asked for may lie between the first and
// the last of them: reading a row in order costs a fraction of looking one up.
const sparse = 2

func readReports(conn driver.QueryerContext, numbers []uint32, reports map[uint32]string) error {
	query, args := "SELECT n, report FROM sessions WHERE n ", make([]driver.Value, 0, len(numbers))
	first, last := slices.Min(numbers), slices.Max(numbers)
	if between := int(last-first) + 1; between <= sparse*len(numbers) {
		query, args = query+"BETWEEN ? AND ?", append(args, int64(first), int64(last))
	} else {
		query += "IN " + places(len(numbers), 1)
		for _, n := range numbers {
			args = append(args, int64(n))
		}
	}
	return rawRows(conn, query, func(values []driver.Value) error {
		n, _ := values[0].(int64)
		reports[uint32(n)], _ = values[1].(string)
		return nil
	}, args...)
}

// head is the newest rows, which the first screen shows before all rows are loaded.
// Every other row is older.
type head struct {
	rows   []mirror.Row // newest first
	counts mirror.Counts
}

// all tells whether these are all the rows.
func (h *head) all() bool { return len(h.rows) == h.counts.All }

// readHead reads the newest rows and the counts. Guarded by mu.
func (s *Store) readHead(ctx context.Context) error {
	if err := cmp.Or(s.readKinds(), s.readReportKinds()); err != nil {
		return err
	}
	head := &head{}
	err := s.each("SELECT state, rows FROM counts", 2, func(v []driver.Value) error {
		state, _ := v[0].(int64)
		rows, _ := v[1].(int64)
		if state == countUnreadable {
			head.counts.Unreadable = int(rows)
			return nil
		}
		if state < 0 || int(state) >= len(head.counts.State) {
			return errDamaged
		}
		head.counts.State[state] = int(rows)
		head.counts.All += int(rows)
		return nil
	})
	if err != nil {
		return err
	}
	var numbers []uint32
	err = s.each(storedFields+"WHERE n IN (SELECT n FROM newest)", storedWidth, func(values []driver.Value) error {
		row, err := decode(values, &s.kinds)
		if err == nil && !row.gone {
			head.rows = append(head.rows, row.Row)
			numbers = append(numbers, row.n)
		}
		return err
	})
	for i, n := range numbers {
		of, failed := s.attemptsOf(n)
		head.rows[i].ReportSum = mirror.SumOf(reportsOf(of, ""))
		err = cmp.Or(err, failed)
	}
	slices.SortFunc(head.rows, func(a, b mirror.Row) int {
		return cmp.Or(cmp.Compare(b.Created, a.Created), strings.Compare(b.ID, a.ID))
	})
	head.complete()
	s.head.Store(head)
	return err
}

// complete counts the tries if all rows are there. If not, it drops the rows of the
// oldest second, which may be incomplete.
func (h *head) complete() {
	if !h.all() && len(h.rows) > 0 {
		oldest := h.rows[len(h.rows)-1].Created
		h.rows = slices.DeleteFunc(h.rows, func(row mirror.Row) bool { return row.Created == oldest })
		return
	}
	tries := map[string]int{}
	for _, row := range h.rows {
		tries[row.UserID]++
	}
	tries[""] = 0
	for i := range h.rows {
		h.rows[i].Tries = tries[h.rows[i].UserID]
	}
}

// find answers a request from the newest rows. ok is false when they do not suffice
// for one of its conditions.
func (h *head) find(r mirror.Request) (mirror.Page, bool) {
	list := r
	list.Order = mirror.Order{}
	listed := list.SameRows(mirror.Request{}) && !r.Order.Reverse && (r.Order.Column == mirror.ByBest || r.Order.Column == mirror.ByAge)
	if !listed || r.Values != "" || len(h.rows) == 0 {
		return mirror.Page{}, false
	}
	index := func(id string) int {
		return slices.IndexFunc(h.rows, func(row mirror.Row) bool { return row.ID == id })
	}
	page := mirror.Page{Total: h.counts.All, Counts: h.counts, Loading: true}
	for _, id := range r.Marked {
		switch {
		case index(id) >= 0:
			page.Marked++
		case !h.all():
			return mirror.Page{}, false // it may be further down
		}
	}
	page.At = max(0, min(r.At, page.Total-1))
	for _, id := range r.Near {
		if i := index(id); i >= 0 {
			page.At = i
			break
		} else if !h.all() {
			return mirror.Page{}, false
		}
	}
	page.First = max(0, min(page.At-r.Rows/2, page.Total-r.Rows))
	end := min(page.Total, page.First+max(1, r.Rows))
	if end > len(h.rows) {
		return mirror.Page{}, false
	}
	for _, row := range h.rows[page.First:end] {
		page.Rows = append(page.Rows, mirror.Hit{Row: row, Marks: r.Query.Marks(row.UserID, row.ID, row.Reference, nil)})
	}
	return page, true
}
