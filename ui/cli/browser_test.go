package cli

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

const aPage = "https://dashboard.stripe.com/test/identity/verification-sessions/vs_1NuN4xLkdIwHu7ixyaMLw"

// fakeBrowser records what is started.
func fakeBrowser(system string, environ []string, end func() error) (b browser, started *[]string) {
	p := Process{Environ: environ}
	started = new([]string)
	return browser{system, p.Getenv, environ, func(cmd *exec.Cmd) (func() error, error) {
		*started = append(*started, cmd.Args...)
		if cmd.Stdin != nil || cmd.Stdout != nil || cmd.Stderr != nil {
			return nil, errors.New("it has the terminal")
		}
		return end, nil
	}}, started
}

func ended() error { return nil }

func TestOnlyPagesOfStripesDashboardAreOpened(t *testing.T) {
	b, started := fakeBrowser("linux", []string{"DISPLAY=:0"}, ended)
	for _, page := range []string{
		"",
		"http://dashboard.stripe.com/x",
		"https://dashboard.stripe.com",
		"https://dashboard.stripe.com.evil.test/",
		"https://evil.test/https://dashboard.stripe.com/",
		"https://user@dashboard.stripe.com/",
		"https://dashboard.stripe.com:8443/",
		"https://dashboard.stripe.com/?next=https://evil.test",
		"https://dashboard.stripe.com/#x",
		"https://dashboard.stripe.com/a b",
		"https://dashboard.stripe.com/a\nb",
		"https://dashboard.stripe.com/\n",
		"https://dashboard.stripe.com/$(reboot)",
		"https://dashboard.stripe.com/&calc",
		"https://dashboard.stripe.com/%2e%2e",
		"HTTPS://dashboard.stripe.com/",
		"javascript:alert(1)",
		"file:///etc/passwd",
		"--version",
	} {
		if err := b.Open(t.Context(), page); err == nil {
			t.Errorf("%q was opened", page)
		}
	}
	if len(*started) > 0 {
		t.Errorf("started %q", *started)
	}
}

func TestHowABrowserIsStarted(t *testing.T) {
	for _, c := range []struct {
		system  string
		environ []string
		want    []string
		err     string
	}{
		{"linux", []string{"DISPLAY=:0"}, []string{"xdg-open", aPage}, ""},
		{"freebsd", []string{"WAYLAND_DISPLAY=wayland-0"}, []string{"xdg-open", aPage}, ""},
		{"darwin", nil, []string{"open", aPage}, ""},
		{"windows", nil, []string{"rundll32", "url.dll,FileProtocolHandler", aPage}, ""},
		{"linux", nil, nil, "there is no graphical session"},
		{"linux", []string{"DISPLAY=localhost:10.0", "SSH_CONNECTION=192.0.2.1 22"}, nil, "this is a remote session"},
		{"darwin", []string{"SSH_TTY=/dev/ttys001"}, nil, "this is a remote session"},
	} {
		b, started := fakeBrowser(c.system, c.environ, ended)
		err := b.Open(t.Context(), aPage)
		if c.err == "" && err != nil || c.err != "" && (err == nil || err.Error() != c.err) {
			t.Errorf("%s %q: error %v, want %q", c.system, c.environ, err, c.err)
		}
		if !slices.Equal(*started, c.want) {
			t.Errorf("%s %q: started %q, want %q", c.system, c.environ, *started, c.want)
		}
	}
}

func TestABrowserIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		b, _ := fakeBrowser("darwin", nil, func() error { <-release; return nil })
		start := time.Now()
		if err := b.Open(t.Context(), aPage); err != nil || time.Since(start) > browserPatience {
			t.Errorf("error %v after %s", err, time.Since(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Open(ctx, aPage); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestABrowserThatFailsSaysSo(t *testing.T) {
	b, _ := fakeBrowser("darwin", nil, func() error { return errors.New("exit status 1") })
	if err := b.Open(t.Context(), aPage); err == nil || err.Error() != "open failed" {
		t.Errorf("got %v", err)
	}
	b.start = startProgram
	b.system, b.environ = "linux", []string{"DISPLAY=:0"}
	b.getenv = (&Process{Environ: b.environ}).Getenv
	t.Setenv("PATH", t.TempDir())
	if err := b.Open(t.Context(), aPage); err == nil || err.Error() != "xdg-open is not installed" {
		t.Errorf("got %v", err)
	}
}
