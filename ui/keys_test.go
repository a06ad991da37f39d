package ui_test

import (
	"flag"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"idtop/client/emulator"
	"idtop/keymap"
	"idtop/model"
)

var randomKeys = flag.Int("keys", 5_000, "how many random keys the tests of random keys press")

// writes counts the requests that could change something.
type writes struct {
	next  http.RoundTripper
	count atomic.Int64
	all   atomic.Int64

	mu    sync.Mutex
	paths []string // of those requests, in their order
}

func (w *writes) RoundTrip(r *http.Request) (*http.Response, error) {
	w.all.Add(1)
	if r.Method != http.MethodGet {
		w.count.Add(1)
		w.mu.Lock()
		w.paths = append(w.paths, r.URL.Path)
		w.mu.Unlock()
	}
	return w.next.RoundTrip(r)
}

// keyboard makes random keys: everything that is bound to something but
// leaving, letters, digits, and what dialogs and forms know.
func keyboard(without string) []tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"space": {Code: tea.KeySpace, Text: " "}, "shift+up": {Code: tea.KeyUp, Mod: tea.ModShift},
		"shift+down": {Code: tea.KeyDown, Mod: tea.ModShift}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift},
		"home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
		"ctrl+o": {Code: 'o', Mod: tea.ModCtrl},
	}
	for name, code := range codes {
		special[name] = tea.KeyPressMsg{Code: code}
	}
	var keys []tea.KeyPressMsg
	for _, name := range slices.Sorted(maps.Keys(special)) {
		keys = append(keys, special[name])
	}
	add := func(name string) {
		switch r := []rune(name); {
		case strings.ContainsAny(name, without) && len(r) == 1:
		case len(r) == 1:
			keys = append(keys, tea.KeyPressMsg{Code: r[0], Text: name})
		case strings.HasPrefix(name, "ctrl+") && name != "ctrl+c" && name != "ctrl+z":
			keys = append(keys, tea.KeyPressMsg{Code: r[len(r)-1], Mod: tea.ModCtrl})
		}
	}
	for _, action := range keymap.Actions() {
		for _, name := range action.Keys {
			add(name)
			add(name) // what acts comes more often than letters
		}
	}
	for _, r := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" {
		add(string(r))
	}
	for range 10 { // what does harm comes often
		for _, name := range []string{"c", "r", "y"} {
			add(name)
		}
	}
	return keys
}

// hammer presses random keys, pastes now and then, and lets time pass so that
// dialogs arm and answers come.
func hammer(p *program, keys []tea.KeyPressMsg, n int) {
	if testing.Short() {
		n = min(n, 1_000)
	}
	p.hammered++
	random := rand.New(rand.NewPCG(p.hammered, uint64(p.writes.all.Load())))
	for i := range n {
		switch {
		case random.IntN(500) == 0:
			p.tea.Send(tea.PasteMsg{Content: []string{"y", "REDACT 1 TEST", "create", "save", "write because"}[random.IntN(5)]})
		case random.IntN(20) == 0: // it has an effect after ctrl+t
			p.tea.Send(tea.MouseClickMsg{X: random.IntN(140), Y: random.IntN(40), Button: tea.MouseLeft})
			p.tea.Send(tea.MouseWheelMsg{X: random.IntN(140), Y: random.IntN(40), Button: tea.MouseWheelUp + tea.MouseButton(random.IntN(2))})
		default:
			p.key(keys[random.IntN(len(keys))])
		}
		if random.IntN(4) == 0 {
			p.tea.Send(model.Rest{})
			p.wait(time.Duration(random.IntN(1200)) * time.Millisecond)
		}
		if i%1000 == 0 && i > 0 { // out of a modal with all keys
			for range 4 {
				p.tea.Send(tea.KeyPressMsg{Code: tea.KeyEscape})
			}
		}
	}
	p.wait(2 * time.Second)
}

// TestRandomKeysAtRandomSizes: a window of any size, resized in between, is drawn
// after any keys. `go test ./ui -run RandomKeysAtRandomSizes -keys 1000000 -timeout
// 120m` presses a million.
func TestRandomKeysAtRandomSizes(t *testing.T) {
	for _, live := range []bool{false, true} {
		run(t, options{width: 60, height: 24, live: live, emulator: emulator.Config{Seed: 5, Sessions: 300}}, func(p *program) {
			p.press("space 4 /") // what a million keys at one size did not find
			random := rand.New(rand.NewPCG(11, 11))
			n := *randomKeys / 2
			if testing.Short() {
				n = min(n, 1_000)
			}
			for ; n > 0; n -= 25 {
				size := []int{1 + random.IntN(300), 1 + random.IntN(100)}
				if random.IntN(2) == 0 { // where least fits in
					size = []int{40 + random.IntN(40), 10 + random.IntN(15)}
				}
				p.screen.Resize(size[0], size[1])
				p.tea.Send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				hammer(p, keyboard("q"), 25)
			}
		})
	}
}

// TestRandomKeysReadOnly: no keys send anything but GET. `go test ./ui -run
// RandomKeys -keys 1000000` presses a million.
func TestRandomKeysReadOnly(t *testing.T) {
	run(t, options{width: 120, height: 40, readOnly: true, emulator: emulator.Config{Seed: 5, Sessions: 300}}, func(p *program) {
		hammer(p, keyboard("q"), *randomKeys)
		if n := p.writes.count.Load(); n != 0 {
			t.Errorf("%d requests that change something left", n)
		}
	})
}

// TestRandomKeysCanAct: with y among them the same keys do act, so that the tests
// beside this one can fail.
func TestRandomKeysCanAct(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some thousand keys until one acts")
	}
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 5, Sessions: 300}}, func(p *program) {
		keys, random := keyboard("q"), rand.New(rand.NewPCG(1, 1))
		for range 200 { // a key in a while is y
			p.press("esc esc j c")
			p.wait(time.Second)
			p.key(keys[random.IntN(len(keys))])
			p.tea.Send(model.Rest{})
			p.wait(4 * time.Second)
			if p.writes.count.Load() > 0 {
				return
			}
		}
		t.Error("nothing was sent")
	})
}

// TestRandomKeysWithoutAnAnswer: with everything allowed, no key confirms but
// those of the text that is asked for: y is never pressed here.
func TestRandomKeysWithoutAnAnswer(t *testing.T) {
	run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 5, Sessions: 300}}, func(p *program) {
		hammer(p, keyboard("qyY"), *randomKeys)
		if n := p.writes.count.Load(); n != 0 {
			t.Errorf("%d requests that change something left", n)
		}
	})
}
