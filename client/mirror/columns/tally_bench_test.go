package columns_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/columns"
)

// attempted are a million sessions of 60 days with 1.1 million attempts: the most
// that a tally of 30 days and the 30 before can have to count.
var attempted = sync.OnceValue(func() *columns.Columns {
	c, r := columns.New(), rand.New(rand.NewPCG(1, 2))
	c.Expect(million)
	now := client.Unix(start.Unix())
	at := func(n int) client.Unix { return now - client.Unix(million-n)*60*mirror.Day/million }
	for n := range uint32(million) {
		c.Append(mirror.Row{ID: fmt.Sprintf("vs_%08d", n), Created: at(int(n)), UserID: fmt.Sprint("user_", n), Since: at(int(n)).Time()})
	}
	codes := []string{"document_unverified_other", "document_expired", "selfie_face_mismatch", "selfie_manipulated", "id_number_mismatch"}
	countries := []string{"US", "DE", "PL", "FR", "GB", "ES", "IT", "BR"}
	for a := range uint32(million * 11 / 10) {
		n := a % million
		k := columns.AttemptKind{Reported: true, Doc: "id_card", Country: countries[r.IntN(len(countries))], Type: "document"}
		if r.IntN(5) == 0 {
			k.Failed, k.Code = true, codes[r.IntN(len(codes))]
		}
		c.PutAttempt(a, n, at(int(n))+20, k)
	}
	c.Tally(mirror.TallyRequest{From: now - 3600, Until: now, Step: 300})
	return c
})

// BenchmarkRise1M: what is counted once a minute to see what rose.
func BenchmarkRise1M(b *testing.B) {
	c, now := attempted(), client.Unix(start.Unix())
	for b.Loop() {
		c.Tally(mirror.TallyRequest{From: now - 3600, Until: now, Step: 300, Days: 14, Split: mirror.EverySplit})
	}
}

// BenchmarkInsights1M: 30 days and the 30 days before.
func BenchmarkInsights1M(b *testing.B) {
	c, now := attempted(), client.Unix(start.Unix())
	for b.Loop() {
		c.Tally(mirror.TallyRequest{From: now - 30*mirror.Day, Until: now, Step: mirror.Day, Days: 14, Split: mirror.SplitReason})
	}
}
