// Package plain is the dashboard in lines: for screen readers, for a terminal that can't
// place text, and for a pipe.
//
// Its one rule: it writes sentences, one to a line, and not one escape byte.
// Nothing is drawn again; changes are said. Input comes by lines: a line is the name of
// a key, or the text of the field or the answer to the question that has the keys. Model,
// keys, words and confirmations are those of the screen.
//
//	screen.go   runs the model, and says its changes
//	input.go    lines, and the keys that they name
//	speech.go   the lines of a page that were not said before
//	page.go     which page has the keys
//	words.go    numbers, times, ids and keys as they are spoken
//
// Every other file has one page, as in package ui.
package plain
