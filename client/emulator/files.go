package emulator

import "net/http"

// filesPerReport are the images of an attempt: front, back and selfie.
const filesPerReport = 3

const (
	fileFront = iota
	fileBack
	fileSelfie
)

var fileNames = [filesPerReport]string{"document_front.jpg", "document_back.jpg", "selfie.jpg"}

// ran tells whether an attempt ran a check.
func (r *report) ran(c check) bool { return r.options.checks(r.kind, c) }

// fileAt finds the image with an id, as a position: its report's times
// filesPerReport, and which one it is.
func (w *world) fileAt(id string) (uint32, bool) {
	at, ok := w.ids.index(idFile, id)
	if !ok || int(at/filesPerReport) >= len(w.reports) || w.fileID(at) != id {
		return 0, false
	}
	r := &w.reports[at/filesPerReport]
	switch at % filesPerReport {
	case fileFront:
		return at, r.ran(checkDocument) || r.ran(checkSelfie)
	case fileBack:
		return at, r.ran(checkDocument) && w.shownIn(at/filesPerReport).documentType != "passport"
	}
	return at, r.ran(checkSelfie)
}

func (w *world) fileID(at uint32) string {
	return w.ids.text(idFile, at, w.reports[at/filesPerReport].created)
}

// fileRedacted tells whether the image's session is redacted, which ends all
// downloads.
func (w *world) fileRedacted(at uint32) bool {
	return w.redaction[w.reports[at/filesPerReport].session].begun()
}

// findFile looks an image up for a query. param is how the request names it.
func (w *world) findFile(q *query, id, param string) (uint32, *apiError) {
	at, ok := w.fileAt(id)
	if !ok || q.access.live != w.live {
		return 0, missing("file upload", id, param)
	}
	return at, nil
}

func getFile(w *world, q *query) (answer, *apiError) {
	at, err := w.findFile(q, q.id, "file")
	if err != nil {
		return answer{}, err
	}
	o := out{b: make([]byte, 0, 512)}
	w.writeFile(&o, at)
	return answer{status: http.StatusOK, body: o.b}, nil
}

// writeFile writes an image with its newest links.
func (w *world) writeFile(o *out, at uint32) {
	id, which := w.fileID(at), at%filesPerReport
	purpose := "identity_document_downloadable"
	if which == fileSelfie {
		purpose = "selfie"
	}
	o.open('{')
	o.key("id").text(id)
	o.key("object").text("file")
	o.key("created").number(int64(w.reports[at/filesPerReport].created))
	o.key("expires_at").null()
	o.key("filename").text(fileNames[which])
	w.writeLinksOf(o.key("links"), at, id)
	o.key("purpose").text(purpose)
	o.key("size").number(int64(len(w.pictureOf(at))))
	o.key("title").null()
	o.key("type").text("jpg")
	if w.fileRedacted(at) {
		o.key("url").null()
	} else {
		o.key("url").text(w.base + filesPath + "/" + id + "/contents")
	}
	o.close('}')
}

// writeLinksOf writes the first page of an image's links.
func (w *world) writeLinksOf(o *out, at uint32, id string) {
	var rows []int
	for row := len(w.links) - 1; row >= 0 && len(rows) <= defaultLimit; row-- {
		if w.links[row].file == at {
			rows = append(rows, row)
		}
	}
	more := len(rows) > defaultLimit
	writeList(o, linksPath+"?file="+id, rows[:min(len(rows), defaultLimit)], more, func(o *out, row int) { w.writeLink(o, uint32(row), 0) })
}
