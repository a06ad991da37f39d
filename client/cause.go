package client

// Cause says more exactly than the kind of an error why a request failed.
type Cause uint8

// The causes.
const (
	CauseOfKind      Cause = iota // the kind says it
	CauseName                     // the server's name leads nowhere
	CauseNoNetwork                // this machine has no way to the server
	CauseClosed                   // nothing accepts connections at the server's address
	CauseSilence                  // no answer came in time
	CauseCertificate              // the server could not show that it is the server
	CauseExpired                  // its certificate is not valid at this machine's time
	CauseTLS                      // no encrypted connection was made
	CauseProxy                    // the proxy refused the way, or its address is not one
	CausePage                     // a web page or a redirect answered
	CauseHuge                     // the answer was too large to be read
	CauseStranger                 // an error came in another form than Stripe's
	CausePermission               // the permission that the key lacks is known
	CauseTurnedDown               // Stripe answered 402
	CauseOtherMode                // an object of the other mode came
	causeCount
)

// causes holds the words of each cause and the next step; without one the kind's
// counts.
var causes = [causeCount]struct{ what, hint string }{
	CauseName:        {"the server's name is not found", "check the network and its name server; idtop tries again by itself"},
	CauseNoNetwork:   {"this machine has no network", "check the network; idtop tries again by itself"},
	CauseClosed:      {"the server refuses the connection", "check --api-base and the network; idtop tries again by itself"},
	CauseSilence:     {"the server does not answer in time", ""},
	CauseCertificate: {"the server's certificate is not trusted", "a proxy or a network's login page may stand before Stripe: open a browser, and ask who runs the network"},
	CauseExpired:     {"the server's certificate is not valid today", "check the date of this machine first; otherwise a proxy or a login page stands before Stripe"},
	CauseTLS:         {"no encrypted connection to the server", "a proxy or a network's login page may stand before Stripe: open a browser; idtop tries again by itself"},
	CauseProxy:       {"the proxy does not let this through", "check HTTPS_PROXY"},
	CausePage:        {"a login page or a proxy answered instead of Stripe", "open a browser and sign in to this network if it asks for that; otherwise check --api-base and any proxy"},
	CauseHuge:        {"the answer is too large to be one of Stripe's", ""},
	CauseStranger:    {"Stripe, or a proxy on the way, had an error", ""},
	CausePermission:  {"the key lacks", ""},
	CauseTurnedDown:  {"Stripe turned the request down (402)", "look the request id up in the Stripe Dashboard under Developers, Logs"},
	CauseOtherMode:   {"objects of the other mode came, live for test or test for live", "check --api-base: this server mixes live and test, so nothing of it is taken"},
}

// What names the cause in a few words of our own, with the server's name or the
// permission where those are known.
func (e *Error) What() string {
	what := e.Kind.What()
	switch {
	case e.Cause >= causeCount, causes[e.Cause].what == "":
	case e.Cause == CauseName && e.Named != "":
		what = e.Named + " is not found"
	case e.Cause == CausePermission && e.Named != "":
		what = causes[e.Cause].what + " " + e.Named
	default:
		what = causes[e.Cause].what
	}
	return what
}
