//go:build unix

package config

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

func TestKeyOfTheEnvironmentComesFirst(t *testing.T) {
	var gone []string
	var stderr bytes.Buffer
	p := Process{
		Environ:  []string{"HOME=/", "STRIPE_API_KEY=pk_old", "STRIPE_API_KEY=" + aKey},
		Unsetenv: func(name string) error { gone = append(gone, name); return nil },
		Stderr:   &stderr,
	}
	key, err := ReadKey(t.Context(), &p, Options{KeyFile: "elsewhere", keySource: "--key-file"})
	if err != nil || key.LastFour() != "mnop" {
		t.Errorf("got the key %v, error %v", key, err)
	}
	want := "idtop: warning: the key in STRIPE_API_KEY is used; --key-file \"elsewhere\" is not read\n" +
		"hint: unset STRIPE_API_KEY to use the other one\n"
	if stderr.String() != want {
		t.Errorf("stderr %q", stderr.String())
	}
	if !slices.Equal(gone, []string{KeyVariable}) || !slices.Equal(p.Environ, []string{"HOME=/"}) {
		t.Errorf("unset %q, left in the environment %q", gone, p.Environ)
	}
}

// A name is looked up in the folders of PATH, and a program of the current folder
// may be anybody's.
func TestAProgramOfTheCurrentFolderIsNotRun(t *testing.T) {
	here := t.TempDir()
	if err := os.WriteFile(filepath.Join(here, "x"), []byte("#!/bin/sh\necho rk_test_ofthecurrentfolder\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	p := &Process{Environ: []string{"PATH=.:" + here[:1]}, Stderr: os.Stderr}
	if key, err := ReadKey(t.Context(), p, Options{keyCommand: []string{"x"}, keyFolder: t.TempDir(), keySource: "key_command"}); err == nil {
		t.Errorf("a program of the current folder was run: %v", key)
	}
}

// TestAKeyComesThroughAPipe: the shell makes one of <(command).
func TestAKeyComesThroughAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "key")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() { _ = os.WriteFile(pipe, []byte(aKey), 0) }()
	key, err := ReadKey(t.Context(), &Process{Stderr: os.Stderr}, Options{KeyFile: pipe, keySource: "--key-file"})
	if err != nil || key.LastFour() != "mnop" {
		t.Errorf("got the key %v, error %v", key, err)
	}
}
