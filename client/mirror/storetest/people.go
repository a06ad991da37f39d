package storetest

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// testPeople: who is listed, in both orders, and what is said of each.
func testPeople(t *testing.T, b *bench) {
	erased := redacted(Session(9, "ann", client.StatusVerified, ""), client.RedactionProcessing)
	b.apply(seen(0),
		Session(1, "ann", client.StatusVerified, ""), Session(2, "ann", client.StatusRequiresInput, "document_expired"),
		Session(3, "bob", client.StatusRequiresInput, "selfie_manipulated"), Session(4, "bob", client.StatusRequiresInput, ""),
		Session(5, "bob", client.StatusRequiresInput, ""), Session(6, "cid", client.StatusVerified, ""),
		Session(7, "dan", client.StatusProcessing, ""), Session(8, "", client.StatusRequiresInput, "document_expired"), erased)
	failed := client.CheckFacts{Kind: "document", Status: "unverified", Code: "document_expired"}
	report := func(name string, n int, checks ...client.CheckFacts) client.ReportFacts {
		return client.ReportFacts{ID: "vr_" + name, Session: id(n), Created: client.Unix(Start.Unix() + int64(n) + 10), Checks: checks}
	}
	epoch := b.lead()
	b.commit(epoch, mirror.Batch{
		Reports: []client.ReportFacts{report("1", 2, failed), report("2", 2, failed), report("3", 6, failed), report("4", 6)},
		Told:    []mirror.Change{mirror.ChangeOf(Session(7, "dan", client.StatusRequiresInput, "consent_declined"), client.StateFailed, client.Unix(Start.Unix()+8), mirror.Event)},
	})
	people := func(r mirror.PeopleRequest) mirror.People {
		t.Helper()
		r.Rows = max(r.Rows, 10)
		people, err := b.store.People(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return people
	}
	who := func(p mirror.People) (names []string) {
		for _, s := range p.People {
			names = append(names, s.UserID)
		}
		return names
	}
	all := people(mirror.PeopleRequest{})
	if got := who(all); !slices.Equal(got, []string{"ann", "cid", "dan", "bob"}) {
		t.Errorf("by failures: %q", got)
	}
	if all.Total != 4 || all.Known != 4 || all.Failing != 2 || all.Sessions != 9 || all.Nobody != 2 || all.Erased != 1 || all.Rare != 4 {
		t.Errorf("%+v", all)
	}
	ann := all.People[0]
	if ann.Failed != 2 || ann.Sessions != 2 || ann.Listed != 2 || ann.Code != "document_expired" || ann.State[client.StateVerified] != 1 ||
		!reflect.DeepEqual(ann.History, [][]client.State{{client.StateVerified}, {client.StateFailed, client.StateFailed}}) {
		t.Errorf("ann: %+v", ann)
	}
	tab := mirror.PeopleRequest{Request: mirror.Request{States: mirror.StatesOf(client.StateFailed)}, By: mirror.ByLastFailure}
	if p := people(tab); p.Total != 2 || p.Nobody != 1 || p.Erased != 0 || p.People[0].Listed != 1 {
		t.Errorf("failed: %+v", p)
	}
	tab.Query = query.Parse("user:bob")
	if p := people(tab); !slices.Equal(who(p), []string{"bob"}) || p.People[0].Sessions != 3 || p.People[0].Open() != 2 {
		t.Errorf("bob: %+v", p)
	}
	if p := people(mirror.PeopleRequest{Around: "bob"}); p.People[p.At-p.First].UserID != "bob" {
		t.Errorf("around bob: %+v", p)
	}
	if p := people(mirror.PeopleRequest{Request: mirror.Request{Only: []string{}}}); p.Total != 0 || p.At != -1 || p.Known != 4 {
		t.Errorf("nothing: %+v", p)
	}
	// what is erased is nobody's, at once
	b.apply(seen(5), redacted(Session(6, "cid", client.StatusVerified, ""), client.RedactionProcessing))
	if p := people(mirror.PeopleRequest{}); slices.Contains(who(p), "cid") || p.Total != 3 || p.Known != 3 || p.Erased != 2 {
		t.Errorf("cid is erased: %+v", p)
	}
}

// tell notes a failure that left no report.
func (n *naive) tell(c mirror.Change) {
	known := slices.ContainsFunc(n.told[c.ID], func(other mirror.Change) bool { return other.At == c.At })
	if c.State == client.StateFailed && client.BeforeAnyCheck(c.Code) && !known {
		n.told[c.ID] = append(n.told[c.ID], c)
	}
}

// ending is an attempt as the slow and obvious way has it.
type ending struct {
	at    client.Unix
	state client.State
	code  string
}

// endings are the attempts of a session, oldest first.
func (n *naive) endings(id string) (all []ending) {
	for _, report := range n.reports[id] {
		e := ending{at: report.Created, state: client.StateVerified}
		for _, check := range report.Checks {
			if check.Status != "verified" {
				e.state, e.code = client.StateFailed, cmp.Or(e.code, check.Code)
			}
		}
		if e.state == client.StateFailed {
			e.code = cmp.Or(e.code, client.NoCode)
		}
		all = append(all, e)
	}
	for _, c := range n.told[id] {
		all = append(all, ending{c.At, client.StateFailed, c.Code})
	}
	slices.SortFunc(all, func(a, b ending) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.state, b.state)) })
	return all
}

// people groups what is listed in the slow and obvious way.
func (n *naive) people(r mirror.PeopleRequest) mirror.People {
	listed := r.Request
	listed.Rows, listed.At, listed.Near = 1<<20, 0, nil
	of := map[string]int{}
	answer := mirror.People{At: -1}
	for _, hit := range n.find(listed).Rows {
		answer.Sessions++
		switch {
		case hit.UserID != "":
			of[hit.UserID]++
		case hit.Erased():
			answer.Erased++
			fallthrough
		default:
			answer.Nobody++
		}
	}
	everybody := map[string]*mirror.Person{}
	rows := n.newest()
	slices.Reverse(rows)
	for _, row := range rows {
		if row.UserID == "" {
			continue
		}
		s := everybody[row.UserID]
		if s == nil {
			s = &mirror.Person{UserID: row.UserID, Listed: of[row.UserID], First: row.Created}
			everybody[row.UserID] = s
		}
		s.Sessions++
		s.State[row.State]++
		s.Newest, s.Session = row.Created, row.ID
		var course []client.State
		failures, last := 0, mirror.Failure{}
		for _, e := range n.endings(row.ID) {
			course = append(course, e.state)
			if e.state == client.StateFailed {
				failures++
				if f := (mirror.Failure{At: e.at, Code: e.code}); failures == 1 || f.After(last) {
					last = f
				}
			}
		}
		if row.State == client.StateFailed {
			failures, last = max(1, failures), mirror.Failure{At: client.Unix(row.Since.Unix()), Rough: row.Rough, Code: row.ErrorCode}
		}
		if verdict := row.State == client.StateFailed || row.State == client.StateVerified; !verdict || !slices.Contains(course, row.State) {
			course = append(course, row.State)
		}
		if failures > 0 && (s.Failed == 0 || last.After(s.Failure)) {
			s.Failure = last
		}
		s.Failed += failures
		s.History = append(s.History, course)
	}
	answer.Known, answer.Rare = len(everybody), 3
	for more := 1; more > 0; answer.Rare++ {
		more = 0
		for _, s := range everybody {
			if s.Sessions >= answer.Rare {
				more++
			}
		}
		if more*100 <= len(everybody) {
			break
		}
	}
	var people []mirror.Person
	for _, s := range everybody {
		if s.Listed > 0 {
			s.History = s.History[max(0, len(s.History)-mirror.HistoryMost):]
			people = append(people, *s)
			if s.State[client.StateFailed] > 0 {
				answer.Failing++
			}
		}
	}
	slices.SortFunc(people, func(a, b mirror.Person) int {
		failed, last := b.Failed-a.Failed, cmp.Compare(b.Failure.At, a.Failure.At)
		if r.By == mirror.ByLastFailure {
			failed, last = last, failed
		}
		return cmp.Or(failed, last, cmp.Compare(b.Newest, a.Newest), cmp.Compare(a.UserID, b.UserID))
	})
	if answer.Total = len(people); answer.Total == 0 {
		return answer
	}
	answer.At = max(0, min(r.At, len(people)-1))
	if at := slices.IndexFunc(people, func(s mirror.Person) bool { return s.UserID == r.Around && r.Around != "" }); at >= 0 {
		answer.At = at
	}
	answer.First = max(0, min(answer.At-r.Rows/2, len(people)-r.Rows))
	answer.People = people[answer.First:min(len(people), answer.First+max(1, r.Rows))]
	return answer
}

// comparePeople asks both stores for the people of a request.
func (p *play) comparePeople(request mirror.Request) {
	r := mirror.PeopleRequest{Request: request, By: mirror.PeopleOrder(p.random.IntN(int(mirror.PeopleOrders)))}
	r.Marked, r.Values, r.At = nil, "", p.random.IntN(20)-2
	if p.random.IntN(3) == 0 {
		r.Around = pick(p.random, users...)
	}
	got, err := p.store.People(p.t.Context(), r)
	if want := p.model.people(r); err != nil || !reflect.DeepEqual(got, want) {
		p.t.Errorf("people of %+v: %v\ngot  %+v\nwant %+v", r, err, got, want)
	}
}
