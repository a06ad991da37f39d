package config

import (
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/client/stripe"
	"idtop/client/views"
	"idtop/model"
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

	Theme string // one of model.Themes; "": auto
	ASCII *bool  // nothing but ASCII is drawn; nil: as OnlyASCII tells

	Rule      insights.Rule   // when a reason rose; a field that is zero is as usual
	Privacy   *bool           // whether nobody is named on the screen; nil: not said
	Clipboard model.Clipboard // what may be copied, and for how long
	Bell      bool            // the terminal's bell rings for a rise

	Mouse bool // the mouse is on at the start

	Views []views.View // shown beside the saved ones

	Undo           time.Duration // how long a confirmed job can be recalled
	MaxItems       int           // how many sessions one job takes; 0: the usual number
	ReasonRequired bool
	Ticket         *regexp.Regexp // text that a reason may contain even if it is a user_id, such as a ticket number; nil: none
	LedgerHead     string         // a file, or "syslog"; "": nowhere

	Account string // the only account that may be opened; "": any
	Mode    string // the only mode, as client.ModeName names it; "": any

	Profiles []Profile // of the config, in its order; before them the settings without a profile if they are used

	bindings   []binding         // of the config, those of the profile first
	from       map[string]string // from where a setting is, by its name; nothing: it is as usual
	keyCommand []string          // of the config
	keyFolder  string            // where keyCommand runs
	keySource  string            // how messages name KeyFile or keyCommand
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
	o.ASCIIFlag(flags)
}

// ASCIIFlag adds the flag of all commands that draw signs.
func (o *Options) ASCIIFlag(flags *pflag.FlagSet) {
	flags.BoolFunc("ascii", "draw in ASCII only, as where locale or terminal know no Unicode", func(text string) error {
		ascii, err := strconv.ParseBool(text)
		o.ASCII = &ascii
		return err
	})
}

// ReadOnlyFlag adds the flag that all these commands have.
func (o *Options) ReadOnlyFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&o.ReadOnly, "read-only", false, "change nothing at Stripe, whatever is pressed or confirmed")
}

// Complete fills in the config's settings that no flag set.
func (o *Options) Complete(p *Process, flags *pflag.FlagSet) error {
	given := map[string]bool{}
	for i := range settings {
		s := &settings[i]
		if f := flags.Lookup(s.flag); f != nil && f.Changed {
			given[s.group()] = true
			o.note(s.name, "--"+s.flag)
		}
	}
	o.Undo = UsualUndo
	defer o.nameKey()
	name, text, err := o.findConfig(p)
	if err != nil || text == nil {
		return err
	}
	d, found := checkedDocument(p, name, text)
	if found != nil {
		return first(name, found)
	}
	if o.Profile == "" {
		o.Profile, _ = d.values["profile"].(string)
	}
	layers, ok := d.layers(o.Profile)
	if !ok {
		return fail.New(d.profilesHint(), "config %s: there is no profile %s", safe.Quote(name), safe.Quote(o.Profile))
	}
	o.keyFolder = filepath.Dir(name)
	o.Profiles = d.choices(p, o.Profile == "")
	o.take(p, d, given, layers...) // without a mistake, as check has seen
	return nil
}

// nameKey says how messages name the key's source.
func (o *Options) nameKey() {
	switch from := o.from["key_file"]; {
	case from == "--key-file":
		o.keySource = from
	case from != "":
		o.keySource = "key_file of " + from
	case o.keyCommand != nil:
		o.keySource = "key_command of " + o.from["key_command"]
	}
}

// needed are the flags that must not be empty, with what each needs.
var needed = [][2]string{
	{"key-file", "a file name"}, {"api-base", "an address"}, {"profile", "a name"}, {"config", "a file name"}, {"data-dir", "a folder"},
}

// Check refuses flags that can't be used.
func (o *Options) Check(flags *pflag.FlagSet) error {
	for _, n := range needed {
		if f := flags.Lookup(n[0]); f != nil && f.Changed && f.Value.String() == "" {
			return fail.Misuse(fail.HelpHint, "--%s: %s is missing", n[0], n[1])
		}
	}
	if err := stripe.CheckBaseURL(o.APIBase); err != nil {
		return fail.Misuse(fail.HelpHint, "--api-base: %s", err)
	}
	return nil
}
