package ui_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
)

// TestStoryMemory: the dashboard comes back as it was left, over several starts, and
// without what was searched for.
func TestStoryMemory(t *testing.T) {
	run(t, options{width: 160, height: 45, remembers: true, emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
		again := func() {
			dir, server := p.dir, p.server
			p.quit()
			p = start(p.t, options{width: 160, height: 45, remembers: true, dir: dir, server: server})
			p.wait(4 * time.Second)
		}
		p.wait(4 * time.Second)
		p.press("esc 2 S C space j j space enter i w s esc / a n n _ 8 3 9 2 enter u")
		p.shows("ann_8392")
		again()
		p.shows("USER ID", "FAILED ▴", "no session selected") // the oldest failure first
		p.hides("STATE", "REASON", "/ ann", "ann_8392 is")
		p.press("i")
		p.shows("7d", "by doc")
		p.press("esc 8 S")
		p.shows("8 Stuck*")
		again()
		p.shows("8 Stuck*", "/ stuck:yes", "STATE", "SUBMITTED ▴")
		p.press("1")
		p.hides("STATE")
		again()
		p.shows("AGE ▾")
		p.hides("STATE", "Stuck*")
		text, err := os.ReadFile(filepath.Join(p.dir, "views", "memory.toml"))
		if err != nil || !strings.Contains(string(text), "window = '7d'") || strings.Contains(string(text), "ann") {
			t.Errorf("%s %v", text, err)
		}
	})
}

// Two dashboards at once: each keeps what it changed.
func TestStoryMemoryOfTwo(t *testing.T) {
	run(t, options{width: 120, height: 40, remembers: true, emulator: emulator.Config{Seed: 42, Sessions: 300}}, func(p *program) {
		dir, server := p.t.TempDir(), p.server
		one := start(p.t, options{width: 120, height: 40, remembers: true, dir: dir, server: server})
		one.press("esc 5")
		one.quit()
		one = start(p.t, options{width: 120, height: 40, remembers: true, dir: dir, server: server})
		other := start(p.t, options{width: 120, height: 40, remembers: true, dir: dir, server: server})
		one.press("C space enter")
		other.press("2")
		one.quit()
		other.quit()
		last := start(p.t, options{width: 120, height: 40, remembers: true, dir: dir, server: server})
		last.wait(4 * time.Second)
		last.shows("2 Failed", "FAILED ▾")
		last.hides("STATE")
	})
}
