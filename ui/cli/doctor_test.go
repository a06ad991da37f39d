//go:build unix

package cli

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/ui/config"
)

// doctored runs the doctor on a shop, in both formats, which have to say the same.
func (s *shop) doctored(k config.Keyring, environ []string, args ...string) (checkup, outcome) {
	s.t.Helper()
	args = append([]string{"doctor", "--data-dir", s.dir}, args...)
	if !slices.Contains(args, "--api-base") {
		args = append(args, "--api-base", s.base)
	}
	text := runRing(s.t, k, environ, "", args...)
	got := runRing(s.t, k, environ, "", append(args, "--format", "json")...)
	var found checkup
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil {
		s.t.Fatalf("%v: %+v", err, got)
	}
	faults := 0
	for _, f := range found.Findings {
		if f.State == fault {
			faults++
		}
		if f.State == fault && f.Do == "" || f.Area == "" || f.Text == "" {
			s.t.Errorf("it does not say all: %+v", f)
		}
	}
	want := map[bool]int{true: exitOK, false: exitFailed}[faults == 0]
	if faults != found.Faults || got.code != want || text.code != want || strings.Count(text.stdout, "\n  FAULT ") != faults {
		s.t.Errorf("%d faults are %d and %d:\n%s", faults, got.code, text.code, text.stdout)
	}
	return found, text
}

// of returns the findings about a thing.
func (c checkup) of(what string) (all []finding) {
	for _, f := range c.Findings {
		if f.What == what {
			all = append(all, f)
		}
	}
	return all
}

// expect checks that a thing was found in a state, with words.
func (c checkup) expect(t *testing.T, what string, s state, words string) {
	t.Helper()
	if !slices.ContainsFunc(c.of(what), func(f finding) bool { return f.State == s && strings.Contains(f.Text, words) }) {
		t.Errorf("no %s, %s: %q in %+v", what, s, words, c.of(what))
	}
}

// stateOf is all files below a folder: their content, modes and times.
func stateOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text := []byte{}
		if info.Mode().IsRegular() {
			if text, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		all[path] = fmt.Sprintf("%s %s %x", info.Mode(), info.ModTime(), sha256.Sum256(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func expectUnchanged(t *testing.T, dir string, before map[string]string) {
	t.Helper()
	after := stateOf(t, dir)
	for path, was := range before {
		if after[path] != was {
			t.Errorf("%s was %s, is %s", path, was, after[path])
		}
		delete(after, path)
	}
	for path := range after {
		t.Errorf("%s is new", path)
	}
}

// TestDoctorFindsAllWell: nothing is changed at Stripe or here, and all is read.
func TestDoctorFindsAllWell(t *testing.T) {
	s := newShop(t, emulator.Config{Sessions: 30, Seed: 7})
	id := s.create("ann_8392")
	s.good("sync")
	s.good(s.seal("cancel", id, "--confirm", "CANCEL 1 TEST")...)
	s.sent()
	before := stateOf(t, s.dir)
	found, text := s.doctored(&ring{items: map[string]string{}}, []string{config.KeyVariable + "=" + s.key, "TERM=xterm", "LANG=en_US.UTF-8"})
	expectUnchanged(t, s.dir, before)
	if n := s.sent(); n != 0 || found.Faults != 0 {
		t.Errorf("%d requests of change, %d faults:\n%s", n, found.Faults, text.stdout)
	}
	for what, words := range map[string]string{
		"source": "rk_test_…mnop, from STRIPE_API_KEY", "mode": "test", "keyring": "answers, and has no key", "server": " answers",
		"account": " Acme Inc", "sessions": "allowed: see sessions", "reports": "allowed", "events": "allowed", "clock": "within 5s",
		"locale": `LANG is "en_US.UTF-8": signs are UTF-8`, "folder": "are yours alone", "space": " MB are free",
		"mirror": "(of this key): whole, 31 sessions, as of ", "book": "records, each as it was written; head ",
	} {
		found.expect(t, what, fine, words)
	}
	found.expect(t, "actions", note, "not tried")
	found.expect(t, "size", notChecked, "no terminal")
	if len(found.Permissions) != 7 {
		t.Errorf("%+v", found.Permissions)
	}
}

// TestDoctorOnANewMachine: there is no key, no home and no folder, and none is made.
func TestDoctorOnANewMachine(t *testing.T) {
	s := newShop(t, emulator.Config{})
	found, text := s.doctored(nil, nil)
	found.expect(t, "file", note, "there is none")
	found.expect(t, "source", fault, "no API key")
	found.expect(t, "keyring", note, "there is no keyring")
	found.expect(t, "server", notChecked, "there is no key")
	found.expect(t, "folder", note, "is not there yet")
	if _, err := os.Lstat(s.dir); !errors.Is(err, fs.ErrNotExist) || found.Faults != 1 {
		t.Errorf("%v\n%s", err, text.stdout)
	}
	if text.stderr != "idtop: doctor: there is 1 fault\nhint: see what stands below FAULT\n" {
		t.Error(text.stderr)
	}
	locked := &ring{get: errors.New("the collection is locked")}
	found, _ = s.doctored(locked, nil)
	found.expect(t, "source", notChecked, "ends at the keyring")
	found.expect(t, "keyring", fault, "the collection is locked")
	found, _ = s.doctored(locked, []string{config.KeyVariable + "=" + s.key})
	found.expect(t, "source", fine, "rk_test_…mnop")
	found.expect(t, "keyring", warning, "the collection is locked")
}

// TestDoctorTriesPermissions: each is told apart from the others.
func TestDoctorTriesPermissions(t *testing.T) {
	s := newShop(t, emulator.Config{})
	for name, c := range map[string]map[string]state{
		"read":        {"sessions": fine, "reports": fine, "events": warning, "account name": note},
		"read_events": {"sessions": fine, "reports": fine, "events": fine, "account name": note},
		"events":      {"sessions": fault, "reports": warning, "events": fine, "account name": note},
		"none":        {"sessions": fault, "reports": warning, "events": warning, "account name": note},
		"all":         {"sessions": fine, "reports": fine, "events": fine, "account name": fine},
	} {
		found, _ := s.doctored(nil, []string{config.KeyVariable + "=rk_test_" + name + "_" + secretPart})
		for what, want := range c {
			if got := found.of(what); len(got) != 1 || got[0].State != want {
				t.Errorf("%s: %s is %+v", name, what, got)
			}
		}
		found.expect(t, "account", fine, "acct_") // a refusal names it too
	}
	live := newShop(t, emulator.Config{Live: true})
	found, _ := live.doctored(nil, []string{config.KeyVariable + "=sk_live_" + secretPart})
	found.expect(t, "mode", warning, client.FullKeyWarning)
	found.expect(t, "actions", fine, "allowed")
	found.expect(t, "sensitive results", note, "denied")
}

// The doctor tells every kind of outage with a next step, and never repeats the key, in
// any form in which the server sends it back.
func TestDoctorTellsOutages(t *testing.T) {
	key := "rk_test_" + secretPart
	backwards := []byte(key)
	slices.Reverse(backwards)
	forms := []string{
		key, secretPart, strings.ToUpper(key), strings.ToLower(key), string(backwards), url.QueryEscape("Bearer " + key), hex.EncodeToString([]byte(key)),
		base64.StdEncoding.EncodeToString([]byte(key)), base64.StdEncoding.EncodeToString([]byte(key + ":")), base64.RawURLEncoding.EncodeToString([]byte("Bearer " + key)),
	}
	for name, c := range map[string]struct {
		status int
		body   string
		words  string
	}{
		"key refused": {401, `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: %s"}}`, "Stripe does not accept the key (HTTP 401)"},
		"of Stripe":   {500, `{"error":{"type":"api_error","message":"at %s"}}`, "Stripe had an error of its own (HTTP 500)"},
		"of a proxy":  {502, `<html>%s</html>`, "Stripe, or a proxy on the way, had an error (HTTP 502)"},
		"a portal":    {200, `<html>please log in, %s</html>`, "a login page or a proxy answered instead of Stripe"},
		"too many":    {429, `{"error":{"type":"invalid_request_error","message":"%s"}}`, "Stripe asks to slow down (HTTP 429)"},
		"forbidden":   {403, `{"error":{"type":"invalid_request_error","message":"no account, %s"}}`, "denied: see sessions"},
		"not found":   {404, `{"error":{"type":"invalid_request_error","message":"%s"}}`, "not known: see sessions"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(c.status)
				fmt.Fprintf(w, c.body, strings.Join(forms, " "))
			}))
			defer server.Close()
			s := &shop{t: t, base: server.URL, dir: filepath.Join(t.TempDir(), "data")}
			environ := []string{config.KeyVariable + "=" + key}
			found, text := s.doctored(nil, environ)
			if !slices.ContainsFunc(found.Findings, func(f finding) bool { return f.State == fault && strings.Contains(f.Text, c.words) }) {
				t.Errorf("%q is not in\n%s", c.words, text.stdout)
			}
			as, err := json.Marshal(found)
			if err != nil {
				t.Fatal(err)
			}
			login := runRing(t, &ring{items: map[string]string{}}, nil, key, "login", "--api-base", s.base)
			for _, form := range forms {
				if strings.Contains(text.stdout+text.stderr+string(as)+login.stdout+login.stderr, form) {
					t.Errorf("the key is there as %s:\n%s%s", form, text.stdout, login.stderr)
				}
			}
		})
	}
	s := &shop{t: t, base: "http://127.0.0.1:1", dir: filepath.Join(t.TempDir(), "data")}
	found, _ := s.doctored(nil, []string{config.KeyVariable + "=" + key})
	found.expect(t, "server", fault, "connection refused")
}

// TestDoctorHoldsToTheProfile: a key of another account or mode is asked for nothing
// else, and each mistake of the config is said.
func TestDoctorHoldsToTheProfile(t *testing.T) {
	s := newShop(t, emulator.Config{})
	var asked []string
	s.hook = func(r *http.Request) { asked = append(asked, r.URL.Path) }
	file := filepath.Join(t.TempDir(), "config.toml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environ := []string{config.KeyVariable + "=" + s.key}
	write("account = 'acct_theirs'\n")
	found, _ := s.doctored(nil, environ, "--config", file)
	found.expect(t, "server", fault, "account of the config is acct_theirs")
	if slices.ContainsFunc(asked, func(path string) bool { return path != "/v1/account" }) || len(asked) != 2 {
		t.Errorf("asked for %q", asked)
	}
	asked = nil
	write("[profiles.live]\nmode = 'live'\n")
	found, _ = s.doctored(nil, environ, "--config", file, "--profile", "live")
	found.expect(t, "profile", fine, "live")
	found.expect(t, "mode", fault, "is of test mode")
	found.expect(t, "server", notChecked, "the other mode")
	if len(asked) != 0 {
		t.Errorf("asked for %q", asked)
	}
	write("pol = '5s'\nundo = 'x'\n")
	if found, _ = s.doctored(nil, environ, "--config", file); len(found.of("file")) != 2 {
		t.Errorf("%+v", found.of("file"))
	}
	write("")
	found, _ = s.doctored(nil, environ, "--config", file, "--profile", "none")
	found.expect(t, "profile", fault, "there is no profile")
}

// TestDoctorFindsDamage in the mirror, the book and the modes of files.
func TestDoctorFindsDamage(t *testing.T) {
	s := newShop(t, emulator.Config{Sessions: 300, Seed: 7})
	id := s.create("ann_8392")
	s.good("sync")
	s.good(s.seal("cancel", id, "--confirm", "CANCEL 1 TEST")...)
	environ := []string{config.KeyVariable + "=" + s.key}
	one := func(pattern string) string {
		t.Helper()
		all, err := filepath.Glob(filepath.Join(s.dir, pattern))
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		return all[0]
	}
	spoil := func(path string, change func([]byte)) {
		t.Helper()
		text, err := os.ReadFile(path)
		if err == nil {
			change(text)
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	mirror, book := one("mirrors/*/mirror.db"), one("books/*/book.db")
	spoil(mirror, func(text []byte) { clear(text[3*4096 : 6*4096]) })
	spoil(book, func(text []byte) {
		at := strings.Index(string(text), `"verb":"cancel"`)
		if at < 0 {
			t.Fatal("the book has no record of the verb")
		}
		text[at+len(`"verb":"`)] = 'C'
	})
	if err := errors.Join(os.Chmod(filepath.Join(s.dir, "keys.json"), 0o640), os.Chmod(mirror, 0o644)); err != nil {
		t.Fatal(err)
	}
	before := stateOf(t, s.dir)
	found, _ := s.doctored(nil, environ)
	expectUnchanged(t, s.dir, before)
	found.expect(t, "mirror", fault, "is damaged")
	found.expect(t, "book", fault, "line ")
	found.expect(t, "folder", warning, `others may read "keys.json" (mode 0640)`)
	if err := os.Chmod(mirror, 0o666); err != nil {
		t.Fatal(err)
	}
	found, _ = s.doctored(nil, environ)
	found.expect(t, "folder", fault, "others may write to")
	if err := os.Chmod(s.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	found, _ = s.doctored(nil, environ)
	found.expect(t, "folder", fault, "others may write to it (mode 0777)")
}

// TestDoctorBesideADashboard: the mirror is open and written to by this process, and
// the doctor says who leads.
func TestDoctorBesideADashboard(t *testing.T) {
	s := newShop(t, emulator.Config{Sessions: 30, Seed: 7})
	s.good("sync")
	place, err := config.FindPlace(t.Context(), &Process{}, mustParseKey(s.key), config.Options{APIBase: s.base, DataDir: s.dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := place.Open(t.Context(), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, ok, err := store.Lead(t.Context()); !ok || err != nil {
		t.Fatal(ok, err)
	}
	found, text := s.doctored(nil, []string{config.KeyVariable + "=" + s.key})
	found.expect(t, "mirror", fine, "whole, 30 sessions")
	if _, err := os.Stat("/proc/locks"); err == nil {
		found.expect(t, "lock", fine, fmt.Sprintf("process %d", os.Getpid()))
	}
	if found.Faults != 0 {
		t.Error(text.stdout)
	}
}

// TestDoctorComparesClocks by the Date of any answer.
func TestDoctorComparesClocks(t *testing.T) {
	for off, words := range map[time.Duration]string{3 * time.Hour: "this machine is 3 hours behind the server", -25 * time.Minute: "this machine is 25 minutes ahead of the server"} {
		s := newShop(t, emulator.Config{Now: func() time.Time { return time.Now().Add(off) }})
		found, _ := s.doctored(nil, []string{config.KeyVariable + "=" + s.key})
		found.expect(t, "clock", warning, words)
	}
}

// TestDoctorOnTheClipboard: what is known of terminals by their names.
func TestDoctorOnTheClipboard(t *testing.T) {
	tmux := func(text string) []string {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "tmux"), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return []string{"TMUX=/tmp/x,1,0", "PATH=" + folder}
	}
	for _, c := range []struct {
		environ []string
		state   state
		words   string
	}{
		{tmux("echo on"), fine, "set-clipboard is on"},
		{tmux("echo external"), warning, `set-clipboard is "external"`},
		{tmux("exit 1"), warning, "tmux does not say"},
		{[]string{"TMUX=/tmp/x,1,0"}, warning, "tmux does not say"},
		{[]string{"STY=1.pts"}, warning, "GNU screen"},
		{[]string{"TERM=linux"}, warning, "has no clipboard"},
		{[]string{"VTE_VERSION=7600"}, warning, "ignore"},
		{[]string{"TERM_PROGRAM=iTerm.app"}, note, "iTerm2"},
		{[]string{"TERM=xterm"}, note, "it does not tell"},
	} {
		d := doctor{p: &Process{Environ: c.environ}}
		d.lookAtClipboard(t.Context(), d.p.Getenv("TERM"))
		d.out.expect(t, "clipboard", c.state, c.words)
	}
}
