package cli

import (
	"fmt"
	"io"
	"time"

	"idtop/ui/config"
	"idtop/ui/safe"
)

// Where lines stay, progress is written after progressSoon and then every
// progressEvery; what is in the way is written when it changes.
const (
	progressSoon  = 5 * time.Second
	progressEvery = 10 * time.Second
)

// progress writes how far something is on stderr: on a terminal one line that is
// written again and again, elsewhere a line now and then.
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

// show says how far it is, if it is time to, and at once when there is another
// trouble than before.
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
