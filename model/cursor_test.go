package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// TestCursorStays is the promise that the cursor is a session, not a line: under
// random updates, moves, filters and sorts the selected id changes only by the
// operator's own key, or when its row is gone; then its nearest neighbour is
// taken. The cursor stays on its line too. A list that follows gets no cursor by
// itself.
func TestCursorStays(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{rig: newRig(t, nil), random: rand.New(rand.NewPCG(seed, 7))}
			for range 5 + w.random.IntN(400) {
				w.arrive()
			}
			w.settle()
			for range 150 {
				w.step()
			}
		})
	}
}

type world struct {
	*rig
	random *rand.Rand
	count  int
}

var moves = []string{"j", "k", "down", "up", "pgdown", "pgup", "ctrl+d", "ctrl+u", "g", "G", "j", "j", "k"}
var openings = []string{"1", "2", "3", "4", "5", "6", "7", "1", "s", "S", "f", "enter", "esc", "tab"}

func (w *world) step() {
	switch w.random.IntN(10) {
	case 0, 1:
		w.own(moves[w.random.IntN(len(moves))])
	case 2:
		w.own(openings[w.random.IntN(len(openings))])
	case 3:
		w.own("/")
		for range w.random.IntN(3) {
			w.own(string("auns_0123"[w.random.IntN(9)]))
		}
		w.own([]string{"enter", "esc"}[w.random.IntN(2)])
	case 4: // a key while an update is on its way
		w.change()
		w.send(keyPress(moves[w.random.IntN(len(moves))]))
		w.settle()
		w.consistent()
	default:
		w.foreign()
	}
}

// own presses a key: the cursor may move, but has to be somewhere.
func (w *world) own(key string) {
	w.press(key)
	w.consistent()
}

// foreign lets others change the world: the cursor must not move.
func (w *world) foreign() {
	was := *w.m
	before := &was
	for range 1 + w.random.IntN(5) {
		if w.random.IntN(3) == 0 {
			w.arrive()
		} else {
			w.change()
		}
	}
	if w.random.IntN(8) == 0 {
		w.send(tea.WindowSizeMsg{Width: 40 + w.random.IntN(160), Height: 10 + w.random.IntN(50)})
	}
	w.settle()
	w.consistent()
	after := w.m
	if after.List.Selected == before.List.Selected {
		w.sameLine(before, after)
		return
	}
	if before.List.Following() {
		w.t.Fatalf("it followed, and now the cursor is on %s", after.List.Selected)
	}
	want := w.neighbour(before)
	if after.List.Selected != want {
		w.t.Fatalf("the cursor was on %s and went to %q by itself, want %q", before.List.Selected, after.List.Selected, want)
	}
}

// neighbour is where the cursor has to be: on its session while that is still
// listed, else on the next one that is, looking below first.
func (w *world) neighbour(before *Model) string {
	page, err := w.store.Find(w.t.Context(), mirror.Request{
		Query: w.m.Search.Query, States: Tabs[w.m.List.Tab].States, Order: w.m.Order(), Rows: 1 << 20,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	listed := func(id string) bool {
		return slices.ContainsFunc(page.Rows, func(h mirror.Hit) bool { return h.ID == id })
	}
	if listed(before.List.Selected) {
		return before.List.Selected
	}
	for distance := 1; distance <= 20; distance++ {
		for _, index := range []int{before.List.Index + distance, before.List.Index - distance} {
			if row, ok := before.List.Row(index); ok && listed(row.ID) {
				return row.ID
			}
		}
	}
	if len(page.Rows) == 0 {
		return ""
	}
	return page.Rows[min(before.List.Index, len(page.Rows)-1)].ID
}

// sameLine checks that the view did not jump under the operator's eyes, and that
// what came above is counted.
func (w *world) sameLine(before, after *Model) {
	if before.List.Following() || before.Height != after.Height || before.Width != after.Width {
		return
	}
	came := before.List.newer + after.List.Index - before.List.Index
	if want := max(0, min(came, after.List.Top)); after.List.newer != want {
		w.t.Fatalf("%d newer above are counted, %d came", after.List.newer, want)
	}
	was, is := before.List.Index-before.List.Top, after.List.Index-after.List.Top
	atEdge := after.List.Top == 0 || after.List.Top == after.List.Page.Total-after.ListRows()
	if was != is && !atEdge {
		w.t.Fatalf("the cursor's line went from %d to %d", was, is)
	}
}

// consistent checks what has to hold whenever nothing is under way.
func (w *world) consistent() {
	w.t.Helper()
	l := w.m.List
	if l.asking || l.jumping || l.goal != noGoal {
		w.t.Fatalf("still under way: %+v", l)
	}
	if l.Page.Total == 0 {
		if l.Selected != "" {
			w.t.Fatalf("nothing is listed, but %s is selected", l.Selected)
		}
		return
	}
	row, ok := l.Current()
	switch {
	case l.Following() && (l.Top != 0 || l.newer != 0 || l.Page.First != 0):
		w.t.Fatalf("it follows from row %d of %d on, and counts %d above", l.Top, l.Page.First, l.newer)
	case !l.Following() && (!ok || row.ID != l.Selected):
		w.t.Fatalf("row %d is %q, selected is %q", l.Index, row.ID, l.Selected)
	}
	if rows := w.m.ListRows(); rows > 0 && (l.Index < l.Top || l.Index >= l.Top+rows) {
		w.t.Fatalf("the cursor at %d is outside the view of %d rows from %d", l.Index, rows, l.Top)
	}
	if d := w.m.Detail; d.Session != nil && d.Session.ID != l.Selected {
		w.t.Fatalf("the detail is about %s, the cursor on %s", d.Session.ID, l.Selected)
	}
	for i := range w.m.ListRows() {
		if at := l.Top + i; at < l.Page.Total {
			if _, ok := l.Row(at); !ok {
				w.t.Fatalf("row %d is visible but not loaded (%d from %d)", at, len(l.Page.Rows), l.Page.First)
			}
		}
	}
}

// arrive brings a new session; change changes a known one.
func (w *world) arrive() {
	w.count++
	s := session(w.count, fmt.Sprintf("user_%d", w.random.IntN(500)), client.StatusRequiresInput, "")
	w.apply(s)
}

func (w *world) change() {
	n := 1 + w.random.IntN(max(1, w.count))
	user := fmt.Sprintf("ann_%d", n)
	states := []client.Session{
		session(n, user, client.StatusRequiresInput, "document_expired"), session(n, user, client.StatusProcessing, ""),
		session(n, user, client.StatusVerified, ""), session(n, user, client.StatusCanceled, ""),
	}
	s := states[w.random.IntN(len(states))]
	if w.random.IntN(20) == 0 {
		s.Redaction = &client.Redaction{Status: client.RedactionRedacted}
	}
	w.apply(s)
}

func (w *world) apply(s client.Session) {
	time.Sleep(time.Millisecond) // so that a later read is newer
	w.api.put(s)
	if err := w.store.Apply(w.t.Context(), mirror.Origin{At: time.Now(), News: true}, s); err != nil {
		w.t.Fatal(err)
	}
}
