package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"unique"
)

// Key is a Stripe API key; the zero Key is none. Every usual way of printing it
// yields its prefix and last four characters only. Keys can be compared.
//
// The text is behind a handle because fmt prints the unexported fields of a
// struct without asking their methods: a Key inside of one shows an address.
type Key struct{ handle unique.Handle[string] }

// Secret returns the key itself, for the Authorization header and the system's
// keyring. Only client/stripe and ui/config/keyring.go ask for it.
func (k Key) Secret() string {
	if k == (Key{}) {
		return ""
	}
	return k.handle.Value()
}

// ParseKey checks the form of a key. White space around it is dropped. The
// errors are sentences for the operator that never repeat the key.
func ParseKey(s string) (Key, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return Key{}, fmt.Errorf("the key is empty")
	case strings.HasPrefix(s, "pk_"):
		return Key{}, fmt.Errorf("this is a publishable key (pk_...), which can't read verification sessions: use a restricted key (rk_...)")
	case strings.HasPrefix(s, "whsec_"):
		return Key{}, fmt.Errorf("this is a webhook signing secret (whsec_...), not an API key: use a restricted key (rk_...)")
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return Key{}, fmt.Errorf("the key has a space, a line break or a character that is not ASCII in it: copy it again")
	}
	for _, prefix := range [...]string{"sk_test_", "sk_live_", "rk_test_", "rk_live_", "rkcs_test_"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok && rest != "" {
			return Key{unique.Make(s)}, nil
		}
	}
	return Key{}, fmt.Errorf("this does not look like a Stripe key: one starts with rk_test_, rk_live_, sk_test_ or sk_live_")
}

// Live tells whether the key acts on real people's sessions.
func (k Key) Live() bool { return strings.Contains(k.prefix(), "_live_") }

// ModeName names a mode as the ledger, the config and messages do.
func ModeName(live bool) string {
	if live {
		return "live"
	}
	return "test"
}

// Restricted tells whether the key has permissions of its own. Only such keys
// may read sensitive results; a full secret key may not.
func (k Key) Restricted() bool { return strings.HasPrefix(k.Secret(), "rk") }

// FullLive tells whether the key may do everything in a live account.
func (k Key) FullLive() bool { return k.Live() && !k.Restricted() }

// prefix returns the key up to and with its mode, such as "rk_test_".
func (k Key) prefix() string {
	kind, rest, _ := strings.Cut(k.Secret(), "_")
	mode, _, _ := strings.Cut(rest, "_")
	return kind + "_" + mode + "_"
}

// LastFour returns the last four characters. People tell keys apart by them.
func (k Key) LastFour() string {
	secret := k.Secret()
	return secret[max(0, len(secret)-4):]
}

// String implements fmt.Stringer with the prefix and the last four characters.
func (k Key) String() string {
	if k == (Key{}) {
		return ""
	}
	return k.prefix() + "…" + k.LastFour()
}

// GoString implements fmt.GoStringer like String.
func (k Key) GoString() string { return k.String() }

// LogValue implements slog.LogValuer like String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText keeps the key out of JSON and other encodings.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Fingerprint tells keys apart without holding them: the HMAC-SHA-256, in hex,
// of the server that the key is for and the key, under a secret of the caller's.
// Without that secret nobody can try keys against it.
func (k Key) Fingerprint(secret []byte, server string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(server + "\x00" + k.Secret()))
	return hex.EncodeToString(mac.Sum(nil))
}

// Scrub replaces each piece of the key in text, of 12 characters or more, by a
// mask. Servers and proxies repeat headers in their errors.
func (k Key) Scrub(text string) string {
	secret := k.Secret()
	size := min(12, len(secret))
	if size == 0 {
		return text
	}
	found := make([]bool, len(text))
	for i := range len(secret) - size + 1 {
		piece := secret[i : i+size]
		for from := 0; ; {
			at := strings.Index(text[from:], piece)
			if at < 0 {
				break
			}
			from += at + 1
			for j := range size {
				found[from-1+j] = true
			}
		}
	}
	var b strings.Builder
	for i := range len(text) {
		if !found[i] {
			b.WriteByte(text[i])
		} else if i == 0 || !found[i-1] {
			b.WriteString(mask)
		}
	}
	return b.String()
}
