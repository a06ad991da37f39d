package emulator

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"
)

// crawl is everything that a server tells, in one text.
func crawl(t *testing.T, c client) string {
	var b strings.Builder
	expand := "?expand[]=data.verified_outputs.dob&expand[]=data.provided_details&expand[]=data.last_verification_report.document.number"
	for _, path := range []string{sessionsPath + expand, reportsPath + "?expand[]=data.document.number", eventsPath} {
		for _, page := range c.pages(t, path) {
			b.WriteString(page.text)
		}
	}
	return b.String()
}

func TestSameSeedSameWorld(t *testing.T) {
	t.Parallel()
	world := func(seed uint64) [sha256.Size]byte {
		at := newClock()
		c := newClient(t, Config{Sessions: 120, Seed: seed, Traffic: true, Now: at.Now})
		at.add(10 * time.Minute)
		c.session(t, "verified")
		c.post(t, "/_emulator/clock", "advance", "96h").ok(t)
		return sha256.Sum256([]byte(crawl(t, c)))
	}
	first := world(7)
	if first != world(7) {
		t.Error("the same seed gave two worlds")
	}
	if first == world(8) {
		t.Error("two seeds gave the same world")
	}
}

// The world does not depend on how often it is looked at.
func TestPollingChangesNothing(t *testing.T) {
	t.Parallel()
	world := func(step time.Duration) string {
		at := newClock()
		c := newClient(t, Config{Sessions: 50, Seed: 4, Traffic: true, Now: at.Now})
		for range int(time.Hour / step) {
			at.add(step)
			c.get(t, "/v1/account").ok(t)
		}
		all := c.all(t, eventsPath)
		for _, e := range all {
			s := e["data"].(object)["object"].(object)
			delete(s, "url")
			delete(s, "client_secret")
		}
		return fmt.Sprint(all)
	}
	if world(time.Hour) != world(8*time.Second) {
		t.Error("polling changed the world")
	}
}

// shownState is what an operator would call a session's state.
func shownState(s object) string {
	if r, ok := s["redaction"].(object); ok {
		return map[any]string{"processing": "redacting", "redacted": "redacted"}[r["status"]]
	}
	if s["status"] == "requires_input" && s["last_error"] == nil {
		return "waiting"
	}
	if s["status"] == "requires_input" {
		return "failed"
	}
	return text(s["status"])
}

func TestSmallWorlds(t *testing.T) {
	t.Parallel()
	states := []string{"failed", "waiting", "processing", "verified", "canceled", "redacting", "redacted"}
	for _, n := range []int{7, 12, 13, 40, 600} {
		for _, delay := range []time.Duration{time.Second, DefaultRedactionDelay, 4 * 24 * time.Hour} {
			c := newClient(t, Config{Sessions: n, Seed: uint64(n), RedactionDelay: delay})
			all := c.all(t, sessionsPath)
			if len(all) != n {
				t.Fatalf("%d sessions, want %d", len(all), n)
			}
			counts, stuck, newestFailures := map[string]int{}, 0, 0
			for i, s := range all {
				state := shownState(s)
				counts[state]++
				if i < 5 && state == "failed" {
					newestFailures++
				}
				if state == "processing" && int64(s["created"].(float64)) < started.Add(-15*time.Minute).Unix() {
					stuck++
				}
			}
			for _, state := range states {
				if counts[state] == 0 {
					t.Errorf("%d sessions: none is %s: %v", n, state, counts)
				}
			}
			if n >= 12 && (newestFailures == 0 || stuck == 0 || counts["processing"] < 2) {
				t.Errorf("%d sessions: %d of the newest failed, %d are stuck of %d processing", n, newestFailures, stuck, counts["processing"])
			}
			if age := started.Unix() - int64(all[0]["created"].(float64)); age < 1 || age > 240 {
				t.Errorf("%d sessions: the newest is %d s old", n, age)
			}
		}
	}
}

// Without traffic nothing moves but what was asked for.
func TestNothingMovesByItself(t *testing.T) {
	t.Parallel()
	at := newClock()
	c := newClient(t, Config{Sessions: 500, Seed: 6, Now: at.Now})
	id := c.session(t, "verified")
	plain := func() string {
		all := c.all(t, sessionsPath)
		for _, s := range all {
			delete(s, "url")
			delete(s, "client_secret")
		}
		return strings.ReplaceAll(fmt.Sprint(all), "redaction:map[status:processing]", "redaction:map[status:redacted]")
	}
	before := plain()
	seeded := text(c.get(t, sessionsPath+"?status=requires_input&limit=2").ok(t).data()[1]["id"])
	at.add(100 * 24 * time.Hour)
	if plain() != before {
		t.Error("sessions moved by themselves")
	}
	if shownState(c.get(t, sessionsPath+"/"+id).object) != "verified" {
		t.Error("an outcome is not final")
	}
	c.post(t, "/_emulator/sessions/"+seeded+"/submit", "outcome", "requires_input").ok(t)
	after := plain()
	at.add(10 * 24 * time.Hour)
	if plain() != after {
		t.Error("a seeded session went on with its story after a control")
	}
}

// A large world has the shares of real accounts, and every code of the catalogue.
func TestShares(t *testing.T) {
	t.Parallel()
	s := New(Config{Sessions: 60_000, Seed: 11, Now: fixedClock})
	w := s.home.world
	var states [statuses]int
	codes := map[code]int{}
	perUser := map[uint32]int{}
	severalReports := 0
	for i := range w.sessions {
		states[w.status[i]]++
		perUser[w.sessions[i].user]++
		if w.sessions[i].attempts >= 3 {
			severalReports++
		}
	}
	for _, r := range w.reports {
		codes[r.code]++
	}
	for _, e := range w.events {
		codes[e.code]++
	}
	for c := range failures {
		if codes[code(c)] == 0 {
			t.Errorf("code %s does not appear", failures[c].name)
		}
	}
	failed := 0
	for i := range w.sessions {
		if w.status[i] == requiresInput && w.sessions[i].code != 0 {
			failed++
		}
	}
	if share := float64(states[verified]) / float64(states[verified]+failed); share < 0.88 || share > 0.94 {
		t.Errorf("%.3f of the finished are verified", share)
	}
	if n := states[processing]; n < 2 || n > 20 {
		t.Errorf("%d are processing", n)
	}
	if states[canceled] < 600 || severalReports < 100 {
		t.Errorf("canceled %d, with three attempts or more %d", states[canceled], severalReports)
	}
	several, most := 0, 0
	for _, n := range perUser {
		if n > 1 {
			several++
		}
		most = max(most, n)
	}
	if share := float64(several) / float64(len(perUser)); share < 0.01 || share > 0.2 || most < 3 || most > 8 {
		t.Errorf("%.3f of the users have several sessions, one has %d", share, most)
	}
}

func TestUserIDs(t *testing.T) {
	t.Parallel()
	w := New(Config{Seed: 3, Now: fixedClock}).home.world
	seen, kinds := map[string]uint32{}, map[string]int{}
	for user := uint32(len(castUsers) + 1); user < 30_000; user++ {
		id := w.userID(user)
		if other, ok := seen[id]; ok && !strings.Contains(id, "@") {
			t.Fatalf("users %d and %d are both %s", other, user, id)
		}
		seen[id] = user
		switch {
		case strings.Contains(id, "@example.com"):
			kinds["mail"]++
		case strings.HasPrefix(id, "user_"):
			kinds["user"]++
		case strings.HasPrefix(id, "cus_"):
			kinds["cus"]++
		case len(id) == 36 && strings.Count(id, "-") == 4:
			kinds["uuid"]++
		default:
			kinds["name"]++
		}
	}
	for kind, share := range map[string][2]int{"mail": {2, 6}, "user": {25, 40}, "cus": {14, 24}, "uuid": {13, 23}, "name": {20, 32}} {
		if p := kinds[kind] * 100 / len(seen); p < share[0] || p > share[1] {
			t.Errorf("%d %% of the user ids are of kind %s", p, kind)
		}
	}
}

// Metadata is as mixed as in life: with and without user_id, and with other keys.
func TestMetadataKinds(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{Sessions: 1500, Seed: 1})
	count := map[string]int{}
	for _, s := range c.all(t, sessionsPath) {
		m := s["metadata"].(object)
		if len(m) == 0 && s["redaction"] == nil {
			count["none"]++
		}
		for k := range m {
			count[k]++
		}
		if s["client_reference_id"] != nil {
			count["reference"]++
		}
		if s["related_customer"] != nil {
			count["customer"]++
		}
		count[text(s["type"])]++
	}
	for _, kind := range []string{"none", "user_id", "order", "tier", "reference", "customer", "document", "id_number", "verification_flow"} {
		if count[kind] < 10 {
			t.Errorf("%s appears %d times", kind, count[kind])
		}
	}
}

func TestPeopleAreFromManyCountries(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{Sessions: 1000, Seed: 1})
	seen, scripts := map[string]bool{}, map[string]bool{}
	for _, s := range c.all(t, sessionsPath+"?status=verified&expand[]=data.verified_outputs.dob") {
		v := s["verified_outputs"].(object)
		if s["redaction"] != nil {
			continue
		}
		if a, ok := v["address"].(object); ok {
			seen[text(a["country"])] = true
		}
		name := []rune(text(v["first_name"]))
		if len(name) == 0 || v["last_name"] == nil || v["dob"] == nil {
			t.Fatal("nobody:", s)
		}
		scripts[fmt.Sprint(name[0]/0x100)] = true
	}
	if len(seen) < 15 || len(scripts) < 8 {
		t.Errorf("%d countries, %d scripts", len(seen), len(scripts))
	}
}

// The world of a seed is kept by others as goldens, so it changes on purpose only.
func TestWorldOfASeedIsKept(t *testing.T) {
	const want = "e50a2a3d04c9aefc"
	c := newClient(t, Config{Sessions: 300, Seed: 42})
	h := sha256.New()
	for _, s := range c.all(t, sessionsPath) {
		fmt.Fprintln(h, s["id"], s["created"], s["status"], s["last_error"], s["redaction"], s["metadata"])
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != want {
		t.Errorf("the world of seed 42 became %s, was %s: if that is meant, write it here and draw the goldens anew", got, want)
	}
}
