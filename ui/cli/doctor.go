package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"idtop/client"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// state is how a thing was found.
type state string

// The states. Only a fault makes the exit code 1.
const (
	fine       state = "ok"
	note       state = "note"        // neither good nor bad
	warning    state = "warning"     // idtop works, but not as it could
	fault      state = "fault"       // idtop does not start, or not everything works
	notChecked state = "not checked" // Text says why
)

// finding is one thing that the doctor looked at.
type finding struct {
	Area  string `json:"area"`
	What  string `json:"what"`
	State state  `json:"state"`
	Text  string `json:"text"`
	Do    string `json:"do,omitempty"` // the next step, of each fault
}

// checkup is all that the doctor found.
type checkup struct {
	Findings    []finding `json:"findings"`
	Permissions []trial   `json:"permissions"`
	Faults      int       `json:"faults"`
}

// doctor looks at everything that idtop needs, and changes nothing.
type doctor struct {
	p     *Process
	o     config.Options
	key   client.Key // the zero Key: none was found
	area  string
	text  bool // findings are written as they come
	width int  // of the terminal, 0 when there is none
	out   checkup
	err   error // why they could not be written
}

func doctorCommand(p *Process) *cobra.Command {
	format := "text"
	d := doctor{p: p}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at all that idtop needs: config, key, permissions, terminal, data",
		Long: `Says what was found where, what is wrong with it and what to do. It tries the key's
permissions with GETs, reads the mirrors and the books from end to end, and changes
nothing, neither at Stripe nor here. It never shows the key. It runs without a key,
without a network and beside a running dashboard. The exit code is 1 if there is a
fault.`,
		Example: `  idtop doctor
  idtop doctor --profile live --format json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := d.o.Check(c.Flags()); err != nil {
				return err
			}
			d.text = format == "text"
			if out, ok := config.AsTerminal(p.Stdout); ok {
				d.width, _, _ = term.GetSize(int(out.Fd()))
			}
			return d.run(c, format)
		},
	}
	d.o.Flags(c.Flags())
	c.Flags().Var(choice{&format, []string{"text", "json"}}, "format", "text or json")
	withHelp(c)
	return c
}

func (d *doctor) run(c *cobra.Command, format string) error {
	ctx := c.Context()
	d.out.Permissions = []trial{}
	for _, area := range []struct {
		name string
		look func()
	}{
		{"config", func() { d.lookAtConfig(c) }},
		{"key", func() { d.lookForKey(ctx) }},
		{"Stripe", func() { d.lookAtStripe(ctx) }},
		{"terminal", func() { d.lookAtTerminal(ctx) }},
		{"data", func() { d.lookAtData(ctx) }},
	} {
		if d.area = area.name; ctx.Err() == nil {
			area.look()
		}
	}
	if ctx.Err() != nil {
		return fail.New("", "stopped before everything was looked at")
	}
	if !d.text {
		d.err = tell(d.p, format, d.out, "")
	}
	switch n := d.out.Faults; {
	case d.err != nil:
		return d.err
	case n == 1:
		return fail.New("see what stands below FAULT", "doctor: there is 1 fault")
	case n > 1:
		return fail.New("see what stands below each FAULT", "doctor: there are %d faults", n)
	}
	return nil
}

// add notes a finding, and writes it in text.
func (d *doctor) add(what string, s state, text, do string) {
	f := finding{d.area, what, s, d.key.Scrub(text), d.key.Scrub(do)}
	first := len(d.out.Findings) == 0 || d.out.Findings[len(d.out.Findings)-1].Area != d.area
	d.out.Findings = append(d.out.Findings, f)
	if s == fault {
		d.out.Faults++
	}
	if !d.text || d.err != nil {
		return
	}
	var lines strings.Builder
	if first {
		fmt.Fprintln(&lines, safe.Line(f.Area))
	}
	sign := string(s)
	if s == fault {
		sign = "FAULT"
	}
	d.write(&lines, fmt.Sprintf("  %-12s%-19s", sign, safe.Line(f.What)), f.Text)
	if f.Do != "" {
		d.write(&lines, strings.Repeat(" ", margin), "do: "+f.Do)
	}
	if _, err := fmt.Fprint(d.p.Stdout, lines.String()); err != nil {
		d.err = listFailure(written(err))
	}
}

// failed notes a fault with the words of an error.
func (d *doctor) failed(what string, err error) {
	f := fail.Of(err)
	do := f.Way
	if do == "" || f.Misuse {
		do = "see the cause"
	}
	d.add(what, fault, f.Text, do)
}

// margin is the width of what stands before the text of a finding.
const margin = 33

// write writes a text behind its beginning, in lines of the terminal's width. What is
// written into a file or a pipe stays on one line.
func (d *doctor) write(to *strings.Builder, begin, text string) {
	parts := []safe.Text{safe.Line(text)}
	if d.width >= margin+20 {
		parts = parts[0].Wrap(d.width - margin)
	}
	for _, part := range parts {
		fmt.Fprintf(to, "%s%s\n", begin, part)
		begin = strings.Repeat(" ", margin)
	}
}
