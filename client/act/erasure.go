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
	for record, err := range d.Ledger.Find(ledger.Query{Job: number(job), Plan: j.Plan}) {
		if err != nil {
			return Erasure{}, err
		}
		if e.First == 0 {
			e.First, e.Actor = record.Seq, record.Actor
		}
		e.Last = record.Seq
	}
	return e, nil
}
