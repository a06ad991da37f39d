// Package model is all that the program knows and how it changes: the Bubble
// Tea model, without any looks.
//
// Its one rule: Update computes, it never waits. It reads no clock, no network
// and no store: time comes in messages, everything else through commands. A
// feature is one file: its state, its messages, the commands that send them and
// their handlers. A message is a fact. An answer carries the number of its
// question, where a later question makes it stale.
//
// Who has the keys: in a window that is too small only quit acts. Else the
// Model.Modal has all of them, if there is one; else the pane that has the focus.
//
// An action is one record of the registry in keymap and one line of actions.go:
// why it can't be carried out now, and its function.
//
// The cursor is a session id. A page of rows round it comes from the Store; new
// rows, changes and other orders change where the row is, never which one it
// is.
package model
