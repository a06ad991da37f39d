package term

import (
	"fmt"
	"strings"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
)

// typedBytes are keys as terminals of several kinds send them, and what the program gets: the
// name of each, and in quotes the text that it writes.
var typedBytes = map[string]string{
	// composed text: dead keys, input methods, other layouts, AltGr
	"é":                    `é"é"`,
	"日本":                   `日"日" 本"本"`,
	"\x1b[0;;26085:26412u": `日本"日本"`, // several characters at once
	"о":                    `о"о"`,
	"λ":                    `λ"λ"`,
	"@":                    `@"@"`,
	"\x1b[64;7;64u":        `@"@"`, // AltGr as ctrl and alt
	"\x1b[1086::106;1u":    `о"о"`,
	"\x1b[113::97;1u":      `q"q"`, // AZERTY
	"\x1b[97;129u":         `a"a"`, // with num lock
	"\x1b[97;65u":          `A"A"`, // with caps lock
	"\x1b[57400u":          `1"1"`, // of the keypad
	"\x1b[120;2u":          `X"X"`,

	// chords
	"\x03":               "ctrl+c",
	"\x1b[99;5u":         "ctrl+c",
	"\x1b[1089::99;5u":   "ctrl+c",
	"\x1bj":              "alt+j",
	"\x1b[106;3u":        "alt+j",
	"\x1b[27;2;13~":      "shift+enter",
	"\x1b[13;2u":         "shift+enter",
	"\x1b[1;5P":          "ctrl+f1",
	"\x1b[1;2A":          "shift+up",
	"\x1b[Z":             "shift+tab",
	"\x1b[57414u":        "enter",
	"\x1bOM":             "enter",
	"\x1b[106;1:2u":      `j"j"~`, // held down
	"\x1b[13;1:2u":       "enter~",
	"\x1b[27u":           "esc",
	"\x1b[106;5:1u":      "ctrl+j",
	"\x1b[1;1:2B":        "down~",
	"\x1b[127;5u":        "ctrl+backspace",
	"\x1b[57358u":        "capslock",
	"\x1b[1078::59;5u":   "ctrl+;",
	"\x1b[1;3D\x1b[1;3C": "alt+left alt+right",

	// keys that are let go
	"\x1b[106;1:3u": "",
	"\x1b[13;1:3u":  "",
	"\x1b[1;1:3A":   "",
	"\x1b[3;1:3~":   "",
	"\x1b[121;1:3u": "",
}

// heard is what the program gets of some bytes, in pieces.
func heard(t *testing.T, pieces ...string) string {
	t.Helper()
	var names []string
	var decoder uv.EventDecoder
	for _, token := range typed(10*time.Millisecond, pieces...) {
		if token.kind == noise {
			names = append(names, "noise")
		}
		for rest := token.text; len(rest) > 0; {
			n, event := decoder.Decode(rest)
			switch key := event.(type) {
			case uv.KeyPressEvent:
				name := key.String()
				if key.Text != "" {
					name += fmt.Sprintf("%q", key.Text)
				}
				if key.IsRepeat {
					name += "~"
				}
				names = append(names, name)
			case uv.KeyReleaseEvent:
				if token.kind == keys {
					t.Errorf("%q, let go, is a key", token.text)
				}
			}
			rest = rest[n:]
		}
	}
	return strings.Join(names, " ")
}

// TestTypedBytes: the program gets the text that a key writes, also composed, and the key of a
// chord; wherever the bytes are cut.
func TestTypedBytes(t *testing.T) {
	for text, want := range typedBytes {
		for cut := range len(text) {
			if got := heard(t, text[:cut], text[cut:]); got != want {
				t.Errorf("%q cut at %d: %s, want %s", text, cut, got, want)
			}
		}
	}
}
