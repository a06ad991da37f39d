package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// rounds tells how often a random step is taken: as said, a quarter with -short, and less
// under the race detector, as one goroutine takes the steps.
func rounds(whole int) int {
	switch {
	case raceEnabled:
		return whole / 15
	case testing.Short():
		return whole / 4
	}
	return whole
}

// testAnything takes random steps with the store and with a naive one, and compares
// all answers.
func testAnything(t *testing.T, b *bench) {
	p := &play{bench: b, model: newNaive(), random: rand.New(rand.NewPCG(4, 2))}
	for range rounds(600) {
		p.step()
		for range 3 {
			p.ask()
		}
		if t.Failed() {
			t.Fatalf("after:\n%s", p.last)
		}
	}
}

// play is one run of testAnything.
type play struct {
	*bench
	model  *naive
	random *rand.Rand
	now    time.Duration
	again  mirror.Request // asked before
	last   string         // the last step, to find a mistake
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

var (
	users = []string{
		"", "", "ann", "Ann", "joann", "ann_8392", "bob", "bob@mail.example", "zoë", "ﬁ", "K", "a-very-long-one_0123456789_0123456789_0123456789_0123456789",
		"cus_9s6XKz", "zoe\u0308_2", "zoë_2 ", "аnn", "with space", "with  Space", "nul\x00here", "e8b0fcf6-50aa",
	}
	searches = []string{"expired", "doc", "selfie ann", "an exp", "year", "manipulated", "", "a", "an", "ann", "nn8", "bo", "B", "@", "zoë", "k", "0", "ref", "REF-1", "ref-é", "vs", "vs_0", "_00", "00001", "ann bob", "an 9", "ann ref-1", "x y z", "ﬁ", "e8", "fi", "zoe", "cus_nobody", "Nobody2", "an nobody1"}
	codes    = []string{"", "", "document_expired", "selfie_manipulated", "a code of next year"}
)

// terms are what random queries are made of, beside searches.
var terms = []string{
	"state:failed", "state:waiting,redact*", "-state:failed", "status:requires_input", "status:UNHEARD_OF", `status:""`, "reason:document_expired", "reason:*", `reason:""`,
	`reason:"document expired"`, `reason:"a code of next year",selfie_*`, "type:document", `type:""`, "type:id*", "redacted:yes", "redacted:no", "redacted:*", "stuck:yes", "-stuck:yes", "stuck:no",
	"tries:1", "tries:>=3", "tries:0", "tries:..1,3..", "age:>5s", "age:<10s", "age:3s..12s", "since:<3s", "since:>8s", "-since:<1m", "since:today", "created:today", "created:<today",
	"created:2026", "created:..2025", "user:ann", "user:Ann,bob", "user:an*", "user:*", `user:""`, "user:?nn", `user:"with space"`, "user:*8392", "user:zo*", "-user:ann",
	"doc:passport", "-doc:passport", "doc:*", `doc:""`, "country:pl,de", "-country:*", "check:selfie", "check:*", `check:""`, "attempts:1", "attempts:0", "-attempts:>=2", "attempts:2..",
	"flow:vf_*", `flow:""`, "-flow:vf_2", "ref:ref-1", "ref:*-1*", `ref:""`, "ref:REF*", "id:vs_00001", "id:vs_*1", "id:*s_*", "id:odd*", "id:*", "customer:cus_*", `customer:""`, "customer:cus_Nobody1", "state:nonsense", "age:soon",
}

// line makes a search line of some parts.
func (p *play) line(depth int) string {
	r := p.random
	switch n := r.IntN(12); {
	case n < 3 || depth == 0 && n < 6:
		return pick(r, searches...)
	case n < 7 || depth == 0:
		return pick(r, terms...)
	case n < 9:
		return p.line(depth-1) + " " + p.line(depth-1)
	case n < 10:
		return "(" + p.line(depth-1) + " OR " + p.line(depth-1) + ")"
	case n < 11:
		return "NOT (" + p.line(depth-1) + " OR " + p.line(depth-1) + ")"
	}
	return "NOT " + p.line(depth-1)
}

const most = 60 // the number of sessions

// Session makes an answer about a random session.
func (p *play) Session() client.Session {
	r := p.random
	n := r.IntN(most)
	s := Session(n, pick(r, append(users, fmt.Sprint("user_", n))...), pick(r, client.StatusRequiresInput, client.StatusRequiresInput,
		client.StatusProcessing, client.StatusVerified, client.StatusCanceled, "unheard_of"), pick(r, codes...))
	s.Created = client.Unix(Start.Unix() + int64(n/3)) // several in one second
	s.VerificationFlow = pick(r, "", "", "vf_1", "vf_2")
	s.Type, s.Livemode = pick(r, "document", "id_number", ""), r.IntN(2) == 0
	s.LastReport, s.RelatedCustomer = pick(r, client.Ref(""), "vr_1", client.Ref(fmt.Sprint("vr_", n+most*r.IntN(3)))), pick(r, client.Ref(""), "cus_Nobody1", "cus_Nobody2")
	s.ClientReferenceID = pick(r, s.ClientReferenceID, s.ClientReferenceID, "", "Ref-É", "REF-"+fmt.Sprint(n)+" and more of it")
	if n%17 == 3 {
		s.ID = fmt.Sprint("odd", n)
	}
	if r.IntN(3) == 0 {
		s.Options = &client.Options{Document: &client.DocumentOptions{RequireLiveCapture: r.IntN(2) == 0, RequireMatchingSelfie: true}}
	}
	if r.IntN(12) == 0 {
		s.Redaction = &client.Redaction{Status: pick(r, client.RedactionProcessing, client.RedactionRedacted, client.RedactionValidated)}
	}
	if r.IntN(12) == 0 {
		s.Unreadable, s.Status, s.LastError = pick(r, "metadata", "options.document"), "", nil
	}
	return s
}

// report makes one of a few reports; a session may have several, and none may have one.
func (p *play) report() client.ReportFacts {
	r := p.random
	n := r.IntN(3 * most)
	seed := rand.New(rand.NewPCG(uint64(n), 0)) // a report never changes
	facts := client.ReportFacts{
		ID: fmt.Sprint("vr_", n), Session: id(n % most), Created: client.Unix(Start.Unix() + int64(n%most/3) + seed.Int64N(20)),
		Type: pick(seed, "document", "id_number"), Flow: pick(seed, "", "vf_1"), DocType: pick(seed, "", "passport", "id_card", "a type of next year"),
		Country: pick(seed, "", "PL", "DE", "Elsewhere"),
	}
	for _, kind := range client.CheckKinds {
		if seed.IntN(2) == 0 {
			facts.Checks = append(facts.Checks, client.CheckFacts{Kind: kind, Status: "verified"})
			if check := &facts.Checks[len(facts.Checks)-1]; seed.IntN(3) == 0 {
				check.Status, check.Code = "unverified", pick(seed, codes[2:]...)
			}
		}
	}
	if n%most%17 == 3 {
		facts.Session = fmt.Sprint("odd", n%most)
	}
	if n%11 == 0 {
		facts.ID = fmt.Sprint("odd", n)
	}
	return facts
}

// seen is a moment ago, for an answer that comes late.
func (p *play) seen() mirror.Origin {
	late := time.Duration(pick(p.random, 0, 0, 0, 1, 2)) * time.Second
	seen := mirror.Origin{At: Start.Add(p.now - late), News: p.random.IntN(2) == 0}
	if p.random.IntN(3) > 0 {
		seen.Sent = Start.Add(time.Duration(p.random.IntN(3000)) * time.Millisecond)
	}
	return seen
}

func (p *play) someID() string {
	s := p.Session()
	return s.ID
}

// step changes both stores.
func (p *play) step() {
	p.now += time.Duration(p.random.IntN(2)) * time.Second
	switch p.random.IntN(40) {
	case 0:
		p.last = "opened again"
		p.store = p.reopen()
		p.now += 10 * time.Second // the store may forget when requests were sent
		p.find(mirror.Request{})
		for _, row := range p.model.rows { // and what this program saw
			if p.get(row.ID).Changed.IsZero() {
				row.Changed = time.Time{}
			}
		}
	case 1, 2, 3, 4, 5, 6, 7, 8, 9:
		p.batch()
	default:
		seen := p.seen()
		sessions := []client.Session{p.Session()}
		for p.random.IntN(3) == 0 {
			sessions = append(sessions, p.Session())
		}
		p.last = fmt.Sprintf("apply %+v %+v", seen, sessions)
		p.apply(seen, sessions...)
		for _, s := range sessions {
			p.model.apply(mirror.Sighting{Origin: seen, Session: s})
		}
	}
}

func (p *play) batch() {
	var batch mirror.Batch
	for range p.random.IntN(4) {
		batch.Sightings = append(batch.Sightings, mirror.Sighting{Origin: p.seen(), Session: p.Session()})
	}
	for p.random.IntN(2) == 0 {
		state := client.State(p.random.IntN(client.StateCount))
		batch.Began = append(batch.Began, mirror.Beginning{ID: p.someID(), State: state, At: client.Unix(Start.Unix() - int64(p.random.IntN(9)))})
	}
	for p.random.IntN(2) == 0 {
		s := p.Session()
		at := client.Unix(Start.Add(p.now).Unix() - int64(p.random.IntN(90)))
		batch.Told = append(batch.Told, mirror.ChangeOf(s, s.State(), at, mirror.Event))
	}
	for p.random.IntN(2) == 0 {
		batch.Reports = append(batch.Reports, p.report())
	}
	for p.random.IntN(4) == 0 {
		batch.Gone = append(batch.Gone, p.someID())
	}
	p.last = fmt.Sprintf("commit %+v", batch)
	epoch := p.lead()
	p.commit(epoch, batch)
	p.resign(epoch)
	p.model.commit(batch)
}

// ask puts the same request to both stores.
func (p *play) ask() {
	r := p.random
	request := mirror.Request{
		Order: mirror.Order{Column: mirror.Column(r.IntN(int(mirror.ColumnCount))), Reverse: r.IntN(2) == 0},
		At:    r.IntN(most) - 2, Rows: r.IntN(20),
		Near: []string{p.someID(), p.someID()}[:r.IntN(3)],
	}
	if r.IntN(2) == 0 {
		request.States = mirror.States(r.IntN(1 << client.StateCount))
	}
	if r.IntN(2) == 0 {
		request.Query = query.Parse(p.line(2))
	}
	request.Now = Start.Add(p.now + time.Duration(r.IntN(3))*time.Second)
	request.Unreadable = r.IntN(8) == 0
	if r.IntN(8) == 0 {
		request.UserID, request.Alike = pick(r, users...), r.IntN(2) == 0
	}
	request.AsTyped, request.Reasons = r.IntN(6) == 0, r.IntN(2) == 0
	if r.IntN(8) == 0 {
		request.Only = []string{p.someID(), p.someID(), p.someID()}[:r.IntN(4)]
	}
	if r.IntN(4) == 0 {
		request.Marked = []string{id(1), id(2), id(4)}
	}
	if r.IntN(6) == 0 {
		request.Begun = pick(r, "", "", "a", "an", "ann", "bo", "vs", "vs_0000", "vs_00001", "odd", "ref-", "REF-1", "Ref-É", "cus_Nobody1", "*", "z")
		request.Values = pick(r, "user", "ref", "id", "customer", "state", "status", "reason", "type", "redacted", "age", "since", "created", "tries", "stuck", "doc", "country", "flow", "attempts")
	}
	p.compare(request)
	if p.again.Now = request.Now; r.IntN(2) == 0 { // an answer that is remembered stays right
		p.compare(p.again)
	}
	if r.IntN(3) == 0 {
		p.again = request
	}
	rows := p.model.newest()
	want := []string{}
	from := client.Unix(Start.Unix() + int64(r.IntN(most/3)))
	window := mirror.Window{From: from, Until: from + client.Unix(r.IntN(5))}
	within := []string{}
	for _, row := range rows {
		if request.States.Has(row.State) {
			want = append(want, row.ID)
		}
		if row.Created >= window.From && row.Created < window.Until {
			within = append(within, row.ID)
		}
	}
	if got, err := p.store.IDs(p.t.Context(), request.States); err != nil || !slices.Equal(got, want) {
		p.t.Errorf("ids of %b: got %v, want %v; %v", request.States, got, want, err)
	}
	if got, err := p.store.Within(p.t.Context(), window); err != nil || !slices.Equal(got, within) {
		p.t.Errorf("within %+v: got %v, want %v; %v", window, got, within, err)
	}
	p.compareReports(p.someID(), p.someID())
	p.comparePeople(request)
	asked := p.someID()
	got, ok, err := p.store.Get(p.t.Context(), asked)
	i := slices.IndexFunc(rows, func(row mirror.Row) bool { return row.ID == asked })
	switch {
	case err != nil || ok != (i >= 0):
		p.t.Errorf("%s: known %v, want %v; %v", asked, ok, i >= 0, err)
	case ok && !same(got, rows[i]):
		p.t.Errorf("got  %+v\nwant %+v", got, rows[i])
	}
	if got, want := p.history(asked), p.model.historyOf(asked); !slices.Equal(got, want) {
		p.t.Errorf("history of %s:\ngot  %+v\nwant %+v", asked, got, want)
	}
}

// compareReports compares the reports of sessions.
func (p *play) compareReports(ids ...string) {
	got, err := p.store.Reports(p.t.Context(), ids...)
	for _, id := range ids {
		if want := p.model.reportsOf(id); err != nil || !reflect.DeepEqual(got[id], want) {
			p.t.Errorf("reports of %s:\ngot  %+v\nwant %+v\n%v", id, got[id], want, err)
		}
	}
}

// same compares two rows; their times may be in different zones.
func same(a, b mirror.Row) bool {
	if !a.Since.Equal(b.Since) || !a.AsOf.Equal(b.AsOf) || !a.Changed.Equal(b.Changed) {
		return false
	}
	a.Since, a.AsOf, a.Changed = b.Since, b.AsOf, b.Changed
	return a == b
}

func (p *play) compare(request mirror.Request) {
	got, want := p.find(request), p.model.find(request)
	sameRows := slices.EqualFunc(got.Rows, want.Rows, func(a, b mirror.Hit) bool {
		return same(a.Row, b.Row) && a.Apart == b.Apart && reflect.DeepEqual(a.Marks, b.Marks)
	})
	for _, hit := range want.Rows {
		if in := mirror.StatesIn(request.Query); !in.Has(hit.State) {
			p.t.Errorf("%s finds %s, and is said to find %b only", request.Query, hit.State, in)
		}
	}
	gotIDs, wantIDs := idsOf(got), idsOf(want)
	sameElsewhere := slices.Equal(got.Elsewhere, want.Elsewhere)
	gotRows, wantRows := got.Rows, want.Rows
	got.Rows, want.Rows, got.Elsewhere, want.Elsewhere = nil, nil, nil, nil
	if !reflect.DeepEqual(got, want) || !sameElsewhere || !slices.Equal(gotIDs, wantIDs) {
		p.t.Errorf("%+v:\ngot  %+v %v\nwant %+v %v", request, got, gotIDs, want, wantIDs)
	} else if !sameRows {
		p.t.Errorf("%+v:\ngot  %+v\nwant %+v", request, gotRows, wantRows)
	}
}
