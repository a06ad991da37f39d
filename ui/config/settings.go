package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"idtop/client"
	"idtop/model"
)

// setting is one setting of the config. The table of settings is their one owner:
// reading and its errors, `config show`, the hint of known names and the table in
// USING.md all come from it. A new setting is one row; then
// `go test ./ui/config -run Pages -update` writes the row of USING.md.
type setting struct {
	name    string
	usual   string // what holds without it, in words
	does    string // one line for USING.md
	hint    string // what to do about a wrong value; "": the hint of its kind
	flag    string // the flag that counts before the config; "": none
	instead string // the setting that this one excludes; "": none
	top     bool   // it can't be in a profile
	adds    bool   // the profile's and that of all profiles count together
	kind
}

// kind is the form of a value: how the options take it and show it again.
type kind struct {
	form string // as it follows "must be"
	hint string
	take func(*Options, value)
	show func(*Options) any // the value for JSON
}

// The bounds of the flags and settings.
const (
	ShortestPoll, LongestPoll = time.Second, time.Hour
	longestUndo               = 10 * time.Minute
	mostReads                 = 1_000_000_000
	mostRise                  = 1_000_000
)

// MostItems is the greatest number of sessions that one job may take.
const MostItems = 10_000

// UsualUndo is how long a confirmed job can be recalled, unless the config says
// otherwise.
const UsualUndo = 5 * time.Second

var settings = []setting{
	{name: "profile", flag: "profile", top: true, usual: "none", does: "the profile that counts without `--profile`",
		kind: text(func(o *Options) *string { return &o.Profile })},
	{name: "account", usual: "that of the key", does: "the account's id: the key of another account is refused before anything is read",
		kind: matching(regexp.MustCompile(`^acct_[A-Za-z0-9]{1,64}$`), "an account's id", `write it like "acct_1NabcdEFGH"`, func(o *Options) *string { return &o.Account })},
	{name: "mode", usual: "that of the key", does: "a key of the other mode is refused",
		kind: choice(func(o *Options) *string { return &o.Mode }, client.ModeName(true), client.ModeName(false))},
	{name: "key_file", flag: "key-file", usual: "none", does: "the file that holds the key",
		kind: path(func(o *Options) *string { return &o.KeyFile })},
	{name: "key_command", instead: "key_file", usual: "none", does: "a program that prints the key, and its arguments; it runs without a shell, in the config's folder, for a minute at most; `./x` is beside the config",
		kind: command(func(o *Options) *[]string { return &o.keyCommand })},
	{name: "api_base", flag: "api-base", usual: "Stripe's", does: "another server than Stripe's",
		kind: address(func(o *Options) *string { return &o.APIBase })},
	{name: "data_dir", flag: "data-dir", usual: "the system's folder for state", does: "the folder of the mirrors and the books",
		kind: path(func(o *Options) *string { return &o.DataDir })},
	{name: "poll", flag: "poll", usual: "3s", does: "the time between two reads from Stripe while you look",
		kind: span(ShortestPoll, LongestPoll, func(o *Options) *time.Duration { return &o.Poll })},
	{name: "reads_per_month", usual: "no limit", does: "the requests that an account's month may have", hint: "leave it out for no limit",
		kind: number(0, mostReads, func(o *Options) *int64 { return &o.Reads })},
	{name: "metadata", usual: "none", does: "names of metadata to keep besides `user_id`: they can be searched, and be columns",
		kind: texts(func(o *Options) *[]string { return &o.Metadata })},
	{name: "reports", usual: "off in live mode, all in test mode", does: "the report facts that the mirror keeps; recent are those of the last 30 days",
		kind: keptReports()},
	{name: "read_only", flag: "read-only", usual: "false", does: "change nothing at Stripe, for good",
		kind: boolean(func(o *Options) *bool { return &o.ReadOnly })},
	{name: "rise_least", usual: "10", does: "how many failures for one reason in the last hour are a rise at least", hint: "leave it out for the usual rule",
		kind: number(1, mostRise, func(o *Options) *int { return &o.Rule.Least })},
	{name: "rise_times", usual: "3", does: "and how many times as many as usual", hint: "leave it out for the usual rule",
		kind: number(1, mostRise, func(o *Options) *int { return &o.Rule.Times })},
	{name: "privacy", usual: "only user_ids that are an e-mail or a number are masked, in lists", does: "true begins with nobody named on the screen, as `ctrl+p` does; false names everybody in lists too",
		kind: decided(func(o *Options) **bool { return &o.Privacy })},
	{name: "copy_user_ids", usual: "false; in test mode always", does: "`Y` copies a user_id in a live account too; each copy is recorded",
		kind: boolean(func(o *Options) *bool { return &o.Clipboard.UserIDs })},
	{name: "copy_outputs", usual: "false", does: "`y` copies what `v` has revealed while it is shown; each copy is recorded",
		kind: boolean(func(o *Options) *bool { return &o.Clipboard.Outputs })},
	{name: "clipboard_clear", usual: "never", does: "how long a copy stays in the clipboard, or until idtop ends, if the terminal has not lost the focus and idtop copied nothing else since", hint: `write it like "30s", or leave it out`,
		kind: span(time.Second, time.Hour, func(o *Options) *time.Duration { return &o.Clipboard.Clear })},
	{name: "bell", usual: "false", does: "the terminal's bell rings once for each rise",
		kind: boolean(func(o *Options) *bool { return &o.Bell })},
	{name: "mouse", usual: "false", does: "the mouse is [on](#the-mouse) from the start",
		kind: boolean(func(o *Options) *bool { return &o.Mouse })},
	{name: "theme", usual: "auto", does: "the colours: `contrast` is of high contrast, `deuteranopia` and `tritanopia` are for eyes that don't tell some colours apart, `mono` has none; without `-dark` or `-light` by the terminal's background",
		kind: choice(func(o *Options) *string { return &o.Theme }, model.Themes...)},
	{name: "ascii", flag: "ascii", usual: "as the locale and the terminal need it", does: "`true`: draw in ASCII only; `false`: never by itself",
		kind: decided(func(o *Options) **bool { return &o.ASCII })},
	{name: "views", adds: true, usual: "none", does: "views beside the saved ones, each as `[[views]]`, or `[[profiles.live.views]]` for one profile: `name`, `query`, and if need be `sort`, `reverse = true` and `columns`; one that names a person is refused",
		kind: viewTables()},
	{name: "keys", adds: true, usual: "those of KEYS.md", does: "keys for actions, in `[keys]` or `[profiles.live.keys]`: below, Your own keys",
		kind: keyTable()},
	{name: "undo", usual: "5s", does: "how long confirmed work can be recalled before it is sent", hint: `write it like "5s"; "0s" turns it off`,
		kind: span(0, longestUndo, func(o *Options) *time.Duration { return &o.Undo })},
	{name: "max_items", usual: "500", does: "how many sessions one job may act on", hint: "leave it out for the usual 500",
		kind: number(1, MostItems, func(o *Options) *int { return &o.MaxItems })},
	{name: "reason_required", usual: "false", does: "nothing is canceled or redacted without a reason",
		kind: boolean(func(o *Options) *bool { return &o.ReasonRequired })},
	{name: "ticket", usual: "none", does: "the form of a ticket, for the whole of it, such as `'DSR-\\d+'`: a reason may hold a ticket even where it is somebody's `user_id`",
		kind: ticket()},
	{name: "ledger_head", usual: "none", does: "a file, or `\"syslog\"`, that gets the ledger's head every 100 records and at quit",
		kind: ledgerHead()},
}

// profilesTable is the table of the profiles in the config.
const profilesTable = "profiles"

// Names are the settings' names, in the order of the table.
func Names() []string {
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.name
	}
	return names
}

// knownNames is the hint of what the config may hold.
func knownNames() string {
	return "known are " + strings.Join(Names(), ", ") + ", and [profiles.NAME] with the same"
}

func settingOf(name string) (*setting, bool) {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.name == name })
	if i < 0 {
		return nil, false
	}
	return &settings[i], true
}

// group is the name under which a setting counts: one that excludes another shares
// its place.
func (s *setting) group() string {
	if s.instead != "" {
		return s.instead
	}
	return s.name
}
