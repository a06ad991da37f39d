package emulator

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// ids of objects, in their order.
func ids(objects []object) []string {
	var all []string
	for _, o := range objects {
		all = append(all, text(o["id"]))
	}
	return all
}

// Cursors page everything exactly once in both directions, newest first, also
// while rows arrive between the pages.
func TestCursors(t *testing.T) {
	t.Parallel()
	for _, path := range []string{sessionsPath, reportsPath, eventsPath} {
		t.Run(path, func(t *testing.T) {
			at := newClock()
			c := newClient(t, Config{Sessions: 120, Seed: 3, Now: at.Now, Traffic: true})
			before := ids(c.all(t, path))
			var down []string
			after := ""
			for {
				at.add(20 * time.Second) // rows arrive
				r := c.get(t, path+"?limit=17"+after).ok(t)
				down = append(down, ids(r.data())...)
				if r.object["has_more"] == false {
					break
				}
				after = "&starting_after=" + down[len(down)-1]
			}
			// Events that became older than 30 days meanwhile are gone from the end.
			now := ids(c.all(t, path))
			for before[len(before)-1] != now[len(now)-1] {
				before = before[:len(before)-1]
			}
			// The first page may have newer rows on top, nothing else differs.
			first := slices.Index(down, before[0])
			if first < 0 || len(down) < first+len(before) || !slices.Equal(down[first:first+len(before)], before) {
				t.Fatalf("paging down gave %d rows, want the %d of before from %d on", len(down), len(before), first)
			}
			oldest := before[len(before)-1]
			up := []string{oldest}
			for {
				at.add(20 * time.Second)
				r := c.get(t, path+"?limit=17&ending_before="+up[0]).ok(t)
				up = append(ids(r.data()), up...)
				if r.object["has_more"] == false {
					break
				}
			}
			if now = ids(c.all(t, path)); !slices.Equal(up, now[len(now)-len(up):]) || len(up) < len(before) {
				t.Fatalf("paging up gave %d rows in another order than the list of %d", len(up), len(now))
			}
			if len(up) == len(before) {
				t.Error("no rows arrived: the test tests nothing")
			}
		})
	}
}

func TestLimit(t *testing.T) {
	c := newClient(t, Config{Sessions: 150})
	for limit, want := range map[string]int{"": 10, "1": 1, "37": 37, "100": 100, "101": 100, "99999999999": 100, "0": 1, "-5": 1} {
		path := sessionsPath
		if limit != "" {
			path += "?limit=" + limit
		}
		r := c.get(t, path).ok(t)
		if got := len(r.data()); got != want || r.object["has_more"] != true || r.object["url"] != sessionsPath || r.object["object"] != "list" {
			t.Errorf("limit %s gave %d, want %d", limit, got, want)
		}
	}
}

// Every combination of filters gives what a walk over everything gives.
func TestSessionFilters(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{Sessions: 600, Seed: 9})
	c.post(t, sessionsPath, "type", "document", "related_customer_account", "acct_9", "client_reference_id", "mine").ok(t)
	everything := c.all(t, sessionsPath)
	var reference, customer string
	for _, s := range everything {
		if s["client_reference_id"] != nil && s["related_customer"] != nil && s["client_reference_id"] != "mine" {
			reference, customer = text(s["client_reference_id"]), text(s["related_customer"])
		}
	}
	middle := int64(everything[300]["created"].(float64))
	choices := [][]string{
		{"", "status=verified", "status=requires_input", "status=canceled", "status=processing"},
		{"", "client_reference_id=" + reference, "client_reference_id=mine", "client_reference_id=nobody"},
		{"", "related_customer=" + customer, "related_customer=cus_nobody"},
		{"", "related_customer_account=acct_9"},
		{"", fmt.Sprintf("created[gte]=%d", middle), fmt.Sprintf("created[gt]=%d&created[lte]=%d", middle, middle+90000),
			fmt.Sprintf("created[lt]=%d", middle), fmt.Sprintf("created=%d", middle)},
	}
	found := 0
	for n := range 5 * 4 * 3 * 2 * 5 {
		query, keep := "", []func(object) bool{}
		for _, choice := range choices {
			if one := choice[n%len(choice)]; one != "" {
				query += "&" + one
				keep = append(keep, keeps(one, middle))
			}
			n /= len(choice)
		}
		var want []string
		for _, s := range everything {
			if !slices.ContainsFunc(keep, func(k func(object) bool) bool { return !k(s) }) {
				want = append(want, text(s["id"]))
			}
		}
		if got := ids(c.all(t, sessionsPath+"?"+query[min(1, len(query)):])); !slices.Equal(got, want) {
			t.Fatalf("%s: got %d sessions, want %d", query, len(got), len(want))
		}
		found += len(want)
	}
	if found < 1000 {
		t.Error("the filters found little: the test tests nothing:", found)
	}
}

// keeps is what a filter of TestSessionFilters means.
func keeps(filter string, middle int64) func(object) bool {
	var name, value string
	if n, _ := fmt.Sscanf(filter, "created[lt]=%d", new(int64)); n == 1 {
		return func(s object) bool { return int64(s["created"].(float64)) < middle }
	}
	if n, _ := fmt.Sscanf(filter, "created[gte]=%d", new(int64)); n == 1 {
		return func(s object) bool { return int64(s["created"].(float64)) >= middle }
	}
	if n, _ := fmt.Sscanf(filter, "created=%d", new(int64)); n == 1 {
		return func(s object) bool { return int64(s["created"].(float64)) == middle }
	}
	if filter[:3] == "cre" {
		return func(s object) bool {
			at := int64(s["created"].(float64))
			return at > middle && at <= middle+90000
		}
	}
	for i, c := range filter {
		if c == '=' {
			name, value = filter[:i], filter[i+1:]
		}
	}
	return func(s object) bool { return s[name] == value }
}

func TestReportFilters(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{Sessions: 400, Seed: 2})
	everything := c.all(t, reportsPath)
	bySession, byReference, kinds := map[string][]string{}, map[string][]string{}, map[string][]string{}
	for _, r := range everything {
		id := text(r["id"])
		bySession[text(r["verification_session"])] = append(bySession[text(r["verification_session"])], id)
		kinds[text(r["type"])] = append(kinds[text(r["type"])], id)
		if r["client_reference_id"] != nil {
			byReference[text(r["client_reference_id"])] = append(byReference[text(r["client_reference_id"])], id)
		}
	}
	check := func(query string, want []string) {
		t.Helper()
		if got := ids(c.all(t, reportsPath+"?"+query)); !slices.Equal(got, want) {
			t.Errorf("%s: got %d reports, want %d", query, len(got), len(want))
		}
	}
	most := 0
	for session, want := range bySession {
		most = max(most, len(want))
		check("verification_session="+session, want)
		if len(want) > 1 {
			check("verification_session="+session+"&starting_after="+want[0], want[1:])
			check("verification_session="+session+"&ending_before="+want[1], want[:1])
		}
	}
	if most < 3 {
		t.Error("no session with several attempts: the test tests nothing")
	}
	for reference, want := range byReference {
		check("client_reference_id="+reference, want)
	}
	check("type=document", kinds["document"])
	check("type=id_number", kinds["id_number"])
	check("verification_session=vs_nobody", nil)
	for _, r := range everything {
		if got := c.get(t, reportsPath+"/"+text(r["id"])).ok(t); fmt.Sprint(got.object) != fmt.Sprint(r) {
			t.Fatalf("retrieved and listed differ:\n%v\n%v", got.object, r)
		}
	}
}

func TestEventFilters(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{Sessions: 300, Seed: 2})
	everything := c.all(t, eventsPath)
	const p = eventPrefix
	for query, kept := range map[string][]string{
		"type=" + p + "canceled": {p + "canceled"},
		"type=identity.*":        {p + "created", p + "processing", p + "verified", p + "requires_input", p + "canceled"},
		"type=*":                 {p + "created", p + "processing", p + "verified", p + "requires_input", p + "canceled"},
		"type=charge.*":          nil,
		"types[]=" + p + "verified&types[]=" + p + "created": {p + "verified", p + "created"},
		"types[]=identity.*": nil, // the names in types are exact
		"types[]=*":          nil,
		"types[]=identity.*&types[]=" + p + "canceled":                  {p + "canceled"},
		"delivery_success=false":                                        nil,
		"delivery_success=true&types[0]=" + p + "processing&types[1]=x": {p + "processing"},
	} {
		var want []string
		for _, e := range everything {
			if slices.Contains(kept, text(e["type"])) {
				want = append(want, text(e["id"]))
			}
		}
		if got := ids(c.all(t, eventsPath+"?"+query)); !slices.Equal(got, want) {
			t.Errorf("%s: got %d events, want %d", query, len(got), len(want))
		}
	}
	types := ""
	for i := range maxTypes + 1 {
		types += fmt.Sprintf("&types[]=t%d", i)
	}
	if r := c.get(t, eventsPath+"?"+types[1:]); r.status != 400 {
		t.Error("too many types:", r)
	}
}

// Events are told for 30 days by the clock, and then gone from the list, by id
// and as cursors.
func TestEventsAge(t *testing.T) {
	t.Parallel()
	at := newClock()
	c := newClient(t, Config{Sessions: 200, Now: at.Now})
	c.session(t, "verified")
	newest := c.get(t, eventsPath+"?limit=1").ok(t).data()[0]
	for _, e := range c.all(t, eventsPath) {
		if created := int64(e["created"].(float64)); created < started.Unix()-30*86400 {
			t.Fatal("too old:", e)
		}
	}
	at.add(30*24*time.Hour - time.Second)
	c.get(t, eventsPath+"/"+text(newest["id"])).ok(t)
	at.add(2 * time.Second)
	if n := len(c.all(t, eventsPath)); n != 0 {
		t.Error(n, "events are left")
	}
	if r := c.get(t, eventsPath+"/"+text(newest["id"])); r.status != 404 {
		t.Error(r)
	}
	if r := c.get(t, eventsPath+"?starting_after="+text(newest["id"])); r.status != 404 {
		t.Error(r)
	}
}
