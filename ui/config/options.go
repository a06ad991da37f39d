package config

import (
	"regexp"
	"time"

	"github.com/spf13/pflag"

	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/stripe"
	"idtop/client/views"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// Options name the account, its API server and the folder of its mirror, and limit
// what may be changed. A flag overrides the profile, and the profile overrides the
// settings for all.
type Options struct {
	File     string // the config; "": the usual one
	Profile  string
	APIBase  string
	KeyFile  string
	DataDir  string
	ReadOnly bool
	Poll     time.Duration
	Metadata []string     // keys of metadata to keep, besides user_id
	Reports  *mirror.Kept // nil: not said, see KeptReports
	Reads    int64        // limit of reads in a month; 0: no limit

	Rule insights.Rule // when a reason rose; what is zero is as usual
	Bell bool          // the terminal's bell rings for a rise

	Views []views.View // shown beside the saved ones

	Undo           time.Duration // how long a confirmed job can be recalled
	MaxItems       int           // how many sessions one job takes; 0: the usual number
	ReasonRequired bool
	Ticket         *regexp.Regexp // text that a reason may contain even if it is a user_id, such as a ticket number; nil: none
	LedgerHead     string         // a file, or "syslog"; "": nowhere

	keyCommand []string // of the config
	keyFolder  string   // where keyCommand runs
	keySource  string   // how messages name KeyFile or keyCommand
}

// KeptReports tells which reports the mirror of an account keeps. In live mode it keeps none
// until the config says so.
func (o *Options) KeptReports(live bool) mirror.Kept {
	switch {
	case o.Reports != nil:
		return *o.Reports
	case live:
		return mirror.KeptOff
	}
	return mirror.KeptAll
}

// Flags adds the flags of all commands on an account.
func (o *Options) Flags(flags *pflag.FlagSet) {
	flags.StringVar(&o.APIBase, "api-base", "", "read from this `URL` instead of Stripe's: https, or http on loopback")
	flags.StringVar(&o.KeyFile, "key-file", "", "read the API key from this `FILE`")
	flags.StringVar(&o.Profile, "profile", "", "take the key and the rest from this profile, a `NAME` in the config")
	flags.StringVar(&o.File, "config", "", "read this config `FILE`")
	flags.StringVar(&o.DataDir, "data-dir", "", "keep the mirrors in this `FOLDER`")
	o.ReadOnlyFlag(flags)
}

// ReadOnlyFlag adds the flag that all these commands have.
func (o *Options) ReadOnlyFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&o.ReadOnly, "read-only", false, "change nothing at Stripe, whatever is pressed or confirmed")
}

// Complete fills in the config's settings that no flag set.
func (o *Options) Complete(p *Process, flags *pflag.FlagSet) error {
	if o.KeyFile != "" {
		o.keySource = "--key-file"
	}
	o.Undo = UsualUndo
	name, text, err := o.findConfig(p)
	if err != nil || text == nil {
		return err
	}
	file, err := parseConfig(name, text)
	if err != nil {
		return err
	}
	if o.Profile == "" {
		o.Profile = file.Profile
	}
	layers := []layer{{"the config", file.settings}}
	if o.Profile != "" {
		own, ok := file.Profiles[o.Profile]
		if !ok {
			return fail.New(profilesHint(file), "config %s: there is no profile %s", safe.Quote(name), safe.Quote(o.Profile))
		}
		layers = append([]layer{{"profile " + safe.Quote(o.Profile), own}}, layers...)
	}
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	for _, l := range layers {
		if err := o.take(p, name, l, given); err != nil {
			return err
		}
	}
	return nil
}

// needed are the flags that must not be empty, with what each needs.
var needed = [][2]string{
	{"key-file", "a file name"}, {"api-base", "an address"}, {"profile", "a name"}, {"config", "a file name"}, {"data-dir", "a folder"},
}

// Check refuses flags that can't be used.
func (o *Options) Check(flags *pflag.FlagSet) error {
	for _, n := range needed {
		if f := flags.Lookup(n[0]); f.Changed && f.Value.String() == "" {
			return fail.Misuse(fail.HelpHint, "--%s: %s is missing", n[0], n[1])
		}
	}
	if err := checkBase(o.APIBase); err != nil {
		return fail.Misuse(fail.HelpHint, "--api-base: %s", err)
	}
	return nil
}

// checkBase fails for an impossible address of the API.
func checkBase(base string) error {
	_, err := stripe.New(stripe.Config{Key: DemoKey, BaseURL: base})
	return err
}
