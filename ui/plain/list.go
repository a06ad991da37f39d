package plain

import (
	"strings"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/model"
)

var tabNames = [len(model.Tabs)]string{"All", "Failed", "Waiting", "Processing", "Verified", "Canceled", "Redacted"}

// sorts say by what a list is sorted.
var sorts = [mirror.ColumnCount]string{
	mirror.ByBest: "best match first", mirror.ByAge: "when they were created", mirror.ByState: "state", mirror.ByUser: "user_id",
	mirror.ByReason: "reason", mirror.ByTries: "sessions of the person", mirror.BySince: "when they came into their state",
	mirror.ByDoc: "document", mirror.ByCountry: "country", mirror.ByAttempts: "attempts",
}

// sortOf says how the list is sorted.
func sortOf(m *model.Model) string {
	order := m.Order()
	by := "sorted by " + sorts[order.Column]
	switch {
	case order.Column == mirror.ByBest:
		by = "best match first"
	case order.Column == mirror.BySince && m.List.Tab == 1:
		by = "sorted by when they failed"
	}
	switch timed := order.Column == mirror.ByAge || order.Column == mirror.BySince; {
	case timed && order.Reverse:
		return by + ", oldest first"
	case timed:
		return by + ", newest first"
	case order.Reverse:
		return by + ", reversed"
	}
	return by
}

// listName says which list is shown.
func listName(m *model.Model) string {
	name := "Tab " + num(m.List.Tab+1) + ", " + tabNames[m.List.Tab]
	if m.List.Saved != "" {
		name = "View " + m.List.Saved
		if m.ViewChanged() {
			name += ", changed"
		}
	}
	switch m.List.View.Kind {
	case model.MarkedView:
		name = "Only the marked sessions, " + name
	case model.PersonView:
		name = "Sessions of " + private(m, quoted(m.List.View.UserID)) + ", " + name
	case model.ErasedView:
		name = "Sessions of a person who is erased, " + name
	case model.QueryView:
		name = "Sessions of a line of the insights, " + name
	}
	return name + ", " + sortOf(m)
}

// listPage is the list of sessions.
func listPage(m *model.Model) page {
	l := &m.List
	p := page{at: -1, shown: max(1, m.ListRows()), opens: 1, total: l.Page.Total, line: func(i int) said { return rowLine(m, i) }}
	key := listName(m) + "\x00" + m.Search.Text()
	if m.Search.Text() != "" {
		p.intro = append(p.intro, searchLines(m)...)
	}
	count := plural(l.Page.Total, "row", "rows")
	nothing := ""
	switch {
	case !l.Loaded || l.Page.Total == 0:
		count, nothing = "", keyed(m, strings.TrimSuffix(m.Emptiness(), "…"))
		p.total = 0
	case l.Following() && m.NewestFirst():
		nothing = "Nothing selected: following"
	case l.Following():
		nothing = keyed(m, "Nothing selected: {down} selects")
	}
	p.none = line(nothing)
	p.name = said{key, sentences(listName(m), count, nothing)}
	if marked := m.Marks.Len(); marked > 0 {
		text := num(marked) + " marked"
		if hidden := m.HiddenMarks(); hidden > 0 {
			text += ", " + num(hidden) + " of them not in this list"
		}
		p.intro = append(p.intro, line(text))
	}
	if columns := m.ChosenColumns(); columns != nil {
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = m.ColumnName(c)
		}
		p.intro = append(p.intro, line("Columns: "+strings.Join(names, ", ")))
	}
	switch hit, ok := l.Row(0); {
	case !l.Following() && p.total > 0:
		p.at = min(l.Index, p.total-1)
	case l.Following() && ok && m.NewestFirst():
		p.total = 0
		p.news = said{"new " + hit.ID + hit.State.String(), "New: " + ended(listing(sinceOf(m, hit.Row), listedOf(m, hit.Row), reasonOf(m, hit.Row)))}
		p.outro = []said{p.news}
	default:
		p.total = 0
	}
	if row, ok := l.Current(); ok {
		p.news = said{"row " + row.ID + " " + row.State.String(), "Under the cursor: " + ended(listing(listedOf(m, row.Row), sinceOf(m, row.Row), reasonOf(m, row.Row)))}
		if m.Detail.Wanted && m.Detail.ID == row.ID {
			lines := detailLines(m)
			most := min(len(lines), detailRows(m))
			p.outro = lines[:most]
			if left := len(lines) - most; left > 0 {
				p.outro = append(p.outro[:most:most], line(keyed(m, num(left)+" more: {other-pane}, then {page-down}")))
			}
		}
	}
	return p
}

// rowLine is a row of the list.
func rowLine(m *model.Model, i int) said {
	place := "Row " + num(i+1) + " of " + num(m.List.Page.Total)
	hit, ok := m.List.Row(i)
	if !ok {
		return line(place + " is being read")
	}
	marked := markOf(m, hit.ID)
	changed := ""
	if _, fresh := m.Fresh(hit.Row); fresh {
		changed = "Just changed"
	}
	return said{
		strings.Join([]string{num(i), hit.ID, hit.State.String(), marked, strings.Join(m.Columns(), ",")}, "\x00"),
		sentences(place+": "+rowWords(m, hit), marked, changed),
	}
}

// markOf is the word for a marked row.
func markOf(m *model.Model, id string) string {
	if m.Marks.Has(id) {
		return "Marked"
	}
	return ""
}

// rowWords are the columns of a row in words.
func rowWords(m *model.Model, hit mirror.Hit) string {
	columns := m.ChosenColumns()
	if columns == nil {
		tries := ""
		if hit.Tries > 0 {
			tries = plural(hit.Tries, "try", "tries")
		}
		return ended(listing(listedOf(m, hit.Row), sinceOf(m, hit.Row), reasonOf(m, hit.Row))) + " " + sentences(tries, "Session "+ending(hit.ID))
	}
	words := make([]string, 0, len(columns))
	for _, column := range columns {
		words = append(words, fieldOf(m, hit, column))
	}
	return listing(words...)
}

// fieldOf is the value of a row in a column.
func fieldOf(m *model.Model, hit mirror.Hit, column model.Column) string {
	some := func(n int, one, many string) string {
		if n == 0 {
			return ""
		}
		return plural(n, one, many)
	}
	switch column {
	case model.StateColumn:
		return hit.State.String()
	case model.UserColumn:
		return listedOf(m, hit.Row)
	case model.ReasonColumn:
		return reasonOf(m, hit.Row)
	case model.DocColumn:
		return strings.ReplaceAll(hit.Doc, "_", " ")
	case model.CountryColumn:
		return hit.Country
	case model.TriesColumn:
		return some(hit.Tries, "try", "tries")
	case model.AttemptsColumn:
		return some(hit.Attempts, "attempt", "attempts")
	case model.SinceColumn:
		return sinceOf(m, hit.Row)
	case model.CreatedColumn:
		return "created " + ago(m.ServerNow().Sub(hit.Created.Time()), false)
	case model.TypeColumn:
		return strings.ReplaceAll(hit.Type, "_", " ")
	case model.SessionColumn:
		return "session " + ending(hit.ID)
	}
	key, ok := m.MetadataKey(column)
	if i := int(column - model.ColumnCount); ok && i < len(hit.Metadata) && hit.Metadata[i] != "" {
		if m.HidesListed(hit.Metadata[i]) {
			return key + " " + maskedWord
		}
		return key + " " + hit.Metadata[i]
	}
	return ""
}

// newer says how many rows came above the cursor since it was set.
func newer(m *model.Model) said {
	n := m.NewerAbove()
	if n == 0 || m.Overlay() != nil {
		return said{}
	}
	text, failed := num(n)+" newer", 0
	for i := m.List.Top - n; i < m.List.Top; i++ {
		hit, ok := m.List.Row(i)
		if !ok {
			return line(text, keyed(m, "Key {follow} follows"))
		}
		if hit.State == client.StateFailed {
			failed++
		}
	}
	if failed > 0 {
		text += ", " + num(failed) + " of them failed"
	}
	return line(text, keyed(m, "Key {follow} follows"))
}
