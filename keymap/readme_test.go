package keymap

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the key table into the README")

// TestReadmeHasTheKeys fails when the README's table is not the registry's.
// `go test ./keymap -update` writes it.
func TestReadmeHasTheKeys(t *testing.T) {
	const path = "../README.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- keys: made from keymap, see keymap/readme_test.go -->\n", "<!-- end of keys -->"
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the key table between %q and %q", path, begin, end)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+markdown()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != markdown() {
		t.Errorf("the key table in %s is stale; `go test ./keymap -update` writes it anew", path)
	}
}

// markdown writes the table of all keys for the README.
func markdown() string {
	var b strings.Builder
	b.WriteString("| keys | what they do |\n| --- | --- |\n")
	for _, g := range Groups() {
		fmt.Fprintf(&b, "| | **%s** |\n", g)
		for _, a := range actions {
			if a.Group == g {
				fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(strings.Fields(Label(a)), "` `"), a.Help)
			}
		}
	}
	return b.String()
}
