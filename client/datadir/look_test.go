//go:build linux || darwin

package datadir

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADiskIsLookedAt(t *testing.T) {
	dir := t.TempDir()
	disk, err := LookAtDisk(dir)
	if err != nil || disk.Free == 0 || disk.Locks != nil {
		t.Errorf("%+v, %v", disk, err)
	}
	if entries, err := os.ReadDir(dir); len(entries) > 0 || err != nil {
		t.Errorf("it left %v behind: %v", entries, err)
	}
	var typed *Error
	if _, err := LookAtDisk(filepath.Join(dir, "none")); !errors.As(err, &typed) || typed.Hint() == "" {
		t.Error(err)
	}
}

// TestStill: only a database that nobody has open is taken for one that never changes,
// and a log that nobody reads is not passed over.
func TestStill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?.db")
	look := func() (address string, again func() bool) {
		t.Helper()
		address, again, err := still(path)
		must(t, err)
		if !strings.Contains(address, "/a%20b%3F.db?") || !strings.Contains(address, "mode=ro") {
			t.Errorf("the address is %s", address)
		}
		return address, again
	}
	address, again := look()
	if !strings.Contains(address, "immutable=1") || again() {
		t.Errorf("closed: %s, %t", address, again())
	}
	must(t, os.WriteFile(path+"-wal", []byte("log"), 0o600))
	if _, _, err := still(path); !errors.Is(err, ErrUnread) {
		t.Errorf("got %v", err)
	}
	must(t, os.WriteFile(path+"-shm", nil, 0o600))
	if !again() {
		t.Error("a database that was opened meanwhile is not noticed")
	}
	if address, again = look(); strings.Contains(address, "immutable") || again() {
		t.Errorf("open: %s, %t", address, again())
	}
}

// A look that fails is made again when somebody has opened the database meanwhile, and
// not otherwise.
func TestStillLooksAgain(t *testing.T) {
	torn := errors.New("torn")
	for opened, want := range map[bool]int{false: 1, true: 2} {
		path, looks := filepath.Join(t.TempDir(), "a.db"), 0
		err := Still(path, func(string) error {
			if looks++; opened {
				must(t, os.WriteFile(path+"-shm", nil, 0o600))
			}
			return torn
		})
		if !errors.Is(err, torn) || looks != want {
			t.Errorf("opened %t: %d looks, %v", opened, looks, err)
		}
	}
}

func TestHolders(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "d"))
	lock, err := d.Lock("lock")
	must(t, err)
	free, known := Holders(lock.Path())
	if !known {
		t.Skip("this system does not list its locks")
	}
	_, err = lock.TryShared()
	must(t, err)
	held, _ := Holders(lock.Path())
	if len(free) != 0 || len(held) != 1 || held[0].PID != os.Getpid() || held[0].Name == "" || held[0].Stopped {
		t.Errorf("free: %+v, held: %+v", free, held)
	}
}
