package ui

import (
	"image/color"
	"math"
	"strconv"
	"sync"

	"github.com/charmbracelet/x/ansi"

	"charm.land/lipgloss/v2"
)

// The least contrast by the rules for accessible texts: of a text with its background,
// also in a theme of high contrast, and of a bar.
const (
	textContrast = 4.5
	highContrast = 7.0
	barContrast  = 3.0
)

// The backgrounds that terminals have at most: the brightest dark one and the usual
// light one.
const darkTerminal, lightTerminal = "#1e1e1e", "#ffffff"

// contrast is the ratio of two colours, 1 to 21.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b := linear(c)
	return 0.2126*r + 0.7152*g + 0.0722*b
}

// linear are the parts of a colour as amounts of light, 0 to 1.
func linear(c color.Color) (r, g, b float64) {
	light := func(n uint32) float64 {
		part := float64(n) / 0xffff
		if part <= 0.04045 {
			return part / 12.92
		}
		return math.Pow((part+0.055)/1.055, 2.4)
	}
	rr, gg, bb, _ := c.RGBA()
	return light(rr), light(gg), light(bb)
}

// fixed256 are those of the 256 colours that are the same in each terminal.
var fixed256 = sync.OnceValue(func() (all [256]color.Color) {
	for i := 16; i < len(all); i++ {
		all[i] = ansi.IndexedColor(i)
	}
	return all
})

// nearest256 is the one of the 256 colours that is nearest to a token and has a contrast
// with some backgrounds.
func nearest256(token string, least float64, backgrounds []string) string {
	if token == "" {
		return ""
	}
	want, best, distance := lipgloss.Color(token), "", math.Inf(1)
	r, g, b, _ := want.RGBA()
	for i, c := range fixed256() {
		if c == nil {
			continue
		}
		cr, cg, cb, _ := c.RGBA()
		// The eye tells greens best and blues least.
		d := 3*square(r, cr) + 4*square(g, cg) + 2*square(b, cb)
		if d < distance && stands(c, least, backgrounds) { // the contrast takes longer than the distance
			best, distance = strconv.Itoa(i), d
		}
	}
	return best
}

func stands(c color.Color, least float64, backgrounds []string) bool {
	for _, background := range backgrounds {
		if contrast(c, lipgloss.Color(background)) < least {
			return false
		}
	}
	return true
}

func square(a, b uint32) float64 {
	d := float64(a) - float64(b)
	return d * d
}

// in256 returns the tokens in the nearest of 256 colours that keep the contrast.
func (t tokens) in256(terminal string, least float64) tokens {
	near := func(least float64, backgrounds []string, all ...*string) {
		for _, token := range all {
			*token = nearest256(*token, least, backgrounds)
		}
	}
	near(0, nil, &t.selected, &t.tab, &t.dialog, &t.liveBadge, &t.testBadge, &t.line, &t.ghost, &t.liveFrame)
	near(textContrast, []string{t.liveBadge}, &t.liveText)
	near(textContrast, []string{t.testBadge}, &t.testText)
	near(barContrast, []string{terminal, t.selected}, &t.bar)
	grounds := []string{terminal, t.selected, t.dialog}
	near(least, grounds, &t.dim, &t.canceled) // they are not drawn on the tab's
	near(least, append(grounds, t.tab), &t.text, &t.accent, &t.failed, &t.danger, &t.processing, &t.verified, &t.waiting, &t.redacting, &t.match)
	return t
}
