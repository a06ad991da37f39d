package emulator

import (
	"net/http"
	"strconv"
)

// fileLink opens an image without a key, to anybody with its address, for a short time.
type fileLink struct {
	created, expires uint32
	file             uint32 // as in fileAt
	metadata         []pair
}

// linkSeconds is the longest life of a link to an identity image.
const linkSeconds = 30

func (w *world) fileLinkAt(id string) (uint32, bool) {
	at, ok := w.ids.index(idLink, id)
	if !ok || int(at) >= len(w.links) || w.fileLinkID(at) != id {
		return 0, false
	}
	return at, true
}

func (w *world) fileLinkID(at uint32) string { return w.ids.text(idLink, at, w.links[at].created) }

// findLink looks a link up for a query.
func (w *world) findLink(q *query) (uint32, *apiError) {
	at, ok := w.fileLinkAt(q.id)
	if !ok || q.access.live != w.live {
		return 0, missing("file link", q.id, "link")
	}
	return at, nil
}

func (w *world) ofLink(at uint32, v view) answer {
	o := out{b: make([]byte, 0, 512)}
	w.writeLink(&o, at, v)
	return answer{status: http.StatusOK, body: o.b}
}

func getLink(w *world, q *query) (answer, *apiError) {
	at, err := w.findLink(q)
	if err != nil {
		return answer{}, err
	}
	return w.ofLink(at, q.view), nil
}

// createLink opens an image, for a key that may see it.
func createLink(w *world, q *query) (answer, *apiError) {
	if q.form.get("file") == nil {
		return answer{}, required("file")
	}
	file, err := w.findFile(q, q.form.value("file"), "file")
	if err != nil {
		return answer{}, err
	}
	if err := w.refuseImage(q, file); err != nil {
		return answer{}, err
	}
	if w.fileRedacted(file) {
		return answer{}, refused("You cannot create a link to this file because it has been redacted.")
	}
	l := fileLink{created: w.seconds(), file: file}
	if l.metadata, err = merge(nil, q.form.get("metadata")); err != nil {
		return answer{}, err
	}
	if l.expires, err = w.linkExpiry(q.form.get("expires_at")); err != nil {
		return answer{}, err
	}
	w.links = append(w.links, l)
	return w.ofLink(uint32(len(w.links)-1), q.view), nil
}

// linkExpiry reads when a link is to end. A link to an identity image has to
// say so, and soon.
func (w *world) linkExpiry(n *node) (uint32, *apiError) {
	now := int64(w.seconds())
	if n == nil {
		return 0, required("expires_at")
	}
	if n.text == "now" {
		return uint32(now), nil
	}
	at, _ := strconv.ParseInt(n.text, 10, 64)
	switch {
	case at <= now:
		return 0, invalid("expires_at", "", "Invalid expires_at: must be in the future")
	case at > now+linkSeconds:
		return 0, invalid("expires_at", "", "Invalid expires_at: a link to an identity image must expire within %d seconds", linkSeconds)
	}
	return uint32(at), nil
}

// updateLink ends a link or changes its metadata.
func updateLink(w *world, q *query) (answer, *apiError) {
	at, err := w.findLink(q)
	if err != nil {
		return answer{}, err
	}
	l := w.links[at]
	if n := q.form.get("expires_at"); n != nil {
		if l.expires <= w.seconds() {
			return answer{}, refused("You cannot change the expiry of this file link because it has expired.")
		}
		if l.expires, err = w.linkExpiry(n); err != nil {
			return answer{}, err
		}
	}
	if l.metadata, err = merge(l.metadata, q.form.get("metadata")); err != nil {
		return answer{}, err
	}
	w.links[at] = l
	return w.ofLink(at, q.view), nil
}

func listLinks(w *world, q *query) (answer, *apiError) {
	file, expired := q.form.value("file"), q.form.value("expired")
	l := listing{
		rows: len(w.links), strict: w.choice.LimitRefused, noun: "file link", cursor: w.fileLinkAt,
		at: func(row int) uint32 { return w.links[row].created },
		keep: func(row int) bool {
			return (file == "" || w.fileID(w.links[row].file) == file) &&
				(expired == "" || (w.links[row].expires <= w.seconds()) == (expired == "true"))
		},
	}
	if q.access.live != w.live {
		l = empty(l)
	}
	rows, more, err := l.page(q)
	if err != nil {
		return answer{}, err
	}
	return answerList(linksPath, rows, more, func(o *out, row int) { w.writeLink(o, uint32(row), q.view) }), nil
}

func (w *world) writeLink(o *out, at uint32, v view) {
	l, id := &w.links[at], w.fileLinkID(at)
	expired := l.expires <= w.seconds()
	o.open('{')
	o.key("id").text(id)
	o.key("object").text("file_link")
	o.key("created").number(int64(l.created))
	o.key("expired").boolean(expired)
	o.key("expires_at").number(int64(l.expires))
	o.key("file")
	if v&seeFile != 0 {
		w.writeFile(o, l.file)
	} else {
		o.text(w.fileID(l.file))
	}
	o.key("livemode").boolean(w.live)
	o.key("metadata").metadata(l.metadata)
	o.key("url")
	if expired || w.fileRedacted(l.file) {
		o.null()
	} else {
		o.text(w.base + linkedPrefix + w.linkText(at))
	}
	o.close('}')
}
