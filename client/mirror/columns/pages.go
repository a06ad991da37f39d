package columns

// Columns grow page by page. A slice that doubles would hold up to half of its room
// in reserve, and would copy a million values while every reader waits.
const (
	pageBits = 12
	pageRows = 1 << pageBits
)

// pages is a column of values by number.
type pages[T any] struct{ pages []*[pageRows]T }

func (p *pages[T]) at(n uint32) *T { return &p.pages[n>>pageBits][n&(pageRows-1)] }

// put sets a value; numbers come without gaps.
func (p *pages[T]) put(n uint32, value T) {
	if int(n>>pageBits) == len(p.pages) {
		p.pages = append(p.pages, new([pageRows]T))
	}
	*p.at(n) = value
}

// texts is a column of strings by number. The strings of a page follow one another
// in the order of their numbers, so a page is one text to search. A replaced or
// wiped string leaves no byte behind.
type texts struct{ pages []*textPage }

type textPage struct {
	bytes []byte
	ends  [pageRows]uint32 // where the text of each number ends
	rows  int              // how many numbers have a text
	high  bool             // some byte is not ASCII, or once was not
}

// span returns where a text of the page lies.
func (p *textPage) span(i int) (from, to uint32) {
	if i > 0 {
		from = p.ends[i-1]
	}
	return from, p.ends[i]
}

func (p *textPage) text(i int) []byte {
	from, to := p.span(i)
	return p.bytes[from:to]
}

// at returns the text of a number; it must not be changed or kept.
func (t *texts) at(n uint32) []byte { return t.pages[n>>pageBits].text(int(n & (pageRows - 1))) }

// append sets the text of the next number.
func (t *texts) append(n uint32, text string) {
	if int(n>>pageBits) == len(t.pages) {
		t.pages = append(t.pages, new(textPage))
		if last := len(t.pages) - 2; last >= 0 { // as much as the page before needed
			t.pages[last+1].grow(len(t.pages[last].bytes))
		}
	}
	p := t.pages[n>>pageBits]
	if room := cap(p.bytes) - len(p.bytes); room < len(text) {
		p.grow(max(2*cap(p.bytes), len(p.bytes)+len(text), 256))
	}
	p.bytes = append(p.bytes, text...)
	p.high = p.high || !ascii(text)
	p.ends[p.rows] = uint32(len(p.bytes))
	if p.rows++; p.rows == pageRows {
		p.grow(len(p.bytes))
	}
}

// set replaces the text of an existing number.
func (t *texts) set(n uint32, text string) {
	p, i := t.pages[n>>pageBits], int(n&(pageRows-1))
	from, to := p.span(i)
	if string(p.bytes[from:to]) == text {
		return
	}
	before, by := len(p.bytes), len(text)-int(to-from)
	if by > cap(p.bytes)-before {
		p.grow(before + by)
	}
	p.bytes = p.bytes[:max(before, before+by)]
	copy(p.bytes[int(to)+by:], p.bytes[to:before])
	if by < 0 {
		clear(p.bytes[before+by:])
	}
	copy(p.bytes[from:], text)
	p.bytes = p.bytes[:before+by]
	for ; i < p.rows; i++ {
		p.ends[i] += uint32(by)
	}
	p.high = p.high || !ascii(text)
}

// rareTexts is a column of mostly empty strings: a page without any takes no room.
type rareTexts struct {
	texts
	rows uint32
}

func (t *rareTexts) at(n uint32) []byte {
	if t.pages[n>>pageBits] == nil {
		return nil
	}
	return t.texts.at(n)
}

// append sets the text of the next number.
func (t *rareTexts) append(n uint32, text string) {
	if int(n>>pageBits) == len(t.pages) {
		t.pages = append(t.pages, nil)
	}
	t.rows++
	page := &t.pages[n>>pageBits]
	if *page == nil && text == "" {
		return
	}
	if *page == nil {
		*page = &textPage{rows: int(n & (pageRows - 1))}
	}
	t.texts.append(n, text)
}

// set replaces the text of an existing number.
func (t *rareTexts) set(n uint32, text string) {
	page := &t.pages[n>>pageBits]
	if *page == nil && text == "" {
		return
	}
	if *page == nil {
		*page = &textPage{rows: int(min(pageRows, t.rows-n&^(pageRows-1)))}
	}
	t.texts.set(n, text)
}

// grow moves the page's texts to room of the given size, and wipes the old room.
func (p *textPage) grow(size int) {
	if size == cap(p.bytes) {
		return
	}
	old := p.bytes[:cap(p.bytes)]
	p.bytes = append(make([]byte, 0, size), p.bytes...)
	clear(old)
}

func ascii[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
