package config

import (
	"regexp"
	"strings"

	"idtop/ui/safe"
)

// fewSigns are the names of terminals that can't show our signs, whatever the locale
// says: real terminals of before Unicode, and the consoles of systems, whose fonts lack
// most of them. A dumb terminal is not among them: it can't place text, but an editor's
// shows any character.
var fewSigns = regexp.MustCompile(`^(linux|ansi|cons25|sun|vt[0-9]|wy[0-9])`)

// OnlyASCII tells whether the terminal or the locale knows ASCII only. The first of the
// locale's variables that is set names it; where none is, as in a container, nothing
// speaks against Unicode.
func OnlyASCII(p *Process) bool {
	if _, ok := AsTerminal(p.Stdout); ok && fewSigns.MatchString(p.Getenv("TERM")) {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(p.Getenv(name)); locale != "" {
			return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
		}
	}
	return false
}

// Colourless tells whether the operator wants no colours: NO_COLOR is not empty, or CLICOLOR
// is 0 and CLICOLOR_FORCE does not say otherwise.
func Colourless(p *Process) bool {
	force := p.Getenv("CLICOLOR_FORCE")
	return p.Getenv("NO_COLOR") != "" || p.Getenv("CLICOLOR") == "0" && (force == "" || force == "0")
}

// UseCharacters lets texts be made of ASCII alone, or not, where the flag or the config
// says so.
func (o *Options) UseCharacters() {
	if o.ASCII != nil {
		safe.SetASCII(*o.ASCII)
	}
}
