package config

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"

	"idtop/client"
	"idtop/client/datadir"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// accounts remembers which account a key belongs to, so that the mirror is found
// without a request. It holds no key, and nothing to test guessed keys on without
// the secret beside it. The folder may be deleted: the next start asks Stripe
// again.
type accounts struct {
	folder *datadir.Dir
	secret []byte
}

const (
	secretFile   = "install.key" // the secret for the fingerprints of keys
	accountsFile = "keys.json"
	secretSize   = 32
)

// AccountForm is what an account's id may look like in the name of a folder.
var AccountForm = regexp.MustCompile(`^(acct|key)_[A-Za-z0-9]{1,64}$`)

// remembered is the file's content: accounts by the fingerprints of keys.
type remembered struct {
	Keys map[string]string `json:"keys"`
}

// account returns the account of a key's fingerprint, "" when it is not known.
func (r remembered) account(fingerprint string) string {
	if account := r.Keys[fingerprint]; AccountForm.MatchString(account) {
		return account
	}
	return ""
}

// openAccounts opens the remembered accounts of a folder, and makes the folder and
// the secret if need be.
func openAccounts(dir string) (*accounts, error) {
	folder, err := datadir.Open(dir)
	if err != nil {
		return nil, err
	}
	a := &accounts{folder: folder}
	if a.secret, err = a.readSecret(); err != nil {
		_ = folder.Close()
		return nil, err
	}
	return a, nil
}

// close closes the folder.
func (a *accounts) close() { _ = a.folder.Close() }

// readSecret returns the secret of this installation, or makes it at the first
// start.
func (a *accounts) readSecret() ([]byte, error) {
	secret, err := a.folder.Read(secretFile)
	if errors.Is(err, fs.ErrNotExist) {
		secret = make([]byte, secretSize)
		_, _ = rand.Read(secret) // never fails
		if err = a.folder.CreateWhole(secretFile, secret); errors.Is(err, fs.ErrExist) {
			secret, err = a.folder.Read(secretFile)
		}
	}
	if err == nil && len(secret) != secretSize {
		err = fail.New("move it away: idtop makes another one", "the mirror can't be kept: %s: it is damaged", safe.Quote(a.folder.Join(secretFile)))
	}
	return secret, err
}

// account returns the account of a key's fingerprint, "" when it is not known.
func (a *accounts) account(fingerprint string) string {
	return a.read().account(fingerprint)
}

// remember notes the account of a key; "" forgets it. When two processes do so at
// once, one note may be lost: then that key's account is asked for again.
func (a *accounts) remember(fingerprint, account string) error {
	all := a.read()
	if all.Keys == nil {
		all.Keys = map[string]string{}
	}
	if all.Keys[fingerprint] = account; account == "" {
		delete(all.Keys, fingerprint)
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return a.folder.WriteWhole(accountsFile, append(data, '\n'))
}

// read returns the remembered accounts, none when the file can't be read: Stripe
// is easily asked again.
func (a *accounts) read() (all remembered) {
	data, err := a.folder.Read(accountsFile)
	if err != nil || json.NewDecoder(bytes.NewReader(data)).Decode(&all) != nil {
		return remembered{}
	}
	return all
}

// Remembered is the account of a key as an earlier start noted it, "" when it is not
// known. Nothing in the folder is made or changed for it.
func Remembered(data string, key client.Key, o Options) string {
	trust := datadir.Trust{Most: 1 << 20}
	secret, err := trust.Read(filepath.Join(data, secretFile))
	if err != nil || len(secret) != secretSize {
		return ""
	}
	text, err := trust.Read(filepath.Join(data, accountsFile))
	var all remembered
	if err != nil || json.Unmarshal(text, &all) != nil {
		return ""
	}
	return all.account(key.Fingerprint(secret, serverName(o.APIBase)))
}
