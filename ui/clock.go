package ui

import (
	"time"

	"idtop/ui/safe"
)

// Clock writes a time as the operator's clock shows it, always with its zone: 18:43
// EST on the day of now, otherwise 26 Nov 18:43 EST, with the year if it is not
// this one.
func Clock(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	layout := "2 Jan 2006 15:04 MST"
	switch {
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		layout = "15:04 MST"
	case t.Year() == now.Year():
		layout = "2 Jan 15:04 MST"
	}
	return t.Format(layout)
}

// clock is Clock as text for the screen.
func clock(t, now time.Time) safe.Text { return safe.Line(Clock(t, now)) }
