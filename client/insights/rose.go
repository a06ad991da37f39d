package insights

import (
	"cmp"
	"slices"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

// Rule says when a reason rose: it has at least Least failures in the last hour, and
// at least Times the usual number.
type Rule struct{ Least, Times int }

// UsualRule is the rule unless the config has another.
var UsualRule = Rule{Least: 10, Times: 3}

// OrUsual is the rule with the usual numbers where it has none.
func (r Rule) OrUsual() Rule {
	return Rule{Least: cmp.Or(r.Least, UsualRule.Least), Times: cmp.Or(r.Times, UsualRule.Times)}
}

// The usual number is the median of this hour of the day over usualDays days. With
// fewer than leastDays days nothing is claimed.
const (
	usualDays = 14
	leastDays = 3
)

// The last hour is told in steps of five minutes.
const (
	hour = client.Unix(3600)
	step = client.Unix(300)
)

// RiseOver is how long a reason must not have risen until it rises anew.
const RiseOver = time.Hour

// Known is what the mirror knows of attempts: no attempt is missing that is younger.
type Known struct {
	Kept       mirror.Kept // which reports are kept
	Filling    bool        // older reports are still being read
	Reports    client.Unix // since when all attempts with a report are known; 0: none are
	Unreported client.Unix // since when all failures without a report are known; 0: none are
}

// KnownOf is what a mirror with this status knows.
func KnownOf(status mirror.Status) Known {
	known := knownOf(status.Reports, status.Events, status.Oldest)
	if status.Listing { // no event tells of a failure without a report
		known.Unreported = 0
	}
	return known
}

// KnownBy is what a mirror with this progress knows.
func KnownBy(progress mirror.Progress) Known {
	return knownOf(progress.KnownReports(), progress.Anchor, progress.Oldest)
}

// knownOf leaves out the time before the account's first session: nothing was usual then.
func knownOf(reports mirror.Known, events, oldest client.Unix) Known {
	known := Known{Kept: reports.Kept, Filling: reports.Filling, Unreported: events}
	if reports.Back != 0 {
		known.Reports = max(reports.Back, oldest)
	}
	return known
}

// back is since when the failures of a reason are known.
func (k Known) back(reason string) client.Unix {
	if client.BeforeAnyCheck(reason) {
		return k.Unreported
	}
	return k.Reports
}

// covers tells whether all attempts of a time with a report are known.
func (k Known) covers(from client.Unix) bool { return k.Reports != 0 && k.Reports <= from }

// unreported tells whether it is known what is usual of failures without a report.
// Until then only those with a report are counted: a number has to mean the same for
// now and for before.
func (k Known) unreported(from client.Unix) bool { return enough(days(k.Unreported, from)) > 0 }

// days is on how many days before a period its time of day is known.
func days(back, from client.Unix) int {
	if back == 0 {
		return 0
	}
	return max(0, min(usualDays, int((from-back)/mirror.Day)))
}

// LastHour asks for what Rose looks at.
func LastHour(now time.Time) mirror.TallyRequest {
	until := client.Unix(now.Unix()) + 1 // with the present second
	return mirror.TallyRequest{From: until - hour, Until: until, Step: step, Days: usualDays, Split: mirror.EverySplit}
}

// Hour is what is known of the last hour.
type Hour struct {
	Until   client.Unix
	Known   bool // report facts are kept, and those of the hour are known; otherwise the rest is zero
	Failed  int  // attempts
	Usual   int  // how many fail at this time of day; only if Days is not 0
	Days    int  // from how many days Usual is known; 0: too few to say what is usual
	Steps   []int
	Reasons []Reason // what rose, then the others, most first
}

// Reason is why attempts of the last hour failed.
type Reason struct {
	Code   string
	Failed int
	Usual  int
	Days   int // as in Hour; 0: it is not known what is usual
	Rose   bool
	Began  client.Unix // since when it rose, if that was in the last hour
	Shares []Share     // what most of the failures have in common, if it rose
}

// Share is a fact that most failures of a reason have in common.
type Share struct {
	mirror.Key     // without Reason; the facts that are not zero
	Failed     int // how many have it
}

// Rose is what rose by a rule in the hour of a tally, which answers LastHour.
func Rose(tally mirror.Tally, known Known, rule Rule) Hour {
	h := Hour{Until: tally.Until}
	if !known.covers(tally.From) {
		return h
	}
	h.Known, h.Days = true, known.usualDays(tally.From)
	usual := make([]int, usualDays)
	for _, step := range tally.Steps {
		failed := known.failed(step.Outcomes, tally.From)
		h.Steps = append(h.Steps, failed)
		h.Failed += failed
		for day, o := range step.Days {
			usual[day] += known.failed(o, tally.From)
		}
	}
	h.Usual = mirror.Median(usual[:h.Days])
	for _, group := range tally.By(mirror.SplitReason) {
		if group.Failed == 0 || client.BeforeAnyCheck(group.Reason) && !known.unreported(tally.From) {
			continue
		}
		r := Reason{Code: group.Reason, Failed: group.Failed, Days: enough(days(known.back(group.Reason), tally.From))}
		r.Usual = mirror.Median(group.Days[:r.Days])
		if r.Rose = r.Days > 0 && r.Failed >= rule.Least && r.Failed >= rule.Times*r.Usual; r.Rose {
			r.Began = began(group, tally.TallyRequest, r.Usual)
			r.Shares = shares(tally, r)
		}
		h.Reasons = append(h.Reasons, r)
	}
	slices.SortStableFunc(h.Reasons, func(a, b Reason) int {
		switch {
		case a.Rose == b.Rose:
			return 0
		case a.Rose:
			return -1
		}
		return 1
	})
	return h
}

// usualDays is on how many days before a period it is known how many failed then; 0:
// on too few.
func (k Known) usualDays(from client.Unix) int {
	known := enough(days(k.Reports, from))
	if k.unreported(from) {
		known = min(known, days(k.Unreported, from))
	}
	return known
}

// failed is how many attempts failed, as far as they are counted.
func (k Known) failed(o mirror.Outcomes, from client.Unix) int {
	if k.unreported(from) {
		return o.Failed
	}
	return o.Failed - o.Unreported
}

// enough is a number of days, 0 when they are too few.
func enough(days int) int {
	if days < leastDays {
		return 0
	}
	return days
}

// Risen are the reasons that rose.
func (h Hour) Risen() []Reason {
	n := 0
	for n < len(h.Reasons) && h.Reasons[n].Rose {
		n++
	}
	return h.Reasons[:n]
}

// Of is what is known of a reason; ok is false when nothing failed for it.
func (h Hour) Of(code string) (Reason, bool) {
	i := slices.IndexFunc(h.Reasons, func(r Reason) bool { return r.Code == code })
	if i < 0 {
		return Reason{}, false
	}
	return h.Reasons[i], true
}

// began is when the step began with which a reason became frequent; 0: it was frequent
// all the hour.
func began(group mirror.Group, r mirror.TallyRequest, usual int) client.Unix {
	frequent := func(n int) bool { return n > 1 && n*len(group.Steps) > 2*usual }
	for i, n := range group.Steps {
		if frequent(n) {
			if i == 0 {
				return 0
			}
			return r.From + client.Unix(i)*r.Step
		}
	}
	return 0
}

// shares are the facts that most failures of a reason have in common: the document and
// its country first.
func shares(tally mirror.Tally, r Reason) []Share {
	var found []Share
	most := func(split mirror.Split, more func(mirror.Key) bool) bool {
		for _, group := range tally.By(split | mirror.SplitReason) {
			key := group.Key
			if key.Reason != r.Code {
				continue
			}
			if key.Reason = ""; 2*group.Failed > r.Failed && more(key) {
				found = append(found, Share{key, group.Failed})
				return true
			}
			return false // the others have fewer
		}
		return false
	}
	doc := func(k mirror.Key) bool { return k.Doc != "" }
	country := func(k mirror.Key) bool { return k.Country != "" }
	_ = most(mirror.SplitDoc|mirror.SplitCountry, func(k mirror.Key) bool { return doc(k) && country(k) }) ||
		most(mirror.SplitCountry, country) || most(mirror.SplitDoc, doc)
	_ = most(mirror.SplitType|mirror.SplitSelfie, func(k mirror.Key) bool { return k.Type != "" && k.Selfie }) ||
		most(mirror.SplitType, func(k mirror.Key) bool { return k.Type != "" })
	most(mirror.SplitFlow, func(k mirror.Key) bool { return k.Flow != "" })
	return found
}
