package emulator

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Limits of the names and the number of worlds.
const (
	MaxWorlds    = 1000
	maxWorldName = 64
)

// worldMark begins the name of a world inside a key.
const worldMark = "_w_"

// sandbox belongs to the keys of one name: a world with its clock, and the
// limits, faults and idempotency keys of those who call it. Sandboxes share nothing,
// so that test suites side by side don't meet. Without Config.Worlds there is one.
type sandbox struct {
	server *Server
	cfg    *Config
	name   string // "": the one of all keys that name no world

	mu       sync.Mutex // guards what follows; never held while waiting
	world    *world     // nil: no request has come yet
	account  string     // of the world
	lives    uint64     // how many worlds there were before this one
	time     timepiece
	requests uint32
	reads    uint32
	limits   limits
	// allocation counts reads where the Config allots them.
	allocation allocation
	held       map[string]bool // ids of objects that a call is changing; nil: none
	replays    replays
	faults     []*fault

	formKey [32]byte // of the forms of hosted pages
}

func newSandbox(server *Server, name string) *sandbox {
	s := &sandbox{server: server, cfg: &server.cfg, name: name, formKey: newFormKey()}
	s.account = s.nextAccount()
	return s
}

// nextAccount gives the id of the account of the sandbox's next world.
func (s *sandbox) nextAccount() string {
	switch {
	case s.name == "" && s.cfg.Account != "":
		return s.cfg.Account
	case s.cfg.NewAccount != nil:
		return s.cfg.NewAccount()
	}
	return accountOf(s.idSeed())
}

// idSeed decides about the ids of the world: no two worlds have the same ids,
// unless they are of one named account.
func (s *sandbox) idSeed() uint64 {
	if s.name == "" && (s.lives == 0 || s.cfg.Account != "") {
		return s.cfg.Seed
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(s.name)) // never fails
	d := roll(s.cfg.Seed, saltWorld, h.Sum64(), s.lives)
	return d.next()
}

// enter locks the sandbox and catches up with the clock. The first caller finds no
// world yet: it begins then.
func (s *sandbox) enter() {
	s.mu.Lock()
	if s.world == nil {
		s.start()
	}
	s.catchUp()
}

// start makes a world as the Config describes it, at the time of Config.Now.
func (s *sandbox) start() {
	start := s.cfg.Now()
	w := newWorld(s.cfg, s.idSeed(), s.account)
	if s.name == "" {
		for _, h := range s.cfg.Webhooks {
			w.hooks.add(h, uint32(start.Unix()))
		}
	}
	if s.cfg.Incident {
		w.incident = newIncident(start)
	}
	if err := w.planPeople(s.cfg.People, start); err != nil {
		panic("emulator: " + strconv.QuoteToASCII(err.Error())) // Check has found it
	}
	w.populate(s.cfg.Sessions, start, s.cfg.Traffic)
	w.hooks.open = true
	s.time = timepiece{}
	s.replace(&keptWorld{World: w, Replays: newReplays()})
}

// replace puts a world in the place of the one before. Nobody gets the events of that one
// any more, and the limits and faults of its callers are gone.
func (s *sandbox) replace(k *keptWorld) {
	if s.world != nil {
		s.world.hooks.close()
	}
	s.world, s.requests, s.reads, s.replays = k.World, k.Requests, k.Reads, k.Replays
	s.limits, s.allocation, s.held, s.faults = limits{}, allocation{}, nil, nil
	s.server.endpointsChanged()
}

// renew gives the next world an account of its own, unless the Config names it.
func (s *sandbox) renew() {
	s.lives++
	before := s.account
	s.account = s.nextAccount()
	s.server.moved(s, before)
}

// controlReset begins the world anew.
func (s *sandbox) controlReset(string, url.Values) (any, error) {
	s.renew()
	s.start()
	s.catchUp()
	return s.controlState("", nil)
}

// catchUp does what became due since the last request.
func (s *sandbox) catchUp() { s.world.advance(s.time.at(s.cfg.Now()).UnixNano()) }

// sandboxes are those of a server, by name and by account.
type sandboxes struct {
	mu        sync.Mutex // locked after that of a sandbox
	byName    map[string]*sandbox
	byAccount map[string]*sandbox
}

// add puts a new sandbox among the others; mu is locked, or nobody else knows them.
func (bs *sandboxes) add(s *sandbox) {
	bs.byName[s.name], bs.byAccount[s.account] = s, s
}

// sandbox gives the one of a name, and makes it if need be.
func (s *Server) sandbox(name string) (*sandbox, error) {
	if name == "" {
		return s.home, nil
	}
	if !isWord(name) || len(name) > maxWorldName || strings.Contains(name, worldMark) {
		return nil, fmt.Errorf("%s can't be the name of a world: take up to %d letters, digits and single _", clip(name), maxWorldName)
	}
	s.boxes.mu.Lock()
	defer s.boxes.mu.Unlock()
	box := s.boxes.byName[name]
	if box == nil {
		if len(s.boxes.byName) >= MaxWorlds {
			return nil, fmt.Errorf("there are %d worlds, which is the most: use one of them, and begin it anew with POST %sreset?world=NAME", MaxWorlds, controlPrefix)
		}
		box = newSandbox(s, name)
		s.boxes.add(box)
	}
	return box, nil
}

// moved notes the new account of a sandbox.
func (s *Server) moved(box *sandbox, before string) {
	s.boxes.mu.Lock()
	defer s.boxes.mu.Unlock()
	delete(s.boxes.byAccount, before)
	s.boxes.byAccount[box.account] = box
}

// all gives every sandbox.
func (s *Server) all() []*sandbox {
	s.boxes.mu.Lock()
	defer s.boxes.mu.Unlock()
	list := make([]*sandbox, 0, len(s.boxes.byName))
	for _, box := range s.boxes.byName {
		list = append(list, box)
	}
	return list
}

// worlds are the names of all worlds, if there can be more than one.
func (s *Server) worlds() (names []string) {
	if !s.cfg.Worlds {
		return nil
	}
	for _, box := range s.all() {
		names = append(names, box.name)
	}
	slices.Sort(names)
	return names
}

// sandboxOfKey gives the sandbox that a key names. Keys without a name, and texts that
// are no keys, belong to the first one.
func (s *Server) sandboxOfKey(key string) (*sandbox, error) {
	at := strings.LastIndex(key, worldMark)
	if !s.cfg.Worlds || at < 0 || !isKey(key) {
		return s.home, nil
	}
	return s.sandbox(key[at+len(worldMark):])
}

// sandboxOfAccount gives the sandbox with an account, or the first one.
func (s *Server) sandboxOfAccount(id string) *sandbox {
	s.boxes.mu.Lock()
	defer s.boxes.mu.Unlock()
	if box := s.boxes.byAccount[id]; box != nil {
		return box
	}
	return s.home
}

// sandboxOfToken gives the sandbox that handed a token out, or the first one.
func (s *Server) sandboxOfToken(text string) *sandbox {
	_, text, _ = strings.Cut(text, "_") // the mode
	if len(text) < codeLen+linkNumberLen {
		return s.home
	}
	name, err := base64.RawURLEncoding.DecodeString(text[:len(text)-codeLen-linkNumberLen])
	if err != nil {
		return s.home
	}
	return s.sandboxOfAccount(strings.TrimSuffix(string(name), tokenEnd))
}
