package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"
)

const keySize = 32 // bytes

// Person returns what stands for a user_id in the records: its HMAC-SHA-256 in
// hex, with the key of this installation. Nobody can tell the user_id from it
// who has not the key. There is none for no user_id.
func (l *Ledger) Person(userID string) string { return person(l.key, userID) }

func person(key []byte, userID string) string {
	if userID == "" {
		return ""
	}
	h := hmac.New(sha256.New, key)
	io.WriteString(h, userID)
	return hex.EncodeToString(h.Sum(nil))
}

// installKey reads the key, or makes it for a ledger that is new. The lock is
// held.
func installKey(dir string, isNew bool) ([]byte, error) {
	key, err := readKey(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	path := filepath.Join(dir, keyFile)
	if !isNew {
		return nil, &Error{Cause: CauseDamaged, Path: path,
			Err: errors.New("it is missing, and without it the records of a person can't be found")}
	}
	key = make([]byte, keySize)
	rand.Read(key) // never fails
	f, err := openFile(dir, keyFile+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(f, hex.EncodeToString(key)+"\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, diskError(path, err)
	}
	return key, nil
}

func readKey(dir string) ([]byte, error) {
	f, err := openFile(dir, keyFile, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4*keySize))
	if err != nil {
		return nil, diskError(f.Name(), err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != keySize {
		return nil, &Error{Cause: CauseDamaged, Path: f.Name(), Err: errors.New("it does not hold a key")}
	}
	return key, nil
}

// ThisActor returns the user and the host of this process, as the system knows
// them; what it does not know is "unknown".
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
