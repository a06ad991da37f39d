package ui_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
	"idtop/client/mirror/syncer"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui"
	"idtop/ui/safe"
)

// offline is an API that answers nothing; benchmarks take rows from the store.
type offline struct{ client.API }

func (offline) Account(context.Context) (client.Account, error) {
	return client.Account{Name: "Acme Inc"}, nil
}

var statuses = []client.Status{
	client.StatusVerified, client.StatusVerified, client.StatusRequiresInput, client.StatusProcessing, client.StatusCanceled,
}

// fill puts n sessions into a store.
func fill(b *testing.B, store mirror.Store, n int) {
	random := rand.New(rand.NewPCG(42, 0))
	now := time.Now()
	sessions := make([]client.Session, n)
	for i := range sessions {
		s := &sessions[i]
		*s = client.Session{
			ID: fmt.Sprintf("vs_1NuNAI%018d", i), Created: client.Unix(now.Add(-time.Duration(i) * time.Minute).Unix()),
			Status: statuses[random.IntN(len(statuses))], Type: "document",
			Metadata: map[string]string{"user_id": fmt.Sprintf("user_%06d", random.IntN(1e6))},
		}
		if s.Status == client.StatusRequiresInput {
			s.LastError = &client.CheckError{Code: "document_expired"}
		}
	}
	if err := store.Apply(context.Background(), mirror.Origin{At: now}, sessions...); err != nil {
		b.Fatal(err)
	}
}

// loaded returns a model that has found its first page of n sessions.
func loaded(b *testing.B, n, width, height int) *model.Model {
	store := storetest.NewMemory()
	fill(b, store, n)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m := model.New(model.Config{
		Context: ctx, API: offline{}, Store: store, Syncer: syncer.New(syncer.Config{}),
		Renderer: ui.Renderer{}, Keys: keymap.Default(), Clock: time.Now, Clip: safe.Clip,
	})
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignals(),
		tea.WithWindowSize(width, height))
	go func() {
		time.Sleep(500 * time.Millisecond)
		p.Quit()
	}()
	final, err := p.Run()
	if err != nil {
		b.Fatal(err)
	}
	m = final.(*model.Model)
	if m.List.Page.Total != n {
		b.Fatalf("%d of %d rows are loaded", m.List.Page.Total, n)
	}
	return m
}

// BenchmarkScroll is Update and View for a key that moves the cursor, at
// 200x60, with the list alone on the screen and with the detail beside it.
func BenchmarkScroll(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		for _, detail := range []bool{false, true} {
			name := fmt.Sprintf("%d/list", n)
			if detail {
				name = fmt.Sprintf("%d/detail", n)
			}
			b.Run(name, func(b *testing.B) {
				m := loaded(b, n, 200, 60)
				if !detail {
					m = press(m, tea.KeyPressMsg{Code: tea.KeyEscape})
				}
				if m.Detail.Open != detail {
					b.Fatalf("detail open: %v", m.Detail.Open)
				}
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					m = press(m, down(i))
					m.View()
				}
			})
		}
	}
}

func press(m *model.Model, key tea.KeyPressMsg) *model.Model {
	next, _ := m.Update(key)
	return next.(*model.Model)
}

// down is the ith key of one that goes down and up again.
func down(i int) tea.KeyPressMsg {
	if i/50%2 == 1 {
		return tea.KeyPressMsg{Code: 'k', Text: "k"}
	}
	return tea.KeyPressMsg{Code: 'j', Text: "j"}
}
