// Package model is all that the program knows and how it changes: the Bubble
// Tea model, without any looks.
//
// Its one rule: Update computes, it never waits. It reads no clock, no network
// and no store: time comes in messages, everything else through commands. A
// feature is one file: its state, its messages, the commands that send them and
// their handlers. A message is a fact, and says what it answers where a later
// question makes it stale.
//
// Who has the keys, first that applies:
//
//	window too small   only quit
//	dialog             everything: a confirmation, pinned to a session id
//	overlay            help or message log
//	search line        text, until enter or esc
//	pane               list or detail
//
// The cursor is a session id. A page of rows round it comes from the Store; new
// rows, changes and other orders change where the row is, never which one it
// is.
package model
