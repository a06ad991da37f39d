package model

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"idtop/client"
	"idtop/client/act"
)

// A ledger that can't be opened at the start is tried again: the log has each cause
// once, and changes are possible as soon as it can be opened.
func TestTheLedgerIsOpenedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var why error
		tries := 0
		r := newRig(t, nil)
		desk := r.m.config.Desk
		r.m.config.Desk, r.m.config.WhyNot, r.m.config.WhyHint = nil, "the disk is full", "free some space"
		r.m.config.OpenDesk = func() (*act.Desk, error) {
			if tries++; why != nil {
				return nil, why
			}
			return desk, nil
		}
		r.m.sayNoDesk()
		logged := func() string {
			var all []string
			for _, m := range r.m.Log.Messages {
				all = append(all, m.Text+" / "+m.Hint)
			}
			return strings.Join(all, "\n")
		}
		first := "Nothing can be changed: the disk is full / free some space; idtop tries again every 5 s"
		if got := logged(); got != first {
			t.Fatal(got)
		}
		why = errors.New("the disk is full")
		r.pass(21 * time.Second)
		if got := logged(); got != first || tries != 4 {
			t.Errorf("%d tries: %s", tries, got)
		}
		if got := r.m.whyNotActing(); got != "the disk is full" {
			t.Errorf("an action is refused with %q", got)
		}
		why = errors.New("it is locked")
		r.pass(10 * time.Second)
		if got := logged(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "Nothing can be changed: it is locked") {
			t.Error(got)
		}
		why = nil
		r.pass(6 * time.Second)
		if got := logged(); r.m.config.Desk != desk || !strings.HasSuffix(got, "The ledger can be used now: changes are possible / ") {
			t.Error(got)
		}
		was := tries
		r.pass(time.Minute)
		if tries != was {
			t.Error("it is opened again and again")
		}
	})
}

// TestAFullLiveKeyIsWarnedOfOnce: at the start, unread until the messages are opened, with
// the permissions of a better one.
func TestAFullLiveKeyIsWarnedOfOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, full := range []bool{true, false} {
			r := newRig(t, func(c *Config) { c.Identity.Live, c.Identity.FullKey = true, full })
			r.pass(time.Minute)
			n := 0
			for _, m := range r.m.Log.Messages {
				if strings.Contains(m.Text, client.FullKeyWarning) && m.Level == Warning && m.Hint == client.FullKeyHint() && !m.Read {
					n++
				}
			}
			if full != (n == 1) || n > 1 {
				t.Errorf("a full key: %t, %d warnings: %+v", full, n, r.m.Log.Messages)
			}
		}
	})
}
