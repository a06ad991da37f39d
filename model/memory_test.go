package model

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/views"
)

// restarts starts the same dashboard again and again, in one folder.
func restarts(t *testing.T, test func(start func(change ...func(*Config)) *rig)) {
	synctest.Test(t, func(t *testing.T) {
		file := views.In(t.TempDir())
		test(func(change ...func(*Config)) *rig {
			r := newRig(t, func(c *Config) {
				c.Keeper = file
				c.Left.Rememberer = file
				c.Left.Memory, c.Left.Err = file.Recall()
				for _, change := range change {
					change(c)
				}
			})
			r.add(session(1, "ann_8392", client.StatusRequiresInput, "document_expired"), session(2, "bob", client.StatusRequiresInput, "selfie_face_mismatch"),
				session(3, "cat", client.StatusRequiresInput, ""))
			return r
		})
	})
}

func TestDashboardComesBackAsItWasLeft(t *testing.T) {
	restarts(t, func(start func(...func(*Config)) *rig) {
		r := start()
		if r.m.List.Tab != 0 || r.m.Insights.Window != 1 {
			t.Fatalf("begins with tab %d, window %d", r.m.List.Tab, r.m.Insights.Window)
		}
		r.press("2", "S", "C", "space", "enter", "i", "w", "s", "esc")
		order, columns := r.m.List.Order, r.m.Columns()
		r = start()
		if r.m.List.Tab != 1 || r.m.List.Order != order || !order.Reverse || !slices.Equal(r.m.Columns(), columns) || len(columns) != int(ColumnCount)-1 {
			t.Errorf("tab %d, order %v of %v, columns %q of %q", r.m.List.Tab, r.m.List.Order, order, r.m.Columns(), columns)
		}
		if r.m.Insights.Window != 2 || r.m.Insights.Split != 1 {
			t.Errorf("window %d, split %d", r.m.Insights.Window, r.m.Insights.Split)
		}
		if got := r.listedIDs(); len(got) != 2 || !r.m.List.Following() {
			t.Errorf("lists %q, cursor %q", got, r.m.List.Selected)
		}
		if len(r.m.trail.back) != 0 {
			t.Error("there is a place before the first one")
		}
	})
}

func TestOpenViewComesBack(t *testing.T) {
	restarts(t, func(start func(...func(*Config)) *rig) {
		r := start()
		r.press("8")
		r = start()
		if r.m.List.Saved != "Stuck" || r.m.Search.Text() != "stuck:yes" || r.m.ViewChanged() || len(r.m.trail.back) != 0 {
			t.Fatalf("%q lists %q, changed %v, before it %v", r.m.List.Saved, r.m.Search.Text(), r.m.ViewChanged(), r.m.trail.back)
		}
		r.press("S", "C", "space", "enter")
		order, columns := r.m.List.Order, r.m.Columns()
		r = start()
		if r.m.List.Order != order || !order.Reverse || !slices.Equal(r.m.Columns(), columns) || !r.m.ViewChanged() {
			t.Errorf("order %v, columns %q", r.m.List.Order, r.m.Columns())
		}
		r.press("V", "d", "y") // the open one
		r = start()
		if r.m.List.Saved != "" || r.m.List.Tab != 0 {
			t.Errorf("a deleted view is open: %q, tab %d", r.m.List.Saved, r.m.List.Tab)
		}
	})
}

// A view that is read late does not undo the operator's first keys.
func TestLateViewDoesNotOpen(t *testing.T) {
	restarts(t, func(start func(...func(*Config)) *rig) {
		r := start()
		r.press("9")
		file := r.m.config.Keeper
		slow := make(chan struct{})
		r = start(func(c *Config) { c.Keeper = slowViews{file, slow} })
		r.press("2")
		close(slow)
		r.settle()
		if r.m.List.Saved != "" || r.m.List.Tab != 1 {
			t.Errorf("%q, tab %d", r.m.List.Saved, r.m.List.Tab)
		}
	})
}

type slowViews struct {
	ViewKeeper
	read <-chan struct{}
}

func (v slowViews) Read() ([]views.View, error) { <-v.read; return v.ViewKeeper.Read() }

// A search to begin with is over all states, and changes nothing in the memory.
func TestSearchToBeginWithIsOverAll(t *testing.T) {
	restarts(t, func(start func(...func(*Config)) *rig) {
		r := start()
		r.press("2", "i", "w", "esc")
		r = start(func(c *Config) { c.Search, c.Left.Elsewhere = "cat", true })
		if got := r.listedIDs(); r.m.List.Tab != 0 || !slices.Equal(got, []string{"cat"}) || r.m.Insights.Window != 2 {
			t.Errorf("tab %d lists %q, window %d", r.m.List.Tab, got, r.m.Insights.Window)
		}
		if r = start(); r.m.List.Tab != 1 {
			t.Errorf("tab %d", r.m.List.Tab)
		}
	})
}

// Nothing that names a person is kept, and no place.
func TestMemoryHasNoSearchAndNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := newRig(t, func(c *Config) { c.Keeper, c.Left.Rememberer = views.In(dir), views.In(dir) })
		r.add(session(1, "ann_8392", client.StatusRequiresInput, "document_expired"), session(2, "ann_8392", client.StatusRequiresInput, "selfie_face_mismatch"))
		r.press("2")
		for _, script := range []string{
			"/ a n n _ 8 3 9 2", "enter", "j enter", "esc", "u", "e", "t", "esc", "esc", "esc", "/ u s e r : a n n _ 8 3 9 2 enter", "S", "esc esc",
			"j space M", "C space enter", "esc", "-", "=", "8", "/ a n n _ 8 3 9 2 enter", "S", "ctrl+s", "i", "enter", "esc", "esc", ": a n n _ 8 3 9 2", "enter",
		} {
			r.script(keys(script))
			r.pass(settleTime)
			text, err := os.ReadFile(filepath.Join(dir, "memory.toml"))
			if err != nil || !strings.Contains(string(text), "tab = ") {
				t.Fatalf("after %q the file has %q %v", script, text, err)
			}
			for _, private := range []string{"ann", "8392", "vs_", "selfie", "query"} {
				if strings.Contains(string(text), private) {
					t.Fatalf("after %q the file has %q:\n%s", script, private, text)
				}
			}
		}
		if memory, err := views.In(dir).Recall(); err != nil || memory.View != "Stuck" || memory.Sort == "" {
			t.Errorf("the list before the person is not kept: %+v %v", memory, err)
		}
	})
}

func TestBrokenMemoryIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "memory.toml"), []byte("tab = ["), 0o600); err != nil {
			t.Fatal(err)
		}
		start := func() *rig {
			file := views.In(dir)
			return newRig(t, func(c *Config) {
				c.Keeper = file
				c.Left.Rememberer = file
				c.Left.Memory, c.Left.Err = file.Recall()
			})
		}
		r := start()
		r.says("How idtop was left can't be read")
		r.press("3")
		if r = start(); len(r.m.Log.Messages) != 0 || r.m.List.Tab != 2 {
			t.Errorf("tab %d, %+v", r.m.List.Tab, r.m.Log.Messages)
		}
	})
}

func TestUnknownMemoryIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) {
			c.Left.Memory = views.Memory{List: views.List{Tab: 99, Sort: "shoe size"}, Columns: []string{"zodiac", "user"}, Window: "9y", Split: "zodiac"}
		})
		r.says("The tabs have a column that this idtop does not know")
		if r.m.List.Tab != 0 || r.m.List.Order != (mirror.Order{}) || r.m.Insights.Window != 1 || r.m.Insights.Split != 0 {
			t.Errorf("tab %d, order %v, window %d, split %d", r.m.List.Tab, r.m.List.Order, r.m.Insights.Window, r.m.Insights.Split)
		}
		if got := columnNames(r.m.ChosenColumns()); !slices.Equal(got, []string{"user", "created"}) {
			t.Errorf("columns %q", got)
		}
	})
}

type fullDisk struct {
	release <-chan struct{}
	tries   int
}

func (d *fullDisk) Remember(views.Memory, views.Memory) error {
	<-d.release
	d.tries++
	return errors.New("the disk is full")
}

// quit waits for the last change, which is written in order; a full disk is said once.
func TestQuitWaitsForTheMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		disk := &fullDisk{release: release}
		r := newRig(t, func(c *Config) { c.Left.Rememberer = disk })
		quits := func() bool {
			return slices.ContainsFunc(r.seen, func(msg tea.Msg) bool { _, ok := msg.(tea.QuitMsg); return ok })
		}
		r.press("2", "3", "q")
		if quits() {
			t.Fatal("left before the change was written")
		}
		close(release)
		r.settle()
		said := 0
		for _, msg := range r.m.Log.Messages {
			if strings.Contains(msg.Text, "the disk is full") {
				said++
			}
		}
		if !quits() || disk.tries != 2 || said != 1 {
			t.Errorf("left %v after %d changes, said %d times", quits(), disk.tries, said)
		}
	})
}

// A search has an order of its own; the list has its own again without it.
func TestOrderOutlivesASearch(t *testing.T) {
	restarts(t, func(start func(...func(*Config)) *rig) {
		for _, clear := range []string{"esc", "/ backspace enter", "/ esc"} {
			r := start()
			r.m.List.Order = mirror.Order{}
			r.press("2", "s", "S")
			order := r.m.List.Order
			r.script(keys("/ b enter"))
			if r.m.List.Order == order || order == (mirror.Order{}) {
				t.Fatalf("the search is sorted as the list: %v", order)
			}
			if again := start(); again.m.List.Order != order || again.m.List.Tab != 1 {
				t.Errorf("a start in a search: %v, want %v", again.m.List.Order, order)
			}
			if r.script(keys(clear)); r.m.List.Order != order || r.m.Search.Text() != "" {
				t.Errorf("after %q: %v, want %v", clear, r.m.List.Order, order)
			}
			r.script(keys("/ b enter s"))
			chosen := r.m.List.Order
			if r.script(keys(clear)); r.m.List.Order != chosen {
				t.Errorf("an order chosen in the search is lost by %q: %v, want %v", clear, r.m.List.Order, chosen)
			}
		}
	})
}
