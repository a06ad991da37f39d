package ui

import (
	"strconv"
	"time"

	"idtop/client"
	"idtop/model"
	"idtop/ui/safe"
)

// age writes a duration in one unit, at most four cells: 12s, 3m, 58m, 5h, 21d,
// 14w, 3y.
func age(d time.Duration) safe.Text {
	d = max(0, d)
	day := 24 * time.Hour
	switch {
	case d < time.Minute:
		return count(d/time.Second, 's')
	case d < time.Hour:
		return count(d/time.Minute, 'm')
	case d < day:
		return count(d/time.Hour, 'h')
	case d < 60*day:
		return count(d/day, 'd')
	case d < 730*day:
		return count(d/(7*day), 'w')
	}
	return count(d/(365*day), 'y')
}

// The characters of a user_id, and of the id's end, that a message shows.
const nameWidth, nameEnd = 20, 4

// SessionName implements model.Renderer.
func (Renderer) SessionName(id, userID string) string {
	if userID == "" {
		return safe.Line(id).String()
	}
	user := masked()
	if userID != model.Masked {
		user = safe.Line(userID).Cut(nameWidth).Badged()
	}
	return safe.Concat(user, space, safe.Line(id).CutFront(nameEnd+1)).String()
}

// counts are the cached texts of small numbers with their units, which every row of
// every frame has.
var counts = func() map[byte]*[120]safe.Text {
	texts := map[byte]*[120]safe.Text{}
	for _, unit := range []byte("smhdwy") {
		texts[unit] = new([120]safe.Text)
		for n := range texts[unit] {
			texts[unit][n] = safe.Line(strconv.Itoa(n) + string(unit))
		}
	}
	return texts
}()

func count(n time.Duration, unit byte) safe.Text {
	if texts := counts[unit]; int(n) < len(texts) {
		return texts[n]
	}
	return safe.Line(strconv.Itoa(int(n)) + string(unit))
}

// seconds writes a short wait for a countdown: 12s, and 2m from two minutes on.
func seconds(d time.Duration) safe.Text {
	d = max(0, (d + time.Second/2).Truncate(time.Second))
	if d >= 2*time.Minute {
		return age(d)
	}
	return count(d/time.Second, 's')
}

// signs are the glyph of each state, and the glyph with its word.
type signs struct{ glyph, stateText [client.StateCount]safe.Text }

func stateSigns() *signs {
	var s signs
	s.glyph = [client.StateCount]safe.Text{
		client.StateUnknown:    safe.Lit("?"),
		client.StateFailed:     safe.Lit("✗"),
		client.StateWaiting:    safe.Lit("○"),
		client.StateProcessing: safe.Lit("◐"),
		client.StateVerified:   safe.Lit("✓"),
		client.StateCanceled:   safe.Lit("–"),
		client.StateRedacting:  safe.Lit("◌"),
		client.StateRedacted:   safe.Lit("⊘"),
	}
	for state, glyph := range s.glyph {
		s.stateText[state] = safe.Concat(glyph, space, safe.Line(client.State(state).String()))
	}
	return &s
}

// badgeOf is the word of a mode, with a cell at each side.
func badgeOf(live bool) safe.Text {
	switch {
	case live && safe.ASCII():
		return safe.Lit("[LIVE]")
	case live:
		return safe.Lit(" LIVE ")
	case safe.ASCII():
		return safe.Lit("[TEST]")
	}
	return safe.Lit(" TEST ")
}

// plural writes a number with its noun.
func plural(n int, one, many string) safe.Text {
	if n == 1 {
		return safe.Line("1 " + one)
	}
	return safe.Concat(safe.Num(n), safe.Line(" "+many))
}
