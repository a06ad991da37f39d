package mirror_test

import (
	"testing"

	"idtop/client/mirror"
	"idtop/client/mirror/mirrortest"
)

// TestMemoryConforms: what is in memory stays as long as the store, whoever
// closes it.
func TestMemoryConforms(t *testing.T) {
	mirrortest.Conform(t, func(t *testing.T) (mirror.Store, func() mirror.Store) {
		store := mirror.NewMemory()
		return store, func() mirror.Store {
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			return store
		}
	})
}

func TestSQLiteConforms(t *testing.T) {
	mirrortest.Conform(t, func(t *testing.T) (mirror.Store, func() mirror.Store) {
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
