package screentest

// arm says in which directions a box-drawing character has a line.
type arm uint8

const (
	left arm = 1 << iota
	right
	up
	down
	heavy
)

// boxes are drawn as lines and not as text: lines of a font end at its box,
// which is lower than the line spacing, and would leave gaps.
var boxes = map[string]arm{
	"─": left | right, "│": up | down, "━": left | right | heavy, "┃": up | down | heavy,
	"┌": right | down, "┐": left | down, "└": right | up, "┘": left | up,
	"╭": right | down, "╮": left | down, "╰": right | up, "╯": left | up,
	"├": up | down | right, "┤": up | down | left, "┬": left | right | down, "┴": left | right | up,
	"┼": left | right | up | down, "╴": left, "╶": right, "╵": up, "╷": down,
}

// blocks are parts of a cell that are filled: from left, from top, width and
// height, in eighths.
var blocks = map[string][4]float64{
	"█": {0, 0, 8, 8}, "▌": {0, 0, 4, 8}, "▐": {4, 0, 4, 8}, "▀": {0, 0, 8, 4}, "▄": {0, 4, 8, 4},
	"▏": {0, 0, 1, 8}, "▎": {0, 0, 2, 8}, "▍": {0, 0, 3, 8}, "▋": {0, 0, 5, 8}, "▊": {0, 0, 6, 8}, "▉": {0, 0, 7, 8},
	"▁": {0, 7, 8, 1}, "▂": {0, 6, 8, 2}, "▃": {0, 5, 8, 3}, "▅": {0, 3, 8, 5}, "▆": {0, 2, 8, 6}, "▇": {0, 1, 8, 7},
}

// drawn draws the box or block character that is in column x of a row, and
// returns how many cells are done: 0 if it is no such character, and all of a
// horizontal line.
func (p *picture) drawn(x, y int, row []Cell) int {
	c := row[x]
	cx, cy := px(x), float64(y*cellHeight)
	if b, ok := blocks[c.Text]; ok {
		p.rect(cx+b[0]*cellWidth/8, cy+b[1]*cellHeight/8, b[2]*cellWidth/8, b[3]*cellHeight/8, c.Fg)
		return 1
	}
	arms, ok := boxes[c.Text]
	if !ok {
		return 0
	}
	n := 1
	for arms&^heavy == left|right && x+n < len(row) && row[x+n].Text == c.Text && row[x+n].Fg == c.Fg {
		n++
	}
	stroke := 1.5
	if arms&heavy != 0 {
		stroke = 3
	}
	midX, midY := cx+(cellWidth-stroke)/2, cy+(cellHeight-stroke)/2
	if arms&(left|right) != 0 {
		from, to := midX, midX+stroke
		if arms&left != 0 {
			from = cx
		}
		if arms&right != 0 {
			to = cx + float64(n)*cellWidth
		}
		p.rect(from, midY, to-from, stroke, c.Fg)
	}
	if arms&(up|down) != 0 {
		from, to := midY, midY+stroke
		if arms&up != 0 {
			from = cy
		}
		if arms&down != 0 {
			to = cy + cellHeight
		}
		p.rect(midX, from, stroke, to-from, c.Fg)
	}
	return n
}
