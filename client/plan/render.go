package plan

import (
	"encoding/json"
	"time"
)

// planJSON is a Plan for other programs. All times are UTC.
type planJSON struct {
	Verb    string         `json:"verb"`
	Account string         `json:"account"`
	Mode    string         `json:"mode"`
	Phrase  string         `json:"phrase"`
	When    string         `json:"when"`
	Hash    string         `json:"hash"`
	Counts  map[string]int `json:"counts"`
	Reasons []reasonJSON   `json:"reasons"`
	Entries []entryJSON    `json:"sessions"`
}

type reasonJSON struct {
	Disposition string `json:"disposition"`
	Why         string `json:"why,omitempty"`
	Count       int    `json:"count"`
}

type entryJSON struct {
	ID          string     `json:"id"`
	State       string     `json:"state"`
	AsOf        *time.Time `json:"as_of,omitempty"`
	Disposition string     `json:"disposition"`
	Why         string     `json:"why,omitempty"`
}

// MarshalJSON writes the whole plan, with words for states and dispositions. Its
// phrase is the sealed one.
func (p Plan) MarshalJSON() ([]byte, error) {
	out := planJSON{
		Verb: p.Verb.String(), Account: p.Account, Mode: p.Mode(), Phrase: p.SealedPhrase(), When: p.When(), Hash: p.Hash,
		Counts: map[string]int{}, Reasons: []reasonJSON{}, Entries: []entryJSON{},
	}
	for _, d := range []Disposition{Now, Wait, Cannot, Already} {
		out.Counts[d.String()] = p.Count(d)
	}
	for _, r := range p.Reasons {
		out.Reasons = append(out.Reasons, reasonJSON{r.Disposition.String(), r.Why, r.Count})
	}
	for _, e := range p.Entries {
		out.Entries = append(out.Entries, entryJSON{e.ID, e.State.String(), utc(e.AsOf), e.Disposition.String(), e.Why})
	}
	return json.Marshal(out)
}

// utc returns a time for JSON, nil for the zero time.
func utc(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
