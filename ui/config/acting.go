package config

import (
	"regexp"
	"time"

	"idtop/client/ledger"
	"idtop/ui/safe"
)

// UsualUndo is how long a confirmed job can be recalled, unless the config says
// otherwise.
const UsualUndo = 5 * time.Second

const longestUndo = 10 * time.Minute

// MostItems is the greatest number of sessions that one job may take.
const MostItems = 10_000

// takeActing takes the settings about changes from one level of the config.
func (o *Options) takeActing(p *Process, file string, l settings, first func(string, bool) bool, wrong func(key, hint, format string, args ...any) error) error {
	if first("undo", l.Undo != "") {
		undo, err := time.ParseDuration(l.Undo)
		if err != nil || undo < 0 || undo > longestUndo {
			return wrong("undo", `write it like "5s"; "0s" turns it off`, "%s is not from 0s to 10m", safe.Quote(l.Undo))
		}
		o.Undo = undo
	}
	if first("max-items", l.MaxItems != nil) {
		if o.MaxItems = *l.MaxItems; o.MaxItems < 1 || o.MaxItems > MostItems {
			return wrong("max_items", "leave it out for the usual 500", "%d is not from 1 to %s", o.MaxItems, safe.Num(MostItems))
		}
	}
	if first("reason-required", l.ReasonRequired != nil) {
		o.ReasonRequired = *l.ReasonRequired
	}
	if first("ticket", l.Ticket != "") {
		rule, err := regexp.Compile("^(?:" + l.Ticket + ")$")
		switch {
		case err != nil:
			return wrong("ticket", `write it like 'DSR-\d+'`, "%s is no regular expression", safe.Quote(l.Ticket))
		case rule.MatchString(""):
			return wrong("ticket", `write it like 'DSR-\d+'`, "%s matches a text without anything", safe.Quote(l.Ticket))
		}
		o.Ticket = rule
	}
	if first("ledger-head", l.LedgerHead != "") {
		if o.LedgerHead = l.LedgerHead; l.LedgerHead != syslogHead {
			o.LedgerHead = inConfig(p, file, l.LedgerHead)
		}
	}
	return nil
}

// syslogHead sends the ledger's head to the system's log.
const syslogHead = "syslog"

// Ledger says how a book is kept, by this version of idtop.
func (o *Options) Ledger(version, book string) ledger.Options {
	options := ledger.Options{Tool: version}
	switch o.LedgerHead {
	case "":
	case syslogHead:
		options.OnHead = ledger.SyslogSink()
	default:
		options.OnHead = ledger.FileSink(o.LedgerHead, book)
		options.Sent = func() (ledger.Head, error) { return ledger.FileHead(o.LedgerHead, book) }
	}
	return options
}
