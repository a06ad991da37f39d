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

// installKey is the key under which the records of a book have persons.
type installKey struct {
	secret []byte
	used   bool // a record was made with it
}

// keyUsed is the second line of a key that has made a record.
const keyUsed = "used\n"

// openKey reads the key, or makes it for a book that is new. The lock is held. The
// key of an older idtop is taken over, so that its records of a person are found.
func openKey(dir, before string, isNew bool) (installKey, error) {
	key, err := readKey(dir)
	if CauseOf(err) != CauseGone {
		return key, err
	}
	path := filepath.Join(dir, keyFile)
	if !isNew {
		return key, &Error{Cause: CauseDamaged, Path: path,
			Err: errors.New("it is missing, and without it the records of a person can't be found")}
	}
	key = installKey{secret: make([]byte, keySize)}
	rand.Read(key.secret) // never fails
	if before != "" {
		switch older, err := readKeyFile(before, olderKey); {
		case err == nil:
			key.secret = older.secret
		case CauseOf(err) != CauseGone:
			return key, err
		}
	}
	f, err := openFile(dir, keyFile+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return key, err
	}
	_, err = io.WriteString(f, hex.EncodeToString(key.secret)+"\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return key, diskError(path, err)
	}
	return key, nil
}

// use notes that the key has made a record. When it fails the next record notes it.
func (k *installKey) use(dir string) {
	if k.used {
		return
	}
	f, err := openFile(dir, keyFile, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return
	}
	_, err = io.WriteString(f, keyUsed)
	k.used = errors.Join(err, f.Close()) == nil
}

func readKey(dir string) (installKey, error) { return readKeyFile(dir, keyFile) }

func readKeyFile(dir, name string) (installKey, error) {
	f, err := openFile(dir, name, os.O_RDONLY)
	if err != nil {
		return installKey{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4*keySize))
	if err != nil {
		return installKey{}, diskError(f.Name(), err)
	}
	line, rest, _ := strings.Cut(string(text), "\n")
	secret, err := hex.DecodeString(strings.TrimSpace(line))
	if err != nil || len(secret) != keySize {
		return installKey{}, &Error{Cause: CauseDamaged, Path: f.Name(), Err: errors.New("it does not hold a key")}
	}
	return installKey{secret, strings.HasPrefix(rest, keyUsed)}, nil
}

// ThisActor returns the user and the host of this process, each "unknown" where the
// system does not know it.
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
