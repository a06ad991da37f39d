package insights

import (
	"context"
	"slices"
	"strconv"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// Window is how far back the insights look.
type Window struct {
	Name   string
	Length client.Unix
	Step   client.Unix // of the charts
}

// Windows are the windows, the shortest first.
var Windows = []Window{
	{"1h", hour, step},
	{"24h", mirror.Day, hour},
	{"7d", 7 * mirror.Day, 6 * hour},
	{"30d", 30 * mirror.Day, mirror.Day},
}

// WindowOf is the window of a name.
func WindowOf(name string) (Window, bool) {
	i := slices.IndexFunc(Windows, func(w Window) bool { return w.Name == name })
	if i < 0 {
		return Window{}, false
	}
	return Windows[i], true
}

// Split is what the failures are told apart by: its word is the name of a term.
type Split struct {
	Name string
	by   mirror.Split
}

// Splits are the ways to tell failures apart; the first is the usual one.
var Splits = []Split{
	{"reason", mirror.SplitReason}, {"doc", mirror.SplitDoc}, {"country", mirror.SplitCountry}, {"type", mirror.SplitType}, {"flow", mirror.SplitFlow},
}

// SplitOf is the split of a name.
func SplitOf(name string) (Split, bool) {
	i := slices.IndexFunc(Splits, func(s Split) bool { return s.Name == name })
	if i < 0 {
		return Split{}, false
	}
	return Splits[i], true
}

// value is what a group of this split has in common.
func (s Split) value(k mirror.Key) string {
	switch s.by {
	case mirror.SplitDoc:
		return k.Doc
	case mirror.SplitCountry:
		return k.Country
	case mirror.SplitType:
		return k.Type
	case mirror.SplitFlow:
		return k.Flow
	}
	return k.Reason
}

// Request asks for insights.
type Request struct {
	Window Window
	Split  Split
	Now    time.Time // the server's clock, in the operator's zone
	Rule   Rule
	Known  Known
}

// Insights are what a mirror tells of a window.
type Insights struct {
	Request
	From, Until client.Unix
	Hour        Hour            // the last hour
	HourSum     mirror.Outcomes // of the last hour
	HourUsual   mirror.Outcomes // of this hour of the day on the days before, all together
	Bars        []Bar
	Sum, Before mirror.Outcomes
	Covered     bool   // all attempts of the window with a report are known
	Compared    bool   // and of the window before
	Steps       []Step // oldest first
	Stays       Stays
	Needs       []Need
}

// Bar is a reason, or what the split has in its place.
type Bar struct {
	Value    string // "": not known
	Failed   int
	Before   int    // in the window before; only if Compared
	Compared bool   // all of the window before is known
	Rose     bool   // in the last hour
	Query    string // lists the sessions
}

// Step is a part of the window.
type Step struct {
	From    client.Unix
	Failed  int
	Sum     mirror.Outcomes
	Before  mirror.Outcomes // in the same part of the window before
	Usual   int             // how many fail at this time of day; only if IsUsual
	IsUsual bool
}

// Stays tell how long sessions are in processing.
type Stays struct {
	Window, Before Times
	Longest        time.Duration // so far, of those that are in processing now; 0: none is
}

// Times are how long the sessions were in processing that left it in a window.
type Times struct {
	Known    int // of so many submissions it is known when they came and left; 0: the rest is not known
	P50, P95 time.Duration
}

func timesOf(stays mirror.Lengths) Times {
	return Times{stays.Count(), stays.Percentile(50), stays.Percentile(95)}
}

// Need is something that waits for somebody.
type Need struct {
	State client.State
	Name  string
	Query string
	Count int
	Warn  bool // it should not be
}

// needs are what may wait for somebody.
var needs = []Need{
	{State: client.StateProcessing, Name: "stuck over 15 min", Query: "stuck:yes", Warn: true},
	{State: client.StateRedacting, Name: "erasing, overdue", Query: "state:redacting since:>4d", Warn: true},
	{State: client.StateRedacting, Name: "erasing, in time", Query: "state:redacting -since:>4d"},
	{State: client.StateWaiting, Name: "not submitted after a day", Query: "state:waiting age:>1d"},
	{State: client.StateFailed, Name: "failed 3 times or more", Query: "state:failed attempts:>=3"},
}

// ReadHour counts the last hour; r needs no window. The tally has the counts.
func ReadHour(ctx context.Context, store mirror.Store, r Request) (Hour, mirror.Tally, error) {
	tally, err := store.Tally(ctx, LastHour(r.Now))
	if err != nil {
		return Hour{}, tally, err
	}
	return Rose(tally, r.Known, r.Rule), tally, nil
}

// Read counts what a mirror has.
func Read(ctx context.Context, store mirror.Store, r Request) (in Insights, err error) {
	in.Request = r
	hour, lastHour, err := ReadHour(ctx, store, r)
	if err != nil {
		return in, err
	}
	in.Hour = hour
	in.HourSum, _ = lastHour.Sum()
	for _, step := range lastHour.Steps {
		for _, day := range step.Days[:in.Hour.Days] {
			in.HourUsual.Add(day)
		}
	}
	asked := mirror.TallyRequest{Until: lastHour.Until, From: lastHour.Until - r.Window.Length, Step: r.Window.Step, Days: usualDays, Split: r.Split.by}
	tally := lastHour
	if tally.Groups = lastHour.By(r.Split.by); asked.From != lastHour.From { // otherwise what was counted is the window
		if tally, err = store.Tally(ctx, asked); err != nil {
			return in, err
		}
	}
	in.count(tally)
	for _, part := range []struct {
		times *Times
		from  client.Unix
	}{{&in.Stays.Window, in.From}, {&in.Stays.Before, in.From - r.Window.Length}} {
		stays, err := store.Stays(ctx, part.from, part.from+r.Window.Length)
		if err != nil {
			return in, err
		}
		*part.times = timesOf(stays)
	}
	for _, need := range needs {
		page, err := store.Find(ctx, mirror.Request{Query: query.Parse(need.Query), Now: r.Now, Rows: 1})
		if err != nil {
			return in, err
		}
		need.Count = page.Total
		in.Needs = append(in.Needs, need)
	}
	oldest, err := store.Find(ctx, mirror.Request{
		States: mirror.StatesOf(client.StateProcessing), Order: mirror.Order{Column: mirror.BySince, Reverse: true}, Rows: 1,
	})
	if err == nil && len(oldest.Rows) > 0 {
		in.Stays.Longest = max(time.Second, r.Now.Sub(oldest.Rows[0].Since))
	}
	return in, err
}

// count takes in the tally of the window.
func (in *Insights) count(tally mirror.Tally) {
	in.From, in.Until = tally.From, tally.Until
	in.Covered, in.Compared = in.Known.covers(tally.From), in.Known.covers(tally.From-in.Window.Length)
	in.Sum, in.Before = tally.Sum()
	for i, s := range tally.Steps {
		from := tally.From + client.Unix(i)*tally.Step
		known := in.Known.usualDays(from)
		in.Steps = append(in.Steps, Step{
			From: from, Failed: in.Known.failed(s.Outcomes, from), Sum: s.Outcomes, Before: s.Before, IsUsual: known > 0, Usual: mirror.Median(in.failed(s.Days[:known], from)),
		})
	}
	for _, g := range tally.Groups {
		if g.Failed == 0 && g.Before == 0 {
			continue
		}
		bar := Bar{Value: in.Split.value(g.Key), Failed: g.Failed, Before: g.Before, Compared: in.Compared}
		if in.Split.by == mirror.SplitReason {
			back := in.Known.back(bar.Value)
			bar.Compared = back != 0 && back <= in.From-in.Window.Length
			r, _ := in.Hour.Of(bar.Value)
			bar.Rose = r.Rose
		}
		bar.Query = in.lists(bar)
		in.Bars = append(in.Bars, bar)
	}
	slices.SortStableFunc(in.Bars, func(a, b Bar) int {
		if a.Rose != b.Rose && a.Rose {
			return -1
		} else if a.Rose != b.Rose {
			return 1
		}
		return 0
	})
}

// failed are the failures of the days before a time.
func (in *Insights) failed(days []mirror.Outcomes, from client.Unix) (failed []int) {
	for _, day := range days {
		failed = append(failed, in.Known.failed(day, from))
	}
	return failed
}

// lists is the query for the sessions that failed so and still are failed.
func (in *Insights) lists(bar Bar) string {
	since := in.Window.Name
	if bar.Rose {
		since = Windows[0].Name
	}
	return query.Parse("").With("state", client.StateFailed.String()).With(in.Split.Name, bar.Value).String() + " since:<" + since
}

// Percent is a part of a whole in percents; ok is false when there is no whole.
func Percent(part, whole int) (percent string, ok bool) {
	if whole == 0 {
		return "–", false
	}
	return strconv.Itoa((100*part + whole/2) / whole), true
}
