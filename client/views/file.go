package views

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"idtop/client/datadir"
	"idtop/client/mirror"
)

// The names of the files in the folder of an account.
const (
	fileName = "views.toml"
	lockName = "views.lock"
)

// patience is how long another dashboard may take to write its views.
const patience = 5 * time.Second

// file is the form of the file.
type file struct {
	Views []Entry `toml:"views"`
}

// Entry is a view as it is written in a file.
type Entry struct {
	Name    string   `toml:"name"`
	Query   string   `toml:"query"`
	Sort    string   `toml:"sort,omitempty"`
	Reverse bool     `toml:"reverse,omitempty"`
	Columns []string `toml:"columns,omitempty"`
}

// View returns the view, or why it can't be kept.
func (e Entry) View() (View, error) {
	v := View{Name: e.Name, Query: e.Query, Order: mirror.Order{Reverse: e.Reverse}, Columns: e.Columns}
	err := v.Check()
	if sort, ok := SortOf(e.Sort); ok {
		v.Order.Column = sort
	} else if e.Sort != "" && err == nil {
		err = errors.New("its sort is unknown")
	}
	return v, err
}

// File is the file of saved views in a folder.
type File struct{ dir string }

// In returns the file of a folder. It is read and written only by Read and Change.
func In(dir string) *File { return &File{dir} }

// Read returns the saved views; those that ship when nothing was saved yet.
func (f *File) Read() ([]View, error) {
	dir, err := datadir.Find(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Shipped(), nil
	}
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return read(dir)
}

// Change makes a change and returns the views after it.
func (f *File) Change(change Change) (all []View, err error) {
	err = f.alone(func(dir *datadir.Dir) error {
		if all, err = read(dir); err != nil {
			return err
		}
		if all, err = change(all); err != nil {
			return err
		}
		data, err := encode(all)
		if err != nil {
			return err
		}
		return dir.WriteWhole(fileName, data)
	})
	return all, err
}

// alone opens the folder while no other dashboard writes there.
func (f *File) alone(do func(*datadir.Dir) error) error {
	dir, err := datadir.Open(f.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	lock, err := dir.Lock(lockName)
	if err != nil {
		return err
	}
	if err := lock.Wait(patience); err != nil {
		return err
	}
	defer lock.Unlock()
	return do(dir)
}

func read(dir *datadir.Dir) ([]View, error) {
	data, err := dir.Read(fileName)
	if errors.Is(err, fs.ErrNotExist) {
		return Shipped(), nil
	}
	if err != nil {
		return nil, err
	}
	all, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("the views can't be read: %s: %w; the file is kept as it is", dir.Join(fileName), err)
	}
	return all, nil
}

// strict reads the text of a file into a value. What can't be read is said with its line,
// and never with the text there: it can be a person's name.
func strict(data []byte, into any) error {
	err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(into)
	var wrong *toml.DecodeError
	var unknown *toml.StrictMissingError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return fmt.Errorf("line %d is not of its form", line)
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		line, _ := unknown.Errors[0].Position()
		return fmt.Errorf("line %d has an unknown name", line)
	}
	return errors.New("it is not of its form")
}

// decode reads the text of a file of views.
func decode(data []byte) ([]View, error) {
	var f file
	if err := strict(data, &f); err != nil {
		return nil, err
	}
	all, lines := []View{}, heads(data)
	for i, e := range f.Views {
		v, err := e.View()
		if find(all, v.Name) >= 0 {
			err = errors.New("another view has its name")
		}
		if err != nil {
			if i < len(lines) {
				return nil, fmt.Errorf("the view at line %d: %w", lines[i], err)
			}
			return nil, fmt.Errorf("view %d: %w", i+1, err)
		}
		all = append(all, v)
	}
	return all, nil
}

// heads are the lines at which views begin.
func heads(data []byte) (lines []int) {
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(strings.ReplaceAll(line, " ", ""), "[[views]]") {
			lines = append(lines, i+1)
		}
	}
	return lines
}

func encode(all []View) ([]byte, error) {
	f := file{Views: []Entry{}}
	for _, v := range all {
		f.Views = append(f.Views, Entry{v.Name, v.Query, v.Sort(), v.Order.Reverse, v.Columns})
	}
	var text bytes.Buffer
	text.WriteString("# The saved views. idtop writes this file; no view names a person.\n")
	err := toml.NewEncoder(&text).Encode(f)
	return text.Bytes(), err
}
