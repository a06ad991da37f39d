package emulator

import (
	"crypto/sha256"
	"net/http"
	"time"
)

// Stripe's rules of idempotency keys: up to 255 characters, kept for a day.
const (
	maxReplayKey = 255
	replayLife   = uint32(24 * time.Hour / time.Second)
)

// replay is the first use of a key.
type replay struct {
	path    string
	params  [sha256.Size]byte
	at      uint32
	running bool
	answer  answer
	name    string // the key it is kept under
}

// replays keeps the first answer for each key. That includes the answer of a
// request that failed while it executed, a 500 too; a request that was refused before
// it began to execute is forgotten, so that its key can be used again.
type replays struct {
	byKey map[string]*replay
	old   []*replay // in order of time
}

func newReplays() replays { return replays{byKey: map[string]*replay{}} }

// begin answers a key that was used before, or reserves it for this call.
func (rs *replays) begin(s *sandbox, c *call, key string) (a answer, done bool) {
	if len(key) > maxReplayKey {
		e := &apiError{status: http.StatusBadRequest, kind: typeIdempotency, message: "Idempotency keys may only be up to 255 characters long."}
		return e.answer(s.logURL(c)), true
	}
	rs.forget(c.at)
	name := "test " + key
	if c.access.live {
		name = "live " + key
	}
	first, params := rs.byKey[name], sha256.Sum256([]byte(c.raw))
	if first == nil {
		c.replay = &replay{path: c.http.URL.Path, params: params, at: c.at, running: true, name: name}
		rs.byKey[name] = c.replay
		rs.old = append(rs.old, c.replay)
		return answer{}, false
	}
	if e := first.conflict(c, key, params); e != nil {
		return e.answer(s.logURL(c)), true
	}
	a = first.answer
	// A recorded answer must not hold data that a redaction has removed since.
	w := s.world
	switch {
	case a.session != 0 && w.redaction[a.session-1].begun():
		a.body = w.ofSession(a.session-1, a.view).body
	case a.event != 0 && w.redaction[w.events[a.event-1].session].begun():
		a.body = w.ofEvent(a.event - 1).body
	}
	a.header = append([][2]string{{"Idempotent-Replayed", "true"}}, a.header...)
	return a, true
}

// conflict tells why a key can't be used for a call, if it can't.
func (first *replay) conflict(c *call, key string, params [sha256.Size]byte) *apiError {
	e := &apiError{status: http.StatusBadRequest, kind: typeIdempotency}
	switch {
	case first.path != c.http.URL.Path:
		e.message = "Keys for idempotent requests can only be used for the same endpoint they were first used for ('" +
			first.path + "' vs '" + c.http.URL.Path + "'). Try using a key other than '" + key + "' if you meant to execute a different request."
	case first.params != params:
		e.message = "Keys for idempotent requests can only be used with the same parameters they were first used with. " +
			"Try using a key other than '" + key + "' if you meant to execute a different request."
	case first.running:
		e.status, e.code = http.StatusConflict, "idempotency_key_in_use"
		e.message = "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, " +
			"and the other request is still going through): " + key + ". Please try again later."
	default:
		return nil
	}
	return e
}

// finish records the answer of the call that reserved a key.
func (rs *replays) finish(c *call, a answer) {
	if c.replay == nil {
		return
	}
	if a.early {
		rs.abandon(c)
		return
	}
	c.replay.running = false
	a.broken = breakNot // how a connection ended is not part of the answer
	c.replay.answer = a
}

// abandon frees the key of a call that never executed.
func (rs *replays) abandon(c *call) {
	if c.replay != nil {
		rs.drop(c.replay)
	}
}

// drop lets a key be used anew.
func (rs *replays) drop(r *replay) {
	if rs.byKey[r.name] == r {
		delete(rs.byKey, r.name)
	}
}

// forget drops the replays that are older than a day.
func (rs *replays) forget(now uint32) {
	n := 0
	for n < len(rs.old) && now-rs.old[n].at >= replayLife {
		rs.drop(rs.old[n])
		n++
	}
	rs.old = rs.old[n:]
}
