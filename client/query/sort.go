package query

import (
	"context"
	"slices"
	"sort"
)

// sorted returns the best rows of all, best first, at most wanted. It spreads the
// rows over buckets, the best in the first. The cores then sort bucket by bucket,
// up to the wanted rows. Buckets are small, so that the end of ctx is noticed soon.
func (x *Index) sorted(ctx context.Context, all [][]hit, wanted int) ([]hit, error) {
	total := 0
	for _, rows := range all {
		total += len(rows)
	}
	borders := x.borders(all)
	spread := make([][][]hit, len(all))
	err := concurrently(ctx, len(all), func(i int) {
		spread[i] = make([][]hit, len(borders)+1)
		for _, s := range all[i] {
			n := sort.Search(len(borders), func(n int) bool { return x.better(s, borders[n]) })
			spread[i][n] = append(spread[i][n], s)
		}
	})
	if err != nil {
		return nil, err
	}
	var buckets [][]hit
	rows := make([]hit, 0, total)
	for n := 0; n <= len(borders) && len(rows) < wanted && ctx.Err() == nil; n++ {
		from := len(rows)
		for i := range spread {
			rows = append(rows, spread[i][n]...)
		}
		buckets = append(buckets, rows[from:])
	}
	err = concurrently(ctx, len(buckets), func(i int) { slices.SortFunc(buckets[i], order(x.better)) })
	if err != nil {
		return nil, err
	}
	return rows[:min(len(rows), wanted)], nil
}

// borders returns rows that divide all rows into parts of about the same size.
func (x *Index) borders(all [][]hit) []hit {
	const bucket, samples = 4096, 8
	var sample []hit
	for _, rows := range all {
		for i := 0; i < len(rows); i += bucket / samples {
			sample = append(sample, rows[i])
		}
	}
	slices.SortFunc(sample, order(x.better))
	var borders []hit
	for i := samples; i < len(sample); i += samples {
		borders = append(borders, sample[i])
	}
	return borders
}
