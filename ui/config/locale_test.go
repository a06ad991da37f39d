package config

import (
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// The first variable that is set names the locale; TERM counts for a terminal only.
func TestOnlyASCII(t *testing.T) {
	_, terminal, err := pty.Open()
	if err != nil {
		t.Skip("no terminal device: ", err)
	}
	defer terminal.Close()
	for _, tt := range []struct {
		environ string
		stdout  io.Writer
		want    bool
	}{
		{"", io.Discard, false},
		{"LANG=en_US.UTF-8", io.Discard, false},
		{"LANG=de_DE.utf8", io.Discard, false},
		{"LC_CTYPE=UTF-8", io.Discard, false},
		{"LANG=C", io.Discard, true},
		{"LANG=POSIX", io.Discard, true},
		{"LANG=en_US", io.Discard, true},
		{"LANG=de_DE.ISO-8859-1", io.Discard, true},
		{"LANG=C LC_CTYPE=C.UTF-8", io.Discard, false},
		{"LANG=C.UTF-8 LC_CTYPE=C", io.Discard, true},
		{"LC_CTYPE=C LC_ALL=C.UTF-8", io.Discard, false},
		{"LC_CTYPE=C.UTF-8 LC_ALL=C", io.Discard, true},
		{"LC_ALL= LC_CTYPE= LANG=C.UTF-8", io.Discard, false},
		{"TERM=linux LANG=C.UTF-8", terminal, true},
		{"TERM=vt100 LANG=C.UTF-8", terminal, true},
		{"TERM=linux LANG=C.UTF-8", io.Discard, false},
		{"TERM=vte-256color LANG=C.UTF-8", terminal, false},
		{"TERM=dumb LANG=C.UTF-8", terminal, false},
		{"TERM=xterm-256color", terminal, false},
		{"TERM=xterm-256color LANG=C", terminal, true},
	} {
		if got := OnlyASCII(&Process{Environ: strings.Fields(tt.environ), Stdout: tt.stdout}); got != tt.want {
			t.Errorf("%q, terminal %v: %v, want %v", tt.environ, tt.stdout == terminal, got, tt.want)
		}
	}
}

func TestColourless(t *testing.T) {
	for environ, want := range map[string]bool{
		"": false, "NO_COLOR=": false, "NO_COLOR=1": true, "NO_COLOR=yes": true, "CLICOLOR=0": true, "CLICOLOR=1": false,
		"CLICOLOR=0 CLICOLOR_FORCE=1": false, "CLICOLOR=0 CLICOLOR_FORCE=0": true, "NO_COLOR=1 CLICOLOR_FORCE=1": true,
	} {
		if got := Colourless(&Process{Environ: strings.Fields(environ)}); got != want {
			t.Errorf("%q: %v", environ, got)
		}
	}
}
