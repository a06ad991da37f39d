package cli

import (
	"fmt"
	"io"
	"time"

	"idtop/ui/safe"
)

// progressEvery is how often progress is written where lines stay.
const progressEvery = 10 * time.Second

// progress writes how far something is on stderr: on a terminal one line that is
// written again and again, elsewhere a line now and then.
type progress struct {
	to       io.Writer
	terminal bool
	last     string
	next     time.Time
}

func newProgress(p *Process) *progress {
	_, terminal := asTerminal(p.Stderr)
	return &progress{to: p.Stderr, terminal: terminal, next: time.Now().Add(progressEvery)}
}

// show says how far it is, if it is time to.
func (g *progress) show(words string) {
	switch {
	case words == g.last:
	case g.terminal:
		fmt.Fprintf(g.to, "\r\x1b[K%s", safe.Line(words))
		g.last = words
	case !time.Now().Before(g.next):
		fmt.Fprintln(g.to, safe.Line(words))
		g.last, g.next = words, time.Now().Add(progressEvery)
	}
}

// end clears the line.
func (g *progress) end() {
	if g.terminal && g.last != "" {
		fmt.Fprint(g.to, "\r\x1b[K")
		g.last = ""
	}
}
