package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"idtop/client"
	"idtop/ui/safe"
)

// keyVariable is the environment variable that Stripe's own tools use too.
const keyVariable = "STRIPE_API_KEY"

// longestKeyFile bounds what is read of a key file, in bytes. Keys have about
// a hundred.
const longestKeyFile = 4 << 10

// How to get a key that can do no more than it has to.
const (
	restrictedKey = `in the Stripe Dashboard: Developers -> API keys -> Create restricted key, permission ` +
		`Identity "Verification Sessions and Reports": Read (Write to cancel and redact)`
	keyHint = "make one " + restrictedKey + "; `idtop --demo` needs none"
)

// demoKey is the key that the dashboard has to the emulator in its own
// process. It opens nothing else.
var demoKey = mustParseKey("rk_test_idtopdemo")

func mustParseKey(s string) client.Key {
	key, err := client.ParseKey(s)
	if err != nil {
		panic("the key of the demo is malformed")
	}
	return key
}

// readKey returns the key: of the environment, else of the file or the command
// that the flags or the profile name, else of the Stripe CLI. The variable is
// taken out of the environment, so that no program that is started gets it.
func readKey(ctx context.Context, p *Process, o accountOptions) (client.Key, error) {
	variable := p.getenv(keyVariable)
	p.forget(keyVariable)
	named := o.keySource
	if o.keyFile != "" {
		named = o.keySource + " " + safe.Quote(o.keyFile)
	}
	switch {
	case variable != "":
		if named != "" {
			warn(p.Stderr, "the key in "+keyVariable+" is used; "+named+" is not read", "unset "+keyVariable+" to use the other one")
		}
		return parseKey(keyVariable, variable)
	case o.keyFile != "":
		text, err := readKeyFile(ctx, p.Stderr, named, o.keyFile)
		if err != nil {
			return client.Key{}, failed("the file has to hold the key and nothing else", "%s: %s", named, err)
		}
		return parseKey(named, text)
	case len(o.keyCommand) > 0:
		text, err := runKeyCommand(ctx, p, o.keyCommand)
		if err != nil {
			return client.Key{}, failed("the command has to print the key and nothing else", "%s: %s", named, err)
		}
		return parseKey(named, text)
	}
	if name, text := stripeCLIKey(p); text != "" {
		key, err := parseKey(name, text)
		if err == nil {
			fmt.Fprintf(p.Stderr, "idtop: using the test key of the Stripe CLI, %s\n", key)
		}
		return key, err
	}
	return client.Key{}, failed(keyHint, "no API key: %s is not set, and there is no --key-file and no key in the config", keyVariable)
}

func parseKey(source, text string) (client.Key, error) {
	key, err := client.ParseKey(text)
	if err != nil {
		return client.Key{}, failed(keyHint, "%s: %s", source, err)
	}
	return key, nil
}

// readKeyFile reads a file or a pipe, such as the shell makes of <(command).
// A command may ask the operator first, so that there is no time limit but ctx.
func readKeyFile(ctx context.Context, stderr io.Writer, named, name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", fileWords(err)
	}
	pipe := info.Mode()&fs.ModeNamedPipe != 0
	switch {
	case info.IsDir():
		return "", errors.New("it is a directory")
	case !info.Mode().IsRegular() && !pipe:
		return "", errors.New("it is neither a file nor a pipe")
	}
	if mode := info.Mode().Perm(); !pipe && othersMay(info, 0o077) {
		warn(stderr, fmt.Sprintf("%s: others on this machine may use it (mode %04o)", named, mode),
			"chmod 600 "+safe.Quote(name))
	}
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		text, err := readBounded(name)
		read <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("stopped before it was read")
	case r := <-read:
		switch {
		case r.err != nil:
			return "", fileWords(r.err)
		case len(r.text) > longestKeyFile:
			return "", fmt.Errorf("it has more than %d bytes, which is no key", longestKeyFile)
		case len(r.text) == 0:
			return "", errors.New("it is empty")
		}
		return string(r.text), nil
	}
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, longestKeyFile+1))
}

// fileWords says why a file could not be read, without its name.
func fileWords(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("you may not read it")
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
