package ui_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/model"
)

// newsWitness compares the news of the tabs with the server's sessions.
type newsWitness struct {
	*program
	random *rand.Rand
	open   int                      // the tab that is looked at
	page   bool                     // a page covers the list
	looked [len(model.Tabs)]*truth  // what the server had when each tab was looked at last
	own    map[string]client.State  // what was canceled or redacted on the screen
	found  [len(model.Tabs)]int     // how much was new in all comparisons
	spoil  func(line string) string // what is read in place of the line of the tabs
}

// TestWhatTheTabsSayIsNewIsSo lets sessions come and change, here and elsewhere, and
// the operator look at one tab after the other.
func TestWhatTheTabsSayIsNewIsSo(t *testing.T) {
	seeds := 4
	if testing.Short() {
		seeds = 1
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			watchNews(t, seed, func(line string) string { return line }, func(w *newsWitness, lies []string) bool {
				if len(lies) > 0 {
					t.Fatalf("%s\n%s", strings.Join(lies, "\n"), w.screen.Text())
				}
				return false
			})
		})
	}
}

// TestNewsThatAreFalse: one more or less on a tab is noticed.
func TestNewsThatAreFalse(t *testing.T) {
	for name, spoil := range map[string]func(line string) string{
		"one more":  func(line string) string { return regexp.MustCompile(`\+1\b`).ReplaceAllString(line, "+2") },
		"none":      func(line string) string { return regexp.MustCompile(` \+\d+`).ReplaceAllString(line, "") },
		"where not": func(line string) string { return strings.Replace(line, "5 Verified", "5 Verified 1 +1", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			noticed := false
			watchNews(t, 0, spoil, func(_ *newsWitness, lies []string) bool {
				noticed = noticed || len(lies) > 0
				return noticed
			})
			if !noticed {
				t.Error("nobody noticed")
			}
		})
	}
}

// watchNews compares after each of many steps, until stop says so.
func watchNews(t *testing.T, seed uint64, spoil func(string) string, stop func(w *newsWitness, lies []string) bool) {
	config := emulator.Config{Seed: seed + 1, Sessions: 60, RedactionDelay: 20 * time.Second}
	run(t, options{width: 240, height: 40, undo: time.Second, emulator: config}, func(p *program) {
		w := &newsWitness{program: p, random: rand.New(rand.NewPCG(seed, 5)), own: map[string]client.State{}, spoil: spoil}
		p.wait(20 * time.Second)
		now := p.truth()
		for i := range w.looked {
			w.looked[i] = now
		}
		for range 60 {
			what := w.step()
			p.wait(15 * time.Second)
			now := p.truth()
			lies := w.falsehoods(now)
			if !w.page {
				w.looked[w.open] = now
			}
			for i := range lies {
				lies[i] += ", after " + what
			}
			if stop(w, lies) {
				return
			}
		}
		if found := w.found[0] + w.found[1] + w.found[2] + w.found[4] + w.found[5]; found < 30 {
			t.Errorf("hardly anything was ever new: %v", w.found)
		}
	})
}

// step lets something happen.
func (w *newsWitness) step() string {
	now := w.truth()
	some := func(states ...client.State) (string, bool) {
		var ids []string
		for id, s := range now.sessions {
			if slices.Contains(states, s.State()) {
				ids = append(ids, id)
			}
		}
		if len(ids) == 0 {
			return "", false
		}
		slices.Sort(ids)
		return ids[w.random.IntN(len(ids))], true
	}
	switch n := w.random.IntN(10); n {
	case 0, 1:
		w.create(fmt.Sprint("user_", w.random.IntN(1000)))
		return "a session elsewhere"
	case 2, 3, 4:
		outcome := []string{"outcome=verified", "outcome=requires_input&code=consent_declined", "outcome=processing"}[n-2]
		if id, ok := some(client.StateWaiting, client.StateFailed); ok {
			w.control("POST", "sessions/"+id+"/submit", outcome+"&delay=1s")
			return outcome
		}
	case 5:
		if id, ok := some(client.StateWaiting, client.StateFailed); ok {
			if _, err := w.api.CancelSession(w.t.Context(), id, client.NewIdempotencyKey()); err != nil {
				w.t.Fatal(err)
			}
			return "a cancel elsewhere"
		}
	case 6:
		w.look(1)
		w.press("g j c")
		w.wait(2 * time.Second)
		w.press("y")
		w.wait(15 * time.Second)
		for id, s := range w.truth().sessions {
			if was := now.sessions[id].State(); s.State() != was && s.State() == client.StateCanceled {
				w.own[id] = s.State()
			}
		}
		w.press("f")
		return "a cancel here"
	case 7:
		if !w.page {
			w.press("i")
			w.looked[w.open], w.page = now, true
		}
		return "a page over the list"
	}
	tab := w.random.IntN(len(model.Tabs))
	w.look(tab)
	return fmt.Sprint("a look at tab ", tab+1)
}

// look opens a tab.
func (w *newsWitness) look(tab int) {
	if w.page {
		w.press("esc")
		w.looked[w.open], w.page = w.truth(), false
	}
	w.press(strconv.Itoa(tab + 1))
	w.open = tab
}

var tabNews = regexp.MustCompile(`([1-7]) (?:All|Failed|Waiting|Processing|Verified|Canceled|Redacted) [\d,]+ +(?:\+(\d+))?`)

// falsehoods are the false news of the tabs.
func (w *newsWitness) falsehoods(now *truth) (lies []string) {
	if w.page {
		return nil // no tab is shown
	}
	claims := tabNews.FindAllStringSubmatch(w.spoil(w.screen.Line(1))+" ", -1)
	if len(claims) != len(model.Tabs) {
		return []string{fmt.Sprintf("there are %d tabs", len(claims))}
	}
	for i, claim := range claims {
		said, _ := strconv.Atoi(claim[2])
		states, was, is := model.Tabs[i].States, w.looked[i], 0
		for id, s := range now.sessions {
			had, known := was.sessions[id]
			again := states != 0 && i != len(model.Tabs)-1 && now.began[id].After(was.now)
			if states.Has(s.State()) && (!known || !states.Has(had.State()) || again) && w.own[id] != s.State() && i != w.open {
				is++
			}
		}
		if w.found[i] += is; said != is {
			lies = append(lies, fmt.Sprintf("tab %d says %d are new, it is %d", i+1, said, is))
		}
	}
	return lies
}
