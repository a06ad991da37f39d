package ui_test

import (
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/ui/internal/screentest"
)

// counted counts what is written to the terminal.
type counted struct {
	io.Writer
	bytes *atomic.Int64
}

func (c counted) Write(b []byte) (int, error) {
	c.bytes.Add(int64(len(b)))
	return c.Writer.Write(b)
}

// TestBytesOfAMove counts what a key that moves the cursor writes to the terminal, over
// rows of mixed states: a link over SSH carries all of it.
func TestBytesOfAMove(t *testing.T) {
	for _, size := range []struct{ width, height, most int }{{120, 40, 350}, {200, 60, 360}} {
		t.Run(fmt.Sprintf("%dx%d", size.width, size.height), func(t *testing.T) {
			var bytes atomic.Int64
			run(t, options{
				width: size.width, height: size.height, emulator: emulator.Config{Seed: 1, Sessions: 600},
				through: func(screen *screentest.Screen) io.Writer { return counted{screen, &bytes} },
			}, func(p *program) {
				p.wait(4 * time.Second)
				if size.width >= 140 {
					p.press("esc") // the list alone
				}
				p.press("g j j j j") // over a masked user_id, of which a message tells once
				p.wait(time.Minute)
				const moves = 60
				before, frames := bytes.Load(), 0
				for range moves {
					was := p.line("▸")
					p.press("j")
					if p.line("▸") != was {
						frames++
					}
				}
				if frames != moves {
					t.Fatalf("%d of %d keys moved the cursor", frames, moves)
				}
				mean := (bytes.Load() - before) / moves
				t.Logf("%d bytes a move", mean)
				if mean > int64(size.most) {
					t.Errorf("a move writes %d bytes, at most %d are wanted", mean, size.most)
				}
			})
		})
	}
}
