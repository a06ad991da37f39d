package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client/ledger"
	"idtop/client/timeline"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// timelineOptions are the flags of timeline.
type timelineOptions struct {
	config.Options
	format string
}

func timelineCommand(p *Process) *cobra.Command {
	var o timelineOptions
	c := &cobra.Command{
		Use:   "timeline SESSION [OTHER]",
		Short: "Write what happened to a session, in order, or two side by side",
		Long: `What the mirror and the ledger know of a session: when it was created and submitted,
each attempt with its checks, its changes of state, and what was done here. Each line
says from where it is known, and gaps are said. Stripe is not asked.

With two sessions it writes what they have side by side, and what differs first.`,
		Example: `  idtop timeline vs_1NuNAILkdIwHu7ix0tMLw
  idtop timeline vs_1NuNAILkdIwHu7ix0tMLw --format json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return fail.Misuse("idtop list shows the ids", "timeline needs the id of a session, or of two")
			}
			return nil
		},
	}
	c.Flags().Var(choice{&o.format, []string{"text", "json"}}, "format", "text or json")
	o.format = "text"
	return onAccount(p, c, &o.Options, nil, func(ctx context.Context, args []string) error { return runTimeline(ctx, p, o, args) })
}

// runTimeline writes the timelines of sessions, without a request.
func runTimeline(ctx context.Context, p *Process, o timelineOptions, ids []string) error {
	return atMirror(ctx, p, o.Options, func(m opened) error {
		book, noBook := openBook(m.place.Book())
		if book != nil {
			defer book.Close()
		}
		view := timeline.View{Now: m.now, Ahead: time.Duration(m.progress.Ahead) * time.Second, Actor: ledger.ThisActor(), Facts: m.progress.KnownReports()}
		var all []timeline.Timeline
		for _, id := range ids {
			known, err := timeline.Read(ctx, m.store, book, id)
			if ledger.CauseOf(err) != 0 {
				return noLedger(err)
			}
			if err != nil {
				return fail.Mirror(err)
			}
			if known.Nothing() {
				return fail.New("idtop list shows the ids; idtop sync brings the mirror up to date", "nothing is known of a session %s", safe.Quote(id))
			}
			known.NoBook = noBook
			all = append(all, timeline.Of(known, view))
		}
		if len(all) == 2 {
			c := timeline.Compare(all[0], all[1])
			return tell(p, o.format, comparedOf(c), comparedText(c))
		}
		return tell(p, o.format, historyOf(all[0]), timelineText(all[0]))
	})
}

// openBook opens the ledger of an account to read it, or says why it can't. Without
// one nothing was done here.
func openBook(dir string) (book *ledger.Book, why string) {
	book, err := ledger.OpenRead(dir)
	switch {
	case err == nil:
		return book, ""
	case ledger.CauseOf(err) == ledger.CauseGone:
		return nil, ""
	}
	return nil, err.Error()
}

// timelineText writes a timeline as lines for people.
func timelineText(t timeline.Timeline) string {
	var b strings.Builder
	line := func(texts ...safe.Text) {
		fmt.Fprintln(&b, strings.TrimRight(safe.Concat(texts...).String(), " "))
	}
	now, rest := t.Now()
	line(safe.Line(strings.TrimSpace(now + " " + rest)))
	day := ""
	for _, e := range t.Entries {
		if at := e.At.Local().Format("2 Jan 2006"); !e.At.IsZero() && at != day {
			line()
			line(safe.Line(at))
			day = at
		}
		when, after := "", ""
		if !e.At.IsZero() {
			when = e.At.Local().Format("15:04:05")
		}
		if e.Rough && when != "" {
			when = "~" + when
		}
		if e.Apart {
			after = "+" + timeline.Short(e.After)
		}
		words := strings.TrimSpace(e.Words + "  " + e.Code)
		if e.Reason != "" {
			words += "  " + e.Reason
		}
		line(safe.Line(when).Pad(11), safe.Line(after).Pad(6), safe.Line(e.What()).Fit(12), safe.Line(words).Pad(56), safe.Lit("  "), safe.Spelled(e.From()))
		for _, c := range e.Checks {
			papers := c.Papers()
			if papers != "" {
				papers = ", " + papers
			}
			line(safe.Spaces(29), safe.Line(c.Called()).Pad(18), safe.Line(c.Says()+papers))
		}
	}
	line()
	line(safe.Lit("Still to come: "), safe.Line(t.Next))
	if waited, checked := t.Went(); waited+checked > 0 {
		line(safe.Line("It waited for the person " + timeline.Long(waited) + ", and Stripe was checking " + timeline.Long(checked) + "."))
	}
	for _, note := range t.Notes {
		line(safe.Line(note))
	}
	return b.String()
}

// comparedText writes a comparison as lines for people.
func comparedText(c timeline.Comparison) string {
	var b strings.Builder
	line := func(texts ...safe.Text) {
		fmt.Fprintln(&b, strings.TrimRight(safe.Concat(texts...).String(), " "))
	}
	line(safe.Line(c.First))
	line()
	column := func(t timeline.Timeline) safe.Text { return safe.Line(t.ID + " " + t.Row.State.String()).Pad(48) }
	line(safe.Lit("older, newer").Pad(22), column(c.Older), column(c.Newer))
	for _, p := range c.Rows {
		sign := safe.Lit("  ")
		if p.Differs {
			sign = safe.Lit("≠ ")
		}
		if p.Head {
			line()
		}
		side := func(s timeline.Side) safe.Text { return safe.Line(strings.TrimSpace(s.Text + "  " + s.Note)).Pad(48) }
		line(sign, safe.Line(p.Label).Pad(20), side(p.Sides[0]), side(p.Sides[1]))
	}
	return b.String()
}

// history is a timeline in JSON.
type history struct {
	Session  string         `json:"session"`
	State    string         `json:"state"` // "" when the mirror has no such session any more
	UserID   string         `json:"user_id"`
	Now      string         `json:"now"`
	Entries  []historyEntry `json:"entries"`
	Next     string         `json:"still_to_come"`
	Due      string         `json:"due,omitempty"`
	Waited   *int           `json:"waited_seconds"`   // for the person; null when it is not known
	Checked  *int           `json:"checking_seconds"` // by Stripe
	NotKnown []string       `json:"not_known"`
}

type historyEntry struct {
	At      string         `json:"at"`            // "" when it is not known
	Rough   bool           `json:"seen_by_then"`  // it had happened by then
	After   *int           `json:"after_seconds"` // since the entry before; null when it is not known
	What    string         `json:"what"`
	State   string         `json:"state,omitempty"`
	Words   string         `json:"words"`
	Code    string         `json:"code,omitempty"`
	Attempt int            `json:"attempt,omitempty"`
	Checks  []historyCheck `json:"checks,omitempty"`
	Who     string         `json:"who,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Source  string         `json:"source,omitempty"`
	Report  string         `json:"report,omitempty"`
	Ledger  uint64         `json:"ledger,omitempty"`
}

type historyCheck struct {
	Check   string `json:"check"`
	Status  string `json:"status"` // "not checked" when Stripe did not run it
	Code    string `json:"code,omitempty"`
	Doc     string `json:"document_type,omitempty"`
	Country string `json:"issuing_country,omitempty"`
}

func historyOf(t timeline.Timeline) history {
	now, rest := t.Now()
	object := history{Session: t.ID, UserID: t.Row.UserID, Now: strings.TrimSpace(now + " " + rest), Next: t.Next, Due: stamp(t.Due), NotKnown: t.Notes, Entries: []historyEntry{}}
	if t.Row.ID != "" {
		object.State = t.Row.State.String()
	}
	if object.NotKnown == nil {
		object.NotKnown = []string{}
	}
	if t.Spans != nil {
		waited, checked := t.Went()
		object.Waited, object.Checked = inSeconds(waited), inSeconds(checked)
	}
	for _, e := range t.Entries {
		entry := historyEntry{At: stamp(e.At), Rough: e.Rough, What: e.What(), Words: e.Words, Code: e.Code, Attempt: e.Attempt, Who: e.Who, Reason: e.Reason, Source: e.Source, Report: e.Report, Ledger: e.Ledger}
		switch e.Kind {
		case timeline.Act:
			entry.What = "act"
		case timeline.Gap:
		default:
			entry.State = e.State.String()
		}
		if e.Apart {
			entry.After = inSeconds(e.After)
		}
		for _, c := range e.Checks {
			check := historyCheck{c.Name, c.Status, c.Code, c.Doc, c.Country}
			if c.Status == "" {
				check.Status = c.Says()
			}
			entry.Checks = append(entry.Checks, check)
		}
		object.Entries = append(object.Entries, entry)
	}
	return object
}

func inSeconds(d time.Duration) *int {
	n := int(d / time.Second)
	return &n
}

// compared is a comparison in JSON.
type compared struct {
	First string         `json:"first_difference"`
	Older history        `json:"older"`
	Newer history        `json:"newer"`
	Lines []comparedLine `json:"lines"`
}

type comparedLine struct {
	Label   string `json:"label"`
	Older   string `json:"older"`
	Newer   string `json:"newer"`
	Differs bool   `json:"differs"`
}

func comparedOf(c timeline.Comparison) compared {
	object := compared{First: c.First, Older: historyOf(c.Older), Newer: historyOf(c.Newer)}
	for _, p := range c.Rows {
		side := func(s timeline.Side) string { return strings.TrimSpace(s.Text + "  " + s.Note) }
		object.Lines = append(object.Lines, comparedLine{p.Label, side(p.Sides[0]), side(p.Sides[1]), p.Differs})
	}
	return object
}
