package keymap

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of keys into the README and its pages")

// matters are the actions in the README, in its order.
var matters = []ID{Down, Search, Open, Tab2, Person, Mark, Cancel, Redact, Recall, Jobs}

// TestPagesHaveTheKeys fails when a table of the README or of KEYS.md is not the
// registry's. `go test ./keymap -update` writes the tables.
func TestPagesHaveTheKeys(t *testing.T) {
	short := "| keys | what they do |\n| --- | --- |\n"
	for _, id := range matters {
		a, ok := Lookup(id)
		if !ok {
			t.Errorf("there is no action %s", id)
		}
		short += fmt.Sprintf("| %s | %s |\n", keysOf(a), Default().Text(a.Help))
	}
	hasTable(t, "../README.md", "keys", short)
	hasTable(t, "../.github/KEYS.md", "keys", keyTable())
	hasTable(t, "../.github/KEYS.md", "commands", commandTable())
}

// hasTable checks the table of a page between two comments that name it.
func hasTable(t *testing.T, path, name, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": made from keymap, see keymap/pages_test.go -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for a table between %q and %q", path, begin, end)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of %s in %s is stale; `go test ./keymap -update` writes it anew", name, path)
	}
}

// keyTable is all keys, under the headings of the help screen.
func keyTable() string {
	var b strings.Builder
	b.WriteString("| keys | what they do | action |\n| --- | --- | --- |\n")
	for _, g := range Groups() {
		fmt.Fprintf(&b, "| | **%s** | |\n", g)
		for _, a := range actions {
			if a.Group == g {
				fmt.Fprintf(&b, "| %s | %s | `%s` |\n", keysOf(a), Default().Text(a.Help), a.ID)
			}
		}
	}
	return b.String()
}

func keysOf(a Action) string {
	return "`" + strings.Join(strings.Fields(label(a.Keys)), "` `") + "`"
}

// commandTable is what only the palette can do.
func commandTable() string {
	var b strings.Builder
	b.WriteString("| command | what it does |\n| --- | --- |\n")
	for _, c := range Commands() {
		fmt.Fprintf(&b, "| `:%s` | %s |\n", strings.TrimSpace(c.Name+" "+c.Argument), c.Help)
	}
	return b.String()
}
