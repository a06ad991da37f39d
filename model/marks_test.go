package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
)

// people fills a rig with sessions of three users, newest last.
func people(t *testing.T, test func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		for n, user := range []string{"ann", "bob", "ann", "cid", "ann"} {
			r.add(session(n+1, user, client.StatusRequiresInput, "document_expired"))
		}
		r.press("g")
		test(t, r)
	})
}

func id(n int) string { return session(n, "", "", "").ID }

// TestMarksStayWithTheirSessions: no filter, search or change removes or moves a
// mark, and marked sessions outside of the list are counted.
func TestMarksStayWithTheirSessions(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.press("space", "j", "space") // 5 and 4
		if got := r.m.Marks.IDs(); !slices.Equal(got, []string{id(5), id(4)}) {
			t.Fatalf("marked %v", got)
		}
		r.press("/", "b", "o", "b", "enter")
		if r.m.Marks.Len() != 2 || r.m.List.Page.Marked != 0 {
			t.Errorf("%d marked, %d of them listed", r.m.Marks.Len(), r.m.List.Page.Marked)
		}
		r.press("esc", "6", "1", "s", "S")
		r.add(session(9, "new", client.StatusVerified, ""), session(4, "cid", client.StatusCanceled, ""))
		if got := r.m.Marks.IDs(); !slices.Equal(got, []string{id(5), id(4)}) || r.m.List.Page.Marked != 2 {
			t.Errorf("marked %v, %d listed", got, r.m.List.Page.Marked)
		}
		r.press("-")
		if r.m.Marks.Len() != 0 || r.m.Why(keymap.Unmark) == "" {
			t.Errorf("- left %v", r.m.Marks.IDs())
		}
	})
}

// TestShiftArrowsMarkARange: back over what the run marked takes it away again,
// what was marked before stays.
func TestShiftArrowsMarkARange(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.press("j", "j", "space", "g") // 3 is marked before
		shift := func(key string) { r.send(tea.KeyPressMsg{Code: keyCodes[key], Mod: tea.ModShift}); r.settle() }
		shift("down")
		shift("down")
		shift("down")
		if got := r.m.Marks.IDs(); !slices.Equal(got, []string{id(3), id(5), id(4), id(2)}) {
			t.Fatalf("marked %v", got)
		}
		shift("up")
		if got := r.m.Marks.IDs(); !slices.Equal(got, []string{id(3), id(5), id(4)}) || r.m.List.Selected != id(3) {
			t.Fatalf("marked %v, cursor on %s", got, r.m.List.Selected)
		}
		r.press("G", "k")
		shift("up")
		if r.m.Marks.Len() != 4 { // another run: 2 is marked, 3 was
			t.Errorf("marked %v", r.m.Marks.IDs())
		}
	})
}

func TestMarkAllHasALimit(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.press("/", "a", "n", "n", "enter", "*")
		if r.m.Marks.Len() != 3 {
			t.Errorf("marked %v", r.m.Marks.IDs())
		}
		var many []client.Session
		for n := range r.m.MaxMarks() {
			many = append(many, session(100+n, "ann", client.StatusVerified, ""))
		}
		r.add(many...)
		r.press("*")
		if n, _ := r.m.Notice(); r.m.Marks.Len() != 3 || !strings.Contains(n.Text, "at most 500") {
			t.Errorf("%d marked, notice %+v", r.m.Marks.Len(), n)
		}
	})
}

func TestOnePersonExactly(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.add(session(7, "ann2", client.StatusVerified, ""))
		r.press("g", "j", "u") // 5, of ann
		if r.m.List.Page.Total != 3 || r.m.List.View.UserID != "ann" {
			t.Fatalf("%d sessions in %+v", r.m.List.Page.Total, r.m.List.View)
		}
		r.press("r")
		if p := open[*PlanScreen](r.m); p == nil || p.UserID != "ann" || len(p.Plan.Entries) != 3 || p.Plan.Phrase() != "REDACT 3 TEST" {
			t.Fatalf("plan %+v", open[*PlanScreen](r.m))
		}
		r.press("esc", "esc")
		if open[*PlanScreen](r.m) != nil || r.m.List.View.Kind != WholeView || r.m.List.Page.Total != 6 {
			t.Errorf("plan %v, view %+v", open[*PlanScreen](r.m), r.m.List.View)
		}
		r.add(session(8, "", client.StatusVerified, ""))
		r.press("g", "u")
		if n, _ := r.m.Notice(); r.m.List.View.Kind != WholeView || !strings.Contains(n.Text, "no user_id") {
			t.Errorf("view %+v, notice %+v", r.m.List.View, n)
		}
	})
}

// TestPlanIsAskedFor: neither enter nor a paste nor keys typed ahead confirm, a
// change makes a new plan and forgets what was typed.
func TestPlanIsAskedFor(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.press("space", "j", "space", "c")
		phrase := strings.Split("CANCEL 2 TEST", "")
		r.press(phrase...) // ahead of the quiet time
		if open[*PlanScreen](r.m) == nil || open[*PlanScreen](r.m).Value("confirm") != "" {
			t.Fatalf("plan %+v", open[*PlanScreen](r.m))
		}
		r.pass(time.Second)
		r.press("enter", "up")
		r.send(tea.PasteMsg{Content: "CANCEL 2 TEST"})
		r.settle()
		if open[*PlanScreen](r.m) == nil || open[*PlanScreen](r.m).Value("confirm") != "" {
			t.Fatal("a paste was taken")
		}
		r.press(phrase[:5]...)
		changed := session(4, "cid", client.StatusProcessing, "")
		r.add(changed)
		if p := open[*PlanScreen](r.m); !p.Changed || p.Value("confirm") != "" || p.Plan.Phrase() != "CANCEL 2 TEST" || p.Plan.When() != "1 now, 1 later" {
			t.Fatalf("plan %+v", open[*PlanScreen](r.m))
		}
		r.pass(time.Second)
		r.press("tab", "tab", "space", "up", "up")
		r.press(strings.Split("CANCEL 1 TEST", "")...)
		r.pass(3 * time.Second)
		if want := []string{"cancel " + id(5)}; !slices.Equal(r.api.posts, want) || open[*PlanScreen](r.m) != nil || r.m.Marks.Len() != 0 {
			t.Errorf("posts %v, plan %v, marks %v", r.api.posts, open[*PlanScreen](r.m), r.m.Marks.IDs())
		}
	})
}

// Where the config requires a reason, one session goes by a plan too, which has
// a field for it.
func TestPlanWantsAReason(t *testing.T) {
	for _, keys := range [][]string{{"space", "r"}, {"r"}} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, nil)
			r.m.config.ReasonRequired = true
			r.add(session(1, "ann", client.StatusVerified, ""))
			r.press("j")
			r.press(keys...)
			r.pass(time.Second)
			r.press(strings.Split("REDACT 1 TEST", "")...)
			if open[*PlanScreen](r.m) == nil || open[*PlanScreen](r.m).Block() != "needs a reason first: tab" || open[*PlanScreen](r.m).Value("confirm") != "" {
				t.Fatalf("plan %v, %q", open[*PlanScreen](r.m), open[*PlanScreen](r.m).Block())
			}
			r.press("tab", "t", "up")
			r.press(strings.Split("REDACT 1 TEST", "")...)
			r.pass(3 * time.Second)
			if len(r.api.posts) != 1 {
				t.Errorf("posts %v, plan %+v, notice %+v", r.api.posts, open[*PlanScreen](r.m), r.notice())
			}
			jobs, err := r.m.config.Desk.Journal.Jobs()
			if err != nil || len(jobs) != 1 || jobs[0].Reason != "t" {
				t.Errorf("jobs %+v, %v", jobs, err)
			}
		})
	}
}

// A user_id goes to the clipboard only when the ledger has that it does.
func TestCopyOfAPersonIsRecorded(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		copied := 0
		r.m.config.Clip = func(s string) (string, error) { copied++; return s, nil }
		book := r.m.config.Desk.Ledger
		before := book.Head().Seq
		r.press("Y")
		r.pass(time.Second)
		if n, _ := r.m.Notice(); copied != 1 || book.Head().Seq != before+1 || !strings.Contains(n.Text, "Copied the user_id") {
			t.Errorf("copied %d times, head %v, notice %+v", copied, book.Head(), n)
		}
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
		r.press("Y")
		r.pass(time.Second)
		if n, _ := r.m.Notice(); copied != 1 || n.Level != Failure || !strings.Contains(n.Text, "can't be recorded") {
			t.Errorf("copied %d times, notice %+v", copied, n)
		}
		r.m.config.Desk, r.m.config.WhyNot = nil, "there is no ledger"
		r.press("Y")
		r.pass(time.Second)
		if n, _ := r.m.Notice(); copied != 1 || !strings.Contains(n.Text, "there is no ledger") {
			t.Errorf("copied %d times, notice %+v", copied, n)
		}
	})
}

// TestQuitWaitsForTheCountdown: what was confirmed and is not sent is said.
func TestQuitWaitsForTheCountdown(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.m.config.Undo = 5 * time.Second
		r.press("c")
		r.pass(time.Second)
		r.press("y")
		r.pass(QuietTime)
		r.press("q")
		if n, _ := r.m.Notice(); quits(r) != 0 || !strings.Contains(n.Text, "not sent yet") {
			t.Fatalf("quits %d, notice %+v", quits(r), n)
		}
		r.press("z")
		r.pass(10 * time.Second)
		if len(r.api.posts) != 0 || len(r.m.Jobs.Sending) != 0 {
			t.Errorf("posts %v, sending %v", r.api.posts, r.m.Jobs.Sending)
		}
	})
}

// TestWriteNeedsAReason: a live account is read-only until :write says why.
func TestWriteNeedsAReason(t *testing.T) {
	withRig(t, func(c *Config) {
		c.Identity.Live, c.Identity.ReadOnly = true, true
	}, func(t *testing.T, r *rig) {
		gate := new(client.Gate)
		r.m.config.Gate = gate
		r.press("c")
		if n, _ := r.m.Notice(); open[*Dialog](r.m) != nil || !strings.Contains(n.Text, ":write") {
			t.Fatalf("notice %+v", n)
		}
		command := func(line string) { r.press(":"); r.press(strings.Split(line, "")...); r.press("enter") }
		command("write")
		if gate.IsOpen() {
			t.Fatal("it was opened without a reason")
		}
		command("write ticket 4711")
		if !gate.IsOpen() || r.m.Identity.ReadOnly {
			t.Fatalf("open %v, identity %+v, %+v", gate.IsOpen(), r.m.Identity, r.m.Log)
		}
		command("read-only")
		if gate.IsOpen() || !r.m.Identity.ReadOnly {
			t.Errorf("open %v, identity %+v", gate.IsOpen(), r.m.Identity)
		}
	})
}

// TestPaletteKnowsEveryAction: all but those that move, and those of a
// dialog or a form, are there by their names.
func TestPaletteKnowsEveryAction(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		for _, action := range keymap.Actions() {
			if action.Group == keymap.Moving || action.Group == keymap.Asked || action.ID == keymap.Palette {
				continue
			}
			r.press(":")
			name := action.Title
			if slices.Contains(SavedKeys[:], action.ID) { // it is there by the name of its view
				name = r.m.Title(action)
			}
			r.press(strings.Split(name, "")...)
			found := slices.ContainsFunc(open[*Palette](r.m).Entries, func(e Entry) bool { return e.Action == action.ID })
			if !found {
				t.Errorf("%s: %s", action.ID, fmt.Sprint(open[*Palette](r.m).Entries))
			}
			r.press("esc")
		}
	})
}

// TestPersonIsNotTheMarked: with a person on the screen, marks of others would be
// planned unseen.
func TestPersonIsNotTheMarked(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.press("j", "space", "k", "u") // 4 is cid's, 5 is ann's
		r.press("r")
		if n, _ := r.m.Notice(); open[*PlanScreen](r.m) != nil || !strings.Contains(n.Text, "not shown here") {
			t.Fatalf("plan %+v, notice %+v", open[*PlanScreen](r.m), n)
		}
		asked := r.syncer.asked
		r.press("-", "r")
		if open[*PlanScreen](r.m) == nil || open[*PlanScreen](r.m).UserID != "ann" || r.syncer.asked == asked {
			t.Errorf("plan %+v, synced %d times", open[*PlanScreen](r.m), r.syncer.asked-asked)
		}
	})
}

// TestMarkAllOfASearchMarksWhatHasTheWordsAsTyped: /user_7 and * is not about
// user_142677, and what was left out is said; pressed again it is marked too, and
// the plan says how many there are of those.
func TestMarkAllOfASearchMarksWhatHasTheWordsAsTyped(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.add(session(10, "user_7", client.StatusVerified, ""), session(11, "user_142677", client.StatusVerified, ""),
			session(12, "User_77", client.StatusVerified, ""), session(13, "úser_7", client.StatusVerified, ""), session(14, "user_817", client.StatusVerified, ""))
		r.press("/", "u", "s", "e", "r", "_", "7", "enter", "*")
		if got := r.m.Marks.IDs(); !slices.Equal(slices.Sorted(slices.Values(got)), []string{id(10), id(12)}) {
			t.Fatalf("marked %v", got)
		}
		if n, _ := r.m.Notice(); n.Text != "Marked 2; 3 with letters apart or accented left out" || n.Hint != "* again marks them" {
			t.Errorf("notice %+v", n)
		}
		r.press("r")
		if open[*PlanScreen](r.m) == nil || open[*PlanScreen](r.m).Apart != 0 {
			t.Fatalf("plan %+v", open[*PlanScreen](r.m))
		}
		r.press("esc", "*")
		if n, _ := r.m.Notice(); r.m.Marks.Len() != 5 || n.Text != "Marked all 5 that are listed" {
			t.Errorf("marked %v, notice %+v", r.m.Marks.IDs(), n)
		}
		r.press("r")
		if open[*PlanScreen](r.m) == nil || open[*PlanScreen](r.m).Apart != 3 {
			t.Fatalf("plan %+v", open[*PlanScreen](r.m))
		}
		r.press("esc", "-", "*")
		if r.m.Marks.Len() != 2 {
			t.Errorf("after - marked %v", r.m.Marks.IDs())
		}
		r.press("-", "esc", "/", "a", "n", "n", "enter", "*") // nothing is left out
		if n, _ := r.m.Notice(); r.m.Marks.Len() != 3 || n.Text != "Marked all 3 that are listed" {
			t.Errorf("marked %v, notice %+v", r.m.Marks.IDs(), n)
		}
	})
}

// TestMarkAllOfManyScattered: that too many match with letters apart is no reason
// not to mark the few that have the words.
func TestMarkAllOfManyScattered(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		var many []client.Session
		for n := range r.m.MaxMarks() {
			many = append(many, session(100+n, "a_n_n", client.StatusVerified, ""))
		}
		r.add(many...)
		r.press("/", "a", "n", "n", "enter", "*")
		if r.m.Marks.Len() != 3 {
			t.Errorf("marked %d", r.m.Marks.Len())
		}
		r.press("*")
		if n, _ := r.m.Notice(); r.m.Marks.Len() != 3 || !strings.Contains(n.Text, "at most 500") {
			t.Errorf("%d marked, notice %+v", r.m.Marks.Len(), n)
		}
	})
}

// TestIDsThatLookAlikeAreTakenInByChoice: the list of a person and the plan are
// of exactly one user_id until A, and tell of the others.
func TestIDsThatLookAlikeAreTakenInByChoice(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.add(session(20, "jose\u0301_7", client.StatusVerified, ""), session(21, "josé_7 ", client.StatusVerified, ""),
			session(22, "josé_7 ", client.StatusVerified, ""), session(23, "josé_7", client.StatusVerified, ""))
		if why := r.m.Why(keymap.Alike); why != "show a person first: u" {
			t.Errorf("A can't be pressed here: %q", why)
		}
		r.press("g", "u")
		want := []mirror.Alike{{UserID: "jose\u0301_7", Sessions: 1}, {UserID: "josé_7 ", Sessions: 2}}
		if page := r.m.List.Page; page.Total != 1 || !slices.Equal(page.Alike, want) {
			t.Fatalf("%d sessions, and alike %+v", page.Total, page.Alike)
		}
		r.press("r")
		if p := open[*PlanScreen](r.m); p == nil || p.Plan.Phrase() != "REDACT 1 TEST" || p.Taken || !slices.Equal(p.Alike, want) {
			t.Fatalf("plan %+v", open[*PlanScreen](r.m))
		}
		r.press("R", "E", "D", "A")
		if p := open[*PlanScreen](r.m); p.Taken || p.Value(fieldConfirm) != "" {
			t.Fatalf("a letter of a phrase that was typed ahead took them in: %+v", p)
		}
		r.pass(2 * time.Second)
		r.press("A")
		if p := open[*PlanScreen](r.m); p == nil || p.Plan.Phrase() != "REDACT 4 TEST" || !p.Taken || p.Changed || !slices.Equal(p.Alike, want) {
			t.Fatalf("plan %+v", open[*PlanScreen](r.m))
		}
		r.add(session(24, "josé_7", client.StatusVerified, ""))
		if p := open[*PlanScreen](r.m); p.Plan.Phrase() != "REDACT 5 TEST" || !p.Changed {
			t.Fatalf("a plan made anew is of %s", p.Plan.Phrase())
		}
		r.pass(time.Second)
		r.press("A")
		if p := open[*PlanScreen](r.m); p.Plan.Phrase() != "REDACT 2 TEST" || p.Taken {
			t.Fatalf("left out again it is %s", p.Plan.Phrase())
		}
		r.pass(time.Second)
		r.press("R", "E", "D", "A")
		if p := open[*PlanScreen](r.m); p.Taken || p.Value(fieldConfirm) != "REDA" {
			t.Fatalf("a letter of the phrase took them in, or was lost: %q", p.Value(fieldConfirm))
		}
		r.press("esc", "A")
		if page := r.m.List.Page; page.Total != 5 || !r.m.List.View.Alike {
			t.Fatalf("%d sessions in %+v", page.Total, r.m.List.View)
		}
		r.press("r")
		if p := open[*PlanScreen](r.m); p == nil || p.Plan.Phrase() != "REDACT 5 TEST" || !p.Taken {
			t.Fatalf("plan %+v", open[*PlanScreen](r.m))
		}
		r.press("esc", "A")
		if r.m.List.Page.Total != 2 {
			t.Errorf("%d sessions", r.m.List.Page.Total)
		}
	})
}
