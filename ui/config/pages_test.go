package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of the settings into USING.md")

// TestPagesHaveTheSettings fails when the table of USING.md is not that of the settings.
// `go test ./ui/config -run Pages -update` writes it.
func TestPagesHaveTheSettings(t *testing.T) {
	const path, begin, end = "../../.github/USING.md", "<!-- settings: made from ui/config, see ui/config/pages_test.go -->\n", "<!-- end of settings -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", path)
	}
	want := "| setting | is | value | usual |\n| --- | --- | --- | --- |\n"
	for _, s := range settings {
		does := s.does
		if s.top {
			does += "; at the top only"
		}
		want += fmt.Sprintf("| `%s` | %s | %s | %s |\n", s.name, does, s.form, s.usual)
	}
	switch {
	case *update:
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case table != want:
		t.Error("the table of the settings is stale; `go test ./ui/config -run Pages -update` writes it anew")
	}
}

// Every row is complete, and names nothing twice.
func TestSettingsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range settings {
		if s.name == "" || s.usual == "" || s.does == "" || s.form == "" || s.kind.hint == "" || s.take == nil || s.show == nil || seen[s.name] {
			t.Errorf("the row of %q is not whole", s.name)
		}
		if _, ok := settingOf(s.instead); s.instead != "" && !ok {
			t.Errorf("%s excludes %s, which is none", s.name, s.instead)
		}
		if strings.Contains(s.does+s.form+s.usual, "|") {
			t.Errorf("%s would break the table", s.name)
		}
		seen[s.name] = true
	}
}
