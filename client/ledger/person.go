package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"idtop/client/datadir"
)

const keySize = 32 // bytes

func person(key []byte, userID string) string {
	if userID == "" {
		return ""
	}
	h := hmac.New(sha256.New, key)
	io.WriteString(h, userID)
	return hex.EncodeToString(h.Sum(nil))
}

// installKey is the key for the pseudonyms of persons in a book's records.
type installKey struct {
	secret []byte
	used   bool // a record was made with the key
}

// keyUsed is the second line of the key's file, once a record was made with it.
const keyUsed = "used\n"

// openKey reads the key, or makes it for a book that is new. The lock is held. The
// key of an older idtop is taken over, so that its records of a person are found.
func openKey(d *datadir.Dir, before string, isNew bool) (installKey, error) {
	path := d.Join(keyFile)
	text, err := d.Read(keyFile)
	if err == nil {
		return parseKey(path, text)
	}
	if err := diskError(path, err); err.Cause != CauseGone {
		return installKey{}, err
	}
	if !isNew {
		return installKey{}, &Error{Cause: CauseDamaged, Path: path,
			Err: errors.New("it is missing, and without it the records of a person can't be found")}
	}
	key := installKey{secret: make([]byte, keySize)}
	rand.Read(key.secret) // never fails
	if before != "" {
		switch older, err := readKey(filepath.Join(before, olderKey)); {
		case err == nil:
			key.secret = older.secret
		case CauseOf(err) != CauseGone:
			return key, err
		}
	}
	if err := d.WriteWhole(keyFile, []byte(hex.EncodeToString(key.secret)+"\n")); err != nil {
		return key, diskError(path, err)
	}
	return key, nil
}

// use notes that the key has made a record. When it fails the next record notes it.
func (k *installKey) use(d *datadir.Dir) {
	if k.used {
		return
	}
	f, err := d.OpenFile(keyFile, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return
	}
	_, err = io.WriteString(f, keyUsed)
	k.used = errors.Join(err, f.Close()) == nil
}

// readKey reads the key of a book that is only read; its folder may belong to
// another user.
func readKey(path string) (installKey, error) {
	text, err := datadir.Trust{Most: 1 << 10}.Read(path)
	if err != nil {
		return installKey{}, diskError(path, err)
	}
	return parseKey(path, text)
}

func parseKey(path string, text []byte) (installKey, error) {
	line, rest, _ := strings.Cut(string(text), "\n")
	secret, err := hex.DecodeString(strings.TrimSpace(line))
	if err != nil || len(secret) != keySize {
		return installKey{}, &Error{Cause: CauseDamaged, Path: path, Err: errors.New("it does not hold a key")}
	}
	return installKey{secret, strings.HasPrefix(rest, keyUsed)}, nil
}

// ThisActor returns the user and the host of this process; "unknown" for either
// that the system does not know.
func ThisActor() Actor {
	actor := Actor{User: "unknown", Host: "unknown"}
	if u, err := user.Current(); err == nil {
		actor.User = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		actor.Host = host
	}
	return actor
}
