package columns

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"sync/atomic"

	"idtop/client/mirror"
	"idtop/client/query"
)

// values counts, among the rows of a view, the values of the term that the request names.
func (c *Columns) values(ctx context.Context, v view, r mirror.Request) ([]query.Value, error) {
	if r.Values == "" {
		return nil, nil
	}
	rows, err := c.rowsOf(ctx, v)
	if err != nil {
		return nil, err
	}
	if texts := kindTexts(r.Values); texts != nil {
		return c.counted(ctx, rows, &c.kind, len(c.kinds.all), func(n int) []string { return texts(&c.kinds.all[n])[:1] })
	}
	if texts := toldTexts(r.Values); texts != nil {
		return c.counted(ctx, rows, &c.told, len(c.tolds.all), func(n int) []string { return texts(&c.tolds.all[n]) })
	}
	if query.IsText(r.Values) {
		return c.begun(ctx, rows, r.Values, r.Begun)
	}
	terms := compiler{ctx: ctx, c: c, now: r.Now}
	var values []query.Value
	for _, value := range query.Offered(r.Values) {
		var count atomic.Int64
		meets := terms.test(query.Parse(r.Values+":"+value).Expr(), false)
		if terms.err != nil {
			return nil, terms.err
		}
		err := parallel(ctx, c.pageCount(), func(page int) {
			var met pageSet
			meets(page, &met)
			for i, word := range met {
				count.Add(int64(bits.OnesCount64(word & rows[page*len(met)+i])))
			}
		})
		if err != nil {
			return nil, err
		}
		values = append(values, query.Value{Text: value, Sessions: int(count.Load())})
	}
	return values, nil
}

// counted counts the texts of the numbers that rows have in a column; the most frequent text comes
// first.
func (c *Columns) counted(ctx context.Context, rows bitset, column *pages[uint32], numbers int, texts func(n int) []string) ([]query.Value, error) {
	counts := make([]atomic.Int64, numbers)
	err := parallel(ctx, len(rows)/len(pageSet{}), func(page int) {
		of := make([]int64, numbers)
		has := column.pages[page]
		for i, word := range rows[page*len(pageSet{}) : (page+1)*len(pageSet{})] {
			for ; word != 0; word &= word - 1 {
				of[has[i*64+bits.TrailingZeros64(word)]]++
			}
		}
		for n, count := range of {
			counts[n].Add(count)
		}
	})
	sessions := map[string]int{}
	for n := range counts {
		if count := int(counts[n].Load()); count > 0 {
			for _, text := range texts(n) {
				sessions[text] += count
			}
		}
	}
	var values []query.Value
	for text, n := range sessions {
		values = append(values, query.Value{Text: text, Sessions: n})
	}
	slices.SortFunc(values, func(a, b query.Value) int {
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Text, b.Text))
	})
	return values, err
}
