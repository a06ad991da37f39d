package client

import "sync/atomic"

// Gate decides whether anything but GET may leave. The lowest layer asks it for
// each request, so that closing it also stops the next request of work under way.
// The zero Gate is closed.
type Gate struct{ open atomic.Bool }

// Open lets requests that change something pass from now on.
func (g *Gate) Open() { g.open.Store(true) }

// Close lets nothing but GET pass from now on.
func (g *Gate) Close() { g.open.Store(false) }

// IsOpen tells whether requests that change something pass.
func (g *Gate) IsOpen() bool { return g.open.Load() }
