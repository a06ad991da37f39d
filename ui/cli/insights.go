package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"idtop/client/insights"
	"idtop/client/mirror"
	"idtop/ui/config"
	"idtop/ui/safe"
)

// insightsOptions are the flags of insights.
type insightsOptions struct {
	config.Options
	since  string
	by     string
	format string
}

func insightsCommand(p *Process) *cobra.Command {
	o := insightsOptions{since: "24h", by: insights.Splits[0].Name, format: "text"}
	var windows, splits []string
	for _, w := range insights.Windows {
		windows = append(windows, w.Name)
	}
	for _, s := range insights.Splits {
		splits = append(splits, s.Name)
	}
	c := &cobra.Command{
		Use:   "insights",
		Short: "Say what rose, why sessions fail, and what needs somebody",
		Long: `What the page i of the dashboard says, from the mirror: Stripe is not asked. A
reason rose when it has at least 10 failures in the last hour and at least three
times as many as usual, which is the median of this hour of the day over 14 days.
With fewer than three days of reports nothing is claimed.

Each group of failures and each thing that needs somebody has a query, for
idtop list --query.`,
		Example: `  idtop insights
  idtop insights --since 7d --by country
  idtop sync && idtop insights --since 1h --format json`,
		Args: noArguments,
	}
	flags := c.Flags()
	flags.Var(choice{&o.since, windows}, "since", "how far back: "+strings.Join(windows, ", "))
	flags.Var(choice{&o.by, splits}, "by", "what failures are told apart by: "+strings.Join(splits, ", "))
	flags.Var(choice{&o.format, []string{"text", "json"}}, "format", "text or json")
	return onAccount(p, c, &o.Options, nil, func(ctx context.Context, _ []string) error { return runInsights(ctx, p, o) })
}

func runInsights(ctx context.Context, p *Process, o insightsOptions) error {
	return atMirror(ctx, p, o.Options, func(m opened) error {
		request := insights.Request{Now: m.now, Rule: o.Rule.OrUsual(), Known: insights.KnownBy(m.progress)}
		request.Window, _ = insights.WindowOf(o.since)
		request.Split, _ = insights.SplitOf(o.by)
		in, err := insights.Read(ctx, m.store, request)
		if err != nil {
			return listFailure(err)
		}
		return tell(p, o.format, insightsJSON(in), insightsText(in))
	})
}

// insightsText is what insights writes for people.
func insightsText(in insights.Insights) string {
	var b strings.Builder
	line := func(cells ...safe.Text) {
		b.WriteString(strings.TrimRight(safe.Concat(cells...).String(), " ") + "\n")
	}
	for _, sentence := range in.Sentences() {
		line(safe.Line(sentence))
	}
	number := func(n int, known bool) safe.Text {
		if !known {
			return safe.Lit("-").PadLeft(10)
		}
		return safe.Num(n).PadLeft(10)
	}
	line()
	line(safe.Line("FAILED, BY "+strings.ToUpper(in.Split.Name)).Pad(32), safe.Line(strings.ToUpper(in.Window.Name)).PadLeft(10), safe.Lit("BEFORE").PadLeft(10))
	for _, bar := range in.Bars {
		line(safe.Line(in.Split.Label(bar.Value)).Fit(32), number(bar.Failed, true), number(bar.Before, bar.Compared))
	}
	percent := func(o mirror.Outcomes, part int, known bool) safe.Text {
		text, ok := insights.Percent(part, o.Submitted())
		if !ok || !known {
			return safe.Lit("-").PadLeft(10)
		}
		return safe.Line(text + " %").PadLeft(10)
	}
	line()
	line(safe.Lit("OF WHAT WAS SUBMITTED"))
	line(safe.Lit("verified").Pad(32), percent(in.Sum, in.Sum.Verified, true), percent(in.Before, in.Before.Verified, in.Compared))
	line(safe.Lit("verified in one attempt").Pad(32), percent(in.Sum, in.Sum.AtOnce, true), percent(in.Before, in.Before.AtOnce, in.Compared))
	line()
	line(safe.Lit("TIME IN PROCESSING  "), safe.Line(in.Sample()))
	stay, before := in.Stays.Window, in.Stays.Before
	took := func(t insights.Times, d time.Duration) safe.Text {
		if t.Known == 0 {
			return safe.Lit("-").PadLeft(10)
		}
		return safe.Line(d.String()).PadLeft(10)
	}
	if stay.Known > 0 || before.Known > 0 {
		line(safe.Lit("p50").Pad(32), took(stay, stay.P50), took(before, before.P50))
		line(safe.Lit("p95").Pad(32), took(stay, stay.P95), took(before, before.P95))
	}
	line(safe.Lit("longest now").Pad(32), longest(in.Stays.Longest))
	line()
	line(safe.Lit("NEEDS SOMEBODY"))
	for _, need := range in.Needs {
		line(safe.Line(need.Name).Pad(32), number(need.Count, true))
	}
	return b.String()
}

// longest is how long the session is in processing that is there longest.
func longest(d time.Duration) safe.Text {
	if d == 0 {
		return safe.Lit("none").PadLeft(10)
	}
	return safe.Line(d.Truncate(time.Second).String()).PadLeft(10)
}

// told is insights as JSON. What is not known is null.
type told struct {
	Window    string   `json:"window"`
	From      string   `json:"from"`
	Until     string   `json:"until"`
	Sentences []string `json:"sentences"`
	Reports   struct {
		Kept    string `json:"kept"`
		Since   string `json:"since"` // all are known since then; "": none are
		Filling bool   `json:"filling"`
	} `json:"reports"`
	LastHour  *toldHour     `json:"last_hour"`
	By        string        `json:"by"`
	Groups    []toldGroup   `json:"groups"`
	Submitted toldOutcomes  `json:"submitted"`
	Before    *toldOutcomes `json:"submitted_before"`
	Steps     []toldStep    `json:"steps"`
	Times     *toldTimes    `json:"in_processing"`
	Earlier   *toldTimes    `json:"in_processing_before"`
	Longest   int           `json:"longest_in_processing_seconds"`
	Needs     []toldNeed    `json:"needs"`
}

type toldHour struct {
	Failed  int          `json:"failed"`
	Usual   *int         `json:"usual"`
	Steps   []int        `json:"steps"` // of five minutes
	Reasons []toldReason `json:"reasons"`
}

type toldReason struct {
	Reason string   `json:"reason"`
	Label  string   `json:"label"`
	Failed int      `json:"failed"`
	Usual  *int     `json:"usual"`
	Rose   bool     `json:"rose"`
	Began  string   `json:"began,omitempty"`
	Shares []string `json:"in_common,omitempty"`
}

type toldGroup struct {
	Value  string `json:"value"`
	Label  string `json:"label"`
	Failed int    `json:"failed"`
	Before *int   `json:"before"`
	Query  string `json:"query"`
}

type toldOutcomes struct {
	Verified int `json:"verified"`
	AtOnce   int `json:"verified_in_one_attempt"`
	Failed   int `json:"failed"`
}

// toldTimes are how long so many submissions were in processing.
type toldTimes struct {
	Known int `json:"known"`
	P50   int `json:"p50_seconds"`
	P95   int `json:"p95_seconds"`
}

type toldStep struct {
	From     string `json:"from"`
	Failed   int    `json:"failed"`
	Usual    *int   `json:"usual"`
	Verified int    `json:"verified"`
}

type toldNeed struct {
	Name  string `json:"name"`
	Query string `json:"query"`
	Count int    `json:"count"`
}

// ifKnown is a number, or nil.
func ifKnown(n int, known bool) *int {
	if !known {
		return nil
	}
	return &n
}

func outcomesOf(o mirror.Outcomes) toldOutcomes {
	return toldOutcomes{o.Verified, o.AtOnce, o.Failed - o.Unreported}
}

func timesOf(t insights.Times) *toldTimes {
	if t.Known == 0 {
		return nil
	}
	return &toldTimes{t.Known, int(t.P50 / time.Second), int(t.P95 / time.Second)}
}

func reasonOf(r insights.Reason) toldReason {
	t := toldReason{Reason: r.Code, Label: insights.Splits[0].Label(r.Code), Failed: r.Failed, Usual: ifKnown(r.Usual, r.Days > 0), Rose: r.Rose, Began: stamp(r.Began.Time())}
	for _, share := range r.Shares {
		t.Shares = append(t.Shares, share.Words())
	}
	return t
}

func insightsJSON(in insights.Insights) told {
	t := told{
		Window: in.Window.Name, From: stamp(in.From.Time()), Until: stamp(in.Until.Time()), Sentences: in.Sentences(), By: in.Split.Name,
		Submitted: outcomesOf(in.Sum), Longest: int(in.Stays.Longest / time.Second),
		Times: timesOf(in.Stays.Window), Earlier: timesOf(in.Stays.Before), Groups: []toldGroup{},
	}
	t.Reports.Kept, t.Reports.Since, t.Reports.Filling = in.Known.Kept.String(), stamp(in.Known.Reports.Time()), in.Known.Filling
	if in.Hour.Known {
		t.LastHour = &toldHour{Failed: in.Hour.Failed, Usual: ifKnown(in.Hour.Usual, in.Hour.Days > 0), Steps: in.Hour.Steps, Reasons: []toldReason{}}
		for _, r := range in.Hour.Reasons {
			t.LastHour.Reasons = append(t.LastHour.Reasons, reasonOf(r))
		}
	}
	if in.Compared {
		before := outcomesOf(in.Before)
		t.Before = &before
	}
	for _, bar := range in.Bars {
		t.Groups = append(t.Groups, toldGroup{bar.Value, in.Split.Label(bar.Value), bar.Failed, ifKnown(bar.Before, bar.Compared), bar.Query})
	}
	for _, s := range in.Steps {
		t.Steps = append(t.Steps, toldStep{stamp(s.From.Time()), s.Failed, ifKnown(s.Usual, s.IsUsual), s.Sum.Verified})
	}
	for _, need := range in.Needs {
		t.Needs = append(t.Needs, toldNeed{need.Name, need.Query, need.Count})
	}
	return t
}
