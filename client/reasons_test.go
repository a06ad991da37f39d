package client_test

import (
	"regexp"
	"strings"
	"testing"

	"idtop/client"
)

const sessionID = "vs_1NuNAILkdIwHu7ixh7OtGMLw"

// codes are all that Stripe publishes for sessions and checks, and two that
// only its prose mentions.
var codes = strings.Fields(`abandoned consent_declined country_not_supported device_not_supported under_supported_age
	document_expired document_type_not_supported document_unverified_other email_unverified_other email_verification_declined
	id_number_insufficient_document_data id_number_mismatch id_number_unverified_other phone_unverified_other
	phone_verification_declined selfie_document_missing_photo selfie_face_mismatch selfie_manipulated selfie_unverified_other
	document_type_not_allowed address_mismatch`)

func TestReasons(t *testing.T) {
	sentence := regexp.MustCompile(`^[A-Z].*\.$`)
	known := map[string]bool{}
	for _, r := range client.Reasons {
		known[r.Code] = true
		if r != client.ReasonOf(r.Code) {
			t.Errorf("%s is there twice", r.Code)
		}
		if r.Label == "" || len(r.Label) > 24 || strings.ToLower(r.Label) != strings.ReplaceAll(r.Label, "ID", "id") {
			t.Errorf("%s: the label %q does not fit the list", r.Code, r.Label)
		}
		if !sentence.MatchString(r.What) || !sentence.MatchString(r.Next) || len(r.What) > 120 || len(r.Next) > 130 {
			t.Errorf("%s: %q, %q", r.Code, r.What, r.Next)
		}
		first := map[client.Mover]string{client.MoverUser: "User: ", client.MoverOperator: "You: "}[r.Mover]
		if first == "" || !strings.HasPrefix(r.Next, first) {
			t.Errorf("%s: the move is the %s's, but what comes next is %q", r.Code, r.Mover, r.Next)
		}
	}
	for _, code := range codes {
		if !known[code] {
			t.Errorf("%s is missing", code)
		}
	}
	if len(known) != len(codes) {
		t.Errorf("the catalogue has %d codes, want %d", len(known), len(codes))
	}
}

func TestUnknownReason(t *testing.T) {
	if r := client.ReasonOf("brand_new"); r.Label != "brand_new" || r.Code != "brand_new" || r.What == "" || r.Next == "" || r.Mover != client.MoverOperator {
		t.Errorf("got %+v", r)
	}
	if r := client.ReasonOf(""); r != (client.Reason{}) {
		t.Errorf("got %+v", r)
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{client.CheckName("document"), "document"},
		{client.CheckName("selfie"), "selfie"},
		{client.CheckName("id_number"), "ID number"},
		{client.CheckName("email"), "e-mail address"},
		{client.CheckName("phone"), "phone number"},
		{client.CheckName("fingerprint"), "fingerprint"},
		{client.MoverNobody.String() + client.MoverUser.String() + client.MoverOperator.String(), "nobodyuseroperator"},
		{client.RetryYes.String(), "yes"},
		{client.RetryMaybe.String(), "maybe"},
		{client.RetryNo.String(), "no"},
		{client.ReasonOf("consent_declined").Retry.String(), "if they change their mind"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		key := client.NewIdempotencyKey()
		if !form.MatchString(key) || seen[key] {
			t.Fatalf("got %s", key)
		}
		seen[key] = true
	}
}

func TestDashboardURL(t *testing.T) {
	for _, test := range []struct {
		id, want string
		live     bool
	}{
		{sessionID, "https://dashboard.stripe.com/identity/verification-sessions/" + sessionID, true},
		{sessionID, "https://dashboard.stripe.com/test/identity/verification-sessions/" + sessionID, false},
		{sessionID + "/../../x", "", false},
		{"", "", true},
	} {
		got, err := client.DashboardURL(test.id, test.live)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q: got %q, %v", test.id, got, err)
		}
	}
}
