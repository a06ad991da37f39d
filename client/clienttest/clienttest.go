// Package clienttest reads whole lists, for the tests of this module. The program
// itself reads page by page, in the mirror. Only tests import this package.
package clienttest

import (
	"context"

	"idtop/client"
)

// EachSession calls fn for every session that params select, newest first. It
// stops at the first error, of a request or of fn, and returns it.
func EachSession(ctx context.Context, api client.API, params client.SessionListParams, fn func(client.Session) error) error {
	params.Limit = 100
	for {
		page, err := api.ListSessions(ctx, params)
		if err != nil {
			return err
		}
		for _, session := range page.Data {
			if err := fn(session); err != nil {
				return err
			}
			params.After = session.ID
		}
		if !page.HasMore {
			return nil
		}
	}
}
