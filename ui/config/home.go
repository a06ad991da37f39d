package config

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// Where things are on this system. The environment of the process decides, so
// that a run without one writes nowhere.

// stateHome is the folder of what a program keeps between its runs.
func stateHome(p *Process) (string, error) {
	return home(p, runtime.GOOS, "XDG_STATE_HOME", map[string][]string{
		"darwin": {"HOME", "Library", "Application Support"}, "windows": {"LocalAppData"}, "": {"HOME", ".local", "state"},
	})
}

// configHome is the folder of what people write for a program.
func configHome(p *Process) (string, error) {
	return home(p, runtime.GOOS, "XDG_CONFIG_HOME", map[string][]string{
		"darwin": {"HOME", "Library", "Application Support"}, "windows": {"AppData"}, "": {"HOME", ".config"},
	})
}

// home returns the folder that a variable names, else that of the system: a
// variable and what is below it. As the XDG specification wants, a variable that
// holds no absolute path counts as not set.
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
