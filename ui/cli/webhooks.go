package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/pflag"

	"idtop/client/emulator"
	"idtop/client/guard"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// webhookOptions are the emulator's flags for the receivers of its events and the
// address of its pages.
type webhookOptions struct {
	urls      []string
	secrets   []string // the n-th secret belongs to the n-th URL
	events    []string // those of the n-th URL; it gets all where none are given
	version   string
	anywhere  bool
	publicURL string
}

func (o *webhookOptions) flags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&o.urls, "webhook", nil, "send signed events to this `URL`")
	flags.StringArrayVar(&o.secrets, "webhook-secret", nil, "its `SECRET`, whsec_...; NEW,OLD while rolled")
	flags.StringArrayVar(&o.events, "webhook-events", nil, "event `TYPES` that it gets, by commas; or *")
	flags.StringVar(&o.version, "webhook-version", emulator.APIVersion, "`V` of its events")
	flags.BoolVar(&o.anywhere, "webhook-anywhere", false, "let events leave this machine")
	flags.StringVar(&o.publicURL, "public-url", "", "the `URL` that links begin with")
}

// apply puts the flags into a configuration. It makes up missing secrets; generated
// tells which.
func (o *webhookOptions) apply(c *emulator.Config) (generated []bool, err error) {
	hint := "idtop emulator --help lists the flags"
	switch {
	case len(o.secrets) > len(o.urls):
		return nil, fail.Misuse("give each --webhook-secret after its --webhook", "--webhook-secret: there are %d for %d endpoints", len(o.secrets), len(o.urls))
	case len(o.urls) == 0 && len(o.events) > 0:
		return nil, fail.Misuse("say where they go to: --webhook http://127.0.0.1:4242/webhook", "--webhook-events: there is no --webhook")
	case len(o.events) > len(o.urls):
		return nil, fail.Misuse("give each --webhook-events after its --webhook, with commas between its types",
			"--webhook-events: there are %d for %d endpoints", len(o.events), len(o.urls))
	}
	for n, u := range o.urls {
		h := emulator.Webhook{URL: u, APIVersion: o.version}
		if n < len(o.events) {
			h.Events = strings.Split(o.events[n], ",")
		}
		if n < len(o.secrets) {
			h.Secret, h.OldSecret, _ = strings.Cut(o.secrets[n], ",")
		} else {
			h.Secret = "whsec_" + rand.Text()
		}
		generated = append(generated, n >= len(o.secrets))
		c.Webhooks = append(c.Webhooks, h)
	}
	c.WebhooksAnywhere = o.anywhere
	if o.publicURL != "" {
		c.PublicURL = o.publicURL
		if u, err := url.Parse(o.publicURL); err == nil && u.Hostname() != "" {
			c.Hosts = append(c.Hosts, u.Hostname()) // browsers will use this name
		}
	}
	if err := c.Check(); err != nil {
		anywhere := *c
		if anywhere.WebhooksAnywhere = true; anywhere.Check() == nil {
			hint = "--webhook-anywhere lets events leave this machine"
		}
		return nil, fail.Misuse(hint, "%s", err)
	}
	return generated, nil
}

// deliver lets a server send its events until stop is called, which waits for the
// requests under way.
func deliver(ctx context.Context, s *emulator.Server) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	guard.Go(func() {
		defer close(ended)
		defer guard.Catch()
		s.Deliver(ctx)
	})
	return func() {
		cancel()
		<-ended
	}
}

// announceWebhooks says where events are sent, and shows the generated secrets.
func announceWebhooks(w io.Writer, c emulator.Config, generated []bool) {
	for n, h := range c.Webhooks {
		secret := safe.Lit("the given secret")
		if generated[n] {
			secret = safe.Line(h.Secret)
		}
		fmt.Fprintf(w, "events go to %s, signed with %s\n", safe.Line(h.URL), secret)
	}
}
