package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/ui/fail"
)

const ringKey = "rk_test_51Nofthekeyring"

// fakeRing is a keyring in memory. With err every call fails; while hang is not nil
// every call waits until it is closed.
type fakeRing struct {
	items map[string]string
	err   error
	hang  chan struct{}
}

func (r *fakeRing) answer() error {
	if r.hang != nil {
		<-r.hang
		return errors.New("too late")
	}
	return r.err
}

func (r *fakeRing) Get(service, user string) (string, error) {
	if err := r.answer(); err != nil {
		return "", err
	}
	secret, ok := r.items[service+"/"+user]
	if !ok {
		return "", ErrNotInRing
	}
	return secret, nil
}

func (r *fakeRing) Set(service, user, secret string) error {
	if err := r.answer(); err != nil {
		return err
	}
	r.items[service+"/"+user] = secret
	return nil
}

func (r *fakeRing) Delete(service, user string) error {
	if _, err := r.Get(service, user); err != nil {
		return err
	}
	delete(r.items, service+"/"+user)
	return nil
}

// homeWithCLIKey is a home folder in which the Stripe CLI keeps a test key.
func homeWithCLIKey(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), ".config", "stripe")
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "config.toml"),
		[]byte("[default]\ntest_mode_api_key = 'rk_test_51NofthestripeCLI'\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(filepath.Dir(dir))
}

// TestWhereTheKeyIsLookedFor: each place counts only when those before it have no
// key, and a place that fails ends the search.
func TestWhereTheKeyIsLookedFor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("rk_test_51Nofthefile"), 0o600); err != nil {
		t.Fatal(err)
	}
	home := "HOME=" + homeWithCLIKey(t)
	held := map[string]string{"idtop/default": ringKey, "idtop/live": "rk_live_51Nofaprofile", "idtop/default@127.0.0.1:1": "rk_test_51Nofanotherserver"}
	for name, c := range map[string]struct {
		environ []string
		options Options
		ring    Keyring
		source  string
		last    string // four characters of the key, or the error
	}{
		"variable first":      {[]string{home, KeyVariable + "=" + aKey}, Options{}, &fakeRing{items: held}, KeyVariable, "mnop"},
		"file before keyring": {[]string{home}, Options{KeyFile: file, keySource: "--key-file"}, &fakeRing{items: held}, `--key-file "` + file + `"`, "file"},
		"keyring":             {[]string{home}, Options{}, &fakeRing{items: held}, `the keyring (service idtop, user "default")`, "ring"},
		"of a profile":        {[]string{home}, Options{Profile: "live"}, &fakeRing{items: held}, `the keyring (service idtop, user "live")`, "file"},
		"of another server":   {[]string{home}, Options{APIBase: "http://127.0.0.1:1"}, &fakeRing{items: held}, `the keyring (service idtop, user "default@127.0.0.1:1")`, "rver"},
		"not in the keyring":  {[]string{home}, Options{Profile: "none"}, &fakeRing{items: held}, "the Stripe CLI's", "eCLI"},
		"no keyring":          {[]string{home}, Options{}, nil, "the Stripe CLI's", "eCLI"},
		"none reachable":      {[]string{home}, Options{}, &fakeRing{err: ErrNoKeyring}, "the Stripe CLI's", "eCLI"},
		"keyring fails":       {[]string{home}, Options{}, &fakeRing{err: errors.New("the collection is locked")}, "", `the keyring (service idtop, user "default"): the collection is locked`},
		"no key in it":        {[]string{home}, Options{}, &fakeRing{items: map[string]string{"idtop/default": "pk_live_51Nsecretsecret"}}, "", "this is a publishable key (pk_...)"},
		"no profile chosen":   {nil, Options{Profiles: []Profile{{}, {Name: "one"}, {Name: "two"}}}, &fakeRing{}, "", "no API key: STRIPE_API_KEY is not set, and no profile is chosen"},
		"nothing at all":      {nil, Options{}, &fakeRing{}, "", "no API key: STRIPE_API_KEY is not set, there is no --key-file, and no key in the config or the keyring"},
	} {
		p := &Process{Environ: c.environ, Keyring: c.ring, Stderr: new(bytes.Buffer)}
		key, err := ReadKey(t.Context(), p, c.options)
		switch {
		case c.source == "":
			if err == nil || !strings.Contains(err.Error(), c.last) || client.HintOf(err) == "" || strings.Contains(err.Error(), "secretsecret") {
				t.Errorf("%s: got the key %v, error %v, hint %q", name, key, err, client.HintOf(err))
			}
		case err != nil || key.LastFour() != c.last || !strings.HasPrefix(key.Source, c.source):
			t.Errorf("%s: got the key %v from %q, error %v", name, key, key.Source, err)
		}
	}
}

// TestAKeyringThatHangs: the start says so after three seconds, and takes no other
// key.
func TestAKeyringThatHangs(t *testing.T) {
	home := homeWithCLIKey(t)
	synctest.Test(t, func(t *testing.T) {
		ring := &fakeRing{items: map[string]string{}, hang: make(chan struct{})}
		defer close(ring.hang)
		p := &Process{Environ: []string{"HOME=" + home}, Keyring: ring, Stderr: new(bytes.Buffer)}
		begin := time.Now()
		_, err := ReadKey(t.Context(), p, Options{})
		if took := time.Since(begin); took != keyringTime {
			t.Errorf("it took %s", took)
		}
		if f := fail.Of(err); f.Text != `the keyring (service idtop, user "default"): it did not answer within 3s` || f.Way != ringHint {
			t.Errorf("%+v", f)
		}
		key := DemoKey
		for _, call := range []func() error{
			func() error { return PutRingKey(t.Context(), p, Options{}, key) },
			func() error { return RemoveRingKey(t.Context(), p, Options{}) },
		} {
			if err := call(); !errors.Is(err, errKeyringLag) {
				t.Error(err)
			}
		}
	})
}

func TestAKeyIsPutAndRemoved(t *testing.T) {
	ring := &fakeRing{items: map[string]string{}}
	p := &Process{Keyring: ring, Stderr: new(bytes.Buffer)}
	o := Options{Profile: "live", APIBase: "https://api.stripe.com"}
	if err := PutRingKey(t.Context(), p, o, DemoKey); err != nil || ring.items["idtop/live"] != "rk_test_idtopdemo" {
		t.Fatal(err, ring.items)
	}
	if key, err := RingKey(t.Context(), p, o); err != nil || key.Key != DemoKey {
		t.Error(key, err)
	}
	if err := RemoveRingKey(t.Context(), p, o); err != nil || len(ring.items) != 0 {
		t.Error(err, ring.items)
	}
	if err := RemoveRingKey(t.Context(), p, o); !errors.Is(err, ErrNotInRing) {
		t.Error(err)
	}
}

// TestNoKeyringIsStarted: without a session bus the library is not even asked, since
// it would start one.
func TestNoKeyringIsStarted(t *testing.T) {
	p := Process{Environ: []string{"DBUS_SESSION_BUS_ADDRESS=autolaunch:"}}
	if hasKeyring(&p) {
		t.Skip("this machine has a keyring")
	}
	if _, err := SystemKeyring(p).Get(keyringService, "default"); !errors.Is(err, ErrNoKeyring) {
		t.Error(err)
	}
}
