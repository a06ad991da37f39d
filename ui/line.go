package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// painter writes the screen, line by line. It is the only thing in this package
// that writes text, and it takes safe.Text.
type painter struct {
	out    strings.Builder
	column int   // cells written in this line
	open   style // style of the text being written
	theme  *theme
	line   int // lines written before this one
	mouse  bool
	shown  model.Extent
	cursor *tea.Cursor // the terminal's cursor, nil when there is no text input
}

// put writes a text; matched letters and escapes have styles of their own.
func (p *painter) put(s style, on *palette, t safe.Text) {
	p.column += t.Width()
	if t.Uniform() {
		p.write(s, t.String())
		return
	}
	for run := range t.Runs() {
		switch {
		case run.Escape: // also where it was matched: a warning is not hidden by a search
			p.write(on.escape, run.Text)
		case run.Match:
			p.write(on.match, run.Text)
		default:
			p.write(s, run.Text)
		}
	}
}

// fill writes spaces up to a column.
func (p *painter) fill(s style, column int) {
	if n := column - p.column; n > 0 {
		p.column = column
		if p.open.ground == s.ground { // spaces look the same on one ground
			s = p.open
		}
		p.write(s, spaces(n))
	}
}

func (p *painter) write(s style, text string) {
	if text == "" {
		return
	}
	if s.before != p.open.before {
		p.out.WriteString(p.open.after)
		p.out.WriteString(s.before)
	}
	p.open = s
	p.out.WriteString(text)
}

// newline ends a line.
func (p *painter) newline() {
	p.end()
	p.out.WriteByte('\n')
	p.column = 0
	p.line++
}

// spot notes the effect of a click on the next cells of this line.
func (p *painter) spot(width int, s model.Spot) {
	if p.mouse {
		s.X, s.Y, s.Width = p.column, p.line, width
		p.shown.Spots = append(p.shown.Spots, s)
	}
}

// end closes the open style.
func (p *painter) end() {
	p.out.WriteString(p.open.after)
	p.open = style{}
}

// repaint replaces all painted lines by other painted ones.
func (p *painter) repaint(lines []string) {
	p.out.Reset()
	p.out.WriteString(strings.Join(lines, "\n"))
}

// String returns the painted lines.
func (p *painter) String() string {
	p.end()
	return p.out.String()
}

const blank = "                                                                "

func spaces(n int) string {
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// segment is a text and how it is painted.
type segment struct {
	style style
	text  safe.Text
}

// row is one line of a region that is laid out before it is painted.
type row []segment

// line is a row with places that can be clicked; their X counts from its beginning.
type line struct {
	row
	spots []model.Spot
}

// on adds a part to the line. A click on the part carries out the action.
func (l line) on(id keymap.ID, part ...segment) line {
	l.spots = append(l.spots, model.Spot{Kind: model.ActionSpot, Action: id, X: l.width(), Width: row(part).width()})
	l.row = append(l.row, part...)
	return l
}

// putLine writes a line into a number of cells.
func (p *painter) putLine(l line, on *palette, width int) {
	from := p.column
	for _, s := range l.spots {
		if shown := min(s.Width, width-s.X); shown > 0 {
			p.column = from + s.X
			p.spot(shown, s)
		}
	}
	p.column = from
	p.putRow(l.row, on, width)
}

func (r row) width() int {
	n := 0
	for _, s := range r {
		n += s.text.Width()
	}
	return n
}

// in returns the row in one style.
func (r row) in(s style) row {
	painted := make(row, len(r))
	for i, part := range r {
		painted[i] = segment{s, part.text}
	}
	return painted
}

// keys returns as many keys with their words as fit whole into a width, the first ones: a
// row of keys has them in turn.
func (r row) keys(width int) row {
	for len(r) > 2 && r.width() > width {
		r = r[:len(r)-2]
	}
	return r
}

// wrap returns the row in lines of a width. A part that does not fit beside those before it
// begins a line of its own, below an indent.
func (r row) wrap(on *palette, indent, width int) []row {
	lead := segment{on.text, safe.Spaces(indent)}
	var rows []row
	var line row
	for _, part := range r {
		if line.width()+part.text.Width() <= width {
			line = append(line, part)
			continue
		}
		for _, text := range part.text.TrimLeft().Wrap(max(1, width-indent)) {
			if line.width() > indent {
				rows = append(rows, line)
			}
			line = row{lead, {part.style, text}}
		}
	}
	return append(rows, line)
}

// fit returns the row cut or filled to a width, and one cell more.
func (r row) fit(on *palette, width int) row {
	fitted := make(row, 0, len(r)+1)
	for _, part := range r {
		part.text = part.text.Cut(width)
		width -= part.text.Width()
		fitted = append(fitted, part)
	}
	return append(fitted, segment{on.text, safe.Spaces(max(0, width) + 1)})
}

// putRow writes a row into a number of cells: a longer row is cut with …, a shorter
// one is filled up.
func (p *painter) putRow(r row, on *palette, width int) {
	end := p.column + width
	for _, s := range r {
		left := end - p.column
		if left <= 0 {
			break
		}
		if s.text.Width() > left {
			s.text = s.text.Cut(left)
		}
		p.put(s.style, on, s.text)
	}
	p.fill(on.text, end)
}

// overlay returns a painted line with a part replaced by another. A wide character
// at an edge becomes a blank, so that nothing moves.
func overlay(line, part string, from, width int) string {
	left, right := ansi.Truncate(line, from, ""), ansi.TruncateLeft(line, from+width, "")
	gap := spaces(from - ansi.StringWidth(left))
	rest := spaces(max(0, ansi.StringWidth(line)-from-width-ansi.StringWidth(right)))
	return left + gap + part + rest + right
}
