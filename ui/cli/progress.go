package cli

import (
	"fmt"
	"io"
	"time"

	"idtop/ui/config"
	"idtop/ui/safe"
)

// On a file or pipe, progress is written after progressSoon and then every
// progressEvery; trouble is written when it changes.
const (
	progressSoon  = 5 * time.Second
	progressEvery = 10 * time.Second
)

// progress writes the progress of a command on stderr: on a terminal one line that
// is overwritten, elsewhere a line now and then.
type progress struct {
	to       io.Writer
	terminal bool
	last     string
	trouble  string
	next     time.Time
}

func newProgress(p *Process) *progress {
	_, terminal := config.AsTerminal(p.Stderr)
	return &progress{to: p.Stderr, terminal: terminal, next: time.Now().Add(progressSoon)}
}

// show writes the progress if a line is due, and at once when the trouble changes.
func (g *progress) show(trouble, words string) {
	if trouble != g.trouble {
		if g.trouble = trouble; trouble != "" {
			g.next = time.Now()
		}
	}
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
