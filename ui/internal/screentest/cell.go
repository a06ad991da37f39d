package screentest

import (
	"fmt"
	"image/color"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Cell is one place of the screen.
type Cell struct {
	Text  string // a grapheme cluster; empty behind a wide one
	Style        // how it is painted
	Width int    // 1 or 2; 0 behind a wide one
}

// Style is how a cell is painted. A colour is "#rrggbb", or empty for the
// terminal's own. Reverse video is already applied to a cell with two colours.
type Style struct {
	Fg, Bg                                           string
	Bold, Faint, Italic, Underline, Strike, Reversed bool
}

// At returns the cell in column x of line y, counted from 0.
func (s *Screen) At(x, y int) Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cell(x, y)
}

func (s *Screen) cell(x, y int) Cell {
	c := s.em.CellAt(x, y)
	if c == nil || c.Content == "" && c.Width == 1 {
		return Cell{Text: " ", Width: 1}
	}
	return Cell{Text: c.Content, Width: c.Width, Style: styleOf(c.Style)}
}

func styleOf(in uv.Style) Style {
	return Style{
		Fg:        hex(in.Fg),
		Bg:        hex(in.Bg),
		Bold:      in.Attrs&uv.AttrBold != 0,
		Faint:     in.Attrs&uv.AttrFaint != 0,
		Italic:    in.Attrs&uv.AttrItalic != 0,
		Underline: in.Underline != 0,
		Strike:    in.Attrs&uv.AttrStrikethrough != 0,
		Reversed:  in.Attrs&uv.AttrReverse != 0,
	}
}

// basic are the 16 colours a terminal chooses itself, in a calm dark set.
var basic = [16]string{
	"#3b4252", "#ff7b85", "#8fd18a", "#f2c063", "#82aaff", "#c9a2ff", "#6fd3c7", "#d6dae2",
	"#8a93a3", "#ff5f6b", "#8fd18a", "#ffd479", "#82aaff", "#c9a2ff", "#6fd3c7", "#ffffff",
}

func hex(c color.Color) string {
	switch c := c.(type) {
	case nil:
		return ""
	case ansi.BasicColor:
		return basic[c&15]
	case ansi.IndexedColor:
		if c < 16 {
			return basic[c]
		}
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
