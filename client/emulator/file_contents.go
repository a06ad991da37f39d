package emulator

import (
	"net/http"
	"strings"
)

// The contents of images are served under the file's own address for a key, and under
// the address of a link for everybody, as long as it lasts.

const (
	contentsPath = filesPath + "/{id}/contents"
	linkedPrefix = "/links/"
	fileSalt     = 3 << 40 // of the addresses of links, apart from those of sessions
)

var pictureHeader = [][2]string{{"Content-Type", "image/jpeg"}, {"X-Content-Type-Options", "nosniff"}}

// getContents answers with an image, to a key that may see it.
func getContents(w *world, q *query) (answer, *apiError) {
	at, err := w.findFile(q, q.id, "file")
	if err != nil {
		return answer{}, err
	}
	if err := w.refuseImage(q, at); err != nil {
		return answer{}, err
	}
	if w.fileRedacted(at) {
		return answer{}, refused("You cannot download this file because it has been redacted.")
	}
	return answer{status: http.StatusOK, body: w.pictureOf(at), header: pictureHeader}, nil
}

// refuseImage refuses an image to a key that may not read the text on it.
func (w *world) refuseImage(q *query, at uint32) *apiError {
	if w.reach(q.access.imageView(), at/filesPerReport+1, notRedacted)&^seePlain == 0 {
		return q.access.sensitiveRefused()
	}
	return nil
}

// linkText is the last part of a link's address.
func (w *world) linkText(at uint32) string {
	l := &w.links[at]
	return w.mode() + "_" + w.token(snapshot{session: at, token: l.file, issued: l.created}, fileSalt)
}

// linkOf finds the link with an address.
func (w *world) linkOf(text string) (uint32, bool) {
	at, _, ok := w.readSubject(text, fileSalt)
	return at, ok && at < uint32(len(w.links)) && w.linkText(at) == text
}

// serveLinked serves the image of a link. The address alone opens it, on the pages of
// every site: it is made to be handed to a browser.
func (s *Server) serveLinked(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		rw.Header().Set("Allow", "GET, HEAD")
		http.Error(rw, "an image can be read only", http.StatusMethodNotAllowed)
		return
	}
	text := strings.TrimPrefix(r.URL.Path, linkedPrefix)
	box := s.sandboxOfToken(text)
	box.enter()
	picture, name, why, status := box.world.linked(text)
	box.mu.Unlock()
	h := rw.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	if why != "" {
		http.Error(rw, why, status)
		return
	}
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Disposition", `inline; filename="`+name+`"`)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = rw.Write(picture) // a client that has left is no error here
}

// linked gives the image of a link with its name, or says why there is none.
func (w *world) linked(text string) (picture []byte, name, why string, status int) {
	at, ok := w.linkOf(text)
	if !ok {
		return nil, "", "there is no such file link", http.StatusNotFound
	}
	switch l := &w.links[at]; {
	case w.fileRedacted(l.file):
		return nil, "", "the file of this link has been redacted", http.StatusGone
	case l.expires <= w.seconds():
		return nil, "", "this file link has expired", http.StatusGone
	default:
		return w.pictureOf(l.file), fileNames[l.file%filesPerReport], "", http.StatusOK
	}
}
