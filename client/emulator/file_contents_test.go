package emulator

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// isPicture fails the test unless an answer is an image, of as many bytes as its file says.
func (r reply) isPicture(t *testing.T, file object) {
	t.Helper()
	r.ok(t)
	picture, err := jpeg.Decode(strings.NewReader(r.text))
	if err != nil || picture.Bounds().Dx() < 200 || r.header.Get("Content-Type") != "image/jpeg" || float64(len(r.text)) != file["size"] {
		t.Errorf("%v: %v, %d bytes, %v", file, err, len(r.text), r.header)
	}
}

// The address of each image leads to a drawing, here and nowhere else, until the
// session is redacted.
func TestFileContents(t *testing.T) {
	c := newClient(t, Config{})
	seen := map[string]bool{}
	for range 12 { // of several types of document
		id := c.failing(t, "selfie_face_mismatch")
		c.submit(t, id, "outcome", "verified")
		for _, file := range filesIn(c.get(t, reportsPath+"?verification_session="+id).ok(t).data()[0]) {
			f := c.get(t, filesPath+"/"+file).ok(t).object
			path := strings.TrimPrefix(text(f["url"]), defaultPublicURL)
			if path != filesPath+"/"+file+"/contents" {
				t.Fatal("it leads elsewhere:", f)
			}
			r := c.get(t, path)
			r.isPicture(t, f)
			seen[r.text] = true
			for key, status := range map[string]int{secretKey: 403, "rk_test_files_1": 403, "rk_test_recent_1": 403, "rk_test_files_recent_1": 200, "": 401} {
				other := c
				other.key = key
				if r := other.get(t, path); r.status != status {
					t.Errorf("%q: %v, want %d", key, r, status)
				}
			}
		}
		c.post(t, sessionsPath+"/"+id+"/redact").ok(t)
		for _, file := range filesIn(c.get(t, reportsPath+"?verification_session="+id).ok(t).data()[0]) {
			if r := c.get(t, filesPath+"/"+file+"/contents"); r.status != 400 || !strings.Contains(r.text, "redacted") {
				t.Error("a redacted image:", r.status)
			}
		}
	}
	if len(seen) < 4 {
		t.Error(len(seen), "different images")
	}
	if r := c.get(t, filesPath+"/file_x/contents"); r.status != 404 || r.problem()["code"] != "resource_missing" {
		t.Error(r)
	}
}

// A link serves its image without a key, until it expires, is ended or the session is
// redacted; another address serves nothing.
func TestFileLinkServesTheImage(t *testing.T) {
	at := newClock()
	c := newClient(t, Config{Now: at.Now})
	open := func(session string) (path, link string, file object) {
		name := c.aFile(t, session)
		l := c.post(t, linksPath, "file", name, "expires_at", fmt.Sprint(at.Now().Unix()+30)).ok(t).object
		return strings.TrimPrefix(text(l["url"]), defaultPublicURL), text(l["id"]), c.get(t, filesPath+"/"+name).ok(t).object
	}
	session := c.session(t, "verified")
	path, link, file := open(session)
	nobody := c
	nobody.key = ""
	r := nobody.get(t, path)
	r.isPicture(t, file)
	if r.header.Get("Cache-Control") != "no-store" || !strings.Contains(r.header.Get("Content-Disposition"), text(file["filename"])) {
		t.Error(r.header)
	}
	for _, wrong := range []string{path[:len(path)-1], path + "x", path[:len(path)-1] + "!", "/links/", "/links/test_x", strings.Replace(path, "/links/test_", "/links/live_", 1), strings.Replace(path, "/links/", "/start/", 1)} {
		if r := nobody.get(t, wrong); r.status != 404 {
			t.Errorf("%s: %v", wrong, r)
		}
	}
	if r := nobody.post(t, path); r.status != 405 {
		t.Error(r)
	}
	second, secondLink, _ := open(session)
	c.post(t, linksPath+"/"+secondLink, "expires_at", "now").ok(t)
	if r := nobody.get(t, second); r.status != 410 || !strings.Contains(r.text, "expired") {
		t.Error(r)
	}
	at.add(29 * time.Second)
	nobody.get(t, path).ok(t)
	at.add(time.Second)
	if r := nobody.get(t, path); r.status != 410 || !strings.Contains(r.text, "expired") {
		t.Error(r)
	}
	if l := c.get(t, linksPath+"/"+link).ok(t).object; l["expired"] != true {
		t.Error(l)
	}
	third, _, _ := open(session)
	c.post(t, sessionsPath+"/"+session+"/redact").ok(t)
	if r := nobody.get(t, third); r.status != 410 || !strings.Contains(r.text, "redacted") {
		t.Error(r)
	}
}

// The pages of an integrator's own site may show the image of a link. Other hosts than
// the server's own are refused as for everything.
func TestFileLinkOnPagesOfOthers(t *testing.T) {
	c := newClient(t, Config{})
	l := c.post(t, linksPath, "file", c.aFile(t, c.session(t, "verified")), "expires_at", fmt.Sprint(started.Unix()+30)).ok(t).object
	path := strings.TrimPrefix(text(l["url"]), defaultPublicURL)
	for host, want := range map[string]int{"127.0.0.1:12111": 200, "evil.example": 403} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr, r.Host = "127.0.0.1:5", host
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Sec-Fetch-Mode", "no-cors")
		rec := httptest.NewRecorder()
		c.s.ServeHTTP(rec, r)
		if rec.Code != want || want == 200 && rec.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: %d %v", host, rec.Code, rec.Header())
		}
		if want == 200 {
			if _, err := jpeg.Decode(bytes.NewReader(rec.Body.Bytes())); err != nil {
				t.Error(err)
			}
		}
	}
}

// A link opens in the world that handed it out.
func TestFileLinksOfWorlds(t *testing.T) {
	c := newClient(t, Config{Worlds: true})
	paths := map[string]bool{}
	for _, world := range []string{"a", "b"} {
		one := c
		one.key = "rk_test_1_w_" + world
		id := one.post(t, sessionsPath, "type", "document").ok(t).id()
		one.post(t, "/_emulator/sessions/"+id+"/submit", "outcome", "verified", "world", world).ok(t)
		l := one.post(t, linksPath, "file", one.aFile(t, id), "expires_at", fmt.Sprint(started.Unix()+30)).ok(t).object
		path := strings.TrimPrefix(text(l["url"]), defaultPublicURL)
		c.get(t, path).ok(t)
		paths[path] = true
	}
	if len(paths) != 2 {
		t.Error(paths)
	}
}
