package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// keyCommandTime is how long a key_command may take: it may have to ask for a
// password or a finger.
const keyCommandTime = time.Minute

// runKeyCommand runs a program that prints a key. No shell is between, so that
// nothing in the arguments is expanded. It has the terminal's input and stderr, to
// ask for a password; what it prints is shown nowhere.
func runKeyCommand(ctx context.Context, p *Process, command []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, keyCommandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	if path, ok := lookUp(p, command[0]); ok {
		cmd.Path, cmd.Err = path, nil
	}
	printed := &bounded{most: longestKeyFile}
	cmd.Env, cmd.Stdout, cmd.Stderr = p.Environ, printed, p.Stderr
	if terminal, ok := asTerminal(p.Stdin); ok {
		cmd.Stdin = terminal
	}
	cmd.WaitDelay = time.Second // for what it started and left behind
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("it took longer than %s", short(keyCommandTime))
	case ctx.Err() != nil:
		return "", errors.New("stopped before it ended")
	case printed.over:
		return "", fmt.Errorf("it printed more than %d bytes, which is no key", longestKeyFile)
	case errors.As(err, &ended):
		return "", fmt.Errorf("it failed: %s", ended.ProcessState)
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("there is no such program")
	case errors.Is(err, exec.ErrWaitDelay):
		return "", errors.New("it left a program behind that keeps its output open")
	case err != nil:
		return "", fmt.Errorf("it did not start: %w", pathCause(err))
	case printed.kept.Len() == 0:
		return "", errors.New("it printed nothing")
	}
	return printed.kept.String(), nil
}

// lookUp finds a program as the environment of the process says, which need not
// be that of this process.
func lookUp(p *Process, name string) (string, bool) {
	if filepath.Base(name) != name {
		return "", false
	}
	for _, dir := range filepath.SplitList(p.getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, true
		}
	}
	return "", false
}

// bounded keeps what is written to it, up to a bound.
type bounded struct {
	kept bytes.Buffer // not embedded: its ReadFrom knows no bound
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

// stripeCLIKey returns the test key that the Stripe CLI keeps in the clear, and
// the name of its file. Its live keys are in the system's keyring.
func stripeCLIKey(p *Process) (name, key string) {
	home := p.getenv("XDG_CONFIG_HOME")
	if home == "" {
		if home = p.getenv("HOME"); home == "" {
			return "", ""
		}
		home = filepath.Join(home, ".config")
	}
	name = filepath.Join(home, "stripe", "config.toml")
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > longestConfig || !ownedByUser(info) {
		return "", ""
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", ""
	}
	var file struct {
		Default struct {
			TestKey string `toml:"test_mode_api_key"`
		} `toml:"default"`
	}
	if toml.Unmarshal(text, &file) != nil {
		return "", ""
	}
	return "the Stripe CLI's " + name, file.Default.TestKey
}
