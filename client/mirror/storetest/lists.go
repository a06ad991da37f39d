package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

func testEmpty(t *testing.T, b *bench) {
	page := b.find(mirror.Request{Rows: 10, Near: ids(1), At: 7})
	if page.Total != 0 || page.At != -1 || len(page.Rows) != 0 || page.Counts != (mirror.Counts{}) {
		t.Errorf("page %+v", page)
	}
	b.missing(id(1))
	if list, err := b.store.IDs(t.Context(), 0); len(list) != 0 || err != nil {
		t.Errorf("ids %v, %v", list, err)
	}
	if p := b.progress(); p.Anchor != 0 || len(p.Open) != 0 {
		t.Errorf("progress %+v", p)
	}
	b.apply(seen(0), client.Session{}) // a session without an id is ignored
	if page := b.find(mirror.Request{Rows: 10}); page.Total != 0 {
		t.Errorf("page %+v", page)
	}
}

func testWindows(t *testing.T, b *bench) {
	for n := range 100 {
		b.apply(seen(0), Session(n, "ann", client.StatusVerified, ""))
	}
	b.apply(seen(0), Session(100, "ann", client.StatusCanceled, ""))
	verified := mirror.StatesOf(client.StateVerified)
	for _, c := range []struct {
		request         mirror.Request
		first, at, rows int
	}{
		{mirror.Request{Rows: 10}, 0, 0, 10},
		{mirror.Request{Rows: 10, At: 50}, 45, 50, 10},
		{mirror.Request{Rows: 10, At: 99}, 90, 99, 10},
		{mirror.Request{Rows: 10, At: 1000}, 90, 99, 10},
		{mirror.Request{Rows: 10, At: -3}, 0, 0, 10},
		{mirror.Request{Rows: 1, At: 50}, 50, 50, 1},
		{mirror.Request{Rows: 0, At: 50}, 50, 50, 1},
		{mirror.Request{Rows: 500, At: 50}, 0, 50, 100},
		{mirror.Request{Rows: 10, At: 50, Near: ids(79)}, 15, 20, 10},
		{mirror.Request{Rows: 10, At: 50, Near: ids(0)}, 90, 99, 10},
		{mirror.Request{Rows: 10, At: 50, Near: ids(1000)}, 45, 50, 10},             // not known
		{mirror.Request{Rows: 10, At: 50, Near: ids(1000, 100, 59, 9)}, 35, 40, 10}, // nor in this tab
	} {
		c.request.States = verified
		page := b.find(c.request)
		if page.First != c.first || page.At != c.at || len(page.Rows) != c.rows || page.Total != 100 {
			t.Errorf("%+v: %d rows from %d, at %d of %d", c.request, len(page.Rows), page.First, page.At, page.Total)
		}
		for i, row := range page.Rows {
			if want := id(99 - page.First - i); row.ID != want {
				t.Fatalf("%+v: row %d is %s, want %s", c.request, page.First+i, row.ID, want)
			}
		}
	}
}

func testOrders(t *testing.T, b *bench) {
	b.apply(seen(0),
		Session(1, "cid", client.StatusRequiresInput, "selfie_manipulated"), Session(2, "ann", client.StatusVerified, ""),
		Session(3, "", client.StatusRequiresInput, "document_expired"), Session(4, "bob", client.StatusCanceled, ""),
		Session(5, "ann", client.StatusProcessing, ""), Session(6, "Zoe", client.StatusRequiresInput, ""),
		Session(7, "", client.StatusVerified, ""))
	for _, c := range []struct {
		column       mirror.Column
		want, behind []int
	}{
		{mirror.ByBest, []int{7, 6, 5, 4, 3, 2, 1}, []int{1, 2, 3, 4, 5, 6, 7}},
		{mirror.ByAge, []int{7, 6, 5, 4, 3, 2, 1}, []int{1, 2, 3, 4, 5, 6, 7}},
		{mirror.ByState, []int{3, 1, 6, 5, 7, 2, 4}, []int{4, 7, 2, 5, 6, 3, 1}},
		{mirror.ByUser, []int{6, 5, 2, 4, 1, 7, 3}, []int{1, 4, 5, 2, 6, 7, 3}},
		{mirror.ByReason, []int{3, 1, 7, 6, 5, 4, 2}, []int{1, 3, 7, 6, 5, 4, 2}},
		{mirror.ByTries, []int{5, 2, 6, 4, 1, 7, 3}, []int{7, 3, 6, 4, 1, 5, 2}},
		{mirror.BySince, []int{6, 7, 5, 4, 3, 2, 1}, []int{7, 5, 4, 3, 2, 1, 6}}, // all but 6 are seen at once
	} {
		b.lists(mirror.Request{Order: mirror.Order{Column: c.column}}, c.want...)
		b.lists(mirror.Request{Order: mirror.Order{Column: c.column, Reverse: true}}, c.behind...)
	}
	// within one second, the higher id is newer
	late := Session(9, "", client.StatusVerified, "")
	late.Created = Session(7, "", "", "").Created
	b.apply(seen(0), late)
	b.lists(mirror.Request{States: mirror.StatesOf(client.StateVerified)}, 9, 7, 2)
}

func testFilters(t *testing.T, b *bench) {
	b.apply(seen(0),
		Session(1, "ann", client.StatusRequiresInput, "document_expired"), Session(2, "ann", client.StatusVerified, ""),
		Session(3, "bob", client.StatusRequiresInput, "selfie_manipulated"), Session(4, "bob", client.StatusProcessing, ""),
		Session(5, "bob", client.StatusRequiresInput, "document_expired"), Session(6, "cid", client.StatusProcessing, "document_expired"))
	failed := mirror.StatesOf(client.StateFailed)
	b.lists(mirror.Request{States: failed}, 5, 3, 1)
	b.lists(mirror.Request{Query: query.Parse("reason:document_expired")}, 6, 5, 1)
	b.lists(mirror.Request{States: failed, Query: query.Parse("reason:document_expired")}, 5, 1)
	b.lists(mirror.Request{States: failed, Query: query.Parse("reason:document_exp")})
	b.lists(mirror.Request{UserID: "bob", States: failed, Order: mirror.Order{Reverse: true}}, 3, 5)
	b.lists(mirror.Request{UserID: "bo"})
	b.lists(mirror.Request{Only: ids(4, 2, 77)}, 4, 2)
	b.lists(mirror.Request{Only: []string{}})
	b.lists(mirror.Request{Query: query.Parse("b reason:document_expired"), States: failed}, 5)
	page := b.lists(mirror.Request{States: failed, Marked: ids(1, 2, 3, 77)}, 5, 3, 1)
	want := mirror.Counts{All: 6}
	want.State[client.StateFailed], want.State[client.StateVerified], want.State[client.StateProcessing] = 3, 1, 2
	if page.Counts != want || page.Marked != 2 {
		t.Errorf("counts %+v, %d marked", page.Counts, page.Marked)
	}
	list, err := b.store.IDs(t.Context(), mirror.StatesOf(client.StateProcessing, client.StateVerified))
	if err != nil || !slices.Equal(list, ids(6, 4, 2)) {
		t.Errorf("ids %v, %v", list, err)
	}
	second := func(n int) client.Unix { return Session(n, "", "", "").Created }
	for _, c := range []struct {
		from, until client.Unix
		want        []string
	}{
		{second(2), second(5), ids(4, 3, 2)}, {0, second(2), ids(1)}, {second(6), second(7), ids(6)},
		{second(7), second(9), nil}, {second(3), second(3), nil}, {second(5), second(2), nil},
	} {
		list, err := b.store.Within(t.Context(), mirror.Window{From: c.from, Until: c.until})
		if err != nil || !slices.Equal(list, c.want) {
			t.Errorf("within [%d, %d): %v, %v", c.from, c.until, list, err)
		}
	}
}

func testSearch(t *testing.T, b *bench) {
	b.apply(seen(0),
		Session(1, "ann_8392", client.StatusVerified, ""), Session(2, "joann", client.StatusCanceled, ""),
		Session(3, "bob", client.StatusVerified, ""), Session(4, "Ann.Zoë@mail", client.StatusVerified, ""),
		Session(5, "", client.StatusVerified, ""))
	page := b.find(mirror.Request{Query: query.Parse("ann"), Rows: 10})
	if page.Total != 3 || page.Rows[0].UserID != "ann_8392" || !slices.Equal(page.Rows[0].Marks.UserID, []int{0, 1, 2}) {
		t.Errorf("best match %+v of %d", page.Rows, page.Total)
	}
	b.lists(mirror.Request{Query: query.Parse("ann")}, 1, 4, 2)
	b.lists(mirror.Request{Query: query.Parse("ann"), Order: mirror.Order{Reverse: true}}, 2, 4, 1)
	b.lists(mirror.Request{Query: query.Parse("ann"), Order: mirror.Order{Column: mirror.ByAge, Reverse: true}}, 1, 2, 4)
	b.lists(mirror.Request{Query: query.Parse("ann"), States: mirror.StatesOf(client.StateVerified)}, 1, 4)
	b.lists(mirror.Request{Query: query.Parse("an zoë")}, 4)
	b.lists(mirror.Request{Query: query.Parse("an 39")}, 1)
	page = b.lists(mirror.Request{Query: query.Parse("REF-3")}, 3)
	if !slices.Equal(page.Elsewhere, []string{"REF-3"}) || len(page.Rows[0].Marks.Reference) == 0 {
		t.Errorf("by reference: %+v", page)
	}
	b.lists(mirror.Request{Query: query.Parse("zoe")}, 4)
	// a session is found by its customer, until it has another customer
	theirs := Session(5, "", client.StatusVerified, "")
	theirs.RelatedCustomer = "cus_9s6XKzkNRiz8i3"
	b.apply(seen(1), theirs)
	page = b.lists(mirror.Request{Query: query.Parse("dashboard.stripe.com/customers/cus_9s6XKzkNRiz8i3")}, 5)
	if !slices.Equal(page.Elsewhere, []string{"cus_9s6XKzkNRiz8i3"}) || page.Rows[0].Customer != "cus_9s6XKzkNRiz8i3" {
		t.Errorf("by customer: %+v", page)
	}
	theirs.RelatedCustomer = "cus_other"
	b.apply(seen(2), theirs)
	b.lists(mirror.Request{Query: query.Parse("cus_9s6XKzkNRiz8i3")})
	b.lists(mirror.Request{Query: query.Parse("CUS_OTHER")}, 5)
	// the meaning of a word does not depend on the tab or on other words
	b.lists(mirror.Request{Query: query.Parse("00002")}, 2)
	b.lists(mirror.Request{Query: query.Parse("VS_00000")}, 5, 4, 3, 2, 1)
	b.lists(mirror.Request{Query: query.Parse("vS_ 0002")}, 2)
	b.lists(mirror.Request{Query: query.Parse("ann 00002")}, 2)
	b.lists(mirror.Request{Query: query.Parse("bob 00002")})
	b.lists(mirror.Request{Query: query.Parse("joann"), States: mirror.StatesOf(client.StateVerified)})
	b.lists(mirror.Request{Query: query.Parse("nobody")})

	b.apply(seen(5), Session(2, "bobby", client.StatusCanceled, ""), Session(6, "jo_ann", client.StatusVerified, ""))
	b.lists(mirror.Request{Query: query.Parse("ann")}, 1, 4, 6)
	b.lists(mirror.Request{Query: query.Parse("joann")}, 6)
	// a window deep in a search, around a row that is not among the best
	for n := 10; n < 1500; n++ {
		b.apply(seen(0), Session(n, "crowd_"+strings.Repeat("x", n%7), client.StatusVerified, ""))
	}
	all := b.find(mirror.Request{Query: query.Parse("cr"), Rows: 2000})
	for _, at := range []int{0, 400, 700, 1489} {
		page := b.find(mirror.Request{Query: query.Parse("cr"), Rows: 20, Near: []string{all.Rows[at].ID}})
		if page.At != at || page.Total != 1490 || !slices.Equal(idsOf(page), idsOf(all)[page.First:page.First+20]) {
			t.Errorf("at %d of %d, want %d: %v from %d", page.At, page.Total, at, idsOf(page), page.First)
		}
	}
}

func testCanceled(t *testing.T, b *bench) {
	b.apply(seen(0), Session(1, "ann", client.StatusVerified, ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.store.Find(ctx, mirror.Request{Query: query.Parse("ann"), Rows: 10}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	b.lists(mirror.Request{Query: query.Parse("ann")}, 1)
}
