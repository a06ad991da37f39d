package emulator

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// snapshot takes one.
func (c client) snapshot(t testing.TB) string {
	t.Helper()
	r := c.get(t, controlPrefix+"snapshot").ok(t)
	if kind := r.header.Get("Content-Type"); kind != "application/octet-stream" {
		t.Error(kind)
	}
	return r.text
}

func (c client) restore(t testing.TB, kept string) reply {
	t.Helper()
	return c.do(t, "POST", controlPrefix+"snapshot", kept)
}

// all that a client can see of a world, but its account.
func (c client) everything(t testing.TB) string {
	t.Helper()
	var text strings.Builder
	for _, path := range []string{
		sessionsPath + "?expand[]=data.last_verification_report.document.dob&expand[]=data.verified_outputs", reportsPath, eventsPath, linksPath,
	} {
		for _, one := range c.all(t, path) {
			delete(one, "url") // of the account
			delete(one, "client_secret")
			if data, ok := one["data"].(object); ok {
				delete(data["object"].(object), "url")
				delete(data["object"].(object), "client_secret")
			}
			fmt.Fprintln(&text, one)
		}
	}
	return text.String()
}

// A restored world is the kept one in all that can be seen, at the time at which it was
// kept, and goes on as that one did: also in another sandbox, and in another server.
func TestSnapshot(t *testing.T) {
	at := newClock()
	cfg := Config{Sessions: 60, Traffic: true, Incident: true, Worlds: true, Now: at.Now, Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}}
	c := newClient(t, cfg)
	walk := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		live(t, c, at, walk)
	}
	id := c.keyed("before").post(t, sessionsPath, "type", "document").ok(t).id()
	c.post(t, controlPrefix+"choices", "limit_refused", "true").ok(t)
	seen, state, kept := c.everything(t), c.get(t, controlPrefix+"state").ok(t).object, c.snapshot(t)
	later := func(c client) string {
		c.post(t, controlPrefix+"clock", "advance", "1h").ok(t)
		return c.everything(t)
	}
	goesOn := later(c)

	elsewhere := newClient(t, Config{Now: newClock().Now})
	for name, to := range map[string]client{"here": c, "in another world": c.in("other"), "in another server": elsewhere} {
		at.add(time.Hour)
		before := to.accountID(t)
		restored := to.restore(t, kept).ok(t).object
		if restored["account"] == before || restored["account"] == state["account"] {
			t.Error(name, "the account is the same:", restored["account"])
		}
		if got := to.everything(t); got != seen {
			t.Errorf("%s something else is seen: %d bytes for %d", name, len(got), len(seen))
		}
		if got, want := restored["clock"].(object)["now"], state["clock"].(object)["now"]; got != want {
			t.Errorf("%s it is %v, want %v", name, got, want)
		}
		if r := to.get(t, sessionsPath+"?limit=101"); r.status != 400 {
			t.Error(name, "the choices are not those of before:", r.status)
		}
		if r := to.keyed("before").post(t, sessionsPath, "type", "document").ok(t); r.id() != id {
			t.Error(name, "the idempotency key is forgotten")
		}
		if got := later(to); got != goesOn {
			t.Errorf("%s it goes on otherwise: %d bytes for %d", name, len(got), len(goesOn))
		}
		waiting := text(to.get(t, sessionsPath+"?status=requires_input&limit=1").ok(t).data()[0]["id"])
		to.get(t, to.pathOf(t, waiting)).ok(t) // new links lead to it
	}
}

// live does something to a world.
func live(t *testing.T, c client, at *clock, d *rand.Rand) {
	states := []string{"requires_input", "failed", "processing", "verified", "canceled", "redacted verified", "validated", "overridden"}
	c.session(t, states[d.IntN(len(states))])
	at.add(time.Duration(d.IntN(100)) * time.Second)
}

// The copy is the world itself, field by field, and one world is always the same bytes.
func TestSnapshotHasEverything(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Sessions: 60, Traffic: true, Incident: true, Now: at.Now, Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}})
	walk := rand.New(rand.NewPCG(3, 4))
	for range 30 {
		live(t, c, at, walk)
	}
	w := c.s.home.world
	first, again := encode(w), encode(w)
	if !bytes.Equal(first, again) {
		t.Error("twice the same world is not the same bytes")
	}
	copied, err := decode[world](first)
	if err != nil {
		t.Fatal(err)
	}
	if !copied.sound() {
		t.Error("the copy is not sound")
	}
	if !bytes.Equal(encode(copied), first) {
		t.Error("the copy is not the world")
	}
	shared := 0
	for _, e := range copied.events {
		if e.details != nil && e.details == copied.sessions[e.session].details {
			shared++
		}
	}
	if shared == 0 {
		t.Error("details that were shared are not")
	}
}

func TestRestoreRefuses(t *testing.T) {
	c := newClient(t, Config{Sessions: 12})
	kept := c.snapshot(t)
	pack := func(b []byte) string {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(b)
		_ = z.Close()
		return string(snapshotMark) + packed.String()
	}
	wrong := func(change func(w *world)) string {
		w, err := decode[world](encode(c.s.home.world))
		if err != nil {
			t.Fatal(err)
		}
		change(w)
		return pack(encode(&keptWorld{World: w}))
	}
	before := c.everything(t)
	for _, test := range []struct{ body, want string }{
		{"", "this is no snapshot: send what GET /_emulator/snapshot gave"},
		{"type=document", "this is no snapshot"},
		{kept[:len(kept)-40], "this snapshot can't be read (unexpected EOF)"},
		{kept[:len(snapshotMark)-8] + "otherone" + kept[len(snapshotMark):], "another version of idtop made this snapshot"},
		{newClient(t, Config{Live: true}).snapshot(t), "this is a snapshot of the live mode"},
		{pack(nil), "it is cut off or spoilt"},
		{pack([]byte{0, 0, 0, 0, 0, 0}), "it is cut off or spoilt"},
		{pack(append(encode(&keptWorld{World: c.s.home.world}), 0)), "it is cut off or spoilt"},
		{wrong(func(w *world) { w.status = w.status[1:] }), "spoilt"},
		{wrong(func(w *world) { w.status[3] = statuses }), "spoilt"},
		{wrong(func(w *world) { w.sessions[3].report = 1 << 30 }), "spoilt"},
		{wrong(func(w *world) { w.reports[0].before = 1 }), "spoilt"},
		{wrong(func(w *world) { w.events[0].session = 12 }), "spoilt"},
		{wrong(func(w *world) { w.links = []fileLink{{file: 1 << 30}} }), "spoilt"},
		{wrong(func(w *world) { w.queue.items = []item{{session: 12, step: stepDecide}} }), "spoilt"},
		{wrong(func(w *world) { w.queue.items = []item{{at: 2}, {at: 1}} }), "spoilt"},
		{wrong(func(w *world) { w.hooks.endpoints = []*endpointQueue{nil} }), "spoilt"},
		{wrong(func(w *world) { w.now = -1 }), "spoilt"},
		{wrong(func(w *world) { w.ids.account = "Kmb4F\x7fBNoY" }), "spoilt"},
		{wrong(func(w *world) { w.ids.account = "short" }), "spoilt"},
	} {
		if r := c.restore(t, test.body); r.status != 400 || !strings.Contains(r.text, test.want) {
			t.Errorf("got %s, want %q", r, test.want)
		}
	}
	if c.everything(t) != before {
		t.Error("a refusal changed the world")
	}
}

// Any bytes give an error or a world in which no request panics.
func FuzzSnapshot(f *testing.F) {
	c := newClient(f, Config{Sessions: 12, Traffic: true, Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}})
	c.session(f, "verified")
	kept := c.snapshot(f)
	z, err := gzip.NewReader(strings.NewReader(kept[len(snapshotMark):]))
	if err != nil {
		f.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b, uint32(100), byte(7))
	f.Fuzz(func(t *testing.T, b []byte, at uint32, change byte) {
		if len(b) > 0 {
			b = bytes.Clone(b)
			b[int(at)%len(b)] ^= change
		}
		var packed bytes.Buffer
		packed.Write(snapshotMark)
		z, _ := gzip.NewWriterLevel(&packed, gzip.NoCompression)
		_, _ = z.Write(b)
		_ = z.Close()
		c := newClient(t, Config{})
		if r := c.restore(t, packed.String()); r.status != 200 {
			if r.status != 400 {
				t.Fatal(r)
			}
			return
		}
		for _, path := range []string{sessionsPath, reportsPath, eventsPath, linksPath} {
			c.get(t, path+"?limit=100&expand[]=data.x")
			c.get(t, path+"?limit=100")
		}
		c.post(t, controlPrefix+"clock", "advance", "1h")
		id := c.post(t, sessionsPath, "type", "document").id()
		c.post(t, controlPrefix+"sessions/"+id+"/submit", "outcome", "verified")
		c.snapshot(t)
	})
}

// Where events may go is the server's to say: a snapshot of one that sends them
// anywhere opens no way out of another.
func TestRestoreOpensNoWayOut(t *testing.T) {
	kept := newClient(t, Config{WebhooksAnywhere: true}).snapshot(t)
	c := newClient(t, Config{})
	c.restore(t, kept).ok(t)
	if r := c.post(t, webhooksPath, "url", "https://example.com/", "enabled_events[]", "*"); r.status != 400 {
		t.Error("an endpoint on another machine was accepted:", r)
	}
	open := newClient(t, Config{WebhooksAnywhere: true})
	open.restore(t, c.snapshot(t)).ok(t)
	open.post(t, webhooksPath, "url", "https://example.com/", "enabled_events[]", "*").ok(t)
}
