package config

import "idtop/client/ledger"

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
