package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"idtop/client/datadir"
	"idtop/client/mirror"
	"idtop/client/views"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// The config file holds settings that an operator does not want to repeat at every
// start. Flags override the profile, and the profile overrides the settings above
// all profiles.

// settings are the settings for all profiles or for one. USING.md documents each.
type settings struct {
	KeyFile       string   `toml:"key_file"`
	KeyCommand    []string `toml:"key_command"`
	APIBase       string   `toml:"api_base"`
	DataDir       string   `toml:"data_dir"`
	Poll          string   `toml:"poll"`
	ReadsPerMonth *int64   `toml:"reads_per_month"`
	ReadOnly      *bool    `toml:"read_only"`
	Metadata      []string `toml:"metadata"`
	Reports       string   `toml:"reports"`

	RiseLeast *int  `toml:"rise_least"`
	RiseTimes *int  `toml:"rise_times"`
	Bell      *bool `toml:"bell"`

	Views []views.Entry `toml:"views"`

	Undo           string `toml:"undo"`
	MaxItems       *int   `toml:"max_items"`
	ReasonRequired *bool  `toml:"reason_required"`
	Ticket         string `toml:"ticket"`
	LedgerHead     string `toml:"ledger_head"`
}

// configFile is the form of the file. Any other name is an error.
type configFile struct {
	Profile string `toml:"profile"` // the profile without --profile
	settings
	Profiles map[string]settings `toml:"profiles"`
}

// Keys are the names that the file may use, for hints.
const Keys = "profile, key_file, key_command, api_base, data_dir, poll, reads_per_month, read_only, metadata, reports, rise_least, rise_times, bell, views, undo, max_items, reason_required, ticket, ledger_head, and [profiles.NAME] with the same"

// longestConfig bounds the size of a config, in bytes.
const longestConfig = 256 << 10

// The bounds of the flags and settings.
const (
	ShortestPoll, LongestPoll = time.Second, time.Hour
	mostReads                 = 1_000_000_000
	mostRise                  = 1_000_000
)

// layer is a part of the config and its name in messages.
type layer struct {
	name string
	settings
}

// take takes the settings of a layer that no earlier layer has.
func (o *Options) take(p *Process, file string, l layer, given map[string]bool) error {
	first := func(name string, said bool) bool {
		if !said || given[name] {
			return false
		}
		given[name] = true
		return true
	}
	wrong := func(key, hint, format string, args ...any) error {
		return fail.New(hint, "config %s: %s of %s: %s", safe.Quote(file), key, l.name, fmt.Sprintf(format, args...))
	}
	for _, path := range l.paths() {
		if strings.HasPrefix(path.value, "~/") && homeDir(p) == "" {
			return wrong(path.key, "write the whole path", "%s begins at a home folder, and HOME is not set", safe.Quote(path.value))
		}
	}
	if l.KeyFile != "" && l.KeyCommand != nil {
		return wrong("key_file", "leave one of them out", "there is a key_command too")
	}
	if first("key-file", l.KeyFile != "" || l.KeyCommand != nil) {
		o.KeyFile, o.keyCommand, o.keySource = inConfig(p, file, l.KeyFile), l.KeyCommand, "key_file of "+l.name
		if o.keyCommand != nil {
			o.keySource = "key_command of " + l.name
		}
		if l.KeyCommand != nil && (len(l.KeyCommand) == 0 || l.KeyCommand[0] == "") {
			return wrong("key_command", `write it like ["pass", "show", "stripe"]`, "it names no program")
		}
		if o.keyFolder = filepath.Dir(file); len(l.KeyCommand) > 0 && isPath(l.KeyCommand[0]) {
			o.keyCommand = slices.Concat([]string{inConfig(p, file, l.KeyCommand[0])}, l.KeyCommand[1:])
		}
	}
	if first("api-base", l.APIBase != "") {
		o.APIBase = l.APIBase
		if err := checkBase(o.APIBase); err != nil {
			return wrong("api_base", "leave it out for Stripe itself", "%s", err)
		}
	}
	if first("data-dir", l.DataDir != "") {
		o.DataDir = inConfig(p, file, l.DataDir)
	}
	if first("poll", l.Poll != "") {
		if err := (Span{&o.Poll, ShortestPoll, LongestPoll}).Set(l.Poll); err != nil {
			return wrong("poll", `write it like "5s"`, "%s %s", safe.Quote(l.Poll), err)
		}
	}
	if first("read-only", l.ReadOnly != nil) {
		o.ReadOnly = *l.ReadOnly
	}
	if first("metadata", l.Metadata != nil) {
		o.Metadata = l.Metadata
	}
	if first("reports", l.Reports != "") {
		kept, ok := mirror.KeptOf(l.Reports)
		if !ok {
			return wrong("reports", `write "off", "recent" or "all"`, "%s is none of the choices", safe.Quote(l.Reports))
		}
		o.Reports = &kept
	}
	if first("reads-per-month", l.ReadsPerMonth != nil) {
		if o.Reads = *l.ReadsPerMonth; o.Reads < 0 || o.Reads > mostReads {
			return wrong("reads_per_month", "leave it out for no limit", "%d is not from 0 to %s", o.Reads, safe.Num(mostReads))
		}
	}
	for _, n := range []struct {
		key  string
		from *int
		to   *int
	}{{"rise_least", l.RiseLeast, &o.Rule.Least}, {"rise_times", l.RiseTimes, &o.Rule.Times}} {
		if !first(n.key, n.from != nil) {
			continue
		}
		if *n.to = *n.from; *n.to < 1 || *n.to > mostRise {
			return wrong(n.key, "leave it out for the usual rule", "%d is not from 1 to %s", *n.to, safe.Num(mostRise))
		}
	}
	if first("bell", l.Bell != nil) {
		o.Bell = *l.Bell
	}
	if err := o.takeViews(l.settings.Views, wrong); err != nil {
		return err
	}
	return o.takeActing(p, file, l.settings, first, wrong)
}

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

// parseConfig reads a config strictly.
func parseConfig(name string, text []byte) (configFile, error) {
	var file configFile
	decoder := toml.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&file)
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case err == nil:
		return file, nil
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		first := unknown.Errors[0]
		line, column := first.Position()
		return file, fail.New("known are "+Keys, "config %s, line %d, column %d: %s is not known",
			safe.Quote(name), line, column, safe.Quote(strings.Join(first.Key(), ".")))
	case errors.As(err, &wrong):
		line, column := wrong.Position()
		return file, fail.New("see the README for what belongs there", "config %s, line %d, column %d: %s",
			safe.Quote(name), line, column, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return file, fail.New("see the README for what belongs there", "config %s: %s", safe.Quote(name), strings.TrimPrefix(err.Error(), "toml: "))
}

func profilesHint(file configFile) string {
	if len(file.Profiles) == 0 {
		return "add [profiles.NAME] to the config"
	}
	return "there are " + strings.Join(slices.Sorted(maps.Keys(file.Profiles)), ", ")
}

// setting is a value of the config with its key.
type setting struct{ key, value string }

// paths returns the settings that name files, folders and programs.
func (s *settings) paths() []setting {
	paths := []setting{{"key_file", s.KeyFile}, {"data_dir", s.DataDir}, {"ledger_head", s.LedgerHead}}
	if len(s.KeyCommand) > 0 {
		paths = append(paths, setting{"key_command", s.KeyCommand[0]})
	}
	return paths
}

// isPath tells whether name is a path, not the name of a program in PATH.
func isPath(name string) bool { return filepath.Base(name) != name }

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

// inConfig resolves a path in a config: ~/ is the home folder, and a relative path
// begins beside the config.
func inConfig(p *Process, config, path string) string {
	if path == "" {
		return ""
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(homeDir(p), rest)
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(config), path)
}
