// Package cli is the command line of idtop: its commands and flags, the wiring of
// the parts for each, and the exit codes. The dashboard is the default command.
// Config, key and account come from ui/config, the words of a failure from ui/fail.
//
// Its one rule: it joins the work of other packages, and makes no decision that
// another front end would have to repeat.
//
// The program always leaves the terminal as it found it. Every end (a key, a
// signal, a hang-up, a panic, a terminal that no longer reads) goes through
// runDashboard, and messages are written on stderr, before the screen opens or
// after it closes.
package cli
