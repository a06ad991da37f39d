package model

import (
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// Every message is a fact. The commands of commands.go send them; the handler
// has the same name with "on" before it.

// ticked is sent once a second by tick.
type ticked struct{ at time.Time }

// storeChanged is sent by awaitStore when rows have changed.
type storeChanged struct{}

// syncerChanged is sent by awaitSyncer with the new status.
type syncerChanged struct{ status mirror.Status }

// pageFound is sent by find. Requests are numbered: an answer that is older
// than the last request is dropped.
type pageFound struct {
	generation int
	request    request
	page       mirror.Page
	err        error
}

// allFound is sent by findAll.
type allFound struct {
	listed listed
	page   mirror.Page
	err    error
}

// accountRead is sent by loadAccount.
type accountRead struct {
	account client.Account
	err     error
}

// detailRead is sent by loadDetail for the session that was opened.
type detailRead struct {
	generation int
	session    client.Session
	reports    []client.Report
	err        error
}

// outputsRead is sent by loadOutputs when verified outputs are to be revealed.
type outputsRead struct {
	generation int
	outputs    *client.VerifiedOutputs
	partial    bool // the sensitive ones were refused
	err        error
}

// revealEnded is sent by hideLater when the time of a reveal is over.
type revealEnded struct{ generation int }

// quietPassed is sent by armLater when no key came for a while.
type quietPassed struct{ generation int }

// rowRead is sent by watchRow with the session of the open dialog.
type rowRead struct{ row mirror.Row }

// cursorSettled is sent by settleLater.
type cursorSettled struct{ settled int }

// acted is sent by act when a cancel or redact was answered or failed.
type acted struct {
	verb    client.Verb
	id      string
	refusal string // why it was not sent after all: the session had changed
	err     error
}

// browserOpened is sent by openURL.
type browserOpened struct {
	url string
	err error
}
