package ui

import (
	"math/rand/v2"
	"slices"
	"testing"

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
			m.List.Columns = append(m.List.Columns, column.String())
		}
		width := model.MinWidth + random.IntN(200)
		c := columnsFor(m, width)
		used := gutter - columnGap
		for column, size := range c.widths {
			column := model.Column(column)
			if size > 0 {
				used += size + columnGap
			}
			wanted := m.List.Columns == nil || slices.Contains(m.List.Columns, column.String()) || c.sorts(column) || column == model.UserColumn
			switch {
			case size < 0, size > 0 && !wanted:
				t.Fatalf("%q at %d sorted by %d: %s has %d", m.List.Columns, width, m.Order().Column, column, size)
			case size == 0 && c.has(column) && width >= 200:
				t.Fatalf("%q at %d sorted by %d: %s is missing", m.List.Columns, width, m.Order().Column, column)
			case size == 0 && c.sorts(column) && c.has(column) && width >= 80:
				t.Fatalf("%q at %d: it is sorted by %s, which is missing", m.List.Columns, width, column)
			}
		}
		if used > width || c.widths[model.UserColumn] < 8 {
			t.Fatalf("%q at %d sorted by %d: %d cells used, %d for the user_id", m.List.Columns, width, m.Order().Column, used, c.widths[model.UserColumn])
		}
	}
}
