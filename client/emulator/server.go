package emulator

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Server is the emulated account, or many of them (Config.Worlds). It may be used by
// any number of clients at once; those of one world take turns, as they would see it
// if Stripe were fast.
type Server struct {
	cfg     Config
	home    *sandbox // of all keys that name no world
	boxes   sandboxes
	changed chan struct{} // there may be new endpoints
}

// New builds the world that a Config describes. It panics if Check finds the
// Config wrong: check a person's input before.
func New(cfg Config) *Server {
	if err := cfg.Check(); err != nil {
		panic("emulator: " + strconv.QuoteToASCII(err.Error()))
	}
	s := &Server{cfg: cfg.withDefaults(), changed: make(chan struct{}, 1)}
	s.boxes = sandboxes{byName: map[string]*sandbox{}, byAccount: map[string]*sandbox{}}
	s.home = newSandbox(s, "")
	s.boxes.add(s.home)
	s.home.start()
	return s
}

// newWorld gives an empty world whose ids follow from a seed.
func newWorld(cfg *Config, ids uint64, account string) *world {
	w := &world{
		seed: cfg.Seed, live: cfg.Live, delay: cfg.RedactionDelay, choice: cfg.Choices,
		ids: newIDCodec(ids), hooks: newWebhooks(cfg), used: map[uint32]linkUse{}, results: map[uint32]*chosen{}, pending: map[uint32]*chosen{}, taken: map[link]bool{},
	}
	if w.base = cfg.PublicURL; w.base == "" {
		w.base = defaultPublicURL
	}
	w.belong(account)
	d := roll(ids, saltTokens, 0, 0)
	for i := range w.tokenKeys {
		w.tokenKeys[i] = d.next()
	}
	return w
}

// answer is what goes back to a client.
type answer struct {
	status  int
	body    []byte
	header  [][2]string // besides those of every answer
	early   bool        // refused before the endpoint executed
	session uint32      // position + 1 of the session inside, or 0
	view    view        // how it is shown
	event   uint32      // position + 1 of the event inside, or 0
	broken  breakage    // how the connection spoils it
}

// call is a request on its way through the server.
type call struct {
	http    *http.Request
	raw     string // its parameters
	number  uint32
	at      uint32 // Unix seconds of the emulator's clock
	id      string // the Request-Id
	access  access
	end     *endpoint
	object  string // the id in the path
	replay  *replay
	fault   *fault
	holds   bool // others can't change the object meanwhile
	expired bool // the client left while the answer was waited for
}

// ServeHTTP serves the API under /v1/, the controls under /_emulator/, the pages that
// sessions link to under /start/ and the images of file links under /links/.
func (s *Server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if why := s.foreign(r); why != "" {
		refuseForeign(rw, r, why)
		return
	}
	if r.URL.Path == controlPagePath {
		s.serveControlPage(rw, r)
		return
	}
	if forFrontEnds(r.URL.Path) {
		s.serveFrontEnd(rw, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.serveControl(rw, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, hostedPrefix) {
		s.serveHosted(rw, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, linkedPrefix) {
		s.serveLinked(rw, r)
		return
	}
	c := &call{http: r}
	raw, failed := readParameters(rw, r)
	c.raw = raw
	box, err := s.sandboxOfKey(requestKey(r))
	if err != nil {
		box, failed = s.home, invalid("", "", "%s", err)
	}
	a, done := box.begin(c, failed)
	box.wait(c)
	if !done {
		a = box.finish(c)
	} else if c.fault != nil {
		a = c.fault.after(a)
	}
	send(rw, c, a)
}

// readParameters gives the parameters of a request in the form of a URL's query.
func readParameters(rw http.ResponseWriter, r *http.Request) (string, *apiError) {
	if r.Method != http.MethodPost && r.Method != http.MethodDelete {
		return r.URL.RawQuery, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	if err != nil {
		return "", invalid("", "", "Invalid request: the body can't be read or is larger than %d bytes.", maxBody)
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if len(body) > 0 && !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return "", invalid("", "", "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "+
			"If you have any questions, we can help at https://support.stripe.com/.")
	}
	if r.URL.RawQuery != "" && len(body) > 0 {
		return r.URL.RawQuery + "&" + string(body), nil
	}
	return r.URL.RawQuery + string(body), nil
}

// begin catches up with the clock and does all that comes before an endpoint
// executes: faults, the key, the route and the idempotency key. done tells that
// the answer is there already.
func (s *sandbox) begin(c *call, failed *apiError) (a answer, done bool) {
	s.enter()
	defer s.mu.Unlock()
	s.requests++
	if c.http.Method == http.MethodGet {
		s.reads++
	}
	c.number, c.at = s.requests, s.world.seconds()
	c.id = s.world.ids.text(idRequest, c.number, c.at)
	if c.fault = s.takeFault(c.http); c.fault != nil {
		if a, done := c.fault.before(c.http); done {
			return a, true
		}
	}
	var err *apiError
	if c.access, err = s.authenticate(c.http); err == nil {
		err = s.world.checkHeaders(c.http.Header, c.access)
	}
	if err == nil {
		c.end, c.object, err = findEndpoint(c.http.Method, c.http.URL.Path)
	}
	if err == nil {
		err = c.access.refuseOther(c)
	}
	if err == nil && s.cfg.RateLimits {
		if reason := s.limits.admit(c.access, c.end, s.world.now); reason != "" {
			return rateLimited(reason, s.logURL(c)), true
		}
	}
	if err == nil && s.refuseRead(c) {
		return rateLimited(reasonResource, s.logURL(c)), true
	}
	if err == nil {
		err = s.world.permit(c.access, c.end)
	}
	if err == nil {
		err = failed
	}
	if err != nil {
		return err.answer(s.logURL(c)), true
	}
	if key := c.http.Header.Get("Idempotency-Key"); key != "" && c.http.Method == http.MethodPost {
		if a, done := s.replays.begin(s, c, key); done {
			return a, true
		}
	}
	if err := s.lock(c); err != nil {
		s.replays.abandon(c)
		return err.answer(s.logURL(c)), true
	}
	return answer{}, false
}

// finish executes the endpoint. Time may have passed since begin.
func (s *sandbox) finish(c *call) answer {
	s.enter()
	defer s.mu.Unlock()
	defer s.world.hooks.rouse() // steps may have been planned
	s.world.base = s.baseOf(c.http)
	a := s.execute(c)
	if c.fault != nil {
		a = c.fault.after(a)
	}
	if strings.HasPrefix(c.end.path, webhooksPath) {
		s.server.endpointsChanged()
	}
	s.replays.finish(c, a)
	s.unlock(c)
	return a
}

func (s *sandbox) execute(c *call) answer {
	q, err := c.end.parse(c.raw, c.access)
	if err != nil {
		return err.answer(s.logURL(c))
	}
	q.id, q.name, q.world = c.object, s.cfg.AccountName, s.name
	q.versioned = c.http.Header.Get("Stripe-Version") != ""
	if err := s.world.refuseSensitive(c.end, q); err != nil {
		return err.answer(s.logURL(c))
	}
	q.cause = cause{request: c.number, created: c.at, key: c.http.Header.Get("Idempotency-Key")}
	a, err := c.end.run(s.world, q)
	if err != nil {
		return err.answer(s.logURL(c))
	}
	return a
}

// logURL is where Stripe's Dashboard would show the request.
func (s *sandbox) logURL(c *call) string {
	mode := ""
	if !c.access.live {
		mode = "test/"
	}
	return fmt.Sprintf("https://dashboard.stripe.com/%slogs/%s?t=%d", mode, c.id, c.at)
}

// send writes an answer, or as much of it as its fault lets through.
func send(rw http.ResponseWriter, c *call, a answer) {
	if c.expired || a.broken == breakBefore {
		panic(http.ErrAbortHandler)
	}
	h := rw.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Date", time.Unix(int64(c.at), 0).UTC().Format(http.TimeFormat))
	h.Set("Request-Id", c.id)
	h.Set("Cache-Control", "no-cache, no-store")
	version := c.http.Header.Get("Stripe-Version")
	if version == "" {
		version = APIVersion
	}
	h.Set("Stripe-Version", version)
	if key := c.http.Header.Get("Idempotency-Key"); key != "" && c.http.Method == http.MethodPost {
		h.Set("Idempotency-Key", key)
	}
	if a.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="Stripe"`)
	}
	for _, pair := range a.header {
		h.Set(pair[0], pair[1])
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	rw.WriteHeader(a.status)
	if a.broken == breakInside {
		_, _ = rw.Write(a.body[:len(a.body)/2])
		if f, ok := rw.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
	_, _ = rw.Write(a.body) // a client that has left is no error here
}
