package emulator

import "net/http"

// Stripe allots reads by the month: an account may make so many GET requests in 30
// days as its transactions earn it, and at least 10,000. What its refusal looks like is
// not documented. Here it is that of a limiter, for the resource and not for the pace.

const allotted = 30 // days

// allocation counts the reads of the past days by the emulator's clock.
type allocation struct {
	today int64 // the number of the newest day
	days  [allotted]uint32
}

// admit counts a read. It refuses one more than allowed in 30 days.
func (a *allocation) admit(allowed uint32, seconds uint32) bool {
	for today := int64(seconds) / secondsPerDay; a.today < today; {
		a.today = max(a.today+1, today-allotted) // all days before are over
		a.days[a.today%allotted] = 0
	}
	var made uint32
	for _, n := range a.days {
		made += n
	}
	if made >= allowed {
		return false
	}
	a.days[a.today%allotted]++
	return true
}

const secondsPerDay = 24 * 60 * 60

// refuseRead tells whether a call is a read beyond the allocation.
func (s *sandbox) refuseRead(c *call) bool {
	return s.cfg.ReadAllocation > 0 && c.http.Method == http.MethodGet && !s.allocation.admit(uint32(s.cfg.ReadAllocation), c.at)
}
