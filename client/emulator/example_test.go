package emulator_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/stripe/stripe-go/v85"

	"idtop/client/emulator"
)

// In a Go test the emulator is a handler like any other. Stripe's library calls it, and
// the test chooses how a verification ends, by a clock of its own.
func ExampleNew() {
	morning := time.Date(2026, 9, 21, 9, 0, 0, 0, time.UTC)
	server := httptest.NewServer(emulator.New(emulator.Config{Now: func() time.Time { return morning }}))
	defer server.Close()

	backends := stripe.NewBackendsWithConfig(&stripe.BackendConfig{URL: stripe.String(server.URL)})
	client := stripe.NewClient("sk_test_123", stripe.WithBackends(backends))
	sessions := client.V1IdentityVerificationSessions
	session, err := sessions.Create(context.Background(), &stripe.IdentityVerificationSessionCreateParams{
		Type:     stripe.String("document"),
		Metadata: map[string]string{"user_id": "ann_8392"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Status)

	answer, err := http.PostForm(server.URL+"/_emulator/sessions/"+session.ID+"/submit", url.Values{
		"outcome": {"requires_input"}, "code": {"document_expired"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()

	session, err = sessions.Retrieve(context.Background(), session.ID, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Status, session.LastError.Code)
	// Output:
	// requires_input
	// requires_input document_expired
}

// Without a network: the transport serves each request in the caller's goroutine.
func ExampleTransport() {
	server := emulator.New(emulator.Config{Sessions: 12})
	client := http.Client{Transport: emulator.Transport(server)}
	request, err := http.NewRequest(http.MethodGet, "http://emulator/v1/identity/verification_sessions?status=verified", nil)
	if err != nil {
		log.Fatal(err)
	}
	request.SetBasicAuth("sk_test_123", "")
	answer, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	fmt.Println(answer.Status)
	// Output: 200 OK
}
