package emulator

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Any web page can make its reader's browser send requests to this machine. The
// browser tells where such a request comes from, in Origin and Sec-Fetch-Site,
// and a name that a page had pointed at this machine shows in Host.

// anyHost in Config.Hosts stands for every name.
const anyHost = "*"

// foreign tells why a request is not meant for this server, or gives "".
func (s *Server) foreign(r *http.Request) string {
	if r.Context().Value(inProcess{}) != nil {
		return ""
	}
	if host := hostName(r.Host); !isLoopback(host) && !s.listed(host) {
		return "the emulator is for this machine and does not answer to the name " + clip(host) +
			": call it on a loopback address such as 127.0.0.1, or start it with --host and this name"
	}
	if s.welcome(r) {
		return ""
	}
	if isControl(r.URL.Path) && !s.cfg.OpenControls && !ofThisMachine(r) {
		return "the controls are for this machine only: call them from here on a loopback address such as 127.0.0.1, or start the emulator with --open-controls"
	}
	if strings.HasPrefix(r.URL.Path, linkedPrefix) {
		return "" // its address is not to be guessed, and it changes nothing
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
			return foreignPage("of "+clip(origin), r)
		}
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "none", "same-origin":
	default:
		if !opensPage(r) {
			return foreignPage("of another site ("+clip(site)+")", r)
		}
	}
	return ""
}

// foreignPage words that a page is refused.
func foreignPage(which string, r *http.Request) string {
	instead := "call it from a program or a server"
	if forFrontEnds(r.URL.Path) {
		instead = "start it with the origin of the page, such as --origin http://localhost:3000"
	}
	return "a web page " + which + " called the emulator, which answers to its own pages only: " + instead
}

// isControl tells whether a path is one of the emulator's own operations, or the page
// with buttons for them.
func isControl(path string) bool {
	return path == controlPagePath || strings.HasPrefix(path, aliasPath) || strings.HasPrefix(path, controlPrefix) && !forFrontEnds(path)
}

// ofThisMachine tells whether a request was sent from here to here. What a proxy
// passes on comes from a loopback address, too: the headers that it adds tell.
func ofThisMachine(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	return isLoopback(hostName(r.Host)) && isLoopback(hostName(r.RemoteAddr))
}

// opensPage tells whether a request follows a link to a page, as a person does
// who is sent to verify themselves. The API and the controls are no pages.
func opensPage(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		!strings.HasPrefix(r.URL.Path, apiPrefix) && !strings.HasPrefix(r.URL.Path, controlPrefix)
}

// refuseForeign answers a request that is not meant for this server: the
// controls in a line of text, the API in Stripe's form.
func refuseForeign(rw http.ResponseWriter, r *http.Request, why string) {
	if !strings.HasPrefix(r.URL.Path, apiPrefix) {
		http.Error(rw, why, http.StatusForbidden)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(http.StatusForbidden)
	_, _ = rw.Write(forbidden(why).answer("").body) // a client that has left is no error here
}

// listed tells whether the configuration names a host.
func (s *Server) listed(host string) bool {
	return slices.ContainsFunc(s.cfg.Hosts, func(one string) bool {
		return one == anyHost || strings.EqualFold(strings.Trim(one, "[]"), host)
	})
}

// hostName is a host without its port and brackets.
func hostName(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	return strings.Trim(host, "[]")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
