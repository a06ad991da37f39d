package plain

import (
	"errors"
	"strings"

	"idtop/client"
	"idtop/client/plan"
	"idtop/client/query"
	"idtop/client/timeline"
	"idtop/keymap"
	"idtop/model"
)

// backsOut is said with each question that a wrong answer closes.
const backsOut = "Anything else backs out"

// dialogPage is the question before one session is acted on.
func dialogPage(m *model.Model, d *model.Dialog) page {
	verb := model.Sentence(d.Verb)
	what := verb + ", " + account(m) + ": session " + d.Row.ID + " of " + quotedOf(m, d.Row) + ", " + d.Row.State.String()
	if reason := client.ReasonOf(d.Row.ErrorCode).Label; reason != "" && d.Row.State == client.StateFailed {
		what += ", " + reason
	}
	p := page{name: said{"dialog " + d.Verb + " " + d.Row.ID, sentence(what)}, at: -1, asks: true}
	p.intro = []said{line(d.Effect, "This can't be undone", d.Undone)}
	switch {
	case d.Block == model.LookingUp:
	case d.Block != "":
		p.outro = []said{line("It can't be done any more: "+d.Block, keyed(m, "{back-out} backs out"))}
	case d.Armed && d.OneKey():
		p.outro = []said{line("Type "+keyOf(m, keymap.Yes)+" to "+d.Verb, backsOut)}
	case d.Armed:
		p.outro = []said{line("Type the last four characters of the session, "+strings.TrimPrefix(ending(d.Row.ID), "ending ")+", to "+d.Verb, backsOut)}
	}
	return p
}

// planPage is a plan of several sessions, its groups in sentences.
func planPage(m *model.Model, s *model.PlanScreen) page {
	p := page{at: -1, asks: true, from: s.Scroll, shown: opening, more: keyOf(m, keymap.PageDown)}
	whose := "those marked"
	if s.UserID != "" {
		whose = "of " + private(m, quoted(s.UserID))
	}
	verb := model.Sentence(s.Plan.Verb.String())
	what := verb + " " + num(s.Plan.Acts()) + " of " + plural(len(s.Plan.Entries), "session", "sessions")
	if s.Plan.Waits() > 0 {
		what += ", " + s.Plan.When()
	}
	p.name = said{"plan " + s.Plan.Hash, sentence(what + ", " + account(m) + ", " + whose)}
	p.intro = []said{line("This can't be undone", s.Plan.Does())}
	note := func(text string) { p.intro = append(p.intro, line(text)) }
	if s.Changed {
		note("Changed meanwhile: this is the new plan")
	}
	for i, a := range s.Alike {
		if i == 0 {
			key := keyed(m, "{alike} takes them in")
			if s.Taken {
				key = keyed(m, "they are in the plan, {alike} leaves them out")
			}
			note(plural(len(s.Alike), "user_id looks", "user_ids look") + " the same: " + key)
		}
		note(private(m, quoted(a.UserID)) + ", " + plural(a.Sessions, "session", "sessions") + ", " + query.Difference(s.UserID, a.UserID))
	}
	if s.Apart > 0 {
		note(num(s.Apart) + " of them match only with letters apart or accented")
	}
	if why := m.Missing(); s.UserID != "" && why != "" {
		note(why + ": this person may have more")
	}
	var lines []said
	for _, reason := range s.Plan.Reasons {
		lines = append(lines, line(groupWords(s.Plan, reason)))
		for _, e := range reason.Of(s.Plan) {
			lines = append(lines, entryLine(m, s, e))
		}
	}
	p = p.list(lines)
	who, key := m.Actor()
	recall := ""
	if undo := m.Undo(); undo > 0 {
		recall = keyed(m, "{recall} recalls it within ") + timeline.Long(undo)
	}
	p.outro = []said{line("You are "+who.User+" at "+who.Host+", with "+strings.ReplaceAll(key, "…", " ending "), "It is recorded before anything is sent", recall), {}}
	field := &s.Fields[s.At]
	ask := line()
	switch {
	case field.Kind == model.ConfirmField && s.Block() != "":
		ask = line("Confirm " + s.Block())
	case field.Kind == model.ConfirmField && !s.Armed:
	case field.Kind == model.ConfirmField:
		ask = line("Type "+field.Want+" to "+s.Plan.Verb.String(), backsOut, keyed(m, "{next-field} gives a reason"))
	case s.Misplaced:
		ask = line(keyed(m, "Reason: that is the phrase: it belongs to Confirm, {next-field} goes there"))
	default:
		ask = fieldLine(m, field, s.At, len(s.Fields))
	}
	p.outro[1] = ask
	return p
}

// groupWords is a group of a plan in a sentence.
func groupWords(made plan.Plan, reason plan.Reason) string {
	does, why := reason.Says(made)
	if why != "" {
		why = ": " + why
	}
	return num(reason.Count) + " " + does + why
}

func entryLine(m *model.Model, s *model.PlanScreen, e plan.Entry) said {
	row := s.Rows[e.ID]
	note := ""
	switch {
	case e.State == client.StateFailed:
		note = client.ReasonOf(row.ErrorCode).Label
	case e.State == client.StateWaiting:
		note = "its link stops working"
	case e.State == client.StateProcessing && !row.Since.IsZero():
		note = "checking for " + timeline.Long(m.ServerNow().Sub(row.Since))
	}
	return said{e.ID + e.State.String(), sentence(listing("Session "+ending(e.ID), quotedOf(m, row), e.State.String(), note))}
}

// formPage is a form: its purpose, and the field that has the keys.
func formPage(m *model.Model, f *model.Form) page {
	p := page{at: -1, asks: true, outro: make([]said, 1)}
	field := &f.Fields[f.At]
	title := "New session"
	note := func(texts ...string) { p.intro = append(p.intro, line(texts...)) }
	switch asked := f.For.(type) {
	case *model.NewSession:
		if asked.Open.ID != "" {
			note("This person has an open session, " + sinceOf(m, asked.Open) + ", session " + ending(asked.Open.ID))
		}
	case model.AllowWrite:
		title = "Let this account be changed"
		note(plan.WaitingWords(asked.Waiting)+" and will be sent", "This can't be undone")
		for _, job := range asked.Waiting {
			note(num(job.Counts[plan.Waiting]) + " of job " + num(int(job.ID)) + ", " + ago(m.Now.Sub(job.Created), false) + ", " + job.Reason)
		}
		note(keyed(m, "{give-up} gives them up"))
	case model.Export:
		title = "Export " + asked.What
		switch {
		case asked.Sessions > 0:
			title = "Export " + plural(asked.Sessions, "session", "sessions")
		case asked.People > 0:
			title = "Export " + plural(asked.People, "person", "people")
		}
		if f.Personal() {
			note("The file names people, and it stays as it is: a redaction does not reach it")
		}
	case model.Resume:
		title = "Go on with job " + num(int(asked.Job.ID)) + ": " + asked.Job.Verb.String()
		note("What is left is sent at once", "This can't be undone", asked.Job.Says(asked.Job.Created))
	case model.Metadata:
		title = "Metadata of " + asked.Session.ID
	}
	fields := ""
	if len(f.Fields) > 1 {
		fields = plural(len(f.Fields), "field", "fields") + keyed(m, ": a line fills one and goes on, an empty line keeps it, {previous-field} goes back, {back-out} backs out")
	}
	p.name = said{title, sentences(title+", "+account(m), fields)}
	if f.Err != nil {
		text := f.Err.Error()
		var e *client.Error
		if errors.As(f.Err, &e) {
			text = e.Summary()
			if e.Message != "" {
				text += ": " + e.Message
			}
			if e.Undecided {
				text = sentences(text, "It may have been done. Sent again as it is, it is not done twice")
			}
		}
		note(text)
	}
	switch {
	case f.Sending:
		p.outro[0] = line("Sending: the answer is still to come")
	case field.Kind != model.ConfirmField:
		p.outro[0] = fieldLine(m, field, f.At, len(f.Fields))
	case len(f.Fields) == 1 && !f.Armed:
	case len(f.Fields) == 1:
		p.outro[0] = line("Type "+field.Want+" to go on", backsOut)
	default:
		var filled []string
		for i := range f.Fields {
			if other := &f.Fields[i]; other.Kind != model.ConfirmField && other.Value() != "" {
				filled = append(filled, other.Label+" "+valueOf(m, other))
			}
		}
		p.outro[0] = line("It is: "+strings.Join(filled, "; "), "Type "+field.Want+" to send it", keyed(m, "Anything else sends nothing, {back-out} backs out"))
	}
	return p
}

// valueOf is the value of a field, unless it is private.
func valueOf(m *model.Model, f *model.Field) string {
	switch {
	case f.Value() == "":
		return "empty"
	case f.Private:
		return "typed, and not said"
	case f.Names():
		return private(m, f.Value())
	}
	return f.Value()
}

// fieldLine is a field that has the keys.
func fieldLine(m *model.Model, f *model.Field, at, of int) said {
	choices := ""
	if f.Kind == model.ChoiceField {
		choices = "One of: " + strings.Join(f.Choices, "; ")
	}
	hint := f.Hint
	if f.Value() != "" {
		hint = f.Note()
	}
	return line("Field "+num(at+1)+" of "+num(of)+", "+f.Label+": "+valueOf(m, f), choices, hint)
}
