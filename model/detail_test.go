package model

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/keymap"
)

// reveal puts the cursor on the verified session and reveals its outputs.
func reveal(t *testing.T, r *rig) {
	t.Helper()
	r.press("G", "enter", "v", "n")
	if r.m.Detail.Outputs == nil {
		t.Fatalf("nothing was revealed: %+v, log %+v", r.m.Detail, r.m.Log.Messages)
	}
}

func TestRevealIsTimed(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		reveal(t, r)
		r.pass(RevealTime - time.Second)
		if r.m.Detail.Outputs == nil {
			t.Error("masked too early")
		}
		r.pass(2 * time.Second)
		if r.m.Detail.Outputs != nil {
			t.Error("still revealed")
		}
	})
}

func TestMasking(t *testing.T) {
	for name, leave := range map[string]func(r *rig){
		"v again":      func(r *rig) { r.press("v") },
		"moving":       func(r *rig) { r.press("k") },
		"blur":         func(r *rig) { r.send(tea.BlurMsg{}) },
		"a dialog":     func(r *rig) { r.press("r") },
		"help":         func(r *rig) { r.press("?") },
		"search":       func(r *rig) { r.press("/") },
		"closing":      func(r *rig) { r.press("esc") },
		"quitting":     func(r *rig) { r.press("q") },
		"other tab":    func(r *rig) { r.press("2") },
		"same session": func(r *rig) { r.press("5") },
		"sorting":      func(r *rig) { r.press("s") },
		"other pane":   func(r *rig) { r.press("tab") },
		"too small":    func(r *rig) { r.send(tea.WindowSizeMsg{Width: 20, Height: 5}) },
		"row redacted": func(r *rig) { redacted(r) },
	} {
		t.Run(name, func(t *testing.T) {
			withRig(t, nil, func(t *testing.T, r *rig) {
				reveal(t, r)
				leave(r)
				r.settle()
				if r.m.Detail.Outputs != nil {
					t.Error("outputs are still held")
				}
			})
		})
	}
}

func redacted(r *rig) {
	s := session(1, "vera_1", client.StatusVerified, "")
	s.Redaction = &client.Redaction{Status: client.RedactionProcessing}
	r.add(s)
}

// TestEveryActionMasks tries each action of the panes: what was revealed is gone, unless
// the operator stays where it is readable.
func TestEveryActionMasks(t *testing.T) {
	tried := 0
	for _, a := range keymap.Actions() {
		if a.Modes&keymap.Panes == 0 || len(a.Keys) == 0 || staysReadable(a.ID) {
			continue
		}
		withRig(t, nil, func(t *testing.T, r *rig) {
			r.press("g")
			reveal(t, r)
			if why := r.m.Why(a.ID); why != "" {
				return
			}
			tried++
			r.m.paneAction(a.ID)
			if r.m.Detail.Outputs != nil {
				t.Errorf("%s leaves them readable", a.ID)
			}
		})
	}
	if tried < 30 {
		t.Errorf("only %d actions were tried", tried)
	}
}

// TestOnlyTheGroupIsHeld reveals each group: of the others nothing is in memory, the
// record names it, and nothing is read without a record.
func TestOnlyTheGroupIsHeld(t *testing.T) {
	all := client.Session{VerifiedOutputs: &client.VerifiedOutputs{FirstName: "Ann", LastName: "Lee", DOB: &client.Date{}, Sex: "female",
		IDNumber: "999", IDNumberType: "us_ssn", Email: "a@example.com", Phone: "+1", Address: &client.Address{Line1: "Main St"}},
		ProvidedDetails: &client.ProvidedDetails{Email: "b@example.com"}}
	held := map[string]int{}
	for g := range GroupCount {
		r := g.of(all)
		for name, has := range map[string]bool{"name": r.Outputs.FirstName+r.Outputs.LastName != "", "birth": r.Outputs.DOB != nil || r.Outputs.Sex != "",
			"address": r.Outputs.Address != nil, "e-mail, phone": r.Outputs.Email+r.Outputs.Phone != "" || r.Provided != nil, "id number": r.Outputs.IDNumber != ""} {
			if has != (name == Groups[g].Name) {
				t.Errorf("%s holds %s: %v", Groups[g].Name, name, has)
			}
			held[name]++
		}
	}
	if len(held) != int(GroupCount) {
		t.Errorf("groups %v", held)
	}
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.m.Identity.Restricted = false
		gets := r.api.gets
		r.press("G", "enter", "v", "b")
		if last := r.m.Log.Messages[len(r.m.Log.Messages)-1]; r.m.Detail.Outputs != nil || last.Level != Refusal || r.api.gets > gets+2 {
			t.Errorf("%+v", last)
		}
		r.press("v", "z")
		if r.m.Modal != nil || r.m.Detail.Revealing {
			t.Error("another key reveals something")
		}
	})
}

// TestLateOutputsAreDropped moves away while the outputs are being read.
func TestLateOutputsAreDropped(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("G", "enter")
		r.send(keyPress("v"))
		r.send(keyPress("n"))
		r.send(keyPress("k"))
		r.settle()
		if r.m.Detail.Outputs != nil {
			t.Error("outputs of another session are shown")
		}
	})
}

func TestMovingCostsNoRequest(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("enter")
		gets := r.api.gets
		r.press("j", "j", "k", "k")
		if r.api.gets != gets {
			t.Errorf("%d requests for moving", r.api.gets-gets)
		}
	})
}

func TestDetailFollowsChanges(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("enter")
		if r.m.Detail.Session.State() != client.StateFailed {
			t.Fatalf("state %s", r.m.Detail.Session.State())
		}
		r.pass(time.Second)
		r.add(session(3, "ann_3", client.StatusProcessing, ""))
		if r.m.Detail.Session.State() != client.StateProcessing {
			t.Errorf("the detail still shows %s", r.m.Detail.Session.State())
		}
	})
}

func TestEscGoesBackOneThingAtATime(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("/", "a", "n", "n", "enter", "enter", "enter")
		if r.m.Focus != DetailPane || !r.m.Detail.Open || r.m.Search.Query.String() != "ann" {
			t.Fatalf("focus %v, detail %v, search %q", r.m.Focus, r.m.Detail.Open, r.m.Search.Query)
		}
		r.press("esc")
		if r.m.Focus != ListPane || !r.m.Detail.Open {
			t.Error("esc in the detail")
		}
		r.press("esc")
		if r.m.Detail.Open || r.m.Search.Query.Empty() {
			t.Error("esc in the list with a detail")
		}
		r.press("esc")
		if !r.m.Search.Query.Empty() || r.m.List.Page.Total != 3 || r.m.List.Selected != annsID {
			t.Error("esc in the list with a search")
		}
	})
}

func TestSearchPutsTheBestMatchUnderTheCursor(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("/", "v", "e", "r")
		if r.m.List.Selected != "vs_test00000001" || r.m.List.Page.Total != 1 {
			t.Errorf("cursor on %s of %d", r.m.List.Selected, r.m.List.Page.Total)
		}
		r.press("enter", "1")
		if r.m.Typing() || r.m.Search.Query.String() != "ver" {
			t.Error("the search did not stay")
		}
	})
}

func TestPasteIsCleanedAndCapped(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("/")
		long := make([]byte, 1<<20)
		for i := range long {
			long[i] = "a\x1b\n"[i%3]
		}
		r.send(tea.PasteMsg{Content: string(long)})
		r.settle()
		if n := len(r.m.Search.Text()); n > LongestQuery {
			t.Errorf("%d characters were taken", n)
		}
	})
}

// TestAPastedDashboardAddressFindsItsSession, which is longer than the line.
func TestAPastedDashboardAddressFindsItsSession(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		row, _ := r.m.List.Current()
		r.press("/")
		r.send(tea.PasteMsg{Content: "https://dashboard.stripe.com/test/identity/verification-sessions/" + row.ID + "?query=a%20longer%20one\n"})
		r.settle()
		if got, ok := r.m.List.Current(); r.m.Search.Text() != row.ID || !ok || got.ID != row.ID || r.m.List.Page.Total != 1 {
			t.Errorf("%q finds %d, %s", r.m.Search.Text(), r.m.List.Page.Total, got.ID)
		}
	})
}

func TestFocusAndPauseReachTheSyncer(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.send(tea.FocusMsg{})
		r.press("P")
		if r.syncer.wish.Away || !r.syncer.wish.Paused {
			t.Errorf("wish %+v", r.syncer.wish)
		}
		r.press("P", "ctrl+r") // at once: the model knows what it asked for
		r.send(tea.BlurMsg{})
		r.settle()
		if !r.syncer.wish.Away || r.syncer.wish.Paused || r.syncer.asked == 0 {
			t.Errorf("wish %+v, asked %d", r.syncer.wish, r.syncer.asked)
		}
	})
}

// TestScrollingStopsAtTheEnds: a key back acts at once, however often the key
// forth was pressed at the end.
func TestScrollingStopsAtTheEnds(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("!", "G", "j", "j", "pgdown")
		end := r.m.Overlay().Scroll
		r.press("k")
		if r.m.Overlay().Scroll != end-1 {
			t.Errorf("scrolled to %d, then to %d", end, r.m.Overlay().Scroll)
		}
		r.press("esc", "enter", "enter", "G", "j")
		end = r.m.Detail.Scroll
		r.press("k")
		if r.m.Detail.Scroll != end-1 || end == 0 {
			t.Errorf("scrolled to %d, then to %d", end, r.m.Detail.Scroll)
		}
	})
}

// TestDetailTeachesTheList: what the operator was shown, the list shows too.
func TestDetailTeachesTheList(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		s := session(1, "vera_1", client.StatusVerified, "")
		s.Redaction = &client.Redaction{Status: client.RedactionProcessing}
		r.api.put(s) // redacted elsewhere; the list can't know
		r.press("G", "enter")
		row, _ := r.m.List.Current()
		if row.State != client.StateRedacting || row.UserID != "" {
			t.Errorf("the row shows %s of %q", row.State, row.UserID)
		}
		gets := r.api.gets
		for n := 10; n < 30; n++ {
			r.add(session(n, "u", client.StatusVerified, ""))
		}
		if r.api.gets > gets+1 {
			t.Errorf("%d reads because others changed", r.api.gets-gets)
		}
	})
}

// TestErasedMetadataGoesAtOnce even if the session can't be read again.
func TestErasedMetadataGoesAtOnce(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("G", "enter")
		r.api.err = &client.Error{Kind: client.KindNetwork, Op: "read session"}
		redacted(r)
		if r.m.Detail.Session != nil || r.m.Detail.Reports != nil {
			t.Errorf("still held: %+v", r.m.Detail.Session)
		}
	})
}

func TestListComesBackAsItWas(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		for n := 10; n < 60; n++ {
			r.add(session(n, "u", client.StatusVerified, ""))
		}
		r.send(tea.WindowSizeMsg{Width: 80, Height: 20})
		r.press("g", "j", "j", "j", "j", "j")
		r.press("enter", "esc")
		if r.m.List.Top != 0 || r.m.List.Index != 5 {
			t.Errorf("top %d, cursor %d", r.m.List.Top, r.m.List.Index)
		}
		was := r.m.List.Selected
		r.press("/", "z", "z", "z", "esc")
		if r.m.List.Selected != was {
			t.Errorf("a search for nothing took the cursor from %s to %s", was, r.m.List.Selected)
		}
		r.press("enter", "/")
		if r.m.Layout().List.Height == 0 {
			t.Error("a search without a list")
		}
	})
}

func TestSearchBeginsWithTheBestMatch(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.add(session(4, "a_long_name_with_n_and_n", client.StatusVerified, ""))
		r.press("s", "S", "/", "a", "n", "n")
		if row, _ := r.m.List.Current(); row.UserID != "ann_3" || r.m.List.Index != 0 {
			t.Errorf("cursor on %q at %d", row.UserID, r.m.List.Index)
		}
	})
}
