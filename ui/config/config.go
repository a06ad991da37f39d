package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"idtop/client/datadir"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// The config file holds settings that an operator does not want to repeat at every
// start. Flags override the profile, and the profile overrides the settings above
// all profiles.

// longestConfig bounds the size of a config, in bytes.
const longestConfig = 256 << 10

// findConfig returns the config's text, nil when there is none.
func (o *Options) findConfig(p *Process) (name string, text []byte, err error) {
	if name = o.File; name == "" {
		home, err := configHome(p)
		if err != nil {
			return "", nil, o.needsConfig("there is no home folder")
		}
		name = filepath.Join(home, "idtop", "config.toml")
	}
	text, err = datadir.Trust{Most: longestConfig}.Read(name)
	hint := "name a config with --config, or none at all"
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.File == "":
		return "", nil, o.needsConfig("there is no " + safe.Quote(name))
	case errors.Is(err, datadir.ErrOtherOwner):
		err = fmt.Errorf("%w, who could put a command into it", err)
	case errors.Is(err, datadir.ErrOthersWrite):
		hint, err = "chmod 600 "+safe.Quote(name), fmt.Errorf("%w, and so put a command into it", err)
	}
	if err != nil {
		return "", nil, fail.New(hint, "config %s: %s", safe.Quote(name), fileWords(err))
	}
	return name, slices.Concat(text, []byte("\n")), nil
}

// needsConfig fails when a profile is requested without a config.
func (o *Options) needsConfig(why string) error {
	if o.Profile == "" {
		return nil
	}
	return fail.New("name the config with --config", "--profile %s: %s", safe.Quote(o.Profile), why)
}

// first is the first of the mistakes in a config, as a failure of a start.
func first(name string, found []Mistake) *fail.Error {
	f := found[0].In(name)
	if more := len(found) - 1; more > 0 {
		if !strings.HasSuffix(f.Way, "?") {
			f.Way += ";"
		}
		f.Way += fmt.Sprintf(" idtop config check shows this and %d more", more)
	}
	return f
}

// homeDir is the operator's home folder, "" when it is not known.
func homeDir(p *Process) string {
	variable := "HOME"
	if runtime.GOOS == "windows" {
		variable = "USERPROFILE"
	}
	if dir := p.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	return ""
}
