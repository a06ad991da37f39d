package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"idtop/client"
)

// DefaultMax is the usual limit of sessions that a plan acts on.
const DefaultMax = 500

// Disposition is a plan's decision about a session.
type Disposition uint8

// The dispositions.
const (
	Now     Disposition = iota + 1 // the verb would be carried out
	Wait                           // it can be, once Stripe has finished processing
	Already                        // the session shows the effect already
	Cannot                         // it can't be; Why has the reason
)

var dispositionWords = [...]string{"unknown", "now", "wait", "already", "cannot"}

// String returns the disposition's word.
func (d Disposition) String() string {
	if int(d) < len(dispositionWords) {
		return dispositionWords[d]
	}
	return dispositionWords[0]
}

// Seen is a session and the server's time AsOf when it was read.
type Seen struct {
	ID    string
	State client.State
	AsOf  time.Time

	Unreadable string // the field that could not be read; "": all were readable
}

// Entry is a session with the plan's decision about it. Why is "" for Now.
type Entry struct {
	Seen
	Disposition Disposition
	Why         string
}

// Reason counts the entries with one disposition and one reason.
type Reason struct {
	Disposition Disposition
	Why         string
	Count       int
}

// Of returns the entries of a plan that are counted.
func (r Reason) Of(p Plan) (entries []Entry) {
	for _, e := range p.Entries {
		if e.Disposition == r.Disposition && e.Why == r.Why {
			entries = append(entries, e)
		}
	}
	return entries
}

// Says is the fate of those entries, and the reason.
func (r Reason) Says(p Plan) (does, why string) {
	switch r.Disposition {
	case Now:
		return p.Verb.String() + " now", ""
	case Wait:
		if p.Waits() == 0 {
			return "left", "Stripe is still checking"
		}
		return "later", "Stripe is still checking"
	case Already:
		if p.Verb == client.Redact {
			return "done", "erased or being erased already"
		}
		return "done", r.Why
	}
	return "can't", r.Why
}

// Plan lists sessions, each with the decision about it. New makes it, and it does
// not change; the runner finds later changes at Stripe.
type Plan struct {
	Verb    client.Verb
	Account string
	Live    bool
	Entries []Entry  // in the given order, each session once
	Reasons []Reason // by disposition, the most frequent first
	Hash    string   // of verb, account, mode, ids and states; independent of the order of the sessions

	// Later includes the sessions of Wait, once Stripe has finished processing them;
	// otherwise they are left out. The operator chooses.
	Later bool
}

// New makes the plan for a verb on sessions of an account in its live or test mode.
// limit is the largest number to act on, 0 stands for DefaultMax. A session given
// twice counts once, in its latest state.
func New(verb client.Verb, account string, live bool, sessions []Seen, limit int) (Plan, error) {
	if verb != client.Cancel && verb != client.Redact {
		return Plan{}, errors.New("a plan needs a verb: cancel or redact")
	}
	if len(sessions) == 0 {
		return Plan{}, fmt.Errorf("there is nothing to %s: no session is chosen", verb)
	}
	if limit <= 0 {
		limit = DefaultMax
	}
	p := Plan{Verb: verb, Account: account, Live: live}
	at := make(map[string]int, len(sessions))
	for _, seen := range sessions {
		if !client.ValidSessionID(seen.ID) {
			return Plan{}, fmt.Errorf("%.64q is not the id of a session: nothing is planned", seen.ID)
		}
		entry := Entry{Seen: seen}
		if entry.Disposition, entry.Why = disposition(verb, seen.State); seen.Unreadable != "" {
			entry.Disposition, entry.Why = Cannot, "unreadable: "+seen.Unreadable
		}
		if i, twice := at[seen.ID]; !twice {
			at[seen.ID] = len(p.Entries)
			p.Entries = append(p.Entries, entry)
		} else if !seen.AsOf.Before(p.Entries[i].AsOf) {
			p.Entries[i] = entry
		}
	}
	if n := p.Count(Now) + p.Count(Wait); n > limit {
		return Plan{}, fmt.Errorf("this would %s %d sessions, and one job may act on %d: choose fewer, or allow more in the config", verb, n, limit)
	}
	p.Reasons, p.Hash = reasons(p.Entries), p.hash()
	return p, nil
}

// disposition decides about a session in a state, and says why not now.
func disposition(verb client.Verb, state client.State) (Disposition, string) {
	why := verb.Refusal(state)
	switch {
	case why == "":
		return Now, ""
	case state == client.StateProcessing:
		return Wait, why
	case verb == client.Cancel && state == client.StateCanceled,
		verb == client.Redact && (state == client.StateRedacting || state == client.StateRedacted):
		return Already, why
	}
	return Cannot, why
}

func reasons(entries []Entry) []Reason {
	var all []Reason
	for _, e := range entries {
		i := slices.IndexFunc(all, func(r Reason) bool { return r.Disposition == e.Disposition && r.Why == e.Why })
		if i < 0 {
			i = len(all)
			all = append(all, Reason{Disposition: e.Disposition, Why: e.Why})
		}
		all[i].Count++
	}
	slices.SortStableFunc(all, func(a, b Reason) int {
		if a.Disposition != b.Disposition {
			return int(a.Disposition) - int(b.Disposition)
		}
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Why, b.Why)
	})
	return all
}

func (p Plan) hash() string {
	lines := make([]string, len(p.Entries))
	for i, e := range p.Entries {
		lines[i] = e.ID + " " + e.State.String()
	}
	slices.Sort(lines)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%q\n%s\n%s\n", p.Verb, p.Account, p.Mode(), strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}

// Count returns how many entries have a disposition.
func (p Plan) Count(d Disposition) int {
	n := 0
	for _, e := range p.Entries {
		if e.Disposition == d {
			n++
		}
	}
	return n
}

// Mode is LIVE or TEST.
func (p Plan) Mode() string { return modeWord(p.Live) }

func modeWord(live bool) string {
	if live {
		return "LIVE"
	}
	return "TEST"
}

// Waits is how many sessions the plan acts upon later.
func (p Plan) Waits() int {
	if !p.Later {
		return 0
	}
	return p.Count(Wait)
}

// Acts is how many sessions the plan acts upon, now or later.
func (p Plan) Acts() int { return p.Count(Now) + p.Waits() }

// Does says what the plan's verb does to a session that it acts on.
func (p Plan) Does() string {
	if p.Verb == client.Redact {
		return "Stripe erases names, documents, images and metadata within 4 days; idtop follows it to the end."
	}
	return "Nobody can submit any more, and the links stop working."
}

// When says when the plan acts on its sessions, for example "1 now, 499 later".
func (p Plan) When() string { return when(p.Count(Now), p.Waits()) }

func when(now, later int) string {
	if later == 0 {
		return fmt.Sprintf("%d now", now)
	}
	return fmt.Sprintf("%d now, %d later", now, later)
}

// Phrase confirms a plan that is shown, for example "REDACT 137 LIVE": the verb,
// the number of sessions that it acts on, now or later, and the mode.
func (p Plan) Phrase() string { return phrase(p.Verb, p.Acts(), p.Live) }

// SealedPhrase confirms a plan that is not shown, for example "REDACT 137 LIVE
// f5da": it confirms this plan and no other.
func (p Plan) SealedPhrase() string { return sealed(p.Phrase(), p.Hash) }

func phrase(verb client.Verb, n int, live bool) string {
	return fmt.Sprintf("%s %d %s", strings.ToUpper(verb.String()), n, modeWord(live))
}

// sealLength is the number of characters of a hash in a phrase. They tell a plan
// from a later one, as a guard against mistakes, not against forgery.
const sealLength = 4

func sealed(phrase, hash string) string { return phrase + " " + hash[:min(len(hash), sealLength)] }

var anyPhrase = regexp.MustCompile(`(?i)\b(?:CANCEL|REDACT)\s+\d+\s+(?:LIVE|TEST)\b`)

// FindPhrase returns the first text in the form of a plan's phrase; "" when there
// is none.
func FindPhrase(text string) string { return anyPhrase.FindString(text) }
