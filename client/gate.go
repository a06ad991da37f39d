package client

import "sync/atomic"

// Gate decides whether requests other than GET may be sent. The lowest layer asks
// it for each request, so closing it also stops the next request of work under way.
// The zero Gate is closed.
type Gate struct{ open atomic.Bool }

// Open lets requests that change something pass from now on.
func (g *Gate) Open() { g.open.Store(true) }

// Close lets only GET requests pass from now on.
func (g *Gate) Close() { g.open.Store(false) }

// IsOpen tells whether requests that change something pass.
func (g *Gate) IsOpen() bool { return g.open.Load() }
