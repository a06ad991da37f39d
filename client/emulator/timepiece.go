package emulator

import (
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// timepiece turns the time of Config.Now into that of a world. It is only ever set
// forward: what has happened stays.
type timepiece struct {
	offset time.Duration // from Config.Now, while it goes
	stands bool
	stood  time.Time // the time of the world, while it stands
}

func (t *timepiece) at(now time.Time) time.Time {
	if t.stands {
		return t.stood
	}
	return now.Add(t.offset)
}

// set puts it at a time.
func (t *timepiece) set(to, now time.Time) {
	t.stood, t.offset = to, to.Sub(now)
}

// freeze stops it at a time, or lets it go on from there.
func (t *timepiece) freeze(stands bool, now time.Time) {
	at := t.at(now)
	t.stands = stands
	t.set(at, now)
}

// lastTime is the year 2100: objects tell time in 32 bits of seconds here.
var lastTime = time.Unix(4102444800, 0)

// controlClock stops the clock or lets it go on, and sets it forward.
func (s *sandbox) controlClock(_ string, p url.Values) (any, error) {
	now := s.cfg.Now()
	next, to := s.time, time.Unix(0, s.world.now)
	switch text := p.Get("freeze"); text {
	case "":
	case "true", "false":
		next.freeze(text == "true", now)
	default:
		return nil, fmt.Errorf("freeze=%s is no choice; say true or false", clip(text))
	}
	switch set, by := p.Get("set"), p.Get("advance"); {
	case set != "" && by != "":
		return nil, fmt.Errorf("say either set or advance")
	case set != "":
		at, err := clockTime(set)
		if err != nil {
			return nil, err
		}
		if at.Before(to) {
			return nil, fmt.Errorf("the clock can't be set back: it is %s already; POST %sreset begins the world anew", to.UTC().Format(time.RFC3339), controlPrefix)
		}
		to = at
	case by != "":
		d, err := controlDuration(p, "advance", 0, longest)
		if err != nil {
			return nil, err
		}
		to = to.Add(d)
	case p.Get("freeze") == "":
		return nil, fmt.Errorf("say how far the clock is to go (advance=96h), to when (set=2026-10-01T12:00:00Z), or freeze=true")
	}
	if to.After(lastTime) {
		return nil, fmt.Errorf("the clock can't go beyond the year 2100")
	}
	if to.UnixNano() > s.world.now {
		next.set(to, now)
	}
	s.time = next
	s.catchUp()
	return s.clockState(), nil
}

// clockTime reads a time in words or in Unix seconds.
func clockTime(text string) (time.Time, error) {
	if at, err := strconv.ParseInt(text, 10, 64); err == nil && at >= 0 {
		return time.Unix(min(at, lastTime.Unix()+1), 0), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("set=%s is no time: write it like 2026-10-01T12:00:00Z, or in Unix seconds", clip(text))
	}
	return at, nil
}
