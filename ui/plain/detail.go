package plain

import (
	"maps"
	"slices"
	"strings"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/timeline"
	"idtop/keymap"
	"idtop/model"
)

// detailRows is how many lines of the detail are in sight.
func detailRows(m *model.Model) int { return max(1, m.Layout().Detail.Height-1) }

// detailPage is the pane of the session under the cursor, while it has the keys.
func detailPage(m *model.Model) page {
	p := page{at: -1, from: m.Detail.Scroll, shown: detailRows(m), more: keyOf(m, keymap.PageDown)}.list(detailLines(m))
	row, ok := m.List.Current()
	if !ok {
		p.name = line("Detail: no session is selected", keyed(m, "{other-pane} goes to the list"))
		return p
	}
	p.name = said{"detail " + row.ID, sentence("Detail of " + whoseOf(m, row.Row) + ", session " + ending(row.ID))}
	p.news = said{"row " + row.ID + " " + row.State.String(), "This session: " + ended(sinceOf(m, row.Row))}
	return p
}

// detailLines say why, what next, the attempts, and all that is known.
func detailLines(m *model.Model) (lines []said) {
	hit, ok := m.List.Current()
	if !ok {
		return nil
	}
	row := hit.Row
	add := func(texts ...string) { lines = append(lines, line(texts...)) }
	why(m, row, add)
	if m.Detail.Wanted {
		outputs(m, row, add)
		attempts(m, row, func(s said) { lines = append(lines, s) })
	}
	if m.Stuck(row) {
		lines = append(lines, said{"stuck", sentence("Stuck: processing for " + timeline.Long(m.ServerNow().Sub(row.Since)) + ", usually less than a minute")})
	}
	erasure(m, row, add)
	add("Session "+row.ID, "The API says "+string(row.Status))
	lines = append(lines, said{"created", sentences("Created "+moment(row.Created.Time())+", "+ago(m.ServerNow().Sub(row.Created.Time()), false), "Type "+strings.ReplaceAll(row.Type, "_", " "))})
	facts(m, row, add)
	if s := m.Detail.Session; s != nil {
		if len(s.Metadata) == 0 {
			add("Metadata: none")
		}
		for _, key := range slices.Sorted(maps.Keys(s.Metadata)) {
			add("Metadata " + key + ": " + private(m, s.Metadata[key]))
		}
	}
	if url, err := client.DashboardURL(row.ID, row.Livemode); err == nil && !m.Identity.Demo {
		add("Dashboard " + url + " ")
	}
	if !m.Detail.Wanted {
		add(keyed(m, "{open} reads attempts, metadata and all else"))
	}
	return lines
}

// why says what happened and who has to act next.
func why(m *model.Model, row mirror.Row, add func(...string)) {
	what, next := row.Means()
	if row.State != client.StateFailed || row.Unreadable != "" {
		if what != "" {
			add("Why: " + lower(what))
		}
		if next != "" {
			add("Next: " + lower(next))
		}
		return
	}
	reason, numbers := client.ReasonOf(row.ErrorCode), ""
	if common, ok := m.Rise.Of(row.ErrorCode); ok && common.Days > 0 {
		numbers = common.Numbers()
	}
	add("Why: "+lower(what), "Code "+row.ErrorCode, numbers)
	if s := m.Detail.Session; s != nil && s.LastError != nil && s.LastError.Reason != "" {
		add("Stripe says: " + s.LastError.Reason)
	}
	add("Next: " + lower(next))
	add("A retry can help: "+reason.Retry.String(), "Next move: "+reason.Mover.String())
}

// lower begins a sentence that stands behind a word.
func lower(text string) string {
	if strings.HasPrefix(text, "Stripe") || len(text) > 1 && text[1] >= 'A' && text[1] <= 'Z' { // a name, an abbreviation
		return text
	}
	return strings.ToLower(text[:min(1, len(text))]) + text[min(1, len(text)):]
}

// attempts are the submissions, the newest first, each in one line.
func attempts(m *model.Model, row mirror.Row, add func(said)) {
	d := &m.Detail
	switch {
	case d.Err != nil:
		add(line("Attempts: "+d.Err.Error(), keyed(m, "{open} tries again")))
		return
	case d.Session == nil:
		add(line("Attempts are being read"))
		return
	case len(d.Reports) == 0:
		add(line("Attempts: no result yet"))
		return
	}
	for i, report := range d.Reports {
		checks, _, outcome := report.Attempt(row.Selfie)
		words := make([]string, len(checks))
		for i, check := range checks {
			words[i] = checkWords(report, check)
		}
		name := "Attempt " + num(len(d.Reports)-i) + " of " + num(len(d.Reports))
		said := said{name + outcome + strings.Join(words, ""), name + ", " + ago(m.ServerNow().Sub(report.Created.Time()), false) + ", " + outcome}
		if len(words) > 0 {
			said.text += ": " + strings.Join(words, "; ")
		}
		said.text = sentence(said.text)
		add(said)
	}
}

// checkWords is one check of an attempt.
func checkWords(report client.Report, check client.NamedCheck) string {
	called := client.CheckName(check.Name)
	words := called + " " + check.Status
	switch {
	case check.Error != nil:
		words = client.ReasonOf(check.Error.Code).Label
	case check.Status == "":
		words = called + " not checked"
	}
	if check.Name == "document" && report.Document.Type != "" {
		words = listing(words, strings.TrimSpace(strings.ReplaceAll(report.Document.Type, "_", " ")+" "+report.Document.IssuingCountry))
	}
	return words
}

// outputs are the verified facts of a person, while they are revealed.
func outputs(m *model.Model, row mirror.Row, add func(...string)) {
	d := &m.Detail
	switch {
	case row.State != client.StateVerified:
		return
	case d.Revealing:
		add(model.Groups[d.Group].Name + " is being read")
		return
	case d.Outputs == nil:
		add(keyed(m, "Outputs are masked: {reveal} reveals some for ") + timeline.Long(model.RevealTime))
		return
	}
	add(model.Groups[d.Group].Name+", revealed for "+timeline.Long(model.RevealTime), keyed(m, "{reveal} masks it"))
	facts := d.Facts()
	for _, fact := range facts {
		add(fact.Name + ": " + fact.Value.Reveal())
	}
	if len(facts) == 0 {
		add("Stripe has none")
	}
}

// revealPage asks which group of a person's details is to be revealed.
func revealPage(m *model.Model) page {
	p := page{name: line("Reveal for "+timeline.Long(model.RevealTime)+", and record it", "Any other line reveals nothing"), at: -1, asks: true}
	for g, group := range model.Groups {
		text := keyOf(m, group.Action) + ": " + group.Name
		if why := m.WhyNotGroup(model.Group(g)); why != "" {
			text += ", not now: " + why
		}
		p.intro = append(p.intro, line(text))
	}
	return p
}

// erasure is how far the redaction is.
func erasure(m *model.Model, row mirror.Row, add func(...string)) {
	since := ""
	if !row.Since.IsZero() {
		since = ", since " + moment(row.Since)
	}
	switch {
	case row.Redaction == "":
	case row.State == client.StateRedacting:
		add("Redaction under way"+since, row.Reach())
	case row.State == client.StateRedacted:
		add("Redaction done"+since, row.Reach())
	default:
		add("Redaction: " + string(row.Redaction))
	}
}

// facts are the fields that the list's row has too.
func facts(m *model.Model, row mirror.Row, add func(...string)) {
	for _, fact := range [][2]string{{"Options", strings.Join(m.Options(row), ", ")}, {"Reference", private(m, row.Reference)}, {"Customer", private(m, row.Customer)}, {"Report", row.ReportID}} {
		if fact[1] != "" {
			add(fact[0] + " " + fact[1])
		}
	}
	if row.Tries > 1 {
		add(plural(row.Tries-1, "more session", "more sessions") + " of this user_id: " + keyed(m, "{person} shows them"))
	}
}
