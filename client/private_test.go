package client_test

import (
	"testing"

	"idtop/client"
)

func TestNamesSomebody(t *testing.T) {
	for _, id := range []string{"ann@example.com", "a@b", "+1 (555) 000-1234", "0049 151 23456789", "123456789", "123-45-6789", "٠١٢٣٤٥٦٧٨"} {
		if !client.NamesSomebody(id) {
			t.Errorf("%q names nobody", id)
		}
	}
	for _, id := range []string{"", "ann_8392", "@ann", "ann@", "12345678", "usr_123456789", "7d1c0a11-5a8e-4b39-9c2f-0123456789ab", "user-123456789"} {
		if client.NamesSomebody(id) {
			t.Errorf("%q names somebody", id)
		}
	}
}
