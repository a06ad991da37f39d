package cli

import (
	"idtop/client/datadir"
	"idtop/model"
	"idtop/ui/config"
)

// tourMark is the file that says that the tour was seen. It is all that a demo keeps: an
// empty file, beside the mirrors of accounts.
const tourMark = "tour-seen"

// tour is the tour of the demo. Without a folder of the user's it begins each time.
func (k *kept) tour(p *Process) *model.Touring {
	if k.demo == nil {
		return nil
	}
	home, err := config.DataDir(p, "")
	if err != nil {
		return &model.Touring{Begin: true, Keep: func() error { return nil }}
	}
	t := &model.Touring{Begin: true, Keep: func() error {
		dir, err := datadir.Open(home)
		if err != nil {
			return err
		}
		defer dir.Close()
		return dir.WriteWhole(tourMark, nil)
	}}
	if dir, err := datadir.Find(home); err == nil {
		defer dir.Close()
		_, err = dir.Look(tourMark)
		t.Begin = err != nil
	}
	return t
}
