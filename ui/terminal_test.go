package ui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"idtop/client/emulator"
	"idtop/model"
)

// TestEverySize draws pages at every class of sizes: exactly as many lines as the
// window has, none wider than it.
func TestEverySize(t *testing.T) {
	widths, heights := []int{1, 2, 10, 39, 40, 79, 80, 99, 100, 139, 140, 200, 300}, []int{1, 2, 9, 10, 15, 23, 24, 39, 40, 100}
	pages := []string{"", "?", "i", "U", "V", "J", "!", "C", "n", "j enter", ":"}
	if testing.Short() {
		widths, heights, pages = []int{1, 39, 40, 80, 140, 300}, []int{1, 9, 10, 24, 100}, pages[:6]
	}
	run(t, options{width: 80, height: 24, emulator: emulator.Config{Seed: 3, Sessions: 40}}, func(p *program) {
		p.wait(4 * time.Second)
		for _, page := range pages {
			p.resize(80, 24)
			p.press("esc esc " + page)
			for _, w := range widths {
				for _, h := range heights {
					m := *p.drawn.Load()
					m.Width, m.Height = w, h
					view, _ := p.config.Renderer.(recorder).Renderer.View(&m)
					lines := strings.Split(view.Content, "\n")
					if len(lines) != h {
						p.t.Errorf("%q at %dx%d has %d lines", page, w, h, len(lines))
					}
					for _, line := range lines {
						if n := ansi.StringWidth(line); n > w {
							p.t.Errorf("%q at %dx%d has a line of %d columns: %q", page, w, h, n, line)
						}
					}
				}
			}
		}
	})
}

// TestFourHundredResizes a second end in the right screen.
func TestFourHundredResizes(t *testing.T) {
	run(t, options{width: 80, height: 24, emulator: emulator.Config{Seed: 3, Sessions: 40}}, func(p *program) {
		p.wait(4 * time.Second)
		p.press("j j")
		want := p.screen.Text()
		for i := range 400 {
			w, h := 1+(i*37)%300, 1+(i*11)%100
			p.screen.Resize(w, h)
			p.tea.Send(tea.WindowSizeMsg{Width: w, Height: h})
			time.Sleep(2500 * time.Microsecond)
		}
		p.resize(80, 24)
		p.wait(time.Second)
		if rows(p.screen.Text()) != rows(want) {
			p.t.Errorf("the screen was\n%s\nand is\n%s", want, p.screen.Text())
		}
	})
}

// rows is a screen without its first line, whose age goes on.
func rows(text string) string { return strings.SplitN(text, "\n", 2)[1] }

// TestLongPaste: a megabyte in the search line, a form and a confirmation is cut,
// and confirms nothing.
func TestLongPaste(t *testing.T) {
	long := strings.Repeat("y REDACT 1 TEST\r\n", 1<<16)
	for _, keys := range []string{"/", ":", "n", "j m", "j c", "j r"} {
		run(t, options{width: 120, height: 40, emulator: emulator.Config{Seed: 3, Sessions: 40}}, func(p *program) {
			p.create("ann_8392")
			p.wait(4 * time.Second)
			sent := p.writes.count.Load()
			p.press(keys)
			p.wait(time.Second)
			p.tea.Send(tea.PasteMsg{Content: long})
			p.wait(10 * time.Second)
			if n := p.writes.count.Load(); n != sent {
				p.t.Errorf("after %s it sent something", keys)
			}
			p.press("esc esc esc")
			p.press("j")
			p.shows("ann_8392")
		})
	}
}

// TestTenThousandKeys come at once: each moves the cursor once.
func TestTenThousandKeys(t *testing.T) {
	run(t, options{width: 80, height: 24, emulator: emulator.Config{Seed: 3, Sessions: 400}}, func(p *program) {
		p.wait(8 * time.Second)
		p.press("g")
		keys := 10_000
		if testing.Short() {
			keys = 2_000
		}
		for i := range keys {
			key := tea.KeyPressMsg{Code: 'j', Text: "j"}
			if i%2 == 1 && i < keys-200 { // at the end two hundred more down
				key = tea.KeyPressMsg{Code: 'k', Text: "k"}
			}
			p.key(key)
		}
		p.tea.Send(model.Rest{})
		p.wait(2 * time.Second)
		if at := p.drawn.Load().List.Index; at != 200 {
			p.t.Errorf("the cursor is at %d", at)
		}
		p.shows("row 201 of")
	})
}
