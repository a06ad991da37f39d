package emulator

import (
	"crypto/rand"
	_ "embed" // of the page
	"net/http"
)

// The control page shows a person in a browser what the emulator does, and has buttons
// for the controls. It does nothing that a request can't do.

const controlPagePath = "/"

//go:embed control_page.html
var controlPageHTML string

var controlPageTemplate = pageTemplate(controlPageHTML)

// controlPage is the data of the page's template; the page asks the controls for the rest.
type controlPage struct {
	Nonce    string
	Account  string
	Live     bool
	Modes    []string
	Switches []string
}

func (s *Server) serveControlPage(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		rw.Header().Set("Allow", "GET, HEAD")
		http.Error(rw, "this is a page: open it in a browser", http.StatusMethodNotAllowed)
		return
	}
	p := controlPage{Nonce: rand.Text(), Account: s.cfg.AccountName, Live: s.cfg.Live, Modes: faultModes, Switches: choiceNames()}
	pageHeaders(rw.Header(), p.Nonce, nil)
	_ = controlPageTemplate.Execute(rw, p) // a client that has left is no error here
}
