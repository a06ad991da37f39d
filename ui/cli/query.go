package cli

import (
	"idtop/client/query"
	"idtop/ui/fail"
)

// queryOf reads the text of --query. On the command line a query with a problem finds
// nothing to fall back on.
func queryOf(text string) (query.Query, error) {
	q := query.Parse(text)
	for _, p := range q.Problems() {
		hint := "QUERY.md describes all terms"
		if p.Better != "" {
			hint = "right would be: " + p.Better
		}
		return q, fail.Misuse(hint, "--query: %s", p.Text)
	}
	return q, nil
}
