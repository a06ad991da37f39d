package ui_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/ui/internal/screentest"
)

var (
	stormSeeds = flag.Int("storms", 3, "with how many seeds storms of faults blow")
	soakTime   = flag.Duration("soak", 3*time.Minute, "how long the program stays in storms, in fake time")
)

// terminal is a screen that a new one can take the place of: the old one keeps ten
// thousand lines that have scrolled out of it, and those are none of the program's.
type terminal struct {
	atomic.Pointer[screentest.Screen]
}

func (w *terminal) Write(b []byte) (int, error) { return w.Load().Write(b) }

// storm is a program in faults of all kinds, one after the other, at random.
type storm struct {
	*program
	terminal *terminal
	random   *rand.Rand
	faults   []fault
	last     string // the fault that was there last
	began    time.Time
	asked    int64 // requests before it
}

func newStorm(t *testing.T, seed uint64) *storm {
	random := rand.New(rand.NewPCG(seed, 17))
	terminal := new(terminal)
	p := start(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: seed + 1, Sessions: 20 + random.IntN(100)},
		through: func(s *screentest.Screen) io.Writer { terminal.Store(s); return terminal }})
	p.wait(4 * time.Second)
	return &storm{program: p, terminal: terminal, random: random, faults: ways(rand.New(rand.NewPCG(seed, 18))), began: time.Now(), asked: p.writes.all.Load()}
}

// blow puts a fault before the server, or takes it away, and lets an operator press
// keys and the server's sessions change meanwhile.
func (s *storm) blow() {
	r := s.random
	s.full.Store(r.IntN(12) == 0)
	switch f := s.faults[r.IntN(len(s.faults))]; r.IntN(4) {
	case 0:
		s.last = "no fault"
		s.goes(nil)
	default:
		s.last = f.name
		s.goes(f.way)
	}
	if r.IntN(3) == 0 {
		s.missed()
	}
	hammer(s.program, keyboard("qP"), r.IntN(12))
	s.wait(time.Duration(r.IntN(20_000)) * time.Millisecond)
	if r.IntN(10) == 0 {
		s.tea.Send([]tea.Msg{tea.ResumeMsg{}, tea.FocusMsg{}, tea.BlurMsg{}}[r.IntN(3)])
	}
}

// broken names a harm, "" when all is well.
func (s *storm) broken() string {
	select {
	case <-s.done:
		return "the program has ended"
	default:
	}
	m := s.drawn.Load()
	if what := s.effects.twice(); what != "" {
		return "done twice: " + what
	}
	if m.List.Page.Counts.All == 0 {
		return "no session is there any more"
	}
	if s.screen.Text() == "" || !s.screen.Contains("idtop") {
		return "the screen is empty"
	}
	if n, passed := s.writes.all.Load()-s.asked, time.Since(s.began); n > 100+20*int64(passed/time.Second) {
		return fmt.Sprintf("%d requests left in %s", n, passed)
	}
	return ""
}

// calms ends all faults. The sweep of the next hour finds the last of what was
// told wrong.
func (s *storm) calms() string {
	s.goes(nil)
	s.full.Store(false)
	s.press("esc esc esc esc")
	if s.drawn.Load().Sync.Wish.Paused {
		s.command("pause")
	}
	lacks := ""
	for range 150 {
		s.wait(time.Minute)
		c := s.drawn.Load().Claim()
		if lacks = s.lacks(); lacks == "" && c.Link == mirror.Synced && c.Complete {
			return s.broken()
		}
	}
	return fmt.Sprintf("after the storm: %s\n%s", lacks, s.screen.Text())
}

// TestStorms: faults of all kinds in any order do no harm, and afterwards the mirror is the
// truth. `go test ./ui -run Storms -storms 1000
// -timeout 60m` plays a thousand.
func TestStorms(t *testing.T) {
	for seed := range uint64(*stormSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStorm(t, seed)
				for n := range 8 {
					if s.blow(); s.broken() != "" {
						t.Fatalf("step %d, %s: %s\n%s", n, s.last, s.broken(), s.screen.Text())
					}
				}
				if wrong := s.calms(); wrong != "" {
					t.Errorf("the last was %s: %s", s.last, wrong)
				}
			})
		})
	}
}

// TestSoak stays in storms, and looks at what has grown. `go test ./ui -run Soak -soak
// 1h -v` does so for an hour of fake time.
func TestSoak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, began := newStorm(t, 99), time.Now()
		for time.Since(began) < *soakTime/6 { // what is made once is made now
			s.blow()
		}
		s.goes(nil)
		s.wait(time.Minute)
		goroutines, heap := s.measured()
		for time.Since(began) < *soakTime {
			if s.blow(); s.broken() != "" {
				t.Fatalf("%s: %s\n%s", s.last, s.broken(), s.screen.Text())
			}
		}
		if wrong := s.calms(); wrong != "" {
			t.Error(wrong)
		}
		after, grown := s.measured()
		t.Logf("%s of fake time, %d requests: goroutines %d, then %d; heap %d kB, then %d kB", time.Since(began).Round(time.Second), s.writes.all.Load(), goroutines, after, heap>>10, grown>>10)
		if after > goroutines+5 {
			t.Errorf("%d goroutines have become %d", goroutines, after)
		}
		if grown > heap+2<<20 {
			t.Errorf("a heap of %d kB has become one of %d kB", heap>>10, grown>>10)
		}
	})
}

// measured is how many goroutines there are, and how many bytes are held.
func (s *storm) measured() (goroutines int, heap uint64) {
	s.wait(time.Second)
	old := s.screen
	s.screen = screentest.New(120, 40)
	s.terminal.Store(s.screen)
	old.Close()
	s.press("ctrl+l")
	s.wait(time.Second)
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return runtime.NumGoroutine(), m.HeapAlloc
}
