package client

import (
	"context"
	"hash/maphash"
)

// walkLimit is the size of the pages of a walk, the most that Stripe gives.
const walkLimit = 100

// EachSession calls fn for every session that params select, newest first,
// page by page. It stops at the first error, of a request or of fn, and returns
// it. A list that does not get on, because it claims more rows than it has, is
// an error of KindInvalid.
func EachSession(ctx context.Context, api API, params SessionListParams, fn func(Session) error) error {
	fetch := func(after string) (Page[Session], error) {
		if after != "" {
			params.After = after
		}
		return api.ListSessions(ctx, params)
	}
	return walk(ctx, "list sessions", &params.Cursor, fetch, func(s Session) string { return s.ID }, fn)
}

// EachEvent is EachSession for events.
func EachEvent(ctx context.Context, api API, params EventListParams, fn func(Event) error) error {
	fetch := func(after string) (Page[Event], error) {
		if after != "" {
			params.After = after
		}
		return api.ListEvents(ctx, params)
	}
	return walk(ctx, "list events", &params.Cursor, fetch, func(e Event) string { return e.ID }, fn)
}

// walk fetches page after page. It remembers the ids by their hashes: they only
// tell whether a page brought anything new, never whether a row is passed on.
func walk[T any](ctx context.Context, op string, cursor *Cursor, fetch func(after string) (Page[T], error),
	id func(T) string, fn func(T) error) error {
	if cursor.Before != "" {
		return &Error{Kind: KindRefused, Op: op, Message: "a whole list is read from its newest end, not before an id"}
	}
	if cursor.Limit == 0 {
		cursor.Limit = walkLimit
	}
	seed, seen := maphash.MakeSeed(), map[uint64]struct{}{}
	for after := ""; ; {
		if err := ctx.Err(); err != nil {
			return &Error{Kind: KindNetwork, Op: op, Message: networkWords(err), Err: err}
		}
		page, err := fetch(after)
		if err != nil {
			return err
		}
		before := len(seen)
		for _, row := range page.Data {
			after = id(row)
			seen[maphash.String(seed, after)] = struct{}{}
			if err := fn(row); err != nil {
				return err
			}
		}
		if !page.HasMore {
			return nil
		}
		if len(seen) == before {
			return &Error{Kind: KindInvalid, Op: op, Message: "the list says that it has more rows and brings none that are new"}
		}
	}
}
