package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"idtop/model"
	"idtop/ui/config"
	"idtop/ui/fail"
)

// unusable is the failure of a profile that shows nothing.
type unusable struct{ error }

// Unwrap returns the failure itself.
func (u *unusable) Unwrap() error { return u.error }

// dashboards are shown on one terminal, one after the other: each has a profile of its
// own, a server, a mirror, a book and a model, and nothing of them is left for the next.
type dashboards struct {
	process  *Process
	started  Process          // with the key in the environment, which is for the first profile
	first    dashboardOptions // of the first profile
	terminal *terminal        // nil until it is needed, and in plain mode
	private  bool             // nobody was named on the screen that was left
}

// runDashboard shows the sessions until the operator quits, the key is refused, or
// ctx ends. The end of ctx is no failure: the operator or the system asked for it.
func runDashboard(ctx context.Context, p *Process, o dashboardOptions) error {
	quietLibraries(p)
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard) // net/http logs to stderr, which is the screen

	all := &dashboards{process: p, started: *p, first: o}
	var before *dashboardOptions // shown again if the next one can't be
	for here := o; ; here.arrived = true {
		to, told, err := all.show(ctx, here)
		var refused *unusable
		switch {
		case errors.As(err, &refused) && before != nil && ctx.Err() == nil:
			here, before = *before, nil
			here.told = append(told, failed(refused.error))
		case errors.As(err, &refused):
			return refused.error
		case err != nil || to == nil:
			return err
		default:
			next, err := all.options(*to)
			if err != nil {
				here.told = append(told, failed(err))
				continue
			}
			was := here
			here, before = next, &was
			here.told = told
		}
	}
}

// failed says why another profile can't be shown.
func failed(err error) model.Message {
	f := fail.Of(err)
	return model.Message{Level: model.Failure, Text: "The other profile can't be shown: " + f.Text, Hint: f.Way}
}

// options are those of another profile: as of a start with it, but for the flags that
// name a key, a server or what to begin with.
func (d *dashboards) options(profile string) (dashboardOptions, error) {
	if profile == d.first.Profile {
		o := d.first
		o.query, o.open = "", ""
		return o, nil
	}
	o := newDashboardOptions(pflag.NewFlagSet("", pflag.ContinueOnError))
	for _, name := range []string{"config", "data-dir", "poll", "read-only"} {
		if f := d.first.flags.Lookup(name); f.Changed {
			_ = o.flags.Set(name, f.Value.String()) // as before
		}
	}
	_ = o.flags.Set("profile", profile)
	if err := o.Complete(d.process, o.flags); err != nil {
		return *o, err
	}
	if d.first.flags.Changed("ascii") {
		o.ASCII = d.first.ASCII // as before
	}
	if all := d.first.Profiles; d.first.Profile == "" && len(o.Profiles) > 0 && len(all) > 0 { // the way back
		o.Profiles = slices.Insert(o.Profiles, 0, all[0])
	}
	return *o, nil
}

// show shows one profile, and closes all that it opened. told is what is to be said of the
// end when another profile is shown next.
func (d *dashboards) show(ctx context.Context, o dashboardOptions) (to *string, told []model.Message, err error) {
	o.UseCharacters(d.process)
	keys := d.process
	if o.Profile == d.first.Profile {
		again := d.started
		keys = &again
	}
	s, err := findServer(ctx, keys, o)
	d.process.Forget(config.KeyVariable)
	if err != nil {
		return nil, nil, &unusable{err}
	}
	if o.plain = o.plain || d.process.Getenv("TERM") == dumbTerminal; !o.plain && d.terminal == nil {
		if d.terminal, err = openTerminal(d.process); err != nil {
			return nil, nil, err
		}
	}
	k, err := keep(ctx, d.process, s, o)
	if err != nil {
		return nil, nil, &unusable{err}
	}
	p, end := *d.process, &lastWords{to: d.process.Stderr}
	p.Stderr = end
	if d.private { // those who look on still do, whatever the config of this profile says
		o.Privacy = &d.private
	}
	o.leaving = func(m *model.Model) { d.private = m.Privacy.On; end.keep() }
	to, err = runWith(ctx, &p, s, k, d.terminal, o)
	k.end()
	return to, end.messages(), err
}

// toModel are the profiles for the model.
func (o *dashboardOptions) toModel() model.Switch {
	s := model.Switch{Here: o.Profile, Arrived: o.arrived, Told: o.told}
	for _, p := range o.Profiles {
		s.Profiles = append(s.Profiles, model.Profile(p))
	}
	return s
}

// lastWords is the stderr of a dashboard. What is said after the operator switched to
// another profile is kept for the messages there.
type lastWords struct {
	to   io.Writer
	kept *bytes.Buffer // nil while nothing is kept
}

func (l *lastWords) keep() { l.kept = new(bytes.Buffer) }

// Write implements io.Writer.
func (l *lastWords) Write(text []byte) (int, error) {
	if l.kept != nil {
		return l.kept.Write(text)
	}
	return l.to.Write(text)
}

// messages are the kept lines, each with its hint.
func (l *lastWords) messages() (all []model.Message) {
	if l.kept == nil {
		return nil
	}
	for line := range strings.Lines(l.kept.String()) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\n"), "idtop: ")
		hint, isHint := strings.CutPrefix(line, "hint: ")
		text, warns := strings.CutPrefix(line, "warning: ")
		switch {
		case isHint && len(all) > 0:
			all[len(all)-1].Hint = hint
		case warns:
			all = append(all, model.Message{Level: model.Warning, Text: model.Sentence(text)})
		default:
			all = append(all, model.Message{Level: model.Told, Text: model.Sentence(text)})
		}
	}
	return all
}
