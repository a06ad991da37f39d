package config

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/client/mirror"
	"idtop/client/mirror/sqlite"
	"idtop/client/stripe"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// Place is where an account's mirror is.
type Place struct {
	Dir         string
	Account     string // or the fingerprint of a key without a known account
	Live        bool
	Data        string // the folder of all files that idtop keeps
	fingerprint string
	Asked       *client.Account // Stripe's answer just now; nil when the account was remembered
}

// Words names the account for the operator.
func (pl *Place) Words() string {
	mode := " (test mode)"
	if pl.Live {
		mode = " (live mode)"
	}
	if IsFingerprint(pl.Account) {
		return "the account of this key" + mode
	}
	return pl.Account + mode
}

// keyPrefix begins the name of an unknown account.
const keyPrefix = "key_"

// IsFingerprint tells whether a name stands for an unknown account.
func IsFingerprint(account string) bool { return strings.HasPrefix(account, keyPrefix) }

// DataDir is the folder of all files that idtop keeps.
func DataDir(p *Process, named string) (string, error) {
	if named != "" {
		dir, err := filepath.Abs(named)
		if err != nil {
			return "", fail.New("name another folder with --data-dir", "--data-dir %s: %s", safe.Quote(named), err)
		}
		return dir, nil
	}
	home, err := stateHome(p)
	if err != nil {
		return "", fail.New("name a folder with --data-dir", "where to keep the mirror is not known: %s", err)
	}
	return filepath.Join(home, "idtop"), nil
}

// Mirrors is the folder of all mirrors in the folder of all files.
func Mirrors(data string) string { return filepath.Join(data, "mirrors") }

// FindPlace returns where the mirror of a key's account is. Only for a new key does
// it ask for the account, by one request to ask; with a nil ask it fails with
// ErrUnknownKey instead. A key of another account or mode than the options allow is
// refused.
func FindPlace(ctx context.Context, p *Process, key client.Key, o Options, ask client.API) (*Place, error) {
	if err := o.CheckMode(key); err != nil {
		return nil, err
	}
	data, err := DataDir(p, o.DataDir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(data); ask == nil && errors.Is(err, fs.ErrNotExist) {
		return nil, ErrUnknownKey
	}
	known, err := openAccounts(data)
	if err != nil {
		return nil, folderFailure(err)
	}
	defer known.close()
	server := serverName(o.APIBase)
	pl := &Place{Data: data, Live: key.Live(), fingerprint: key.Fingerprint(known.secret, server)}
	if pl.Account = known.account(pl.fingerprint); pl.Account == "" {
		if ask == nil {
			return nil, ErrUnknownKey
		}
		account, err := askAccount(ctx, ask)
		if err != nil {
			return nil, err
		}
		pl.Asked, pl.Account = &account, account.ID
		if account.ID == "" {
			pl.Account = keyPrefix + pl.fingerprint[:16]
		}
		if err := known.remember(pl.fingerprint, pl.Account); err != nil {
			return nil, folderFailure(err)
		}
	}
	if err := o.CheckAccount(pl.Account, key); err != nil {
		return nil, err
	}
	pl.Dir = filepath.Join(Mirrors(data), folderName(pl.Account, pl.Live, server))
	return pl, nil
}

// CheckMode refuses a key of the other mode.
func (o *Options) CheckMode(key client.Key) error {
	if has := client.ModeName(key.Live()); o.Mode != "" && has != o.Mode {
		return fail.New("give a key of "+o.Mode+" mode, or choose another profile with --profile",
			"mode of %s is %s, and the key %s is of %s mode: nothing was read or changed", o.from["mode"], o.Mode, key, has)
	}
	return nil
}

// CheckAccount refuses a key of another account, and one whose account can't be
// known: its account is "" or a fingerprint.
func (o *Options) CheckAccount(account string, key client.Key) error {
	switch {
	case o.Account == "" || account == o.Account:
		return nil
	case account == "", IsFingerprint(account):
		return fail.New("give a key that may read its account, or leave account out of the config",
			"account of %s is %s, and the key %s may not tell whose it is: nothing was read or changed", o.from["account"], o.Account, key)
	}
	return fail.New("give a key of "+o.Account+", or choose another profile with --profile",
		"account of %s is %s, and the key %s is of %s: nothing was read or changed", o.from["account"], o.Account, key, account)
}

// BookName is the name of the book of the account and mode.
func (pl *Place) BookName() string { return filepath.Base(pl.Dir) }

// Book is the folder of the account's book.
func (pl *Place) Book() string { return filepath.Join(pl.Data, "books", pl.BookName()) }

// Forget lets the next start ask for the key's account again.
func (pl *Place) Forget() error {
	known, err := openAccounts(pl.Data)
	if err != nil {
		return folderFailure(err)
	}
	defer known.close()
	if err := known.remember(pl.fingerprint, ""); err != nil {
		return folderFailure(err)
	}
	return nil
}

// ErrUnknownKey says that the mirror can't be found without asking Stripe.
var ErrUnknownKey = errors.New("no mirror is known for this key")

// firstAsk is the time limit for the request of a new key's account, before
// anything can be shown.
const firstAsk = 15 * time.Second

// askAccount asks for the key's account. A key that may not know its account has
// none, and a mirror of its own.
func askAccount(ctx context.Context, api client.API) (client.Account, error) {
	limited, cancel := context.WithTimeout(ctx, firstAsk)
	defer cancel()
	account, err := api.Account(limited)
	var refused *client.Error
	errors.As(err, &refused)
	switch {
	case ctx.Err() != nil:
		return account, fail.New("", "stopped before it was known whose key this is")
	case limited.Err() == nil && CannotKnow(err), err == nil && !AccountForm.MatchString(account.ID):
		return client.Account{Name: account.Name}, nil
	case err == nil:
		return account, nil
	case refused != nil && refused.Kind == client.KindAuth:
		return account, fail.Of(refused)
	case refused != nil:
		return account, fail.New(cmp.Or(firstStartHint[refused.Kind], refused.Hint()), "whose key this is has to be asked at its first start: %s", refused)
	}
	return account, fail.New("", "whose key this is has to be asked at its first start: %s", err)
}

// firstStartHint is the next step after a failed first start, which is not
// repeated.
var firstStartHint = map[client.Kind]string{
	client.KindNetwork:   "check the network and start again; from the second start on a mirror is shown without it",
	client.KindServer:    "start again in a while; see status.stripe.com if it lasts",
	client.KindRateLimit: "start again in a minute",
}

// CannotKnow tells whether the key may not know its account.
func CannotKnow(err error) bool {
	if err == nil {
		return false
	}
	switch client.KindOf(err) {
	case client.KindPermission, client.KindNotFound, client.KindState, client.KindUnknown:
		return true
	}
	return false
}

// serverName names a server other than Stripe's, "" for Stripe's.
func serverName(base string) string {
	if IsStripe(base) {
		return ""
	}
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// IsStripe tells whether the server is Stripe's own, with a Dashboard for its
// sessions.
func IsStripe(base string) bool {
	if base == "" {
		return true
	}
	given, err := url.Parse(base)
	if err != nil {
		return false
	}
	stripes, err := url.Parse(stripe.DefaultBaseURL)
	return err == nil && given.Scheme == stripes.Scheme &&
		strings.EqualFold(given.Hostname(), stripes.Hostname()) && (given.Port() == "" || given.Port() == "443")
}

// MirrorName is the name of the folder of an account's mirror and of its book.
func (o *Options) MirrorName(account string, live bool) string {
	return folderName(account, live, serverName(o.APIBase))
}

// notInNames are characters to avoid in the name of a folder.
var notInNames = regexp.MustCompile(`[^a-z0-9.-]+`)

func folderName(account string, live bool, server string) string {
	name := account + "-test"
	if live {
		name = account + "-live"
	}
	if server != "" {
		name += "@" + notInNames.ReplaceAllString(server, "_")
	}
	return name
}

// Open opens the mirror, and erases in it what the options do not let it keep.
func (pl *Place) Open(ctx context.Context, o Options) (*sqlite.Store, error) {
	folder, err := datadir.Open(filepath.Dir(pl.Dir))
	if err != nil {
		return nil, folderFailure(err)
	}
	defer folder.Close()
	config := pl.mirror()
	config.Metadata, config.ForgetReports = o.Metadata, o.KeptReports(pl.Live) == mirror.KeptOff
	return OpenStore(ctx, config)
}

// Rebuild empties the mirror but for the histories of its sessions. lost tells that not
// all of these could be read.
func (pl *Place) Rebuild(ctx context.Context) (lost bool, err error) {
	lost, err = sqlite.Rebuild(ctx, pl.mirror())
	if err != nil {
		return lost, fail.Mirror(err)
	}
	return lost, nil
}

func (pl *Place) mirror() sqlite.Config {
	return sqlite.Config{Dir: pl.Dir, Owner: mirror.Owner{Account: pl.Account, Livemode: pl.Live}}
}

// OpenStore opens a mirror.
func OpenStore(ctx context.Context, config sqlite.Config) (*sqlite.Store, error) {
	store, err := sqlite.Open(ctx, config)
	if err != nil {
		return nil, fail.Mirror(err)
	}
	return store, nil
}

// folderFailure says why one of our folders or files can't be used.
func folderFailure(err error) error {
	var unusable *datadir.Error
	if errors.As(err, &unusable) {
		return fail.New(unusable.Hint(), "the mirror can't be kept: %s: %s", safe.Quote(unusable.Path), unusable.Why)
	}
	return fail.Of(err)
}
