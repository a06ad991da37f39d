package emulator

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// A random walk through all that clients, people and the clock can do, with the
// rules that hold whatever happens: no change of status without an event and no
// event without a change; what is redacted or canceled is so for good, and
// nothing of what was attached to it is told again; url and secret exactly while
// the person has something to do; as many reports as attempts.
func TestRandomWalks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		d := rand.New(rand.NewPCG(seed, 1))
		c := newClient(t, Config{Sessions: 20, Seed: seed, Traffic: seed%2 == 0, RedactionDelay: time.Minute, Choices: Choices{RedactedEvents: seed%3 == 0}})
		h := history{t: t, w: c.s.home.world, status: map[uint32]status{}, redaction: map[uint32]redaction{}, ended: map[uint32]bool{}}
		for range 500 {
			walk(t, c, d)
			h.follow()
			if t.Failed() {
				t.Fatal("with seed", seed)
			}
		}
		for _, s := range c.all(t, sessionsPath+"?"+onList(everyExpand)) {
			checkEnd(t, s)
		}
		for _, e := range c.all(t, eventsPath) {
			s := e["data"].(object)["object"].(object)
			if i, _ := c.s.home.world.sessionAt(text(s["id"])); c.s.home.world.redaction[i].begun() && len(s["metadata"].(object)) != 0 {
				t.Errorf("seed %d: an event tells of a redacted session: %v", seed, e)
			}
		}
	}
}

// history is what a walk has seen of a world.
type history struct {
	t         *testing.T
	w         *world
	told      int // events
	status    map[uint32]status
	redaction map[uint32]redaction
	ended     map[uint32]bool // sessions with an event at the end of their redaction
}

// follow compares the world with what its new events tell.
func (h *history) follow() {
	for ; h.told < len(h.w.events); h.told++ {
		e := &h.w.events[h.told]
		old, known := h.status[e.session]
		switch {
		case e.kind == eventRedacted:
			if h.ended[e.session] || e.redaction != redacted {
				h.t.Error("an end of a redaction that is none")
			}
			h.ended[e.session] = true
		case !known && h.w.created[e.session] < h.w.horizon: // its events of before are not kept
		case known == (e.kind == eventCreated), known && old == e.status && e.code == 0:
			h.t.Errorf("an event %s without a change from %v", eventNames[e.kind], statusNames[old])
		case known && old == canceled, h.redaction[e.session].begun():
			h.t.Errorf("what was over became %s", statusNames[e.status])
		}
		h.status[e.session] = e.status
	}
	for i := range h.w.sessions {
		session, now := uint32(i), h.w.redaction[i]
		if s, known := h.status[session]; known && s != h.w.status[i] {
			h.t.Errorf("a change to %s without an event", statusNames[h.w.status[i]])
		}
		was, known := h.redaction[session]
		if was.begun() && now < was {
			h.t.Error("a redaction went back")
		}
		if known && was != now && now == redacted && h.w.choice.RedactedEvents != h.ended[session] {
			h.t.Error("a redaction ended and was told, or not, against the choice")
		}
		h.redaction[session] = now
		if n := len(h.w.reportsOf(session)); n != int(h.w.sessions[i].attempts) {
			h.t.Errorf("%d reports of %d attempts", n, h.w.sessions[i].attempts)
		}
	}
}

// checkEnd checks what a session shows when a walk is over.
func checkEnd(t *testing.T, s object) {
	t.Helper()
	state := stateOf(s)
	if strings.Contains(state, "wrong") {
		t.Error(state)
	}
	if !strings.HasSuffix(state, " redacted") && !strings.HasSuffix(state, "processing") || state == "processing" {
		return
	}
	told := len(s["metadata"].(object))
	if o, ok := s["verified_outputs"].(object); ok && o["first_name"] != redactedText && o["first_name"] != nil {
		told++
	}
	if r, ok := s["last_verification_report"].(object); ok {
		if d, ok := r["document"].(object); ok && d["number"] != redactedText && d["number"] != nil {
			told++
		}
	}
	if p, ok := s["provided_details"].(object); ok && p["email"] != redactedText && p["email"] != nil {
		told++
	}
	if told != 0 {
		t.Errorf("%s, and yet it tells %v", state, s)
	}
}

// walk takes one random step; what it is refused does not matter.
func walk(t testing.TB, c client, d *rand.Rand) {
	n := len(c.s.home.world.sessions)
	id := c.s.home.world.sessionID(uint32(n - 1 - d.IntN(min(n, 25))))
	path := sessionsPath + "/" + id
	submit, override := "/_emulator/sessions/"+id+"/submit", "/_emulator/sessions/"+id+"/override"
	delay := fmt.Sprintf("%ds", d.IntN(40))
	switch d.IntN(13) {
	case 0:
		c.post(t, sessionsPath, "type", "document", "metadata[n]", delay, "provided_details[email]", "a@b.c")
	case 1:
		c.post(t, path+"/cancel")
	case 2:
		c.post(t, path+"/redact")
	case 3:
		c.post(t, path, "metadata[n]", delay)
	case 4:
		c.post(t, submit, "outcome", "verified", "delay", delay)
		c.post(t, submit, "outcome", "verified", "delay", delay, "person", namedPeople[d.IntN(len(namedPeople))].name, "attempts[]", "document_expired")
	case 5, 6:
		c.post(t, submit, "outcome", "requires_input", "code", codeNames()[d.IntN(len(failures)-1)], "delay", delay)
	case 7:
		c.post(t, "/_emulator/clock", "advance", delay)
	case 8:
		c.get(t, path)
	case 9:
		c.post(t, override, "status", []string{"verified", "requires_input"}[d.IntN(2)])
	case 10:
		c.post(t, override, "redaction", []string{"validated", "none"}[d.IntN(2)])
	case 11:
		names := []string{"redact_twice_refused", "redact_canceled_refused", "cancel_redacted_refused", "metadata_refused", "last_error_kept", "silent_visits"}
		c.post(t, "/_emulator/choices", names[d.IntN(len(names))], fmt.Sprint(d.IntN(2) == 0))
	case 12:
		modes := []string{"500", "500_after", "cut", "cut_after", "truncate", "429_lock"}
		c.post(t, "/_emulator/fault", "mode", modes[d.IntN(len(modes))], "count", "1", "match", "POST")
	}
}
