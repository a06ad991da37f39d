// Package syncer keeps a mirror true. It reads older sessions window by window,
// follows the account's events, sweeps all sessions for changes without an event,
// and paces these reads by a budget. One of the processes that share a store leads.
//
// Its one rule: nothing is concluded from data that was not read.
package syncer
