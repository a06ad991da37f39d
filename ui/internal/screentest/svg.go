package screentest

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// The geometry of the picture, in pixels. The advance of JetBrains Mono is six
// tenths of its size, so that a run of ASCII keeps to the grid by itself.
const (
	fontSize   = 16
	cellWidth  = 9.6
	cellHeight = 20
	baseline   = 15
	margin     = 14
	radius     = 10
)

// scheme is a terminal's colours where the program names none.
type scheme struct{ fg, bg, cursor string }

var (
	dark  = scheme{fg: "#d6dae2", bg: "#0f131b", cursor: "#82aaff"}
	light = scheme{fg: "#1f2430", bg: "#fbfcfe", cursor: "#2453c4"}
)

// SVG returns a picture of the screen in a dark window. The same screen always
// gives the same bytes.
func (s *Screen) SVG() string { return s.svg(dark) }

// SVGLight is SVG in a light window.
func (s *Screen) SVGLight() string { return s.svg(light) }

func (s *Screen) svg(colours scheme) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, h := s.em.Width(), s.em.Height()
	p := picture{scheme: colours}
	p.open(w, h)
	grid := make([][]Cell, h)
	for y := range grid {
		grid[y] = make([]Cell, w)
		for x := range grid[y] {
			grid[y][x] = p.resolve(s.cell(x, y))
			if x > 0 && grid[y][x].Width == 0 { // behind a wide character
				grid[y][x].Bg = grid[y][x-1].Bg
			}
		}
	}
	p.backgrounds(grid)
	for y := range grid {
		p.row(y, grid)
	}
	if s.shown {
		at := s.em.CursorPosition()
		p.rect(px(at.X), float64(at.Y*cellHeight), 1.5, cellHeight, colours.cursor)
	}
	p.b.WriteString("</g></svg>\n")
	return p.b.String()
}

// picture writes an SVG.
type picture struct {
	scheme
	b strings.Builder
}

func (p *picture) open(w, h int) {
	width, height := num(px(w)+2*margin), num(float64(h*cellHeight)+2*margin)
	fmt.Fprintf(&p.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s">`+"\n", width, height, width, height)
	fmt.Fprintf(&p.b, `<rect width="%s" height="%s" rx="%d" fill="%s"/>`+"\n", width, height, radius, p.bg)
	fmt.Fprintf(&p.b, `<g transform="translate(%d %d)" fill="%s" font-family="'JetBrains Mono','DejaVu Sans Mono',monospace" font-size="%d" style="white-space:pre;font-variant-ligatures:none" xml:space="preserve">`+"\n",
		margin, margin, p.fg, fontSize)
}

// resolve applies reverse video, and leaves out colours that are the window's.
func (p *picture) resolve(c Cell) Cell {
	if c.Reversed {
		fg, bg := c.Fg, c.Bg
		if fg == "" {
			fg = p.fg
		}
		if bg == "" {
			bg = p.bg
		}
		c.Fg, c.Bg, c.Reversed = bg, fg, false
	}
	if c.Fg == p.fg {
		c.Fg = ""
	}
	if c.Bg == p.bg {
		c.Bg = ""
	}
	return c
}

// patch is a rectangle of one background, in cells.
type patch struct {
	x, y, w, h int
	fill       string
}

// backgrounds paints the ground behind the text in as few rectangles as possible,
// joining equal pieces of neighbouring rows: seams would show.
func (p *picture) backgrounds(grid [][]Cell) {
	var done, open []patch
	for y, row := range grid {
		var now []patch
		for x := 0; x < len(row); {
			from := x
			for x < len(row) && row[x].Bg == row[from].Bg {
				x++
			}
			if row[from].Bg != "" {
				now = append(now, patch{from, y, x - from, 1, row[from].Bg})
			}
		}
		for i := range now {
			for j, above := range open {
				if above.x == now[i].x && above.w == now[i].w && above.fill == now[i].fill {
					now[i].y, now[i].h = above.y, above.h+1
					open = append(open[:j:j], open[j+1:]...)
					break
				}
			}
		}
		done = append(done, open...)
		open = now
	}
	for _, r := range append(done, open...) {
		p.rect(px(r.x), float64(r.y*cellHeight), float64(r.w)*cellWidth, float64(r.h*cellHeight), r.fill)
	}
}

// row writes the text of a line: ASCII in runs, and every other character at a
// place of its own, because it may come from a font with another advance.
func (p *picture) row(y int, grid [][]Cell) {
	row := grid[y]
	for x := 0; x < len(row); {
		c := row[x]
		if n := p.drawn(x, y, grid); n > 0 {
			x += n
			continue
		}
		switch {
		case c.Width == 0 || strings.TrimSpace(c.Text) == "" && !c.Underline && !c.Strike:
			x++
		case !isASCII(c.Text):
			p.text(x, y, c.Text, c.Style)
			x++
		default:
			run := runOf(row[x:])
			p.text(x, y, run, c.Style)
			x += len(run)
		}
	}
}

// runOf returns the ASCII text at the start of a row in one style. It ends before
// two spaces, so that a font with another advance can't drift far, and between two
// signs that the font would join to a ligature: -> is no arrow.
func runOf(row []Cell) string {
	first := row[0].Style
	first.Bg = ""
	var b strings.Builder
	for i, c := range row {
		style := c.Style
		style.Bg = ""
		gap := c.Text == " " && (i+1 == len(row) || row[i+1].Text == " " || row[i+1].Width == 0)
		if style != first || !isASCII(c.Text) || gap && !first.Underline || i > 0 && isSign(c.Text) && isSign(row[i-1].Text) {
			break
		}
		b.WriteString(c.Text)
	}
	return b.String()
}

func (p *picture) text(x, y int, text string, st Style) {
	fmt.Fprintf(&p.b, `<text x="%s" y="%d"`, num(px(x)), y*cellHeight+baseline)
	if st.Fg != "" {
		fmt.Fprintf(&p.b, ` fill="%s"`, st.Fg)
	}
	if st.Bold {
		p.b.WriteString(` font-weight="bold"`)
	}
	if st.Italic {
		p.b.WriteString(` font-style="italic"`)
	}
	if st.Faint {
		p.b.WriteString(` opacity=".6"`)
	}
	switch {
	case st.Underline:
		p.b.WriteString(` text-decoration="underline"`)
	case st.Strike:
		p.b.WriteString(` text-decoration="line-through"`)
	}
	p.b.WriteByte('>')
	_ = xml.EscapeText(&p.b, []byte(text)) // a strings.Builder does not fail
	p.b.WriteString("</text>\n")
}

func (p *picture) rect(x, y, w, h float64, fill string) {
	if fill == "" {
		fill = p.fg
	}
	fmt.Fprintf(&p.b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", num(x), num(y), num(w), num(h), fill)
}

func isSign(s string) bool { return strings.ContainsAny(s, "!#$%&*+-./:;<=>?@\\^|~") }

// px returns the left edge of column x.
func px(x int) float64 { return float64(x) * cellWidth }

// num writes a coordinate with as few digits as it needs.
func num(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
