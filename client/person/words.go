package person

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/ledger"
	"idtop/client/mirror"
	"idtop/client/plan"
)

// The words of this file are the same on the screen and in the command. They hold foreign
// texts, such as a new kind of document: they are drawn through ui/safe.

// Words says how an attempt ended.
func (a Attempt) Words() string {
	switch a.State {
	case client.StateFailed:
		return client.ReasonOf(cmp.Or(a.Code, client.NoCode)).Label
	case client.StateWaiting:
		return "not submitted yet"
	case client.StateProcessing:
		return "checking"
	case client.StateRedacting:
		return "accepted, not erased yet"
	case client.StateRedacted:
		return "erased"
	}
	return a.State.String()
}

// Label says a cause in words.
func (c Cause) Label() string { return client.ReasonOf(cmp.Or(c.Code, client.NoCode)).Label }

// Words say what a verb would do: first what it does, then all else.
func (c Can) Words() (does, not string) {
	if c.Refused != "" {
		return "", c.Refused
	}
	does = number(c.Now) + " now"
	if c.Now == 0 {
		does = "none now"
	}
	rest := c.Not
	if c.Later > 0 {
		rest = append([]string{number(c.Later) + " after " + one(c.Later, "its check", "their checks")}, rest...)
	}
	return does, strings.Join(rest, ", ")
}

// whyNot says why a verb does not change a session, so that many can share the words.
func whyNot(e plan.Entry) string {
	switch {
	case e.Unreadable != "":
		return "unreadable"
	case e.State == client.StateRedacting || e.State == client.StateRedacted:
		return "erased or being erased"
	case e.State == client.StateCanceled:
		return "canceled already"
	case e.State == client.StateVerified:
		return "verified"
	}
	return "of unknown status"
}

// note says what a session checks, or what becomes of it.
func (k Known) note(row mirror.Row, now time.Time) string {
	job, ok := k.job(row.ID)
	switch row.State {
	case client.StateRedacting:
		if !ok {
			return "not by a job here"
		}
		e, by := k.erasure(row), "job "+number(int(job.ID))
		switch {
		case e.Due.IsZero():
			return by
		case e.Due.Before(now):
			return "overdue by " + hours(now.Sub(e.Due)) + ", " + by
		}
		return "due in " + hours(e.Due.Sub(now)) + ", " + by
	case client.StateRedacted:
		if !ok {
			return "not by a job here"
		}
		return "job " + number(int(job.ID))
	case client.StateCanceled:
		for _, r := range slices.Backward(k.Records) {
			if r.Session == row.ID && r.Verb == ledger.Cancel && r.Result == ledger.Succeeded {
				return "by " + k.who(r.Actor)
			}
		}
	}
	what := strings.ReplaceAll(cmp.Or(row.Doc, strings.TrimPrefix(row.Type, "verification_")), "_", " ")
	if row.Country != "" {
		what += " of " + row.Country
	}
	if row.Selfie {
		what += " with selfie"
	}
	return what
}

// current is the session that tells how the person stands: the newest open one, unless
// another was verified since it came into its state, or else the newest one.
func (p Page) current() Session {
	open := slices.IndexFunc(p.Sessions, Session.open)
	verified := slices.IndexFunc(p.Sessions, func(s Session) bool { return s.State == client.StateVerified })
	switch {
	case open < 0:
		return p.Sessions[0]
	case verified >= 0 && p.Sessions[open].State != client.StateProcessing && p.Sessions[verified].Since.After(p.Sessions[open].Since):
		return p.Sessions[verified]
	}
	return p.Sessions[open]
}

// open tells whether something can still come of a session.
func (s Session) open() bool {
	return s.State == client.StateProcessing || s.State == client.StateFailed || s.State == client.StateWaiting
}

// now says how the person stands: what is going on in the current session, or what
// became of it.
func (k Known) now(p Page, now time.Time) (s Sentence) {
	if len(p.Sessions) == 0 {
		return Sentence{Text: "No session of this user_id is known.", Short: "No session is known."}
	}
	if k.Underway() {
		return k.erasingNow(now)
	}
	last := p.current()
	switch since := span(now.Sub(last.Since)); last.State {
	case client.StateProcessing:
		what := "an attempt"
		if p.Attempts > 1 {
			what = "a new attempt"
		}
		s = Sentence{Text: "Stripe is checking " + what + ".", Short: "Checking " + what + "."}
		if now.Sub(last.Since) >= client.StuckAfter {
			s = Sentence{Text: "Stripe has been checking " + what + " for " + since + ": it is stuck.", Short: "Stuck in a check for " + since + "."}
		}
	case client.StateFailed:
		label := last.Attempts[0].Words()
		s = Sentence{Text: "The last attempt failed: " + label + ".", Short: "Failed: " + label + "."}
	case client.StateWaiting:
		s = Sentence{Text: "A session waits for the person, for " + since + ".", Short: "Waits for the person, for " + since + "."}
	case client.StateVerified:
		s = Sentence{Text: "The person was verified on " + day(last.Since.In(now.Location())) + ".", Short: "Verified on " + day(last.Since.In(now.Location())) + "."}
		if last.Rough {
			s = Sentence{Text: "The person was verified.", Short: "Verified."}
		}
	case client.StateCanceled:
		s = Sentence{Text: "Nothing is open: the newest session was canceled.", Short: "Nothing is open."}
	case client.StateRedacting, client.StateRedacted:
		s = Sentence{Text: "Nothing is open: the newest session is erased or being erased.", Short: "Nothing is open."}
	default:
		s = Sentence{Text: "The newest session has a status that this version does not know.", Short: "Unknown status."}
	}
	s.More = past(p, last, now)
	return s
}

// past says how often attempts failed, and when the person was verified before.
func past(p Page, last Session, now time.Time) string {
	failed, today, verified := 0, 0, client.Unix(0)
	for _, s := range p.Sessions {
		for _, a := range s.Attempts {
			switch {
			case a.State == client.StateFailed:
				failed++
				if !a.Rough && now.Format(time.DateOnly) == a.At.Time().In(now.Location()).Format(time.DateOnly) {
					today++
				}
			case a.State == client.StateVerified && s.ID != last.ID:
				verified = max(verified, a.At)
			}
		}
	}
	var parts []string
	switch {
	case today > 0 && (today > 1 || last.State != client.StateFailed):
		parts = append(parts, "failed "+times(today)+" today")
	case failed > 1 || failed == 1 && last.State != client.StateFailed:
		parts = append(parts, "failed "+times(failed)+" so far")
	}
	if verified != 0 {
		parts = append(parts, "was verified on "+day(verified.Time().In(now.Location())))
	}
	text := strings.Join(parts, "; ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// erasingNow says in a sentence what Stripe has done so far, and by when it has to do
// the rest.
func (k Known) erasingNow(now time.Time) (s Sentence) {
	accepted, erased := k.Accepted()
	all := len(k.Rows)
	switch {
	case erased == all:
		s.Text = "All " + number(all) + " have been erased"
		if all == 1 {
			s.Text = "It has been erased"
		}
		if last := k.Last(); !last.IsZero() {
			s.Text += " since " + minute(last.In(now.Location()))
		}
		s.Text += "."
		s.Short = s.Text
		return s
	case all == 1:
		s.Text = "Stripe has accepted it and not erased it yet."
		s.Short = s.Text
	default:
		s.Text = "Stripe has accepted " + number(accepted) + " of " + number(all)
		if accepted == all {
			s.Text = "Stripe has accepted all " + number(all)
		}
		s.Text += " and erased " + one(erased+1, "none yet", number(erased)) + "."
		s.Short = "accepted " + number(accepted) + " of " + number(all) + ", erased " + number(erased)
	}
	switch due := k.Due(); {
	case due.IsZero():
	case due.Before(now):
		s.More = "▲ Overdue by " + span(now.Sub(due)) + "."
	default:
		s.Less = "All due in " + hours(due.Sub(now)) + "."
		s.More = "All due by " + minute(due.In(now.Location())) + ", in " + hours(due.Sub(now)) + "."
	}
	return s
}

// next says who acts next, and what to do.
func (p Page) next() (s Sentence) {
	open := 0
	for _, session := range p.Sessions {
		if session.open() {
			open++
		}
	}
	if len(p.Sessions) == 0 {
		return s
	}
	switch current := p.current(); {
	case current.State == client.StateVerified && open == 0:
		s = Sentence{Text: "Nothing to do.", More: "All checks passed."}
	case current.State == client.StateVerified:
		return Sentence{Text: "Nothing to do.", More: "All checks passed. " + number(open) + one(open, " older session is", " older sessions are") + " still open: cancel what nobody needs."}
	case open == 0:
		s = Sentence{Text: "Nothing is open.", More: "Make a new session if the person is to try again."}
	default:
		s = nextOf(current)
	}
	if open > 1 {
		s.More = strings.TrimSpace(s.More + " " + number(open) + " sessions are open at once: cancel those that nobody needs.")
	}
	return s
}

// nextOf says what to do about an open session.
func nextOf(session Session) Sentence {
	switch {
	case session.Unreadable != "":
		return Sentence{Text: "Open it in the Stripe Dashboard.", More: "It came in a form that idtop can't read."}
	case session.State == client.StateProcessing:
		return Sentence{Text: "Wait for this check.", More: "If it fails again, compare the pictures in the Dashboard."}
	case session.State == client.StateWaiting:
		return Sentence{Text: "User: open the link and submit.", More: "A fresh link helps when theirs is old."}
	}
	text, more, _ := strings.Cut(client.ReasonOf(cmp.Or(session.ErrorCode, client.NoCode)).Next, ". ")
	if more != "" {
		text += "."
	}
	return Sentence{Text: text, More: more}
}

// unknown says what could not be known.
func (k Known) unknown() (all []string) {
	if k.Kept == mirror.KeptOff {
		all = append(all, "Reports are not kept: attempts are known from events and lists alone.")
	}
	if n := len(k.Rows) - mostTold; n > 0 {
		all = append(all, "Of "+number(n)+" older sessions only the last attempt is shown.")
	}
	erased, _ := k.Accepted()
	switch {
	case k.Trouble != nil:
		all = append(all, "The ledger can't be read, so what was done or erased here is not known: "+k.Trouble.Error()+".")
	case !k.Ledger:
		all = append(all, "There is no ledger: what was done or erased here is not known.")
	case erased > 0 && k.UserID != "":
		all = append(all, "What is erased or being erased is known by the ledger only.")
	}
	return all
}

// deeds lists what was done here to the person's sessions, newest first. Sessions that
// one job changed are one deed.
func (k Known) deeds() (deeds []Deed) {
	for _, r := range slices.Backward(k.Records) {
		what := deed(r)
		if what == "" {
			continue
		}
		d := Deed{At: r.Time, Who: k.who(r.Actor), What: what, Session: r.Session, Count: 1, Job: r.Job, Reason: r.Reason}
		i := slices.IndexFunc(deeds, func(other Deed) bool {
			return d.Job != "" && other.Job == d.Job && other.What == d.What && other.Who == d.Who
		})
		if i < 0 {
			deeds = append(deeds, d)
		} else {
			deeds[i].Count++
		}
	}
	return deeds
}

// deed says what a record tells of; "" when another record tells it.
func deed(r ledger.Record) string {
	words, ok := map[ledger.Verb][2]string{
		ledger.Cancel: {"canceled", "cancel"}, ledger.Redact: {"redacted", "redact"}, ledger.Create: {"created", "create"},
		ledger.Update: {"changed metadata", "change metadata"}, ledger.Link: {"copied a link", "copy a link"},
	}[r.Verb]
	switch {
	case ok && r.Kind == ledger.KindOutcome && r.Result == ledger.Succeeded:
		return words[0]
	case ok && r.Kind == ledger.KindOutcome && r.Result == ledger.Failed:
		return "could not " + words[1]
	case ok && r.Kind == ledger.KindOutcome && r.Result == ledger.Unknown:
		return words[1] + ": outcome unknown"
	case r.Kind != ledger.KindNote:
	case r.Verb == ledger.Reveal:
		return "revealed " + cmp.Or(r.Detail, "outputs")
	case r.Verb == ledger.Copy:
		return "copied " + cmp.Or(r.Detail, "something")
	case r.Verb == ledger.Export:
		return "exported"
	}
	return ""
}

func (k Known) who(actor ledger.Actor) string {
	if actor == k.Operator {
		return "you"
	}
	return actor.User
}

// Words says what was done, and to how many.
func (d Deed) Words() string {
	if d.Count > 1 {
		return d.What + " " + number(d.Count)
	}
	return d.What
}

func number(n int) string { return strconv.Itoa(n) }

func one(n int, single, many string) string {
	if n == 1 {
		return single
	}
	return many
}

func times(n int) string { return one(n, "once", number(n)+" times") }

// day is a day; minute is a time.
func day(t time.Time) string    { return t.Format("2 Jan") }
func minute(t time.Time) string { return t.Format("2 Jan 15:04 MST") }

// span writes a time in one unit.
func span(d time.Duration) string {
	switch d = max(0, d); {
	case d < time.Minute:
		return number(int(d/time.Second)) + "s"
	case d < time.Hour:
		return number(int(d/time.Minute)) + "m"
	case d < 48*time.Hour:
		return number(int(d/time.Hour)) + "h"
	}
	return number(int(d/(24*time.Hour))) + "d"
}

// hours writes a time limit, in hours up to a week.
func hours(d time.Duration) string {
	if d >= 2*time.Hour && d < 7*24*time.Hour {
		return number(int(d.Round(time.Hour)/time.Hour)) + "h"
	}
	return span(d)
}
