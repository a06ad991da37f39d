package ui

import (
	"strings"

	"idtop/client"
	"idtop/client/plan"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// drawPlanScreen draws a plan, which takes the whole screen.
func drawPlanScreen(p *painter, m *model.Model, s *model.PlanScreen) {
	if planTop(m) > 0 {
		drawHeader(p, m)
		p.newline()
		p.newline()
	}
	drawPlan(p, m, s)
	drawBanner(p, m, safe.Text{})
	p.newline()
	planKeys(p, m)
}

// drawPlan draws the plan below the header: the action and the number of its
// sessions, the phrase to type, each session with its disposition and reason, and
// who confirms.
func drawPlan(p *painter, m *model.Model, s *model.PlanScreen) {
	rows, sessions := planRows(p.theme, m, s)
	p.shown.Plan, p.cursor = sessions, fieldCursor(rows, 1, planTop(m))
	for i := range planHeight(m) {
		on := &p.theme.plain
		if i < len(rows) && rows[i].below {
			on = &p.theme.dialog
		}
		if i < len(rows) {
			p.put(on.text, on, space)
			p.putRow(rows[i].row, on, m.Width-1)
		}
		p.fill(on.text, m.Width)
		p.newline()
	}
}

// highPlan is the least height at which the header fits above the plan.
const highPlan = 30

// planTop is the number of lines above the plan.
func planTop(m *model.Model) int {
	if m.Height < highPlan {
		return 0 // its title has the badge
	}
	return 2
}

// planHeight is the number of lines of the plan screen.
func planHeight(m *model.Model) int { return m.Height - planTop(m) - 2 }

// planRows are the lines of the plan screen: its frame, and as many sessions as
// fit.
func planRows(theme *theme, m *model.Model, s *model.PlanScreen) (rows []dialogRow, sessions int) {
	head, foot := planFrame(theme, m, s)
	room := planHeight(m) - len(head) - len(foot)
	rows = append(head, planGroups(&theme.plain, m, s, room)...)
	for len(rows)+len(foot) < planHeight(m) {
		rows = append(rows, dialogRow{})
	}
	return append(rows, foot...), room - 1
}

// leastSessions is how many lines the lowest screen has for sessions.
const leastSessions = 2

// Below lowPlan lines the plan shows only its title, the confirmation and two
// sessions.
const lowPlan = 8

// planFrame is the part of the plan screen above and below its sessions. On a low
// screen lines are dropped by their spare. The action, the account and the phrase
// to type always stay.
func planFrame(theme *theme, m *model.Model, s *model.PlanScreen) (head, foot []dialogRow) {
	blank := dialogRow{spare: 5}
	head = append([]dialogRow{{row: planTitle(theme, m, s)}}, planEffect(&theme.plain, m, s)...)
	head = append(head, blank)
	head = append(head, planFields(&theme.dialog, m, s)...)
	head = append(head, blank)
	room := planHeight(m) - min(leastSessions+2, len(s.Plan.Entries)+1)
	head = fitDialog(head, room)
	foot = planWho(&theme.plain, m)
	if lines := len(s.Plan.Entries) + len(s.Plan.Reasons); len(head)+lines+len(foot) > planHeight(m) {
		foot = nil
	}
	return head, foot
}

// planFields are the confirmation, the reason and the choice for waiting sessions,
// each with its remark beside it.
func planFields(on *palette, m *model.Model, s *model.PlanScreen) []dialogRow {
	rows := make([]dialogRow, 0, len(s.Fields)+1)
	for i := range s.Fields {
		f, here := &s.Fields[i], i == s.At
		r := row{{on.text, safe.Lit("  ")}, {on.dim, safe.Line(f.Label).Fit(planLabel)}}
		if here {
			r = row{{on.accent, safe.Lit("▸ ")}, {on.text, safe.Line(f.Label).Fit(planLabel)}}
		}
		field := dialogRow{row: r, input: here && f.Kind != model.ChoiceField, spare: abs(i-s.At) * 2, below: true}
		if f.Kind == model.ConfirmField {
			field.spare = 0
			rows = append(rows, confirmLines(on, m, s, f, field)...)
			continue
		}
		if f.Value() == "" {
			field.cursor = r.width()
		}
		field.row = append(r, planValue(on, m, s, f, here)...)
		rows = append(rows, field)
	}
	return rows
}

// planLabel is the width of a field's label.
const planLabel = 10

// confirmLines are the phrase to type, the typed text, and why it is not accepted.
// When room is short, they are one below the other.
func confirmLines(on *palette, m *model.Model, s *model.PlanScreen, f *model.Field, field dialogRow) []dialogRow {
	ask := on.dim
	if s.Armed {
		ask = on.text
	}
	width, why := m.Width-2, s.Block()
	if why != "" {
		field.cursor = field.row.width()
		note := safe.Line(why)
		lines := note.Wrap(max(10, width-field.row.width()))
		rows := []dialogRow{field}
		rows[0].row = append(rows[0].row, segment{on.processing, lines[0]})
		for _, line := range lines[1:] {
			rows = append(rows, dialogRow{row: row{{on.text, safe.Spaces(planLabel + 2)}, {on.processing, line}}, below: true})
		}
		return rows
	}
	want := segment{on.bold, safe.Line(f.Want)}
	if f.Value() == "" || !s.Armed {
		want.style = ask
	}
	field.row = append(field.row, segment{on.dim, safe.Lit("type ")}, want)
	typed := segment{on.bold, safe.Line(f.Value())}
	note := segment{on.dim, safe.Lit("goes as soon as it is complete; enter never confirms")}
	if !strings.HasPrefix(f.Want, f.Value()) {
		note = segment{on.processing, safe.Lit("that is not the phrase")}
	}
	beside := append(append(row{}, field.row...), segment{on.text, safe.Lit("   ")}, typed)
	if field.row.width()+len("   ")+len(f.Want) >= width || beside.width() >= width {
		if !field.input {
			return []dialogRow{field}
		}
		field.input = false
		if room := width - planLabel - 2; typed.text.Width() > room {
			typed.text = typed.text.CutFront(max(1, room))
		}
		return []dialogRow{field, {row: row{{on.text, safe.Spaces(planLabel + 2)}, typed}, input: true, below: true}}
	}
	field.row, field.cursor = beside, beside.width()
	at := field.row.width() - typed.text.Width() + max(len(f.Want)+4, typed.text.Width()+2)
	if at+note.text.Width() < width {
		field.row = append(field.row, segment{on.text, safe.Spaces(at - field.row.width())}, note)
	}
	return []dialogRow{field}
}

// planValue draws the reason, or the choice for waiting sessions.
func planValue(on *palette, m *model.Model, s *model.PlanScreen, f *model.Field, here bool) row {
	look, tab := on.text, segment{on.dim, keyed(m, "{next-field}: ")}
	if here {
		look, tab = on.bold, segment{}
	}
	if f.Kind == model.ChoiceField {
		r := row{tab, {look, safe.Line(f.Value())}}
		waits := s.Plan.Count(plan.Wait)
		switch {
		case f.Value() == f.Choices[0] && m.Width < 100:
			r = append(r, segment{on.dim, safe.Concat(safe.Lit(", "), plural(waits, "joins", "join"))})
		case f.Value() == f.Choices[0] && waits == 1:
			r = append(r, segment{on.dim, safe.Lit(", the one that is being checked joins when it is done")})
		case f.Value() == f.Choices[0]:
			r = append(r, segment{on.dim, safe.Concat(safe.Lit(", the "), safe.Num(waits), safe.Lit(" that are being checked join when they are done"))})
		default:
			r = append(r, segment{on.dim, safe.Concat(safe.Lit(", "), plural(waits, "is", "are"), safe.Lit(" left as they are"))})
			if waits == 1 {
				r[len(r)-1].text = safe.Lit(", it is left as it is")
			}
		}
		if here {
			r = append(r, segment{on.accent, safe.Concat(safe.Lit("   "), keyOf(m, keymap.NextChoice))}, segment{on.dim, safe.Lit(" another")})
		}
		return r
	}
	room := max(1, m.Width-2-planLabel-3)
	switch value := safe.Line(f.Value()); {
	case s.Misplaced:
		return row{{look, value}, {on.processing, safe.Lit("  that is the phrase: it belongs to Confirm")}}
	case f.Value() == "":
		hint := safe.Line(f.Hint)
		if m.Width < 100 {
			short, _, _ := strings.Cut(f.Hint, ",")
			hint = safe.Line(short)
		}
		return row{tab, {on.dim, hint}}
	case value.Width() > room:
		return row{{look, value.CutFront(room)}}
	default:
		return row{{look, value}}
	}
}

// planTitle names the action, the account and the person.
func planTitle(theme *theme, m *model.Model, s *model.PlanScreen) row {
	on := &theme.plain
	verb := safe.Lit("Cancel ")
	if s.Plan.Verb == client.Redact {
		verb = safe.Lit("Redact ")
	}
	what := safe.Concat(verb, safe.Num(s.Plan.Acts()), safe.Lit(" of "), safe.Num(len(s.Plan.Entries)))
	gap := segment{on.text, safe.Lit(" ")}
	if m.Width >= 100 {
		what = safe.Concat(verb, safe.Num(s.Plan.Acts()), safe.Lit(" of "), plural(len(s.Plan.Entries), "session", "sessions"))
		gap = segment{on.text, safe.Lit("   ")}
	}
	if s.Plan.Waits() > 0 && m.Width >= 60 { // the badge is more important
		what = safe.Concat(what, safe.Lit(": "), safe.Line(s.Plan.When()))
	}
	r := row{{on.dangerBold, what}, gap, modeBadge(theme, m.Identity.Live), gap}
	account := safe.Spelled(m.Identity.Account).Cut(24)
	switch {
	case s.UserID != "":
		return append(r, segment{on.dim, safe.Lit("of ")}, segment{on.text, private(m, safe.UserIDQuoted(s.UserID)).Cut(30)}, gap,
			segment{on.dim, safe.Concat(safe.Lit("in "), account)})
	case m.Marks.Len() > 0:
		return append(r, segment{on.dim, safe.Concat(safe.Lit("those marked, in "), account)})
	}
	return append(r, segment{on.dim, safe.Concat(safe.Lit("in "), account)})
}

// modeBadge tells test from live.
func modeBadge(theme *theme, live bool) segment {
	if live {
		return segment{theme.live, badgeOf(true)}
	}
	return segment{theme.test, badgeOf(false)}
}

// planEffect says that the action can't be undone, and names its uncertainties.
func planEffect(on *palette, m *model.Model, s *model.PlanScreen) []dialogRow {
	width := m.Width - 2
	more := segment{on.dim, safe.Concat(space, safe.Line(s.Plan.Does()))}
	never := segment{on.danger, safe.Lit("This can't be undone.")}
	if never.text.Width()+more.text.Width() > width {
		more.text = safe.Lit(" The links stop working.")
		if s.Plan.Verb == client.Redact {
			more.text = safe.Lit(" Erased within 4 days; idtop follows it.")
		}
	}
	undone := dialogRow{row: row{never}}
	if never.text.Width()+more.text.Width() <= width {
		undone.row = append(undone.row, more)
	}
	if planHeight(m) < lowPlan {
		undone.spare = 1
	}
	rows := []dialogRow{undone}
	if s.Changed {
		rows = append(rows, planNote(on, safe.Lit("▲ Changed meanwhile: this is the new plan."), width)...)
	}
	rows = append(rows, planAlike(on, m, s, width)...)
	if s.Apart > 0 {
		rows = append(rows, planNote(on, safe.Concat(safe.Lit("▲ "), safe.Num(s.Apart), safe.Lit(" of them match only with letters apart or accented.")), width)...)
	}
	if why := m.Missing(); s.UserID != "" && why != "" {
		rows = append(rows, planNote(on, safe.Concat(safe.Lit("▲ "), safe.Line(why), safe.Lit(": this person may have more.")), width)...)
	}
	return rows
}

func planNote(on *palette, note safe.Text, width int) []dialogRow {
	var rows []dialogRow
	for i, line := range note.Wrap(width) {
		rows = append(rows, dialogRow{row: row{{on.processing, line}}, spare: min(i*2, 2)})
	}
	return rows
}

// planWho names the person who confirms, and what follows. It is dropped when room
// is short.
func planWho(on *palette, m *model.Model) []dialogRow {
	who, key := m.Actor()
	label := func(t safe.Text) segment { return segment{on.dim, t.Pad(9)} }
	you := row{label(safe.Lit("WHO")), {on.text, safe.Lit("you, ")}, {on.dim, safe.Line(who.User + "@" + who.Host).Cut(40)},
		{on.dim, safe.Lit(", with ")}, {on.text, safe.Spelled(key)}}
	undo := m.Undo()
	if m.Height < highPlan || m.Width < 100 {
		you[0] = segment{on.dim, safe.Lit("WHO  ")}
		you = append(you, segment{on.dim, safe.Lit(". Recorded first")})
		if undo > 0 {
			you = append(you, segment{on.dim, safe.Concat(safe.Lit("; then "), seconds(undo), safe.Lit(" to recall with "))}, segment{on.accent, keyOf(m, keymap.Recall)})
		}
		return []dialogRow{{}, {row: you}}
	}
	then := row{label(safe.Lit("THEN"))}
	if undo > 0 {
		then = append(then, segment{on.dim, safe.Concat(seconds(undo), safe.Lit(" in which "))}, segment{on.accent, keyOf(m, keymap.Recall)},
			segment{on.dim, safe.Lit(" recalls all of it; then ")})
	}
	then = append(then, segment{on.dim, safe.Lit("one after the other, each looked at again right before")})
	record := row{label(safe.Lit("RECORD")), {on.dim, safe.Lit("the ledger, before anything is sent, with the reason")}}
	return []dialogRow{{}, {row: you}, {row: then}, {row: record}}
}
