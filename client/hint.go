package client

import (
	"errors"
	"strings"
)

// HintOf is the next step that an error, or an error behind it, names; "" when none
// does. Every error of idtop that knows a way out has a method Hint.
func HintOf(err error) string {
	var hinting interface{ Hint() string }
	if errors.As(err, &hinting) {
		return strings.TrimSpace(hinting.Hint())
	}
	return ""
}
