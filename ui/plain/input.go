package plain

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"idtop/client/guard"
)

// typed is a line as it was read.
type typed struct {
	text    string
	at      time.Time
	tooLong bool
}

// longestLine is how many bytes a line can have, and waiting how many lines that were read
// wait for their turn. A line that waits keeps its time.
const (
	longestLine = 4096
	waiting     = 256
)

// read reads lines until there are no more, or stopped is closed. Then lines is closed.
func read(in io.Reader, stopped <-chan struct{}) (lines chan typed) {
	lines = make(chan typed, waiting)
	guard.Go(func() {
		defer close(lines)
		defer guard.Catch()
		r := bufio.NewReaderSize(in, longestLine)
		long := false
		for {
			text, err := r.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				long = true
				continue
			}
			if err == nil || len(text) > 0 || long {
				t := typed{strings.TrimRight(string(text), "\r\n"), time.Now(), long}
				select {
				case lines <- t:
				case <-stopped:
					return
				}
			}
			if long = false; err != nil {
				return
			}
		}
	})
	return lines
}

// named are the keys that have a name, as Bubble Tea writes them.
var named = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace, "space": tea.KeySpace,
}

// alias are other names of keys: idtop says some of them, people type the others.
var alias = func() map[string]string {
	names := map[string]string{
		"escape": "esc", "return": "enter", "page up": "pgup", "page down": "pgdown", "pgdn": "pgdown", "pageup": "pgup", "pagedown": "pgdown", "dot": ".", "dash": "-",
	}
	for sign, word := range spoken {
		names[word] = sign
	}
	return names
}()

// keyNamed is the key that a line names; ok is false when it names none.
func keyNamed(name string) (key tea.KeyPressMsg, ok bool) {
	if utf8.RuneCountInString(name) == 1 {
		r, _ := utf8.DecodeRuneInString(name)
		return tea.KeyPressMsg{Code: r, Text: name}, true
	}
	name = strings.ToLower(strings.TrimSpace(name))
	if letter, capital := strings.CutPrefix(name, "capital "); capital && len(letter) == 1 {
		letter = strings.ToUpper(letter)
		return tea.KeyPressMsg{Code: rune(letter[0]), Text: letter}, true
	}
	if other, is := alias[name]; is {
		if name = other; len(name) == 1 {
			return keyNamed(name)
		}
	}
	var mod tea.KeyMod
	for _, m := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}} {
		if rest, has := strings.CutPrefix(name, m.prefix); has {
			name, mod = rest, mod|m.mod
		}
	}
	if other, is := alias[name]; is {
		name = other
	}
	code, is := named[name]
	switch {
	case is && name == "space" && mod == 0:
		return tea.KeyPressMsg{Code: code, Text: " "}, true
	case is:
		return tea.KeyPressMsg{Code: code, Mod: mod}, true
	case mod != 0 && utf8.RuneCountInString(name) == 1:
		r, _ := utf8.DecodeRuneInString(name)
		return tea.KeyPressMsg{Code: r, Mod: mod}, true
	}
	return tea.KeyPressMsg{}, false
}

// fieldKeys are the keys that act in a form or a plan while it awaits an answer, beside esc
// and ctrl+c. No other line is a key then.
var fieldKeys = map[string]bool{"tab": true, "shift+tab": true, "up": true, "down": true, "pgup": true, "pgdown": true}
