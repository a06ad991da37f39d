package model

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/views"
)

func columnNames(columns []Column) (names []string) {
	for _, c := range columns {
		names = append(names, new(Model).ColumnName(c))
	}
	return names
}

func TestColumnsAreChosenForTheTabs(t *testing.T) {
	viewsRig(t, func(r *rig) {
		if r.m.ChosenColumns() != nil {
			t.Fatalf("chosen at the start: %q", columnNames(r.m.ChosenColumns()))
		}
		r.press("2", "C", "space", "G", "space") // the state, and the end of the id
		want := []string{"user", "reason", "doc", "country", "tries", "attempts", "since", "created", "type"}
		if got := columnNames(r.m.ChosenColumns()); !slices.Equal(got, want) {
			t.Fatalf("the list has %q at once, want %q", got, want)
		}
		r.press("enter", "3")
		if got := columnNames(r.m.ChosenColumns()); r.m.Modal != nil || !slices.Equal(got, want) {
			t.Errorf("kept for the tabs: %q, over it %T", got, r.m.Modal)
		}
		r.press("C", "k", "space", "esc")
		if got := columnNames(r.m.ChosenColumns()); r.m.Modal != nil || !slices.Equal(got, want) {
			t.Errorf("after esc: %q, over it %T", got, r.m.Modal)
		}
		r.press("C", "d", "C")
		if r.m.Columns() != nil || r.m.Modal != nil {
			t.Errorf("as usual: %q, over it %T", r.m.Columns(), r.m.Modal)
		}
	})
}

func TestColumnsMove(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("C", "G", "shift+up", "shift+up", "shift+up")
		box := open[*ColumnsBox](r.m)
		if got := r.m.ChosenColumns(); box.At != 7 || got[7] != SessionColumn || got[8] != SinceColumn {
			t.Fatalf("cursor %d, columns %q", box.At, columnNames(got))
		}
		r.press("g", "shift+up")
		if box.Lines[0].Column != StateColumn || box.At != 0 {
			t.Error("the first one moved")
		}
		r.press("G", "k", "k", "k", "shift+down", "shift+down", "shift+down")
		if r.m.Columns() != nil {
			t.Errorf("all in their usual order are a choice: %q", r.m.Columns())
		}
	})
}

// A row always says whose it is, and by what the list is sorted.
func TestSomeColumnsAlwaysShow(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("2", "C", "j", "space")
		r.says("a row always says whose it is")
		r.press("g", "space", "j", "j", "space")
		for range 8 {
			r.press("j", "space")
		}
		r.press("enter")
		if got := columnNames(r.m.ChosenColumns()); !slices.Equal(got, []string{"user", "since"}) || !slices.Equal(r.m.Columns(), []string{"user"}) {
			t.Fatalf("the list has %q of %q", got, r.m.Columns())
		}
		r.press("s")
		for range mirror.ColumnCount {
			by := r.m.Order().Column
			shown := slices.ContainsFunc(r.m.ChosenColumns(), func(c Column) bool { sorts, ok := c.Sorts(); return ok && sorts == by })
			if !shown && by != mirror.ByBest {
				t.Errorf("sorted by %d, and the list has %q", by, columnNames(r.m.ChosenColumns()))
			}
			r.press("s")
		}
	})
}

func TestViewsKeepTheirColumns(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("C", "space", "enter", "8")
		if r.m.Columns() != nil || r.m.ViewChanged() {
			t.Fatalf("a view has the columns of the tabs: %q", r.m.Columns())
		}
		r.press("C", "G", "space", "enter")
		if !r.m.ViewChanged() {
			t.Error("other columns are no change of the view")
		}
		r.press("ctrl+s", "enter")
		if r.m.ViewChanged() || len(r.m.Views.Saved[0].Columns) != int(ColumnCount)-1 {
			t.Errorf("saved %q, changed %v", r.m.Views.Saved[0].Columns, r.m.ViewChanged())
		}
		r.press("1")
		if got := r.m.Columns(); len(got) != int(ColumnCount)-1 || got[0] != "user" {
			t.Errorf("the tabs have %q", got)
		}
		r.press("[")
		if got := r.m.Columns(); r.m.List.Saved != "Stuck" || got[0] != "state" || r.m.ViewChanged() {
			t.Errorf("[ goes back to %q with %q", r.m.List.Saved, got)
		}
		if kept, err := r.m.config.Keeper.Read(); err != nil || !slices.Equal(kept[0].Columns, r.m.Columns()) {
			t.Errorf("the file has %q %v", kept[0].Columns, err)
		}
	})
}

func TestUnknownColumnsAreSaidAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		file := "[[views]]\nname = \"Odd\"\nquery = \"stuck:no\"\ncolumns = [\"session\", \"zodiac\", \"session\"]\n"
		if err := os.WriteFile(filepath.Join(dir, "views.toml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		r := newRig(t, func(c *Config) { c.Keeper = views.In(dir) })
		r.says("The view Odd has a column that this idtop does not know")
		r.add(session(1, "ann", client.StatusRequiresInput, "document_expired"))
		r.press("8")
		if got := columnNames(r.m.ChosenColumns()); got[0] != "session" || !slices.Contains(got, "user") || slices.Contains(got[1:], "session") {
			t.Errorf("the list has %q", got)
		}
		r.press("C", "G", "space", "enter", "ctrl+s", "enter")
		kept, err := os.ReadFile(filepath.Join(dir, "views.toml"))
		if err != nil || !strings.Contains(string(kept), "zodiac") || !strings.Contains(string(kept), "type") {
			t.Errorf("%s %v", kept, err)
		}
	})
}

func TestPersonsPageHasColumnsOfItsOwn(t *testing.T) {
	viewsRig(t, func(r *rig) {
		r.press("j", "u", "C")
		if r.says("has columns of its own"); r.m.Modal != nil {
			t.Errorf("%T", r.m.Modal)
		}
	})
}
