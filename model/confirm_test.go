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
		test(t, r)
	})
}

func live(c *Config) { c.Identity.Live = true }

const annsID = "vs_test00000003"

func TestConfirmCancel(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		if r.m.Dialog == nil || r.m.Dialog.Row.ID != annsID || r.m.Dialog.Armed {
			t.Fatalf("dialog %+v", r.m.Dialog)
		}
		r.press("y")
		r.pass(300 * time.Millisecond)
		r.press("y") // typed ahead again: the wait begins anew
		r.pass(300 * time.Millisecond)
		r.press("y")
		if len(r.api.posts) != 0 {
			t.Fatal("keys typed ahead confirmed")
		}
		r.pass(quietTime)
		r.press("enter", "space", "Y", "j", "c")
		if len(r.api.posts) != 0 || r.m.Dialog == nil {
			t.Fatalf("other keys than y acted: %v", r.api.posts)
		}
		r.press("y")
		if want := []string{"cancel " + annsID}; !slices.Equal(r.api.posts, want) || r.m.Dialog != nil {
			t.Fatalf("posts %v, want %v", r.api.posts, want)
		}
		if row, _ := r.m.List.Current(); row.State != client.StateCanceled {
			t.Errorf("the row shows %s after the answer", row.State)
		}
		if n, _ := r.m.Notice(); n.Level != Done || !strings.Contains(n.Text, annsID) {
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
			if r.m.Dialog != nil || len(r.api.posts) != 0 {
				t.Errorf("%s: dialog %v, posts %v", key, r.m.Dialog, r.api.posts)
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
		if r.m.Dialog == nil || len(r.api.posts) != 0 {
			t.Fatal("a letter or a paste confirmed a redaction in a live account")
		}
		r.press("backspace", "0", "0", "0", "2", "enter", "backspace", "3")
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
		if r.m.Dialog.Row.ID != annsID || r.m.List.Selected != annsID {
			t.Fatalf("dialog about %s, cursor on %s", r.m.Dialog.Row.ID, r.m.List.Selected)
		}
		r.press("y")
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
		if r.m.Dialog == nil || r.m.Dialog.Block == "" || r.m.Dialog.Now != client.StateProcessing {
			t.Fatalf("dialog %+v", r.m.Dialog)
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
			for id, want := range map[keymap.ID]string{keymap.Cancel: c.cancel, keymap.Redact: c.redo} {
				got := r.m.Why(id)
				if (want == "") != (got == "") || !strings.Contains(got, want) {
					t.Errorf("%s %s %s: %s: %q, want %q", c.status, c.code, c.redaction, id, got, want)
				}
				action, _ := keymap.Lookup(id)
				r.press(action.Keys[0])
				if open := r.m.Dialog != nil; open != (want == "") {
					t.Errorf("%s: %s opens a dialog: %v", c.status, id, open)
				}
				if n, ok := r.m.Notice(); want != "" && (!ok || !strings.Contains(n.Text, want)) {
					t.Errorf("%s: %s: notice %+v", c.status, id, n)
				}
				r.m.Dialog = nil
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	withRig(t, func(c *Config) { c.Identity.ReadOnly = true }, func(t *testing.T, r *rig) {
		r.press("c", "r")
		if r.m.Dialog != nil || r.m.Why(keymap.Cancel) != "read-only" {
			t.Errorf("dialog %v, why %q", r.m.Dialog, r.m.Why(keymap.Cancel))
		}
	})
}

func TestFailedPost(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		r.pass(time.Second)
		r.api.err = &client.Error{Kind: client.KindServer, Op: "cancel session", ID: annsID, RequestID: "req_1", Undecided: true}
		r.press("y")
		n, _ := r.m.Notice()
		if n.Level != Failure || n.RequestID != "req_1" || !strings.Contains(n.Text, "not known") {
			t.Errorf("notice %+v", n)
		}
		if len(r.m.Sending) != 0 || r.m.Log.Unread() != 1 {
			t.Errorf("sending %v, unread %d", r.m.Sending, r.m.Log.Unread())
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
					r.pass(quietTime + 100*time.Millisecond)
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
		r.press("y", "q")
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
		if r.m.Dialog != nil || r.m.Search.Typing || r.m.List.Selected != annsID {
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
