package client_test

import (
	"errors"
	"testing"

	"idtop/client"
)

func TestKindsHaveWords(t *testing.T) {
	for k := client.KindUnknown; k <= client.KindRefused+1; k++ {
		if e := (&client.Error{Kind: k}); k.What() == "" || e.Hint() == "" {
			t.Errorf("kind %d has no words", k)
		}
	}
	if client.KindOf(errors.New("x")) != client.KindUnknown {
		t.Error("a foreign error has a kind")
	}
}
