package emulator

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// In a real browser: the page works with nothing but a keyboard, names all that
// can be operated, can be read in both colour schemes, fits a narrow window, runs
// no foreign script, and tells of the result when it comes.

// served is an emulator that a browser can reach.
func served(t *testing.T, cfg Config) (client, string) {
	t.Helper()
	s := New(cfg)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return client{s: s, key: restrictedKey, header: map[string]string{}}, server.URL
}

// linkOf gives the session's link at a server.
func linkOf(t *testing.T, c client, base, id string) string {
	t.Helper()
	link, _ := c.get(t, sessionsPath+"/"+id).ok(t).object["url"].(string)
	path, ok := strings.CutPrefix(link, defaultPublicURL)
	if !ok {
		t.Fatal("no link:", link)
	}
	return base + path
}

var everyCheck = []string{"type", "document", "options[document][require_matching_selfie]", "true", "options[document][require_id_number]", "true"}

func TestHostedPageInABrowser(t *testing.T) {
	b := openBrowser(t)
	t.Run("by keyboard", func(t *testing.T) { byKeyboard(t, b.of(t)) })
	t.Run("accessibility", func(t *testing.T) { accessibility(t, b.of(t)) })
	t.Run("colours and widths", func(t *testing.T) { coloursAndWidths(t, b.of(t)) })
}

func byKeyboard(t *testing.T, b *browser) {
	c, base := served(t, Config{})
	id := c.post(t, sessionsPath, everyCheck...).ok(t).id()
	b.open(linkOf(t, c, base, id))

	b.tabTo(`e.name === "pace"`)
	b.press("ArrowRight")
	if got := b.eval(`document.querySelector("[name=pace]:checked").value`); got != "5s" {
		t.Error("the arrow key chose", got)
	}
	b.tabTo(`e.value === "selfie_face_mismatch"`)
	if outline := fmt.Sprint(b.eval(`getComputedStyle(document.activeElement).outlineStyle + " " + getComputedStyle(document.activeElement).outlineWidth`)); outline != "solid 2px" {
		t.Error("the focus does not show:", outline)
	}
	b.press("Enter")
	b.await(`location.pathname.endsWith("/done") && document.querySelector("#result h1").textContent === "Being checked"`)
	b.eval(`window.stays = true`)
	b.shoot("processing")

	c.post(t, "/_emulator/clock", "advance", "10s").ok(t)
	b.await(`document.querySelector("#result h1").textContent === "Not verified"`)
	if b.eval(`window.stays && document.getElementById("result").getAttribute("aria-live") === "polite" && document.title.startsWith("Not verified")`) != true {
		t.Error("the result did not come into the live region of the same page")
	}
	b.shoot("result")
	failed := c.get(t, sessionsPath+"/"+id).ok(t).object["last_error"].(object)
	if failed["code"] != "selfie_face_mismatch" {
		t.Error(failed)
	}

	// With the space key.
	b.open(linkOf(t, c, base, id))
	b.tabTo(`e.value === "document_expired"`)
	b.press(" ")
	b.await(`location.pathname.endsWith("/done") && document.querySelector("#result code").textContent === "document_expired"`)
	if len(b.said) > 0 {
		t.Error("the page complains:", b.said)
	}
}

// accessible collects from the accessibility tree what has a role.
func (b *browser) accessible() map[string][]object {
	b.t.Helper()
	found := map[string][]object{}
	nodes, _ := b.call("Accessibility.getFullAXTree", nil)["nodes"].([]any)
	for _, n := range nodes {
		node := n.(object)
		if node["ignored"] == true {
			continue
		}
		role, _ := node["role"].(object)
		name, _ := role["value"].(string)
		found[name] = append(found[name], node)
	}
	return found
}

func nameOf(node object) string {
	name, _ := node["name"].(object)
	text, _ := name["value"].(string)
	return text
}

// levelOf is a heading's level.
func levelOf(node object) any {
	properties, _ := node["properties"].([]any)
	for _, p := range properties {
		if p := p.(object); p["name"] == "level" {
			return p["value"].(object)["value"]
		}
	}
	return nil
}

func accessibility(t *testing.T, b *browser) {
	c, base := served(t, Config{})
	id := c.post(t, sessionsPath, everyCheck...).ok(t).id()
	b.open(linkOf(t, c, base, id))
	b.eval(`document.querySelectorAll("details").forEach(function (d) { d.open = true; })`)

	found := b.accessible()
	if len(found["button"]) != 1+len(c.possible(id)) || len(found["radio"]) != len(paces) || len(found["main"]) != 1 || len(found["banner"]) != 1 {
		t.Errorf("%d buttons, %d radio buttons, %d main, %d banner", len(found["button"]), len(found["radio"]), len(found["main"]), len(found["banner"]))
	}
	for _, role := range []string{"button", "radio", "link", "heading", "group", "DisclosureTriangle"} {
		names := map[string]bool{}
		for _, node := range found[role] {
			name := nameOf(node)
			if strings.TrimSpace(name) == "" && role != "group" || names[name] && role == "button" {
				t.Errorf("a %s is called %q", role, name)
			}
			names[name] = true
		}
	}
	if want := "The document is expired document_expired"; !strings.Contains(fmt.Sprint(found["button"]), want) {
		t.Errorf("no button is called %q", want)
	}
	groups := ""
	for _, node := range found["group"] {
		groups += nameOf(node) + "; "
	}
	for _, legend := range []string{"The checks take", "Pass", "Fail: document", "Fail: ID number", "Leave before anything is submitted"} {
		if !strings.Contains(strings.ToLower(groups), strings.ToLower(legend)+"; ") { // they are shown in capitals
			t.Errorf("no group is called %q: %s", legend, groups)
		}
	}
	first := found["heading"][0]
	if levelOf(first) != 1.0 || nameOf(first) != "Acme Inc asks you to verify your identity" || b.eval("document.documentElement.lang") != "en" {
		t.Error("the page does not begin with what it is about:", nameOf(first))
	}

	b.eval(`document.querySelector("button[value=verified]").click()`)
	b.await(`location.pathname.endsWith("/done")`)
	found = b.accessible()
	if len(found["status"]) != 1 || levelOf(found["heading"][0]) != 1.0 || nameOf(found["heading"][0]) != "Verified" {
		t.Error("the result is not announced:", found["status"])
	}
}

// contrasts lists the texts with less contrast than WCAG AA requires.
const contrasts = `(function () {
	function light(c) {
		var p = c.match(/[\d.]+/g).slice(0, 3).map(function (v) { v /= 255; return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
		return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2];
	}
	function behind(e) {
		for (; e; e = e.parentElement) {
			var c = getComputedStyle(e).backgroundColor;
			if (c !== "rgba(0, 0, 0, 0)" && c !== "transparent") return c;
		}
		return "rgb(255, 255, 255)";
	}
	var low = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), n, seen = 0;
	while ((n = walker.nextNode())) {
		var e = n.parentElement;
		if (!n.textContent.trim() || e.tagName === "SCRIPT" || e.tagName === "NOSCRIPT") continue;
		seen++;
		var a = light(getComputedStyle(e).color), b = light(behind(e));
		var ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		var needed = e.classList.contains("go") ? 3 : 4.5;
		if (ratio < needed) low.push(ratio.toFixed(2) + " " + e.tagName + " " + n.textContent.trim());
	}
	return seen < 4 ? "only " + seen + " texts" : low.join("; ");
})()`

func coloursAndWidths(t *testing.T, b *browser) {
	const hostile = `</title></p><script>window.pwned = 1</script><img src=x onerror="window.pwned=1">`
	c, base := served(t, Config{AccountName: "Acme " + hostile})
	id := c.post(t, sessionsPath, append(everyCheck, "metadata[user_id]", hostile+strings.Repeat("w", 300),
		"metadata["+strings.Repeat("k", 40)+"]", "\u202eright to left", "client_reference_id", hostile)...).ok(t).id()
	link := linkOf(t, c, base, id)
	look := func(name string) {
		t.Helper()
		for _, scheme := range []string{"light", "dark"} {
			b.show(900, scheme)
			if low := b.eval(contrasts); low != "" {
				t.Errorf("%s %s: low contrast: %v", name, scheme, low)
			}
			b.shoot(name + "-" + scheme)
			// 640 is a window of 1280 at 200 %; 320 is what WCAG calls reflow.
			for _, width := range []int{640, 320} {
				b.show(width, scheme)
				if over := b.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth"); over != 0.0 {
					t.Errorf("%s: the page is %v wider than a window of %d", name, over, width)
				}
			}
			b.shoot(name + "-narrow-" + scheme)
		}
		if b.eval("window.pwned === undefined && document.images.length === 0 && document.scripts.length <= 1") != true {
			t.Errorf("%s: foreign text became part of the page", name)
		}
	}
	b.open(link)
	look("choose")
	b.eval(`document.querySelectorAll("details").forEach(function (d) { d.open = true; })`)
	look("unfolded")
	b.eval(`document.querySelector("[value=never]").click(); document.querySelector("button[value=verified]").click()`)
	b.await(`location.pathname.endsWith("/done") && document.readyState === "complete"`)
	look("processing")
	b.open(link)
	look("used")
	b.open(base + "/start/nothing")
	look("unknown")
	for _, line := range b.said {
		if !strings.Contains(line, "Failed to load resource") { // from pages with status 410 or 404
			t.Error("the page complains:", line)
		}
	}
}
