package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"idtop/ui/fail"
	"idtop/ui/safe"
)

// manCommand writes the man pages, for those who package idtop. It is hidden: operators
// have the help.
func manCommand(p *Process) *cobra.Command {
	c := &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write the man pages into a folder",
		Hidden: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail.Misuse("name a FOLDER that exists", "man needs the folder for the pages")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return writeManPages(p, c.Root(), args[0]) },
	}
	withHelp(c)
	return c
}

// writeManPages writes a page for each command. The pages have no date, so that the
// same idtop writes the same bytes.
func writeManPages(p *Process, root *cobra.Command, folder string) error {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fail.New("make it first", "%s is no folder", safe.Quote(folder))
	}
	var write func(c *cobra.Command) error
	write = func(c *cobra.Command) error {
		c.DisableAutoGenTag = true
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		file, err := os.Create(filepath.Join(folder, name+".1"))
		if err != nil {
			return err
		}
		err = doc.GenMan(c, &doc.GenManHeader{Section: "1", Source: "idtop " + p.Version, Manual: "idtop"}, file)
		if closed := file.Close(); err == nil {
			err = closed
		}
		for _, child := range c.Commands() {
			if err == nil && child.IsAvailableCommand() {
				err = write(child)
			}
		}
		return err
	}
	if err := write(root); err != nil {
		return fail.New("", "the man pages can't be written: %s", safe.Quote(err.Error()))
	}
	return nil
}
