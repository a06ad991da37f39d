package cli

import (
	"strings"
	"time"

	"idtop/client/ledger"
	"idtop/ui/safe"
)

// acting is what a config says about changing something.
type acting struct {
	undo           time.Duration // how long what was confirmed can be recalled
	maxItems       int           // how many sessions one job takes
	reasonRequired bool
	ledgerHead     string // a file, or "syslog"; "": nowhere
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
		return failed("leave read_only out of the config, or name another profile", "read-only: nothing is changed at Stripe")
	case o.reasonRequired && strings.TrimSpace(reason) == "":
		return misuse("add --reason with why, or a ticket", "the config requires a reason: nothing was sent")
	}
	return nil
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
