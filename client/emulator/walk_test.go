package emulator

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// A random walk through all that clients, people and the clock can do, with the
// rules that hold whatever happens: no change of status without an event and no
// event without a change; redacted and canceled are for good; url and secret
// exactly while the person has something to do; as many reports as attempts.
func TestRandomWalks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		d := rand.New(rand.NewPCG(seed, 1))
		c := newClient(t, Config{Sessions: 20, Seed: seed, Traffic: seed%2 == 0, RedactionDelay: time.Minute})
		w := c.s.world
		status := map[uint32]status{}
		redactions := map[uint32]redaction{}
		told := 0
		for range 400 {
			walk(t, c, d)
			for ; told < len(w.events); told++ {
				e := &w.events[told]
				old, known := status[e.session]
				if known == (e.kind == eventCreated) || known && old == e.status && e.code == 0 {
					t.Fatalf("seed %d: an event %s without a change from %v", seed, eventNames[e.kind], statusNames[old])
				}
				if known && old == canceled {
					t.Fatalf("seed %d: a canceled session became %s", seed, statusNames[e.status])
				}
				status[e.session] = e.status
			}
			for i := range w.sessions {
				session, now := uint32(i), w.redaction[i]
				if s, known := status[session]; known && s != w.status[i] {
					t.Fatalf("seed %d: a change to %s without an event", seed, statusNames[w.status[i]])
				}
				if was := redactions[session]; now < was {
					t.Fatalf("seed %d: a redaction went back", seed)
				}
				redactions[session] = now
				if n := len(w.reportsOf(session)); n != int(w.sessions[i].attempts) {
					t.Fatalf("seed %d: %d reports of %d attempts", seed, n, w.sessions[i].attempts)
				}
			}
		}
		for _, s := range c.all(t, sessionsPath) {
			if got := stateOf(s); len(got) > 60 {
				t.Errorf("seed %d: %s", seed, got)
			}
		}
	}
}

// walk takes one random step; what it is refused does not matter.
func walk(t testing.TB, c client, d *rand.Rand) {
	n := len(c.s.world.sessions)
	id := c.s.world.sessionID(uint32(n - 1 - d.IntN(min(n, 25))))
	path := sessionsPath + "/" + id
	submit := "/_emulator/sessions/" + id + "/submit"
	delay := fmt.Sprintf("%ds", d.IntN(40))
	switch d.IntN(9) {
	case 0:
		c.post(t, sessionsPath, "type", "document", "metadata[n]", delay)
	case 1:
		c.post(t, path+"/cancel")
	case 2:
		c.post(t, path+"/redact")
	case 3:
		c.post(t, path, "metadata[n]", delay)
	case 4:
		c.post(t, submit, "outcome", "verified", "delay", delay)
	case 5, 6:
		c.post(t, submit, "outcome", "requires_input", "code", codeNames()[d.IntN(len(failures)-1)], "delay", delay)
	case 7:
		c.post(t, "/_emulator/clock", "advance", delay)
	case 8:
		c.get(t, path)
	}
}

// Many clients at once, for the race detector: each sees its own sessions as if
// it were alone.
func TestParallelLoad(t *testing.T) {
	t.Parallel()
	at := newClock()
	c := newClient(t, Config{Sessions: 60, Traffic: true, Now: at.Now})
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			own := c.keyed(fmt.Sprint("key ", n))
			for round := range 12 {
				id := c.post(t, sessionsPath, "type", "document", "metadata[round]", fmt.Sprint(round)).ok(t).id()
				own.post(t, sessionsPath, "type", "document", "metadata[n]", fmt.Sprint(n)).ok(t)
				at.add(time.Duration(n) * time.Second)
				c.get(t, sessionsPath+"?limit=100&expand[]=data.last_verification_report").ok(t)
				c.get(t, "/_emulator/state").ok(t)
				c.get(t, eventsPath).ok(t)
				c.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "requires_input").ok(t)
				c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
				if got := stateOf(c.get(t, sessionsPath+"/"+id).ok(t).object); got[:8] != "canceled" {
					t.Error(got)
				}
				if round == 10 {
					c.post(t, "/_emulator/fault", "mode", "429", "match", "nothing").ok(t)
				}
			}
		})
	}
	wg.Wait()
	made := 0
	for _, s := range c.all(t, sessionsPath) {
		if m := s["metadata"].(object); m["n"] != nil {
			made++
		}
	}
	if made != 8 {
		t.Errorf("8 keys made %d sessions", made)
	}
}
