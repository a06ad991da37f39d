package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client"
	"idtop/client/stripe"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// lookAtConfig finds all mistakes of the config, and completes the options where there
// is none.
func (d *doctor) lookAtConfig(c *cobra.Command) {
	checked, err := config.Check(d.p, d.o.File)
	switch {
	case err != nil:
		d.failed("file", err)
		return
	case checked.File == "":
		d.add("file", note, "there is none: all settings are as usual", "")
	case len(checked.Mistakes) == 0:
		d.add("file", fine, safe.Quote(checked.File), "")
	}
	for _, m := range checked.Mistakes {
		d.add("file", fault, m.Words(), m.Way)
	}
	if len(checked.Mistakes) > 0 {
		return
	}
	if err := d.o.Complete(d.p, c.Flags()); err != nil {
		d.failed("profile", err)
		return
	}
	d.o.UseCharacters(d.p)
	if d.o.Profile != "" {
		d.add("profile", fine, safe.Quote(d.o.Profile), "")
	}
}

// lookForKey finds the key as a start does.
func (d *doctor) lookForKey(ctx context.Context) {
	before := d.p.Getenv(config.KeyVariable) != "" || d.o.NamedKey() != "" // than the keyring
	ring := config.ProbeRing(ctx, d.p, d.o)
	if before || ring == nil || errors.Is(ring, config.ErrNoKeyring) || errors.Is(ring, config.ErrNotInRing) {
		d.findKey(ctx)
	} else {
		d.add("source", notChecked, "the search for a key ends at the keyring", "")
	}
	switch {
	case errors.Is(ring, config.ErrNoKeyring):
		d.add("keyring", note, ring.Error()+": idtop login can keep no key here", "")
	case errors.Is(ring, config.ErrNotInRing):
		d.add("keyring", fine, d.o.RingSource()+" answers, and has no key", "")
	case ring != nil && before: // not needed now
		d.add("keyring", warning, fail.Of(ring).Text, "unlock the keyring to keep a key in it with idtop login")
	case ring != nil:
		d.failed("keyring", ring)
	default:
		d.add("keyring", fine, d.o.RingSource()+" has a key", "")
	}
}

func (d *doctor) findKey(ctx context.Context) {
	key, err := config.FindKey(ctx, d.p, d.o)
	if err != nil {
		d.failed("source", err)
		return
	}
	d.key = key.Key
	d.add("source", fine, fmt.Sprintf("%s, from %s", key, key.Source), "")
	d.lookAtMode()
}

func (d *doctor) lookAtMode() {
	mode := modeOf(d.key)
	switch err := d.o.CheckMode(d.key); {
	case err != nil:
		d.failed("mode", err)
	case d.key.FullLive():
		d.add("mode", warning, mode+": "+client.FullKeyWarning, client.FullKeyHint())
	default:
		d.add("mode", fine, mode, "")
	}
}

// lookAtStripe tries what the key may do, once it is known that it is a key of the
// account and the mode of the profile.
func (d *doctor) lookAtStripe(ctx context.Context) {
	skipped := ""
	switch {
	case d.key == (client.Key{}):
		skipped = "there is no key"
	case d.o.CheckMode(d.key) != nil:
		skipped = "the key is of the other mode"
	}
	if skipped != "" {
		d.add("server", notChecked, skipped, "")
		return
	}
	s, err := newServer(stripe.Config{Key: d.key, BaseURL: d.o.APIBase, ReadOnly: true}, 0)
	if err != nil {
		d.failed("server", err)
		return
	}
	t := try(ctx, s.once, d.key, func(account string) error { return d.o.CheckAccount(account, d.key) })
	if d.out.Permissions = append(d.out.Permissions, t.trials...); ctx.Err() != nil {
		return
	}
	server := "Stripe"
	if !config.IsStripe(d.o.APIBase) {
		server = safe.Quote(d.o.APIBase)
	}
	if t.err != nil {
		d.failed("server", outage(t.err))
	} else {
		d.add("server", fine, server+" answers", "")
		d.lookAtAccount(t)
		for _, one := range t.trials {
			d.lookAtTrial(one)
		}
	}
	if !t.date.IsZero() {
		d.lookAtClock(t)
	}
}

func (d *doctor) lookAtAccount(t tried) {
	if t.account.ID == "" {
		d.add("account", note, "not known: the key may not tell whose it is, so its mirror is named after the key", "")
		return
	}
	d.add("account", fine, strings.TrimSpace(t.account.ID+" "+t.account.Name), "")
}

// lacking says what idtop does without a permission.
var lacking = map[string]string{
	"reports": "lists show no documents, countries and attempts, and nothing is said of what rose",
	"events":  "changes are found by listing sessions again: that costs more requests, and some are found late",
}

// lookAtTrial says whether the key may do something that idtop can use.
func (d *doctor) lookAtTrial(t trial) {
	give := `in the Stripe Dashboard give the key "` + t.Permission + `"`
	text := string(t.May) + ": " + t.For
	if t.Why != "" {
		text += " (" + t.Why + ")"
	}
	without := lacking[t.What]
	switch {
	case t.May == allowed:
		d.add(t.What, fine, text, "")
	case t.May == denied && t.What == "sessions":
		d.add(t.What, fault, text, give)
	case t.May == unknown && t.What == "sessions":
		d.add(t.What, fault, text, "try again in a while; see status.stripe.com if it lasts")
	case t.May == denied && without != "":
		d.add(t.What, warning, text+"; without it "+without, give)
	case t.May == unknown:
		d.add(t.What, warning, text, "try again in a while")
	default:
		d.add(t.What, note, text, "")
	}
}

// tolerable is how far the clocks may differ. A Date has whole seconds.
const tolerable = 5 * time.Second

func (d *doctor) lookAtClock(t tried) {
	ahead := t.date.Sub(t.asked.Add(t.took / 2)).Round(time.Second)
	if ahead.Abs() >= 2*time.Minute {
		ahead = ahead.Round(time.Minute)
	}
	switch {
	case ahead.Abs() <= tolerable:
		d.add("clock", fine, "as the server's, within "+tolerable.String(), "")
	case ahead > 0:
		d.add("clock", warning, fmt.Sprintf("this machine is %s behind the server", roughly(ahead)), setClock)
	default:
		d.add("clock", warning, fmt.Sprintf("this machine is %s ahead of the server", roughly(-ahead)), setClock)
	}
}

const setClock = "set this machine's clock: idtop allows for the difference, but the ledger's own times are this machine's"

// outage is why nothing can be said of a key, without the server's words: a stranger's
// server could repeat the key in them, in any form.
func outage(err error) error {
	var e *client.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case client.KindNetwork, client.KindRefused:
		return fail.New("check the network, the proxy and --api-base", "%s", err)
	}
	text := e.Summary()
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.RequestID != "" {
		text += " (" + e.RequestID + ")"
	}
	return fail.New(e.Hint(), "%s", text)
}
