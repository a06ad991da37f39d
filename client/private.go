package client

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
)

// mask stands in for a secret or private value wherever it is printed.
const mask = "••••"

// Private is a personal value, such as a name or a date of birth. Every usual
// way of printing it yields a mask; Reveal is the only way to the value.
//
// One way remains that no method can close: fmt prints the unexported fields of
// a struct as they are, so a struct holds these by pointer, as Session does.
type Private string

// Reveal returns the value itself, for a screen that the operator asked for.
func (p Private) Reveal() string { return string(p) }

// Format implements fmt.Formatter with a mask for every verb, %d and %x too.
func (p Private) Format(f fmt.State, _ rune) { io.WriteString(f, p.String()) }

// String implements fmt.Stringer with a mask.
func (p Private) String() string {
	if p == "" {
		return ""
	}
	return mask
}

// GoString implements fmt.GoStringer with a mask.
func (p Private) GoString() string { return p.String() }

// LogValue implements slog.LogValuer with a mask.
func (p Private) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText keeps the value out of JSON and other encodings.
func (p Private) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalBinary keeps the value out of gob, which does not ask MarshalText.
func (p Private) MarshalBinary() ([]byte, error) { return p.MarshalText() }

// NamesSomebody tells whether a user_id is not only a person's in the account, but known
// outside it: an e-mail, a phone number, or another number of nine digits or more.
func NamesSomebody(userID string) bool {
	if at := strings.IndexByte(userID, '@'); at > 0 && at < len(userID)-1 {
		return true
	}
	digits := 0
	for _, r := range userID {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !strings.ContainsRune("+-./() ", r):
			return false
		}
	}
	return digits >= 9
}
