package model

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// burst gives the model the letters of a text, all read at one time.
func (r *rig) burst(text string) {
	for _, letter := range text {
		r.send(keyPress(string(letter)))
	}
}

// TestTheRestOfAnAnswerDoesNothing: the y of a typed "yes" confirms.
func TestTheRestOfAnAnswerDoesNothing(t *testing.T) {
	for what, closes := range map[string]func(r *rig){
		"y":             func(r *rig) { r.press("c"); r.pass(time.Second); r.press("y") },
		"n":             func(r *rig) { r.press("c"); r.pass(time.Second); r.press("N") },
		"a plan":        func(r *rig) { r.press("space", "r"); r.pass(time.Second); r.typePhrase() },
		"a form's word": func(r *rig) { r.press("n"); r.toAnswer(); r.press("c", "r", "e", "a", "t", "e"); r.pass(time.Second) },
	} {
		t.Run(what, func(t *testing.T) {
			withRig(t, nil, func(t *testing.T, r *rig) {
				closes(r)
				if open[*Dialog](r.m) != nil || open[*Form](r.m) != nil || open[*PlanScreen](r.m) != nil {
					t.Fatalf("it is open still: %+v", open[*Form](r.m))
				}
				r.m.typing.at = time.Now() // the last key of the answer
				order, tab := r.m.List.Order, r.m.List.Tab
				r.press("s", "space", "2", "/", "c", "enter", "L")
				if r.m.List.Order != order || r.m.List.Tab != tab || r.m.Marks.Len() > 0 || r.m.Typing() || open[*Dialog](r.m) != nil || r.m.Detail.Wanted {
					t.Errorf("the rest of the answer acted: %+v", r.m.List.Order)
				}
				selected := r.m.List.Selected
				if r.press("down"); r.m.List.Selected == selected {
					t.Error("an arrow did nothing")
				}
				r.pass(QuietTime)
				if r.press("2"); r.m.List.Tab != 1 {
					t.Error("a key does nothing after it was quiet")
				}
			})
		})
	}
}

// typePhrase types what the plan asks for.
func (r *rig) typePhrase() {
	r.toAnswer()
	for _, letter := range open[*PlanScreen](r.m).Fields[open[*PlanScreen](r.m).At].Want {
		r.press(string(letter))
	}
}

// toAnswer goes to the field that confirms.
func (r *rig) toAnswer() {
	for range 20 {
		f := &fields{}
		if open[*Form](r.m) != nil {
			f = &open[*Form](r.m).fields
		} else {
			f = &open[*PlanScreen](r.m).fields
		}
		if f.answering() {
			return
		}
		r.press("tab")
	}
	r.t.Fatal("there is no field to confirm in")
}

func TestEscSwallowsNothing(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c", "esc", "2")
		if open[*Dialog](r.m) != nil || r.m.List.Tab != 1 {
			t.Errorf("dialog %v, tab %d", open[*Dialog](r.m), r.m.List.Tab)
		}
	})
}

// TestOhYesInOneWrite: a paste that no terminal marked as one.
func TestOhYesInOneWrite(t *testing.T) {
	for _, text := range []string{"oh yes", "yes", "y\n", "yy", "\ny"} {
		withRig(t, nil, func(t *testing.T, r *rig) {
			r.press("c")
			r.pass(time.Second)
			r.burst(strings.ReplaceAll(text, "\n", "\r"))
			r.send(Rest{})
			r.pass(5 * time.Second)
			if len(r.api.posts) != 0 || open[*Dialog](r.m) == nil {
				t.Errorf("%q: posts %v, dialog %v", text, r.api.posts, open[*Dialog](r.m))
			}
			r.press("y")
			r.pass(5 * time.Second)
			if len(r.api.posts) != 1 {
				t.Errorf("%q: a y alone does not confirm any more", text)
			}
		})
	}
}

// TestAPhraseInOnePieceIsAPaste: a phrase with a few letters bunched by a slow line
// is no paste.
func TestAPhraseInOnePieceIsAPaste(t *testing.T) {
	withRig(t, live, func(t *testing.T, r *rig) {
		r.press("r")
		r.pass(time.Second)
		r.burst("0003")
		r.send(Rest{})
		r.pass(5 * time.Second)
		if n, _ := r.m.Notice(); len(r.api.posts) != 0 || !strings.Contains(n.Text, "in one piece") {
			t.Fatalf("posts %v, notice %+v", r.api.posts, n)
		}
		r.burst("0")
		time.Sleep(burstTime)
		r.burst("003")
		r.send(Rest{})
		if n, ok := r.m.Notice(); ok {
			t.Errorf("beside what is confirmed it says %+v", n)
		}
		r.pass(5 * time.Second)
		if len(r.api.posts) != 1 {
			t.Errorf("bunched letters do not count: %+v", open[*Dialog](r.m))
		}
	})
}

// TestNoiseDisarms: part of a torn sequence, or the mark of a paste, came along.
func TestNoiseDisarms(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("c")
		r.pass(time.Second)
		r.send(Noise{time.Now()})
		r.press("y")
		r.pass(5 * time.Second)
		r.send(keyPress("y"))
		r.send(Noise{time.Now()})
		r.send(Rest{})
		r.pass(5 * time.Second)
		if len(r.api.posts) != 0 || open[*Dialog](r.m) == nil {
			t.Fatalf("posts %v, dialog %v", r.api.posts, open[*Dialog](r.m))
		}
		r.press("y")
		r.pass(5 * time.Second)
		if len(r.api.posts) != 1 {
			t.Error("it stays disarmed")
		}
	})
}

// TestKeysThatWaitedAreOld: what counts is when a key was read, not when a busy
// program came to it.
func TestKeysThatWaitedAreOld(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		asked := time.Now()
		r.send(Key{keyPress("c"), asked})
		r.pass(2 * time.Second)
		r.send(Key{keyPress("y"), asked.Add(200 * time.Millisecond)})
		r.send(Rest{})
		r.pass(2 * time.Second)
		if len(r.api.posts) != 0 {
			t.Errorf("typed ahead: posts %v", r.api.posts)
		}
	})
}

// TestPastedTabsDoNotReachTheAnswer: a paste with the form's fields and its word
// in it.
func TestPastedTabsDoNotReachTheAnswer(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("n")
		for range 7 {
			r.send(keyPress("tab"))
		}
		r.burst("cre")
		time.Sleep(300 * time.Millisecond)
		r.burst("ate")
		r.send(Rest{})
		r.pass(5 * time.Second)
		if len(r.api.posts) != 0 {
			t.Errorf("posts %v", r.api.posts)
		}
	})
}

// TestEnterAfterTheWord is a habit, and changes nothing.
func TestEnterAfterTheWord(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		r.press("space", "c")
		r.pass(time.Second)
		r.toAnswer()
		for _, letter := range open[*PlanScreen](r.m).Fields[open[*PlanScreen](r.m).At].Want {
			time.Sleep(loneTime)
			r.send(keyPress(string(letter)))
		}
		time.Sleep(100 * time.Millisecond)
		r.press("enter")
		r.pass(5 * time.Second)
		if len(r.api.posts) != 1 {
			t.Errorf("posts %v, plan %+v, notice %+v", r.api.posts, open[*PlanScreen](r.m), r.notice())
		}
	})
}

// TestNoPasteConfirms gives an open dialog pastes that were not marked as such, in
// any pieces, with any pauses of at most 300 ms; of those that stand in a paste
// the reader makes no rest.
func TestNoPasteConfirms(t *testing.T) {
	const letters = "yY0003nq \r\tab"
	withRig(t, nil, func(t *testing.T, r *rig) {
		random := rand.New(rand.NewPCG(4, 2))
		for range 200 {
			n := 2 + random.IntN(8)
			var text strings.Builder
			for range n {
				text.WriteByte(letters[random.IntN(len(letters))])
			}
			if open[*Dialog](r.m) == nil {
				r.pass(time.Second)
				r.m.Modal, r.m.Detail.Open, r.m.Focus, r.m.Marks = nil, false, ListPane, Marks{}
				r.press("1", "g", "c")
				if open[*Dialog](r.m) == nil {
					t.Fatalf("no dialog: %+v", r.notice())
				}
			}
			r.pass(longQuietTime + 100*time.Millisecond)
			for _, letter := range text.String() {
				r.send(pasted(letter))
				time.Sleep(time.Duration(random.IntN(301)) * time.Millisecond)
				r.settle()
			}
			r.send(Rest{})
			r.settle()
			if len(r.api.posts) != 0 {
				t.Fatalf("%q confirmed: %v", text.String(), r.api.posts)
			}
		}
	})
}

func pasted(letter rune) tea.KeyPressMsg {
	switch letter {
	case '\r':
		return keyPress("enter")
	case '\t':
		return keyPress("tab")
	}
	return keyPress(string(letter))
}

// TestAKeyOfAnotherLayout says what was read.
func TestAKeyOfAnotherLayout(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		for _, key := range []string{"о", "λ", "ш", "%"} {
			r.press(key)
			if n, _ := r.m.Notice(); !strings.HasPrefix(n.Text, key+" is no action") || !strings.Contains(n.Hint, "layout") {
				t.Errorf("%s: notice %+v", key, n)
			}
		}
		r.press("?", "о")
		if n, _ := r.m.Notice(); open[*Help](r.m) == nil || !strings.HasPrefix(n.Text, "о is no action") {
			t.Errorf("in help: notice %+v", n)
		}
	})
}

// TestAKeyOfAnotherPageIsNoOtherLayout: it is said where it acts.
func TestAKeyOfAnotherPageIsNoOtherLayout(t *testing.T) {
	withRig(t, nil, func(t *testing.T, r *rig) {
		for _, c := range [][3]string{{"!", "2", "2 (failed) acts in the list only"}, {"i", "*", "* (mark all) acts in the list only"}, {"", "w", "w acts on another page"}} {
			if c[0] != "" {
				r.press(c[0])
			}
			r.press(c[1])
			if n, _ := r.m.Notice(); n.Text != c[2] || strings.Contains(n.Hint, "layout") {
				t.Errorf("%v: notice %+v", c, n)
			}
			r.press("esc")
		}
	})
}

// TestCtrlLDrawsAnew whatever has the keys.
func TestCtrlLDrawsAnew(t *testing.T) {
	for _, keys := range [][]string{nil, {"c"}, {"/"}, {"?"}, {"n"}, {":"}, {"space", "c"}} {
		withRig(t, nil, func(t *testing.T, r *rig) {
			r.press(keys...)
			r.press("ctrl+l")
			if !slices.Contains(r.seen, tea.ClearScreen()) {
				t.Errorf("after %q the screen is not drawn anew", keys)
			}
		})
	}
}

// TestAnswerToWhatIsGone: the plan became another one between the phrase and the
// rest that would carry it out.
func TestAnswerToWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.add(session(1, "ann", client.StatusVerified, ""), session(2, "ann", client.StatusVerified, ""))
		r.press("*", "r")
		r.pass(time.Second)
		r.toAnswer()
		for _, letter := range open[*PlanScreen](r.m).Fields[open[*PlanScreen](r.m).At].Want {
			time.Sleep(loneTime)
			r.send(keyPress(string(letter)))
		}
		if err := r.store.Apply(t.Context(), mirror.Origin{At: time.Now(), News: true}, session(1, "ann", client.StatusProcessing, "")); err != nil {
			t.Fatal(err)
		}
		r.settle()
		r.send(Rest{})
		r.pass(5 * time.Second)
		if open[*PlanScreen](r.m) == nil || !open[*PlanScreen](r.m).Changed || len(r.api.posts) != 0 {
			t.Errorf("plan %+v, posts %v", open[*PlanScreen](r.m), r.api.posts)
		}
	})
}
