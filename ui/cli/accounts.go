package cli

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// accounts remembers which account a key belongs to, so that the mirror is
// found without a request. It holds no key and nothing that keys could be tried
// on without the secret beside it: the whole of it may be deleted, and the next
// start asks Stripe again.
type accounts struct {
	folder *os.Root
	name   string // of the folder
	secret []byte
}

const (
	secretFile   = "install.key" // what fingerprints of keys are made with
	accountsFile = "keys.json"
	secretSize   = 32
)

// accountForm is what an account's id may look like in the name of a folder.
var accountForm = regexp.MustCompile(`^(acct|key)_[A-Za-z0-9]{1,64}$`)

// remembered is the file: accounts by the fingerprints of keys.
type remembered struct {
	Keys map[string]string `json:"keys"`
}

// openAccounts opens what is remembered in a folder, and makes both if need be.
func openAccounts(dir string) (*accounts, error) {
	if err := makePrivate(dir); err != nil {
		return nil, err
	}
	folder, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	a := &accounts{folder: folder, name: dir}
	if a.secret, err = a.readSecret(); err != nil {
		_ = folder.Close()
		return nil, &unsafeFolder{filepath.Join(dir, secretFile), pathCause(err).Error(), "move it away: idtop makes another one"}
	}
	return a, nil
}

// close lets go of the folder.
func (a *accounts) close() { _ = a.folder.Close() }

// readSecret returns the secret of this installation, made at the first start.
func (a *accounts) readSecret() ([]byte, error) {
	secret, err := readPrivate(a.folder, secretFile)
	if errors.Is(err, fs.ErrNotExist) {
		secret = make([]byte, secretSize)
		_, _ = rand.Read(secret) // never fails
		if err = createPrivate(a.folder, secretFile, secret); errors.Is(err, fs.ErrExist) {
			secret, err = readPrivate(a.folder, secretFile)
		}
	}
	if err == nil && len(secret) != secretSize {
		err = errors.New("it is damaged")
	}
	return secret, err
}

// account returns the account of a key's fingerprint, "" when it is not known.
func (a *accounts) account(fingerprint string) string {
	if account := a.read().Keys[fingerprint]; accountForm.MatchString(account) {
		return account
	}
	return ""
}

// remember notes the account of a key; "" forgets it. Of two processes that do
// so at once one may be lost, whose key is then asked for again.
func (a *accounts) remember(fingerprint, account string) error {
	all := a.read()
	if all.Keys == nil {
		all.Keys = map[string]string{}
	}
	if all.Keys[fingerprint] = account; account == "" {
		delete(all.Keys, fingerprint)
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = writePrivate(a.folder, accountsFile, append(data, '\n'))
	}
	if err != nil {
		return &unsafeFolder{filepath.Join(a.name, accountsFile), pathCause(err).Error(), "make room there, or name another folder with --data-dir"}
	}
	return nil
}

// read returns what is remembered; nothing when it can't be read, since it is
// easily asked for again.
func (a *accounts) read() (all remembered) {
	data, err := readPrivate(a.folder, accountsFile)
	if err != nil || json.NewDecoder(bytes.NewReader(data)).Decode(&all) != nil {
		return remembered{}
	}
	return all
}
