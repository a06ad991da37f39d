package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// Apply records sessions as news from the time at after Start.
func Apply(t testing.TB, store mirror.Store, at time.Duration, sessions ...client.Session) {
	t.Helper()
	if err := store.Apply(context.Background(), mirror.Origin{At: Start.Add(at), News: true}, sessions...); err != nil {
		t.Fatal(err)
	}
}

// Get returns the row of a session that must exist.
func Get(t testing.TB, store mirror.Store, id string) mirror.Row {
	t.Helper()
	row, ok, err := store.Get(context.Background(), id)
	if err != nil || !ok {
		t.Fatalf("%s: %v %v", id, ok, err)
	}
	return row
}

// Find returns a page.
func Find(t testing.TB, store mirror.Store, request mirror.Request) mirror.Page {
	t.Helper()
	page, err := store.Find(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// Crowd makes sessions as a real account has them, newest first: user_ids of the
// usual shapes, some with several sessions.
type Crowd struct {
	random *rand.Rand
	users  []string
}

// NewCrowd returns the same crowd each time.
func NewCrowd() *Crowd { return &Crowd{random: rand.New(rand.NewPCG(42, 0))} }

// Base62 is the alphabet of Stripe's ids.
const Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Letters returns n random letters of an alphabet.
func (c *Crowd) Letters(n int, alphabet string) string {
	letters := make([]byte, n)
	for i := range letters {
		letters[i] = alphabet[c.random.IntN(len(alphabet))]
	}
	return string(letters)
}

func (c *Crowd) user() string {
	if len(c.users) > 1000 && c.random.IntN(100) < 12 {
		return c.users[c.random.IntN(len(c.users))]
	}
	var user string
	switch p := c.random.IntN(100); {
	case p < 40:
		user = fmt.Sprint("user_", 100_000+c.random.IntN(99_900_000))
	case p < 65:
		user = "cus_" + c.Letters(14, Base62)
	case p < 85:
		hex := c.Letters(32, "0123456789abcdef")
		user = strings.Join([]string{hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:]}, "-")
	default:
		user = c.Letters(5+c.random.IntN(6), "abcdefghijklmnoprstuvw") + "@gmail.com"
	}
	if len(c.users) < 1<<16 {
		c.users = append(c.users, user)
	} else {
		c.users[c.random.IntN(len(c.users))] = user
	}
	return user
}

// Codes are the failure codes of a crowd's sessions.
var Codes = []string{
	"document_expired", "document_unverified_other", "selfie_face_mismatch", "consent_declined", "abandoned", "device_not_supported",
	"document_type_not_supported", "id_number_mismatch", "selfie_document_missing_photo", "under_supported_age",
}

// Session makes the n-th newest session.
func (c *Crowd) Session(n int) client.Session {
	s := client.Session{
		ID: "vs_1" + c.Letters(23, Base62), Created: client.Unix(Start.Unix() - int64(n)*3 - int64(c.random.IntN(3))),
		Type: []string{"document", "id_number"}[c.random.IntN(8)/7], Livemode: true, Status: client.StatusVerified,
		ClientReferenceID: fmt.Sprintf("order-%06d", c.random.IntN(1e6)), Metadata: map[string]string{"user_id": c.user()},
	}
	switch p := c.random.IntN(100); {
	case p < 9:
		s.Status, s.LastError = client.StatusRequiresInput, &client.CheckError{Code: Codes[c.random.IntN(len(Codes))]}
	case p < 14:
		s.Status = client.StatusRequiresInput
	case p < 15:
		s.Status = client.StatusProcessing
	case p < 20:
		s.Status = client.StatusCanceled
	}
	return s
}

// Reports makes the reports of a session that has one: of every seventh an earlier attempt
// failed.
func (c *Crowd) Reports(s client.Session) (reports []client.ReportFacts) {
	document := func(id string, at client.Unix, code string) client.ReportFacts {
		check := client.CheckFacts{Kind: "document", Status: "verified"}
		if code != "" {
			check.Status, check.Code = "unverified", code
		}
		countries := [...]string{"PL", "DE", "US", "FR", "GB", "ES", "IT", "NL", "KR", "JP", "MX", "IN"}
		return client.ReportFacts{
			ID: id, Session: s.ID, Created: at, Type: s.Type, Checks: []client.CheckFacts{check},
			DocType: [...]string{"passport", "id_card", "driving_license"}[c.random.IntN(3)], Country: countries[c.random.IntN(len(countries))],
		}
	}
	if c.random.IntN(7) == 0 {
		reports = append(reports, document("vr_1"+c.Letters(23, Base62), s.Created+60, Codes[c.random.IntN(len(Codes))]))
	}
	return append(reports, document(string(s.LastReport), s.Created+120, s.ErrorCode()))
}
