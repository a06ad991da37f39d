package emulator

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// The page is for this machine, like the controls, and for no frame of another site.
func TestControlPageIsGuarded(t *testing.T) {
	for _, test := range []struct {
		method, host, remote, site, mode string
		open                             bool
		want                             int
	}{
		{"GET", "127.0.0.1:12111", "127.0.0.1:5", "", "", false, 200},
		{"HEAD", "localhost:12111", "[::1]:5", "same-origin", "navigate", false, 200},
		{"GET", "127.0.0.1:12111", "127.0.0.1:5", "cross-site", "navigate", false, 200}, // a link to it
		{"GET", "127.0.0.1:12111", "127.0.0.1:5", "cross-site", "cors", false, 403},
		{"POST", "127.0.0.1:12111", "127.0.0.1:5", "", "", false, 405},
		{"GET", "emulator", "192.0.2.1:5", "", "", false, 403},
		{"GET", "emulator", "192.0.2.1:5", "", "", true, 200},
		{"GET", "evil.example", "127.0.0.1:5", "", "", false, 403},
	} {
		s := New(Config{Now: fixedClock, Hosts: []string{"emulator"}, OpenControls: test.open})
		r := httptest.NewRequest(test.method, "/", nil)
		r.Host, r.RemoteAddr = test.host, test.remote
		r.Header.Set("Sec-Fetch-Site", test.site)
		r.Header.Set("Sec-Fetch-Mode", test.mode)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		if rec.Code != test.want {
			t.Errorf("%+v: %d", test, rec.Code)
		}
		if csp := rec.Header().Get("Content-Security-Policy"); rec.Code == 200 && !strings.Contains(csp, "default-src 'none'; ") || rec.Code == 200 && !strings.HasSuffix(csp, "frame-ancestors 'none'") {
			t.Error(csp)
		}
	}
}

// The lists of the page are no requests: they hand out no links and meet no faults.
func TestControlLists(t *testing.T) {
	c := newClient(t, Config{Sessions: 30, Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}})
	failed, verified := c.session(t, "failed"), c.session(t, "redacted verified")
	c.post(t, controlPrefix+"fault", "mode", "500").ok(t)
	before := c.s.home.world.tokens
	list := func(query string) []any {
		t.Helper()
		return c.get(t, controlPrefix+query).ok(t).object["sessions"].([]any)
	}
	all := list("sessions?limit=100")
	first, second := all[0].(object), all[1].(object)
	if len(all) != 32 || first["id"] != verified || first["redaction"] != "processing" || first["person"] != "" || len(first["possible"].([]any)) != 0 ||
		second["id"] != failed || second["code"] != "document_expired" || second["person"] != "ann_1" || len(second["possible"].([]any)) != len(c.possible(failed)) {
		t.Error(len(all), first, second)
	}
	if next := list("sessions?limit=3&after=" + text(all[4].(object)["id"])); len(next) != 3 || next[0].(object)["id"] != all[5].(object)["id"] {
		t.Error(next)
	}
	for _, one := range list("sessions?status=processing") {
		if one.(object)["status"] != "processing" {
			t.Error(one)
		}
	}
	events := c.get(t, controlPrefix+"events?limit=1").ok(t).object["events"].([]any)
	if e := events[0].(object); len(events) != 1 || e["pending"] != 1.0 || e["next"] != "2026-09-21T14:13:20Z" || e["type"] != eventPrefix+"verified" || e["session"] != verified {
		t.Error(events)
	}
	if c.s.home.world.tokens != before || c.get(t, controlPrefix+"state").object["requests"] == 0.0 {
		t.Error("lists hand out links")
	}
	for query, want := range map[string]string{
		"sessions?limit=0": "is no number from 1 to 100", "sessions?status=odd": "there are: requires_input, ", "sessions?after=vs_1": "there is no session vs_1", "events?limit=x": "is no number",
	} {
		if r := c.get(t, controlPrefix+query); r.status < 400 || !strings.Contains(r.text, want) {
			t.Error(query, r)
		}
	}
}

func TestControlPageInABrowser(t *testing.T) {
	b := openBrowser(t)
	t.Run("works", func(t *testing.T) { controlPageWorks(t, b.of(t)) })
	t.Run("is readable", func(t *testing.T) { controlPageIsReadable(t, b.of(t)) })
	t.Run("has worlds", func(t *testing.T) { controlPageHasWorlds(t, b.of(t)) })
}

// Everything is done by the keyboard or a click, and the page tells of it without being
// loaded again.
func controlPageWorks(t *testing.T, b *browser) {
	c, base := served(t, Config{Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}})
	b.open(base + "/")
	b.await(`document.getElementById("account").textContent.startsWith("acct_")`)
	b.eval(`window.stays = true`)
	row := func(id string) string {
		return fmt.Sprintf(`[...document.querySelectorAll("#sessions tr")].find(function (r) { return r.cells[1].textContent === %q; })`, id)
	}
	is := func(id, word string) {
		t.Helper()
		b.await(strings.Replace(row(id), "; })", "; })?.cells[0].textContent.includes('"+word+"') === true", 1))
	}

	id := c.session(t, "requires_input") // by somebody else, meanwhile
	is(id, "waiting")
	b.tabTo(`e.dataset.act === "Process"`)
	b.press("Enter")
	is(id, "processing")
	if b.eval(`document.activeElement.dataset.act !== undefined && document.activeElement.closest("tr").textContent.includes("`+id+`")`) != true {
		t.Error("the focus is lost:", b.eval(`document.activeElement.outerHTML.slice(0, 200)`))
	}
	b.eval(row(id) + `.querySelector("select").value = "document_expired"; ` + row(id) + `.querySelector("[data-act=Fail]").click()`)
	is(id, "document_expired")
	b.eval(row(id) + `.querySelector("[data-act=Verify]").click()`)
	is(id, "verified")
	b.eval(row(id) + `.querySelector("[data-act=Redact]").click()`)
	is(id, "redacting")
	if s := stateOf(c.get(t, sessionsPath+"/"+id).ok(t).object); s != "verified redacted processing" && !strings.HasPrefix(s, "verified") {
		t.Error(s)
	}
	b.await(`document.querySelectorAll("#events tr").length >= 4 && document.querySelector("#events tr").textContent.includes("waiting, next")`)
	b.await(`document.querySelector("#endpoints tr").textContent.includes("` + hookURL + `")`)
	b.eval(`document.querySelector("#events [data-act=again]").click()`)
	b.await(`document.getElementById("told").textContent.endsWith("on its way again")`)
	b.eval(`[...document.querySelectorAll("#events button")].find(function (e) { return e.textContent === "Send again"; }).click()`)
	b.await(`document.getElementById("told").textContent.endsWith(": on its way again")`)

	b.eval(`document.getElementById("create").click()`)
	b.await(`document.querySelector("#told a") !== null && document.querySelectorAll("#sessions tr").length === 2`)
	b.eval(`document.getElementById("status").value = "verified"; document.getElementById("status").dispatchEvent(new Event("change"))`)
	b.await(`document.querySelectorAll("#sessions tr").length === 1`)

	clock := func() any { return c.get(t, controlPrefix+"state").ok(t).object["clock"].(object)["offset"] }
	b.eval(`document.querySelector("[data-clock='advance=24h']").click()`)
	b.await(`document.getElementById("told").textContent === "The clock is set forward."`)
	if got := clock(); got != "24h0m0s" {
		t.Error(got)
	}
	b.eval(`document.getElementById("freeze").click()`)
	b.await(`document.getElementById("now").textContent.endsWith("frozen") && document.getElementById("freeze").getAttribute("aria-pressed") === "true"`)
	b.eval(`document.querySelector("[name=limit_refused]").click()`)
	b.await(`document.getElementById("told").textContent === "limit_refused is true."`)

	b.eval(`document.querySelector("#fault [name=mode]").value = "500"; document.querySelector("#fault [name=match]").value = "verification_sessions"; document.querySelector("#fault button").click()`)
	b.await(`document.getElementById("faults").textContent.includes("500 on verification_sessions, 1 more")`)
	b.eval(`document.getElementById("create").click()`) // meets the fault
	b.await(`document.getElementById("told").className === "wrong" && document.getElementById("faults").textContent === ""`)
	b.eval(`document.querySelector("#fault [name=count]").value = ""; document.querySelector("#fault button").click()`)
	b.await(`document.getElementById("clear").disabled === false`)
	b.eval(`document.getElementById("clear").click()`)
	b.await(`document.getElementById("clear").disabled === true`)

	b.eval(`document.querySelector("#spoil [name=duplicate]").value = "2"; document.querySelector("#spoil button").click()`)
	b.await(`document.getElementById("told").textContent === "Deliveries are changed."`)
	if got := c.get(t, controlPrefix+"webhooks").ok(t).object["duplicate"]; got != 2.0 {
		t.Error(got)
	}
	b.eval(`window.confirm = function () { return true; }; document.getElementById("reset").click()`)
	b.await(`document.getElementById("counts").textContent.startsWith("0 sessions") && window.stays`)
	for _, line := range b.said {
		if !strings.Contains(line, "Failed to load resource") { // the fault
			t.Error("the page complains:", line)
		}
	}
}

func controlPageIsReadable(t *testing.T, b *browser) {
	const hostile = `</title></p><script>window.pwned = 1</script><img src=x onerror="window.pwned=1">`
	c, base := served(t, Config{Sessions: 60, AccountName: "Acme " + hostile, Webhooks: []Webhook{{URL: hookURL, Secret: hookSecret}}})
	c.post(t, sessionsPath, "type", "document", "metadata[user_id]", hostile+strings.Repeat("w", 300)).ok(t)
	c.post(t, controlPrefix+"fault", "mode", "slow", "match", "nothing").ok(t)
	b.open(base + "/")
	b.await(`document.querySelectorAll("#sessions tr").length === 25 && document.querySelectorAll("#faults li").length === 1`)
	for _, scheme := range []string{"light", "dark"} {
		b.show(1280, scheme)
		if low := b.eval(contrasts); low != "" {
			t.Errorf("%s: low contrast: %v", scheme, low)
		}
		b.shoot("controls-" + scheme)
		for _, width := range []int{640, 320} {
			b.show(width, scheme)
			if over := b.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth"); over != 0.0 {
				t.Errorf("the page is %v wider than a window of %d", over, width)
			}
		}
		b.shoot("controls-narrow-" + scheme)
	}
	if b.eval("window.pwned === undefined && document.images.length === 0 && document.scripts.length === 1") != true {
		t.Error("foreign text became part of the page")
	}
	found := b.accessible()
	for _, role := range []string{"button", "combobox", "checkbox", "textbox", "heading"} {
		names := map[string]bool{}
		for _, node := range found[role] {
			name := nameOf(node)
			if strings.TrimSpace(name) == "" || names[name] && role == "button" {
				t.Errorf("a %s is called %q", role, name)
			}
			names[name] = true
		}
		if len(names) == 0 {
			t.Error("there is no", role)
		}
	}
	if len(found["status"]) != 1 || len(found["main"]) != 1 {
		t.Errorf("%d status, %d main", len(found["status"]), len(found["main"]))
	}
	b.eval(`document.getElementById("older").click()`)
	b.await(`document.getElementById("newer").disabled === false`)
	if len(b.said) > 0 {
		t.Error("the page complains:", b.said)
	}
}

func controlPageHasWorlds(t *testing.T, b *browser) {
	c, base := served(t, Config{Worlds: true})
	c.session(t, "verified")
	c.in("ci7").session(t, "canceled")
	b.open(base + "/")
	b.await(`document.querySelectorAll("#world option").length === 2 && document.querySelector("#sessions tr").textContent.includes("verified")`)
	b.eval(`document.getElementById("world").value = "ci7"; document.getElementById("world").dispatchEvent(new Event("change"))`)
	b.await(`location.search === "?world=ci7" && document.querySelectorAll("#sessions tr").length === 1 && document.querySelector("#sessions tr").textContent.includes("canceled")`)
	b.eval(`document.getElementById("create").click()`)
	b.await(`document.querySelectorAll("#sessions tr").length === 2`)
	if n := len(c.in("ci7").all(t, sessionsPath)); n != 2 {
		t.Errorf("%d sessions are in the world", n)
	}
}
