// Package below is imported by the examples.
package below

import "strconv"

// State has a method that returns nothing but our own words.
type State int

var names = []string{"open", "shut"}

func (s State) String() string {
	if int(s) < len(names) {
		return names[s]
	}
	return "state " + strconv.Itoa(int(s))
}

// Status is a word of the API.
type Status string

func (s Status) String() string { return string(s) }

// Row has foreign text.
type Row struct{ UserID string }

// Title returns one of our words.
func Title(n int) string {
	if n == 1 {
		return "session"
	}
	return "sessions"
}

// Greeting returns foreign text.
func Greeting(name string) string { return "hello " + name }
