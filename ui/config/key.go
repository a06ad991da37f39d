package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/client/guard"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// KeyVariable is the environment variable that Stripe's own tools use too.
const KeyVariable = "STRIPE_API_KEY"

// LongestKey bounds the text in which a key is looked for, in bytes: a file, the output
// of a command, or standard input. Keys have about a hundred.
const LongestKey = 4 << 10

// KeyHint says how to get a key with no more permissions than necessary.
var KeyHint = `make one in the Stripe Dashboard: Developers -> API keys -> Create restricted key, permission "` + client.PermitRead.Name +
	`" (Write to cancel and redact); ` + "`idtop login` tests and keeps it, `idtop --demo` needs none"

// DemoKey is the dashboard's key for the emulator in its own process. It opens
// nothing else.
var DemoKey = mustParseKey("rk_test_idtopdemo")

func mustParseKey(s string) client.Key {
	key, err := client.ParseKey(s)
	if err != nil {
		panic("the key of the demo is malformed")
	}
	return key
}

// FoundKey is a key, where it was found, and how to get another one if it is
// refused.
type FoundKey struct {
	client.Key
	Source string // in words
	Renew  string // "": in the usual way
}

// ReadKey returns the key: from the environment, otherwise from the file or the
// command that the flags or the profile name, otherwise from the keyring, otherwise
// from the Stripe CLI. It removes the variable from the environment, so that no
// started program gets it. A place that fails ends the search: the next place may
// have another account's key.
func ReadKey(ctx context.Context, p *Process, o Options) (FoundKey, error) {
	key, err := FindKey(ctx, p, o)
	if err == nil && key.FullLive() {
		fail.Warn(p.Stderr, key.Source+": "+client.FullKeyWarning, client.FullKeyHint())
	}
	return key, err
}

// FindKey is ReadKey without the warning of a full secret key.
func FindKey(ctx context.Context, p *Process, o Options) (FoundKey, error) {
	variable := p.Getenv(KeyVariable)
	p.Forget(KeyVariable)
	named := o.NamedKey()
	switch {
	case variable != "":
		if named != "" {
			fail.Warn(p.Stderr, "the key in "+KeyVariable+" is used; "+named+" is not read", "unset "+KeyVariable+" to use the other one")
		}
		return ParseKey(KeyVariable, variable)
	case o.KeyFile != "":
		text, err := readKeyFile(ctx, p.Stderr, named, o.KeyFile)
		if err != nil {
			return FoundKey{}, fail.New(keyFileHint(o.KeyFile, err), "%s: %s", named, fileWords(err))
		}
		return ParseKey(named, text)
	case len(o.keyCommand) > 0:
		text, err := runKeyCommand(ctx, p, o.keyCommand, o.keyFolder)
		if err != nil {
			return FoundKey{}, fail.New("the command has to print the key and nothing else", "%s: %s", named, err)
		}
		return ParseKey(named, text)
	}
	ring, err := RingKey(ctx, p, o)
	if !errors.Is(err, ErrNoKeyring) && !errors.Is(err, ErrNotInRing) {
		return ring, err
	}
	key, err := stripeCLIKey(p)
	if err == nil && key.Key != (client.Key{}) {
		fmt.Fprintf(p.Stderr, "idtop: using the test key of the Stripe CLI, %s\n", safe.Line(key.String()))
	}
	if err != nil || key.Key != (client.Key{}) {
		return key, err
	}
	if names := o.profileNames(); o.Profile == "" && len(names) > 0 {
		return FoundKey{}, fail.New("choose one with --profile; the config has "+strings.Join(names, ", "), "no API key: %s is not set, and no profile is chosen", KeyVariable)
	}
	return FoundKey{}, fail.New(KeyHint, "no API key: %s is not set, there is no --key-file, and no key in the config or the keyring", KeyVariable)
}

// ParseKey reads a key from a text. Its errors name the source and never repeat the text.
func ParseKey(source, text string) (FoundKey, error) {
	text, err := keyIn(text)
	if err == nil {
		var key client.Key
		if key, err = client.ParseKey(text); err == nil {
			return FoundKey{Key: key, Source: source}, nil
		}
	}
	return FoundKey{}, fail.New(KeyHint, "%s: %s", source, err)
}

// keyIn returns the key in a text, without the additions of editors and shells: a
// byte order mark, NAME= and export before it, quotes. Its errors do not repeat the
// text.
func keyIn(text string) (string, error) {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return "", errors.New("it is written in UTF-16, by its byte order mark: save it as UTF-8")
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if strings.ContainsAny(text, "\r\n") {
		return "", errors.New("it has several lines, and a key has one")
	}
	if rest, ok := strings.CutPrefix(text, "export "); ok {
		text = strings.TrimSpace(rest)
	}
	if found := assignment.FindString(text); found != "" {
		text = strings.TrimSpace(text[len(found):])
	}
	for _, quote := range []string{`"`, "'", "`"} {
		if len(text) > 1 && strings.HasPrefix(text, quote) && strings.HasSuffix(text, quote) {
			text = text[1 : len(text)-1]
			break
		}
	}
	return text, nil
}

// assignment matches the variable in an assignment of a key.
var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*\s*=`)

func keyFileHint(name string, err error) string {
	switch {
	case errors.Is(err, datadir.ErrOthersWrite):
		return "chmod 600 " + safe.Quote(name)
	case errors.Is(err, datadir.ErrOtherOwner):
		return "copy the key into a file of your own"
	}
	return "the file has to hold the key and nothing else"
}

// readKeyFile reads a file or a pipe, for example <(command) of the shell. The
// command may ask the operator first, so there is no time limit but ctx.
func readKeyFile(ctx context.Context, stderr io.Writer, named, name string) (string, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	warned := func(info fs.FileInfo) error {
		if mode := info.Mode().Perm(); info.Mode().IsRegular() && datadir.OthersMay(info, 0o077) {
			fail.Warn(stderr, fmt.Sprintf("%s: others on this machine may use it (mode %04o)", named, mode), "chmod 600 "+safe.Quote(name))
		}
		return nil
	}
	guard.Go(func() {
		text, err := datadir.Trust{Most: LongestKey, Pipe: true, Check: warned}.Read(name)
		read <- result{text, err}
	})
	select {
	case <-ctx.Done():
		return "", errors.New("stopped before it was read")
	case r := <-read:
		var long *datadir.TooLong
		switch {
		case errors.As(r.err, &long):
			return "", fmt.Errorf("%w, which is no key", r.err)
		case r.err == nil && len(r.text) == 0:
			return "", errors.New("it is empty")
		}
		return string(r.text), r.err
	}
}

// fileWords says why a file could not be read, without naming it.
func fileWords(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("you may not read it")
	}
	return datadir.Cause(err)
}
