package syncer_test

import (
	"context"
	"errors"
	"slices"
	"sort"
	"time"

	"idtop/client"
)

// wire is how a process reaches the truth: slowly, and not always.
type wire struct {
	client.API // nil: only the overridden methods are called
	*truth
	trouble float64 // how many requests fail
}

// hop is the way of a request or an answer.
func (w *wire) hop(ctx context.Context) error {
	w.mu.Lock()
	d := time.Duration(w.random.Int64N(int64(80 * time.Millisecond)))
	if w.random.IntN(40) == 0 {
		d += time.Duration(w.random.Int64N(int64(4 * time.Second)))
	}
	w.mu.Unlock()
	select {
	case <-ctx.Done():
		return &client.Error{Kind: client.KindNetwork, Err: ctx.Err()}
	case <-time.After(d):
		return nil
	}
}

// call carries out a request. The date is from when the server answers, up to a
// second after it looked.
func call[T any](ctx context.Context, w *wire, look func() (T, error), stamp func(*T, time.Time)) (answer T, err error) {
	var none T
	if err := w.hop(ctx); err != nil {
		return none, err
	}
	w.mu.Lock()
	var slow time.Duration
	fate, trouble := w.random.Float64(), w.trouble
	if fate >= trouble {
		answer, err = look()
	}
	if w.random.IntN(10) == 0 {
		slow = time.Duration(w.random.Int64N(int64(time.Second)))
	}
	w.mu.Unlock()
	switch {
	case fate < trouble/3:
		err = &client.Error{Kind: client.KindServer, Status: 500}
	case fate < trouble*2/3:
		err = &client.Error{Kind: client.KindRateLimit, Status: 429, After: time.Duration(fate*100) * time.Second}
	case fate < trouble:
		err = &client.Error{Kind: client.KindNetwork, Err: errors.New("the answer was lost")}
	}
	if err != nil {
		return none, err
	}
	if slow > 0 {
		time.Sleep(slow)
	}
	stamp(&answer, w.now().Truncate(time.Second))
	return answer, w.hop(ctx)
}

func (w *wire) GetSession(ctx context.Context, id string, _ ...string) (client.Session, error) {
	return call(ctx, w, func() (client.Session, error) {
		w.settleRedactions()
		s, ok := w.byID[id]
		if !ok || s.gone {
			return client.Session{}, &client.Error{Kind: client.KindNotFound, ID: id}
		}
		return s.Session, nil
	}, func(s *client.Session, date time.Time) { s.Date = date })
}

// fault spoils a page that comes after a cursor: it is empty although there is
// more.
func (w *wire) fault(after string) bool {
	if w.trouble == 0 {
		return after != "" && w.random.IntN(25) == 0
	}
	return after != "" && w.random.IntN(6) == 0
}

func (w *wire) ListSessions(ctx context.Context, p client.SessionListParams) (client.Page[client.Session], error) {
	return call(ctx, w, func() (page client.Page[client.Session], err error) {
		w.settleRedactions()
		if w.fault(p.After) {
			page.HasMore = w.random.IntN(2) == 0
			return page, nil
		}
		end := len(w.sessions)
		if p.Created.Until != 0 {
			end = sort.Search(end, func(i int) bool { return w.sessions[i].Created >= p.Created.Until })
		}
		if p.After != "" {
			at := slices.IndexFunc(w.sessions, func(s *ward) bool { return s.ID == p.After })
			if at < 0 || w.sessions[at].gone {
				return page, &client.Error{Kind: client.KindNotFound}
			}
			end = min(end, at)
		}
		for i := end - 1; i >= 0 && w.sessions[i].Created >= p.Created.From; i-- {
			s := w.sessions[i]
			if s.gone || p.Status != "" && s.Status != p.Status {
				continue
			}
			if len(page.Data) == p.Limit {
				page.HasMore = true
				break
			}
			page.Data = append(page.Data, s.Session)
		}
		return page, nil
	}, func(p *client.Page[client.Session], date time.Time) { p.Date = date })
}

func (w *wire) ListReportFacts(ctx context.Context, p client.ReportListParams) (client.Page[client.ReportFacts], error) {
	return call(ctx, w, func() (page client.Page[client.ReportFacts], err error) {
		if w.fault(p.After) {
			page.HasMore = w.random.IntN(2) == 0
			return page, nil
		}
		now, below := w.now(), p.After == ""
		for _, a := range slices.Backward(w.reports) {
			switch {
			case a.Created < p.Created.From:
				return page, nil
			case !below:
				below = a.ID == p.After
			case p.Created.Until != 0 && a.Created >= p.Created.Until || a.visible.After(now):
			case len(page.Data) == p.Limit:
				page.HasMore = true
				return page, nil
			default:
				page.Data = append(page.Data, a.ReportFacts)
			}
		}
		return page, nil
	}, func(p *client.Page[client.ReportFacts], date time.Time) { p.Date = date })
}

func (w *wire) ListEvents(ctx context.Context, p client.EventListParams) (client.Page[client.Event], error) {
	return call(ctx, w, func() (page client.Page[client.Event], err error) {
		w.settleRedactions()
		if w.fault(p.After) {
			page.HasMore = w.random.IntN(2) == 0
			return page, nil
		}
		now := w.now()
		from := max(p.Created.From, client.Unix(now.Add(-30*24*time.Hour).Unix()))
		below := p.After == ""
		for _, e := range slices.Backward(w.events) {
			if e.Created < from {
				break
			}
			if !below {
				below = e.ID == p.After
				continue
			}
			if p.Created.Until != 0 && e.Created >= p.Created.Until || e.visible.After(now) || !slices.Contains(p.Types, e.Type) {
				continue
			}
			if len(page.Data) >= p.Limit {
				page.HasMore = true
				break
			}
			page.Data = append(page.Data, e.Event)
			if w.random.IntN(15) == 0 && len(page.Data) < p.Limit {
				page.Data = append(page.Data, e.Event) // twice
			}
		}
		return page, nil
	}, func(p *client.Page[client.Event], date time.Time) { p.Date = date })
}
