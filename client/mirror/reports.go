package mirror

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"idtop/client"
)

// Checks is a set of checks, a bit for each of client.CheckKinds.
type Checks uint8

// FailedChecks returns the checks of a report that did not pass.
func FailedChecks(report client.ReportFacts) (failed Checks) {
	for _, check := range report.Checks {
		if check.Failed() {
			failed |= ChecksOf(check.Kind)
		}
	}
	return failed
}

// ChecksOf returns the set of the checks of these names.
func ChecksOf(kinds ...string) (set Checks) {
	for i, name := range client.CheckKinds {
		for _, kind := range kinds {
			if kind == name {
				set |= 1 << i
			}
		}
	}
	return set
}

// Has tells whether the check of a name is in the set.
func (c Checks) Has(kind string) bool { return c&ChecksOf(kind) != 0 }

// Kinds lists the names of the checks.
func (c Checks) Kinds() (kinds []string) {
	for i, name := range client.CheckKinds {
		if c&(1<<i) != 0 {
			kinds = append(kinds, name)
		}
	}
	return kinds
}

// String lists the names with commas between them.
func (c Checks) String() string { return strings.Join(c.Kinds(), ",") }

// Kept says which reports the mirror keeps.
type Kept uint8

// The choices.
const (
	KeptOff    Kept = iota // none
	KeptRecent             // those of the last 30 days
	KeptAll
)

// keptWords are the choices as the configuration has them.
var keptWords = [...]string{"off", "recent", "all"}

// String returns the configuration's word.
func (k Kept) String() string { return keptWords[k] }

// KeptOf returns the choice of a word.
func KeptOf(word string) (k Kept, ok bool) {
	for i, known := range keptWords {
		if word == known {
			return Kept(i), true
		}
	}
	return KeptOff, false
}

// Known is what is known of reports.
type Known struct {
	Kept    Kept
	Filling bool        // reports that are to be kept were not read yet
	Back    client.Unix // all reports made from then on are known, up to Until; 0: none are
	Until   client.Unix // by the server's clock
	Err     error       // why they could not be read last; nil when they could
}

// Since returns since when all reports are known, by the server's clock, and whether all
// are that there ever were. It is zero when none are known.
func (k Known) Since() (back time.Time, all bool) {
	if k.Back <= 1 {
		return time.Time{}, k.Back == 1
	}
	return k.Back.Time(), false
}

// Missing says in one sentence what the operator can do for report facts, "" when they are
// kept: in a live account they are off until the configuration wants them.
func (k Known) Missing() string {
	if k.Kept != KeptOff {
		return ""
	}
	return `Documents, countries and checks are not known: reports = "recent" in the config keeps those of the last 30 days, "all" keeps all.`
}

// did; news is false when the report does not.
func (r Row) Dated(report client.ReportFacts) (_ Row, news bool) {
	if r.State != client.StateFailed || !r.Rough || report.ID != r.ReportID || report.Created < r.Created {
		return r, false
	}
	for _, check := range report.Checks {
		if check.Failed() && check.Code == r.ErrorCode {
			r.Since, r.Rough = report.Created.Time(), false
			return r, true
		}
	}
	return r, false
}

// Unreported tells whether the change is a failure that left no report, as an event tells.
func (c Change) Unreported() bool {
	return c.State == client.StateFailed && c.From == Event && !c.Rough && client.BeforeAnyCheck(c.Code)
}

// SumOf sums up the reports of a session, oldest first.
func SumOf(reports []client.ReportFacts) ReportSum {
	if len(reports) == 0 {
		return ReportSum{}
	}
	newest := reports[len(reports)-1]
	return ReportSum{Attempts: len(reports), Doc: newest.DocType, Country: newest.Country, Checks: FailedChecks(newest)}
}

// KnownReports is what progress tells of reports.
func (p Progress) KnownReports() Known {
	if p.Reports.Kept == KeptOff {
		return Known{}
	}
	known := Known{Kept: p.Reports.Kept, Filling: len(p.Reports.Open) > 0, Back: p.Reports.From, Until: p.Checked}
	if known.Filling {
		known.Back = p.Reports.Open[0].Until
	}
	if p.Reports.Due {
		known.Until = cmp.Or(p.Reports.Tail, known.Until)
	}
	return known
}

// A report is made before its verdict, by other clocks, and the verdict may take minutes.
const (
	verdictBefore = client.Unix(2 * 60)
	verdictAfter  = client.Unix(10 * 60)
)

// ReportsOf finds the reports of the verdicts in a session's history, by the index of the
// change: the report of the same id, else one with the same outcome at about the same
// time, else, for a change without an exact time, any with the same outcome. Each report
// belongs to one change at most, so that no attempt is told twice.
func ReportsOf(changes []Change, reports []client.ReportFacts) map[int]client.ReportFacts {
	of, used := map[int]client.ReportFacts{}, map[string]bool{}
	take := func(fits func(c Change, report client.ReportFacts) bool) {
		for i, c := range changes {
			for _, report := range reports {
				if _, has := of[i]; !has && !used[report.ID] && fits(c, report) {
					of[i] = report
					used[report.ID] = true
				}
			}
		}
	}
	same := func(c Change, report client.ReportFacts) bool {
		if state, _ := report.Outcome(); c.Report != "" || c.State != state || client.BeforeAnyCheck(c.Code) {
			return false
		}
		return c.Code == "" || slices.ContainsFunc(report.Checks, func(check client.CheckFacts) bool {
			return check.Failed() && cmp.Or(check.Code, client.NoCode) == c.Code
		})
	}
	take(func(c Change, report client.ReportFacts) bool { return c.Report == report.ID })
	take(func(c Change, report client.ReportFacts) bool {
		apart := c.At - report.Created
		return same(c, report) && !c.Rough && -verdictBefore <= apart && apart <= verdictAfter
	})
	take(func(c Change, report client.ReportFacts) bool { return same(c, report) && c.Rough })
	return of
}
