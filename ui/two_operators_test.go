package ui_test

import (
	"context"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/ledger"
	"idtop/model"
	"idtop/ui/internal/screentest"
)

// beside opens a screen for another operator over the same server, mirror and book.
func (p *program) beside(user string) *program {
	gate := new(client.Gate)
	api := p.api.Behind(gate)
	q := &program{t: p.t, screen: screentest.New(120, 40), store: p.store, api: api, server: p.server, done: make(chan struct{})}
	q.desk = p.desk.For(act.Operator{Actor: ledger.Actor{User: user, Host: "ops-2"}, Gate: gate, API: api, Once: api.Once()})
	ctx, cancel := context.WithCancel(p.t.Context())
	q.config = p.config
	q.config.Context, q.config.API, q.config.Renderer = ctx, api, recorder{drawn: &q.drawn}
	q.config.Acting.Desk, q.config.Acting.Gate, q.config.Identity.ReadOnly = q.desk, gate, true
	q.tea = tea.NewProgram(model.New(q.config), tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(q.screen), tea.WithoutSignals(),
		tea.WithWindowSize(120, 40), tea.WithFPS(30), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	go func() {
		q.tea.Run()
		cancel()
		q.desk.Close()
		q.screen.Close()
		close(q.done)
	}()
	q.wait(300 * time.Millisecond)
	return q
}

// TestStoryTwoOperators: two screens over one mirror and one server. :write of one
// opens nothing for the other, a pause of one stops nothing of the other's screen, and
// each record has the name of who did it.
func TestStoryTwoOperators(t *testing.T) {
	run(t, options{width: 120, height: 40, live: true}, func(kim *program) {
		id := kim.create("ann_8392")
		kim.wait(8 * time.Second)
		bob := kim.beside("bob")
		bob.shows("ann_8392", "read-only")
		kim.shows("read-write")

		bob.press("j r")
		bob.wait(time.Second)
		if _, err := bob.api.RedactSession(kim.t.Context(), id, "key-1"); client.KindOf(err) != client.KindRefused || kim.status(id).Redaction != nil {
			kim.t.Errorf("Bob can write while only Kim may: %v", err)
		}
		bob.press("esc")

		kim.press("P")
		kim.wait(time.Second)
		kim.create("carl_11")
		bob.wait(15 * time.Second)
		bob.shows("carl_11", "● synced")
		bob.hides("paused")
		kim.shows("carl_11", "paused here · ● synced")
		bob.press("P")
		kim.wait(6 * time.Second)
		for _, p := range []*program{kim, bob} {
			p.shows("‖ paused 5s")
			p.hides("paused here", "synced")
		}
		kim.press("P")
		kim.wait(2 * time.Second)
		kim.hides("paused")
		bob.shows("paused here · ● synced")
		bob.press("P")

		bob.command("write ticket 4711")
		bob.shows("read-write")
		kim.command("read-only")
		kim.shows("read-only")
		bob.shows("read-write")

		by := map[string]map[ledger.Verb]int{}
		for record, err := range kim.desk.Ledger.Find(ledger.Query{}) {
			if err != nil {
				kim.t.Fatal(err)
			}
			if by[record.Actor.User] == nil {
				by[record.Actor.User] = map[ledger.Verb]int{}
			}
			by[record.Actor.User][record.Verb]++
		}
		if by["bob"][ledger.WriteMode] != 1 || by["kim"][ledger.WriteMode] != 1 || len(by) != 2 {
			kim.t.Errorf("records by name: %v", by)
		}
		bob.quit()
	})
}
