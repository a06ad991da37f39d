package ui_test

import (
	"testing"
	"time"
)

// TestStoryWriteReleases: before a live account may be changed, the screen says
// what waits for that, from which job and why; X gives it up.
func TestStoryWriteReleases(t *testing.T) {
	run(t, options{width: 80, height: 24, live: true}, func(p *program) {
		id := p.create("ann_8392")
		p.control("POST", "sessions/"+id+"/submit", "outcome=processing")
		p.wait(8 * time.Second)
		p.press("j space r")
		p.wait(time.Second)
		p.shows("Redact 1 of 1: 0 now, 1 later", "type REDACT 1 LIVE")
		p.press("tab")
		p.types("ticket 12")
		p.press("up")
		p.types("REDACT 1 LIVE")
		p.wait(4 * time.Second)
		p.command("read-only")
		p.command("write ticket 4711")
		p.shows("Let this account be changed", "LIVE", "1 redaction waits and will be sent. This can't be undone.", "1 of job 1", ": ticket 12",
			"type write", "X gives them up", "still read-only")
		p.press("X")
		p.wait(2 * time.Second)
		p.shows("read-write")
		p.command("read-only")
		p.command("write ticket 4711")
		p.hides("will be sent")
	})
}

// command gives a command of the palette.
func (p *program) command(line string) {
	p.press(":")
	p.types(line)
	p.press("enter")
	p.wait(time.Second)
}
