package model

import (
	"errors"
	"math/rand/v2"
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

// withRig runs a test on a model with one failed, one processing and one
// verified session; the cursor is on the failed one.
func withRig(t *testing.T, change func(*Config), test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, change)
		r.add(session(1, "vera_1", client.StatusVerified, ""), session(2, "paul_2", client.StatusProcessing, ""),
			session(3, "ann_3", client.StatusRequiresInput, "document_expired"))
		r.press("j")
		test(t, r)
	})
}

func live(c *Config) { c.Identity.Live = true }

const annsID = "vs_test00000003"

func TestConfirmCancel(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		if open[*Dialog](r.m) == nil || open[*Dialog](r.m).Row.ID != annsID || open[*Dialog](r.m).Armed {
			t.Fatalf("dialog %+v", open[*Dialog](r.m))
		}
		r.press("y")
		r.pass(300 * time.Millisecond)
		r.press("y") // typed ahead again: the wait begins anew
		r.pass(300 * time.Millisecond)
		r.press("y")
		if len(r.api.posts) != 0 {
			t.Fatal("keys typed ahead confirmed")
		}
		r.pass(longQuietTime)
		r.press("enter", "space", "Y", "j", "c", "y")
		if len(r.api.posts) != 0 || open[*Dialog](r.m) == nil {
			t.Fatalf("other keys than y acted, or a y among them: %v", r.api.posts)
		}
		r.pass(longQuietTime)
		r.press("y")
		r.pass(2 * time.Second)
		if want := []string{"cancel " + annsID}; !slices.Equal(r.api.posts, want) || open[*Dialog](r.m) != nil {
			t.Fatalf("posts %v, want %v", r.api.posts, want)
		}
		if row, _ := r.m.List.Current(); row.State != client.StateCanceled {
			t.Errorf("the row shows %s after the answer", row.State)
		}
		if n, _ := r.m.Notice(); n.Level != Success || n.Text != "Canceled ann_3 0003" {
			t.Errorf("notice %+v", n)
		}
	})
}

func TestBackOut(t *testing.T) {
	for _, key := range []string{"esc", "n", "ctrl+c", "q"} {
		withRig(t, nil, func(t *testing.T, r *rig) {
			r.press("r")
			r.pass(time.Second)
			r.press(key)
			if open[*Dialog](r.m) != nil || len(r.api.posts) != 0 {
				t.Errorf("%s: dialog %v, posts %v", key, open[*Dialog](r.m), r.api.posts)
			}
		})
	}
}

func TestRedactLiveWantsTheLastFour(t *testing.T) {
	withRig(t, live, func(t *testing.T, r *rig) {
		r.press("r")
		r.pass(time.Second)
		r.press("y", "enter")
		r.send(tea.PasteMsg{Content: "0003"})
		r.settle()
		if open[*Dialog](r.m) == nil || len(r.api.posts) != 0 {
			t.Fatal("a letter or a paste confirmed a redaction in a live account")
		}
		r.press("backspace", "0", "0", "0", "2", "enter", "backspace", "3")
		r.pass(2 * time.Second)
		if want := []string{"redact " + annsID}; !slices.Equal(r.api.posts, want) {
			t.Fatalf("posts %v, want %v", r.api.posts, want)
		}
	})
}

func TestCancelLiveWantsOneLetter(t *testing.T) {
	withRig(t, live, func(t *testing.T, r *rig) {
		r.press("c")
		r.pass(time.Second)
		r.press("y")
		r.pass(2 * time.Second)
		if want := []string{"cancel " + annsID}; !slices.Equal(r.api.posts, want) {
			t.Fatalf("posts %v, want %v", r.api.posts, want)
		}
	})
}

// TestDialogIsPinned lets the list change under an open dialog.
func TestDialogIsPinned(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		for n := 4; n < 60; n++ {
			r.add(session(n, "new", client.StatusRequiresInput, "selfie_manipulated"))
		}
		r.pass(time.Second)
		if open[*Dialog](r.m).Row.ID != annsID || r.m.List.Selected != annsID {
			t.Fatalf("dialog about %s, cursor on %s", open[*Dialog](r.m).Row.ID, r.m.List.Selected)
		}
		r.press("y")
		r.pass(2 * time.Second)
		if want := []string{"cancel " + annsID}; !slices.Equal(r.api.posts, want) {
			t.Fatalf("posts %v, want %v", r.api.posts, want)
		}
	})
}

// TestSessionChangedUnderTheDialog closes the way to a confirmation.
func TestSessionChangedUnderTheDialog(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("2", "c")
		r.add(session(3, "ann_3", client.StatusProcessing, ""))
		r.pass(time.Second)
		if open[*Dialog](r.m) == nil || open[*Dialog](r.m).Block == "" || open[*Dialog](r.m).Now != client.StateProcessing {
			t.Fatalf("dialog %+v", open[*Dialog](r.m))
		}
		r.press("y")
		if len(r.api.posts) != 0 {
			t.Fatalf("sent %v", r.api.posts)
		}
	})
}

// TestPreflight changes the session where the list can't know it yet: nothing is
// sent, and the operator hears why.
func TestPreflight(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		r.api.put(session(3, "ann_3", client.StatusVerified, ""))
		r.pass(time.Second)
		r.press("y")
		n, _ := r.m.Notice()
		if len(r.api.posts) != 0 || n.Level != Warning || !strings.Contains(n.Text, "Nothing was sent") {
			t.Fatalf("posts %v, notice %+v", r.api.posts, n)
		}
		if row, _ := r.m.List.Current(); row.State != client.StateVerified {
			t.Errorf("the row still shows %s", row.State)
		}
	})
}

func TestWhyNot(t *testing.T) {
	for _, c := range []struct {
		status       client.Status
		code         string
		redaction    client.RedactionStatus
		cancel, redo string
	}{
		{client.StatusRequiresInput, "", "", "", ""},
		{client.StatusRequiresInput, "abandoned", "", "", ""},
		{client.StatusProcessing, "", "", "wait", "wait"},
		{client.StatusVerified, "", "", "can't be canceled", ""},
		{client.StatusCanceled, "", "", "already canceled", ""},
		{client.StatusVerified, "", client.RedactionProcessing, "under way", "under way"},
		{client.StatusCanceled, "", client.RedactionRedacted, "already redacted", "already redacted"},
		{client.StatusVerified, "", client.RedactionValidated, "can't be canceled", ""},
		{"brand_new", "", "", "unknown", "unknown"},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, nil)
			s := session(1, "x", c.status, c.code)
			if c.redaction != "" {
				s.Redaction = &client.Redaction{Status: c.redaction}
			}
			r.add(s)
			r.press("j")
			for id, want := range map[keymap.ID]string{keymap.Cancel: c.cancel, keymap.Redact: c.redo} {
				got := r.m.Why(id)
				if (want == "") != (got == "") || !strings.Contains(got, want) {
					t.Errorf("%s %s %s: %s: %q, want %q", c.status, c.code, c.redaction, id, got, want)
				}
				action, _ := keymap.Lookup(id)
				r.press(action.Keys[0])
				if open := open[*Dialog](r.m) != nil; open != (want == "") {
					t.Errorf("%s: %s opens a dialog: %v", c.status, id, open)
				}
				if n, ok := r.m.Notice(); want != "" && (!ok || !strings.Contains(n.Text, want)) {
					t.Errorf("%s: %s: notice %+v", c.status, id, n)
				}
				r.m.Modal = nil
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	withRig(t, func(c *Config) { c.Identity.ReadOnly = true }, func(t *testing.T, r *rig) {
		r.press("c", "r")
		if open[*Dialog](r.m) != nil || r.m.Why(keymap.Cancel) != "read-only" {
			t.Errorf("dialog %v, why %q", open[*Dialog](r.m), r.m.Why(keymap.Cancel))
		}
	})
}

func TestFailedPost(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		r.pass(time.Second)
		r.api.err = &client.Error{Kind: client.KindServer, Op: "cancel session", ID: annsID, RequestID: "req_1", Undecided: true}
		r.press("y")
		r.pass(5 * time.Minute)
		n := r.m.Log.Messages[len(r.m.Log.Messages)-1]
		if n.Level != Failure || !strings.Contains(n.Text, "Could not cancel ann_3 0003") || !strings.Contains(n.Text, "req_1") {
			t.Errorf("notice %+v", n)
		}
		if len(r.m.Jobs.Sending) != 0 || r.m.Log.Unread() != 1 {
			t.Errorf("sending %v, unread %d", r.m.Jobs.Sending, r.m.Log.Unread())
		}
	})
}

// TestRandomKeysWithoutTheAnswer presses many random keys, but never y: nothing
// may be sent.
func TestRandomKeysWithoutTheAnswer(t *testing.T) {
	keys := []string{"c", "r", "j", "k", "g", "G", "enter", "esc", "tab", "/", "a", "n", "s", "S", "v", "o", "?", "!", "P",
		"1", "2", "3", "4", "5", "6", "7", "ctrl+r", "ctrl+d", "ctrl+u", "up", "down", "Y", "0", "backspace", "space"}
	for _, identity := range []func(*Config){nil, live} {
		withRig(t, identity, func(t *testing.T, r *rig) {
			random := rand.New(rand.NewPCG(1, 1))
			for range 4000 {
				r.send(keyPress(keys[random.IntN(len(keys))]))
				if random.IntN(4) == 0 {
					r.pass(QuietTime + 100*time.Millisecond)
				}
				if random.IntN(20) == 0 {
					r.send(tea.PasteMsg{Content: "y\n0003"})
				}
				r.settle()
			}
			if r.m.Identity.Live { // four random letters may be the last four of an id; "3" is not among the keys
				for _, post := range r.api.posts {
					if !strings.HasPrefix(post, "cancel") {
						t.Errorf("sent %s", post)
					}
				}
			}
			if len(r.api.posts) != 0 {
				t.Errorf("sent %v", r.api.posts)
			}
		})
	}
}

func TestQuitWaitsForAnswers(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.api.delay = 5 * time.Second
		r.press("c")
		r.pass(time.Second)
		r.press("y")
		r.pass(QuietTime)
		r.press("q")
		if quits(r) != 0 {
			t.Fatal("quit while an answer was awaited")
		}
		r.pass(6 * time.Second)
		if quits(r) != 1 {
			t.Fatal("did not quit after the answer")
		}
	})
}

func quits(r *rig) (n int) {
	for _, msg := range r.seen {
		if _, ok := msg.(tea.QuitMsg); ok {
			n++
		}
	}
	return n
}

func TestTooSmallTakesNoKeyButQuit(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.send(tea.WindowSizeMsg{Width: 39, Height: 24})
		r.press("c", "r", "/", "j", "enter")
		if open[*Dialog](r.m) != nil || r.m.Typing() || r.m.List.Selected != annsID {
			t.Error("a key acted in a window that is too small")
		}
		r.press("q")
		if quits(r) != 1 {
			t.Error("q did not quit")
		}
	})
}

func TestSyncFailuresAreSaidOnce(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		err := errors.New("no network")
		for n := 1; n < 4; n++ {
			r.report(mirror.Status{Phase: mirror.Failing, Err: err, Failures: n})
		}
		r.report(mirror.Status{Phase: mirror.Live})
		if n := len(r.m.Log.Messages); n != 2 {
			t.Errorf("%d messages: %+v", n, r.m.Log.Messages)
		}
		if r.m.List.Page.Total != 3 {
			t.Error("the list went blank")
		}
		r.press("!", "esc")
		if r.m.Log.Unread() != 0 {
			t.Error("messages are unread after the log was shown")
		}
	})
}

// TestHeldKeyDoesNotConfirm holds y down from before the dialog opens: a
// keyboard repeats it after more than half a second.
func TestHeldKeyDoesNotConfirm(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c", "y")
		r.pass(600 * time.Millisecond)
		for range 50 {
			r.press("y")
			r.pass(33 * time.Millisecond)
		}
		if len(r.api.posts) != 0 {
			t.Errorf("sent %v", r.api.posts)
		}
	})
}

// TestDriftIsNotConfirmed lets the person pass while the dialog is open and the
// list does not know it yet: what was confirmed is not what would be redacted.
func TestDriftIsNotConfirmed(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("r")
		r.pass(time.Second)
		r.api.put(session(3, "ann_3", client.StatusVerified, ""))
		r.press("y")
		r.pass(2 * time.Second)
		n, _ := r.m.Notice()
		if len(r.api.posts) != 0 || !strings.Contains(n.Text, "is verified") {
			t.Errorf("posts %v, notice %+v", r.api.posts, n)
		}
	})
}

// TestDialogOpensUpAgain: a session that goes back to what was shown can be
// confirmed again.
func TestDialogOpensUpAgain(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		r.add(session(3, "ann_3", client.StatusProcessing, ""))
		r.pass(time.Second)
		r.add(session(3, "ann_3", client.StatusRequiresInput, "document_expired"))
		if open[*Dialog](r.m).Block != "" || open[*Dialog](r.m).Now != client.StateUnknown {
			t.Errorf("dialog %+v", open[*Dialog](r.m))
		}
	})
}

func TestLiveRowUnderATestKeyWantsTheLastFour(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		s := session(9, "live_9", client.StatusVerified, "")
		s.Livemode = true
		r.add(s)
		r.press("g", "r")
		if open[*Dialog](r.m) == nil || open[*Dialog](r.m).Confirm().Want != "0009" {
			t.Errorf("dialog %+v", open[*Dialog](r.m))
		}
	})
}

// TestLostAnswerIsLookedUp: the POST took effect, its answer was lost.
func TestLostAnswerIsLookedUp(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		r.pass(time.Second)
		r.api.lost = &client.Error{Kind: client.KindServer, Op: "cancel session", ID: annsID, Undecided: true}
		r.press("y")
		r.pass(2 * time.Second)
		if n, _ := r.m.Notice(); n.Level != Success {
			t.Errorf("notice %+v", n)
		}
		if row, _ := r.m.List.Current(); row.State != client.StateCanceled {
			t.Errorf("the row shows %s", row.State)
		}
	})
}

func TestQuitStaysForAFailure(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.api.delay = 3 * time.Second
		r.press("c")
		r.pass(time.Second)
		r.press("y")
		r.pass(QuietTime)
		r.press("q")
		r.pass(time.Second)
		r.api.mu.Lock()
		r.api.err = &client.Error{Kind: client.KindServer, Op: "cancel session", ID: annsID, Undecided: true}
		r.api.mu.Unlock()
		r.pass(time.Minute)
		if n := r.m.Log.Messages[len(r.m.Log.Messages)-1]; quits(r) != 0 || n.Level < Warning {
			t.Errorf("quit %d times, notice %+v", quits(r), n)
		}
	})
}

// TestKeysWaitWhenTheCursorMovedByItself: the session under the cursor leaves the
// tab; the next key must not act on its neighbour.
func TestKeysWaitWhenTheCursorMovedByItself(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.add(session(2, "paul_2", client.StatusRequiresInput, "abandoned"))
		r.press("2")
		r.add(session(3, "ann_3", client.StatusProcessing, ""))
		if r.m.List.Selected != "vs_test00000002" {
			t.Fatalf("cursor on %s", r.m.List.Selected)
		}
		if n, _ := r.m.Notice(); !strings.Contains(n.Text, "ann_3 0003 has left this list") {
			t.Errorf("notice %+v", n)
		}
		r.press("r", "y", "c")
		if open[*Dialog](r.m) != nil {
			t.Error("a dialog opened about the neighbour")
		}
		r.pass(2 * settleTime)
		r.press("r")
		if open[*Dialog](r.m) == nil {
			t.Error("no dialog opens after a moment")
		}
	})
}

// TestKeysTypedBehindASearch: copying and acting wait until the cursor is where
// the search takes it; opening follows it there.
func TestKeysTypedBehindASearch(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		for _, key := range []string{"/", "v", "e", "r", "enter", "y", "c", "enter"} {
			r.send(keyPress(key)) // in one burst
		}
		r.settle()
		if open[*Dialog](r.m) != nil {
			t.Errorf("a dialog about %s", open[*Dialog](r.m).Row.ID)
		}
		if r.m.List.Selected != "vs_test00000001" || r.m.Detail.ID != "vs_test00000001" || !r.m.Detail.Wanted {
			t.Errorf("cursor on %s, detail of %s", r.m.List.Selected, r.m.Detail.ID)
		}
	})
}

func TestTopAfterBottomEndsAtTheTop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		for n := range 1000 {
			r.add(session(n, "u", client.StatusVerified, ""))
		}
		r.send(keyPress("G"))
		r.send(keyPress("g"))
		r.settle()
		if r.m.List.Index != 0 {
			t.Errorf("the cursor is at %d", r.m.List.Index)
		}
	})
}

// TestSuspendNeedsJobControl in every mode: without a shell to return to, the
// program would sleep for ever.
func TestSuspendNeedsJobControl(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("ctrl+z", "?", "ctrl+z", "?", "!", "ctrl+z")
		for _, msg := range r.seen {
			if _, ok := msg.(tea.SuspendMsg); ok {
				t.Error("suspended")
			}
		}
	})
}

// Nothing is asked about a session whose id is not of Stripe's form: the dialog has to
// show exactly what the request names.
func TestActionsRefuseWhatIsNoID(t *testing.T) {
	for _, id := range []string{"vs_1", "vs_test0000\u202e0004", "vs_test00000004\n", "vs_test00000004/../x", "evs_test00000004", "vs_tеst00000004", "vs_" + strings.Repeat("a", 256)} {
		withRig(t, nil, func(t *testing.T, r *rig) {
			wrong := session(4, "dora_4", client.StatusRequiresInput, "document_expired")
			wrong.ID = id
			r.add(wrong)
			r.press("g")
			if row, _ := r.m.List.Current(); row.ID != id {
				t.Fatalf("the cursor is on %+q", row.ID)
			}
			for _, key := range []string{"c", "r", "L", "m"} {
				r.press(key)
				if r.m.Modal != nil || !strings.Contains(r.notice().Text+r.notice().Hint, "form") {
					t.Errorf("%+q, %s: %T opens, %+v", id, key, r.m.Modal, r.notice())
				}
				r.press("esc")
			}
			if len(r.api.posts) > 0 {
				t.Errorf("%+q: sent %v", id, r.api.posts)
			}
		})
	}
}

// Redaction cancels a session that is not finished, and the dialog says so of no other.
func TestTheDialogSaysWhatRedactionDoes(t *testing.T) {
	for _, c := range []struct {
		status  client.Status
		failure string
		want    string
	}{
		{client.StatusRequiresInput, "document_expired", "It is canceled too. Stripe may take up to 4 days."},
		{client.StatusRequiresInput, "", "It is canceled too. Stripe may take up to 4 days."},
		{client.StatusVerified, "", "Stripe may take up to 4 days."},
		{client.StatusCanceled, "", "Stripe may take up to 4 days."},
	} {
		withRig(t, nil, func(t *testing.T, r *rig) {
			r.add(session(3, "ann_3", c.status, c.failure))
			r.press("1")
			r.m.List.Selected = annsID
			r.add(session(3, "ann_3", c.status, c.failure))
			r.press("r")
			if d := open[*Dialog](r.m); d == nil || d.Row.ID != annsID || d.Words.Undone != c.want {
				t.Errorf("%s %s: %+v", c.status, c.failure, d)
			}
		})
	}
}

// Where four characters are to be typed, a letter is a character and closes nothing.
func TestALetterIsTypedIntoTheConfirmation(t *testing.T) {
	withRig(t, live, func(t *testing.T, r *rig) {
		r.press("r")
		r.pass(time.Second)
		for _, key := range []string{"q", "n"} {
			if r.press(key, "backspace"); open[*Dialog](r.m) == nil {
				t.Fatalf("%s closes the dialog", key)
			}
		}
		if r.press("esc"); open[*Dialog](r.m) != nil || len(r.api.posts) != 0 {
			t.Error("esc does not close it")
		}
	})
}
