package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"idtop/client"
	"idtop/client/guard"
	"idtop/client/stripe"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// ringFlags adds the flags that say which key of the keyring is meant.
func ringFlags(p *Process, c *cobra.Command, run func(context.Context, config.Options) error) *cobra.Command {
	var o config.Options
	flags := c.Flags()
	flags.StringVar(&o.Profile, "profile", "", "the key of this profile, a `NAME` in the config")
	flags.StringVar(&o.File, "config", "", "read this config `FILE`")
	flags.StringVar(&o.APIBase, "api-base", "", "the key for the server at this `URL` instead of Stripe's")
	withHelp(c)
	c.Args = noArguments
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := complete(p, c, &o); err != nil {
			return err
		}
		return run(c.Context(), o)
	}
	return c
}

func loginCommand(p *Process) *cobra.Command {
	return ringFlags(p, &cobra.Command{
		Use:   "login",
		Short: "Test an API key and keep it in the system's keyring",
		Long: `Asks for the key without showing it, or reads it from stdin, and tests it with GETs
alone: whose it is, its mode, and what it may do. Then the key is kept in the keyring,
for this profile, in place of the one before. It is in no file of idtop, and never an
argument: other users of the machine can read those.`,
		Example: `  idtop login
  idtop login --profile live
  op read op://ops/stripe-identity/key | idtop login --profile live`,
	}, func(ctx context.Context, o config.Options) error { return login(ctx, p, o) })
}

func logoutCommand(p *Process) *cobra.Command {
	return ringFlags(p, &cobra.Command{
		Use:   "logout",
		Short: "Remove the API key from the system's keyring",
		Long: `Removes the key of this profile from the keyring. The key stays valid at Stripe until
it is revoked there. What idtop has read stays on this machine.`,
		Example: `  idtop logout
  idtop logout --profile live`,
	}, func(ctx context.Context, o config.Options) error { return logout(ctx, p, o) })
}

// withoutKeyring says how to keep a key where there is no keyring.
const withoutKeyring = "keep the key in a file of mode 0600 and name it as key_file in the config, or let a program print it, as key_command"

// login tests a key and keeps it.
func login(ctx context.Context, p *Process, o config.Options) error {
	variable := p.Getenv(config.KeyVariable) != ""
	p.Forget(config.KeyVariable)
	switch err := config.ProbeRing(ctx, p, o); {
	case errors.Is(err, config.ErrNoKeyring):
		return fail.New(withoutKeyring, "login: %s", err)
	case err != nil && !errors.Is(err, config.ErrNotInRing):
		return err
	}
	text, err := askKey(ctx, p)
	if err != nil {
		return err
	}
	key, err := config.ParseKey("the key", text)
	if err != nil {
		return err
	}
	if err := o.CheckMode(key.Key); err != nil {
		return notKept(err)
	}
	s, err := newServer(stripe.Config{Key: key.Key, BaseURL: o.APIBase, ReadOnly: true, KeyHint: "copy the key again from the Stripe Dashboard, Developers, API keys"}, 0)
	if err != nil {
		return err
	}
	t := try(ctx, s.once, key.Key, func(account string) error { return o.CheckAccount(account, key.Key) })
	switch sessions := t.trialOf("sessions"); {
	case ctx.Err() != nil:
		return fail.New("", "stopped: the key was not kept")
	case t.err != nil:
		return notKept(t.err)
	case sessions.May == denied:
		return fail.New("give it "+sessions.Permission+" in the Stripe Dashboard", "login: the key %s may not read sessions: it was not kept", key)
	case sessions.May == unknown:
		return notKept(fail.New("try again when sessions can be read", "%s", sessions.Why))
	}
	if err := keepKey(ctx, p, o, key.Key); err != nil {
		return err
	}
	if _, err := fmt.Fprint(p.Stdout, loginWords(o, key.Key, t)); err != nil {
		return listFailure(written(err))
	}
	if key.FullLive() {
		fail.Warn(p.Stderr, client.FullKeyWarning, client.FullKeyHint())
	}
	if source := o.NamedKey(); source != "" {
		fail.Warn(p.Stderr, source+" comes before the keyring: idtop takes the key from there", "remove it from the config to use the key in the keyring")
	}
	if variable {
		fail.Warn(p.Stderr, config.KeyVariable+" is set and comes before the keyring", "unset "+config.KeyVariable+" to use the key in the keyring")
	}
	return nil
}

// notKept says that a key was not kept because of an error.
func notKept(err error) error {
	f := fail.Of(outage(err))
	return fail.New(f.Way, "login: %s; the key was not kept", f.Text)
}

// keepKey puts a key into the keyring and looks whether it is there.
func keepKey(ctx context.Context, p *Process, o config.Options, key client.Key) error {
	if err := config.PutRingKey(ctx, p, o, key); err != nil {
		hint := "unlock the keyring and try again; or " + withoutKeyring
		if errors.Is(err, config.ErrNoKeyring) {
			hint = withoutKeyring
		}
		return fail.New(hint, "%s: it is not known whether the key was kept: %s", o.RingSource(), key.Scrub(err.Error()))
	}
	if there, err := config.RingKey(ctx, p, o); err != nil || there.Key != key {
		return fail.New(withoutKeyring, "%s: it took the key and does not give it back", o.RingSource())
	}
	return nil
}

// modeOf is the mode of a key, as it is told to people.
func modeOf(key client.Key) string {
	if key.Live() {
		return "LIVE"
	}
	return "test"
}

func loginWords(o config.Options, key client.Key, t tried) string {
	name := "not known: the key may not tell"
	if t.account.ID != "" {
		name = strings.TrimSpace(t.account.ID + " " + t.account.Name)
	}
	text := fmt.Sprintf("key      %s\naccount  %s\nmode     %s\nit may\n", safe.Line(key.String()), safe.Line(name), modeOf(key))
	for _, one := range t.trials {
		text += "  " + safe.Line(one.line()).String() + "\n"
	}
	return text + "kept in " + safe.Line(o.RingSource()).String() + "\n"
}

// logout removes the key of a profile from the keyring.
func logout(ctx context.Context, p *Process, o config.Options) error {
	err := config.ProbeRing(ctx, p, o)
	if err == nil {
		err = config.RemoveRingKey(ctx, p, o)
	}
	var known *fail.Error
	switch {
	case errors.Is(err, config.ErrNoKeyring), errors.Is(err, config.ErrNotInRing):
		return fail.New("idtop doctor says where a key is found", "%s: %s", o.RingSource(), err)
	case errors.As(err, &known):
		return known
	case err != nil:
		return fail.New("unlock the keyring and try again", "%s: it is not known whether the key was removed: %s", o.RingSource(), err)
	}
	_, err = fmt.Fprintf(p.Stdout, "the key was removed from %s; it stays valid at Stripe until it is revoked there\n", safe.Line(o.RingSource()))
	return err
}

// askKey reads a key: on a terminal it is asked for and not shown, otherwise it is
// all of stdin.
func askKey(ctx context.Context, p *Process) (string, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	restore := func() {}
	if terminal, ok := config.AsTerminal(p.Stdin); ok {
		fd := int(terminal.Fd())
		if before, err := term.GetState(fd); err == nil {
			restore = func() { _ = term.Restore(fd, before) }
		}
		fmt.Fprint(p.Stderr, "API key (it is not shown): ")
		defer fmt.Fprintln(p.Stderr)
		guard.Go(func() {
			text, err := term.ReadPassword(fd)
			read <- result{text, err}
		})
	} else {
		guard.Go(func() {
			text, err := io.ReadAll(io.LimitReader(p.Stdin, config.LongestKey+1))
			read <- result{text, err}
		})
	}
	select {
	case <-ctx.Done():
		restore() // the read goes on, without an echo
		return "", fail.New("", "stopped: no key was read")
	case r := <-read:
		switch {
		case r.err != nil && !errors.Is(r.err, io.EOF):
			return "", fail.New("type it, or give it on stdin", "the key could not be read: %s", r.err)
		case len(r.text) > config.LongestKey:
			return "", fail.New("stdin has to hold the key and nothing else", "stdin has more than %d bytes, which is no key", config.LongestKey)
		}
		return string(r.text), nil
	}
}
