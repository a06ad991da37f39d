package cli

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"idtop/ui/config"
	"idtop/ui/fail"
)

// outcome is what a run leaves behind.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs the program without a terminal.
func run(t *testing.T, environ []string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Process{
		Version: "1.2.3", Args: args, Environ: environ,
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
	})
	return outcome{code, stdout.String(), stderr.String()}
}

// broughtUp is what a plan says of the mirror before all else.
var broughtUp = regexp.MustCompile(`^idtop: the mirror was brought up to date: .*\n`)

// expectFailure checks that nothing but one line and a hint came, besides broughtUp.
func expectFailure(t *testing.T, got outcome, code int, line, hint string) {
	t.Helper()
	got.stderr = broughtUp.ReplaceAllString(got.stderr, "")
	want := "idtop: " + line + "\nhint: " + hint + "\n"
	if got.code != code || got.stderr != want || got.stdout != "" {
		t.Errorf("got exit code %d, stdout %q, stderr:\n%swant exit code %d, stderr:\n%s",
			got.code, got.stdout, got.stderr, code, want)
	}
}

func TestWrongUsage(t *testing.T) {
	const general = "idtop --help lists the flags"
	for name, c := range map[string]struct {
		args       string
		line, hint string
	}{
		"flag":           {"--foo", "unknown flag --foo", general},
		"short flag":     {"-x", "unknown flag in -x", general},
		"no short":       {"-v", "unknown flag in -v", general},
		"command":        {"emulate", `unknown command "emulate"`, fail.HelpHint},
		"escape":         {"\x1b]0;x\a", `unknown command "\x1b]0;x\a"`, fail.HelpHint},
		"escape in flag": {"--\x1b[8m", "unknown flag --␛[8m", general},
		"no value":       {"--poll", "--poll: a value is missing", general},
		"poll":           {"--poll often", `--poll "often": must be a time from 1s to 1h, such as 5s or 2m`, general},
		"poll too short": {"--poll 999ms", `--poll "999ms": must be a time from 1s to 1h, such as 5s or 2m`, general},
		"poll too long":  {"--poll 61m", `--poll "61m": must be a time from 1s to 1h, such as 5s or 2m`, general},
		"sessions":       {"--demo --demo-sessions=-1", `--demo-sessions "-1": must be a whole number from 0 to 20,000,000`, general},
		"seed":           {"--demo --seed x", `--seed "x": must be a whole number, 0 or more`, general},
		"switch":         {"--demo=perhaps", `--demo "perhaps": must be true or false, or nothing at all`, general},
		"demo and key":   {"--demo --key-file k", "--demo and --key-file exclude each other", "--demo needs neither a key nor a server, and keeps nothing: leave one of them out"},
		"demo and base":  {"--demo --api-base https://x.test", "--demo and --api-base exclude each other", "--demo needs neither a key nor a server, and keeps nothing: leave one of them out"},
		"seed alone":     {"--seed 1", "--seed is for --demo only", "add --demo"},
		"sessions alone": {"--demo-sessions 1", "--demo-sessions is for --demo only", "add --demo"},
		"empty base":     {"--api-base=", "--api-base: an address is missing", fail.HelpHint},
		"empty key file": {"--key-file=", "--key-file: a file name is missing", fail.HelpHint},
		"base": {"--api-base ftp://x.test", `--api-base: the API base "ftp://x.test" does not start with https:// or http://`,
			fail.HelpHint},
		"plain base": {"--api-base http://x.test", `--api-base: the API base "http://x.test" would send the key unencrypted: ` +
			"use https, or http to 127.0.0.1, ::1 or localhost", fail.HelpHint},
		"query": {"--query " + strings.Repeat("a", 201), "--query: has 201 characters, at most 200 are possible",
			"a few letters of the user_id are enough"},
		"emulator argument": {"emulator now", `emulator takes no argument: "now"`, "idtop emulator --help lists the flags"},
		"emulator flag":     {"emulator --demo", "unknown flag --demo", "idtop emulator --help lists the flags"},
		"emulator address":  {"emulator --listen here", `--listen "here": must be an address with a port`, "write it like 127.0.0.1:12111"},
		"emulator port": {"emulator --listen 127.0.0.1:65536", `--listen "127.0.0.1:65536": the port must be a number from 0 to 65,535`,
			"write it like 127.0.0.1:12111"},
		"emulator delay": {"emulator --redaction-delay -1s", `--redaction-delay "-1s": must be a time from 0s to 96h, such as 5s or 2m`,
			"idtop emulator --help lists the flags"},
		"no terminal": {"--demo", "the dashboard needs a terminal: standard input is none", "start it in a terminal window, over ssh with ssh -t; or add --plain, which needs none"},
	} {
		t.Run(name, func(t *testing.T) {
			// Neither a key in the environment nor none makes wrong usage right.
			for _, environ := range [][]string{nil, {config.KeyVariable + "=rk_test_123"}} {
				expectFailure(t, run(t, environ, strings.Split(c.args, " ")...), exitUsage, c.line, c.hint)
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	got := run(t, nil, "--version")
	if got.code != exitOK || got.stdout != "idtop 1.2.3\n" || got.stderr != "" {
		t.Errorf("--version: %+v", got)
	}
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}, {"emulator", "--help"}, {"help", "emulator"}} {
		got := run(t, nil, args...)
		if got.code != exitOK || got.stderr != "" || !strings.Contains(got.stdout, "Examples:") || !strings.Contains(got.stdout, "Flags:") {
			t.Errorf("%v: %+v", args, got)
		}
		for line := range strings.Lines(got.stdout) {
			if len(line) > 100 {
				t.Errorf("%v: this line is too long for most terminals: %s", args, line)
			}
		}
	}
	if got := run(t, nil, "completion", "bash"); got.code != exitOK || !strings.Contains(got.stdout, "idtop") {
		t.Errorf("completion: exit code %d", got.code)
	}
}

func TestStoppedBeforeTheStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := Run(ctx, Process{Args: []string{"emulator", "--listen", "127.0.0.1:0"}, Stdout: &stdout, Stderr: &stderr})
	if code != exitOK && code != exitFailed || strings.Contains(stderr.String(), "panic") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}
