package columns_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"idtop/client"
	"idtop/client/insights"
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
		row := mirror.Row{ID: fmt.Sprintf("vs_%08d", n), Created: at(int(n)), UserID: fmt.Sprint("user_", n), Since: at(int(n)).Time(), State: client.StateVerified}
		if n%8 == 0 {
			row.State, row.ErrorCode = client.StateFailed, "document_expired"
		}
		c.Append(row)
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

// counting is a store of columns that are only read.
type counting struct {
	mirror.Store
	c *columns.Columns
}

func (c counting) Tally(_ context.Context, r mirror.TallyRequest) (mirror.Tally, error) {
	return c.c.Tally(r), nil
}

// Stays are not in the columns: client/mirror/sqlite measures them.
func (c counting) Stays(context.Context, client.Unix, client.Unix) (mirror.Lengths, error) {
	return nil, nil
}

func (c counting) Find(ctx context.Context, r mirror.Request) (mirror.Page, error) {
	found, err := c.c.Find(ctx, r)
	if err != nil {
		return mirror.Page{}, err
	}
	return found.Page(r, c.c.Row), nil
}

// BenchmarkInsights1M: the whole page of 30 days and the 30 days before, with what needs
// somebody.
func BenchmarkInsights1M(b *testing.B) {
	store, known := counting{c: attempted()}, insights.Known{Kept: mirror.KeptAll, Reports: 1}
	for b.Loop() {
		b.StopTimer()
		row := store.c.Row(0) // another reference: what was found before is forgotten
		row.Reference += "x"
		store.c.Set(0, row)
		b.StartTimer()
		in, err := insights.Read(b.Context(), store, insights.Request{
			Window: insights.Windows[3], Split: insights.Splits[0], Now: start, Rule: insights.UsualRule, Known: known,
		})
		if err != nil || in.Sum.Failed == 0 {
			b.Fatal(in.Sum, err)
		}
	}
}
