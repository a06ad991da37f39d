package ui_test

import (
	"context"
	"errors"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"idtop/client"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/client/stripe"
	"idtop/client/stripemocktest"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui"
	"idtop/ui/internal/screentest"
	"idtop/ui/safe"
)

// TestOnStripeMock opens the dashboard on Stripe's own server, which knows one
// session, and reads its row and its detail.
func TestOnStripeMock(t *testing.T) {
	key, err := client.ParseKey("sk_test_123")
	if err != nil {
		t.Fatal(err)
	}
	api, err := stripe.New(stripe.Config{Key: key, BaseURL: stripemocktest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	store, screen := storetest.NewMemory(), screentest.New(140, 40)
	syncer := syncer.New(syncer.Config{API: api, Store: store})
	go syncer.Run(ctx)
	m := model.New(model.Config{
		Context: ctx, API: api, Store: store, Syncer: syncer, Renderer: ui.Renderer{}, Keys: keymap.Default(),
		Clock: time.Now, Clip: safe.Clip, Identity: model.Identity{Account: key.String()},
	})
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(screen), tea.WithoutSignals(),
		tea.WithWindowSize(140, 40), tea.WithColorProfile(colorprofile.TrueColor))
	done := make(chan error, 1)
	go func() {
		_, err := p.Run()
		done <- err
	}()
	shows := func(texts ...string) {
		t.Helper()
		deadline := time.Now().Add(10 * time.Second)
		for _, text := range texts {
			for !screen.Contains(text) {
				if time.Now().After(deadline) {
					t.Fatalf("the screen does not show %q:\n%s", text, screen.Text())
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
	shows("1 All 1", "● synced")
	p.Send(tea.KeyPressMsg{Code: tea.KeyEnter})
	shows("SESSION   vs_", "ATTEMPTS", "METADATA", "CREATED")
	p.Quit()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	cancel()
	screen.Close()
}
