package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"idtop/client/query"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// searchIndent is the column of the first letter of the search line.
const searchIndent = 3

// searchCursor is the place of the terminal's cursor in the search line.
func searchCursor(m *model.Model) *tea.Cursor {
	return tea.NewCursor(min(m.Width-1, searchIndent+cursorCells(m)-searchScroll(m)), m.SearchLine())
}

// cursorCells is how many cells of the text are before the cursor.
func cursorCells(m *model.Model) int {
	return typed(m, string([]rune(m.Search.Text())[:m.Search.Cursor()])).Width()
}

// searchScroll is how many cells of a long text are out of sight, at its beginning.
func searchScroll(m *model.Model) int { return max(0, cursorCells(m)-(m.Width-searchIndent-2)) }

// typedRow is the text of the search: names and operators dim, what can't be understood
// underlined.
func typedRow(on *palette, m *model.Model) row {
	text := m.Search.Text()
	wrong, _ := m.Search.Problem()
	var parts row
	at := 0
	add := func(s style, to int) {
		if to > at {
			parts = append(parts, segment{s, typed(m, text[at:to])})
			at = to
		}
	}
	plain := func(to int) {
		if wrong.To > at && wrong.From < to {
			add(on.text, wrong.From)
			add(on.wrong, min(wrong.To, to))
		}
		add(on.text, to)
	}
	for _, name := range m.Search.Typed.NameParts() {
		if name.From < wrong.To && name.To > wrong.From {
			continue
		}
		plain(name.From)
		add(on.dim, name.To)
	}
	plain(len(text))
	if hidden := searchScroll(m); hidden > 0 {
		for i := range parts {
			width := parts[i].text.Width()
			parts[i].text = parts[i].text.CutFront(max(0, width-hidden))
			hidden = max(0, hidden-width)
		}
	}
	return parts
}

// problemRow says what is wrong with the text, what would be right, and what is still listed. A
// name with a slip is no problem: it is only said.
func problemRow(p *painter, m *model.Model, room int) row {
	on := &p.theme.plain
	wrong, ok := m.Search.Problem()
	if !ok {
		for _, slip := range m.Search.Typed.Suggestions() {
			said := segment{on.processing, safe.Concat(safe.Lit("▲ "), private(m, safe.Line(slip.String())), safe.Lit("  "))}
			return firstFit(room, append(row{said}, foundRow(p, m)...), row{said, countOf(p, m)}, row{said})
		}
		return nil
	}
	said := segment{on.processing, safe.Concat(safe.Lit("▲ "), private(m, safe.Line(wrong.String())), safe.Lit(". "))}
	short := segment{on.processing, safe.Concat(safe.Lit("▲ "), private(m, safe.Line(wrong.Better)))}
	still := row{{on.dim, safe.Lit("Still listed: ")}, {on.text, private(m, safe.Line(m.Search.Query.String()))}, {on.dim, safe.Lit(", ")}, countOf(p, m)}
	if m.Search.Query.Empty() {
		still = row{{on.dim, safe.Lit("Still listed: all, ")}, countOf(p, m)}
	}
	return firstFit(room, append(row{said}, still...), row{said, countOf(p, m)}, row{said}, row{short}, row{{on.processing, safe.Lit("▲")}})
}

// searchHint stands where the search is typed.
var searchHint = safe.Lit("letters of a user_id, in order")

// drawSearch draws the search and the number of its hits. Without a search the line
// says what can be typed there, if there is room.
func drawSearch(p *painter, m *model.Model) {
	on := &p.theme.plain
	marks := besideSearch(on, m)
	if m.Overlay().Is(model.TimelineOverlay) || m.Overlay().Is(model.ViewsOverlay) {
		p.fill(on.text, m.Width-marks.width()-1)
		p.putRow(marks, on, m.Width-p.column)
		return
	}
	if !m.Typing() && m.Search.Text() == "" {
		if m.NewsLine() > 0 && m.List.Tab > 0 && len(marks) == 0 && m.List.Loaded {
			marks = row{countOf(p, m), {on.text, space}}
		}
		view := viewRow(on, m, m.Width-marks.width()-1)
		if hint := (row{{on.accent, safe.Concat(space, keyOf(m, keymap.Search), space)}, {on.dim, searchHint}}); view == nil && hint.width()+marks.width()+2 <= m.Width {
			view = hint
		}
		p.putRow(view, on, max(view.width(), m.Width-marks.width()-1))
		p.putRow(marks, on, m.Width-p.column)
		return
	}
	line := append(row{{on.accent, safe.Lit(" / ")}}, typedRow(on, m)...)
	if m.Search.Text() == "" {
		line = append(line, segment{on.dim, safe.Concat(space, searchHint)})
	}
	var found row
	if !m.Search.Query.Empty() {
		found = foundRow(p, m)
	}
	dot := safe.Lit(" · ")
	room := m.Width - line.width() - marks.width() - 3
	if marks != nil {
		room -= dot.Width()
	}
	if problem := problemRow(p, m, room); problem != nil {
		found = problem
	}
	if len(found) > 0 && found.width() > room {
		found = firstFit(room, found[:1], row{countOf(p, m)})
	}
	if marks != nil && len(found) > 0 {
		found = append(row{{on.dim, dot}}, found...)
	}
	found = append(marks, found...)
	p.putRow(line, on, max(line.width(), m.Width-found.width()-1))
	p.putRow(found, on, m.Width-p.column)
}

// foundRow counts the matching sessions. If no user_id has the words, it names the
// places that were searched.
func foundRow(p *painter, m *model.Model) row {
	on := &p.theme.plain
	page := m.List.Page
	found := row{countOf(p, m)}
	switch {
	case page.Loading:
		found = append(found, segment{on.processing, safe.Lit(" · the mirror is still loading")})
	case !m.Claim().Complete:
		found = append(found, segment{on.processing, soFar(m)})
	}
	if page.Unknown > 0 {
		found = append(row{{on.processing, safe.Concat(safe.Num(page.Unknown), safe.Lit(" more may match: their reports are not known   "))}}, found...)
	}
	if len(page.Elsewhere) == 0 {
		return found
	}
	words := make([]safe.Text, len(page.Elsewhere))
	for i, word := range page.Elsewhere {
		words[i] = private(m, safe.Line(word).Cut(20))
	}
	note := segment{on.processing, safe.Concat(safe.Lit("no user_id has "), safe.Join(safe.Lit(", "), words...),
		safe.Lit(": looked in ids, references, customers   "))}
	return append(row{note}, found...)
}

// soFar says that there may be more matches, and how far back the sessions are
// known.
func soFar(m *model.Model) safe.Text {
	if back := m.Claim().Back; !back.IsZero() {
		return safe.Concat(safe.Lit(" so far · read back to "), backTo(back, m.ServerNow()))
	}
	return safe.Lit(" so far")
}

func countOf(p *painter, m *model.Model) segment {
	page := m.List.Page
	return segment{p.theme.plain.dim, safe.Concat(safe.Num(page.Found()), safe.Lit(" of "), safe.Num(page.Counts.All))}
}

// firstFit returns the first row that fits into a width, nil if none does.
func firstFit(room int, rows ...row) row {
	for _, r := range rows {
		if r.width() <= room {
			return r
		}
	}
	return nil
}

// The offer below the search line: its margins, and how wide words and counts are.
const (
	offerMargin = 3
	offerCount  = 8
)

// drawOffer draws what the term at the cursor can be completed by, over the list.
func drawOffer(p *painter, m *model.Model) {
	offer := m.Search.Offer
	if offer == nil || len(offer.Candidates) == 0 {
		return
	}
	on := &p.theme.dialog
	candidates := slices.Clone(offer.Candidates)
	if m.Privacy.On && offer.Names() {
		for i := range candidates {
			candidates[i].Text, candidates[i].Typed = masked().String(), 0
		}
	}
	text, words := 0, 0
	for _, c := range candidates {
		text, words = max(text, safe.Line(c.Text).Width()), max(words, safe.Line(c.Words).Width())
	}
	counted := 0
	if candidates[0].Counted {
		counted = offerCount
	}
	text = min(text, longestUser, m.Width-offerMargin-counted-3) // as in the list
	keys := row{{on.accent, keyOf(m, keymap.Complete)}, {on.text, safe.Lit(" takes it   ")}, {on.accent, upDown(m)}, {on.text, safe.Lit(" choose")}}
	width := min(m.Width, max(text+min(words, m.Width-text-counted-offerMargin-5)+counted+3, keys.width())+offerMargin+1)
	words = max(0, width-offerMargin-text-counted-3)
	before := typed(m, m.Search.Text()[:offer.From]).Width()
	x := max(0, min(searchIndent+before-searchScroll(m)-offerMargin, m.Width-width))
	rows := []row{nil}
	for i, c := range candidates {
		rows = append(rows, candidateRow(p.theme, c, i == offer.At, [...]int{text, words, counted}))
	}
	says := []row{nil}
	if chosen := safe.Line(candidates[max(0, offer.At)].Words); chosen.Width() > words { // its own line has no room for it
		says = nil
		for _, line := range chosen.Wrap(width - offerMargin - 1) {
			says = append(says, row{{on.text, safe.Spaces(offerMargin)}, {on.dim, line}})
		}
	}
	rows = append(append(rows, says...), append(row{{on.text, safe.Spaces(offerMargin)}}, keys.keys(width-offerMargin)...))
	lines := strings.Split(p.String(), "\n")
	for i, r := range rows {
		y := m.SearchLine() + 1 + i
		if y >= len(lines)-2 {
			break
		}
		ground := on
		if i > 0 && i == offer.At+1 {
			ground = &p.theme.selected
		}
		line := &painter{theme: p.theme}
		line.putRow(r, ground, width)
		lines[y] = overlay(lines[y], line.String(), x, width)
	}
	p.repaint(lines)
}

// candidateRow is a candidate: what was typed of it, what it means, and how many sessions it
// would leave. One that would leave none is dim.
func candidateRow(t *theme, c query.Candidate, chosen bool, widths [3]int) row {
	on, lead := &t.dialog, safe.Spaces(offerMargin)
	if chosen {
		on, lead = &t.selected, safe.Lit(" ▸ ")
	}
	look := on.text
	if c.Counted && c.Sessions == 0 {
		look = on.dim
	}
	typed := safe.Line(c.Text[:c.Typed]).Cut(widths[0])
	rest := safe.Line(c.Text[c.Typed:])
	r := row{{on.accent, lead}, {on.match, typed}, {look, rest.Fit(widths[0] - typed.Width())}, {on.text, safe.Lit("  ")}}
	says := safe.Line(c.Words)
	if says.Width() > widths[1] { // whole or not at all
		says = safe.Text{}
	}
	r = append(r, segment{on.dim, says.Fit(widths[1])})
	if widths[2] > 0 {
		r = append(r, segment{look, safe.Num(c.Sessions).PadLeft(widths[2])})
	}
	return append(r, segment{on.text, space})
}
