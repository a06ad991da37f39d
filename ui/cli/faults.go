package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/guard"
	"idtop/ui/fail"
)

// faults catches panics wherever our own code runs, so that they end the program in
// order: first the terminal, then the report. Bubble Tea's own handler prints the
// value of the panic, which may hold private data, and covers only its own
// goroutines.
type faults struct {
	end     func() // asks the program to end
	process *Process

	mu    sync.Mutex
	first *fail.Error
}

// watchFaults catches the panics of all goroutines until it is closed; end asks
// the program to end.
func watchFaults(p *Process, end context.CancelCauseFunc) (f *faults, closed func()) {
	f = &faults{end: func() { end(errFault) }, process: p}
	return f, guard.Report(f.caught)
}

// faultPatience is how long the program may take to end after a panic: the code
// that panicked may hold a lock that the end needs. It is longer than the wait for
// answers under way.
const faultPatience = 10 * time.Second

// catch is deferred by every goroutine and callback of ours. It ends a panic.
func (f *faults) catch() {
	if value := recover(); value != nil {
		f.caught(value)
	}
}

// caught keeps the first panic and ends the program, by force if need be.
func (f *faults) caught(value any) {
	f.mu.Lock()
	first := f.first == nil
	if first {
		f.first = internalError(value)
	}
	f.mu.Unlock()
	f.end()
	if p := f.process; first && p != nil && p.Exit != nil {
		time.AfterFunc(faultPatience, func() {
			defer guard.Catch()
			f.failure().Print(p.Stderr)
			p.Exit(exitFailed)
		})
	}
}

// lastResort reports a panic where nothing else handles it, and ends the process.
func lastResort(p *Process, value any) {
	internalError(value).Print(p.Stderr)
	if p.Exit != nil {
		p.Exit(exitFailed)
	}
}

// failure returns the first caught panic, nil when there was none.
func (f *faults) failure() *fail.Error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first
}

// internalError puts a panic into words. It shows only the runtime's own texts:
// they hold numbers and names of types; others may hold a person's data.
func internalError(value any) *fail.Error {
	what := fmt.Sprintf("a panic with a value of type %T", value)
	if known, ok := value.(runtime.Error); ok {
		what = known.Error()
	}
	frames := ourFrames()
	f := fail.New("please report this with the lines below: they hold no key and no personal data", "internal error %s: %s", faultID(frames), what)
	f.Frames = frames
	return f
}

// faultID names a panic, so that a screen and a report can be matched. It is made of where
// the panic was: the same fault has the same id on every machine.
func faultID(frames []string) string {
	at := sha256.Sum256([]byte(strings.Join(frames, "\n")))
	return hex.EncodeToString(at[:4])
}

// catching lists the functions that catch a panic, by part of their names.
var catching = []string{"cli.(*faults)", "cli.lastResort", "cli.internalError", "cli.ourFrames", "client/guard."}

// ourFrames lists the functions of this module that the panic went through,
// without their arguments.
func ourFrames() []string {
	counters := make([]uintptr, 64)
	counters = counters[:runtime.Callers(1, counters)]
	frames := runtime.CallersFrames(counters)
	var out []string
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "idtop/") && !slices.ContainsFunc(catching, func(of string) bool { return strings.Contains(frame.Function, of) }) {
			out = append(out, fmt.Sprintf("%s %s:%d", frame.Function, filepath.Base(frame.File), frame.Line))
		}
		if !more {
			return out
		}
	}
}

// guarded is a tea.Model that catches its panics, and those of its commands.
type guarded struct {
	tea.Model
	faults *faults
}

// Init implements tea.Model.
func (g guarded) Init() (cmd tea.Cmd) {
	defer g.faults.catch()
	return g.guard(g.Model.Init())
}

// Update implements tea.Model. A panic quits.
func (g guarded) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	next, cmd = g, tea.Quit
	defer g.faults.catch()
	model, then := g.Model.Update(msg)
	return guarded{model, g.faults}, g.guard(then)
}

// View implements tea.Model. After a panic it is empty: the program is ending, and what
// was revealed must not stay on a screen that is left.
func (g guarded) View() (view tea.View) {
	view.AltScreen = true
	defer g.faults.catch()
	if g.faults.failure() != nil {
		return view
	}
	return g.Model.View()
}

// guard wraps a command and the commands in its message.
func (g guarded) guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer g.faults.catch()
		msg = cmd()
		if inner, ok := asCommands(msg); ok {
			for i := range inner {
				inner[i] = g.guard(inner[i])
			}
		}
		return msg
	}
}

var commands = reflect.TypeFor[[]tea.Cmd]()

// asCommands returns the commands of a message that is a list of commands, like the
// messages of tea.Batch and tea.Sequence; the type of the latter is not exported.
// The slice belongs to the message.
func asCommands(msg tea.Msg) ([]tea.Cmd, bool) {
	list := reflect.ValueOf(msg)
	if !list.IsValid() || list.Kind() != reflect.Slice || !list.CanConvert(commands) {
		return nil, false
	}
	return list.Convert(commands).Interface().([]tea.Cmd), true
}
