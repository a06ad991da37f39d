package cli

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/guard"
)

// fragile panics where it is told to.
type fragile struct{ where string }

type personalData struct{ name string }

func (f fragile) at(where string) {
	if f.where == where {
		panic(personalData{"Ann Example"})
	}
}

func (f fragile) Init() tea.Cmd {
	f.at("Init")
	return func() tea.Msg { f.at("command"); return nil }
}

func (f fragile) Update(tea.Msg) (tea.Model, tea.Cmd) {
	f.at("Update")
	inner := func() tea.Msg { f.at("inner command"); return nil }
	if f.where == "batched command" {
		return f, tea.Batch(inner, func() tea.Msg { f.at("batched command"); return nil })
	}
	return f, tea.Sequence(inner, tea.Batch(inner, inner))
}

func (f fragile) View() tea.View { f.at("View"); return tea.NewView("fine") }

// runAll runs a command and all that it answers with, as Bubble Tea does.
func runAll(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	msg := cmd()
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, inner := range batch {
			runAll(inner)
		}
		return
	}
	if sequence, ok := asCommands(msg); ok {
		for _, inner := range sequence {
			runAll(inner)
		}
	}
}

func TestPanicsAreCaughtWhereverTheyHappen(t *testing.T) {
	for _, where := range []string{"Init", "Update", "View", "command", "inner command", "batched command", "nowhere"} {
		t.Run(where, func(t *testing.T) {
			ended := 0
			faults := &faults{end: func() { ended++ }}
			var m tea.Model = guarded{fragile{where}, faults}
			runAll(m.Init())
			m, cmd := m.Update(nil)
			runAll(cmd)
			_ = m.View()

			f := faults.failure()
			if where == "nowhere" {
				if f != nil || ended > 0 {
					t.Errorf("caught %v", f)
				}
				return
			}
			if f == nil || ended == 0 {
				t.Fatal("not caught, or the program was not ended")
			}
			var out bytes.Buffer
			f.Print(&out)
			if strings.Contains(out.String(), "Ann") {
				t.Errorf("personal data in %q", out.String())
			}
			if !strings.HasPrefix(out.String(), "idtop: internal error "+faultID(f.Frames)+": a panic with a value of type cli.personalData\nhint: ") ||
				!strings.Contains(out.String(), "faults_test.go:") || f.Misuse {
				t.Errorf("got %q", out.String())
			}
		})
	}
}

func TestTheFirstPanicIsTold(t *testing.T) {
	faults := &faults{end: func() {}}
	for _, value := range []any{errors.New("first"), 2} {
		func() {
			defer faults.catch()
			panic(value)
		}()
	}
	if got := faults.failure().Text; !strings.HasSuffix(got, ": a panic with a value of type *errors.errorString") {
		t.Errorf("got %q", got)
	}
}

// TestAPanicHasAnID that another panic does not have, and the same one has again.
func TestAPanicHasAnID(t *testing.T) {
	id := func(panics func()) string {
		faults := &faults{end: func() {}}
		func() {
			defer faults.catch()
			panics()
		}()
		id, _, _ := strings.Cut(strings.TrimPrefix(faults.failure().Text, "internal error "), ":")
		return id
	}
	one := func() { panic(personalData{"Ann Example"}) }
	other := func() { panic(personalData{"Ann Example"}) }
	var ids []string
	for _, panics := range []func(){one, one, other} {
		ids = append(ids, id(panics))
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(ids[0]) || ids[1] != ids[0] || ids[2] == ids[0] {
		t.Errorf("the ids are %q", ids)
	}
}

func TestTheRuntimesPanicsAreToldInWords(t *testing.T) {
	faults := &faults{end: func() {}}
	func() {
		defer faults.catch()
		var none []int
		_ = none[len(t.Name())]
	}()
	f := faults.failure()
	if !strings.HasPrefix(f.Text, "internal error "+faultID(f.Frames)+": runtime error: index out of range [") {
		t.Errorf("got %q", f.Text)
	}
	if len(f.Frames) == 0 || !strings.Contains(f.Frames[0], "cli.TestTheRuntimesPanicsAreToldInWords") {
		t.Errorf("frames %q", f.Frames)
	}
}

// spoken is what several goroutines write.
type spoken struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *spoken) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestPanicInAGoroutine ends the program in order, without the panic's value.
func TestPanicInAGoroutine(t *testing.T) {
	for name, begin := range map[string]func(ended chan<- struct{}){
		"by itself": func(ended chan<- struct{}) {
			guard.Go(func() {
				defer close(ended)
				defer guard.Catch()
				panic(personalData{"Ann Example"})
			})
		},
		"of a timer": func(ended chan<- struct{}) {
			time.AfterFunc(time.Second, func() {
				defer close(ended)
				defer guard.Catch()
				panic(personalData{"Ann Example"})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out spoken
				var code atomic.Int64
				code.Store(-1)
				p := &Process{Stderr: &out, Exit: func(c int) { code.Store(int64(c)) }}
				ctx, end := context.WithCancelCause(t.Context())
				faults, closed := watchFaults(p, end)
				defer closed()
				ended := make(chan struct{})
				begin(ended)
				<-ended
				if f := faults.failure(); f == nil || !errors.Is(context.Cause(ctx), errFault) || len(f.Frames) == 0 || !strings.Contains(f.Frames[0], "faults_test.go:") {
					t.Fatalf("failure %+v, the context ended by %v", f, context.Cause(ctx))
				}
				time.Sleep(faultPatience - time.Nanosecond)
				synctest.Wait()
				if code.Load() != -1 || out.String() != "" {
					t.Fatalf("forced to end with %d at once: %s", code.Load(), out.String())
				}
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				if code.Load() != exitFailed || !strings.HasPrefix(out.String(), "idtop: internal error "+faultID(faults.failure().Frames)+": a panic with a value of type cli.personalData\n") || strings.Contains(out.String(), "Ann") {
					t.Errorf("exit code %d: %q", code.Load(), out.String())
				}
			})
		})
	}
}

// TestPanicWithoutAScreen: also where nothing is prepared for it, the value is not
// printed.
func TestPanicWithoutAScreen(t *testing.T) {
	var out bytes.Buffer
	code := -1
	p := &Process{Stderr: &out, Exit: func(c int) { code = c }}
	defer guard.Report(func(value any) { lastResort(p, value) })()
	func() {
		defer guard.Catch()
		panic(personalData{"Ann Example"})
	}()
	if code != exitFailed || !strings.Contains(out.String(), "faults_test.go:") || strings.Contains(out.String(), "Ann") {
		t.Errorf("exit code %d: %q", code, out.String())
	}
}
