package keymap

import (
	"flag"
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
		if err := os.WriteFile(path, []byte(before+begin+Markdown()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != Markdown() {
		t.Errorf("the key table in %s is stale; `go test ./keymap -update` writes it anew", path)
	}
}
