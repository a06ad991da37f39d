package cli

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/act"
	"idtop/client/ledger"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// acting is what a config says about changing something.
type acting struct {
	undo           time.Duration // how long what was confirmed can be recalled
	maxItems       int           // how many sessions one job takes
	reasonRequired bool
	ticket         *regexp.Regexp // what a reason may hold although it is a user_id; nil: nothing
	ledgerHead     string         // a file, or "syslog"; "": nowhere
}

// usualUndo is how long what was confirmed can be recalled unless a config says
// otherwise.
const usualUndo = 5 * time.Second

// The bounds of the settings.
const (
	longestUndo = 10 * time.Minute
	mostItems   = 10_000
)

// useActing takes what one level of the config says about acting.
func (o *accountOptions) useActing(p *Process, file string, l settings, first func(string, bool) bool, wrong func(key, hint, format string, args ...any) error) error {
	if first("undo", l.Undo != "") {
		undo, err := time.ParseDuration(l.Undo)
		if err != nil || undo < 0 || undo > longestUndo {
			return wrong("undo", `write it like "5s"; "0s" turns it off`, "%s is not from 0s to 10m", safe.Quote(l.Undo))
		}
		o.undo = undo
	}
	if first("max-items", l.MaxItems != nil) {
		if o.maxItems = *l.MaxItems; o.maxItems < 1 || o.maxItems > mostItems {
			return wrong("max_items", "leave it out for the usual 500", "%d is not from 1 to %s", o.maxItems, safe.Num(mostItems))
		}
	}
	if first("reason-required", l.ReasonRequired != nil) {
		o.reasonRequired = *l.ReasonRequired
	}
	if first("ticket", l.Ticket != "") {
		rule, err := regexp.Compile("^(?:" + l.Ticket + ")$")
		switch {
		case err != nil:
			return wrong("ticket", `write it like 'DSR-\d+'`, "%s is no regular expression", safe.Quote(l.Ticket))
		case rule.MatchString(""):
			return wrong("ticket", `write it like 'DSR-\d+'`, "%s matches a text without anything", safe.Quote(l.Ticket))
		}
		o.ticket = rule
	}
	if first("ledger-head", l.LedgerHead != "") {
		if o.ledgerHead = l.LedgerHead; l.LedgerHead != syslogHead {
			o.ledgerHead = inConfig(p, file, l.LedgerHead)
		}
	}
	return nil
}

// mayAct refuses to change something where the config forbids it.
func (o *accountOptions) mayAct(reason string) error {
	switch {
	case o.readOnly:
		return fail.New("leave out --read-only, and read_only in the config", "read-only: nothing is changed at Stripe")
	case o.reasonRequired && strings.TrimSpace(reason) == "":
		return fail.Misuse("add --reason with why, or a ticket", "the config requires a reason: nothing was sent")
	}
	return nil
}

// mayActHere refuses to change a live account without a reason: nobody types
// :write there, so the reason is recorded as switching writing on.
func (w *workplace) mayActHere(reason string) error {
	if w.server.key.Live() && strings.TrimSpace(reason) == "" {
		return fail.Misuse("add --reason with why, or a ticket; it is recorded", "a live account is changed only with a reason: nothing was sent")
	}
	return nil
}

// write lets something be changed. In a live account that is recorded first.
func (w *workplace) write(desk *act.Desk, reason string) error {
	if w.server.key.Live() {
		if err := desk.Note(ledger.WriteMode, "", "", "on", strings.TrimSpace(reason)); err != nil {
			return notTaken(err)
		}
	}
	w.server.gate.Open()
	return nil
}

// notTaken words why what was confirmed is not begun.
func notTaken(err error) error {
	var reason *act.ReasonError
	if errors.As(err, &reason) {
		return fail.Misuse("say it in other words with --reason; what matches ticket in the config may be there", "%s: nothing was sent", reason)
	}
	return fail.New(cmp.Or(client.HintOf(err), "look at the plan again: --plan instead of --confirm"), "nothing was sent: %s", err)
}

// syslogHead sends the ledger's head to the system's log.
const syslogHead = "syslog"

// ledgerOptions are how the ledger is kept.
func (o *accountOptions) ledgerOptions(version string) ledger.Options {
	options := ledger.Options{Tool: version}
	switch o.ledgerHead {
	case "":
	case syslogHead:
		options.OnHead = ledger.SyslogSink()
	default:
		options.OnHead = ledger.FileSink(o.ledgerHead)
	}
	return options
}
