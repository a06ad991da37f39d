package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"

	"idtop/client/datadir"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// keyCommandTime is how long a key_command may take: it may have to ask for a
// password or a fingerprint.
const keyCommandTime = time.Minute

// runKeyCommand runs a program that prints a key. It uses no shell, so nothing in
// the arguments is expanded. The program runs in the config's folder and never in
// the current one, where others may have put files. It has the terminal's input and
// stderr, to ask for a password; its output is not shown.
func runKeyCommand(ctx context.Context, p *Process, command []string, folder string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, keyCommandTime)
	defer cancel()
	path, err := LookUp(p, command[0])
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, path, command[1:]...)
	cmd.Args[0], cmd.Dir = command[0], folder
	printed := &bounded{most: LongestKey}
	cmd.Env, cmd.Stdout, cmd.Stderr = p.Environ, printed, p.Stderr
	if terminal, ok := AsTerminal(p.Stdin); ok {
		cmd.Stdin = terminal
	}
	cmd.WaitDelay = time.Second // for processes that it left behind
	err = cmd.Run()
	var ended *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("it took longer than %s", short(keyCommandTime))
	case ctx.Err() != nil:
		return "", errors.New("stopped before it ended")
	case printed.over:
		return "", fmt.Errorf("it printed more than %d bytes, which is no key", LongestKey)
	case errors.As(err, &ended):
		return "", fmt.Errorf("it failed: %s", ended.ProcessState)
	case errors.Is(err, fs.ErrNotExist):
		return "", errNoProgram
	case errors.Is(err, exec.ErrWaitDelay):
		return "", errors.New("it left a program behind that keeps its output open")
	case err != nil:
		return "", fmt.Errorf("it did not start: %w", datadir.Cause(err))
	case printed.kept.Len() == 0:
		return "", errors.New("it printed nothing")
	}
	return printed.kept.String(), nil
}

var errNoProgram = errors.New("there is no such program")

// LookUp finds a program: by an absolute path, or by name in the PATH of p, which
// may differ from the PATH of this process. It skips relative folders in PATH.
func LookUp(p *Process, name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	if isPath(name) {
		return "", errNoProgram
	}
	for _, dir := range filepath.SplitList(p.Getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", errNoProgram
}

// bounded keeps the bytes written to it, up to a limit.
type bounded struct {
	kept bytes.Buffer // not embedded: its ReadFrom has no limit
	most int
	over bool
}

var errTooMuch = errors.New("too much output")

func (b *bounded) Write(piece []byte) (int, error) {
	if b.kept.Len()+len(piece) > b.most {
		b.over = true
		return 0, errTooMuch
	}
	return b.kept.Write(piece)
}

// stripeCLIKey returns the test key that the Stripe CLI stores in plain text, the
// zero key if there is none. The live keys of the CLI are in the system's keyring;
// a live key in the place of the test key is refused, since nobody would expect it
// there.
func stripeCLIKey(p *Process) (FoundKey, error) {
	home := p.Getenv("XDG_CONFIG_HOME")
	if home == "" {
		if home = homeDir(p); home == "" {
			return FoundKey{}, nil
		}
		home = filepath.Join(home, ".config")
	}
	name := filepath.Join(home, "stripe", "config.toml")
	source := "the Stripe CLI's " + safe.Quote(name)
	text, err := datadir.Trust{Most: longestConfig}.Read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return FoundKey{}, nil
	case err != nil:
		return FoundKey{}, fail.New(cliHint(name, err), "%s: %s", source, fileWords(err))
	}
	var file struct {
		Default struct {
			TestKey string `toml:"test_mode_api_key"`
		} `toml:"default"`
	}
	if toml.Unmarshal(text, &file) != nil || file.Default.TestKey == "" {
		return FoundKey{}, nil
	}
	key, err := ParseKey(source, file.Default.TestKey)
	if err == nil && key.Live() {
		return FoundKey{}, fail.New("stripe login puts a test key there; name a live key with --key-file or "+KeyVariable,
			"%s: its test_mode_api_key is a live key, %s", source, key)
	}
	key.Renew = "stripe login renews the key of the Stripe CLI; or give another one with " + KeyVariable
	return key, err
}

func cliHint(name string, err error) string {
	if errors.Is(err, datadir.ErrOthersWrite) {
		return "chmod 600 " + safe.Quote(name)
	}
	return "give the key with " + KeyVariable + " or --key-file"
}
