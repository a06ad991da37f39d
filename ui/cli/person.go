package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client/ledger"
	"idtop/client/person"
	"idtop/client/plan"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// personOptions are the flags of person.
type personOptions struct {
	config.Options
	format string
}

func personCommand(p *Process) *cobra.Command {
	var o personOptions
	c := &cobra.Command{
		Use:   "person USER",
		Short: "Write all that is known of one person",
		Long: `What the mirror and the ledger know of a user_id: all sessions with their attempts,
why they failed, what cancel and redact would do, what is being erased, and what was
done here. Sessions that a job here erased are found by the ledger. Stripe is not
asked.`,
		Example: `  idtop person ann_8392
  idtop person ann_8392 --format json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return fail.Misuse("idtop list --query finds them", "person needs one user_id")
			}
			return nil
		},
	}
	c.Flags().Var(choice{&o.format, []string{"text", "json"}}, "format", "text or json")
	o.format = "text"
	return onAccount(p, c, &o.Options, nil, func(ctx context.Context, args []string) error { return runPerson(ctx, p, o, args[0]) })
}

// runPerson writes what is known of a person, without a request.
func runPerson(ctx context.Context, p *Process, o personOptions, user string) error {
	return atMirror(ctx, p, o.Options, func(m opened) (err error) {
		book, why := openBook(m.place.Book())
		if why != "" {
			fail.Warn(p.Stderr, "the ledger can't be read: "+why, "what was done and erased here is missing")
		}
		var kept *person.Records
		if book != nil {
			defer func() { err = errors.Join(err, book.Close()) }()
			journal, failed := plan.OpenJournal(m.place.Book(), ledger.Options{Tool: p.Version})
			if failed != nil {
				return deskFailure(failed)
			}
			defer journal.Close()
			kept = &person.Records{Book: book, Journal: journal, Reader: ledger.ThisActor()}
		}
		known, err := person.Read(ctx, m.store, kept, person.Request{UserID: user, Most: plan.DefaultMax, Kept: m.progress.KnownReports().Kept}, person.Known{})
		if err != nil {
			return fail.Mirror(err)
		}
		page := person.Of(known, m.now.Local())
		return tell(p, o.format, personObject(page), personText(page, m.now))
	})
}

// personText writes a person as lines for people.
func personText(page person.Page, now time.Time) string {
	var b strings.Builder
	line := func(texts ...safe.Text) {
		fmt.Fprintln(&b, strings.TrimRight(safe.Concat(texts...).String(), " "))
	}
	two := func(s person.Sentence) safe.Text { return safe.Line(strings.TrimSpace(s.Text + " " + s.More)) }
	line(two(page.Now))
	for _, s := range page.Sessions {
		line()
		line(safe.Line(s.ID), safe.Lit("  "), safe.Line(s.State.String()), safe.Lit("  "), safe.Line(s.Note))
		for _, a := range s.Attempts {
			rough := ""
			if a.Rough {
				rough = "~"
			}
			line(safe.Lit("  "), safe.Line(rough+a.At.Time().In(now.Local().Location()).Format("2006-01-02 15:04:05")).Pad(22), safe.Line(a.Words()))
		}
	}
	line()
	for _, cause := range page.Why {
		line(safe.Lit("Failed: "), safe.Num(cause.Count), safe.Lit("  "), safe.Line(cause.Label()))
	}
	if next := two(page.Next); next.Width() > 0 {
		line(safe.Lit("Next: "), next)
	}
	for _, c := range []struct {
		name safe.Text
		can  person.Can
	}{{safe.Lit("Redact: "), page.Redact}, {safe.Lit("Cancel: "), page.Cancel}} {
		if does, not := c.can.Words(); len(page.Sessions) > 0 {
			line(c.name, safe.Line(strings.Trim(does+", "+not, ", ")))
		}
	}
	for _, d := range page.Done {
		line(safe.Lit("Done here: "), safe.Line(d.At.Local().Format("2006-01-02 15:04:05")), safe.Lit("  "), safe.Line(d.Who), safe.Lit(" "), safe.Line(d.Words()), safe.Lit("  "), safe.Line(d.Session))
	}
	for _, a := range page.Alike {
		line(safe.Lit("Looks the same: "), safe.UserIDQuoted(a.UserID), safe.Lit(", "), safe.Line(a.Difference))
	}
	for _, text := range page.Unknown {
		line(safe.Line(text))
	}
	return b.String()
}

// personJSON is a person in JSON.
type personJSON struct {
	UserID   string            `json:"user_id"`
	Now      string            `json:"now"`
	Sessions []personSession   `json:"sessions"` // newest first
	Attempts int               `json:"attempts"`
	Why      []personCause     `json:"why"`
	Next     string            `json:"next"`
	Can      map[string]canDo  `json:"can_do"`
	Erasing  []personErasure   `json:"being_erased"`
	Done     []personDeed      `json:"done_here"`
	Alike    map[string]string `json:"look_alikes"` // each user_id with its difference
	NotKnown []string          `json:"not_known"`
}

type personSession struct {
	ID       string          `json:"id"`
	State    string          `json:"state"`
	Created  string          `json:"created"`
	Note     string          `json:"note"`
	Attempts []personAttempt `json:"attempts"` // newest first
}

type personAttempt struct {
	State string `json:"state"`
	Code  string `json:"code,omitempty"`
	Words string `json:"words"`
	At    string `json:"at"`
	Rough bool   `json:"seen_by_then"`
}

type personCause struct {
	Code  string `json:"code"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

type canDo struct {
	Now   int      `json:"now"`
	Later int      `json:"later"`
	Not   []string `json:"not"`
}

type personErasure struct {
	Session string `json:"session"`
	Due     string `json:"due"` // "" when no job here erases it
	Job     int64  `json:"job,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

type personDeed struct {
	At      string `json:"at"`
	Who     string `json:"who"`
	What    string `json:"what"`
	Session string `json:"session"`
	Count   int    `json:"count"`
	Job     string `json:"job,omitempty"`
}

func personObject(page person.Page) personJSON {
	can := func(c person.Can) canDo { return canDo{c.Now, c.Later, append([]string{}, c.Not...)} }
	object := personJSON{
		UserID: page.UserID, Now: strings.TrimSpace(page.Now.Text + " " + page.Now.More), Sessions: []personSession{}, Attempts: page.Attempts, Why: []personCause{},
		Next: strings.TrimSpace(page.Next.Text + " " + page.Next.More), Can: map[string]canDo{"redact": can(page.Redact), "cancel": can(page.Cancel)},
		Erasing: []personErasure{}, Done: []personDeed{}, Alike: map[string]string{}, NotKnown: append([]string{}, page.Unknown...),
	}
	for _, s := range page.Sessions {
		session := personSession{ID: s.ID, State: s.State.String(), Created: stamp(s.Created.Time()), Note: s.Note}
		for _, a := range s.Attempts {
			session.Attempts = append(session.Attempts, personAttempt{a.State.String(), a.Code, a.Words(), stamp(a.At.Time()), a.Rough})
		}
		object.Sessions = append(object.Sessions, session)
	}
	for _, c := range page.Why {
		object.Why = append(object.Why, personCause{c.Code, c.Label(), c.Count})
	}
	for _, e := range page.Erasing {
		object.Erasing = append(object.Erasing, personErasure{e.Session, stamp(e.Due), e.Job, e.Reason})
	}
	for _, d := range page.Done {
		object.Done = append(object.Done, personDeed{stamp(d.At), d.Who, d.Words(), d.Session, d.Count, d.Job})
	}
	for _, a := range page.Alike {
		object.Alike[a.UserID] = a.Difference
	}
	return object
}
