package plain

import (
	"slices"
	"strings"

	"idtop/keymap"
	"idtop/model"
)

// helpPage is the help: the keys of the place where it was opened.
func helpPage(m *model.Model, h *model.Help) page {
	search := keyOf(m, keymap.HelpSearch) + " searches"
	if h.Searching {
		search = "Type words of keys, names or help"
	}
	found := plural(h.All, "key", "keys")
	if h.Text() != "" {
		found = num(len(h.Entries)) + " of " + found + " have " + h.Text()
	}
	p := page{name: said{"help" + h.Text() + search, sentences("Help, the keys for "+h.Where(m)+": "+found+", "+num(h.NotNow)+" not now",
		search+keyed(m, ", {help-run} does one, {back} leaves, {again} says the line again"))}, at: h.At, shown: opening, opens: opening, more: keyOf(m, keymap.PageDown)}
	if len(h.Entries) == 0 {
		p.at = -1
	}
	lines := make([]said, len(h.Entries))
	for i, e := range h.Entries {
		group := ""
		if i == 0 || h.Entries[i-1].Group != e.Group {
			group = string(e.Group)
		}
		not := ""
		if e.Why != "" {
			not = "Not now: " + e.Why
		}
		lines[i] = line(group, keysOf(m, e.ID)+": "+e.Name+", "+helpOf(e.Help), not)
	}
	return p.list(lines)
}

// palettePage are the commands that match what was typed.
func palettePage(m *model.Model, pl *model.Palette) page {
	name := "Commands: " + num(pl.Able) + " can be done, " + num(len(pl.Entries)-pl.Able) + " not now"
	if pl.Text() != "" {
		name = "Commands with " + private(m, pl.Text()) + ": " + num(pl.Able) + " can be done, " + num(len(pl.Entries)-pl.Able) + " not now"
	}
	p := page{name: line(name, keyed(m, "Letters find one, down and up choose, {run} does it, {back-out} leaves")), at: pl.At, shown: opening, opens: 5, more: "down"}
	if len(pl.Entries) == 0 {
		p.at, p.intro = -1, []said{line("Nothing has these letters")}
	}
	lines := make([]said, len(pl.Entries))
	for i, e := range pl.Entries {
		name, help := e.Name, helpOf(e.Help)
		if e.Person.ID != "" && m.HidesListed(e.Person.UserID) {
			name = "a " + maskedWord + " user_id"
		}
		if e.Person.ID == "" && e.View == "" {
			name = model.Sentence(name)
		}
		if e.Command != nil && e.Command.Argument != "" {
			name += " " + e.Command.Argument
		}
		if action, ok := keymap.Lookup(e.Action); ok {
			name += ", key " + keysOf(m, action.ID)
		}
		if e.Why != "" {
			help = "not now: " + e.Why
		}
		lines[i] = said{name + help, ended(name + ": " + help)}
	}
	return p.list(lines)
}

// columnsPage are the columns that a row is said with.
func columnsPage(m *model.Model, b *model.ColumnsBox) page {
	of := "of the seven tabs"
	if m.List.Saved != "" {
		of = "of the view " + m.List.Saved
	}
	p := page{name: line("Columns "+of+", which a row is said with", keyed(m, "{column-show} shows or hides one, {column-up} and {column-down} move it, {columns-usual} is as usual, {columns-keep} keeps them, {columns-back} does not")), at: b.At, shown: opening, opens: len(b.Lines)}
	lines := make([]said, len(b.Lines))
	for i, l := range b.Lines {
		state := "hidden"
		if l.Shown {
			state = "said"
		}
		if !l.Known {
			state = "unknown to this idtop"
		}
		lines[i] = line(l.Name + ": " + state + ", place " + num(i+1))
	}
	return p.list(lines)
}

// messagesPage are the messages, newest first.
func messagesPage(m *model.Model, o *model.Overlay) page {
	p := page{name: said{"messages", keyed(m, "Messages, newest first. {back} leaves.")}, at: -1, from: o.Scroll, shown: opening, more: keyOf(m, keymap.PageDown)}
	if len(m.Log.Messages) == 0 {
		p.intro = []said{line("Nothing has happened yet")}
	}
	var lines []said
	for _, msg := range slices.Backward(m.Log.Messages) {
		lines = append(lines, line(moment(msg.At)+": "+messageWords(m, msg)))
	}
	return p.list(lines)
}

// messageWords is a message with all that belongs to it.
func messageWords(m *model.Model, msg model.Message) string {
	request, due, detail := "", "", ""
	if msg.RequestID != "" {
		request = "Request " + msg.RequestID
	}
	text := strings.ReplaceAll(m.Said(msg), model.Masked, maskedWord)
	switch {
	case !msg.Due.IsZero():
		text, due = "Job "+num(int(msg.Job))+": accepted by Stripe, not erased yet", "Due by "+moment(msg.Due)
	case msg.Level == model.Failure:
		text = "Trouble: " + text
	}
	if msg.Detail != "" {
		detail = "Stripe says: " + msg.Detail
	}
	return ended(text) + " " + sentences(due, detail, request, m.HintOf(msg))
}
