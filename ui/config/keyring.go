package config

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"

	"idtop/client"
	"idtop/client/guard"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// Keyring is where the system keeps secrets for the programs of a user. An item is
// found by the name of the program's service and the name of a user.
type Keyring interface {
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
	Delete(service, user string) error
}

// keyringService is the service of all our items.
const keyringService = "idtop"

// keyringTime is how long the keyring may take. It runs in another process, which
// may hang or wait for somebody who unlocks it.
const keyringTime = 3 * time.Second

// Why the keyring gives no key. The first two say that no key of ours is there.
var (
	ErrNoKeyring  = errors.New("there is no keyring that idtop can reach")
	ErrNotInRing  = errors.New("it has no such key")
	errKeyringLag = fmt.Errorf("it did not answer within %s", short(keyringTime))
)

// SystemKeyring is the keyring of the operating system, as a process reaches it.
func SystemKeyring(p Process) Keyring { return systemKeyring{p} }

type systemKeyring struct{ p Process }

func (s systemKeyring) Get(service, user string) (secret string, err error) {
	err = s.reach(func() error { secret, err = keyring.Get(service, user); return err })
	return secret, err
}

func (s systemKeyring) Set(service, user, secret string) error {
	return s.reach(func() error { return keyring.Set(service, user, secret) })
}

func (s systemKeyring) Delete(service, user string) error {
	return s.reach(func() error { return keyring.Delete(service, user) })
}

// reach calls the keyring unless there is none.
func (s systemKeyring) reach(call func() error) error {
	if !hasKeyring(&s.p) {
		return ErrNoKeyring
	}
	err := call()
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotInRing
	case errors.Is(err, keyring.ErrUnsupportedPlatform), lacksKeyring(err):
		return ErrNoKeyring
	}
	return err
}

// ringed calls the keyring of the process, for no longer than keyringTime. A call
// that hangs is left to itself: nothing can end it.
func ringed(ctx context.Context, p *Process, call func(Keyring) error) error {
	if p.Keyring == nil {
		return ErrNoKeyring
	}
	ctx, cancel := context.WithTimeoutCause(ctx, keyringTime, errKeyringLag)
	defer cancel()
	answered := make(chan error, 1)
	guard.Go(func() { answered <- call(p.Keyring) })
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		if cause := context.Cause(ctx); errors.Is(cause, errKeyringLag) {
			return cause
		}
		return errors.New("stopped before the keyring answered")
	}
}

// ringUser names the key of a profile in the keyring. A key for another server than
// Stripe's has a name of its own, so that neither server gets the other's key.
func (o *Options) ringUser() string {
	user := o.Profile
	if user == "" {
		user = "default"
	}
	if server := serverName(o.APIBase); server != "" {
		user += "@" + server
	}
	return user
}

// RingSource names the place of the key in the keyring.
func (o *Options) RingSource() string {
	return fmt.Sprintf("the keyring (service %s, user %s)", keyringService, safe.Quote(o.ringUser()))
}

// RingKey returns the key in the keyring. It fails with ErrNoKeyring or ErrNotInRing
// where there is none.
func RingKey(ctx context.Context, p *Process, o Options) (FoundKey, error) {
	text, err := o.ringText(ctx, p)
	if err != nil {
		return FoundKey{}, err
	}
	key, err := ParseKey(o.RingSource(), text)
	if err != nil {
		return FoundKey{}, fail.New("idtop login puts another one there", "%s", err)
	}
	key.Renew = "idtop login puts another key into the keyring"
	return key, nil
}

// ProbeRing tells whether the keyring answers, and whether it has something in the
// place of the key: it fails with ErrNoKeyring or ErrNotInRing otherwise.
func ProbeRing(ctx context.Context, p *Process, o Options) error {
	_, err := o.ringText(ctx, p)
	return err
}

func (o *Options) ringText(ctx context.Context, p *Process) (string, error) {
	found := make(chan string, 1)
	err := ringed(ctx, p, func(k Keyring) error {
		text, err := k.Get(keyringService, o.ringUser())
		found <- text
		return err
	})
	switch {
	case errors.Is(err, ErrNoKeyring), errors.Is(err, ErrNotInRing):
		return "", err
	case err != nil:
		return "", fail.New(ringHint, "%s: %s", o.RingSource(), err)
	}
	return <-found, nil
}

// ringHint is the next step when the keyring fails. The other keys are not tried
// then: one of them may be another account's.
const ringHint = "unlock the keyring and start again, or give the key with " + KeyVariable + " or --key-file"

// PutRingKey keeps a key in the keyring, in place of the one before.
func PutRingKey(ctx context.Context, p *Process, o Options, key client.Key) error {
	return ringed(ctx, p, func(k Keyring) error { return k.Set(keyringService, o.ringUser(), key.Secret()) })
}

// RemoveRingKey removes the key from the keyring.
func RemoveRingKey(ctx context.Context, p *Process, o Options) error {
	return ringed(ctx, p, func(k Keyring) error { return k.Delete(keyringService, o.ringUser()) })
}
