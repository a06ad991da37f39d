package client

import (
	"errors"
	"fmt"
	"testing"
)

// The hint is found behind other errors: what wraps an error does not hide the
// way out.
func TestHintOf(t *testing.T) {
	refused := &Error{Kind: KindAuth}
	if refused.Hint() == "" {
		t.Fatal("this error has no hint: this tests nothing")
	}
	for _, err := range []error{refused, fmt.Errorf("job 7: %w", refused), errors.Join(errors.New("other"), refused)} {
		if got := HintOf(err); got != refused.Hint() {
			t.Errorf("%v: the hint %q", err, got)
		}
	}
	for _, err := range []error{nil, errors.New("other")} {
		if got := HintOf(err); got != "" {
			t.Errorf("%v: the hint %q", err, got)
		}
	}
}
