package views_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/client/views"
)

func names(all []views.View) (names []string) {
	for _, v := range all {
		names = append(names, v.Name)
	}
	return names
}

func TestShippedViewsCanBeKept(t *testing.T) {
	for _, v := range views.Shipped() {
		if err := v.Check(); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

func TestChangesOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	selfie := views.View{Name: "Selfie out", Query: "state:failed reason:selfie_* age:<2h", Order: mirror.Order{Column: mirror.ByAge, Reverse: true}, Columns: []string{"user", "zodiac", "session"}}
	for _, change := range []views.Change{
		views.Save(selfie), views.Rename("Stuck", "Too long"), views.Delete("Many tries"), views.Move("Selfie out", -9), views.Move("Too long", +1),
	} {
		if _, err := views.In(dir).Change(change); err != nil {
			t.Fatal(err)
		}
	}
	all, err := views.In(dir).Read()
	if want := []string{"Selfie out", "Never submitted", "Too long", "Failed today", "Redactions open"}; err != nil || !slices.Equal(names(all), want) {
		t.Fatalf("%q %v, want %q", names(all), err, want)
	}
	if !reflect.DeepEqual(all[0], selfie) {
		t.Errorf("%+v, want %+v", all[0], selfie)
	}
	for range 5 { // deleting all does not bring back the shipped ones
		if all, err = views.In(dir).Change(views.Delete(all[0].Name)); err != nil {
			t.Fatal(err)
		}
	}
	if all, err = views.In(dir).Read(); err != nil || len(all) != 0 {
		t.Errorf("%q %v, want none", names(all), err)
	}
}

func TestRefusedChangesWriteNothing(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		change views.Change
		want   string
	}{
		{views.Save(views.View{Name: "Ann", Query: "user:ann_8392"}), query.ErrNames.Error()},
		{views.Save(views.View{Name: "Ann", Query: "ann"}), query.ErrNames.Error()},
		{views.Save(views.View{Name: "Odd", Query: "state:nowhere"}), "the query has an error"},
		{views.Save(views.View{Name: "", Query: "stuck:yes"}), "needs a name"},
		{views.Save(views.View{Name: "a\x1b[31m", Query: "stuck:yes"}), "printable"},
		{views.Save(views.View{Name: strings.Repeat("n", views.LongestName+1), Query: "stuck:yes"}), "at most"},
		{views.Rename("Stuck", "many TRIES"), "another view"},
		{views.Rename("Nobody", "x"), "is gone"},
		{views.Delete("Nobody"), "is gone"},
	} {
		if _, err := views.In(dir).Change(c.change); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "views.toml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused change wrote a file: %v", err)
	}
}

func TestDashboardsAtOnceLoseNothing(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := views.In(dir).Change(views.Save(views.View{Name: fmt.Sprint("View ", i), Query: "stuck:no"})); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	kept, err := views.In(dir).Read()
	if want := len(views.Shipped()) + 8; err != nil || len(kept) != want {
		t.Errorf("%d views %v, want %d", len(kept), err, want)
	}
}

func TestBrokenFilesAreSaidAndKept(t *testing.T) {
	for text, want := range map[string]string{
		"[[views]]\nname = \"A\"\nquery = stuck\n":                                                        "line 3 ",
		"[[views]]\nname = \"A\"\ncolour = \"red\"\n":                                                     "line 3 ",
		"\n[[views]]\nname = \"A\"\nquery = \"ann_8392\"\n":                                               "line 2: it names a person",
		"[[views]]\nname = \"A\"\nsort = \"shoe size\"\n":                                                 "line 1: its sort",
		"[[views]]\nname = \"A\"\nquery = \"stuck:yes\"\n\n[[views]]\nname = \"a\"\nquery = \"stuck:no\"": "line 5: another view",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "views.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := views.In(dir).Read()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "ann_8392") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if _, err := views.In(dir).Change(views.Delete("A")); err == nil {
			t.Errorf("%q was changed", text)
		}
		if kept, _ := os.ReadFile(path); string(kept) != text {
			t.Errorf("%q became %q", text, kept)
		}
	}
}
