package mirror_test

import (
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// TestStatesIn: where a query fixes the state, its states are exactly that one. That it is never
// fewer than there are is part of the conformance suite.
func TestStatesIn(t *testing.T) {
	failed, processing := mirror.StatesOf(client.StateFailed), mirror.StatesOf(client.StateProcessing)
	erased := mirror.StatesOf(client.StateRedacting, client.StateRedacted)
	for line, want := range map[string]mirror.States{
		"": 0, "ann": 0, "reason:document_*": 0, "age:>2h": 0, "NOT ann": 0, "stuck:no": 0, "stuck:yes,no": 0, "state:*": 0,
		"state:failed":                                     failed,
		"ann state:failed since:<1h":                       failed,
		"state:fail*":                                      failed,
		"state:failed,waiting -state:waiting":              failed,
		"state:failed,waiting NOT (state:waiting OR ann)":  failed,
		"(state:failed reason:*) OR (ann state:failed)":    failed,
		"state:failed OR ann":                              0,
		"-(-state:failed OR type:document)":                failed,
		"stuck:yes":                                        processing,
		"-stuck:no":                                        processing,
		"-stuck:yes":                                       0,
		"redacted:yes":                                     erased,
		"redacted:yes state:redacting":                     mirror.StatesOf(client.StateRedacting),
		"redacted:no state:failed,redacted":                failed,
		"state:failed state:waiting":                       0, // nothing is found
		"state:failed,processing -state:failed":            processing,
		"state:failed reason:x OR state:waiting":           mirror.StatesOf(client.StateFailed, client.StateWaiting),
		"NOT (state:failed AND stuck:yes) state:failed":    failed,
		"-state:waiting,processing,verified,canceled,red*": mirror.StatesOf(client.StateFailed, client.StateUnknown),
	} {
		if got := mirror.StatesIn(query.Parse(line)); got != want {
			t.Errorf("%s: %b, want %b", line, got, want)
		}
	}
}
