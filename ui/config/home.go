package config

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// The standard folders of this system. They come from the environment of the
// process, so that a run without one writes nowhere.

// stateHome is the system's folder for the state of programs.
func stateHome(p *Process) (string, error) {
	return home(p, runtime.GOOS, "XDG_STATE_HOME", map[string][]string{
		"darwin": {"HOME", "Library", "Application Support"}, "windows": {"LocalAppData"}, "": {"HOME", ".local", "state"},
	})
}

// configHome is the system's folder for the configuration of programs.
func configHome(p *Process) (string, error) {
	return home(p, runtime.GOOS, "XDG_CONFIG_HOME", map[string][]string{
		"darwin": {"HOME", "Library", "Application Support"}, "windows": {"AppData"}, "": {"HOME", ".config"},
	})
}

// home returns the folder that a variable names, otherwise the system's folder: a
// variable and a path below it. As in the XDG specification, a variable without an
// absolute path counts as not set.
func home(p *Process, system, variable string, systems map[string][]string) (string, error) {
	if dir := p.Getenv(variable); filepath.IsAbs(dir) {
		return dir, nil
	}
	parts, ok := systems[system]
	if !ok {
		parts = systems[""]
	}
	if dir := p.Getenv(parts[0]); filepath.IsAbs(dir) {
		return filepath.Join(append([]string{dir}, parts[1:]...)...), nil
	}
	return "", fmt.Errorf("neither %s nor %s is set", variable, parts[0])
}
