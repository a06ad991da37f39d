//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"idtop/client/emulator"
	"idtop/model"
)

// A real start comes back as the one before was left; its file has no person.
func TestStartsAsItWasLeft(t *testing.T) {
	s := newShop(t, emulator.Config{})
	s.submit(s.create("ann_8392"), "verified")
	s.create("bob_1")
	d := s.dashboard()
	d.shows("bob_1")
	d.press("5")
	d.shows("VERIFIED ▾")
	d.press("S")
	d.shows("VERIFIED ▴")
	d.press("/ann_8392")
	d.shows("1 of 2")
	time.Sleep(100 * time.Millisecond) // the terminal is a real one, and so is an operator's pause
	d.press("\rj")
	d.press("u")
	d.shows("NOW")
	d.end()

	var files []string
	err := filepath.WalkDir(filepath.Join(s.dir, "views"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "ann") {
			t.Errorf("%s names a person:\n%s", path, text)
		}
		files = append(files, entry.Name())
		return err
	})
	if err != nil || !strings.Contains(strings.Join(files, " "), "memory.toml") {
		t.Fatalf("the files are %q %v", files, err)
	}
	d = s.dashboard()
	d.shows("VERIFIED ▴")
	d.shows("ann_8392")
	if d.screen.Contains("/ ann_8392") || d.screen.Contains("bob_1") {
		t.Errorf("it begins with a search, or with another tab:\n%s", d.screen.Text())
	}
	d.end()
	for _, begin := range [][]string{{"--query", "bob"}, {"--open", "idtop://-/"}} {
		d = s.dashboard(begin...)
		d.shows("bob_1")
		d.shows("AGE")
		d.end()
	}
}

// A demo begins anew, and leaves nothing.
func TestDemoRemembersNothing(t *testing.T) {
	k := &kept{demo: &demoDir{dir: t.TempDir()}}
	if left := k.left(dashboardOptions{}); left.Rememberer != nil || !left.Memory.Equal(model.Left{}.Memory) {
		t.Errorf("%+v", left)
	}
}

// TestOpensWhatALocatorLists: --open begins with the query of a locator, over all states.
func TestOpensWhatALocatorLists(t *testing.T) {
	s := newShop(t, emulator.Config{})
	s.submit(s.create("ann_8392"), "verified")
	s.create("bob_1")
	d := s.dashboard("--open", "idtop://-/state:verified")
	d.shows("/ state:verified")
	d.shows("1 of 2")
	if d.shows("ann_8392"); d.screen.Contains("bob_1") {
		t.Errorf("it lists more than the locator says:\n%s", d.screen.Text())
	}
	d.end()
}
