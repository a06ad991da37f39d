package views_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"idtop/client/views"
)

func TestMemoryOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	if m, err := views.In(dir).Recall(); err != nil || !m.Equal(views.Memory{}) {
		t.Fatalf("at first %+v %v", m, err)
	}
	want := views.Memory{
		List:    views.List{Tab: 1, View: "Stuck", Sort: "created", Reverse: true, ViewColumns: []string{"user", "zodiac"}},
		Columns: []string{"user", "tries"}, Window: "7d", Split: "country",
	}
	if err := views.In(dir).Remember(views.Memory{}, want); err != nil {
		t.Fatal(err)
	}
	if got, err := views.In(dir).Recall(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
}

// Of two dashboards each keeps what it changed; of the same thing the last change counts.
func TestMemoriesOfDashboardsAtOnce(t *testing.T) {
	dir := t.TempDir()
	start := views.Memory{List: views.List{Tab: 1}, Window: "24h", Split: "reason"}
	var all sync.WaitGroup
	for _, change := range []func(*views.Memory){
		func(m *views.Memory) { m.Tab, m.Sort = 2, "tries" },
		func(m *views.Memory) { m.Window = "30d" },
		func(m *views.Memory) { m.Split = "doc" },
		func(m *views.Memory) { m.Columns = []string{"user"} },
	} {
		all.Go(func() {
			now := start
			change(&now)
			if err := views.In(dir).Remember(start, now); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	want := views.Memory{List: views.List{Tab: 2, Sort: "tries"}, Columns: []string{"user"}, Window: "30d", Split: "doc"}
	if got, err := views.In(dir).Recall(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
	for _, tab := range []int{5, 3} {
		if err := views.In(dir).Remember(start, views.Memory{List: views.List{Tab: tab}, Window: "24h", Split: "reason"}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := views.In(dir).Recall(); err != nil || got.Tab != 3 || got.Sort != "" || got.Window != "30d" {
		t.Errorf("the last change is not kept: %+v %v", got, err)
	}
}

func TestBrokenMemoryIsSaidAndReplaced(t *testing.T) {
	for text, want := range map[string]string{
		"tab = two\n":                    "line 1 ",
		"tab = 2\nsearch = \"ann_8392\"": "line 2 ",
		"tab = \"ann_8392\"":             "line 1 ",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "memory.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := views.In(dir).Recall()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "ann_8392") || !m.Equal(views.Memory{}) {
			t.Errorf("%q: %+v %v, want %q", text, m, err, want)
		}
		if err := views.In(dir).Remember(views.Memory{List: views.List{Tab: 1}}, views.Memory{List: views.List{Tab: 4}}); err != nil {
			t.Fatal(err)
		}
		if m, err := views.In(dir).Recall(); err != nil || m.Tab != 4 {
			t.Errorf("%q was not replaced: %+v %v", text, m, err)
		}
	}
}
