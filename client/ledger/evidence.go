package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/datadir"
)

// Evidence is the proof of a person's finished job. Its only personal data is the
// operator's own Reference and Reason. It belongs into a folder that others can't
// read.
type Evidence struct {
	Reference   string // of the request, as the operator typed it
	Reason      string // or ticket, as the operator typed it
	Job, Plan   string
	Account     string // acct_..., or ""
	AccountName string // as Stripe tells it, or ""
	Mode        string // "live" or "test"
	Actor       Actor
	Tool        string    // version of idtop
	Requested   time.Time // when the job was confirmed
	Written     time.Time // when the document is written
	Sessions    []EvidenceSession
	Ledger      Trace
}

// EvidenceSession is one session of an Evidence. Unknown times are zero.
type EvidenceSession struct {
	ID        string
	Created   time.Time
	Verb      Verb
	Before    Statuses
	After     Statuses // by Stripe's last answer
	Accepted  time.Time
	RequestID string    // Stripe's id of the accepted request
	HTTP      int       // status of its answer
	Checked   time.Time // the time of that answer
	Note      string    // in our words, for example why it was left out
}

// redacted tells whether Stripe reports the redaction as complete.
func (s EvidenceSession) redacted() bool { return s.After.Redaction == client.RedactionRedacted }

// Complete tells whether Stripe reports every session as redacted. Without sessions
// nothing is complete.
func (e Evidence) Complete() bool { return len(e.Sessions) > 0 && e.redacted() == len(e.Sessions) }

func (e Evidence) redacted() int {
	n := 0
	for _, s := range e.Sessions {
		if s.redacted() {
			n++
		}
	}
	return n
}

// result is the first line: the most important fact.
func (e Evidence) result() string {
	n, all := e.redacted(), len(e.Sessions)
	switch {
	case e.Complete():
		return fmt.Sprintf("Complete: Stripe reports %d of %d sessions as redacted.", n, all)
	case all == 0:
		return "Not complete: there are no sessions in this job."
	}
	return fmt.Sprintf("Not complete: Stripe reports %d of %d sessions as redacted.", n, all)
}

// What the document proves and what it does not, as stated in it.
var (
	proves = []string{
		"idtop sent the requests listed here to Stripe with the key of this account, and Stripe accepted those that have a request id.",
		"At the times listed, Stripe's API reported the redaction states listed.",
		"The steps are recorded in idtop's ledger between the records named above. Each record holds the hash of the one before: " +
			"changed, deleted or inserted records show when the ledger is verified.",
	}
	provesNot = []string{
		"That Stripe holds nothing more. Redaction does not delete what Stripe keeps as a controller of its own: " +
			"for that the person writes to privacy@stripe.com.",
		"That every field is gone. By Stripe's documentation a redacted session keeps its id, status and time, and the country of the address.",
		"That these are all sessions of the person. They were found by the user_id in their metadata; sessions without it, or with another one, are not here.",
		"Anything about copies elsewhere: own databases, exports, backups, other systems that received results.",
		"That the whole ledger was not written anew by somebody who can write to it. For that, compare the head above with one that was kept elsewhere.",
	}
)

// JSON returns the evidence for programs, in ASCII.
func (e Evidence) JSON() []byte {
	type state struct {
		Status    client.Status          `json:"status,omitempty"`
		Redaction client.RedactionStatus `json:"redaction,omitempty"`
	}
	type session struct {
		ID        string `json:"id"`
		Created   string `json:"created,omitempty"`
		Verb      Verb   `json:"verb"`
		Before    state  `json:"before"`
		After     state  `json:"after"`
		Accepted  string `json:"accepted,omitempty"`
		RequestID string `json:"request_id,omitempty"`
		HTTP      int    `json:"http_status,omitempty"`
		Checked   string `json:"checked,omitempty"`
		Note      string `json:"note,omitempty"`
	}
	sessions := make([]session, 0, len(e.Sessions))
	for _, s := range e.Sessions {
		sessions = append(sessions, session{
			s.ID, jsonTime(s.Created), s.Verb, state(s.Before), state(s.After),
			jsonTime(s.Accepted), s.RequestID, s.HTTP, jsonTime(s.Checked), s.Note,
		})
	}
	document := struct {
		Kind        string    `json:"kind"`
		Complete    bool      `json:"complete"`
		Result      string    `json:"result"`
		Reference   string    `json:"reference"`
		Reason      string    `json:"reason,omitempty"`
		Requested   string    `json:"requested,omitempty"`
		Written     string    `json:"written,omitempty"`
		Job         string    `json:"job,omitempty"`
		Plan        string    `json:"plan,omitempty"`
		Account     string    `json:"account,omitempty"`
		AccountName string    `json:"account_name,omitempty"`
		Mode        string    `json:"mode"`
		User        string    `json:"user"`
		Host        string    `json:"host"`
		Tool        string    `json:"tool"`
		Sessions    []session `json:"sessions"`
		First       Head      `json:"ledger_first"`
		Last        Head      `json:"ledger_last"`
		Head        Head      `json:"ledger_head"`
		Records     uint64    `json:"ledger_records"`
		Proves      []string  `json:"proves"`
		ProvesNot   []string  `json:"does_not_prove"`
	}{
		"idtop redaction evidence", e.Complete(), e.result(), e.Reference, e.Reason, jsonTime(e.Requested), jsonTime(e.Written),
		e.Job, e.Plan, e.Account, e.AccountName, e.Mode, e.Actor.User, e.Actor.Host, e.Tool, sessions,
		e.Ledger.First, e.Ledger.Last, e.Ledger.Head, e.Ledger.Records, proves, provesNot,
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		panic("the members of this struct can all be marshaled: " + strconv.QuoteToASCII(err.Error()))
	}
	// Only strings can hold characters outside ASCII, so these can be escaped in
	// place.
	var b []byte
	for _, r := range string(text) {
		if r < 0x7f {
			b = append(b, byte(r))
		} else {
			quoted := appendQuoted(nil, string(r))
			b = append(b, quoted[1:len(quoted)-1]...)
		}
	}
	return append(b, '\n')
}

func jsonTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Save writes both documents to a folder, as evidence-JOB.md and .json, and returns
// their paths. It never replaces a file: a later one gets a number.
func (e Evidence) Save(dir string) (markdown, jsonPath string, err error) {
	d, err := datadir.Open(dir)
	if err != nil {
		return "", "", diskError(dir, err)
	}
	defer d.Close()
	name := "evidence-" + fileName(e.Job)
	for i := 2; ; i++ {
		err = d.CreateWhole(name+".md", e.Markdown())
		if err == nil {
			if err = d.CreateWhole(name+".json", e.JSON()); err != nil {
				_ = d.Remove(name + ".md") // it is ours, and nothing alone
			}
		}
		switch {
		case err == nil:
			return d.Join(name + ".md"), d.Join(name + ".json"), nil
		case !errors.Is(err, fs.ErrExist) || i > 999:
			return "", "", diskError(d.Join(name+".md"), err)
		}
		name = fmt.Sprintf("evidence-%s-%d", fileName(e.Job), i)
	}
}

// fileName keeps the characters of a job's id that are harmless in a file name.
func fileName(job string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, job[:min(len(job), maxWord)])
}
