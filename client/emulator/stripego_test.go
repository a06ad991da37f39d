package emulator

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85"
)

// account is a server on a loopback address with Stripe's own Go client.
type account struct {
	*stripe.Client
	t   *testing.T
	url string
	hc  *http.Client
}

func newAccount(t *testing.T, cfg Config, key string) account {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = fixedClock
	}
	server := httptest.NewServer(New(cfg))
	t.Cleanup(server.Close)
	backends := stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: stripe.String(server.URL), HTTPClient: server.Client(), MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry: stripe.Bool(false), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	return account{stripe.NewClient(key, stripe.WithBackends(backends)), t, server.URL, server.Client()}
}

// control calls a control of the emulator; params are name, value, name, value.
func (a account) control(path string, params ...string) {
	a.t.Helper()
	form := url.Values{}
	for i := 0; i < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	r, err := a.hc.PostForm(a.url+controlPrefix+path, form)
	if err != nil {
		a.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		a.t.Fatal(path, params, r.Status)
	}
}

// retrieve reads a session with everything that there is to expand.
func (a account) retrieve(id string) *stripe.IdentityVerificationSession {
	a.t.Helper()
	params := &stripe.IdentityVerificationSessionRetrieveParams{}
	for one := range strings.SplitSeq(everyExpand, "&") {
		params.AddExpand(strings.TrimPrefix(one, "expand[]="))
	}
	s, err := a.V1IdentityVerificationSessions.Retrieve(a.t.Context(), id, params)
	if err != nil {
		a.t.Fatal(err)
	}
	return s
}

// The life of a session with Stripe's own client, in its own types.
func TestStripeGoLivesASession(t *testing.T) {
	t.Parallel()
	a := newAccount(t, Config{RedactionDelay: time.Hour}, restrictedKey)
	ctx, sessions := t.Context(), a.V1IdentityVerificationSessions
	create := &stripe.IdentityVerificationSessionCreateParams{
		Type: stripe.String("document"), ClientReferenceID: stripe.String("ref_1"), ReturnURL: stripe.String("https://a.example/back"),
		Metadata: map[string]string{"user_id": "ann_1", "note": "a=b&c"}, RelatedCustomer: stripe.String("cus_1"),
		Options: &stripe.IdentityVerificationSessionCreateOptionsParams{Document: &stripe.IdentityVerificationSessionCreateOptionsDocumentParams{
			AllowedTypes: stripe.StringSlice([]string{"passport", "id_card"}), RequireMatchingSelfie: stripe.Bool(true), RequireIDNumber: stripe.Bool(true),
		}},
		ProvidedDetails: &stripe.IdentityVerificationSessionCreateProvidedDetailsParams{Email: stripe.String("ann@example.com")},
		RelatedPerson:   &stripe.IdentityVerificationSessionCreateRelatedPersonParams{Account: stripe.String("acct_1"), Person: stripe.String("person_1")},
	}
	create.SetIdempotencyKey("create ann")
	s, err := sessions.Create(ctx, create)
	if err != nil {
		t.Fatal(err)
	}
	d := s.Options.Document
	if s.Status != stripe.IdentityVerificationSessionStatusRequiresInput || s.URL == "" || s.ClientSecret == "" || s.Metadata["note"] != "a=b&c" ||
		s.ClientReferenceID != "ref_1" || s.RelatedCustomer != "cus_1" || s.RelatedPerson.Person != "person_1" || s.Type != stripe.IdentityVerificationSessionTypeDocument ||
		!d.RequireMatchingSelfie || d.RequireLiveCapture || len(d.AllowedTypes) != 2 || s.LastError != nil || s.Created != started.Unix() {
		t.Fatalf("%+v", s)
	}
	again, err := sessions.Create(ctx, create)
	if err != nil || again.ID != s.ID || again.LastResponse.Header.Get("Idempotent-Replayed") != "true" {
		t.Fatal("not replayed:", again, err)
	}
	update := &stripe.IdentityVerificationSessionUpdateParams{
		Options:         &stripe.IdentityVerificationSessionUpdateOptionsParams{},
		ProvidedDetails: &stripe.IdentityVerificationSessionUpdateProvidedDetailsParams{Phone: stripe.String("+15550100")},
	}
	update.Options.AddUnsetField(stripe.IdentityVerificationSessionUpdateOptionsParamsUnsetFieldDocument)
	update.AddMetadata("note", "")
	if s, err = sessions.Update(ctx, s.ID, update); err != nil || len(s.Metadata) != 1 || s.Options.Document.RequireMatchingSelfie {
		t.Fatal(s, err)
	}

	a.control("sessions/"+s.ID+"/submit", "outcome", "requires_input", "code", "document_expired", "delay", "30s")
	if s = a.retrieve(s.ID); s.Status != stripe.IdentityVerificationSessionStatusProcessing || s.URL != "" {
		t.Fatalf("%+v", s)
	}
	a.control("clock", "advance", "30s")
	s = a.retrieve(s.ID)
	if s.LastError == nil || s.LastError.Code != stripe.IdentityVerificationSessionLastErrorCodeDocumentExpired || s.LastError.Reason == "" ||
		s.LastVerificationReport.Document.Status != stripe.IdentityVerificationReportDocumentStatusUnverified ||
		s.LastVerificationReport.Document.Error.Code != stripe.IdentityVerificationReportDocumentErrorCodeDocumentExpired {
		t.Fatalf("%+v", s)
	}
	a.control("sessions/"+s.ID+"/submit", "outcome", "verified")
	s = a.retrieve(s.ID)
	o, report := s.VerifiedOutputs, s.LastVerificationReport
	if s.Status != stripe.IdentityVerificationSessionStatusVerified || o.FirstName == "" || o.DOB == nil || o.DOB.Year < 1900 || s.LastError != nil ||
		report.Document.DOB == nil || report.Document.ExpirationDate == nil || len(report.Document.Files) == 0 || report.VerificationSession != s.ID ||
		s.ProvidedDetails.Email != "ann@example.com" || s.ProvidedDetails.Phone != "+15550100" {
		t.Fatalf("%+v %+v", s, o)
	}
	a.seeTheImages(report)
	a.endTheSession(s)
}

// seeTheImages opens an image of a report for 30 seconds.
func (a account) seeTheImages(report *stripe.IdentityVerificationReport) {
	t := a.t
	t.Helper()
	f, err := a.V1Files.Retrieve(t.Context(), report.Document.Files[0], nil)
	if err != nil || f.Purpose != stripe.FilePurposeIdentityDocumentDownloadable || f.URL == "" {
		t.Error(f, err)
	}
	l, err := a.V1FileLinks.Create(t.Context(), &stripe.FileLinkCreateParams{File: stripe.String(f.ID), ExpiresAt: stripe.Int64(started.Unix() + 60)})
	if err != nil || l.File.ID != f.ID || l.Expired || l.ExpiresAt != started.Unix()+60 {
		t.Error(l, err)
	}
	picture, err := a.hc.Get(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Body.Close()
	if body, err := io.ReadAll(picture.Body); err != nil || picture.StatusCode != http.StatusOK || int64(len(body)) != f.Size {
		t.Error(picture.Status, len(body), f.Size, err)
	}
}

// endTheSession redacts a verified session and checks the remaining fields.
func (a account) endTheSession(s *stripe.IdentityVerificationSession) {
	t, ctx := a.t, a.t.Context()
	t.Helper()
	if r, err := a.V1IdentityVerificationSessions.Redact(ctx, s.ID, nil); err != nil || r.Redaction.Status != stripe.IdentityVerificationSessionRedactionStatusProcessing {
		t.Fatal(r, err)
	}
	a.control("clock", "advance", "1h")
	r := a.retrieve(s.ID)
	if r.Redaction.Status != stripe.IdentityVerificationSessionRedactionStatusRedacted || r.VerifiedOutputs.FirstName != redactedText || len(r.Metadata) != 0 ||
		r.VerifiedOutputs.DOB.Year != 1 || r.VerifiedOutputs.Sex != stripe.IdentityVerificationSessionVerifiedOutputsSexRedacted || r.ProvidedDetails.Email != redactedText {
		t.Errorf("%+v %+v", r, r.VerifiedOutputs)
	}
	var types []string
	for e, err := range a.V1Events.List(ctx, &stripe.EventListParams{Types: stripe.StringSlice([]string{
		eventPrefix + "created", eventPrefix + "processing", eventPrefix + "requires_input", eventPrefix + "verified", eventPrefix + "redacted",
	})}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Data.Object["id"] != s.ID || strings.Contains(string(e.Data.Raw), "ann") {
			t.Errorf("event %s: %s", e.ID, e.Data.Raw)
		}
		types = append(types, strings.TrimPrefix(string(e.Type), eventPrefix))
	}
	if want := []string{"verified", "processing", "requires_input", "processing", "created"}; !slices.Equal(types, want) {
		t.Errorf("events %v, want %v", types, want)
	}
	reports := 0
	list := &stripe.IdentityVerificationReportListParams{VerificationSession: stripe.String(s.ID)}
	for one, err := range a.V1IdentityVerificationReports.List(ctx, list).All(ctx) {
		if err != nil || one.Document.FirstName != redactedText && one.Document.FirstName != "" {
			t.Error(one, err)
		}
		reports++
	}
	if reports != 2 {
		t.Error(reports, "reports")
	}
}

// Lists page by themselves, in both directions and with filters.
func TestStripeGoPages(t *testing.T) {
	t.Parallel()
	a := newAccount(t, Config{Sessions: 230, Seed: 3}, secretKey)
	ctx := t.Context()
	all := func(params *stripe.IdentityVerificationSessionListParams) (found []string) {
		for s, err := range a.V1IdentityVerificationSessions.List(ctx, params).All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, s.ID)
		}
		return found
	}
	down := all(&stripe.IdentityVerificationSessionListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(7)}})
	up := all(&stripe.IdentityVerificationSessionListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100), EndingBefore: stripe.String(down[len(down)-1])}})
	slices.Reverse(up)
	if len(down) != 230 || !slices.Equal(up, down[:229]) {
		t.Error(len(down), "down,", len(up), "up, or in another order")
	}
	verified := all(&stripe.IdentityVerificationSessionListParams{Status: stripe.String("verified"),
		CreatedRange: &stripe.RangeQueryParams{LesserThan: started.Add(-24 * time.Hour).Unix()}})
	if len(verified) == 0 || len(verified) > 220 {
		t.Error(len(verified), "verified ones")
	}
}

// Refusals are decoded by Stripe's client as its own errors.
func TestStripeGoErrors(t *testing.T) {
	t.Parallel()
	a := newAccount(t, Config{}, "rk_test_write_files_1")
	ctx, sessions := t.Context(), a.V1IdentityVerificationSessions
	s, err := sessions.Create(ctx, &stripe.IdentityVerificationSessionCreateParams{Type: stripe.String("document")})
	if err != nil {
		t.Fatal(err)
	}
	a.control("sessions/"+s.ID+"/submit", "outcome", "verified")
	fault := func(mode string) func() error {
		return func() error {
			a.control("fault", "mode", mode, "count", "1")
			_, err := sessions.Cancel(ctx, s.ID, nil)
			return err
		}
	}
	for name, test := range map[string]struct {
		ask    func() error
		status int
		kind   stripe.ErrorType
		code   stripe.ErrorCode
		param  string
	}{
		"not found": {func() error { _, err := sessions.Retrieve(ctx, "vs_x", nil); return err }, 404, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeResourceMissing, "session"},
		"state":     {func() error { _, err := sessions.Cancel(ctx, s.ID, nil); return err }, 400, stripe.ErrorTypeInvalidRequest, "", ""},
		"missing": {func() error {
			_, err := sessions.Create(ctx, &stripe.IdentityVerificationSessionCreateParams{})
			return err
		}, 400, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeParameterMissing, "type"},
		"permission": {func() error { _, err := a.V1Events.Retrieve(ctx, "evt_x", nil); return err }, 403, stripe.ErrorTypeInvalidRequest, "", ""},
		"rate":       {fault("429"), 429, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeRateLimit, ""},
		"lock":       {fault("429_lock"), 429, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeLockTimeout, ""},
		"conflict":   {fault("409"), 409, stripe.ErrorTypeIdempotency, stripe.ErrorCodeIdempotencyKeyInUse, ""},
		"server":     {fault("500"), 500, stripe.ErrorTypeAPI, "", ""},
		"of the keys": {func() error {
			_, err := newAccount(t, Config{}, "sk_test_").V1Events.Retrieve(ctx, "evt_x", nil)
			return err
		}, 401, stripe.ErrorTypeInvalidRequest, "", ""},
	} {
		var e *stripe.Error
		if err := test.ask(); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		} else if e.HTTPStatusCode != test.status || e.Type != test.kind || e.Code != test.code || e.Param != test.param || e.Msg == "" || !strings.HasPrefix(e.RequestID, "req_") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
