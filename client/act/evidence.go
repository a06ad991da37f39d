package act

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/plan"
)

// evidenceFolder is the folder for evidence, beside the ledger.
const evidenceFolder = "evidence"

// Evidence is the proof of a redaction job, from the journal and the ledger. Its
// reference is the reason typed at the confirmation, unless another one is given.
// It says itself when it is incomplete, for example because the job is unfinished.
func (d *Desk) Evidence(job int64, reference string) (ledger.Evidence, error) {
	j, err := d.Journal.Job(job)
	if err != nil {
		return ledger.Evidence{}, err
	}
	if j.Verb != client.Redact {
		return ledger.Evidence{}, fmt.Errorf("%s cancels sessions: evidence is of redactions", jobWords(job))
	}
	items, err := d.Journal.Items(job)
	if err != nil {
		return ledger.Evidence{}, err
	}
	trace, err := d.Ledger.Trace(ledger.Query{Job: number(job), Plan: j.Plan})
	if err != nil {
		return ledger.Evidence{}, err
	}
	e := ledger.Evidence{
		Reference: cmp.Or(reference, j.Reason), Job: number(job), Plan: j.Plan, Account: j.Account, Mode: client.ModeName(j.Live), Actor: d.Actor(),
		Tool: d.tool, Requested: j.Created, Written: time.Now(), Ledger: trace,
	}
	for _, item := range items {
		e.Sessions = append(e.Sessions, d.evidenceOf(item))
	}
	return e, nil
}

func (d *Desk) evidenceOf(item plan.Item) ledger.EvidenceSession {
	s := ledger.EvidenceSession{
		ID: item.Session, Verb: ledger.Redact, Before: statusesIn(item.Planned), After: statusesIn(item.After),
		RequestID: item.RequestID, Checked: item.Looked, Note: item.Words,
	}
	if row, ok, err := d.store.Get(context.Background(), item.Session); err == nil && ok {
		s.Created = row.Created.Time()
	}
	switch {
	case item.RequestID != "":
		s.Accepted, s.HTTP = item.Accepted, http.StatusOK
	case item.After == client.StateUnknown && item.State != plan.Sending && item.State != plan.Unknown:
		s.After = s.Before // as in the plan: nothing was sent
	}
	if s.After == (ledger.Statuses{}) {
		s.Checked = time.Time{} // Stripe never told the state
	}
	if s.Note == "" && item.State != plan.Complete {
		s.Note = item.State.String()
	}
	return s
}

// ExportEvidence is Evidence, and records the export in the ledger.
func (d *Desk) ExportEvidence(job int64, reference string) (ledger.Evidence, error) {
	if _, err := d.Evidence(job, reference); err != nil {
		return ledger.Evidence{}, err
	}
	if err := d.noteJob(ledger.Export, job, "evidence"); err != nil {
		return ledger.Evidence{}, err
	}
	return d.Evidence(job, reference) // includes that record
}

// WriteEvidence writes the evidence of a job beside the ledger, as Markdown and as
// JSON, and returns the path of the Markdown. Earlier files stay.
func (d *Desk) WriteEvidence(job int64) (string, error) {
	e, err := d.ExportEvidence(job, "")
	if err != nil {
		return "", err
	}
	markdown, _, err := e.Save(filepath.Join(d.dir, evidenceFolder))
	return markdown, err
}
