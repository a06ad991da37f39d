package plain

import (
	"strings"

	"idtop/model"
)

// searchPage is the search line while it has the keys.
func searchPage(m *model.Model) page {
	p := page{name: line("Search: type letters of a user_id, in order, or terms such as state:failed", keyed(m, "{keep-search} keeps it, {clear-search} clears it, {complete} offers terms")), at: -1, shown: opening}
	if m.Search.Text() != "" {
		p.intro = searchLines(m)
	}
	if offer := m.Search.Offer; offer != nil && len(offer.Candidates) > 0 {
		c := offer.Candidates[offer.At]
		count := ""
		if c.Counted {
			count = num(c.Sessions)
		}
		p.outro = []said{line("Offer "+num(offer.At+1)+" of "+num(len(offer.Candidates))+": "+listing(c.Text, c.Words, count), keyed(m, "{complete} takes it, down and up choose"))}
	} else if hit, ok := m.List.Current(); ok && m.Search.Text() != "" {
		p.outro = []said{{"first " + hit.ID, "Row " + num(m.List.Index+1) + ": " + rowWords(m, hit)}}
	}
	return p
}

// searchLines say the matches of a search, and its mistakes.
func searchLines(m *model.Model) (lines []said) {
	page := m.List.Page
	found := num(page.Found()) + " of " + num(page.Counts.All) + " match"
	if page.Loading || !m.Claim().Complete {
		found += " so far"
	}
	if wrong, ok := m.Search.Problem(); ok {
		still := "all"
		if !m.Search.Query.Empty() {
			still = private(m, m.Search.Query.String())
		}
		lines = append(lines, said{wrong.String(), ended(private(m, wrong.String()))}, said{"still" + still, sentence("Still listed: " + still + ", " + num(page.Found()) + " of " + num(page.Counts.All))})
	} else {
		for _, slip := range m.Search.Typed.Suggestions() {
			lines = append(lines, line(private(m, slip.String())))
		}
		lines = append(lines, said{"found" + m.Search.Text(), sentence("Search " + private(m, strings.TrimSpace(m.Search.Text())) + ", " + found)})
	}
	if len(page.Elsewhere) > 0 {
		lines = append(lines, line("No user_id has "+private(m, strings.Join(page.Elsewhere, ", "))+": looked in ids, references, customers"))
	}
	if page.Apart > 0 {
		lines = append(lines, line(num(page.Apart)+keyed(m, " of them where the letters stand apart: {mark-all} leaves them out")))
	}
	if page.ByReason > 0 {
		lines = append(lines, line(num(page.ByReason)+" more for their reason"))
	}
	if page.Unknown > 0 {
		lines = append(lines, line(num(page.Unknown)+" more may match: their reports are not known"))
	}
	return lines
}
