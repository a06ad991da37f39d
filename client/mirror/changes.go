package mirror

import (
	"context"
	"sync"
)

// Changes signals changes to any number of readers and never waits for one. All
// changes during which a reader is busy reach it as one signal. The zero Changes
// has no readers. It is safe for concurrent use.
type Changes struct {
	mu      sync.Mutex
	readers map[chan struct{}]context.Context
}

// Subscribe adds a reader until ctx ends. Its channel is signaled after each
// change, and once at the start, since everything may be new to the reader.
func (c *Changes) Subscribe(ctx context.Context) <-chan struct{} {
	reader := make(chan struct{}, 1)
	reader <- struct{}{}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.readers == nil {
		c.readers = map[chan struct{}]context.Context{}
	}
	c.readers[reader] = ctx
	return reader
}

// Notify signals a change, and forgets the readers whose ctx has ended.
func (c *Changes) Notify() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for reader, ctx := range c.readers {
		if ctx.Err() != nil {
			delete(c.readers, reader)
			continue
		}
		select {
		case reader <- struct{}{}:
		default:
		}
	}
}
