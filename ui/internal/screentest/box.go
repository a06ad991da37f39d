package screentest

// arm is the set of directions in which a box-drawing character has a line.
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

// blocks are the filled parts of a cell: from left, from top, width and height, in
// eighths.
var blocks = map[string][4]float64{
	"█": {0, 0, 8, 8}, "▌": {0, 0, 4, 8}, "▐": {4, 0, 4, 8}, "▀": {0, 0, 8, 4}, "▄": {0, 4, 8, 4},
	"▏": {0, 0, 1, 8}, "▎": {0, 0, 2, 8}, "▍": {0, 0, 3, 8}, "▋": {0, 0, 5, 8}, "▊": {0, 0, 6, 8}, "▉": {0, 0, 7, 8},
	"▁": {0, 7, 8, 1}, "▂": {0, 6, 8, 2}, "▃": {0, 5, 8, 3}, "▅": {0, 3, 8, 5}, "▆": {0, 2, 8, 6}, "▇": {0, 1, 8, 7},
}

// drawn draws the box or block character at a place of the grid, and returns how
// many cells of the row it covers: 0 if it is no such character. A line is drawn
// whole at its beginning, across the row or down the column, since pieces would
// show seams when the picture is scaled.
func (p *picture) drawn(x, y int, grid [][]Cell) int {
	c := grid[y][x]
	cx, cy := px(x), float64(y*cellHeight)
	if b, ok := blocks[c.Text]; ok {
		p.rect(cx+b[0]*cellWidth/8, cy+b[1]*cellHeight/8, b[2]*cellWidth/8, b[3]*cellHeight/8, c.Fg)
		return 1
	}
	arms, ok := boxes[c.Text]
	if !ok {
		return 0
	}
	same := func(o Cell) bool { return o.Text == c.Text && o.Fg == c.Fg }
	wide, high := 1, 1
	switch arms &^ heavy {
	case left | right:
		for x+wide < len(grid[y]) && same(grid[y][x+wide]) {
			wide++
		}
	case up | down:
		if y > 0 && same(grid[y-1][x]) {
			return 1
		}
		for y+high < len(grid) && same(grid[y+high][x]) {
			high++
		}
	}
	p.arms(cx, cy, float64(wide)*cellWidth, float64(high)*cellHeight, arms, c.Fg)
	return wide
}

// arms draws lines from the middle of a cell to its edges. x and y are the cell's
// upper left corner; width and height are those of the cell, or of all cells that
// the line crosses.
func (p *picture) arms(x, y, width, height float64, arms arm, fill string) {
	stroke := 1.5
	if arms&heavy != 0 {
		stroke = 3
	}
	midX, midY := x+(cellWidth-stroke)/2, y+(cellHeight-stroke)/2
	if arms&(left|right) != 0 {
		from, to := midX, midX+stroke
		if arms&left != 0 {
			from = x
		}
		if arms&right != 0 {
			to = x + width
		}
		p.rect(from, midY, to-from, stroke, fill)
	}
	if arms&(up|down) != 0 {
		from, to := midY, midY+stroke
		if arms&up != 0 {
			from = y
		}
		if arms&down != 0 {
			to = y + height
		}
		p.rect(midX, from, stroke, to-from, fill)
	}
}
