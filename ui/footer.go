package ui

import (
	"errors"
	"slices"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// drawBanner draws the hair line above the footer. When reading fails, it says why
// and when the next attempt is; in a live account it is part of the frame.
func drawBanner(p *painter, m *model.Model, where safe.Text) {
	on := &p.theme.plain
	look, dash := on.line, safe.Lit("─")
	if m.Identity.Live {
		look, dash = p.theme.liveFrame, safe.Lit("━")
	}
	between := segment{look, safe.Concat(space, dash, space)}
	news := progress(on, m) // before troubles, since it may tell how to recall a job
	if cause := trouble(m); !cause.IsEmpty() {
		if news != nil {
			news = append(news, between)
		}
		news = append(news, segment{on.danger, cause})
	}
	room := m.Width - 4
	if news != nil {
		room -= news.width() + between.text.Width()
	}
	if tour := tourRow(on, m, room); news == nil {
		news = tour
	} else if tour != nil {
		news = append(append(tour, between), news...)
	}
	if news != nil {
		p.put(look, on, safe.Concat(dash, space))
		p.putRow(news, on, min(news.width(), m.Width-4))
		p.put(look, on, space)
	}
	end := m.Width
	if layout := m.Layout(); layout.Beside && m.Overlay() == nil {
		end = layout.List.Width
	}
	if from := end - where.Width() - 2; !where.IsEmpty() && p.column < from {
		for p.column < from {
			p.put(look, on, dash)
		}
		p.put(on.dim, on, where)
	}
	for p.column < m.Width {
		p.put(look, on, dash)
	}
}

// position is the cursor's place in the list.
func position(m *model.Model) safe.Text {
	layout := m.Layout()
	_, help := m.Modal.(*model.Help)
	switch {
	case m.Overlay().Is(model.PeopleOverlay) && !help && m.People.Selected != "":
		return safe.Concat(safe.Lit(" row "), safe.Num(m.People.Index+1), safe.Lit(" of "), safe.Num(m.People.Page.Total), space)
	case help || m.Overlay() != nil || layout.List.Height == 0 || m.List.Page.Total == 0:
		return safe.Text{}
	case !m.List.Following():
		return safe.Concat(safe.Lit(" row "), safe.Num(m.List.Index+1), safe.Lit(" of "), safe.Num(m.List.Page.Total), space)
	case m.NewestFirst():
		return safe.Lit(" following the newest ")
	}
	return safe.Text{}
}

// trouble says in words why reading fails and what happens next.
func trouble(m *model.Model) safe.Text {
	c := m.Claim()
	switch {
	case c.Link == mirror.Waiting && c.Cause == nil:
		return safe.Lit("Stripe does not answer · waiting, then trying again")
	case c.Cause == nil && m.Sync.Err == nil:
		return safe.Text{}
	case c.Cause == nil:
		c.Cause = m.Sync.Err
	}
	cause := safe.ErrorBody(c.Cause.Error())
	var e *client.Error
	if errors.As(c.Cause, &e) {
		cause = safe.Line(e.What())
	}
	when := safe.Lit("trying again now")
	switch {
	case c.Link == mirror.Halted:
		when = safe.Lit("paused")
	case c.Link == mirror.Waiting:
		when = safe.Lit("trying again")
	case c.Again > 0:
		when = safe.Concat(safe.Lit("trying again in "), seconds(c.Again))
	}
	return safe.Concat(cause, safe.Lit(" · "), when)
}

// drawFooter draws the newest message while it is new, otherwise the most useful
// keys.
func drawFooter(p *painter, m *model.Model, keys func(width int) line) {
	right := unreadRow(&p.theme.plain, m)
	left := keys(m.Width - right.width() - 1)
	if notice, ok := m.Notice(); ok {
		left = line{row: noticeRow(p, m, notice)}
	}
	p.footer(m, left, right)
}

func (p *painter) footer(m *model.Model, left line, right row) {
	on := &p.theme.plain
	p.putLine(left, on, max(0, m.Width-right.width()))
	p.putLine(line{}.on(keymap.Messages, right...), on, m.Width-p.column)
}

// unreadRow says how many messages are unread.
func unreadRow(on *palette, m *model.Model) row {
	unread := m.Log.Unread()
	if unread == 0 {
		return row{}
	}
	return row{{on.text, space}, {on.accent, keyOf(m, keymap.Messages)}, {on.processing, safe.Concat(space, plural(unread, "message ", "messages "))}}
}

// planKeys draws the keys of a plan, and the newest message or that nothing has been
// sent.
func planKeys(p *painter, m *model.Model) {
	on := &p.theme.plain
	right := unreadRow(on, m)
	left := row{{on.accent, safe.Lit(" esc")}, {on.text, safe.Lit(" back out ")}, {on.accent, safe.Concat(space, keyOf(m, keymap.NextField))}, {on.text, safe.Lit(" next field ")}}
	if notice, ok := m.Notice(); ok {
		left = append(left, noticeRow(p, m, notice)...)
	} else if note := safe.Lit("nothing has been sent "); left.width()+note.Width()+right.width() < m.Width {
		right = append(row{{on.dim, note}}, right...)
	}
	p.footer(m, line{row: left}, right)
}

func noticeRow(p *painter, m *model.Model, notice model.Message) row {
	on := &p.theme.plain
	look := on.text
	if notice.Bold {
		look = on.bold
	}
	r := row{{on.text, space}, levelSign(on, notice.Level), {look, safe.Line(m.Said(notice))}}
	if hint := m.HintOf(notice); hint != "" {
		r = append(r, segment{on.dim, safe.Concat(safe.Lit(" · "), safe.Line(hint))})
	}
	return r
}

// levelSign is the sign of a message.
func levelSign(on *palette, level model.Level) segment {
	switch level {
	case model.Told:
		return segment{on.dim, safe.Lit("· ")}
	case model.Refusal, model.Warning:
		return segment{on.processing, safe.Lit("▲ ")}
	case model.Failure:
		return segment{on.danger, safe.Lit("✗ ")}
	}
	return segment{on.verified, safe.Lit("✓ ")}
}

// typingRow are the keys of the search line, and why * can't mark while its text has a problem.
func typingRow(on *palette, m *model.Model, width int) row {
	keys := row{{on.accent, safe.Concat(space, keyOf(m, keymap.KeepSearch))}, {on.text, safe.Lit(" keep the search ")},
		{on.accent, safe.Lit(" esc")}, {on.text, safe.Lit(" clear it ")}, {on.accent, safe.Concat(space, upDown(m))}, {on.text, safe.Lit(" move ")}}
	if offer := m.Search.Offer; offer == nil || len(offer.Candidates) == 0 {
		keys = append(keys, segment{on.accent, safe.Concat(space, keyOf(m, keymap.Complete))}, segment{on.text, safe.Lit(" terms ")})
	}
	keys = keys.keys(width)
	if _, wrong := m.Search.Problem(); wrong {
		why := keyed(m, "{mark-all} needs a query without an error ")
		if gap := width - keys.width() - why.Width(); gap > 0 {
			keys = append(keys, segment{on.text, safe.Spaces(gap)}, segment{on.dim, why})
		}
	}
	return keys
}

// fewestHints is how many hints stay on a narrow screen beside reasons, which are then
// cut: help and the key itself say the whole. leastReason is the least room for that.
const (
	fewestHints = 3
	leastReason = 24
)

// hint is a key of the footer. Why it can't act stands behind all hints; where there is
// no room for reasons, such a hint is dim.
type hint struct {
	id              keymap.ID
	key, words, why safe.Text
}

func (h hint) width() int { return h.key.Width() + h.words.Width() + 3 }

// hintRow draws the hints, and behind them why some of them can't act. The terminal
// library sends a line from the first cell that changed to the last one: a hint keeps its
// place and its looks while the cursor moves, and only reasons are sent. When room is
// short, the last hints are dropped first, then the reasons.
func hintRow(p *painter, m *model.Model, width int) (l line) {
	hints, on := hintsOf(m), &p.theme.plain
	reasons := reasonsOf(on, hints)
	left := func(n int) int {
		left := width
		for _, h := range hints[:n] {
			left -= h.width()
		}
		return left
	}
	n := len(hints)
	for n > fewestHints && left(n) < reasons.width() {
		n--
	}
	if left(n) < min(reasons.width(), leastReason) {
		n, reasons = len(hints), nil
		for n > 1 && left(n) < 0 {
			n--
		}
	}
	l.row = make(row, 0, 5*n+len(reasons))
	for _, h := range hints[:n] {
		look, text := on.accent, on.text
		if !h.why.IsEmpty() && reasons == nil {
			look, text = on.dim, on.dim
		}
		l = l.on(h.id, segment{look, space}, segment{look, h.key}, segment{text, space}, segment{text, h.words})
		l.row = append(l.row, segment{text, space})
	}
	l.row = append(l.row, reasons...)
	return l
}

// reasonsOf says why hints can't act: each reason once, behind its keys.
func reasonsOf(on *palette, hints []hint) (reasons row) {
	for i, h := range hints {
		same := func(other hint) bool { return other.why.String() == h.why.String() }
		if h.why.IsEmpty() || slices.ContainsFunc(hints[:i], same) {
			continue
		}
		sign := safe.Lit(" · ")
		if len(reasons) == 0 {
			sign = space
		}
		keys := h.key
		for _, other := range hints[i+1:] {
			if same(other) {
				keys = safe.Concat(keys, space, other.key)
			}
		}
		reasons = append(reasons, segment{on.dim, safe.Concat(sign, keys, safe.Lit(": "), h.why)})
	}
	return reasons
}

// hintsOf lists the hints whose action has a key.
func hintsOf(m *model.Model) []hint {
	ids := m.Hints()
	hints := make([]hint, 0, len(ids))
	for _, id := range ids {
		if action, ok := keymap.Lookup(id); ok && len(m.Keys().Keys(id)) > 0 {
			hints = append(hints, hint{id, keyOf(m, id), safe.Line(m.Title(action)), safe.Line(m.Why(id))})
		}
	}
	return hints
}
