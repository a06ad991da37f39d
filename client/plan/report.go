package plan

import (
	"encoding/json"
	"time"

	"idtop/client"
)

// Report lists the outcome of each session of a job. It has a row for every item.
type Report struct {
	Job  Job
	Now  time.Time // when it was made; it decides which sessions are overdue
	Rows []Row
}

// Row is one session's part of a Report.
type Row struct {
	Session   string
	Planned   client.State // its state at the plan
	State     ItemState
	Words     string
	After     client.State // state of the session when it was last seen
	RequestID string
	Recovered bool // a look found the effect: the answer was lost
	Accepted  time.Time
	Redacted  time.Time // when a redaction was seen to be complete; zero: never
	Looked    time.Time // when the server last told the state; zero: not known
	Fate      Fate
	Says      string // the outcome in words, with the reason
}

// Report returns the report of a job, which may still be running.
func (j *Journal) Report(id int64) (Report, error) {
	job, err := j.Job(id)
	if err != nil {
		return Report{}, err
	}
	items, err := j.Items(id)
	if err != nil {
		return Report{}, err
	}
	report := Report{Job: job, Now: time.Now(), Rows: make([]Row, len(items))}
	for i, it := range items {
		report.Rows[i] = Row{
			Session: it.Session, Planned: it.Planned, State: it.State, Words: it.Words, After: it.After,
			RequestID: it.RequestID, Recovered: it.Recovered, Accepted: it.Accepted,
			Looked: it.Looked, Fate: it.Fate(job.Verb, false), Says: it.Says(job.Verb, false),
		}
		if it.State == Complete && it.After == client.StateRedacted {
			report.Rows[i].Redacted = it.Changed
			if !it.Looked.IsZero() {
				report.Rows[i].Redacted = it.Looked
			}
		}
	}
	return report, nil
}

type reportJSON struct {
	Job     int64          `json:"job"`
	Verb    string         `json:"verb"`
	Account string         `json:"account"`
	By      string         `json:"operator,omitempty"`
	First   string         `json:"confirmed_by,omitempty"`
	Mode    string         `json:"mode"`
	Plan    string         `json:"plan"`
	Reason  string         `json:"reason,omitempty"`
	State   string         `json:"state"`
	Why     string         `json:"why,omitempty"`
	Created *time.Time     `json:"created"`
	Counts  map[string]int `json:"counts"`
	Says    string         `json:"says"`
	Tally   map[string]int `json:"tally"`
	Rows    []rowJSON      `json:"sessions"`
}

type rowJSON struct {
	Session   string     `json:"id"`
	Planned   string     `json:"planned"`
	State     string     `json:"outcome"`
	Words     string     `json:"why,omitempty"`
	After     string     `json:"state,omitempty"`
	RequestID string     `json:"request_id,omitempty"`
	Recovered bool       `json:"recovered,omitempty"`
	Accepted  *time.Time `json:"accepted,omitempty"`
	Redacted  *time.Time `json:"redacted,omitempty"`
	Looked    *time.Time `json:"looked,omitempty"`
	Fate      string     `json:"fate"`
	Says      string     `json:"says"`
}

// MarshalJSON writes the whole report, with words for states. All times are UTC.
func (r Report) MarshalJSON() ([]byte, error) {
	out := reportJSON{
		Job: r.Job.ID, Verb: r.Job.Verb.String(), Account: r.Job.Account, By: r.Job.Operator.User, First: r.Job.Confirmer, Mode: modeWord(r.Job.Live), Plan: r.Job.Plan,
		Reason: r.Job.Reason, State: r.Job.State.String(), Why: r.Job.Why, Created: utc(r.Job.Created),
		Counts: map[string]int{}, Rows: []rowJSON{}, Says: r.Job.Says(r.Now), Tally: r.Job.Tally(r.Job.Counts, false).Words(),
	}
	for state, n := range r.Job.Counts {
		if n > 0 {
			out.Counts[ItemState(state).String()] = n
		}
	}
	for _, row := range r.Rows {
		line := rowJSON{
			Session: row.Session, Planned: row.Planned.String(), State: row.State.String(), Words: row.Words,
			RequestID: row.RequestID, Recovered: row.Recovered, Accepted: utc(row.Accepted), Redacted: utc(row.Redacted),
			Looked: utc(row.Looked), Fate: row.Fate.String(), Says: row.Says,
		}
		if row.After != client.StateUnknown {
			line.After = row.After.String()
		}
		out.Rows = append(out.Rows, line)
	}
	return json.Marshal(out)
}
