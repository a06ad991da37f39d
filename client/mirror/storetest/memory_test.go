package storetest_test

import (
	"testing"

	"idtop/client/mirror"
	"idtop/client/mirror/storetest"
)

// TestMemoryConforms: the rows in memory stay as long as the store, also after
// Close.
func TestMemoryConforms(t *testing.T) {
	storetest.Conform(t, func(t *testing.T) (mirror.Store, func() mirror.Store) {
		store := storetest.NewMemory()
		return store, func() mirror.Store {
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			return store
		}
	})
}
