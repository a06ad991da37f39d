package ui_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/clienttest"
	"idtop/client/emulator"
)

// fault is a fault of the server, or of what lies before it.
type fault struct {
	name  string
	way   way
	sees  string        // what the screen says of it, "" where it harms nothing
	mends time.Duration // after its end, 0: soon; an hour where only the sweep finds what went wrong
}

// TestFaults puts each fault before the server while the operator works: the cause
// is on the screen within 8 s, the last data stays with its age, nothing is sent
// twice and not much more often, and after the fault the mirror is the truth again.
func TestFaults(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range ways(rand.New(rand.NewPCG(1, 1))) {
		if testing.Short() && (seen[f.sees] || f.mends > 0) { // one of each cause
			continue
		}
		seen[f.sees] = true
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			run(t, options{width: 100, height: 30, emulator: emulator.Config{Seed: 3, Sessions: 40}}, func(p *program) {
				p.create("ann_8392")
				p.wait(4 * time.Second)
				p.shows("● synced", "ann_8392")
				p.goes(f.way)
				p.press("ctrl+r")
				asked := p.writes.all.Load()
				p.wait(8 * time.Second)
				if f.sees != "" {
					p.shows(f.sees, "trying again", "▲ ", "ann_8392")
				}
				p.missed()
				p.press("j c") // of whatever comes, once
				p.wait(time.Second)
				p.press("y")
				p.wait(100 * time.Second)
				p.press("esc esc")
				p.shows("ann_8392")
				if f.sees != "" && f.name != "slow" && !dated.MatchString(p.screen.Text()) {
					p.t.Errorf("the screen does not say how old its data is:\n%s", p.screen.Text())
				}
				if n := p.writes.all.Load() - asked; n > 150 {
					p.t.Errorf("%d requests left in 110 s", n)
				}
				p.goes(nil)
				p.recovers(f.mends)
				p.hides("trying again")
				if n := swallowed.Load(); n > 16<<20 {
					p.t.Errorf("%d bytes of an endless answer were read", n)
				}
			})
		})
	}
}

// dated is how the header says for how long nothing was read.
var dated = regexp.MustCompile(`▲ (not synced|offline|no answer for|trying again) ?\d*|▲ .* \d+[smh]`)

// missed lets something happen at the server that the program can't see.
func (p *program) missed() {
	p.t.Helper()
	s, err := p.direct.CreateSession(p.t.Context(), client.SessionCreateParams{Type: "document", Metadata: map[string]string{"user_id": "late_1"}}, client.NewIdempotencyKey())
	if err != nil {
		p.t.Fatal(err)
	}
	p.control("POST", "sessions/"+s.ID+"/submit", "outcome=verified")
}

// recovers waits until the program reads again, and compares what it knows with
// the server. Nothing was done twice.
func (p *program) recovers(within time.Duration) {
	p.t.Helper()
	for range max(within, 3*time.Minute) / (20 * time.Second) {
		if p.wait(20 * time.Second); p.screen.Contains("● synced") && !p.screen.Contains("unreadable") && p.lacks() == "" {
			break
		}
	}
	if lacks := p.lacks(); lacks != "" || !p.screen.Contains("● synced") {
		p.t.Errorf("after the fault: %s\n%s", lacks, p.screen.Text())
	}
	if what := p.effects.twice(); what != "" {
		p.t.Errorf("it was done twice: %s", what)
	}
	select {
	case <-p.done:
		p.t.Error("the program has ended")
	default:
	}
}

// lacks names the first session that the mirror has not as the server has it.
func (p *program) lacks() (lacks string) {
	p.t.Helper()
	ids, err := p.store.IDs(p.t.Context(), 0)
	if err != nil {
		p.t.Fatal(err)
	}
	n := 0
	err = clienttest.EachSession(p.t.Context(), p.direct, client.SessionListParams{}, func(s client.Session) error {
		n++
		row, ok, err := p.store.Get(p.t.Context(), s.ID)
		erased := s.State() == client.StateRedacted && row.State == client.StateRedacting // no event tells the end
		if !ok || row.State != s.State() && !erased || row.UserID != s.UserID() {
			lacks = fmt.Sprintf("%s is %s of %q, and known as %s of %q", s.ID, s.State(), s.UserID(), row.State, row.UserID)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if lacks == "" && n != len(ids) {
		lacks = fmt.Sprintf("%d sessions, and %d are known", n, len(ids))
	}
	return lacks
}

// TestFullDisk: nothing is lost where the mirror can't be written.
func TestFullDisk(t *testing.T) {
	run(t, options{width: 120, height: 30, emulator: emulator.Config{Seed: 3, Sessions: 40}}, func(p *program) {
		p.create("ann_8392")
		p.wait(4 * time.Second)
		p.full.Store(true)
		p.missed()
		p.press("ctrl+r")
		p.wait(8 * time.Second)
		p.shows("the disk is full: nothing can be written", "trying again", "ann_8392")
		p.press("!")
		p.shows("make room")
		p.press("!")
		p.full.Store(false)
		p.recovers(0)
	})
}

// TestFaultBeforeAnyData starts with a server that does not answer.
func TestFaultBeforeAnyData(t *testing.T) {
	run(t, options{}, func(p *program) {
		p.control("POST", "fault", "mode=cut")
		p.press("ctrl+r")
		p.wait(20 * time.Second)
		p.control("DELETE", "fault", "")
		p.press("ctrl+r")
		p.wait(2 * time.Second)
		p.shows("● synced")
	})
}

// TestFaultOnPost breaks the answer to a cancel: the session is looked at, and
// what had no effect is sent again.
func TestFaultOnPost(t *testing.T) {
	for _, mode := range []string{"500", "500_after", "cut_after", "cut", "429", "409"} {
		t.Run(mode, func(t *testing.T) {
			run(t, options{width: 140, height: 40}, func(p *program) {
				id := p.create("ann_8392")
				p.wait(4 * time.Second)
				p.press("j c")
				p.wait(time.Second)
				p.control("POST", "fault", "mode="+mode+"&match=POST.*cancel&count=1")
				p.press("y")
				p.wait(5 * time.Second)
				p.shows("Canceled")
				if got := p.status(id).Status; got != "canceled" {
					p.t.Errorf("at the server it is %s", got)
				}
				p.wait(10 * time.Second) // whatever was lost, the next poll shows the truth
				p.shows("– canceled")
			})
		})
	}
}

// TestRefusals lets the server refuse everything for a while.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		status        int
		message, sees string
	}{
		{401, "Invalid API Key provided", "Stripe does not accept the key"},
		{403, "The provided key does not have the required permissions: rak_identity_product_read", "the key has no permission for this"},
		{404, "Unrecognized request URL", "there is no such object"},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			run(t, options{width: 140, height: 40, emulator: emulator.Config{Seed: 3, Sessions: 40}}, func(p *program) {
				p.says(c.status, c.message)
				p.wait(30 * time.Second)
				p.shows(c.sees, "trying again", "ann_8392", "1 message")
				p.press("!")
				p.shows("req_spoiled1")
				p.press("! enter")
				p.wait(time.Second)
				p.shows("enter tries again")
				p.press("c")
				p.wait(time.Second)
				p.press("y")
				p.wait(time.Second)
				p.press("!")
				p.shows("read session") // the session is read before anything is sent
				p.says(0, "")
				p.press("! ctrl+r")
				p.wait(70 * time.Second)
				p.shows("● synced", "ann_8392")
			})
		})
	}
}
