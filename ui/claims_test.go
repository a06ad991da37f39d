package ui_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/clienttest"
	"idtop/client/emulator"
	"idtop/client/mirror"
	"idtop/client/plan"
	"idtop/client/stripe"
	"idtop/model"
)

var claimSeeds = flag.Int("claims", 6, "with how many seeds the claims of the screen are compared with the truth")

// TestWhatTheScreenClaimsIsSo lets an operator press random keys while sessions
// change, requests fail, the window changes and the program is stopped and started
// anew. After each step all that the screen claims is compared with the server.
// `go test ./ui -run WhatTheScreenClaims -claims 1000` does so a thousand times.
func TestWhatTheScreenClaimsIsSo(t *testing.T) {
	seeds, steps := *claimSeeds, 150
	if testing.Short() {
		seeds = min(seeds, 2)
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWitness(t, uint64(seed), options{})
				for n := range steps {
					what := w.step()
					if lies := w.falsehoods(); len(lies) > 0 {
						t.Fatalf("step %d, after %s: %s\n%s", n, what, strings.Join(lies, "\n"), w.p.screen.Text())
					}
				}
			})
		})
	}
}

// TestClaimsThatWereFalse: the comparison above finds each fault that once made the
// screen claim something false.
func TestClaimsThatWereFalse(t *testing.T) {
	for name, spoil := range map[string]func(o *options){
		// the newest rows of all people, until the files were read
		"another person's rows": func(o *options) {
			o.store = func(s mirror.Store) mirror.Store { return forgetful{s} }
		},
		// a session that was erased, counted as one of its person
		"a session of nobody": func(o *options) {
			o.store = func(s mirror.Store) mirror.Store { return haunted{s} }
		},
		// complete because no window is open, although none was ever read
		"complete without a list": func(o *options) {
			o.syncer = func(s model.Syncer) model.Syncer { return hasty{s} }
		},
	} {
		t.Run(name, func(t *testing.T) {
			found := false
			for seed := uint64(0); seed < 4 && !found; seed++ {
				synctest.Test(t, func(t *testing.T) {
					var o options
					spoil(&o)
					w := newWitness(t, seed, o)
					w.p.cut.Store(true)
					w.seen("cut")
					for n := 0; n < 150 && !found; n++ {
						w.step()
						found = len(w.falsehoods()) > 0
					}
				})
			}
			if !found {
				t.Error("nobody noticed")
			}
		})
	}
}

// forgetful is a store that answers every request with the newest rows.
type forgetful struct{ mirror.Store }

func (f forgetful) Find(ctx context.Context, r mirror.Request) (mirror.Page, error) {
	r.UserID, r.Only, r.Marked = "", nil, nil
	return f.Store.Find(ctx, r)
}

// haunted is a store that counts one session more of each person.
type haunted struct{ mirror.Store }

func (h haunted) People(ctx context.Context, r mirror.PeopleRequest) (mirror.People, error) {
	people, err := h.Store.People(ctx, r)
	for i := range people.People {
		people.People[i].Sessions++
		people.People[i].State[client.StateRedacted]++
	}
	return people, err
}

// hasty is a syncer for which nothing to read is the same as all being read.
type hasty struct{ model.Syncer }

func (h hasty) Status() mirror.Status {
	s := h.Syncer.Status()
	s.Phase, s.Err, s.Trouble, s.Filling, s.FillErr = mirror.Live, nil, nil, false, nil
	s.Last, s.Checked = time.Now(), time.Now().Add(s.Ahead)
	return s
}

// witness watches a program and the server behind it.
type witness struct {
	t      *testing.T
	p      *program
	o      options
	random *rand.Rand
	truth  *stripe.Client // asks the server past all faults
	known  []moment
	faulty bool // a request may have been sent again for good reason
	posts  int  // requests that changed something, of the programs before
}

// moment is what the server held at a time by its clock.
type moment struct {
	at       time.Time
	sessions map[string]client.Session
}

func newWitness(t *testing.T, seed uint64, o options) *witness {
	w := &witness{t: t, random: rand.New(rand.NewPCG(seed, 11)), o: o}
	w.o.width, w.o.height, w.o.undo = 120, 40, 5*time.Second
	w.o.emulator = emulator.Config{Seed: seed + 1, Sessions: 12 + w.random.IntN(150), RedactionDelay: 20 * time.Second, Now: func() time.Time { return time.Now().Add(ahead) }}
	w.o.server, w.o.dir = emulator.New(w.o.emulator), t.TempDir()
	key, err := client.ParseKey("rk_test_witness0000")
	if err != nil {
		t.Fatal(err)
	}
	w.truth, err = stripe.New(stripe.Config{Key: key, Transport: emulator.Transport(w.o.server)})
	if err != nil {
		t.Fatal(err)
	}
	w.look()
	w.p = start(t, w.o)
	return w
}

// look notes what the server holds now.
func (w *witness) look() {
	now := moment{time.Now().Add(ahead), map[string]client.Session{}}
	err := clienttest.EachSession(w.t.Context(), w.truth, client.SessionListParams{Cursor: client.Cursor{Limit: 100}}, func(s client.Session) error {
		now.sessions[s.ID] = s
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.known = append(w.known, now)
}

// seen notes that a fault was there.
func (w *witness) seen(string) { w.faulty = true }

var people = []string{"ann", "ann_2", "bob", "josé_7", "josé_7", "cid"}

// step does something at random and lets a while pass.
func (w *witness) step() string {
	r, p := w.random, w.p
	p.wait(time.Duration(r.IntN(3)) * time.Second)
	what := w.act()
	p.wait(time.Duration(r.IntN(4000)) * time.Millisecond)
	if r.IntN(8) == 0 {
		p.wait(time.Duration(r.IntN(90)) * time.Second)
	}
	w.look()
	return what
}

// keys are pressed together; each ends where letters are keys again or not.
var scripts = []string{
	"j", "j j", "k", "g", "G", "f", "1", "2", "3", "5", "6", "7", "u", "U", "U j enter", "M", "esc", "esc esc", "s", "space", "* ", "-", "tab", "enter", "L", "y", "Y",
	"J", "!", "?", "z", "p", "c", "r", "/ann enter", "/b enter", "/ esc", "ctrl+r", "ctrl+l", "P", "P",
}

func (w *witness) act() string {
	r, p := w.random, w.p
	some := func() (client.Session, bool) {
		last := w.known[len(w.known)-1].sessions
		if len(last) == 0 {
			return client.Session{}, false
		}
		ids := make([]string, 0, len(last))
		for id := range last {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return last[ids[r.IntN(len(ids))]], true
	}
	switch r.IntN(16) {
	case 0, 1:
		user := people[r.IntN(len(people))]
		if _, err := w.truth.CreateSession(w.t.Context(), client.SessionCreateParams{Type: "document", Metadata: map[string]string{"user_id": user}},
			client.NewIdempotencyKey()); err != nil {
			w.t.Fatal(err)
		}
		return "a session of " + user
	case 2, 3:
		if s, ok := some(); ok && (s.State() == client.StateWaiting || s.State() == client.StateFailed) {
			outcome := []string{"outcome=verified", "outcome=requires_input", "outcome=processing"}[r.IntN(3)]
			p.control("POST", "sessions/"+s.ID+"/submit", outcome)
			return outcome
		}
	case 4:
		if s, ok := some(); ok && (s.State() == client.StateWaiting || s.State() == client.StateFailed) {
			if _, err := w.truth.CancelSession(w.t.Context(), s.ID, client.NewIdempotencyKey()); err != nil {
				w.t.Fatal(err)
			}
			return "a cancel elsewhere"
		}
	case 5:
		w.faulty = true
		switch r.IntN(5) {
		case 0:
			p.says(500, "down")
		case 1:
			p.says(429, "slow down")
		case 2:
			p.cut.Store(true)
		case 3:
			p.losing.Store(true)
		case 4:
			p.slow.Store(int64(r.IntN(10)) * int64(time.Second))
		}
		return "a fault"
	case 6, 7:
		p.says(0, "")
		p.cut.Store(false)
		p.losing.Store(false)
		p.slow.Store(0)
		return "no fault"
	case 8:
		width, height := 1+r.IntN(200), 1+r.IntN(60)
		p.resize(width, height)
		if r.IntN(3) > 0 {
			p.resize(120, 40)
		}
		return "another size"
	case 9:
		p.tea.Send([]tea.Msg{tea.ResumeMsg{}, tea.FocusMsg{}, tea.BlurMsg{}}[r.IntN(3)])
		return "fg, or the window looked at"
	case 10:
		if r.IntN(4) == 0 {
			p.press("esc esc esc")
			w.posts += len(w.p.writes.paths)
			p.tea.Quit()
			<-p.done
			w.p = start(w.t, w.o)
			return "a new start"
		}
	case 11:
		p.wait(1500 * time.Millisecond)
		if d, _ := p.drawn.Load().Modal.(*model.Dialog); d != nil {
			p.press("y")
			return "yes"
		}
	}
	script := scripts[r.IntN(len(scripts))]
	p.press(script)
	return script
}

// falsehoods are the claims of the screen that are not so.
func (w *witness) falsehoods() (lies []string) {
	m := w.p.drawn.Load()
	lie := func(format string, args ...any) { lies = append(lies, fmt.Sprintf(format, args...)) }
	now := w.known[len(w.known)-1].sessions
	w.checkSync(m, lie)

	if m.List.View.Kind == model.PersonView && m.List.Loaded {
		for _, hit := range m.List.Page.Rows {
			if s, ok := now[hit.ID]; ok && s.UserID() != m.List.View.UserID && s.Redaction == nil && !m.List.View.Alike {
				lie("%s of %q is listed as of %q", hit.ID, s.UserID(), m.List.View.UserID)
			}
		}
	}
	if m.Overlay().Is(model.PeopleOverlay) {
		w.checkPeople(m, lie)
	}
	if states := model.Tabs[m.List.Tab].States; states != 0 {
		for _, hit := range m.List.Page.Rows {
			if !states.Has(hit.State) {
				lie("%s, which is %s, is listed under %v", hit.ID, hit.State, model.Tabs[m.List.Tab].Action)
			}
		}
	}
	if d, _ := m.Modal.(*model.Dialog); d != nil && d.Armed && d.Block == "" {
		shown := d.Row.State
		if d.Now != client.StateUnknown {
			shown = d.Now
		}
		if row, ok, _ := w.p.store.Get(w.t.Context(), d.Row.ID); ok && row.State != shown {
			lie("the dialog shows %s as %s, and the list knows that it is %s", d.Row.ID, shown, row.State)
		}
	}
	if job, ok := m.Jobs.Current(); ok && m.Overlay().Is(model.JobsOverlay) {
		for _, item := range m.Jobs.Items {
			s, ok := now[item.Session]
			if !ok {
				continue
			}
			erasing := s.State() == client.StateRedacting || s.State() == client.StateRedacted
			switch {
			case item.State == plan.Following && !erasing, item.State == plan.Complete && job.Verb == client.Redact && s.State() != client.StateRedacted,
				item.State == plan.Complete && job.Verb == client.Cancel && s.Status != client.StatusCanceled:
				lie("job %d says %s of %s, which is %s", job.ID, item.State, item.Session, s.State())
			}
		}
	}
	if !w.faulty {
		w.p.writes.mu.Lock()
		paths := slices.Sorted(slices.Values(w.p.writes.paths))
		w.p.writes.mu.Unlock()
		for i := 1; i < len(paths); i++ {
			if paths[i] == paths[i-1] && (strings.HasSuffix(paths[i], "/cancel") || strings.HasSuffix(paths[i], "/redact")) {
				lie("%s was posted twice", paths[i])
			}
		}
	}
	return lies
}

// checkPeople compares what is said of people with all that was ever known of them.
func (w *witness) checkPeople(m *model.Model, lie func(string, ...any)) {
	had := map[string]map[string]bool{} // the sessions of each
	for _, k := range w.known {
		for id, s := range k.sessions {
			if had[s.UserID()] == nil {
				had[s.UserID()] = map[string]bool{}
			}
			had[s.UserID()][id] = true
		}
	}
	for _, s := range m.People.Page.People {
		sum := 0
		for _, n := range s.State {
			sum += n
		}
		if s.UserID == "" || s.Sessions > len(had[s.UserID]) || sum != s.Sessions || s.Listed > s.Sessions || s.Listed == 0 {
			lie("%+v has had %d sessions", s, len(had[s.UserID]))
		}
	}
}

// checkSync compares what is said of the connection, of completeness and of none.
func (w *witness) checkSync(m *model.Model, lie func(string, ...any)) {
	claim, now := m.Claim(), w.known[len(w.known)-1].sessions
	if w.p.screen.Contains("This account has no verification sessions yet") && len(now) > 0 {
		lie("%d sessions are none", len(now))
	}
	if claim.Link != mirror.Synced && !claim.Complete || !claim.Dated {
		return
	}
	// Claim counts to the next tick. A second of the server's clock is not parted.
	until := m.Now.Add(2*time.Second - claim.Age + ahead).Add(-3 * time.Second)
	from := 0
	for i, k := range w.known {
		if !k.at.After(until) {
			from = i
		}
	}
	for id, s := range w.known[from].sessions {
		if s.Created.Time().After(until) {
			continue
		}
		row, ok, err := w.p.store.Get(w.t.Context(), id)
		if err != nil || !ok {
			if claim.Complete {
				lie("complete to %s, without %s of %s: %v", until, id, s.Created.Time(), err)
			}
			continue
		}
		was := func(k moment) bool { return k.sessions[id].State() == row.State }
		if claim.Link == mirror.Synced && !slices.ContainsFunc(w.known[from:], was) && !erasureElsewhere(w.known, id) {
			lie("synced to %s, with %s as %s, and it has been %s since %s", until, id, row.State, s.State(), w.known[from].at)
		}
	}
}

// erasureElsewhere tells whether a session is erased: of the end of an erasure
// Stripe tells no account, so that it is found when it is looked at again.
func erasureElsewhere(known []moment, id string) bool {
	last := known[len(known)-1].sessions[id]
	return last.Redaction != nil
}
