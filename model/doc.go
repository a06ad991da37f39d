// Package model is the state of the program and how it changes: the Bubble Tea
// model, without any looks.
//
// Its one rule: Update computes and never waits. It reads no clock, no network and
// no store: time comes in messages, everything else through commands. A feature is
// one file: its state, its messages, the commands that send them and their
// handlers. A message is a fact. An answer carries the number of its question where
// a later question makes it stale.
//
// The keys have one owner. In a window that is too small only quit acts. Otherwise
// Model.Modal has all keys, if there is a modal; else the pane with the focus has
// them.
//
// An action is one record of the registry in keymap and one line of actions.go with
// its function and why it can't be carried out.
//
// The cursor is a session id. The Store answers with a page of rows around it. New
// rows, changes and other orders move the cursor's row; they never move the cursor
// to another session.
package model
