package cli

import (
	"context"
	"sync/atomic"

	"idtop/client"
)

// counted is an API that counts what is read from it.
type counted struct {
	client.API
	reads atomic.Int64
}

// Reads is how often something was asked for so far.
func (c *counted) Reads() (used, allowed int64) { return c.reads.Load(), 0 }

// ListSessions implements client.API.
func (c *counted) ListSessions(ctx context.Context, p client.SessionListParams) (client.Page[client.Session], error) {
	c.reads.Add(1)
	return c.API.ListSessions(ctx, p)
}

// GetSession implements client.API.
func (c *counted) GetSession(ctx context.Context, id string, expand ...string) (client.Session, error) {
	c.reads.Add(1)
	return c.API.GetSession(ctx, id, expand...)
}

// ListReports implements client.API.
func (c *counted) ListReports(ctx context.Context, p client.ReportListParams) (client.Page[client.Report], error) {
	c.reads.Add(1)
	return c.API.ListReports(ctx, p)
}

// GetReport implements client.API.
func (c *counted) GetReport(ctx context.Context, id string, expand ...string) (client.Report, error) {
	c.reads.Add(1)
	return c.API.GetReport(ctx, id, expand...)
}

// ListEvents implements client.API.
func (c *counted) ListEvents(ctx context.Context, p client.EventListParams) (client.Page[client.Event], error) {
	c.reads.Add(1)
	return c.API.ListEvents(ctx, p)
}

// Account implements client.API.
func (c *counted) Account(ctx context.Context) (client.Account, error) {
	c.reads.Add(1)
	return c.API.Account(ctx)
}
