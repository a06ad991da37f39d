// Package cli is the command line of idtop: its commands and flags, the wiring
// of the parts for each, and the exit codes. The dashboard is the default command.
// Config, key and account come from ui/config, the words of a failure from ui/fail.
//
// Its one rule: it joins what other packages do and decides nothing that
// another front end would have to decide too.
//
// Whatever happens, the terminal is left as it was found. Every way to end (a
// key, a signal, a hang-up, a panic, a terminal that does not read any more)
// goes through runDashboard, and what has to be said is said on stderr, before
// the screen opens or after it closes.
package cli
