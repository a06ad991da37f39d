package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// crowd is a list that is longer than the screen: every third is ann's.
func crowd(t *testing.T, test func(r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		users := []string{"ann", "bob", "cid"}
		for n := range 120 {
			r.add(session(n+1, users[n%3], client.StatusRequiresInput, "document_expired"))
		}
		test(r)
	})
}

// where describes the list, its order and the operator's place in it.
func where(m *Model) string {
	l := &m.List
	return fmt.Sprint(l.Tab, " ", m.Search.Text(), " ", l.Order, " ", l.View, " ", l.Selected, " of ", l.Page.Total, " row ", l.Index, " from ", l.Top)
}

// "I pressed u, had a look, pressed esc, and was somewhere else."
func TestEscFromAPersonGoesBackToWhereOneWas(t *testing.T) {
	for _, path := range []string{
		"2 s s s / a n n enter j j j j j j j j j j j j j j j j j j j j j j k k k",
		"2 G k k", "1 space j space j j j", "2 j pgdown pgdown k",
	} {
		for _, view := range []string{"u", "M", "u j u", "M u", "u 3 / x enter esc", "u s S"} {
			t.Run(path+": "+view, func(t *testing.T) {
				crowd(t, func(r *rig) {
					if strings.HasPrefix(view, "M") {
						r.press(keys("j space j j space")...)
					}
					r.press(keys(path)...)
					was := where(r.m)
					r.press(keys(view)...)
					if where(r.m) == was || r.m.List.View.Kind == WholeView {
						t.Fatalf("%s: nothing is limited: %s", view, where(r.m))
					}
					for range 3 {
						if r.m.List.View.Kind != WholeView {
							r.press("esc")
						}
					}
					if is := where(r.m); is != was {
						t.Errorf("was %s\nis  %s", was, is)
					}
				})
			})
		}
	}
}

// A list that followed the newest does so again.
func TestEscFromTheMarkedFollowsAgain(t *testing.T) {
	crowd(t, func(r *rig) {
		r.press(keys("j space f M")...)
		if r.m.List.Page.Total != 1 {
			t.Fatal(where(r.m))
		}
		r.press("esc")
		if !r.m.List.Following() || r.m.List.Top != 0 || r.m.List.Page.Total != 120 {
			t.Error(where(r.m))
		}
	})
}

// The row is found again although others came above it, and if it is gone its
// neighbour is taken, on the same line.
func TestEscFromAPersonFindsTheRowAgain(t *testing.T) {
	crowd(t, func(r *rig) {
		r.press(keys("2 j j j j j j u")...) // on 115
		line := r.m.List.places[0].line
		for n := range 5 {
			r.add(session(200+n, "zoe", client.StatusRequiresInput, "document_expired"))
		}
		r.press("esc")
		if r.m.List.Selected != id(115) || r.m.List.Index-r.m.List.Top != line {
			t.Error(where(r.m))
		}
		r.press("u")
		r.add(session(115, "ann", client.StatusCanceled, ""))
		r.press("esc")
		if r.m.List.Selected != id(114) || r.m.List.Index-r.m.List.Top != line {
			t.Error(where(r.m))
		}
	})
}

// "I created a session, pressed L, and had the link of somebody else."
func TestAfterCreatingLIsTheLinkOfTheNewSession(t *testing.T) {
	for _, user := range []string{"zoe", "bob", ""} {
		t.Run(user, func(t *testing.T) {
			people(t, func(t *testing.T, r *rig) {
				r.press("2")
				r.press("n")
				if r.press(strings.Split(user, "")...); user == "" {
					r.press("ctrl+u")
				}
				for range 7 {
					r.press("tab")
				}
				r.press(strings.Split("create", "")...)
				r.pass(2 * time.Second)
				made := r.api.created
				if len(made) != 1 || open[*Form](r.m) != nil || r.m.List.Selected != made[0].ID {
					t.Fatalf("created %v, form %v, selected %q; %+v", made, open[*Form](r.m), r.m.List.Selected, r.m.Log.Messages)
				}
				n := r.notice()
				if name := r.m.name(mirror.Row{ID: made[0].ID, UserID: user}); n.Text != "Created "+name || r.m.HintOf(n) == "" {
					t.Errorf("notice %+v", n)
				}
				if v := r.m.List.View; user != "" && v != (View{Kind: PersonView, UserID: user}) || user == "" && v != (View{}) {
					t.Errorf("view %+v", v)
				}
				r.press("L")
				if got := r.clipboard(); !slices.Equal(got, []string{"https://verify.stripe.com/start/" + made[0].ID}) {
					t.Errorf("copied %v", got)
				}
			})
		})
	}
}

// What a message offers is about the session that it names: it is not offered any
// more when the cursor is on another one.
func TestAMessageOffersNothingAboutAnotherSession(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		r.m.log(Message{Text: "Created bob 0004", About: id(4), Hint: "L copies its link for the person"})
		for _, c := range []struct {
			key     string
			offered bool
		}{{"g", false}, {"j", true}, {"/", false}, {"enter", true}, {"?", false}, {"esc", true}, {"j", false}} {
			r.press(c.key)
			if n, _ := r.m.Notice(); n.Text != "Created bob 0004" || (r.m.HintOf(n) != "") != c.offered {
				t.Errorf("%s: on %s, %q offers %q", c.key, r.m.List.Selected, n.Text, r.m.HintOf(n))
			}
		}
	})
}

// "I quit while the answer was still to come, and it stayed open."
func TestQuitDuringAFormsSendQuitsWithTheAnswer(t *testing.T) {
	for _, fails := range []bool{false, true} {
		people(t, func(t *testing.T, r *rig) {
			r.api.delay = 3 * time.Second
			r.press("n")
			for range 7 {
				r.press("tab")
			}
			r.press(strings.Split("create", "")...)
			r.pass(time.Second)
			if fails {
				r.api.mu.Lock()
				r.api.err = &client.Error{Kind: client.KindInvalid, Op: "create session", Status: 400}
				r.api.mu.Unlock()
			}
			r.press("ctrl+c")
			if quits(r) != 0 {
				t.Fatal("it quits without the answer")
			}
			r.pass(5 * time.Second)
			if fails && (quits(r) != 0 || open[*Form](r.m) == nil || open[*Form](r.m).Err == nil) || !fails && quits(r) != 1 {
				t.Errorf("refused %v: quits %d, form %+v", fails, quits(r), open[*Form](r.m))
			}
		})
	}
}

// "Whose session was that?"
func TestMessagesNameWhoseSessionItIs(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		for _, c := range []struct{ keys, text string }{
			{"y", "Copied the id of ann 0005 to the terminal's clipboard"},
			{"Y", "Copied the user_id of ann 0005 to the terminal's clipboard"},
			{"L", "Copied a fresh link of ann 0005"},
			{"c ~ y ~ ~ ~", "Canceled ann 0005"},
		} {
			r.script(keys(c.keys))
			if n := r.m.Log.Messages[len(r.m.Log.Messages)-1]; n.Text != c.text {
				t.Errorf("%s: %q", c.keys, n.Text)
			}
		}
	})
}

// clipboard is what was put there, the last one last.
func (r *rig) clipboard() (texts []string) {
	for _, msg := range r.seen {
		if strings.Contains(fmt.Sprintf("%T", msg), "lipboard") {
			texts = append(texts, fmt.Sprint(msg))
		}
	}
	return texts
}

// "It said that J shows job 1, and J showed another one."
func TestJShowsTheJobThatTheMessageIsAbout(t *testing.T) {
	people(t, func(t *testing.T, r *rig) {
		for n := range 3 {
			p, err := plan.New(client.Cancel, r.m.Identity.AccountID, false, []plan.Seen{{ID: id(n + 1), State: client.StateFailed}}, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.m.config.Desk.Confirm(p, plan.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		for _, about := range []int64{2, 1, 3} {
			r.m.log(Message{Level: Warning, Job: about, Text: "Job: left before its end", Hint: "J, then R goes on with it, X closes it"})
			r.press("J")
			if r.m.Jobs.Chosen != about {
				t.Errorf("the message is about job %d, J shows job %d", about, r.m.Jobs.Chosen)
			}
			r.press("J")
		}
	})
}
