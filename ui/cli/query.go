package cli

import (
	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/ui/fail"
)

// queryOf reads the text of --query. On the command line a query with a problem finds
// nothing to fall back on.
func queryOf(text string) (query.Query, error) {
	q := query.Parse(text)
	if problems := q.Problems(); len(problems) > 0 {
		p, hint := problems[0], "QUERY.md describes all terms"
		if p.Better != "" {
			hint = "right would be: " + p.Better
		}
		return q, fail.Misuse(hint, "--query: %s", p.Text)
	}
	return q, nil
}

// tellUnknown warns of what could not be known.
func tellUnknown(p *Process, page mirror.Page) {
	if page.Unknown > 0 {
		fail.Warn(p.Stderr, several(page.Unknown, "more session")+" may match: their reports are not known", "idtop sync reads reports, as far as the config wants them")
	}
}
