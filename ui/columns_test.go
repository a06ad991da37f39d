package ui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/model"
)

// Whatever is chosen, on each screen and in each order: the columns fit, the user_id is
// readable, nothing else is shown, and on a wide screen nothing is missing.
func TestColumnsFit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		m := &model.Model{}
		m.List.Tab = random.IntN(len(model.Tabs))
		m.List.Order = mirror.Order{Column: mirror.Column(random.IntN(int(mirror.ColumnCount))), Reverse: random.IntN(2) == 0}
		facts := random.IntN(2) == 0
		if m.Sync.Reports.Kept = mirror.KeptOff; facts {
			m.Sync.Reports.Kept = mirror.KeptAll
		}
		all := slices.Clone(usualColumns)
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, column := range all[:random.IntN(len(all)+1)] {
			m.List.Columns = append(m.List.Columns, m.ColumnName(column))
		}
		for range random.IntN(4) {
			m.List.Page.Rows = append(m.List.Page.Rows, mirror.Hit{Row: mirror.Row{UserID: strings.Repeat("x", random.IntN(120)), State: client.StateFailed, Facts: mirror.Facts{ErrorCode: "document_expired"}}})
		}
		width := model.MinWidth + random.IntN(200)
		c := columnsFor(m, width)
		used := gutter - columnGap
		for column, size := range c.widths {
			column := model.Column(column)
			if size > 0 {
				used += size + columnGap
			}
			wanted := m.List.Columns == nil || slices.Contains(m.List.Columns, m.ColumnName(column)) || c.sorts(column) || column == model.UserColumn
			switch {
			case size < 0, size > 0 && !wanted:
				t.Fatalf("%q at %d sorted by %d: %s has %d", m.List.Columns, width, m.Order().Column, m.ColumnName(column), size)
			case size == 0 && c.has(column) && width >= 200:
				t.Fatalf("%q at %d sorted by %d: %s is missing", m.List.Columns, width, m.Order().Column, m.ColumnName(column))
			case size == 0 && c.sorts(column) && c.has(column) && width >= 80:
				t.Fatalf("%q at %d: it is sorted by %s, which is missing", m.List.Columns, width, m.ColumnName(column))
			}
		}
		reason := c.widths[model.ReasonColumn]
		if cut := widestUser(m) > c.widths[model.UserColumn]; cut && (used < width-1 || reason > len("document expired") && reason > widestReason(m)) {
			t.Fatalf("%q at %d: a user_id is cut at %d, and cells are free: %d of all, reasons have %d", m.List.Columns, width, c.widths[model.UserColumn], width-used, reason)
		}
		if used > width || c.widths[model.UserColumn] < 8 {
			t.Fatalf("%q at %d sorted by %d: %d cells used, %d for the user_id", m.List.Columns, width, m.Order().Column, used, c.widths[model.UserColumn])
		}
	}
}
