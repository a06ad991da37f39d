package views

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"idtop/client/datadir"
)

const memoryName = "memory.toml"

// Memory is how an operator left the dashboard. It has no search and no session.
type Memory struct {
	List
	Columns []string `toml:"columns,omitempty"` // of the tabs
	Window  string   `toml:"window,omitempty"`  // of the insights
	Split   string   `toml:"split,omitempty"`   // of the insights
}

// List is the list that was open. It changes as one thing.
type List struct {
	Tab         int      `toml:"tab,omitempty"`          // its key, 1 to 7
	View        string   `toml:"view,omitempty"`         // the open saved view
	Sort        string   `toml:"sort,omitempty"`         // "" as the tab or the view has it
	Reverse     bool     `toml:"reverse,omitempty"`      // of Sort
	ViewColumns []string `toml:"view_columns,omitempty"` // of the open view, when they are others than it was saved with
}

// Equal tells whether two memories are the same.
func (m Memory) Equal(other Memory) bool {
	return m.List.same(other.List) && slices.Equal(m.Columns, other.Columns) && m.Window == other.Window && m.Split == other.Split
}

func (l List) same(other List) bool {
	return l.Tab == other.Tab && l.View == other.View && l.Sort == other.Sort && l.Reverse == other.Reverse && slices.Equal(l.ViewColumns, other.ViewColumns)
}

// changed returns a memory with the changes from was to now.
func (m Memory) changed(was, now Memory) Memory {
	if !now.List.same(was.List) {
		m.List = now.List
	}
	if !slices.Equal(now.Columns, was.Columns) {
		m.Columns = now.Columns
	}
	if now.Window != was.Window {
		m.Window = now.Window
	}
	if now.Split != was.Split {
		m.Split = now.Split
	}
	return m
}

// Recall returns how the dashboard was left; the zero Memory when nobody left it yet.
func (f *File) Recall() (Memory, error) {
	dir, err := datadir.Find(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Memory{}, nil
	}
	if err != nil {
		return Memory{}, err
	}
	defer dir.Close()
	return recall(dir)
}

// Remember keeps what has changed since the dashboard was as it was. What another
// dashboard has changed meanwhile stays; of the same thing, the last change counts. A
// file that can't be understood is replaced: Recall has said so.
func (f *File) Remember(was, now Memory) error {
	return f.alone(func(dir *datadir.Dir) error {
		kept, err := recall(dir)
		if err != nil && !errors.Is(err, errMemory) {
			return err
		}
		var text bytes.Buffer
		text.WriteString("# How idtop was left. idtop writes this file; it has no search and names no person.\n")
		if err := toml.NewEncoder(&text).Encode(kept.changed(was, now)); err != nil {
			return err
		}
		return dir.WriteWhole(memoryName, text.Bytes())
	})
}

// errMemory says that the content of the file is not of its form.
var errMemory = errors.New("how idtop was left can't be read")

func recall(dir *datadir.Dir) (m Memory, err error) {
	data, err := dir.Read(memoryName)
	if errors.Is(err, fs.ErrNotExist) {
		return Memory{}, nil
	}
	if err != nil {
		return Memory{}, err
	}
	if err := strict(data, &m); err != nil {
		return Memory{}, fmt.Errorf("%w: %s: %w; it begins as usual", errMemory, dir.Join(memoryName), err)
	}
	return m, nil
}
