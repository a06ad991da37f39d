package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
)

// testTally compares what a store counts with what was put into it, one by one.
func testTally(t *testing.T, b *bench) {
	r := rand.New(rand.NewPCG(7, 3))
	until := client.Unix(Start.Unix())
	codes := []string{"document_unverified_other", "document_expired", "selfie_manipulated", "a code of next year"}
	var made []naiveAttempt
	var batch mirror.Batch
	for n := range 400 {
		at := until - client.Unix(r.Int64N(int64(16*mirror.Day)))
		if r.IntN(3) == 0 {
			at = until - client.Unix(r.Int64N(7200))
		}
		s := Session(n, "ann", client.StatusRequiresInput, "consent_declined")
		s.Created = at - 60
		s.Options = &client.Options{Document: &client.DocumentOptions{RequireMatchingSelfie: r.IntN(2) == 0}}
		selfie := s.Options.Document.RequireMatchingSelfie
		if r.IntN(5) == 0 { // it failed before any check
			batch.Told = append(batch.Told, mirror.ChangeOf(s, client.StateFailed, at, mirror.Event))
			made = append(made, naiveAttempt{at: at, failed: true, key: mirror.Key{Reason: "consent_declined", Selfie: selfie}})
		} else {
			erased := r.IntN(10) == 0
			reports := 1 + r.IntN(3)
			for i := range reports {
				report := client.ReportFacts{
					ID: fmt.Sprint("vr_", n, "_", i), Session: s.ID, Created: at + client.Unix(i*40), Type: pick(r, "document", "id_number"),
					Flow: pick(r, "", "", "vf_1"), DocType: pick(r, "id_card", "passport", ""), Country: pick(r, "PL", "DE", ""),
				}
				a := naiveAttempt{at: report.Created, reported: true, alone: reports == 1, key: mirror.Key{Doc: report.DocType, Country: report.Country, Type: report.Type, Flow: report.Flow, Selfie: selfie}}
				if erased {
					a.key.Doc, a.key.Country = "", ""
				}
				check := client.CheckFacts{Kind: "document", Status: "verified"}
				if r.IntN(2) == 0 {
					check.Status, check.Code = "unverified", pick(r, codes...)
					a.failed, a.key.Reason = true, check.Code
				}
				report.Checks = []client.CheckFacts{check}
				batch.Reports, made = append(batch.Reports, report), append(made, a)
			}
			s.Status, s.LastError = client.StatusVerified, nil
			if erased {
				s = redacted(s, client.RedactionRedacted)
			}
		}
		batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: seen(0), Session: s})
	}
	epoch := b.lead()
	b.commit(epoch, batch)
	b.find(mirror.Request{Rows: 1}) // waits until all is read
	for range rounds(200) {
		step := client.Unix(pick(r, 300, 3600, 6*3600, 24*3600))
		request := mirror.TallyRequest{Step: step, Days: r.IntN(15), Split: mirror.Split(r.IntN(int(mirror.EverySplit) + 1)), Until: until - client.Unix(r.IntN(3))*step}
		request.From = request.Until - step*client.Unix(1+r.IntN(30))
		got, err := b.store.Tally(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if want := tallyOf(made, request); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v:\ngot  %+v\nwant %+v", request, got, want)
		}
	}
}

// naiveAttempt is an attempt as the slow and obvious count has it.
type naiveAttempt struct {
	at       client.Unix
	failed   bool
	reported bool
	alone    bool // it is the only one of its session
	key      mirror.Key
}

// tallyOf counts attempts in the slow and obvious way.
func tallyOf(made []naiveAttempt, r mirror.TallyRequest) mirror.Tally {
	outcomes := func(from, until client.Unix) (o mirror.Outcomes) {
		for _, a := range made {
			switch {
			case a.at < from || a.at >= until:
			case a.failed && a.reported:
				o.Failed++
			case a.failed:
				o.Failed, o.Unreported = o.Failed+1, o.Unreported+1
			default:
				o.Verified++
				if a.alone {
					o.AtOnce++
				}
			}
		}
		return o
	}
	tally := mirror.Tally{TallyRequest: r}
	length := r.Until - r.From
	for from := r.From; from < r.Until; from += r.Step {
		step := mirror.Step{Outcomes: outcomes(from, from+r.Step), Before: outcomes(from-length, from-length+r.Step), Days: []mirror.Outcomes{}}
		for day := range client.Unix(r.Days) {
			step.Days = append(step.Days, outcomes(from-(day+1)*mirror.Day, from-(day+1)*mirror.Day+r.Step))
		}
		tally.Steps = append(tally.Steps, step)
	}
	keys := map[mirror.Key]bool{}
	for _, a := range made {
		counted := a.at >= r.From-length && a.at < r.Until
		for day := range client.Unix(r.Days) {
			counted = counted || a.at >= r.From-(day+1)*mirror.Day && a.at < r.Until-(day+1)*mirror.Day
		}
		if a.failed && counted {
			keys[a.key.Only(r.Split)] = true
		}
	}
	for key := range keys {
		count := func(from, until client.Unix) (n int) {
			for _, a := range made {
				if a.failed && a.key.Only(r.Split) == key && a.at >= from && a.at < until {
					n++
				}
			}
			return n
		}
		group := mirror.Group{Key: key, Failed: count(r.From, r.Until), Before: count(r.From-length, r.From)}
		for from := r.From; from < r.Until; from += r.Step {
			group.Steps = append(group.Steps, count(from, from+r.Step))
		}
		if length <= mirror.Day {
			group.Days = []int{}
			for day := range client.Unix(r.Days) {
				group.Days = append(group.Days, count(r.From-(day+1)*mirror.Day, r.Until-(day+1)*mirror.Day))
			}
		}
		tally.Groups = append(tally.Groups, group)
	}
	mirror.SortGroups(tally.Groups)
	return tally
}
