package cli

import (
	"context"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"idtop/client/guard"
	"idtop/ui/config"
	"idtop/ui/fail"
	uiterm "idtop/ui/term"
)

// patience is how long the program may take to close its screen after it was asked
// to end. A terminal that does not read would keep it for ever.
const patience = 2 * time.Second

// leaveScreen undoes the screen's setup: half a sequence, synchronized output, the
// key protocols, the alternate screen, the hidden cursor, bracketed paste, focus
// and mouse reports, colours.
const leaveScreen = "\x18\x1b[?2026l\x1b[>4m\x1b[<1u\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[?1004l" +
	"\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[0m\r\n"

// terminal is the program's terminal, and its former settings.
type terminal struct {
	in, out *os.File
	before  *term.State

	// Taken at the start: asking a file for its descriptor may wait for its writes.
	inFd, outFd uintptr
}

// openTerminal returns the terminal of the process, untouched.
func openTerminal(p *Process) (*terminal, error) {
	const hint = "start it in a terminal window, over ssh with ssh -t; or add --plain, which needs none"
	in, ok := config.AsTerminal(p.Stdin)
	if !ok {
		return nil, fail.Misuse(hint, "the dashboard needs a terminal: standard input is none")
	}
	out, ok := config.AsTerminal(p.Stdout)
	if !ok {
		return nil, fail.Misuse(hint, "the dashboard needs a terminal: standard output is none")
	}
	t := &terminal{in: in, out: out, inFd: in.Fd(), outFd: out.Fd()}
	var err error
	if t.before, err = term.GetState(int(t.inFd)); err != nil {
		return nil, fail.New("", "the terminal can't be used: %s", err)
	}
	return t, nil
}

// input is Bubble Tea's input: the terminal, read through the reader. It has no
// Name method, since Bubble Tea would then read from the file itself.
type input struct {
	*uiterm.Reader
	t *terminal
}

// Write implements io.Writer.
func (i input) Write(p []byte) (int, error) { return i.t.in.Write(p) }

// Fd is the terminal's descriptor: Bubble Tea changes its settings and restores
// them.
func (i input) Fd() uintptr { return i.t.inFd }

// continued is sent when the program continues after a stop.
type continued struct{}

// filter gives keys their times, and takes the terminal back after another program
// stopped this one: Bubble Tea itself handles ctrl+z.
func (i input) filter(program func() *tea.Program) func(tea.Model, tea.Msg) tea.Msg {
	suspended := false
	return func(m tea.Model, msg tea.Msg) tea.Msg {
		switch msg.(type) {
		case tea.SuspendMsg:
			suspended = true
		case continued:
			if suspended {
				suspended = false
				return nil
			}
			i.Release()
			_ = program().ReleaseTerminal()
			_ = program().RestoreTerminal()
			return tea.ResumeMsg{}
		}
		return i.Filter(m, msg)
	}
}

// insist ends the process by force, by exit, if finished is not closed within patience
// after ctx has ended. The returned function stops the wait for that.
func insist(ctx context.Context, finished <-chan struct{}, exit func()) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		defer guard.Catch()
		select {
		case <-finished:
		case <-time.After(patience):
			exit()
		}
	})
}

// abandon gives the terminal back as far as possible without waiting for it: always
// its settings, and the screen if it still reads. The process has to end
// afterwards.
func (t *terminal) abandon() {
	_ = term.Restore(int(t.inFd), t.before)
	written := make(chan struct{})
	guard.Go(func() {
		again := os.NewFile(t.outFd, "terminal") // the hanging write holds the lock of t.out
		_, _ = io.WriteString(again, leaveScreen)
		close(written)
	})
	select {
	case <-written:
	case <-time.After(100 * time.Millisecond):
	}
}
