package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// filesIn are the ids of the images that a report names.
func filesIn(report object) []string {
	var all []string
	if d, ok := report["document"].(object); ok {
		for _, id := range d["files"].([]any) {
			all = append(all, text(id))
		}
	}
	if s, ok := report["selfie"].(object); ok {
		all = append(all, text(s["document"]), text(s["selfie"]))
	}
	return all
}

// aFile is the id of an image of a session.
func (c client) aFile(t *testing.T, session string) string {
	t.Helper()
	return filesIn(c.get(t, reportsPath+"?verification_session="+session).ok(t).data()[0])[0]
}

// Every image that a report names can be retrieved, and no other.
func TestFilesOfReports(t *testing.T) {
	c := newClient(t, Config{Sessions: 200, Seed: 4})
	w := c.s.home.world
	named := map[string]bool{}
	for _, r := range c.all(t, reportsPath) {
		for _, id := range filesIn(r) {
			named[id] = true
		}
	}
	found := 0
	for at := range uint32(len(w.reports) * filesPerReport) {
		id := w.fileID(at)
		r := c.get(t, filesPath+"/"+id)
		if (r.status == 200) != named[id] {
			t.Fatalf("%s: %v, named by a report: %v", id, r, named[id])
		}
		if r.status == 200 {
			found++
			if (r.object["purpose"] == "selfie") != (at%filesPerReport == fileSelfie) || r.object["id"] != id {
				t.Error(r)
			}
		}
	}
	if found != len(named) || found < 100 {
		t.Errorf("%d files are there, %d are named", found, len(named))
	}
}

func TestFileLinks(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now})
	session := c.session(t, "verified")
	file := c.aFile(t, session)
	soon := func(d time.Duration) string { return fmt.Sprint(at.Now().Add(d).Unix()) }
	for _, test := range []struct{ expires, message string }{
		{"", "Missing required param: expires_at."},
		{soon(31 * time.Second), "Invalid expires_at: a link to an identity image must expire within 30 seconds"},
		{soon(0), "Invalid expires_at: must be in the future"},
	} {
		params := []string{"file", file}
		if test.expires != "" {
			params = append(params, "expires_at", test.expires)
		}
		if r := c.post(t, linksPath, params...); r.status != 400 || r.problem()["param"] != "expires_at" || r.problem()["message"] != test.message {
			t.Errorf("expires_at=%s: %v", test.expires, r)
		}
	}
	l := c.post(t, linksPath, "file", file, "expires_at", soon(30*time.Second), "metadata[for]", "support").ok(t).object
	id := text(l["id"])
	if !strings.HasPrefix(id, "link_") || l["expired"] != false || l["file"] != file || l["metadata"].(object)["for"] != "support" || !strings.HasPrefix(text(l["url"]), defaultPublicURL+"/links/test_") {
		t.Error(l)
	}
	path := linksPath + "/" + id
	if f := c.get(t, path+"?expand[]=file").ok(t).object["file"].(object); f["id"] != file || f["links"].(object)["data"].([]any)[0].(object)["id"] != id {
		t.Error(f)
	}
	c.post(t, path, "metadata[for]", "").ok(t)
	second := c.post(t, linksPath, "file", file, "expires_at", soon(20*time.Second)).ok(t).id()
	if got := ids(c.all(t, linksPath+"?file="+file)); len(got) != 2 || got[0] != second || got[1] != id {
		t.Error(got)
	}
	c.post(t, linksPath+"/"+second, "expires_at", "now").ok(t)
	if r := c.post(t, linksPath+"/"+second, "expires_at", soon(time.Second)); r.status != 400 {
		t.Error("an ended link was opened again:", r)
	}
	if got := ids(c.all(t, linksPath+"?expired=true")); len(got) != 1 || got[0] != second {
		t.Error(got)
	}
	at.add(30 * time.Second)
	if l := c.get(t, path).ok(t).object; l["expired"] != true || l["url"] != nil {
		t.Error(l)
	}
	if n := len(c.all(t, linksPath+"?expired=false&file="+file)); n != 0 {
		t.Error(n)
	}

	open := c.post(t, linksPath, "file", file, "expires_at", soon(20*time.Second)).ok(t).id()
	c.post(t, sessionsPath+"/"+session+"/redact").ok(t)
	if l := c.get(t, linksPath+"/"+open).ok(t).object; l["url"] != nil {
		t.Error("a link to a redacted image:", l)
	}
	if f := c.get(t, filesPath+"/"+file).ok(t).object; f["url"] != nil {
		t.Error("a redacted image:", f)
	}
	if r := c.post(t, linksPath, "file", file, "expires_at", soon(20*time.Second)); r.status != 400 {
		t.Error("a new link to a redacted image:", r)
	}
}

// A link to an image is a sensitive result: only a restricted key may make one.
func TestFileLinkPermissions(t *testing.T) {
	for key, want := range map[string][2]int{ // within 48 hours, and later
		secretKey: {403, 403}, "rk_test_read_files_1": {403, 403}, "rk_test_recent_1": {403, 403},
		"rk_test_files_recent_1": {200, 403}, "rk_test_files_sensitive_1": {200, 200}, restrictedKey: {200, 200},
	} {
		at := newClock()
		c := newClient(t, Config{Now: at.Now})
		file := c.aFile(t, c.session(t, "verified"))
		c.key = key
		for n, wait := range []time.Duration{0, 49 * time.Hour} {
			at.add(wait)
			r := c.post(t, linksPath, "file", file, "expires_at", fmt.Sprint(at.Now().Unix()+30))
			if r.status != want[n] {
				t.Errorf("%s: %v, want %d", key, r, want[n])
			}
		}
	}
}
