package client_test

import (
	"strings"
	"testing"

	"idtop/client"
)

func TestParseKey(t *testing.T) {
	for text, why := range map[string]string{
		"":                       "empty",
		"  \n":                   "empty",
		"pk_live_abcdefgh1234":   "publishable",
		"whsec_abcdefgh1234":     "webhook",
		"sk_live_abc def":        "a space",
		"sk_test_äbc":            "ASCII",
		"sk_test_":               "does not look like",
		"abcdefgh12345678":       "does not look like",
		"SK_TEST_abcdefgh123456": "does not look like",
	} {
		_, err := client.ParseKey(text)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got %v, want %q", text, err, why)
		} else if len(text) > 12 && strings.Contains(err.Error(), text[8:]) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
	live, err := client.ParseKey("sk_live_abcdefgh1234")
	if err != nil || !live.Live() || live.Restricted() {
		t.Errorf("a live key reads as %s, %v", live, err)
	}
}
