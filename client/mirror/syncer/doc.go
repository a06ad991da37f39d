// Package syncer keeps a mirror true: it reads older sessions window by window,
// follows the account's events, lists again what no event tells, and paces all of
// that by a budget of reads. Of the processes that share a store one leads.
//
// Its one rule: nothing is concluded from what was not read.
package syncer
