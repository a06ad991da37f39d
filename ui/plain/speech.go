package plain

import "slices"

// said is a line, and what makes it another one: times that only grow older do not.
type said struct{ key, text string }

// line is a sentence whose words are all that it tells.
func line(texts ...string) said {
	text := sentences(texts...)
	return said{text, text}
}

// page is the lines about the part of the program that has the keys.
type page struct {
	name  said   // where one is; said first, and all of the page with it, when it is another
	intro []said // said whole
	total int    // lines of the list below
	line  func(i int) said
	at    int    // the line with the cursor, -1: there is none
	from  int    // without a cursor: the first line in sight
	shown int    // how many are in sight
	opens int    // how many lines are said when the page opens, from the cursor on
	more  string // the key for the lines that are left
	outro []said // said after the list
	news  said   // what may be told of it when nobody asked
	none  said   // said when the cursor has gone from the list
	asks  bool   // it asks: nothing else is said meanwhile, and its changes at once

	cursor said   // the line at at, when the page was taken
	seen   []said // the lines in sight then
	left   int    // how many are below them
}

// taken keeps the lines in sight: the model goes on changing.
func (p page) taken() page {
	if p.at >= p.total {
		p.at = -1
	}
	if p.at >= 0 {
		p.cursor = p.line(p.at)
	}
	from, to := p.from, p.from+p.shown
	if p.at >= 0 {
		from, to = p.at, p.at+p.opens
	}
	from, to = min(from, p.total), min(to, p.total)
	for i := from; i < to; i++ {
		p.seen = append(p.seen, p.line(i))
	}
	p.left = p.total - to
	return p
}

// whole is the page as it is said again.
func (p page) whole() []said { return append(p.body(), p.outro...) }

// body is the page as it is said when it opens, without what stands below its list.
func (p page) body() []said {
	all := append([]said{p.name}, p.intro...)
	return append(append(all, p.seen...), p.rest()...)
}

// rest says how many lines are left.
func (p page) rest() []said {
	if p.left == 0 || len(p.seen) == 0 || p.more == "" {
		return nil
	}
	return []said{line(num(p.left) + " more: " + p.more)}
}

// current are the lines that `,` says again: the question, the line with the cursor, or the
// lines in sight.
func (p page) current() []said {
	if p.at < 0 || p.asks {
		return p.whole()
	}
	return []said{p.cursor}
}

// since are the lines of a page that were not said of the page before.
func (p page) since(before page) []said {
	if p.name.key != before.name.key {
		return append(p.body(), fresh(p.outro, before.outro)...)
	}
	news := fresh(p.intro, before.intro)
	switch moved := p.at - before.at; {
	case p.at < 0 && before.at >= 0 && p.none.text != "":
		news = append(news, p.none)
	case p.at < 0:
		if lines := fresh(p.seen, before.seen); len(lines) > 0 {
			news = append(append(news, lines...), p.rest()...)
		}
	case p.opens > 1 && (moved > 1 || moved < -1):
		news = append(append(news, p.seen...), p.rest()...)
	case before.at >= 0 && moved > 1 && moved <= p.shown: // the lines that were passed are read, too
		for i := before.at + 1; i <= p.at; i++ {
			news = append(news, p.line(i))
		}
	case p.cursor.key != before.cursor.key:
		news = append(news, p.cursor)
	}
	return append(news, fresh(p.outro, before.outro)...)
}

// fresh are the lines that were not among others. A line that is there twice counts twice.
func fresh(lines, before []said) (news []said) {
	was := map[string]int{}
	for _, s := range before {
		was[s.key]++
	}
	for _, s := range lines {
		if was[s.key]--; was[s.key] < 0 {
			news = append(news, s)
		}
	}
	return news
}

// list gives a page the lines of a list.
func (p page) list(lines []said) page {
	lines = slices.Clip(lines)
	p.total, p.line = len(lines), func(i int) said { return lines[i] }
	return p
}
