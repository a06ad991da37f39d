package ui_test

import (
	"testing"

	"idtop/ui"
)

// "Whose session was that?" A message says it, whatever the user_id holds.
func TestSessionName(t *testing.T) {
	for _, c := range []struct{ user, want string }{
		{"ann_8392", "ann_8392 …0042"},
		{"", "vs_test00000042"},
		{"someone@a-long-company-name.example", "someone@a-long-comp… …0042"},
		{"ann\u202e_8392\n", "ann<U+202E>_8392␊ …0042"},
	} {
		if got := (ui.Renderer{}).SessionName("vs_test00000042", c.user); got != c.want {
			t.Errorf("%q: %q, want %q", c.user, got, c.want)
		}
	}
}
