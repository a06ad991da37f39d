package ui

import (
	"errors"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// drawBanner draws the hair line above the footer. When reading fails, it says
// why and when it is tried again; in a live account it is part of the frame.
func drawBanner(p *painter, m *model.Model) {
	on := &p.theme.plain
	look, dash := on.line, safe.Lit("─")
	if m.Identity.Live {
		look, dash = p.theme.liveFrame, safe.Lit("━")
	}
	if cause := trouble(m); !cause.IsEmpty() {
		p.put(look, on, safe.Concat(dash, space))
		p.put(on.danger, on, cause.Cut(m.Width-4))
		p.put(look, on, space)
	}
	for p.column < m.Width {
		p.put(look, on, dash)
	}
}

// trouble says in words why reading fails and when it goes on.
func trouble(m *model.Model) safe.Text {
	if m.Sync.Err == nil {
		return safe.Text{}
	}
	cause := safe.ErrorBody(m.Sync.Err.Error())
	var e *client.Error
	if errors.As(m.Sync.Err, &e) {
		cause = safe.Line(e.Kind.What())
	}
	when := safe.Lit("trying again now")
	if m.Sync.Phase == mirror.Paused {
		when = safe.Lit("paused")
	} else if wait := m.Sync.Next.Sub(m.Now); !m.Sync.Next.IsZero() && wait > 0 {
		when = safe.Concat(safe.Lit("trying again in "), seconds(wait))
	}
	return safe.Concat(cause, safe.Lit(" · "), when)
}

// drawFooter draws the newest message while it is new, else the keys that
// matter now.
func drawFooter(p *painter, m *model.Model) {
	on := &p.theme.plain
	right := row{}
	if unread := m.Log.Unread(); unread > 0 {
		right = row{{on.text, space}, {on.accent, safe.Lit("!")}, {on.processing, safe.Concat(space, plural(unread, "message ", "messages "))}}
	}
	left := hintRow(p, m, m.Width-right.width()-1)
	switch notice, ok := m.Notice(); {
	case m.Dialog != nil:
		left = row{{on.dim, safe.Lit(" the dialog has all keys")}}
	case ok:
		left = noticeRow(p, notice)
	case m.Search.Typing:
		left = typingRow(on)
	}
	p.putRow(left, on, max(0, m.Width-right.width()))
	p.putRow(right, on, m.Width-p.column)
}

func noticeRow(p *painter, notice model.Message) row {
	on := &p.theme.plain
	r := row{{on.text, space}, levelSign(on, notice.Level), {on.text, safe.Line(notice.Text)}}
	if notice.Hint != "" {
		r = append(r, segment{on.dim, safe.Concat(safe.Lit(" · "), safe.Line(notice.Hint))})
	}
	return r
}

// levelSign is the sign of a message.
func levelSign(on *palette, level model.Level) segment {
	switch level {
	case model.Refusal, model.Warning:
		return segment{on.processing, safe.Lit("▲ ")}
	case model.Failure:
		return segment{on.danger, safe.Lit("✗ ")}
	}
	return segment{on.verified, safe.Lit("✓ ")}
}

// typingRow are the keys of the search line, which are not bound to actions.
func typingRow(on *palette) row {
	return row{{on.accent, safe.Lit(" enter")}, {on.text, safe.Lit(" keep the search ")},
		{on.accent, safe.Lit(" esc")}, {on.text, safe.Lit(" clear it ")}, {on.accent, safe.Lit(" ↑ ↓")}, {on.text, safe.Lit(" move ")}}
}

// fewestHints stay on a narrow screen even if their reasons must go.
const fewestHints = 3

// hintRow draws the hints. A key that can't act is dim, with its reason; where
// there is no room, the last hints go first, then the reasons.
func hintRow(p *painter, m *model.Model, width int) row {
	ids := m.Hints()
	for len(ids) > fewestHints && hints(p, m, ids, true).width() > width {
		ids = ids[:len(ids)-1]
	}
	if r := hints(p, m, ids, true); r.width() <= width {
		return r
	}
	ids = m.Hints()
	for len(ids) > 1 && hints(p, m, ids, false).width() > width {
		ids = ids[:len(ids)-1]
	}
	return hints(p, m, ids, false)
}

// hints draws a row of hints. Of neighbours with one reason the last has it.
func hints(p *painter, m *model.Model, ids []keymap.ID, reasons bool) row {
	on := &p.theme.plain
	var r row
	for i, id := range ids {
		action, ok := keymap.Lookup(id)
		if !ok {
			continue
		}
		look, text := on.accent, on.text
		words := safe.Line(title(m, action))
		if why := m.Why(id); why != "" {
			look, text = on.dim, on.dim
			if last := i == len(ids)-1 || m.Why(ids[i+1]) != why; reasons && last {
				words = safe.Concat(words, safe.Lit(" ("), safe.Line(why), safe.Lit(")"))
			}
		}
		r = append(r, segment{look, safe.Concat(space, safe.Line(action.Keys[0]))}, segment{text, safe.Concat(space, words, space)})
	}
	return r
}

// title is the hint's word; what a key does twice is named by what it does now.
func title(m *model.Model, action keymap.Action) string {
	switch {
	case action.ID == keymap.Reveal && m.Detail.Outputs != nil:
		return "mask"
	case action.ID == keymap.Pause && m.Sync.Phase == mirror.Paused:
		return "resume"
	}
	return action.Title
}
