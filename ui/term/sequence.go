package term

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// found is the kind of input at the beginning of some bytes.
type found uint8

const (
	unfinished found = iota // its end has not come yet
	pressed                 // a key
	told                    // an answer or a report of the terminal
	broken                  // not sent by any terminal
)

// measure returns the kind of the input at the beginning of some bytes, and its
// length.
func measure(b []byte) (n int, what found) {
	if b[0] == esc {
		return measureEscape(b)
	}
	r, n := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError && !utf8.FullRune(b):
		return 0, unfinished
	case r == utf8.RuneError || r >= 0x80 && unicode.IsControl(r): // some terminals treat these as sequences
		return n, broken
	}
	return n, pressed
}

func measureEscape(b []byte) (n int, what found) {
	if len(b) == 1 {
		return 0, unfinished
	}
	switch b[1] {
	case esc, 3: // the first escape was a key; ctrl+c is always itself
		return 1, pressed
	case '[':
		return measureCSI(b)
	case 'O': // keys of the keypad mode
		if len(b) == 2 {
			return 0, unfinished
		}
		if b[2] < 0x20 || b[2] > 0x7e {
			return 2, broken
		}
		return 3, pressed
	case ']', 'P', '_', '^', 'X':
		return measureString(b)
	}
	r, size := utf8.DecodeRune(b[1:])
	switch {
	case r == utf8.RuneError && !utf8.FullRune(b[1:]):
		return 0, unfinished
	case r == utf8.RuneError:
		return 1 + size, broken
	}
	return 1 + size, pressed // with alt
}

// measureCSI measures a control sequence: parameters, intermediates, a final byte.
func measureCSI(b []byte) (n int, what found) {
	i := 2
	for i < len(b) && b[i] >= 0x20 && b[i] <= 0x3f {
		i++
	}
	switch {
	case i == len(b):
		return 0, unfinished
	case b[i] < 0x40 || b[i] > 0x7e:
		return i, broken
	}
	n = i + 1
	switch final, private := b[i], i > 2 && b[2] >= '<'; {
	case i == 2 && final == '[': // function keys of the Linux console
		n++
	case i == 2 && final == 'M': // an old kind of mouse report
		n += 3
		if len(b) >= n {
			return n, told
		}
	case bytes.HasSuffix(b[2:i], []byte(":3")): // a key is let go
		return n, told
	case i == 2 && (final == 'I' || final == 'O'), private && final != 'u', bytes.IndexByte([]byte("cnty"), final) >= 0,
		private && b[2] == '?':
		return n, told
	}
	if len(b) < n {
		return 0, unfinished
	}
	return n, pressed
}

// measureString measures a sequence that holds text up to its terminator. A
// control character or another sequence in it means that its end is lost.
func measureString(b []byte) (n int, what found) {
	for i := 2; i < len(b); i++ {
		switch {
		case b[i] == 7 && b[1] == ']':
			return i + 1, stringKind(b[:i+1])
		case b[i] == esc && i+1 == len(b):
			return 0, unfinished
		case b[i] == esc && b[i+1] == '\\':
			return i + 2, stringKind(b[:i+2])
		case b[i] < 0x20:
			return i, broken
		}
	}
	return 0, unfinished
}

// stringKind is the kind of a whole string. A clipboard report is a mark of the
// reader's own, because idtop never asks for the clipboard.
func stringKind(b []byte) found {
	if b[1] != ']' && b[1] != 'P' || bytes.HasPrefix(b[2:], []byte("52;")) {
		return broken
	}
	return told
}

// plain writes a key so that it can't be read as the beginning of another: an
// escape alone, and an escape before another key, which means alt.
func plain(b []byte) []byte {
	switch r, size := utf8.DecodeRune(b[1:]); {
	case b[0] != esc || len(b) > 1 && (b[1] == '[' || b[1] == 'O'):
		return b
	case len(b) == 1:
		return keyOf(esc, 0)
	case size > 0 && r < 0x20 && r != '\r' && r != '\t':
		return keyOf(r+0x60, 2+4)
	default:
		return keyOf(r, 2)
	}
}

// keyOf writes a key with its modifiers as the kitty protocol does.
func keyOf(r rune, modifiers int) []byte { return fmt.Appendf(nil, "\x1b[%d;%du", r, 1+modifiers) }
