package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
)

// headerStates are what the header may have to say.
func headerStates(now time.Time) map[string]model.Model {
	live := mirror.Status{Phase: mirror.Live, Last: now.Add(-2 * time.Second), Next: now.Add(3 * time.Second), Checked: now.Add(-2 * time.Second), Filled: 1}
	with := func(change func(*model.Model)) model.Model {
		m := *model.New(model.Config{Keys: keymap.Default(), Clock: func() time.Time { return now }, Identity: model.Identity{Account: "Acme Inc"}})
		m.Sync, m.Reads = model.Sync{Status: live}, model.Reads{Used: 1214, Allowed: 10_000}
		change(&m)
		return m
	}
	return map[string]model.Model{
		"live":      with(func(*model.Model) {}),
		"late":      with(func(m *model.Model) { m.Sync.Last, m.Sync.Next = now.Add(-12*time.Second), now.Add(-7*time.Second) }),
		"slow pace": with(func(m *model.Model) { m.Sync.Next = now.Add(40 * time.Second) }),
		"no budget": with(func(m *model.Model) { m.Reads.Allowed = 0 }),
		"back-fill": with(func(m *model.Model) {
			m.Sync.Filling, m.Sync.Filled, m.Sync.Back, m.Sync.Rate = true, 0.617, now.AddDate(0, 0, -20), 1900
			m.List.Page.Counts.All = 23_248
		}),
		"back-fill in a live account": with(func(m *model.Model) {
			m.Sync.Filling, m.Sync.Filled, m.Identity.Live = true, 0.9999, true
		}),
		"following": with(func(m *model.Model) { m.Sync.Following, m.Sync.Next = true, time.Time{} }),
		"following late": with(func(m *model.Model) {
			m.Sync.Following, m.Sync.Next, m.Sync.Last = true, time.Time{}, now.Add(-16*time.Second)
		}),
		"by lists": with(func(m *model.Model) { m.Sync.Listing = true }),
		"stale": with(func(m *model.Model) {
			m.Sync.Stale, m.Sync.Filling, m.Sync.Filled = true, true, 0.05
		}),
		"loading": with(func(m *model.Model) {
			m.Sync.Status = mirror.Status{Checked: now.Add(-3 * time.Hour)}
			m.List.Page.Loading = true
		}),
		"everything": with(func(m *model.Model) {
			m.Sync.Stale, m.Sync.Filling, m.Sync.Filled, m.Sync.Following, m.Sync.Listing = true, true, 0.5, true, true
			m.List.Page.Loading, m.Identity.Live, m.Identity.ReadOnly = true, true, true
		}),
		"failing with a mirror": with(func(m *model.Model) {
			m.Sync.Status = mirror.Status{Phase: mirror.Failing, Since: now.Add(-70 * time.Second), Next: now.Add(12 * time.Second), Err: errors.New("x"), Checked: now.Add(-26 * time.Hour)}
		}),
		"offline": with(func(m *model.Model) {
			m.Sync.Phase, m.Sync.Since, m.Sync.Last, m.Sync.Next = mirror.Failing, now.Add(-4*time.Minute), now.Add(-4*time.Minute), now.Add(13*time.Second)
			m.Sync.Err = &client.Error{Kind: client.KindNetwork}
		}),
		"reading back fails": with(func(m *model.Model) {
			m.Sync.Filling, m.Sync.FillErr, m.Sync.FillNext = true, errors.New("x"), now.Add(7*time.Second)
		}),
		"no answer":   with(func(m *model.Model) { m.Sync.Asked = now.Add(-7 * time.Second) }),
		"paused":      with(func(m *model.Model) { m.Sync.Phase, m.Sync.Since = mirror.Paused, now.Add(-3*time.Minute) }),
		"paused here": with(func(m *model.Model) { m.Sync.Wish.Paused = true }),
		"paused here, offline": with(func(m *model.Model) {
			m.Sync.Wish.Paused = true
			m.Sync.Phase, m.Sync.Since, m.Sync.Last, m.Sync.Next = mirror.Failing, now.Add(-4*time.Minute), now.Add(-4*time.Minute), now.Add(13*time.Second)
			m.Sync.Err = &client.Error{Kind: client.KindNetwork}
		}),
		"at the end": with(func(m *model.Model) { m.Reads.Used = 10_000 }),
	}
}

func drawnHeader(m model.Model, width int) string {
	m.Width, m.Height = width, 24
	p := &painter{theme: themeFor("", true, colorprofile.NoTTY)}
	drawHeader(p, &m)
	return ansi.Strip(p.String())
}

// What the header says at the usual widths. Refresh with `go test ./ui -update`.
func TestHeaderScreens(t *testing.T) {
	states := headerStates(time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC))
	for _, name := range []string{"live", "late", "slow pace", "following late", "no budget", "back-fill", "back-fill in a live account", "following", "by lists", "stale", "loading",
		"everything", "failing with a mirror", "offline", "reading back fails", "no answer", "paused", "paused here", "paused here, offline", "at the end"} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, width := range []int{40, 60, 80, 100, 120, 160, 200} {
				fmt.Fprintf(&b, "%s\n", strings.TrimRight(drawnHeader(states[name], width), " "))
			}
			golden.RequireEqual(t, b.String())
		})
	}
}

// At every width the header is one line, which names the mode and says how true
// the data is; and a wider one never says less.
func TestHeaderAtEveryWidth(t *testing.T) {
	for name, m := range headerStates(time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)) {
		for width := model.MinWidth; width <= 220; width++ {
			got := drawnHeader(m, width)
			if strings.Contains(got, "\n") || ansi.StringWidth(got) != width {
				t.Fatalf("%s at %d: %q", name, width, got)
			}
			if mode := map[bool]string{true: " LIVE ", false: " TEST "}[m.Identity.Live]; !strings.Contains(got, mode) {
				t.Errorf("%s at %d has no %s: %q", name, width, mode, got)
			}
			if m.Claim().Link == mirror.Reading && !strings.Contains(got, "reading ") {
				t.Errorf("%s at %d does not say that it still reads: %q", name, width, got)
			}
		}
	}
}

// Nothing in the header changes from one second to the next while polls come in
// time, which is why "synced 5s ago" is the least that it says. It never says less
// than is so, however long a frame stays.
func TestSyncedNineSecondsAgoIsNotSaidToBeTwo(t *testing.T) {
	now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	m := headerStates(now)["live"]
	still := drawnHeader(m, 120)
	for age := range 3 * 24 * 3600 {
		if m.Now = m.Sync.Last.Add(time.Duration(age) * time.Second); age > 200 && age%61 != 0 {
			continue
		}
		got := drawnHeader(m, 120)
		if (got == still) != (age <= 4) {
			t.Errorf("%d s after the poll: %q", age, got)
		}
		words := strings.Fields(got[strings.Index(got, "synced ")+len("synced "):])[0]
		number, unit := 0, words[len(words)-1]
		fmt.Sscanf(words, "%d", &number)
		said := time.Duration(number) * map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[unit]
		if said < time.Duration(age+1)*time.Second {
			t.Fatalf("%d s after the poll it says %q", age, words)
		}
	}
}

// TestNoneIsSaidOnlyWhenAllWasRead: that an account has no sessions, that none
// matches and that none is in a state is said only of a mirror that is complete,
// and a plan says that sessions may be missing of any other.
func TestNoneIsSaidOnlyWhenAllWasRead(t *testing.T) {
	now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	read := mirror.Status{Phase: mirror.Live, Last: now, Heard: now, Checked: now, Filled: 1}
	for name, status := range map[string]mirror.Status{
		"nothing was asked": {}, "nothing was answered": {Phase: mirror.Failing, Since: now, Err: errors.New("x")},
		"events were answered and no list": {Phase: mirror.Live, Last: now, Heard: now, Checked: now, Filling: true, FillErr: errors.New("x")},
		"older sessions are missing":       {Phase: mirror.Live, Last: now, Heard: now, Checked: now, Filling: true, Back: now},
		"all is read again":                {Phase: mirror.Live, Last: now, Heard: now, Checked: now, Stale: true},
	} {
		for _, known := range []int{0, 7} {
			m := model.Model{Now: now, Sync: model.Sync{Status: status}, Width: 80, Height: 24}
			m.List.Loaded, m.List.Page.Counts.All = true, known
			said := m.Emptiness()
			if !strings.Contains(said, "Reading") && !strings.Contains(said, "could be read yet") && !strings.Contains(said, "still to be read") || m.Missing() == "" {
				t.Errorf("%s, %d known: %q, a plan says %q", name, known, said, m.Missing())
			}
			if strings.Contains(drawnHeader(m, 120), "● synced") {
				t.Errorf("%s: %q", name, drawnHeader(m, 120))
			}
			m.Sync.Status = read
			if said := m.Emptiness(); strings.Contains(said, "still") || m.Missing() != "" {
				t.Errorf("when all is read: %q, a plan says %q", said, m.Missing())
			}
		}
	}
}
