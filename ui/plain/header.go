package plain

import (
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/timeline"
	"idtop/model"
)

// header says the account, how true the data is, and how many sessions there are.
func header(m *model.Model) []said {
	write := "read-write"
	if m.Identity.ReadOnly {
		write = "read-only"
	}
	counts := m.List.Page.Counts
	numbers := listing(plural(counts.All, "session", "sessions"), num(counts.State[client.StateFailed])+" failed", num(counts.State[client.StateProcessing])+" processing")
	first := said{text: ended(listing("idtop", m.Identity.Account, modeOf(m), write)) + " " + sentences(link(m).text, numbers)}
	keys := keyed(m, "Key {insights} for insights, {help} for help")
	if !m.Rise.Known {
		return []said{first, line(keys)}
	}
	return []said{first, {text: sentences(hourLine(m).text, keys)}}
}

// hourKey is that of each last hour: it is told once.
const hourKey = "known"

// hourLine says how many failed in the last hour, and the reasons that rose.
func hourLine(m *model.Model) said {
	hour := m.Rise.Hour
	last, rose := "Last hour: "+num(hour.Failed)+" failed", ""
	if hour.Days > 0 {
		last += ", usually " + num(hour.Usual)
	}
	for _, reason := range hour.Risen() {
		rose = sentences(rose, client.ReasonOf(reason.Code).Label+" rose: "+reason.Numbers())
	}
	return said{hourKey, sentences(last, rose)}
}

// link says how true the data is.
func link(m *model.Model) said {
	c := m.Claim()
	paused := ""
	if m.Sync.Wish.Paused {
		paused = "Paused here"
	}
	again := ""
	if c.Again > 0 {
		again = "Again in " + timeline.Long(c.Again)
	}
	key, text := "synced", "Synced"
	switch c.Link {
	case mirror.Opening:
		key, text = "connecting", "Connecting"
	case mirror.Halted:
		key, text = "paused", "Paused for "+timeline.Long(c.Since)
	case mirror.Waiting:
		key, text = "no answer", "Stripe does not answer: waiting, then trying again"
	case mirror.Offline:
		key, text = "not synced", "Not synced for "+timeline.Long(c.Since)
		if client.KindOf(c.Cause) == client.KindNetwork {
			key, text = "offline", "Offline for "+timeline.Long(c.Since)
		}
		text = sentences(text, again)
	case mirror.Stopped:
		key, text = "stopped", sentences("Reading back fails", again)
	case mirror.Reading:
		key, text = "reading", "Reading: "+num(int(100*min(max(c.Filled, 0), 0.999)))+" percent"
	default:
		if c.Dated {
			text += " " + ago(c.Age.Truncate(time.Second), false)
		}
		if n := m.List.Page.Counts.Unreadable + m.Sync.Lost; n > 0 {
			text += " but for " + num(n) + " unreadable"
		}
	}
	return said{key + paused, sentences(paused, text)}
}
