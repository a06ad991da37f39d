package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// in is the client with a key of a world.
func (c client) in(world string) client {
	c.key = restrictedKey + worldMark + world
	return c
}

// accountID asks for the account that the client's key belongs to.
func (c client) accountID(t testing.TB) string {
	t.Helper()
	return c.get(t, "/v1/account").ok(t).id()
}

// Two suites run side by side, each in its world. Neither meets the other's sessions,
// events, idempotency keys, clock, faults, choices, limits or links.
func TestParallelSuites(t *testing.T) {
	t.Parallel()
	at := newClock()
	c := newClient(t, Config{Worlds: true, RateLimits: true, Now: at.Now})
	var suites sync.WaitGroup
	ids := make([]string, 2)
	for n := range ids {
		suites.Go(func() { ids[n] = suite(t, c.in(fmt.Sprint("suite_", n)), n) })
	}
	suites.Wait()
	at.add(time.Second)
	for n, id := range ids {
		if r := c.in(fmt.Sprint("suite_", 1-n)).get(t, sessionsPath+"/"+id); r.status != 404 {
			t.Error("the other suite's session is seen:", r)
		}
	}
	if found := c.all(t, sessionsPath); len(found) != 0 {
		t.Errorf("%d sessions are in the world of keys without a name", len(found))
	}
}

// suite lives through what a test suite does, and gives the id of its session.
func suite(t *testing.T, c client, n int) string {
	control := func(path string, params ...string) reply { return c.post(t, controlPrefix+path, params...) }
	control("clock", "freeze", "true").ok(t)
	control("choices", "redact_references", fmt.Sprint(n == 0)).ok(t)
	create := func() reply {
		return c.keyed("same").post(t, sessionsPath, "type", "document", "client_reference_id", "ann_1", "metadata[suite]", fmt.Sprint(n))
	}
	id := create().ok(t).id()
	if again := create().ok(t); again.id() != id || again.header.Get("Idempotent-Replayed") != "true" {
		t.Error("not replayed:", again)
	}
	c.get(t, c.pathOf(t, id)).is(t, 200) // links lead to the world
	control("clock", "advance", fmt.Sprint(n+1, "h")).ok(t)
	control("sessions/"+id+"/submit", "outcome", "verified").ok(t)
	if want := fmt.Sprint(started.Unix() + int64(n+1)*3600); fmt.Sprintf("%.0f", c.all(t, eventsPath)[0]["created"]) != want {
		t.Error("the event is not of this world's clock, want", want)
	}
	if found := c.all(t, sessionsPath); len(found) != 1 || stateOf(found[0]) != "verified" || found[0]["metadata"].(object)["suite"] != fmt.Sprint(n) {
		t.Error("not this suite's one session:", found)
	}
	control("fault", "mode", "500", "count", fmt.Sprint(n+1)).ok(t)
	for range n + 1 {
		c.get(t, sessionsPath).is(t, 500)
	}
	c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
	if kept := c.get(t, sessionsPath+"/"+id).ok(t).object["client_reference_id"] != nil; kept != (n == 1) {
		t.Error("client_reference_id is kept:", kept)
	}
	control("clock", "set", "2026-10-01T00:00:00Z").ok(t)
	defer control("clock", "freeze", "false")
	refused := 0
	for range testRate + 1 { // no time passes meanwhile
		if c.get(t, "/v1/account").status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d requests are beyond this world's rate, want 1", refused)
	}
	return id
}

// is fails the test unless the answer has a status.
func (r reply) is(t testing.TB, status int) {
	t.Helper()
	if r.status != status {
		t.Error("want", status, "not", r)
	}
}

// The world's name follows the last mark in any key.
func TestWorldOfAKey(t *testing.T) {
	s := New(Config{Now: fixedClock, Worlds: true})
	for _, test := range []struct{ key, world string }{
		{"sk_test_x_w_ci7", "ci7"},
		{"rk_test_read_x_w_ci7", "ci7"},
		{"sk_live_x_w_ci7", "ci7"},
		{"pk_test_x_w_ci7", "ci7"},
		{"sk_test_w_a_w_b_2", "b_2"},
		{"sk_test__w_b", "b"},
		{"sk_test_x", ""},
		{"sk_test_x_w_", ""},
		{"nonsense_w_ci8", ""},
		{"", ""},
	} {
		box, err := s.sandboxOfKey(test.key)
		if err != nil || box.name != test.world {
			t.Errorf("%s leads to %q, error %v", test.key, box.name, err)
		}
	}
	if len(s.boxes.byName) != 4 { // home, ci7, b_2, b
		t.Error(len(s.boxes.byName), "worlds")
	}
}

func TestWorldErrors(t *testing.T) {
	c := newClient(t, Config{Worlds: true})
	for _, test := range []struct{ got, want string }{
		{c.in(strings.Repeat("x", 65)).get(t, sessionsPath).text, "can't be the name of a world: take up to 64 letters"},
		{c.post(t, controlPrefix+"sessions/vs_x/submit", "outcome", "verified").text, "there is no session vs_x in the world of keys that name none; list them with GET /v1/identity/verification_sessions; world=NAME is of another world"},
		{c.in("ci7").post(t, controlPrefix+"sessions/vs_x/submit", "outcome", "verified").text, "there is no session vs_x in the world ci7; "},
		{c.post(t, controlPrefix+"reset?world=ci-7").text, "ci-7 can't be the name of a world"},
		{c.post(t, controlPrefix+"reset?world=a_w_b").text, "a_w_b can't be the name of a world"},
		{newClient(t, Config{}).post(t, controlPrefix+"reset?world=ci7").text, "there is one world only; start the emulator with --worlds, or leave it out"},
	} {
		if !strings.Contains(test.got, test.want) {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
	for n := range MaxWorlds - 2 { // beside the one without a name and ci7
		c.in(fmt.Sprint("w", n)).get(t, "/v1/account").ok(t)
	}
	if r := c.in("one_more").get(t, "/v1/account"); r.status != 400 || !strings.Contains(r.text, "there are 1000 worlds") {
		t.Error(r)
	}
	c.in("w7").get(t, "/v1/account").ok(t)
}

// Without worlds a key's name means nothing.
func TestOneWorldForEveryKey(t *testing.T) {
	c := newClient(t, Config{})
	id := c.in("a").session(t, "canceled")
	c.in("b").get(t, sessionsPath+"/"+id).ok(t)
}

// Each world has an account and ids of its own, and so has one that begins anew,
// unless the configuration names the account.
func TestAccountsOfWorlds(t *testing.T) {
	made := 0
	for _, test := range []struct {
		name  string
		cfg   Config
		fixed bool // for keys without a world
	}{
		{"of the seed", Config{}, false},
		{"named", Config{Account: "acct_1NuNAILkdIwHu7ix"}, true},
		{"given", Config{Account: "", NewAccount: func() string { made++; return fmt.Sprint("acct_1given", made) }}, false},
	} {
		test.cfg.Worlds, test.cfg.Sessions = true, 12
		c := newClient(t, test.cfg)
		var accounts, ids []string
		for _, one := range []client{c, c.in("a"), c.in("b")} {
			for range 3 {
				accounts = append(accounts, one.accountID(t))
				ids = append(ids, text(one.get(t, sessionsPath).ok(t).data()[0]["id"]))
				one.post(t, controlPrefix+"reset").ok(t)
			}
		}
		if again := accounts[0] == accounts[1] && ids[0] == ids[1]; again != test.fixed {
			t.Errorf("%s: the same account after a reset: %v; %v %v", test.name, again, accounts, ids)
		}
		if test.fixed {
			accounts, ids = accounts[2:], ids[2:]
		}
		for _, list := range [][]string{accounts, ids} {
			slices.Sort(list)
			if n := len(list); n < 7 || len(slices.Compact(list)) != n {
				t.Errorf("%s: two are the same of %v", test.name, list)
			}
		}
	}
}

// Reset forgets all that was asked of a world, but nothing of another one.
func TestReset(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Worlds: true, Sessions: 12, Now: at.Now})
	other := c.in("other").session(t, "verified")
	link := c.pathOf(t, c.session(t, "requires_input"))
	first := c.get(t, controlPrefix+"state").ok(t)
	c.post(t, controlPrefix+"clock", "advance", "96h", "freeze", "true").ok(t)
	c.post(t, controlPrefix+"choices", "limit_refused", "true").ok(t)
	c.post(t, controlPrefix+"fault", "mode", "500").ok(t)
	at.add(time.Hour)
	state := c.post(t, controlPrefix+"reset").ok(t).object
	clock := state["clock"].(object)
	if state["sessions"] != 12.0 || len(state["faults"].([]any)) != 0 || state["requests"] != 0.0 || clock["unix"] != float64(at.Now().Unix()) ||
		clock["frozen"] != nil || state["choices"].(object)["limit_refused"] != false || state["account"] == first.object["account"] {
		t.Error("not as at the start:", state)
	}
	if r := c.get(t, link); r.status != 404 {
		t.Error("a link of before opens something:", r.status)
	}
	c.in("other").get(t, sessionsPath+"/"+other).ok(t)
}

// A clock that is frozen stands until it is set, advanced or let go. It never goes back.
func TestFrozenClock(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now})
	for _, test := range []struct{ params, want string }{
		{"freeze=true", "2026-09-21T14:14:20Z"},
		{"freeze=true", "2026-09-21T14:14:20Z"},
		{"advance=1h", "2026-09-21T15:14:20Z"},
		{"set=1790003600", "2026-09-21T15:13:20Z"},
		{"set=1790003660", "2026-09-21T15:14:20Z"},
		{"set=2026-09-22T00:00:00Z", "2026-09-22T00:00:00Z"},
		{"freeze=false", "2026-09-22T00:00:00Z"},
		{"advance=1s", "2026-09-22T00:01:01Z"},
		{"set=2026-09-22T06:00:00%2b02:00&freeze=true", "2026-09-22T04:00:00Z"},
		{"freeze=false", "2026-09-22T04:00:00Z"},
	} {
		at.add(time.Minute)
		r := c.do(t, "POST", controlPrefix+"clock", test.params)
		if r.status == 400 && strings.Contains(r.text, "can't be set back: it is 2026-09-21T15:14:20Z already") && test.params == "set=1790003600" {
			continue
		}
		if got := text(r.object["now"]); got != test.want {
			t.Errorf("%s: %s, want %s", test.params, r, test.want)
		}
	}
}

// Endpoints of the configuration get the events of the first world, also of one that
// begins anew; those of other worlds meet nobody's receiver.
func TestWebhooksOfWorlds(t *testing.T) {
	delivering(t, Config{Worlds: true}, func(t *testing.T, c client, rc *receiver) {
		c.in("other").session(t, "verified")
		c.session(t, "requires_input")
		synctest.Wait()
		c.post(t, controlPrefix+"reset").ok(t)
		synctest.Wait()
		c.session(t, "canceled")
		synctest.Wait()
		if got := rc.names(); got != "created created canceled" {
			t.Error("got", got)
		}
	})
}

// An event that is on its way when its world ends is not sent again.
func TestResetWhileDelivering(t *testing.T) {
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		rc.answer = func(r *http.Request, n int) (*http.Response, error) {
			time.Sleep(time.Second)
			return statusAnswer(http.StatusInternalServerError)(r, n)
		}
		c.session(t, "requires_input")
		synctest.Wait()
		c.post(t, controlPrefix+"reset").ok(t)
		time.Sleep(5 * time.Hour)
		if got := rc.names(); got != "created" {
			t.Error("got", got)
		}
	})
}

// Receivers take what is sent while the clock stands, or after a snapshot set it back.
func TestSignaturesOfOldWorlds(t *testing.T) {
	delivering(t, Config{}, func(t *testing.T, c client, rc *receiver) {
		kept := c.snapshot(t)
		c.post(t, controlPrefix+"clock", "freeze", "true").ok(t)
		time.Sleep(time.Hour)
		c.session(t, "requires_input")
		synctest.Wait()
		c.restore(t, kept).ok(t)
		c.session(t, "canceled")
		synctest.Wait()
		if got := rc.names(); got != "created created canceled" { // the receiver checks each
			t.Error("got", got)
		}
	})
}
