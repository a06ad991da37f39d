package timeline

import (
	"time"

	"idtop/client/ledger"
)

// acts are the entries of what operators did here: an intent and its outcome are one.
func acts(records []ledger.Record, v View) (entries []Entry) {
	outcomes := map[uint64]ledger.Record{}
	for _, r := range records {
		if r.Kind == ledger.KindOutcome {
			outcomes[r.Intent] = r
		}
	}
	sent := map[string]bool{} // jobs that came to an intent
	for _, r := range records {
		sent[r.Job] = sent[r.Job] || r.Kind == ledger.KindIntent
	}
	for _, r := range records {
		switch {
		case r.Kind == ledger.KindOutcome && r.Verb != ledger.Create:
			continue // it is part of its intent; the intent of a creation names no session yet
		case r.Verb == ledger.Confirm && sent[r.Job]:
			continue // so is the confirmation
		}
		end, ended := outcomes[r.Seq]
		if r.Kind == ledger.KindOutcome {
			end, ended = r, true
		}
		entries = append(entries, Entry{
			Kind: Act, At: serverTime(r, end, ended, v), Words: deed(r, end, ended), Who: r.Actor.User, Mine: r.Actor == v.Actor,
			Reason: r.Reason, Ledger: r.Seq,
		})
	}
	return entries
}

// serverTime is when an act took effect, by the server's clock as well as it is known.
func serverTime(r, end ledger.Record, ended bool, v View) time.Time {
	if ended && !end.Server.IsZero() {
		return end.Server
	}
	return r.Time.Add(v.Ahead).Truncate(time.Second)
}

// deeds are what the verbs do: done, and to be done.
var deeds = map[ledger.Verb][2]string{
	ledger.Confirm: {"confirmed a job for it"},
	ledger.Recall:  {"recalled the job"},
	ledger.Resume:  {"went on with the job"},
	ledger.Abort:   {"stopped the job"},
	ledger.Cancel:  {"canceled it", "cancel it"},
	ledger.Redact:  {"redacted it", "redact it"},
	ledger.Create:  {"created it", "create it"},
	ledger.Update:  {"changed its metadata", "change its metadata"},
	ledger.Link:    {"copied a fresh link", "fetch a fresh link"},
	ledger.Reveal:  {"revealed its outputs", "reveal its outputs"},
	ledger.Copy:    {"copied its user_id", "copy its user_id"},
	ledger.Export:  {"exported it", "export it"},
}

// deed is what was done, in words, and what came of it where it was not done.
func deed(r, end ledger.Record, ended bool) string {
	words, ok := deeds[r.Verb]
	if !ok {
		words = [2]string{string(r.Verb), string(r.Verb)}
	}
	switch {
	case r.Kind == ledger.KindNote:
		return words[0]
	case !ended:
		return "wants to " + words[1] + ": no outcome yet"
	}
	switch end.Result {
	case ledger.Succeeded:
		return words[0]
	case ledger.NotStarted:
		return "wanted to " + words[1] + ": never sent"
	case ledger.Unknown:
		return "tried to " + words[1] + ": no answer came"
	}
	if end.Detail != "" {
		return "could not " + words[1] + ": " + end.Detail
	}
	return "could not " + words[1]
}
