// Package term is the one reader of what a terminal sends: between the terminal,
// or a remote one, and Bubble Tea.
//
// What a terminal sends comes in pieces that say nothing about where a key, a
// paste or an answer ends. The reader hands on whole ones only, with the time at
// which each came; it drops what was torn, and says so. It imports of this
// program model, whose messages it makes, and client/guard.
package term
