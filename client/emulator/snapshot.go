package emulator

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"time"
)

// maxSnapshot is the longest snapshot that is read, before and after it is unpacked.
const maxSnapshot = 1 << 30

// keptWorld is a world with all that an integrator put into it, at one time. Faults and
// limits are not of the world: they concern those who call it.
type keptWorld struct {
	World    *world
	Stands   bool // the clock does
	Requests uint32
	Reads    uint32
	Replays  replays
}

// snapshotMark begins a snapshot. It ends with the form of the types inside, because
// another version of idtop would read them wrongly.
var snapshotMark = func() []byte {
	form := sha256.Sum256([]byte(spell(reflect.TypeFor[keptWorld]())))
	return append([]byte("idtop emulator snapshot "), form[:8]...)
}()

// download is the result of a control that is sent as it is.
type download []byte

// controlSnapshot gives the world as bytes.
func (s *sandbox) controlSnapshot(string, url.Values) (any, error) {
	var packed bytes.Buffer
	packed.Write(snapshotMark)
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed) // the level is a good one
	_, _ = z.Write(encode(&keptWorld{World: s.world, Stands: s.time.stands, Requests: s.requests, Reads: s.reads, Replays: s.replays}))
	_ = z.Close() // nothing fails in memory
	return download(packed.Bytes()), nil
}

// controlRestore puts a world that was kept in the place of this one. Its clock goes on
// from the time at which it was kept; its account is another one, unless the Config
// names it: an account's data never go back in time.
func (s *sandbox) controlRestore(_ string, p url.Values) (any, error) {
	kept, err := readSnapshot([]byte(p.Get(bodyParam)))
	if err != nil {
		return nil, err
	}
	w := kept.World
	if w.live != s.cfg.Live {
		return nil, fmt.Errorf("this is a snapshot of the %s mode: start the emulator in that mode", w.mode())
	}
	s.renew()
	w.belong(s.account)
	w.base = s.world.base
	w.hooks.reopen(s.cfg)
	now := s.cfg.Now()
	s.time = timepiece{stands: kept.Stands}
	s.time.set(time.Unix(0, w.now), now)
	kept.Replays.stop()
	s.replace(kept)
	return s.controlState("", nil)
}

func readSnapshot(body []byte) (*keptWorld, error) {
	const hint = "send what GET " + controlPrefix + "snapshot gave, as curl --data-binary @FILE does"
	packed, ok := bytes.CutPrefix(body, snapshotMark)
	switch {
	case ok:
	case bytes.HasPrefix(body, snapshotMark[:len(snapshotMark)-8]):
		return nil, fmt.Errorf("another version of idtop made this snapshot: take one with this version")
	default:
		return nil, fmt.Errorf("this is no snapshot: %s", hint)
	}
	var b []byte
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		b, err = io.ReadAll(io.LimitReader(z, maxSnapshot))
	}
	var kept *keptWorld
	if err == nil {
		kept, err = decode[keptWorld](b)
	}
	if err == nil && (kept.World == nil || !kept.World.sound() || !kept.Replays.sound(kept.World)) {
		err = errSpoilt
	}
	if err != nil {
		return nil, fmt.Errorf("this snapshot can't be read (%v): %s", err, hint)
	}
	return kept, nil
}

// reopen readies the endpoints of a world that was kept for a Deliver. Where events may
// go is the server's to say, not the snapshot's.
func (hs *webhooks) reopen(c *Config) {
	hs.anywhere = c.WebhooksAnywhere
	for _, e := range hs.endpoints {
		e.wake, e.taken, e.gone = make(chan struct{}, 1), false, false
	}
}

// stop forgets the calls that were under way when their world was kept: they never
// end here.
func (rs *replays) stop() {
	for _, r := range rs.old {
		if r.running {
			rs.drop(r)
		}
	}
}

// sound tells whether all positions in a world that was kept lead somewhere.
func (w *world) sound() bool {
	sessions, reports, events, causes := uint32(len(w.sessions)), uint32(len(w.reports)), uint32(len(w.events)), uint32(len(w.causes))
	for _, n := range []int{len(w.created), len(w.status), len(w.redaction), len(w.reference), len(w.customer)} {
		if n != len(w.sessions) {
			return false
		}
	}
	known := func(k kind, c code, o options) bool {
		return int(k) < len(kindNames) && int(c) < len(failures) && int(o>>typesShift) < len(typeOrders)
	}
	for i, s := range w.sessions {
		if w.status[i] >= statuses || w.redaction[i] > redacted || s.report > reports || !known(s.kind, s.code, s.options) {
			return false
		}
	}
	for at, r := range w.reports {
		if r.session >= sessions || r.before > uint32(at) || !known(r.kind, r.code, r.options) {
			return false
		}
	}
	for _, e := range w.events {
		if e.session >= sessions || e.report > reports || e.cause > causes && e.cause != byIntegrator ||
			int(e.kind) >= len(eventNames) || e.status >= statuses || e.redaction > redacted || !known(e.sessions, e.code, e.options) {
			return false
		}
	}
	for at, r := range w.results {
		if at >= reports || !r.sound() {
			return false
		}
	}
	for i, r := range w.pending {
		if i >= sessions || !r.sound() {
			return false
		}
	}
	for _, k := range w.ephemeral {
		if k.session >= sessions {
			return false
		}
	}
	for _, a := range w.acts {
		if a.made > sessions || a.of >= uint32(len(w.acts)) {
			return false
		}
	}
	for _, l := range w.links {
		if l.file/filesPerReport >= reports {
			return false
		}
	}
	for n, it := range w.queue.items {
		names := sessions
		switch it.step {
		case stepVisitor, stepStricken:
			names = 1<<32 - 1
		case stepAct:
			names = uint32(len(w.acts))
		}
		if it.session >= names || it.step > stepAct || int(it.code) >= len(failures) ||
			n > 0 && it.before(w.queue.items[(n-1)/fanOut]) || it.step == stepStricken && w.incident == nil {
			return false
		}
	}
	for _, e := range w.hooks.endpoints {
		if e == nil || len(e.wants) != len(eventNames) || e.open == nil {
			return false
		}
		for event := range e.open {
			if event >= events {
				return false
			}
		}
		for _, d := range e.queue {
			if d.event >= events || d.attempts < 0 {
				return false
			}
		}
	}
	return w.ids.sound() && w.now >= 0 && w.now <= lastTime.UnixNano() && w.used != nil && w.results != nil && w.pending != nil
}

// sound tells whether a result that was kept is one.
func (r *chosen) sound() bool {
	return r != nil && !slices.ContainsFunc(r.codes, func(c code) bool { return int(c) >= len(failures) })
}

// sound tells whether all answers that were kept are of objects that there are.
func (rs *replays) sound(w *world) bool {
	fits := func(r *replay) bool {
		return r != nil && int(r.answer.session) <= len(w.sessions) && int(r.answer.event) <= len(w.events)
	}
	for _, r := range rs.byKey {
		if !fits(r) {
			return false
		}
	}
	return rs.byKey != nil && !slices.ContainsFunc(rs.old, func(r *replay) bool { return !fits(r) })
}
