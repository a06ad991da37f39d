package syncer_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// truth is an account at Stripe, as lean as it can be: what sessions are and
// were, and the events about them. Its clock is skewed against this machine's.
type truth struct {
	mu       sync.Mutex
	random   *rand.Rand
	skew     time.Duration
	sessions []*ward // in order of creation, those of one second in any order
	byID     map[string]*ward
	events   []*happening // likewise
	reports  []*attempt   // likewise
	made     int
	latest   time.Duration // how late events become visible at most
}

// ward is a session with all that it ever was.
type ward struct {
	client.Session
	rank     uint32 // its place within its second
	versions []version
	told     []*happening
	silent   bool // it changed without an event
	gone     bool
	done     time.Time // when its redaction will be done
}

// version is what a session showed from some time on.
type version struct {
	from time.Time
	row  mirror.Row
}

// happening is an event.
type happening struct {
	client.Event
	rank    uint32
	visible time.Time
}

// attempt is a report.
type attempt struct {
	client.ReportFacts
	rank    uint32
	visible time.Time
}

func newTruth(random *rand.Rand) *truth {
	return &truth{
		random: random, byID: map[string]*ward{},
		skew:   time.Duration(random.IntN(7201)-3600) * time.Second,
		latest: pickOf(random, 0, 2*time.Second, 30*time.Second, 120*time.Second),
	}
}

func pickOf[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func (w *truth) now() time.Time { return time.Now().Add(w.skew) }

// create makes a session that was created at some time.
func (w *truth) create(at time.Time, status client.Status) *ward {
	w.made++
	s := &ward{rank: w.random.Uint32(), Session: client.Session{
		ID: fmt.Sprintf("vs_%012d", w.made), Object: "identity.verification_session", Type: "document",
		Created: client.Unix(at.Unix()), Status: status, ClientReferenceID: fmt.Sprintf("ref-%d", w.made),
		Metadata: map[string]string{"user_id": fmt.Sprintf("user_%d", w.random.IntN(w.made+1))},
	}}
	w.byID[s.ID] = s
	w.sessions = append(w.sessions, s)
	w.settle()
	s.note(at)
	return s
}

// settle puts the last session and the last event where they belong.
func (w *truth) settle() {
	for i := len(w.sessions) - 1; i > 0 && olderSession(w.sessions[i], w.sessions[i-1]) < 0; i-- {
		w.sessions[i], w.sessions[i-1] = w.sessions[i-1], w.sessions[i]
	}
	for i := len(w.events) - 1; i > 0 && olderEvent(w.events[i], w.events[i-1]) < 0; i-- {
		w.events[i], w.events[i-1] = w.events[i-1], w.events[i]
	}
}

// report makes a report about a session, and returns its id.
func (w *truth) report(s *ward, at time.Time, code string) client.Ref {
	a := &attempt{rank: w.random.Uint32(), visible: at, ReportFacts: client.ReportFacts{
		ID: fmt.Sprintf("vr_%08d", len(w.reports)), Session: s.ID, Created: client.Unix(at.Unix()), Type: "document",
		DocType: pickOf(w.random, "passport", "id_card"), Country: pickOf(w.random, "PL", "DE"),
		Checks: []client.CheckFacts{{Kind: "document", Status: "verified"}},
	}}
	if code != "" {
		a.Checks[0] = client.CheckFacts{Kind: "document", Status: "unverified", Code: code}
	}
	if w.latest > 0 && w.random.IntN(3) == 0 {
		a.visible = at.Add(time.Duration(w.random.Int64N(int64(w.latest))))
	}
	w.reports = append(w.reports, a)
	for i := len(w.reports) - 1; i > 0 && olderReport(w.reports[i], w.reports[i-1]) < 0; i-- {
		w.reports[i], w.reports[i-1] = w.reports[i-1], w.reports[i]
	}
	return client.Ref(a.ID)
}

func olderReport(a, b *attempt) int {
	return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.rank, b.rank))
}

func olderSession(a, b *ward) int {
	return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.rank, b.rank))
}

func olderEvent(a, b *happening) int {
	return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.rank, b.rank))
}

// note remembers what the session shows from now on.
func (s *ward) note(at time.Time) {
	s.versions = append(s.versions, version{at, mirror.RowOf(s.Session)})
}

// raise makes an event with the session as it is.
func (w *truth) raise(s *ward, kind string) {
	at := w.now()
	e := &happening{rank: w.random.Uint32(), visible: at, Event: client.Event{
		ID: fmt.Sprintf("evt_%d_%d", w.random.Uint32(), len(w.events)), Type: "identity.verification_session." + kind,
		Created: client.Unix(at.Unix()), Object: s.Session,
	}}
	if w.latest > 0 && w.random.IntN(3) == 0 {
		e.visible = at.Add(time.Duration(w.random.Int64N(int64(w.latest))))
	}
	s.told = append(s.told, e)
	w.events = append(w.events, e)
	w.settle()
}

// change changes a session and tells of it if there is a kind of event for it.
func (w *truth) change(s *ward, kind string, to func(*client.Session)) {
	to(&s.Session)
	s.note(w.now())
	if kind == "" {
		s.silent = true
		return
	}
	w.raise(s, kind)
}

// redact hides what names a person, in the events too, and ends some time later.
func (w *truth) redact(s *ward, silent bool) {
	kind := ""
	if s.Status == client.StatusRequiresInput {
		kind = "canceled"
	}
	s.silent = s.silent || silent
	w.change(s, kind, func(s *client.Session) {
		if s.Status == client.StatusRequiresInput {
			s.Status, s.LastError = client.StatusCanceled, nil
		}
		s.Redaction, s.Metadata = &client.Redaction{Status: client.RedactionProcessing}, nil
	})
	s.done = w.now().Add(time.Duration(w.random.Int64N(int64(20 * time.Minute))))
	for _, e := range s.told {
		e.Object.Metadata = nil
	}
}

// settleRedactions ends those that are due.
func (w *truth) settleRedactions() {
	for _, s := range w.sessions {
		if !s.done.IsZero() && !w.now().Before(s.done) {
			s.done = time.Time{}
			w.change(s, "", func(s *client.Session) { s.Redaction = &client.Redaction{Status: client.RedactionRedacted} })
			if w.random.IntN(3) == 0 {
				w.raise(s, "redacted")
			}
		}
	}
}

// live is a session that is there and not redacted.
func (w *truth) live() *ward {
	for range 20 {
		if len(w.sessions) == 0 {
			break
		}
		n := len(w.sessions)
		if w.random.IntN(2) == 0 {
			n = min(n, 5) // again and again the same
		}
		if s := w.sessions[len(w.sessions)-1-w.random.IntN(n)]; !s.gone && s.Redaction == nil {
			return s
		}
	}
	s := w.create(w.now(), client.StatusRequiresInput)
	w.raise(s, "created")
	return s
}

var codesOfTruth = []string{"document_expired", "selfie_document_missing_photo", "abandoned"}

// move lets something happen to a session.
func (w *truth) move() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settleRedactions()
	switch roll := w.random.IntN(100); {
	case roll < 25:
		w.raise(w.create(w.now(), client.StatusRequiresInput), "created")
	case roll < 85:
		w.proceed(w.live())
	case roll < 89:
		if s := w.live(); s.Status != client.StatusProcessing {
			w.redact(s, s.Status == client.StatusVerified)
		}
	case roll < 95:
		user := fmt.Sprintf("renamed_%d", w.random.IntN(1000))
		w.change(w.live(), "", func(s *client.Session) {
			s.Metadata = map[string]string{"user_id": user}
		})
	case roll < 98:
		w.change(w.live(), "", func(s *client.Session) {
			s.Options = &client.Options{Document: &client.DocumentOptions{RequireMatchingSelfie: true}}
		})
	default:
		if w.random.IntN(4) == 0 {
			s := w.live()
			s.gone, s.silent = true, true
		}
	}
}

// proceed moves a session on as its person or Stripe does.
func (w *truth) proceed(s *ward) {
	switch s.Status {
	case client.StatusRequiresInput:
		if w.random.IntN(6) == 0 {
			w.change(s, "canceled", func(s *client.Session) { s.Status, s.LastError = client.StatusCanceled, nil })
			return
		}
		w.change(s, "processing", func(s *client.Session) { s.Status, s.LastError = client.StatusProcessing, nil })
	case client.StatusProcessing:
		code := pickOf(w.random, codesOfTruth...)
		if w.random.IntN(2) == 0 {
			report := w.report(s, w.now(), "")
			w.change(s, "verified", func(s *client.Session) { s.Status, s.LastReport = client.StatusVerified, report })
			return
		}
		report := w.report(s, w.now(), code)
		w.change(s, "requires_input", func(s *client.Session) {
			s.Status, s.LastReport, s.LastError = client.StatusRequiresInput, report, &client.CheckError{Code: code}
		})
	case client.StatusVerified: // turned round by hand
		if w.random.IntN(4) == 0 {
			w.change(s, "requires_input", func(s *client.Session) { s.Status = client.StatusRequiresInput })
		}
	}
}

// past fills the account with sessions of the last weeks, many of them in the
// same second.
func (w *truth) past(n int) {
	at := w.now().Add(-40 * 24 * time.Hour)
	for n > 0 {
		at = at.Add(time.Duration(w.random.Int64N(int64(80 * 24 * time.Hour / time.Duration(n+1)))))
		if at.After(w.now()) {
			return
		}
		together := pickOf(w.random, 1, 1, 1, 1, 3, 20, 150, 230)
		for range min(n, together) {
			s := w.create(at, pickOf(w.random, client.StatusVerified, client.StatusRequiresInput, client.StatusProcessing))
			for range w.random.IntN(3) {
				w.report(s, at, "document_expired")
			}
			n--
		}
	}
	slices.SortFunc(w.sessions, olderSession)
}
