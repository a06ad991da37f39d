package model

import (
	"time"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/mirror"
	"idtop/client/plan"
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

// allFound is sent by findAll. It counts for the marks as they were when it was
// asked for.
type allFound struct {
	asked   int
	listed  listed
	asTyped bool // only what has the words as typed was asked for
	page    mirror.Page
	err     error
}

// jobStarted is sent by startJob and resumeJob.
type jobStarted struct {
	job      plan.Job
	run      *plan.Run
	sessions []string // those that something is sent for
	planned  []string // all of the plan
	err      error
}

// runChanged is sent by awaitRun.
type runChanged struct{ snapshot plan.Snapshot }

// jobEnded is sent by readEnded.
type jobEnded struct {
	id    int64
	job   plan.Job
	items []plan.Item
	row   mirror.Row // of the only item's session, if it is known
	why   string     // why it stopped here before its end, or ""
	err   error
}

// jobClosed is sent by closeJob.
type jobClosed jobEnded

// openJobsRead is sent by readOpenJobs at the start.
type openJobsRead struct {
	jobs      []plan.Job
	elsewhere bool // another process carries out jobs
	err       error
}

// jobsRead is sent by readJobs for the jobs screen.
type jobsRead struct {
	jobs   []plan.Job
	chosen int64
	items  []plan.Item
	err    error
}

// recallAnswered is sent by recallRun.
type recallAnswered struct {
	job      int64
	recalled bool
}

// evidenceWritten is sent by writeEvidence.
type evidenceWritten struct {
	path string
	err  error
}

// copyRecorded is sent by recordCopy. What was copied later stays.
type copyRecorded struct {
	copies int
	row    mirror.Row
	err    error
}

// writeAsked is sent by askWrite and giveUpWaiting: what is released when this
// account may be changed. The last one that was asked for counts, and opens
// nothing when a key came since.
type writeAsked struct {
	asked   int
	keys    int
	reason  string
	waiting []plan.Job
	err     error
}

// erasingRead is sent by readErasing for the person that is shown.
type erasingRead struct {
	view  View
	rows  []mirror.Row
	items map[string]plan.Item
	jobs  []act.Erasure
	err   error
}

// gateMoved is sent by openGate and shutGate. The last one that was asked for
// counts.
type gateMoved struct {
	asked int
	open  bool
	err   error
}

// planRead is sent by readPlan with the sessions that a verb is planned for.
type planRead struct {
	planned planned
	rows    []mirror.Row
	alike   []mirror.Alike
	err     error
}

// reasonChecked is sent by checkReason: err says why it can't be recorded.
type reasonChecked struct {
	reason string
	err    error
}

// openFound is sent by findOpen with the sessions of a user_id that wait.
type openFound struct {
	user string
	page mirror.Page
}

// metadataRead is sent by readMetadata. Its form opens if no key came since.
type metadataRead struct {
	keys    int
	row     mirror.Row
	session client.Session
	err     error
}

// formSent is sent by create and updateMetadata; key tells which form it was.
type formSent struct {
	key     string
	created bool
	row     mirror.Row // of the session that was made or changed
	err     error
}

// linkRead is sent by readLink. What was copied later stays.
type linkRead struct {
	copies int
	row    mirror.Row
	link   client.Private
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
type quietPassed struct{ quiets int }

// rowRead is sent by watchRow with the session of the open dialog. An answer that
// is older than one that came is dropped.
type rowRead struct {
	look  int
	id    string
	row   mirror.Row
	found bool
	err   error
}

// cursorSettled is sent by settleLater.
type cursorSettled struct{ settled int }

// elsewhereRead is sent by readElsewhere.
type elsewhereRead struct{ still bool }

// browserOpened is sent by openURL.
type browserOpened struct {
	copies int // a link that can't be opened is copied, unless something was since
	row    mirror.Row
	url    string
	err    error
}
