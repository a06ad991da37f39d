package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Fingerprint tells keys apart without holding them: the HMAC-SHA-256, in hex,
// of the server that the key is for and the key, under a secret of the caller's.
// Without that secret nobody can try keys against it.
func (k Key) Fingerprint(secret []byte, server string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(server + "\x00" + k.Secret()))
	return hex.EncodeToString(mac.Sum(nil))
}
