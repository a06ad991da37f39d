package cli

import (
	"os"
	"path/filepath"
	"testing"

	"idtop/ui/config"
)

// The tour is not begun again once it was seen, and an account's dashboard has none.
func TestTourIsSeenOnce(t *testing.T) {
	home := t.TempDir()
	p := &config.Process{Environ: []string{"XDG_STATE_HOME=" + home, "HOME=" + home}}
	demo := &kept{demo: &demoDir{}}
	first := demo.tour(p)
	if !first.Begin {
		t.Fatal("it does not begin the first time")
	}
	if entries, _ := os.ReadDir(home); len(entries) > 0 {
		t.Errorf("before its end there is %v", entries)
	}
	if err := first.Keep(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(home, "idtop", tourMark)); err != nil || info.Size() != 0 || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info, err)
	}
	if demo.tour(p).Begin {
		t.Error("it begins again")
	}
	if (&kept{}).tour(p) != nil {
		t.Error("an account has one")
	}
	if nowhere := demo.tour(&config.Process{}); !nowhere.Begin || nowhere.Keep() != nil {
		t.Error("without a home it does not begin")
	}
}
