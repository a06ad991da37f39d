package keymap

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// modifiers are the modifiers of a key, in the order in which Bubble Tea names them.
var modifiers = []string{"ctrl", "alt", "shift", "meta", "hyper", "super"}

// named are the keys that write nothing, and the space bar.
var named = func() []string {
	names := []string{"enter", "tab", "space", "backspace", "esc", "up", "down", "left", "right", "pgup", "pgdown", "home", "end",
		"insert", "delete", "begin", "menu", "pause", "printscreen"}
	for n := range 63 {
		names = append(names, "f"+strconv.Itoa(n+1))
	}
	return names
}()

// other are names of keys that operators write, and what Bubble Tea calls them.
var other = map[string]string{
	"pgdn": "pgdown", "pagedown": "pgdown", "pageup": "pgup", "return": "enter", "escape": "esc", "del": "delete", "ins": "insert",
	"↑": "up", "↓": "down", "←": "left", "→": "right", " ": "space", "spacebar": "space", "bs": "backspace", "backtab": "shift+tab",
}

// asOther are chords for which most terminals send another key.
var asOther = map[string]string{"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "esc", "ctrl+?": "backspace", "ctrl+@": "ctrl+space"}

// Canonical returns the one name of a key: modifiers in their order, letters with ctrl or
// alt small. A name that is none is returned unchanged.
func Canonical(name string) string {
	held, base := parts(name)
	if r, ok := oneRune(base); ok && len(held) > 0 {
		chord := slices.ContainsFunc(held, func(m string) bool { return m != "shift" })
		switch {
		case !chord && unicode.IsLetter(r):
			return string(unicode.ToUpper(r))
		case chord && unicode.IsUpper(r):
			if base = string(unicode.ToLower(r)); !slices.Contains(held, "ctrl") { // ctrl and a capital letter are one byte with ctrl and a small one
				held = append(held, "shift")
			}
		}
	}
	var b strings.Builder
	for _, m := range modifiers {
		if slices.Contains(held, m) {
			b.WriteString(m + "+")
		}
	}
	return b.String() + base
}

// parts splits a name into its modifiers and the key itself, which may be "+".
func parts(name string) (held []string, base string) {
	for {
		before, after, ok := strings.Cut(name, "+")
		if !ok || after == "" || !slices.Contains(modifiers, before) {
			return held, name
		}
		held, name = append(held, before), after
	}
}

func oneRune(s string) (rune, bool) {
	r, n := utf8.DecodeRuneInString(s)
	return r, n == len(s) && n > 0 && r != utf8.RuneError
}

// keyOf returns the name that Bubble Tea has for a key as an operator wrote it, or why
// there is no such key. near are the names that could be meant.
func keyOf(written string) (name, why, hint string, near []string) {
	held, base := parts(written)
	if lower := strings.ToLower(written); utf8.RuneCountInString(base) > 1 && lower != written {
		held, base = parts(lower)
	}
	if real, ok := other[base]; ok {
		more, real := parts(real)
		held, base = append(held, more...), real
	}
	r, one := oneRune(base)
	shifted := slices.Equal(held, []string{"shift"})
	switch {
	case written == "":
		return "", "it is empty", "leave it out, or write [] for no key", nil
	case !one && !slices.Contains(named, base):
		return "", "no terminal sends such a key", `write one letter or sign, or a name such as "enter", "f5" or "ctrl+x"`, slices.Concat(named, modifiers)
	case one && (!unicode.IsPrint(r) || unicode.Is(unicode.M, r)):
		return "", "it is no letter or sign of its own", `write one letter or sign, or a name such as "enter", "f5" or "ctrl+x"`, nil
	case one && shifted && !unicode.IsLetter(r):
		return "", "with shift another sign comes", "write that sign itself", nil
	}
	name = Canonical(strings.Join(append(held, base), "+"))
	if real, ok := asOther[name]; ok {
		return "", "most terminals send " + real + " for it", "choose another", nil
	}
	return name, "", "", nil
}

// writes tells whether a key is text in a field.
func writes(name string) bool {
	_, one := oneRune(name)
	return one || name == "space"
}
