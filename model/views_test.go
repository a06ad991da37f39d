package model

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/client/views"
)

// viewsRig has two who failed, one with an expired document, and one who waits.
func viewsRig(t *testing.T, test func(r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"), session(2, "bob", client.StatusRequiresInput, "selfie_face_mismatch"),
			session(3, "cat", client.StatusRequiresInput, ""))
		test(r)
	})
}

func (r *rig) listedIDs() (users []string) {
	for _, row := range r.m.List.Page.Rows {
		users = append(users, row.UserID)
	}
	slices.Sort(users)
	return users
}

func (r *rig) savedNames() (names []string) {
	for _, v := range r.m.Views.Saved {
		names = append(names, v.Name)
	}
	return names
}

func (r *rig) says(text string) {
	r.t.Helper()
	last := r.m.Log.Messages[len(r.m.Log.Messages)-1]
	if !strings.Contains(last.Text, text) {
		r.t.Errorf("says %q, not %q", last.Text, text)
	}
}

func TestSavedViewIsATab(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("2", "/")
		r.script(keys("r e a s o n : s e l f i e _ * enter ctrl+s"))
		line := open[*ViewLine](r.m)
		if line == nil || !line.New || line.Of.Query != "state:failed reason:selfie_*" {
			t.Fatalf("ctrl+s asks for %+v", r.m.Modal)
		}
		r.script(keys("S e l f i e enter"))
		if got := r.m.List.Saved; got != "Selfie" || r.m.ViewChanged() || r.m.Modal != nil {
			t.Fatalf("saved as %q, changed %v, over it %T", got, r.m.ViewChanged(), r.m.Modal)
		}
		if got := r.listedIDs(); !slices.Equal(got, []string{"bob"}) {
			t.Errorf("lists %q", got)
		}
		r.press("S")
		if !r.m.ViewChanged() {
			t.Error("another order is no change of the view")
		}
		r.press("3")
		if r.m.List.Saved != "" || r.m.Search.Text() != "" || !slices.Equal(r.listedIDs(), []string{"cat"}) {
			t.Errorf("a tab leaves the view: %q %q %q", r.m.List.Saved, r.m.Search.Text(), r.listedIDs())
		}
		r.press("9") // Never submitted
		if r.m.List.Saved != "Never submitted" || r.m.Order() != (mirror.Order{Column: mirror.ByAge}) {
			t.Errorf("9 opens %q by %v", r.m.List.Saved, r.m.Order())
		}
		r.press("[")
		if r.m.List.Saved != "" || r.m.List.Tab != 2 {
			t.Errorf("[ goes back to %q %d", r.m.List.Saved, r.m.List.Tab)
		}
		r.press("V", "G", "enter")
		if r.m.List.Saved != "Selfie" || !slices.Equal(r.listedIDs(), []string{"bob"}) {
			t.Errorf("the page opens %q", r.m.List.Saved)
		}
		r.press("esc")
		if r.m.List.Saved != "" || len(r.listedIDs()) != 3 {
			t.Errorf("esc leaves %q with %q", r.m.List.Saved, r.listedIDs())
		}
	})
}

// TestEscLeavesAView: first what was typed over it, then the view; an abandoned search
// leaves nothing.
func TestEscLeavesAView(t *testing.T) {
	viewsRig(t, func(r *rig) {
		for _, c := range []struct{ keys, saved, search string }{
			{"8", "Stuck", "stuck:yes"},
			{"esc", "", ""},
			{"8 esc", "", ""},
			{"8 / esc", "Stuck", "stuck:yes"},
			{"/ space a n n enter", "Stuck", "stuck:yes ann"},
			{"esc", "Stuck", "stuck:yes"},
			{"esc", "", ""},
			{"V G k k enter j enter esc", "Failed today", "state:failed since:<24h"},
			{"V esc", "Failed today", "state:failed since:<24h"},
			{"i esc esc", "", ""},
			{"2 8 S esc", "", ""},
		} {
			r.script(keys(c.keys))
			if r.m.List.Saved != c.saved || r.m.Search.Text() != c.search || r.m.Modal != nil || r.m.List.Tab != 0 {
				t.Errorf("%s leads to %q, %q, tab %d, %T", c.keys, r.m.List.Saved, r.m.Search.Text(), r.m.List.Tab+1, r.m.Modal)
			}
		}
	})
}

func TestViewsAreChangedOnTheirPage(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("V", "d")
		r.says("the first seven stay as they are")
		r.press("G", "shift+up", "shift+up", "shift+up", "shift+up")
		if got := r.savedNames(); got[0] != "Redactions open" || r.m.Views.At != len(Tabs) {
			t.Fatalf("moved to %q, cursor %d", got, r.m.Views.At)
		}
		r.press("e", "backspace", "backspace")
		r.script(keys("x y enter"))
		if got := r.savedNames(); got[0] != "Redactions opxy" {
			t.Errorf("renamed to %q", got)
		}
		r.press("d", "n")
		if len(r.m.Views.Saved) != 5 {
			t.Error("deleted without y")
		}
		r.press("d", "y")
		if got := r.savedNames(); len(got) != 4 || got[0] != "Stuck" {
			t.Errorf("left are %q", got)
		}
		r.pass(QuietTime) // the rest of the answer has no effect
		r.press("e")
		r.script(keys("ctrl+u M a n y space t r i e s enter"))
		if r.says("Another view has this name"); open[*ViewLine](r.m) == nil {
			t.Error("a name that is taken closes the line")
		}
		r.press("esc")
		if kept, err := r.m.config.Keeper.Read(); err != nil || len(kept) != 4 {
			t.Errorf("the file has %d %v", len(kept), err)
		}
	})
}

func TestCommandSavesAView(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("2", ":")
		r.script(keys("s a v e space B r o k e n enter"))
		if r.m.List.Saved != "Broken" || r.savedNames()[5] != "Broken" {
			t.Errorf("saved %q of %q", r.m.List.Saved, r.savedNames())
		}
		r.press("1", ":")
		r.script(keys("s a v e space s t u c k enter"))
		if r.says("Another view has this name"); r.m.Views.Saved[0].Query != "stuck:yes" {
			t.Error("another view was replaced")
		}
	})
}

func TestViewsNameNobody(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("/")
		r.script(keys("a n n enter ctrl+s"))
		r.says(query.ErrNames.Error())
		r.press("esc", "j", "u", "ctrl+s")
		r.says(query.ErrNames.Error())
		if r.m.Modal != nil || len(r.m.Views.Saved) != 5 {
			t.Errorf("%T, %q", r.m.Modal, r.savedNames())
		}
	})
}

func TestViewsAreCounted(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.pass(countsEvery + tickTime)
		if got, ok := r.m.Views.Count(ViewID{Saved: "Failed today"}); !ok || got.Sessions != 2 {
			t.Errorf("counts %+v", got)
		}
		r.add(session(4, "dan", client.StatusRequiresInput, "document_expired"))
		r.pass(countsEvery + tickTime)
		if got, _ := r.m.Views.Count(ViewID{Saved: "Failed today"}); got.Sessions != 3 {
			t.Errorf("counts %+v later", got)
		}
	})
}

type brokenViews struct{}

func (brokenViews) Read() ([]views.View, error)               { return nil, errors.New("line 3 is not of its form") }
func (brokenViews) Change(views.Change) ([]views.View, error) { panic("changed") }

func TestUnreadableViewsAreSaidAndNotChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.Keeper = brokenViews{} })
		r.says("Line 3 is not of its form")
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"))
		r.press("2", "ctrl+s")
		r.says("the saved views can't be read")
		r.press("8")
		r.says("the saved views can't be read")
		r.press("V", "d")
		r.says("the saved views can't be read")
	})
}

// TestViewsOfAnotherDashboard: V shows them, and a name that is taken there is refused.
func TestViewsOfAnotherDashboard(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("2")
		add := func(name string) {
			t.Helper()
			if _, err := r.m.config.Keeper.Change(views.Save(views.View{Name: name, Query: "state:verified"})); err != nil {
				t.Fatal(err)
			}
		}
		add("Theirs")
		if r.press("V"); !slices.Contains(r.savedNames(), "Theirs") {
			t.Errorf("V shows %q", r.savedNames())
		}
		r.press("esc", ":")
		add("Later")
		r.script(keys("s a v e space l a t e r enter"))
		r.says("Another view has this name")
		kept, err := r.m.config.Keeper.Read()
		if i := slices.IndexFunc(kept, func(v views.View) bool { return v.Name == "Later" }); err != nil || i < 0 || kept[i].Query != "state:verified" {
			t.Errorf("the file has %+v %v", kept, err)
		}
	})
}

// breakingViews can be read until something broke the file, and again when it is mended.
type breakingViews struct {
	*views.File
	broken bool
}

func (b *breakingViews) Read() ([]views.View, error) {
	if b.broken {
		return nil, errors.New("line 3 is not of its form")
	}
	return b.File.Read()
}

func (b *breakingViews) Change(change views.Change) ([]views.View, error) {
	if b.broken {
		return b.Read()
	}
	return b.File.Change(change)
}

// TestAViewThatIsNotKeptIsNotShown: neither in the page nor as the open one. What broke is
// said in V, and is forgotten there once it is mended.
func TestAViewThatIsNotKeptIsNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper := &breakingViews{File: views.In(t.TempDir())}
		r := newRig(t, func(c *Config) { c.Keeper = keeper })
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"))
		r.press("2", "ctrl+s")
		keeper.broken = true
		r.script(keys("M i n e enter"))
		if r.says("Line 3 is not of its form"); r.m.List.Saved != "" || slices.Contains(r.savedNames(), "Mine") || len(r.m.Views.Saved) != 5 {
			t.Errorf("open is %q of %q", r.m.List.Saved, r.savedNames())
		}
		for _, said := range r.m.Log.Messages {
			if strings.HasPrefix(said.Text, "Saved") {
				t.Errorf("says %q", said.Text)
			}
		}
		if r.press("V"); r.m.Views.Err == nil {
			t.Error("V does not say that the views can't be read")
		}
		keeper.broken = false
		if r.press("esc", "V"); r.m.Views.Err != nil || len(r.m.Views.Saved) != 5 {
			t.Errorf("mended: %v, %q", r.m.Views.Err, r.savedNames())
		}
	})
}

// TestNumbersOpenViewsOnTheirPage, which shows them.
func TestNumbersOpenViewsOnTheirPage(t *testing.T) {
	viewsRig(t, func(r *rig) {
		for _, c := range []struct {
			key, saved string
			tab        int
		}{{"8", "Stuck", 0}, {"3", "", 2}, {"3", "", 2}, {"9", "Never submitted", 0}, {"1", "", 0}} {
			if r.press("V", c.key); r.m.Modal != nil || r.m.List.Saved != c.saved || r.m.List.Tab != c.tab {
				t.Errorf("%s: %T over %q, tab %d", c.key, r.m.Modal, r.m.List.Saved, r.m.List.Tab+1)
			}
		}
	})
}

// newsRig is a viewsRig whose views were all looked at.
func newsRig(t *testing.T, test func(r *rig)) {
	viewsRig(t, func(r *rig) {
		r.press("V")
		for range len(Tabs) + len(r.m.Views.Saved) {
			r.press("enter", "V", "j")
		}
		r.press("esc", "1")
		r.wantFresh("at the start", map[string]int{})
		test(r)
	})
}

// fresh is the number of new sessions in each view, by its name or the number of its tab.
func (r *rig) fresh() map[string]int {
	r.pass(countsEvery + tickTime)
	fresh := map[string]int{}
	for id, count := range r.m.Views.counts.of {
		if count.New > 0 {
			fresh[cmp.Or(id.Saved, fmt.Sprint(id.Tab+1))] = count.New
		}
	}
	return fresh
}

func (r *rig) wantFresh(when string, want map[string]int) {
	r.t.Helper()
	if got := r.fresh(); !maps.Equal(got, want) {
		r.t.Errorf("%s: new are %v, want %v", when, got, want)
	}
}

// TestNewSinceLooked: what comes into a view while another one is looked at is new there
// until the operator looks.
func TestNewSinceLooked(t *testing.T) {
	newsRig(t, func(r *rig) {
		fails := func(n int, code string) client.Session {
			return session(n, fmt.Sprint("user", n), client.StatusRequiresInput, code)
		}
		r.add(fails(4, "document_expired"), session(5, "eve", client.StatusVerified, ""))
		r.wantFresh("two have come", map[string]int{"2": 1, "5": 1, "Failed today": 1}) // tab 1 is looked at
		r.press("2")
		r.wantFresh("a look at tab 2", map[string]int{"5": 1, "Failed today": 1})
		r.add(fails(6, "document_expired"))
		r.wantFresh("one has come where the operator looks", map[string]int{"1": 1, "5": 1, "Failed today": 2})
		r.press("/")
		r.script(keys("u s e r 9 enter"))
		r.add(fails(7, "document_expired"))
		r.wantFresh("a search in tab 2 is a look at it", map[string]int{"1": 2, "5": 1, "Failed today": 3})
		r.press("esc", "i")
		r.add(fails(8, "document_expired"))
		r.wantFresh("while a page covers the list", map[string]int{"1": 3, "2": 1, "5": 1, "Failed today": 4})
		r.press("esc")
		r.send(tea.BlurMsg{})
		r.settle()
		later := mirror.Origin{At: time.Unix(1_800_000_000, 0), News: true}
		if err := r.store.Apply(t.Context(), later, fails(4, "selfie_face_mismatch")); err != nil {
			t.Fatal(err)
		}
		r.wantFresh("one failed again while the terminal had no focus", map[string]int{"1": 3, "2": 1, "5": 1, "Failed today": 4})
		r.send(tea.FocusMsg{})
		r.press("V", "G", "k", "k", "enter", "5")
		r.wantFresh("a look at all of them but tab 1", map[string]int{"1": 3})
		r.add(fails(5, "document_expired"))
		r.wantFresh("a verdict that was turned round", map[string]int{"1": 3, "2": 1, "Failed today": 1})
	})
}

// TestReadBackIsNotNew: sessions that were only not known yet are not new.
func TestReadBackIsNotNew(t *testing.T) {
	newsRig(t, func(r *rig) {
		if err := r.store.Apply(t.Context(), mirror.Origin{At: time.Now()}, session(9, "old", client.StatusRequiresInput, "document_expired")); err != nil {
			t.Fatal(err)
		}
		r.wantFresh("read back", map[string]int{})
	})
}

// TestTimeLetsIn: a session that is stuck since the look is new there, and nowhere else.
func TestTimeLetsIn(t *testing.T) {
	newsRig(t, func(r *rig) {
		r.press("4")
		r.add(session(9, "zed", client.StatusProcessing, ""))
		r.wantFresh("it is processed", map[string]int{"1": 1})
		time.Sleep(client.StuckAfter)
		r.settle()
		r.wantFresh("it is stuck", map[string]int{"1": 1, "Stuck": 1})
	})
}

// TestOwnWorkIsNotNew: what this operator canceled, redacted or created; what somebody else
// does to the same session later is.
func TestOwnWorkIsNotNew(t *testing.T) {
	newsRig(t, func(r *rig) {
		r.press("2")
		r.press("j", "c")
		r.pass(QuietTime)
		r.press("y")
		r.pass(10 * time.Second)
		canceled := r.m.List.Page.Counts.State[client.StateCanceled]
		if canceled != 1 {
			t.Fatalf("%d are canceled: %+v", canceled, r.m.Log.Messages)
		}
		r.wantFresh("canceled here", map[string]int{})
		r.add(session(1, "ann", client.StatusCanceled, ""))
		r.wantFresh("the other one canceled elsewhere", map[string]int{"6": 1})
		r.press("6", "j", "r")
		r.pass(QuietTime)
		r.press("y")
		r.pass(10 * time.Second)
		if n := r.m.List.Page.Counts.State[client.StateRedacting]; n != 1 {
			t.Fatalf("%d are being redacted: %+v", n, r.m.Log.Messages)
		}
		r.wantFresh("redacted here", map[string]int{})
		gone := session(3, "", client.StatusCanceled, "")
		gone.Redaction = &client.Redaction{Status: client.RedactionProcessing}
		r.add(gone)
		r.wantFresh("another one is redacted elsewhere", map[string]int{"7": 1, "Redactions open": 1})
	})
}

// TestRefusedWorkIsNotOwn: what was confirmed here and not done is new when it happens later.
func TestRefusedWorkIsNotOwn(t *testing.T) {
	newsRig(t, func(r *rig) {
		r.press("2", "j", "c")
		r.api.put(session(2, "bob", client.StatusProcessing, "")) // it changed meanwhile
		r.api.put(session(1, "ann", client.StatusProcessing, ""))
		r.pass(QuietTime)
		r.press("y")
		r.pass(10 * time.Second)
		if n := r.m.List.Page.Counts.State[client.StateCanceled]; n != 0 {
			t.Fatalf("%d are canceled", n)
		}
		r.add(session(1, "ann", client.StatusCanceled, ""), session(2, "bob", client.StatusCanceled, ""))
		if got := r.fresh()["6"]; got != 2 {
			t.Errorf("%d are new among the canceled, want 2", got)
		}
	})
}

// TestRenamedViewKeepsItsNews: another name is the same view; another query is another one.
func TestRenamedViewKeepsItsNews(t *testing.T) {
	newsRig(t, func(r *rig) {
		r.add(session(4, "dan", client.StatusRequiresInput, "document_expired"))
		r.wantFresh("one has come", map[string]int{"2": 1, "Failed today": 1})
		r.press("V", "G", "k", "k", "e")
		r.script(keys("ctrl+u N e w enter"))
		if got := r.fresh(); got["New"] != 1 || got["Failed today"] != 0 {
			t.Errorf("renamed: %v", got)
		}
	})
}

// TestViewsOfTheConfig stand below the saved ones, can be opened and not be changed.
func TestViewsOfTheConfig(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) {
			c.Views = []views.View{{Name: "Expired", Query: "reason:document_expired"}, {Name: "stuck", Query: "stuck:no"}}
		})
		if n := r.m.Log.Messages[len(r.m.Log.Messages)-1]; n.Text != "The view stuck of the config is not shown" {
			t.Errorf("says %q", n.Text)
		}
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"), session(2, "bob", client.StatusVerified, ""))
		r.press("V", "G", "enter")
		if got := r.listedIDs(); r.m.List.Saved != "Expired" || !slices.Equal(got, []string{"ann"}) {
			t.Errorf("opened %q with %q", r.m.List.Saved, got)
		}
		for _, key := range []string{"e", "d", "shift+up"} {
			r.press("V", "G", key)
			r.says("it stands in the config")
			r.press("esc")
		}
		r.press("S", "ctrl+s")
		if l := open[*ViewLine](r.m); l == nil || l.Text() != "" || l.Offered {
			t.Fatalf("ctrl+s asks %+v", r.m.Modal)
		}
		r.script(keys("e x p i r e d enter"))
		r.says("A view of the config has this name")
		r.script(keys("2 enter"))
		if want := []string{"Stuck", "Never submitted", "Failed today", "Many tries", "Redactions open", "expired2", "Expired"}; !slices.Equal(r.savedNames(), want) || r.m.List.Saved != "expired2" {
			t.Errorf("saved %q", r.savedNames())
		}
		if kept, err := r.m.config.Keeper.Read(); err != nil || len(kept) != 6 {
			t.Errorf("the file has %d %v", len(kept), err)
		}
	})
}

// TestServersClockLetsNobodyIn: a session that is in a view by the server's clock, which was
// not known when the view was first counted, is not new.
func TestServersClockLetsNobodyIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		if err := r.store.Apply(t.Context(), mirror.Origin{At: time.Now()}, session(9, "old", client.StatusRequiresInput, "")); err != nil {
			t.Fatal(err)
		}
		r.wantFresh("the server's clock is not known", map[string]int{})
		r.report(mirror.Status{Ahead: 30 * 365 * 24 * time.Hour})
		r.pass(timedCountsEvery)
		r.wantFresh("it is known", map[string]int{})
		if got, _ := r.m.Views.Count(ViewID{Saved: "Never submitted"}); got.Sessions != 1 {
			t.Errorf("%d sessions were never submitted", got.Sessions)
		}
	})
}
