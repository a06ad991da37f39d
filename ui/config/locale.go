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

// Locale is the locale of a process, and the variable that names it: the first one that
// is set. Both are "" where none is.
func Locale(p *Process) (variable, locale string) {
	for _, variable := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := p.Getenv(variable); locale != "" {
			return variable, locale
		}
	}
	return "", ""
}

// OnlyASCII tells whether the terminal or the locale knows ASCII only. Where there is no
// locale, as in a container, nothing speaks against Unicode.
func OnlyASCII(p *Process) bool {
	if _, ok := AsTerminal(p.Stdout); ok && fewSigns.MatchString(p.Getenv("TERM")) {
		return true
	}
	_, locale := Locale(p)
	locale = strings.ToLower(locale)
	return locale != "" && !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
}

// Colourless tells whether the operator wants no colours: NO_COLOR is not empty, or CLICOLOR
// is 0 and CLICOLOR_FORCE does not say otherwise.
func Colourless(p *Process) bool {
	force := p.Getenv("CLICOLOR_FORCE")
	return p.Getenv("NO_COLOR") != "" || p.Getenv("CLICOLOR") == "0" && (force == "" || force == "0")
}

// UseCharacters lets texts be made of ASCII alone, or not, as the flag or the config says,
// else as the process needs it.
func (o *Options) UseCharacters(p *Process) {
	ascii := OnlyASCII(p)
	if o.ASCII != nil {
		ascii = *o.ASCII
	}
	safe.SetASCII(ascii)
}
