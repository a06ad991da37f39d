package query

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Range is whole numbers from Low to High; an end that is open is math.MinInt64 or
// math.MaxInt64.
type Range struct{ Low, High int64 }

// Has tells whether a number is in the range.
func (r Range) Has(n int64) bool { return r.Low <= n && n <= r.High }

// before turns how long ago something was into when it was.
func (r Range) before(now int64) Range {
	times := Range{math.MinInt64, math.MaxInt64}
	if r.High != math.MaxInt64 {
		times.Low = now - r.High
	}
	if r.Low != math.MinInt64 {
		times.High = now - r.Low
	}
	return times
}

// scale is what numbers, spans and moments are read by: it makes one value the numbers that
// it covers.
type scale func(text string) (covers func(now time.Time) Range, timed, ok bool)

// begun is what can become a number, a span or a moment.
var begun = regexp.MustCompile(`^([<>]=?|=)?([0-9]+[smhdw]?|[0-9:T-])*(\.\.?([0-9]+[smhdw]?|[0-9:T-])*)?$`)

// rangeItem reads a number, a time, a comparison or a range.
func (n Name) rangeItem(text string) (Item, *wrong) {
	why := &wrong{better: n.offers(), open: begun.MatchString(text)}
	for _, word := range []string{"today", "yesterday"} {
		why.open = why.open || n.Kind >= Moment && strings.HasPrefix(word, text)
	}
	if n.Kind == Number {
		why.text = "is no number"
		item, ok := between(text, number)
		if !ok {
			return Item{}, why
		}
		return item, nil
	}
	why.text = "is no time"
	if n.Kind != Moment {
		if item, ok := between(text, span); ok {
			item.span, item.timed = true, true
			if strings.HasPrefix(text, "<") || strings.HasPrefix(text, ">") || strings.Contains(text, "..") {
				return item, nil
			}
			why.text, why.better, why.open = "says neither more nor less", "<"+text+", >"+text, true
			return Item{}, why
		}
	}
	if n.Kind != Span {
		if item, ok := between(text, moment); ok {
			return item, nil
		}
	}
	if _, ok := between(text, span); ok {
		why.text, why.better = "is how long ago, not when", "age:"+text
	} else if _, ok := between(text, moment); ok {
		why.text, why.better = "is when, not how long ago", "created:"+text
	}
	return Item{}, why
}

// between reads a value, a comparison or a range on a scale.
func between(text string, read scale) (Item, bool) {
	item := Item{Text: text}
	from, to, ranged := strings.Cut(text, "..")
	op := ""
	if !ranged {
		from = strings.TrimLeft(text, "<>=")
		op, to = text[:len(text)-len(from)], from
	}
	open := func(time.Time) Range { return Range{math.MinInt64, math.MaxInt64} }
	low, lowTimed, okLow := read(from)
	high, highTimed, okHigh := read(to)
	if ranged && from == "" {
		low, okLow = open, true
	}
	if ranged && to == "" {
		high, okHigh = open, true
	}
	if !okLow || !okHigh || ranged && from == "" && to == "" {
		return Item{}, false
	}
	item.timed = lowTimed || highTimed
	switch op {
	case "", "=":
		item.within = func(now time.Time) Range { return Range{low(now).Low, high(now).High} }
	case "<":
		item.within = func(now time.Time) Range { return Range{math.MinInt64, low(now).Low - 1} }
	case "<=":
		item.within = func(now time.Time) Range { return Range{math.MinInt64, low(now).High} }
	case ">":
		item.within = func(now time.Time) Range { return Range{low(now).High + 1, math.MaxInt64} }
	case ">=":
		item.within = func(now time.Time) Range { return Range{low(now).Low, math.MaxInt64} }
	default:
		return Item{}, false
	}
	return item, true
}

func always(low, high int64) func(time.Time) Range {
	return func(time.Time) Range { return Range{low, high} }
}

func number(text string) (func(time.Time) Range, bool, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return always(int64(n), int64(n)), false, err == nil
}

// units are those of a span, in seconds.
var units = map[byte]int64{'s': 1, 'm': 60, 'h': 60 * 60, 'd': 24 * 60 * 60, 'w': 7 * 24 * 60 * 60}

var spanParts = regexp.MustCompile(`^([0-9]{1,6}[smhdw])+$`)

func span(text string) (func(time.Time) Range, bool, bool) {
	if !spanParts.MatchString(text) {
		return nil, false, false
	}
	sum, n := int64(0), int64(0)
	for i := range len(text) {
		if unit, ok := units[text[i]]; ok {
			sum, n = sum+n*unit, 0
		} else {
			n = 10*n + int64(text[i]-'0')
		}
	}
	return always(sum, sum), true, true
}

// moments are the forms of a moment, and what each of them covers.
var moments = []struct {
	form  string
	after func(from time.Time) time.Time
}{
	{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
	{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"2006-01-02T15", func(t time.Time) time.Time { return t.Add(time.Hour) }},
	{"2006-01-02T15:04", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{"2006-01-02 15:04", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{"2006-01-02T15:04:05", func(t time.Time) time.Time { return t.Add(time.Second) }},
}

// moment reads a day, or another stretch of the calendar, in the zone of now.
func moment(text string) (func(now time.Time) Range, bool, bool) {
	if text == "today" || text == "yesterday" {
		days := 0
		if text == "yesterday" {
			days = -1
		}
		return func(now time.Time) Range {
			day := time.Date(now.Year(), now.Month(), now.Day()+days, 0, 0, 0, 0, now.Location())
			return Range{day.Unix(), day.AddDate(0, 0, 1).Unix() - 1}
		}, true, true
	}
	for _, m := range moments {
		if len(text) != len(m.form) {
			continue
		}
		if _, err := time.Parse(m.form, text); err == nil {
			return func(now time.Time) Range {
				from, _ := time.ParseInLocation(m.form, text, now.Location())
				return Range{from.Unix(), m.after(from).Unix() - 1}
			}, false, true
		}
	}
	return nil, false, false
}
