package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// encodings are the forms in which a secret may lie somewhere: each is looked for as it
// is, and without regard to letters' case.
var encodings = map[string]func(s string) []string{
	"plain":    func(s string) []string { return []string{s} },
	"reversed": func(s string) []string { r := []rune(s); slices.Reverse(r); return []string{string(r)} },
	"hex":      func(s string) []string { return []string{hex.EncodeToString([]byte(s))} },
	"percent": func(s string) []string {
		all := ""
		for _, b := range []byte(s) {
			all += fmt.Sprintf("%%%02x", b)
		}
		return []string{all, url.QueryEscape(s), url.PathEscape(s)}
	},
	"JSON": func(s string) []string {
		all := ""
		for _, unit := range utf16.Encode([]rune(s)) {
			all += fmt.Sprintf(`\u%04x`, unit)
		}
		return []string{all}
	},
	"UTF-16": func(s string) []string {
		units := utf16.Encode([]rune(s))
		little, big := make([]byte, 0, 2*len(units)), make([]byte, 0, 2*len(units))
		for _, unit := range units {
			little, big = binary.LittleEndian.AppendUint16(little, unit), binary.BigEndian.AppendUint16(big, unit)
		}
		return []string{string(little), string(big)}
	},
	"base64": func(s string) (all []string) { // at each of the three places in its groups, without the letters that neighbours change
		for skip := range 3 {
			text := base64.RawStdEncoding.EncodeToString(append(make([]byte, skip), s...))
			text = text[(skip*8+5)/6 : (skip+len(s))*8/6]
			all = append(all, text, strings.NewReplacer("+", "-", "/", "_").Replace(text))
		}
		return all
	},
}

// leaks names the encodings in which some bytes hold a secret.
func leaks(text []byte, secret string) (how []string) {
	lower := bytes.ToLower(text)
	for name, encode := range encodings {
		for _, form := range encode(secret) {
			if bytes.Contains(text, []byte(form)) || name != "base64" && bytes.Contains(lower, bytes.ToLower([]byte(form))) {
				how = append(how, name)
				break
			}
		}
	}
	return how
}

// A planted secret is found in each encoding, with whatever stands around it.
func TestLeaksAreFound(t *testing.T) {
	const secret = "Zoë O'Hara+1"
	for name, encode := range encodings {
		for _, form := range encode(secret) {
			for _, text := range []string{form, "x" + form + "y", strings.Repeat("\x00", 4095) + form} {
				if how := leaks([]byte(text), secret); !slices.Contains(how, name) {
					t.Errorf("%s: %q is not found", name, text)
				}
			}
		}
	}
	for _, whole := range []string{secret, "a" + secret, "ab" + secret + "c"} {
		for name, text := range map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(whole)), "base64 ": base64.URLEncoding.EncodeToString([]byte(whole)),
			"hex": strings.ToUpper(hex.EncodeToString([]byte(whole))), "plain": strings.ToUpper(whole), "percent": url.QueryEscape(whole)} {
			if how := leaks([]byte(text), secret); !slices.Contains(how, strings.TrimSpace(name)) {
				t.Errorf("%s of %q is not found", name, whole)
			}
		}
	}
	if how := leaks([]byte("Zoe O'Hara, and what else there is"), secret); how != nil {
		t.Errorf("found as %v where it is not", how)
	}
}

// expectNoLeak looks through all files of a folder, and through their names. The secrets of
// only may be in the files that their function accepts.
func expectNoLeak(t *testing.T, dir string, never []string, only map[string]func(name string) bool) (files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		name, _ := filepath.Rel(dir, path)
		text, err := os.ReadFile(path)
		text = append(text, name...)
		for _, secret := range never {
			if how := leaks(text, secret); how != nil {
				t.Errorf("%q is in %s, as %v", secret, name, how)
			}
		}
		for secret, may := range only {
			if how := leaks(text, secret); how != nil && !may(filepath.ToSlash(name)) {
				t.Errorf("%q is in %s, as %v", secret, name, how)
			}
		}
		if info, err := d.Info(); err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %s", name, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return files
}
