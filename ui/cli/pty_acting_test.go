//go:build e2e && unix

package cli

import (
	"fmt"
	"net/http"
	"regexp"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"idtop/client/emulator"
)

// The built program gets SIGTERM, or is killed, in the middle of a job. The next
// start says what is open, settles it and goes on; nothing is sent twice.
func TestPTYEndsInAJob(t *testing.T) {
	for name, end := range map[string]func(c *console){
		"SIGTERM": func(c *console) {
			c.signal(syscall.SIGTERM)
			if code := c.awaitExit(15 * time.Second); code != exitOK {
				t.Errorf("exit code %d", code)
			}
			c.expectRestored()
			c.awaitText("job 1: left undone: accepted ")
			c.awaitText("ledger head ")
		},
		"SIGKILL": func(c *console) {
			c.signal(syscall.SIGKILL)
			c.awaitExit(15 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, emulator.Config{})
			s.key = aKey
			for i := range 30 {
				s.create(fmt.Sprintf("ann_%02d", i))
			}
			args := []string{"--api-base", s.base, "--data-dir", s.dir, "--poll", "1s", s.config(atOnce)}
			var n atomic.Int32
			begun := make(chan struct{})
			s.hook = func(r *http.Request) {
				if r.Method != http.MethodPost {
					return
				}
				if n.Add(1) == 10 {
					close(begun)
				}
			}
			c := start(t, 120, 40, args...)
			c.awaitText("ann_29")
			c.press("*")
			c.awaitText("30 marked")
			c.press("r")
			d := &sitting{tty: &tty{screen: c.screen, master: c.master}, t: t}
			d.confirm("REDACT 30 TEST")
			<-begun
			end(c)
			c = start(t, 120, 40, args...)
			said := regexp.MustCompile(`Job 1 is left undone: accepted \d+, .*never sent`)
			c.await("what was left", func() bool { return said.MatchString(c.screen.Text()) })
			c.press("J")
			c.awaitText("▸ 1 ")
			c.press("R")
			c.awaitText("type REDACT ")
			d = &sitting{tty: &tty{screen: c.screen, master: c.master}, t: t}
			d.confirm(regexp.MustCompile(`REDACT \d+ TEST`).FindString(c.screen.Text()))
			c.awaitText("accepted 30, none erased yet")
			c.press("q")
			c.press("q")
			c.awaitExit(15 * time.Second)
			// One that was cut off on its way is sent again, with the same key.
			if sent, keys := s.sentKeys(); keys != 30 || sent > 38 {
				t.Errorf("%d requests with %d keys were sent for 30 sessions", sent, keys)
			}
			if got := s.ledger("verify"); got.code != exitOK {
				t.Errorf("%+v", got)
			}
		})
	}
}
