package cli

import (
	"encoding/json"

	"idtop/client/datadir"
	"idtop/ui/config"
)

// remember keeps something for later commands, as JSON in a file beside the book of an
// account.
func remember(pl *config.Place, file string, what any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	folder, err := datadir.Open(pl.Book())
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.WriteWhole(file, text)
}

// recall reads what was remembered in a file. It tells whether that could be read.
func recall(pl *config.Place, file string, what any) bool {
	folder, err := datadir.Find(pl.Book())
	if err != nil {
		return false
	}
	defer folder.Close()
	text, err := folder.Read(file)
	return err == nil && json.Unmarshal(text, what) == nil
}
