package datadir

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestListedLocks(t *testing.T) {
	proc := t.TempDir()
	for pid, stat := range map[string]string{"11": "11 (idtop) S 1 1", "12": "12 (a (b) c) T 1 1", "13": "broken"} {
		must(t, os.Mkdir(filepath.Join(proc, pid), 0o700), os.WriteFile(filepath.Join(proc, pid, "stat"), []byte(stat), 0o600))
	}
	const locks = `1: FLOCK  ADVISORY  WRITE 11 08:01:77 0 EOF
1: -> FLOCK  ADVISORY  WRITE 99 08:01:77 0 EOF
2: POSIX  ADVISORY  READ 12 08:01:77 128 128
3: POSIX  ADVISORY  READ 12 08:01:77 130 130
4: FLOCK  ADVISORY  WRITE 13 00:2f:77 0 EOF
5: FLOCK  ADVISORY  WRITE 14 08:01:770 0 EOF
6: LEASE
`
	want := []Holder{{11, "idtop", false}, {12, "a (b) c", true}, {13, "", false}}
	if got := holdersIn(locks, proc, 77); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
