package emulator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v85"
)

// A back end sets up webhook endpoints and the keys of its app with Stripe's own client. The operations that Stripe has not are reached by its raw requests.
func TestStripeGoSetsUp(t *testing.T) {
	t.Parallel()
	a := newAccount(t, Config{}, secretKey)
	ctx := t.Context()
	e, err := a.V1WebhookEndpoints.Create(ctx, &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(hookURL), EnabledEvents: stripe.StringSlice([]string{eventPrefix + "verified", "customer.created"}), Description: stripe.String("first"),
	})
	if err != nil || !strings.HasPrefix(e.Secret, "whsec_") || e.Status != "enabled" || len(e.EnabledEvents) != 2 {
		t.Fatal(e, err)
	}
	if e, err = a.V1WebhookEndpoints.Update(ctx, e.ID, &stripe.WebhookEndpointUpdateParams{Disabled: stripe.Bool(true)}); err != nil || e.Status != "disabled" || e.Secret != "" {
		t.Error(e, err)
	}
	n := 0
	for one, err := range a.V1WebhookEndpoints.List(ctx, nil).All(ctx) {
		if err != nil || one.ID != e.ID {
			t.Error(one, err)
		}
		n++
	}
	if gone, err := a.V1WebhookEndpoints.Delete(ctx, e.ID, nil); err != nil || !gone.Deleted || n != 1 {
		t.Error(gone, err, n)
	}

	s, err := a.V1IdentityVerificationSessions.Create(ctx, &stripe.IdentityVerificationSessionCreateParams{Type: stripe.String("document")})
	if err != nil {
		t.Fatal(err)
	}
	k, err := a.V1EphemeralKeys.Create(ctx, &stripe.EphemeralKeyCreateParams{VerificationSession: stripe.String(s.ID), StripeVersion: stripe.String(stripe.APIVersion)})
	if err != nil || !strings.HasPrefix(k.Secret, "ek_test_") {
		t.Fatal(k, err)
	}
	if ended, err := a.V1EphemeralKeys.Delete(ctx, k.ID, nil); err != nil || ended.Expires != started.Unix() {
		t.Error(ended, err)
	}
	backend := stripe.NewBackendsWithConfig(&stripe.BackendConfig{URL: &a.url, HTTPClient: a.hc, MaxNetworkRetries: stripe.Int64(0),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}}).API.(stripe.RawRequestBackend)
	raw, err := backend.RawRequest(http.MethodPost, aliasPath+s.ID+"/submit", secretKey, "outcome=verified&person=jenny", nil)
	if err != nil || raw.Header.Get(aliasHeader) != "true" || !strings.Contains(string(raw.RawJSON), `"status":"verified"`) {
		t.Error(raw, err)
	}
	_, err = backend.RawRequest(http.MethodPost, aliasPath+s.ID+"/submit", secretKey, "outcome=verified", nil)
	if refused, ok := err.(*stripe.Error); !ok || refused.Type != stripe.ErrorTypeInvalidRequest || !strings.Contains(refused.Msg, "can't be submitted") {
		t.Error(err)
	}
}
