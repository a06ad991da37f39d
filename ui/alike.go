package ui

import (
	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/model"
	"idtop/ui/safe"
)

// alikeText counts the sessions under user_ids that look the same as a person's. It
// says "other" only while these sessions are not included.
func alikeText(alike []mirror.Alike, taken bool) safe.Text {
	sessions := 0
	for _, a := range alike {
		sessions += a.Sessions
	}
	ids := plural(len(alike), "id that looks the same", "ids that look the same")
	if taken {
		return safe.Concat(safe.Num(sessions), safe.Lit(" of these under "), ids)
	}
	return safe.Concat(plural(sessions, "more session", "more sessions"), safe.Lit(" under "), ids)
}

// alikeDifferences says how each user_id differs from a person's.
func alikeDifferences(m *model.Model, alike []mirror.Alike, userID string) safe.Text {
	words := make([]safe.Text, len(alike))
	for i, a := range alike {
		words[i] = private(m, safe.Line(query.Difference(userID, a.UserID)))
	}
	return safe.Join(safe.Lit("; "), words...)
}

// mostAlike is how many user_ids that look the same a plan lists.
const mostAlike = 3

// planAlike lists the user_ids that look the same as the plan's, each with its
// difference, and the key that includes them.
func planAlike(on *palette, m *model.Model, s *model.PlanScreen, width int) []dialogRow {
	if len(s.Alike) == 0 {
		return nil
	}
	key := keyed(m, ": {alike} takes them in")
	if s.Taken {
		key = keyed(m, ": {alike} leaves them out")
	}
	rows := planNote(on, safe.Concat(safe.Lit("▲ "), alikeText(s.Alike, s.Taken), key), width)
	for i, a := range s.Alike {
		if i == mostAlike && len(s.Alike) > mostAlike+1 {
			rows = append(rows, dialogRow{row: row{{on.dim, safe.Concat(safe.Lit("    … "), safe.Num(len(s.Alike)-i), safe.Lit(" more"))}}, spare: 4})
			break
		}
		what := safe.Concat(safe.Lit("  "), plural(a.Sessions, "session", "sessions"), safe.Lit(", "), private(m, safe.Line(query.Difference(s.UserID, a.UserID))))
		id := private(m, safe.UserIDQuoted(a.UserID)).CutMiddle(max(12, width-4-what.Width()))
		rows = append(rows, dialogRow{row: row{{on.text, safe.Lit("    ")}, {on.bold, id}, {on.dim, what}}, spare: 4})
	}
	return rows
}
