package model

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/person"
	"idtop/client/plan"
)

// lateCase is how an answer comes late: after the operator has asked for something
// newer, or has opened another screen.
type lateCase struct {
	ask, then []string
	newest    bool // the last answer is to what was asked last: it counts, if it comes first
}

// lateAnswers are the cases of each message that answers something.
var lateAnswers = map[string][]lateCase{
	"pageFound":     {{ask: keys("2"), then: keys("1"), newest: true}, {ask: keys("u"), then: keys("esc"), newest: true}},
	"allFound":      {{ask: keys("space *"), then: keys("-")}, {ask: keys("*"), then: keys("2")}},
	"valuesCounted": {{ask: keys("/ s t a t e : f"), then: keys("a"), newest: true}, {ask: keys("/ s t a t e :"), then: keys("esc")}},
	"linkRead": {
		{ask: keys("L"), then: keys("y")}, {ask: keys("L"), then: keys("Y")}, {ask: keys("L"), then: keys("j L"), newest: true},
	},
	"copyRecorded":  {{ask: keys("Y"), then: keys("y")}, {ask: keys("Y"), then: keys("L")}, {ask: keys("Y"), then: keys("j Y"), newest: true}},
	"browserOpened": {{ask: keys("o"), then: keys("y")}, {ask: keys("o"), then: keys("L")}},
	"writeAsked": {
		{ask: keys(": r e a d - o n l y enter : w r i t e space x enter"), then: keys(": r e a d - o n l y enter")},
		{ask: keys(": r e a d - o n l y enter : w r i t e space a n n enter"), then: keys("/ x")},
		{ask: keys(": r e a d - o n l y enter : w r i t e space a n n enter"), then: keys("j")},
	},
	"gateMoved": {
		{ask: keys(": r e a d - o n l y enter"), then: keys(": w r i t e space x enter"), newest: true},
		{ask: keys(": r e a d - o n l y enter : w r i t e space x enter"), then: keys(": r e a d - o n l y enter"), newest: true},
	},
	"planRead": {
		{ask: keys("space r"), then: keys("?")}, {ask: keys("space r"), then: keys("/")}, {ask: keys("space r"), then: keys(":")},
		{ask: keys("space r"), then: keys("n")}, {ask: keys("space r"), then: keys("c"), newest: true},
	},
	"reasonChecked": {
		{ask: keys("space r ~ tab a up"), then: keys("tab b up"), newest: true}, {ask: keys("space r ~ tab a up"), then: keys("tab b")},
		{ask: keys("space r ~ tab a up"), then: keys("esc")},
	},
	"openFound":   {{ask: keys("n"), then: keys("esc j n"), newest: true}, {ask: keys("n"), then: keys("z tab")}, {ask: keys("u n"), then: keys("esc")}},
	"peopleFound": {{ask: keys(": a n n"), then: keys("esc")}, {ask: keys(": a n"), then: keys("backspace backspace b"), newest: true}},
	"metadataRead": {
		{ask: keys("m"), then: keys("/ x")}, {ask: keys("m"), then: keys("?")}, {ask: keys("m"), then: keys("J")},
		{ask: keys("m"), then: keys(":")}, {ask: keys("m"), then: keys("n")}, {ask: keys("m"), then: keys("c")},
		{ask: keys("m"), then: keys("space r")}, {ask: keys("m"), then: keys("j")}, {ask: keys("m"), then: keys("j k")},
		{ask: keys("m m"), then: keys("/")},
	},
	"insightsRead": {{ask: keys("i"), then: keys("w"), newest: true}, {ask: keys("i"), then: keys("esc")}, {ask: keys("i enter"), then: keys("s"), newest: true}, {ask: keys("i enter"), then: keys("esc")}},
	"viewsKept":    {{ask: keys("V G d y"), then: keys("esc 2")}, {ask: keys("V G d y"), then: keys("e x")}},
	"viewsCounted": {{ask: keys("V"), then: keys("esc")}, {ask: keys("V"), then: keys("enter")}},
	"detailRead":   {{ask: keys("enter"), then: keys("j")}, {ask: keys("enter"), then: keys("esc")}, {ask: keys("enter"), then: keys("j enter"), newest: true}},
	"outputsRead":  {{ask: keys("G v n"), then: keys("k")}, {ask: keys("G v n"), then: keys("v")}, {ask: keys("G v n"), then: keys("/")}},
	"peopleRead":   {{ask: keys("U"), then: keys("s"), newest: true}, {ask: keys("U"), then: keys("esc")}, {ask: keys("U"), then: keys("U")}},
	"timelineRead": {{ask: keys("t"), then: keys("esc")}, {ask: keys("t"), then: keys("esc j t"), newest: true}},
	"rowRead":      {{ask: keys("c"), then: keys("esc")}, {ask: keys("c"), then: keys("esc j c"), newest: true}},
}

// news answer nothing: what they say is so whenever they come. They take the keys
// from nobody, and change nothing that was typed.
var news = map[string]tea.Msg{
	"ticked":          ticked{time.Date(2000, 1, 1, 0, 0, 2, 0, time.UTC)},
	"storeChanged":    storeChanged{},
	"hourCounted":     hourCounted{hour: insights.Hour{Known: true, Failed: 31, Reasons: []insights.Reason{{Code: "document_expired", Failed: 31, Usual: 2, Days: 14, Rose: true}}}},
	"syncerChanged":   syncerChanged{mirror.Status{Err: errors.New("no network")}},
	"accountRead":     accountRead{account: client.Account{Name: "Acme"}},
	"jobStarted":      jobStarted{job: plan.Job{ID: 9}, err: errors.New("the disk is full")},
	"runChanged":      runChanged{plan.Snapshot{Job: 9}},
	"jobEnded":        jobEnded{id: 9, job: plan.Job{ID: 9, State: plan.Recalled}},
	"jobClosed":       jobClosed{id: 9, job: plan.Job{ID: 9}},
	"deskOpened":      deskOpened{err: errors.New("the disk is full")},
	"tourKept":        tourKept{errors.New("the disk is full")},
	"remembered":      remembered{err: errors.New("the disk is full")},
	"openJobsRead":    openJobsRead{jobs: []plan.Job{{ID: 9}}},
	"jobsRead":        jobsRead{jobs: []plan.Job{{ID: 9}}, chosen: 9},
	"recallAnswered":  recallAnswered{job: 9},
	"evidenceWritten": evidenceWritten{path: "evidence.md"},
	"copyOver":        copyOver{-1},
	"exported":        exported{done: act.Exported{Count: 1, Of: "sessions", Path: "sessions.csv"}},
	"personRead":      personRead{view: View{Kind: PersonView, UserID: "zoe"}, known: person.Known{Rows: []mirror.Row{{ID: id(77), State: client.StateRedacting}}}},
	"formSent":        formSent{key: "of another form", created: true, row: mirror.Row{ID: id(77), UserID: "zoe"}},
	"quietPassed":     quietPassed{n: -1},
}

func keys(script string) []string {
	all := strings.Fields(script)
	for i := range all {
		if all[i] == "space" {
			all[i] = " "
		}
	}
	return all
}

// script presses keys; "~" is a pause.
func (r *rig) script(keys []string) {
	for _, key := range keys {
		if key == "~" {
			r.pass(time.Second)
			continue
		}
		r.press(key)
	}
}

// lateRig has three people who failed and one who is verified, who is the last.
func lateRig(t *testing.T, test func(r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.Identity.Demo = false })
		r.m.config.Gate = new(client.Gate)
		r.add(session(1, "vera", client.StatusVerified, ""))
		for n, user := range []string{"ann", "bob", "ann"} {
			r.add(session(n+2, user, client.StatusRequiresInput, "document_expired"))
		}
		r.press("j")
		test(r)
	})
}

// seenState is what the operator sees and has, but for the messages.
func (r *rig) seenState() string {
	m := r.m
	var ids []string
	for _, row := range m.List.Page.Rows {
		ids = append(ids, row.ID)
	}
	return fmt.Sprint("clipboard ", r.clipboard(), r.typed(), "\ninsights ", m.Insights.Insights.Window.Name, m.Insights.Loaded, m.Insights.Bars, "\nlist ", ids, m.List.Selected, m.List.Tab, m.List.Saved, m.List.Order, m.List.View, m.Marks.ids,
		"\ndetail ", m.Detail.ID, m.Detail.Session != nil, m.Detail.Outputs, "\nread-only ", m.Identity.ReadOnly, m.config.Gate.IsOpen())
}

// typed is which screen has the keys, and what was typed there.
func (r *rig) typed() string {
	m := r.m
	text := fmt.Sprintf("\n%T search %s focus %d", m.Modal, m.Search.Text(), m.Focus)
	switch modal := m.Modal.(type) {
	case *Overlay:
		text += fmt.Sprint(" ", modal.Kind)
	case *Dialog:
		text += fmt.Sprint(" ", modal.Verb, modal.Row.ID, modal.Confirm().Value(), modal.Armed, modal.Block)
	case *ViewLine:
		text += fmt.Sprint(" ", modal.Text(), modal.Delete)
	case *Form:
		text += fmt.Sprintf(" %T %d %v", modal.For, modal.At, modal.Sending)
		if made, ok := modal.For.(*NewSession); ok {
			text += made.Open.ID
		}
		for _, f := range modal.Fields {
			text += f.Name + f.Value()
		}
	case *Help:
		text += fmt.Sprint(" help ", modal.Text(), modal.At)
	case *Palette:
		text += fmt.Sprint(" ", modal.Text(), modal.At, len(modal.Entries))
	case *PlanScreen:
		text += fmt.Sprint(" ", modal.Plan.Hash, modal.At, modal.Value(fieldReason), modal.WhyReason)
	}
	return text
}

// "It answered what I had asked before, over what I was doing now."
func TestLateAnswersAreDropped(t *testing.T) {
	for name, cases := range lateAnswers {
		for _, c := range cases {
			t.Run(name+"/"+strings.Join(c.ask, "")+" "+strings.Join(c.then, ""), func(t *testing.T) {
				lateRig(t, func(r *rig) {
					r.late = func(msg tea.Msg) bool { return reflect.TypeOf(msg).Name() == name }
					r.script(c.ask)
					if len(r.held) == 0 {
						t.Fatalf("%v asks for no %s; notice %+v", c.ask, name, r.m.Log.Messages)
					}
					r.script(c.then)
					r.late = nil
					slices.Reverse(r.held)
					if c.newest {
						r.send(r.held[0])
						r.settle()
						r.held = r.held[1:]
					}
					before := r.seenState()
					for _, msg := range r.held {
						r.send(msg)
						r.settle()
					}
					if after := r.seenState(); after != before {
						t.Errorf("was:\n%s\nis:\n%s", before, after)
					}
				})
			})
		}
	}
}

// "I was typing, and something else took the keys."
func TestNewsTakeTheKeysFromNobody(t *testing.T) {
	for name, msg := range news {
		for _, screen := range []string{"/ x", ": x", "?", "n", "c", "space r"} {
			t.Run(name+" "+screen, func(t *testing.T) {
				lateRig(t, func(r *rig) {
					r.press(keys(screen)...)
					before := r.typed()
					r.send(msg)
					r.settle()
					if after := r.typed(); after != before {
						t.Errorf("was:\n%s\nis:\n%s", before, after)
					}
				})
			})
		}
	}
}

// TestEveryMessageIsInTheTable: a new message needs an entry that says what happens
// when it comes late. Messages are the types that Update has a case for or that a
// command returns.
func TestEveryMessageIsInTheTable(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		messages(parsed, names)
	}
	for name := range names {
		_, answers := lateAnswers[name]
		if _, told := news[name]; answers == told {
			t.Errorf("%s: in lateAnswers %v, in news %v", name, answers, told)
		}
	}
	if all := len(lateAnswers) + len(news); all != len(names) {
		t.Errorf("%d messages are in the tables, there are %d", all, len(names))
	}
}

// messages adds the names of a file's messages.
func messages(file *ast.File, names map[string]bool) {
	add := func(x ast.Expr) {
		if own, ok := x.(*ast.Ident); ok && !own.IsExported() && own.Name != "nil" {
			names[own.Name] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name != "Update" {
				return true
			}
			ast.Inspect(n, func(n ast.Node) bool {
				if clause, ok := n.(*ast.CaseClause); ok {
					for _, x := range clause.List {
						add(x)
					}
				}
				return true
			})
		case *ast.FuncLit:
			if result := n.Type.Results; result == nil || fmt.Sprint(result.List[0].Type) != "&{tea Msg}" {
				return true
			}
			ast.Inspect(n, func(n ast.Node) bool {
				if result, ok := n.(*ast.ReturnStmt); ok && len(result.Results) == 1 {
					if made, ok := result.Results[0].(*ast.CompositeLit); ok {
						add(made.Type)
					}
				}
				return true
			})
		}
		return true
	})
}

// "The list knew that it was canceled, and I was asked whether to cancel it."
func TestADialogLooksAtTheStoreNotAtTheList(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.late = func(msg tea.Msg) bool { _, ok := msg.(pageFound); return ok }
		canceled := session(4, "ann", client.StatusCanceled, "")
		r.add(canceled)
		if row, _ := r.m.List.Current(); row.ID != id(4) || row.State != client.StateFailed {
			t.Fatalf("the list shows %s as %s", row.ID, row.State)
		}
		r.send(keyPress("c"))
		if open[*Dialog](r.m) == nil || open[*Dialog](r.m).Block != LookingUp {
			t.Fatalf("dialog %+v", open[*Dialog](r.m))
		}
		r.settle()
		if open[*Dialog](r.m).Now != client.StateCanceled || open[*Dialog](r.m).Block == "" {
			t.Errorf("dialog %+v", open[*Dialog](r.m))
		}
		r.script(keys("~ y ~ ~"))
		if len(r.api.posts) != 0 {
			t.Errorf("posts %v", r.api.posts)
		}
	})
}

// "It said that it had changed, and then that it had not."
func TestLooksOutOfOrderDoNotClearABlock(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.late = func(msg tea.Msg) bool { _, ok := msg.(rowRead); return ok }
		r.press("c")
		r.add(session(4, "ann", client.StatusCanceled, ""))
		if len(r.held) != 2 {
			t.Fatalf("held %v", r.held)
		}
		r.late = nil
		r.send(r.held[1])
		r.send(r.held[0])
		if open[*Dialog](r.m).Block == "" || open[*Dialog](r.m).Now != client.StateCanceled {
			t.Errorf("dialog %+v", open[*Dialog](r.m))
		}
	})
}

// What can't be looked up can't be confirmed.
func TestADialogThatCantLookIsNotConfirmed(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.late = func(msg tea.Msg) bool { _, ok := msg.(rowRead); return ok }
		r.press("c")
		r.script(keys("~ y ~ ~"))
		if open[*Dialog](r.m) == nil || len(r.api.posts) != 0 {
			t.Fatalf("it was confirmed before it was looked up: %v", r.api.posts)
		}
		look := r.held[0].(rowRead)
		for _, failed := range []rowRead{{of: look.of, look: look.look}, {of: look.of, look: look.look + 1, err: errors.New("the disk is gone")}} {
			r.send(failed)
			r.script(keys("~ y ~ ~"))
			if open[*Dialog](r.m) == nil || open[*Dialog](r.m).Block == "" || len(r.api.posts) != 0 {
				t.Errorf("dialog %+v, posts %v", open[*Dialog](r.m), r.api.posts)
			}
		}
	})
}

// "It said that the job that I had just confirmed was left before its end."
func TestAJobThatBeganHereIsNotLeft(t *testing.T) {
	lateRig(t, func(r *rig) {
		r.m.config.Undo = time.Minute
		r.script(keys("c ~ y"))
		if len(r.m.Jobs.Runs) != 1 {
			t.Fatalf("runs %v; %+v", r.m.Jobs.Runs, r.m.Log.Messages)
		}
		said := r.m.Log.total
		r.send(openJobsRead{jobs: []plan.Job{{ID: 1, Elsewhere: true}}})
		if r.m.Log.total != said || len(r.m.Jobs.elsewhere) > 0 {
			t.Errorf("elsewhere %v, said %+v", r.m.Jobs.elsewhere, r.m.Log.Messages)
		}
	})
}
