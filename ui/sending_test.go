package ui

import (
	"testing"

	"github.com/charmbracelet/colorprofile"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/model"
)

// "It says sending cancel beside canceled": of a job that goes on, only the sessions
// that it has not reached yet are being sent.
func TestWhatIsCanceledIsNotBeingSent(t *testing.T) {
	on := &themeFor("", true, colorprofile.TrueColor).plain
	for _, c := range []struct {
		state client.State
		verb  client.Verb
		want  string
	}{
		{client.StateWaiting, client.Cancel, "sending cancel…"},
		{client.StateCanceled, client.Cancel, ""},
		{client.StateVerified, client.Redact, "sending redact…"},
		{client.StateProcessing, client.Redact, ""},
	} {
		m := model.Model{Jobs: model.Jobs{Sending: map[string]client.Verb{"vs_1": c.verb}}}
		if got, _ := reasonOf(on, &m, mirror.Row{ID: "vs_1", State: c.state}); got.String() != c.want {
			t.Errorf("%s of a %s session: %q, want %q", c.verb, c.state, got, c.want)
		}
	}
}
