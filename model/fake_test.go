package model

import (
	"context"
	"sync"
	"time"

	"idtop/client"
)

// fakeAPI answers from a map and counts what it was asked. The whole program is
// tested against the emulator elsewhere; here only the model is.
type fakeAPI struct {
	client.API
	mu       sync.Mutex
	sessions map[string]client.Session
	posts    []string // "cancel vs_..."
	created  []client.Session
	gets     int
	err      error         // what every call answers
	lost     error         // what a POST answers although it took effect
	delay    time.Duration // how long a POST takes
}

func (f *fakeAPI) put(s client.Session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions[s.ID] = s
}

func (f *fakeAPI) Account(context.Context) (client.Account, error) {
	return client.Account{ID: "acct_1", Name: "Acme Inc"}, nil
}

func (f *fakeAPI) GetSession(_ context.Context, id string, expand ...string) (client.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gets++
	s, ok := f.sessions[id]
	switch {
	case f.err != nil:
		return client.Session{}, f.err
	case !ok:
		return client.Session{}, &client.Error{Kind: client.KindNotFound, Op: "read session", ID: id}
	}
	if len(expand) > 0 && s.Status == client.StatusVerified {
		s.VerifiedOutputs = &client.VerifiedOutputs{FirstName: "Jenny", LastName: "Rosen"}
	}
	return s, nil
}

func (f *fakeAPI) ListReports(context.Context, client.ReportListParams) (client.Page[client.Report], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return client.Page[client.Report]{}, f.err
}

func (f *fakeAPI) ListReportFacts(context.Context, client.ReportListParams) (client.Page[client.ReportFacts], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return client.Page[client.ReportFacts]{}, f.err
}

func (f *fakeAPI) CancelSession(_ context.Context, id, _ string) (client.Session, error) {
	return f.post("cancel", id, func(s *client.Session) { s.Status, s.LastError = client.StatusCanceled, nil })
}

func (f *fakeAPI) RedactSession(_ context.Context, id, _ string) (client.Session, error) {
	return f.post("redact", id, func(s *client.Session) {
		s.Redaction, s.Metadata = &client.Redaction{Status: client.RedactionProcessing}, nil
	})
}

func (f *fakeAPI) post(verb, id string, change func(*client.Session)) (client.Session, error) {
	time.Sleep(f.delay)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.posts = append(f.posts, verb+" "+id)
	if f.err != nil {
		return client.Session{}, f.err
	}
	s := f.sessions[id]
	change(&s)
	f.sessions[id] = s
	return s, f.lost
}

func (f *fakeAPI) SessionLink(_ context.Context, id string) (client.Private, error) {
	return client.Private("https://verify.stripe.com/start/" + id), nil
}

func (f *fakeAPI) CreateSession(_ context.Context, p client.SessionCreateParams, _ string) (client.Session, error) {
	time.Sleep(f.delay)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return client.Session{}, f.err
	}
	s := session(1000+len(f.created), "", client.StatusRequiresInput, "")
	s.Metadata = p.Metadata
	f.created = append(f.created, s)
	f.sessions[s.ID] = s
	return s, nil
}
