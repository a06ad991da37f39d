package cli

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"idtop/client/stripe"
	"idtop/ui/safe"
)

// built describes how this program was built. A field that Go did not note is empty:
// a commit and its time are known of builds in a clone only.
type built struct {
	Version   string `json:"version"`
	Commit    string `json:"commit,omitempty"`
	Committed string `json:"committed,omitempty"` // RFC 3339
	Changed   bool   `json:"changed"`             // the clone had changes that were not committed
	Go        string `json:"go"`
	System    string `json:"system"`     // GOOS/GOARCH
	StripeAPI string `json:"stripe_api"` // the version of Stripe's API that is asked for
}

func versionCommand(p *Process) *cobra.Command {
	format := "text"
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version, and how the program was built",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			b := builtOf(p.Version, info)
			return tell(p, format, b, b.text())
		},
	}
	c.Flags().Var(choice{&format, []string{"text", "json"}}, "format", "text or json")
	withHelp(c)
	return c
}

// builtOf reads what Go noted in the program; info is nil where it noted nothing.
func builtOf(version string, info *debug.BuildInfo) built {
	b := built{Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, StripeAPI: stripe.APIVersion}
	if info == nil {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Committed = s.Value
		case "vcs.modified":
			b.Changed = s.Value == "true"
		}
	}
	return b
}

func (b built) text() string {
	var text strings.Builder
	line := func(name, value string) {
		if value != "" {
			text.WriteString(name + strings.Repeat(" ", 12-len(name)) + safe.Line(value).String() + "\n")
		}
	}
	commit := b.Commit
	if b.Changed {
		commit += ", changed since"
	}
	text.WriteString("idtop " + safe.Line(b.Version).String() + "\n")
	line("commit", commit)
	line("committed", b.Committed)
	line("go", b.Go)
	line("system", b.System)
	line("Stripe API", b.StripeAPI)
	return text.String()
}
