package act

import (
	"idtop/client/ledger"
	"idtop/client/plan"
)

// Erasure is a job that erases sessions, with its place in the ledger.
type Erasure struct {
	Job         plan.Job
	Actor       ledger.Actor // who confirmed it
	First, Last uint64       // the numbers of its first and last record; 0 without any
}

// ErasureOf reads a job and finds its records in the ledger.
func (d *Desk) ErasureOf(job int64) (Erasure, error) {
	j, err := d.Journal.Job(job)
	if err != nil {
		return Erasure{}, err
	}
	e := Erasure{Job: j}
	records, err := d.Ledger.OfJob(number(job), j.Plan)
	if err != nil {
		return Erasure{}, err
	}
	if len(records) > 0 {
		first, last := records[0], records[len(records)-1]
		e.First, e.Last, e.Actor = first.Seq, last.Seq, first.Actor
	}
	return e, nil
}
