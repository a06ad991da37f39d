package act

import (
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/plan"
)

// evidenceFolder is where evidence is written, beside the ledger.
const evidenceFolder = "evidence"

// Evidence is what the journal and the ledger prove of a job. The reference is
// what the operator typed when it was confirmed.
func (d *Desk) Evidence(job int64) (ledger.Evidence, error) {
	j, err := d.Journal.Job(job)
	if err != nil {
		return ledger.Evidence{}, err
	}
	items, err := d.Journal.Items(job)
	if err != nil {
		return ledger.Evidence{}, err
	}
	name := strconv.FormatInt(job, 10)
	trace, err := d.Ledger.Trace(ledger.Query{Job: name})
	if err != nil {
		return ledger.Evidence{}, err
	}
	mode := "test"
	if j.Live {
		mode = "live"
	}
	e := ledger.Evidence{
		Reference: j.Reason, Job: name, Plan: j.Plan, Account: j.Account, Mode: mode, Actor: ledger.ThisActor(),
		Requested: j.Created, Written: time.Now(), Ledger: trace,
	}
	for _, item := range items {
		e.Sessions = append(e.Sessions, evidenceOf(j, item))
	}
	return e, nil
}

func evidenceOf(job plan.Job, item plan.Item) ledger.EvidenceSession {
	s := ledger.EvidenceSession{
		ID: item.Session, Verb: verbOf(job.Verb), Before: stateWords(item.Planned), After: stateWords(item.After),
		Accepted: item.Accepted, RequestID: item.RequestID, Checked: item.Changed, Note: item.Words,
	}
	if item.After == client.StateUnknown {
		s.After = ledger.State{}
	}
	if s.Note == "" && item.State != plan.Done {
		s.Note = item.State.String()
	}
	return s
}

// WriteEvidence writes the evidence of a job beside the ledger, as Markdown and
// as JSON, and returns the name of the Markdown. What was written before stays.
func (d *Desk) WriteEvidence(job int64) (string, error) {
	if err := d.Note(ledger.Export, "", "", fmt.Sprintf("evidence of job %d", job), ""); err != nil {
		return "", err
	}
	e, err := d.Evidence(job)
	if err != nil {
		return "", err
	}
	markdown, _, err := e.Save(filepath.Join(d.dir, evidenceFolder))
	return markdown, err
}
