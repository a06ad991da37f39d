package mirror

import (
	"cmp"
	"slices"
	"time"

	"idtop/client"
)

// Split is a set of the facts that failed attempts are told apart by.
type Split uint8

// The facts.
const (
	SplitReason Split = 1 << iota
	SplitDoc
	SplitCountry
	SplitType
	SplitFlow
	SplitSelfie

	EverySplit = SplitReason | SplitDoc | SplitCountry | SplitType | SplitFlow | SplitSelfie
)

// Key is what the attempts of a group have in common. Facts that they are not told
// apart by, and facts that are not known, are zero.
type Key struct {
	Reason  string // an error code
	Doc     string
	Country string
	Type    string
	Flow    string
	Selfie  bool // the session requires a matching selfie
}

// Only returns the key with only the facts of a set.
func (k Key) Only(split Split) Key {
	var only Key
	if split&SplitReason != 0 {
		only.Reason = k.Reason
	}
	if split&SplitDoc != 0 {
		only.Doc = k.Doc
	}
	if split&SplitCountry != 0 {
		only.Country = k.Country
	}
	if split&SplitType != 0 {
		only.Type = k.Type
	}
	if split&SplitFlow != 0 {
		only.Flow = k.Flow
	}
	if split&SplitSelfie != 0 {
		only.Selfie = k.Selfie
	}
	return only
}

// Day is a day in seconds.
const Day = client.Unix(24 * time.Hour / time.Second)

// TallyRequest asks for the attempts of a period: reports, and failures that leave
// none. An attempt is dated by its report, or else by its event.
type TallyRequest struct {
	From, Until client.Unix // the attempts made in [From, Until)
	Step        client.Unix // the width of Tally.Steps; the period and a day are multiples of it
	Days        int         // the same time of day is counted on so many days before, too
	Split       Split       // makes Tally.Groups
}

// length is how long the period is.
func (r TallyRequest) length() client.Unix { return r.Until - r.From }

// Back returns since when attempts are counted.
func (r TallyRequest) Back() client.Unix {
	return r.From - max(r.length(), client.Unix(r.Days)*Day)
}

// Spans are the parts of the time that are counted, newest first and without overlap:
// the period, the one before, and the same time of day on the days before.
func (r TallyRequest) Spans() [][2]client.Unix {
	length := r.length()
	spans := [][2]client.Unix{{r.From, r.Until}, {r.From - length, r.From}}
	for day := range client.Unix(r.Days) {
		spans = append(spans, [2]client.Unix{r.From - (day+1)*Day, r.Until - (day+1)*Day})
	}
	slices.SortFunc(spans, func(a, b [2]client.Unix) int { return int(b[1] - a[1]) })
	merged := spans[:1]
	for _, span := range spans[1:] {
		if last := &merged[len(merged)-1]; span[1] >= last[0] {
			last[0] = min(last[0], span[0])
		} else {
			merged = append(merged, span)
		}
	}
	return merged
}

// Outcomes count how attempts ended.
type Outcomes struct {
	Failed     int // with a report or without one
	Unreported int // those of them without
	Verified   int
	AtOnce     int // verified ones whose session has no other attempt
}

// Submitted is how many attempts have a report.
func (o Outcomes) Submitted() int { return o.Failed - o.Unreported + o.Verified }

// Add counts more outcomes.
func (o *Outcomes) Add(more Outcomes) {
	o.Failed += more.Failed
	o.Unreported += more.Unreported
	o.Verified += more.Verified
	o.AtOnce += more.AtOnce
}

// Tally is the answer to a TallyRequest.
type Tally struct {
	TallyRequest
	Steps  []Step  // of the period, oldest first
	Groups []Group // of failed attempts, the largest first; those that have some anywhere in the Spans
}

// Step is a part of the period.
type Step struct {
	Outcomes
	Before Outcomes   // in the same part of the period before
	Days   []Outcomes // at the same time of the days before, yesterday first
}

// Group counts the failed attempts with one Key.
type Group struct {
	Key
	Failed int   // in the period
	Before int   // in the period before
	Steps  []int // in each step of the period
	Days   []int // at the same time of the days before, yesterday first; nil when the period is longer than a day
}

// Sum adds up all steps: the outcomes of the period and of the one before.
func (t Tally) Sum() (now, before Outcomes) {
	for _, step := range t.Steps {
		now.Add(step.Outcomes)
		before.Add(step.Before)
	}
	return now, before
}

// By adds up the groups by fewer facts.
func (t Tally) By(split Split) []Group {
	var groups []Group
	at := map[Key]int{}
	for _, g := range t.Groups {
		key := g.Only(split)
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, Group{Key: key, Steps: make([]int, len(g.Steps)), Days: make([]int, len(g.Days))})
		}
		sum := &groups[i]
		sum.Failed += g.Failed
		sum.Before += g.Before
		for step, n := range g.Steps {
			sum.Steps[step] += n
		}
		for day, n := range g.Days {
			sum.Days[day] += n
		}
	}
	SortGroups(groups)
	return groups
}

// SortGroups sorts groups by their failures, most first.
func SortGroups(groups []Group) {
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(b.Failed-a.Failed, b.Before-a.Before, a.compare(b.Key))
	})
}

func (k Key) compare(other Key) int {
	selfie := 0
	if k.Selfie != other.Selfie {
		if selfie = 1; other.Selfie {
			selfie = -1
		}
	}
	return cmp.Or(cmp.Compare(k.Reason, other.Reason), cmp.Compare(k.Doc, other.Doc), cmp.Compare(k.Country, other.Country),
		cmp.Compare(k.Type, other.Type), cmp.Compare(k.Flow, other.Flow), selfie)
}

// Median is the middle of numbers; of two in the middle the mean, rounded up.
func Median(numbers []int) int {
	sorted := slices.Sorted(slices.Values(numbers))
	switch n := len(sorted); {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	default:
		return (sorted[n/2-1] + sorted[n/2] + 1) / 2
	}
}
