package screentest

import "testing"

func TestHostile(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Hostile() {
		seen[s] = true
	}
	if len(seen) < 200 {
		t.Errorf("%d different strings, want 200", len(seen))
	}
	t.Logf("%d strings", len(seen))
}
