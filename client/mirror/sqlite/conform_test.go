package sqlite_test

import (
	"testing"

	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
)

func TestConforms(t *testing.T) {
	storetest.Conform(t, func(t *testing.T) (mirror.Store, func() mirror.Store) {
		dir := t.TempDir()
		store := open(t, dir)
		return store, func() mirror.Store {
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			store = open(t, dir)
			return store
		}
	})
}
