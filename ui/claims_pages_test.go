package ui_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/clienttest"
	"idtop/client/emulator"
	"idtop/client/mirror"
)

// The pages that count make claims in words. Each claim of these tests is found on the
// screen and compared with the server's sessions, counted here one by one; and then each
// number and name in it is changed on the screen, which has to be noticed.

// truth is all that the server has, at a time by its clock.
type truth struct {
	now      time.Time
	sessions map[string]client.Session
	reports  []client.ReportFacts // newest first
	began    map[string]time.Time // when the state of a session began, as far as an event tells
}

// truth asks the server for all it has.
func (p *program) truth() *truth {
	p.t.Helper()
	ctx, now := context.Background(), &truth{now: serverNow(), sessions: map[string]client.Session{}, began: map[string]time.Time{}}
	err := clienttest.EachSession(ctx, p.api, client.SessionListParams{}, func(s client.Session) error {
		now.sessions[s.ID] = s
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for params := (client.ReportListParams{}); ; {
		page, err := p.api.ListReportFacts(ctx, params)
		if err != nil {
			p.t.Fatal(err)
		}
		now.reports = append(now.reports, page.Data...)
		if !page.HasMore {
			break
		}
		params.After = page.Data[len(page.Data)-1].ID
	}
	for params := (client.EventListParams{}); ; {
		page, err := p.api.ListEvents(ctx, params)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, e := range page.Data {
			if at := e.Created.Time(); e.Object.State() == now.sessions[e.Object.ID].State() && now.began[e.Object.ID].Before(at) {
				now.began[e.Object.ID] = at
			}
		}
		if !page.HasMore {
			return now
		}
		params.After = page.Data[len(page.Data)-1].ID
	}
}

// since is when the state of a session began.
func (n *truth) since(s client.Session) time.Time {
	if at, ok := n.began[s.ID]; ok {
		return at
	}
	for _, r := range n.reports {
		if r.Session == s.ID {
			return r.Created.Time()
		}
	}
	return s.Created.Time()
}

// of counts the sessions with a property.
func (n *truth) of(has func(s client.Session) bool) (count int) {
	for _, s := range n.sessions {
		if has(s) {
			count++
		}
	}
	return count
}

// attempts counts the reports of a session.
func (n *truth) attempts(id string) (count int) {
	for _, r := range n.reports {
		if r.Session == id {
			count++
		}
	}
	return count
}

// in counts the attempts with a property of a time until some moments ago.
func (n *truth) in(length, ago time.Duration, has func(r client.ReportFacts) bool) (count int) {
	until := n.now.Add(-ago)
	for _, r := range n.reports {
		at := r.Created.Time()
		if !at.After(until.Add(-length)) {
			break
		}
		if !at.After(until) && has(r) {
			count++
		}
	}
	return count
}

// usual is the median of an hour's count over the fortnight before.
func (n *truth) usual(has func(r client.ReportFacts) bool) int {
	var days []int
	for day := 1; day <= 14; day++ {
		days = append(days, n.in(time.Hour, time.Duration(day)*24*time.Hour, has))
	}
	slices.Sort(days)
	return (days[6] + days[7] + 1) / 2
}

func failing(r client.ReportFacts) bool {
	state, _ := r.Outcome()
	return state == client.StateFailed
}

func passing(r client.ReportFacts) bool { return !failing(r) }

// failingFor are the attempts that failed for a reason, by its name in any case.
func failingFor(label string) func(r client.ReportFacts) bool {
	return func(r client.ReportFacts) bool {
		state, code := r.Outcome()
		return state == client.StateFailed && strings.EqualFold(client.ReasonOf(code).Label, label)
	}
}

// percent is a part of a whole in whole percents.
func percent(part, whole int) int { return (100*part + whole/2) / whole }

// claim is a sentence or a cell of a page. The groups of its pattern are the claimed numbers and names.
type claim struct {
	says string
	// so returns what the groups have to be.
	so    func(n *truth, got []string) []string
	least int // how often the page says it; 0: once
}

// numbers are numbers as the screen writes them.
func numbers(all ...int) (texts []string) {
	for _, n := range all {
		text := strconv.Itoa(n)
		for at := len(text) - 3; at > 0; at -= 3 {
			text = text[:at] + "," + text[at:]
		}
		texts = append(texts, text)
	}
	return texts
}

// lies are the claims of a screen that are not so, and those that it does not make. The
// spans are where its claims are.
func (n *truth) lies(screen string, claims []claim) (lies []string, spans [][2]int) {
	for _, c := range claims {
		found := regexp.MustCompile(c.says).FindAllStringSubmatchIndex(screen, -1)
		if len(found) < max(1, c.least) {
			lies = append(lies, fmt.Sprintf("it says %q %d times", c.says, len(found)))
		}
		for _, at := range found {
			var got []string
			for i := 2; i < len(at); i += 2 {
				got = append(got, screen[at[i]:at[i+1]])
				spans = append(spans, [2]int{at[i], at[i+1]})
			}
			if want := c.so(n, got); !slices.Equal(got, want) {
				lies = append(lies, fmt.Sprintf("%q claims %q; it is %q", screen[at[0]:at[1]], got, want))
			}
		}
	}
	return lies, spans
}

var digits = regexp.MustCompile(`\d+$`)

// altered is another value: the number after, or a name of another thing.
func altered(text string) string {
	for from, to := range map[string]string{
		"failed": "verified", "verified": "failed", "canceled": "waiting", "waiting": "canceled", "processing": "waiting", "selfie manipulated": "document expired",
	} {
		if strings.EqualFold(text, from) {
			return to
		}
	}
	if at := digits.FindStringIndex(text); at != nil {
		n, _ := strconv.Atoi(text[at[0]:])
		return text[:at[0]] + fmt.Sprintf("%0*d", at[1]-at[0], n+1)
	}
	return "selfie manipulated"
}

// claims compares the screen with the server, and then each change of a claim.
func (n *truth) claims(p *program, what string, claims ...claim) {
	p.t.Helper()
	screen := p.screen.Text()
	var lies []string
	var spans [][2]int
	for ago := range time.Minute / time.Second { // what rose is counted once a minute
		n.now = serverNow().Add(-ago * time.Second)
		if lies, spans = n.lies(screen, claims); len(lies) == 0 {
			break
		}
	}
	if len(lies) > 0 {
		p.t.Errorf("%s: %s\n%s", what, strings.Join(lies, "\n"), screen)
		return
	}
	for _, at := range spans {
		said := screen[at[0]:at[1]]
		if lies, _ := n.lies(screen[:at[0]]+altered(said)+screen[at[1]:], claims); len(lies) == 0 {
			p.t.Errorf("%s: nobody notices %q in place of %q in %q", what, altered(said), said, screen[max(0, at[0]-30):min(len(screen), at[1]+10)])
		}
	}
}

// risen is a rise in the words of the header, the line of the last hour and the insights.
func risen(says string) claim {
	return claim{says: says, so: func(n *truth, got []string) []string {
		has := failingFor(got[0])
		return append(got[:1:1], numbers(n.in(time.Hour, 0, has), n.usual(has))...)
	}}
}

// rest is the number that a line leaves for the others.
func rest(all int, shown ...string) []string {
	for _, text := range shown {
		n, _ := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
		all -= n
	}
	return numbers(all)
}

// listed is a view, or what needs somebody, with its count.
func listed(says string, has func(n *truth, s client.Session) bool) claim {
	return claim{says: says, so: func(n *truth, _ []string) []string {
		return numbers(n.of(func(s client.Session) bool { return has(n, s) }))
	}}
}

// TestWhatTheInsightsClaimIsSo: the header, the line of the last hour, the insights and the
// views count what the server has.
func TestWhatTheInsightsClaimIsSo(t *testing.T) {
	if testing.Short() {
		t.Skip("every page of a large world; the stories take the same ways")
	}
	run(t, options{width: 160, height: 45, reports: mirror.KeptAll, emulator: emulator.Config{Seed: 42, Sessions: 6000, Incident: true}}, func(p *program) {
		p.wait(time.Minute)
		n := p.truth()
		p.wait(time.Minute) // Stripe allows the program's reads again
		polish := func(r client.ReportFacts) bool {
			return failingFor("document not verified")(r) && r.DocType == "id_card" && r.Country == "PL"
		}
		is := func(state client.State) func(*truth, client.Session) bool {
			return func(_ *truth, s client.Session) bool { return s.State() == state }
		}
		old := func(n *truth, at time.Time, age time.Duration) bool { return n.now.Sub(at) >= age }
		tries := map[string]int{}
		for _, s := range n.sessions {
			tries[s.UserID()]++
		}
		failedOften := func(n *truth, s client.Session) bool { return s.State() == client.StateFailed && n.attempts(s.ID) >= 3 }
		notSubmitted := func(n *truth, s client.Session) bool {
			return s.State() == client.StateWaiting && old(n, s.Created.Time(), 24*time.Hour)
		}
		stuck := func(n *truth, s client.Session) bool {
			return s.State() == client.StateProcessing && old(n, n.since(s), 15*time.Minute)
		}

		n.claims(p, "the header",
			risen(`▲ (document not verified) (\d+) in the last hour, usually (\d+)`),
			claim{says: `usually \d+; (\d+) id cards of PL`, so: func(n *truth, _ []string) []string { return numbers(n.in(time.Hour, 0, polish)) }},
		)

		p.press("esc 2")
		p.wait(time.Second)
		n.claims(p, "the last hour",
			risen(`LAST HOUR .* ▲ (document not verified) (\d+), usually (\d+)`),
			claim{says: `LAST HOUR  (\d+) failed, usually (\d+)`, so: func(n *truth, _ []string) []string { return numbers(n.in(time.Hour, 0, failing), n.usual(failing)) }},
			claim{says: `LAST HOUR .* ▲ .*, usually \d+   (\D+) (\d+)   \d+ others`, so: func(n *truth, got []string) []string {
				return append(got[:1:1], numbers(n.in(time.Hour, 0, failingFor(got[0])))...)
			}},
			claim{says: `LAST HOUR .* ▲ \D+ (\d+), usually \d+   \D+ (\d+)   (\d+) others`, so: func(n *truth, got []string) []string {
				return append(got[:2:2], rest(n.in(time.Hour, 0, failing), got[:2]...)...)
			}},
		)

		day := 24 * time.Hour
		p.press("i")
		p.wait(time.Second)
		rates := func(part func(n *truth, ago time.Duration) int) func(*truth, []string) []string {
			return func(n *truth, _ []string) []string {
				all := func(client.ReportFacts) bool { return true }
				return numbers(percent(part(n, 0), n.in(day, 0, all)), percent(part(n, day), n.in(day, day, all)))
			}
		}
		n.claims(p, "the insights",
			risen(`(Document not verified) rose to (\d+) in the last hour, where (\d+) is usual`),
			claim{says: `(\d+) of (\d+) are id cards of PL\.`, so: func(n *truth, _ []string) []string {
				return numbers(n.in(time.Hour, 0, polish), n.in(time.Hour, 0, failingFor("document not verified")))
			}},
			claim{says: `(\d+) are of type document with selfie required`, so: func(n *truth, _ []string) []string {
				return numbers(n.in(time.Hour, 0, func(r client.ReportFacts) bool {
					s := n.sessions[r.Session]
					return failingFor("document not verified")(r) && s.Type == "document" && s.Options != nil && s.Options.Document != nil && s.Options.Document.RequireMatchingSelfie
				}))
			}},
			claim{says: `(Document expired) fell to (\d+), from (\d+)\.`, so: func(n *truth, got []string) []string {
				has := failingFor(got[0])
				return append(got[:1:1], numbers(n.in(day, 0, has), n.in(day, day, has))...)
			}},
			claim{says: `(?m)^ [ ▸] (\S.*?) +[▇░]+ +(\d+) +(\d+) │`, least: 6, so: func(n *truth, got []string) []string {
				has := failingFor(got[0])
				return append(got[:1:1], numbers(n.in(day, 0, has), n.in(day, day, has))...)
			}},
			claim{says: `✓ verified +(\d+) % +(\d+) %`, so: rates(func(n *truth, ago time.Duration) int { return n.in(day, ago, passing) })},
			claim{says: `✗ failed +(\d+) % +(\d+) %`, so: rates(func(n *truth, ago time.Duration) int { return n.in(day, ago, failing) })},
			claim{says: `in one attempt +(\d+) % +(\d+) %`, so: rates(func(n *truth, ago time.Duration) int {
				return n.in(day, ago, func(r client.ReportFacts) bool { return passing(r) && n.attempts(r.Session) == 1 })
			})},
			listed(`stuck over 15 min +(\d+)`, stuck),
			// Stripe does not tell since when a session is being erased.
			claim{says: `(?s)erasing, overdue +(\d+).*erasing, in time +(\d+)`, so: func(n *truth, got []string) []string {
				return append(got[:1:1], rest(n.of(func(s client.Session) bool { return is(client.StateRedacting)(n, s) }), got[0])...)
			}},
			listed(`not submitted after a day +(\d+)`, notSubmitted),
			listed(`failed 3 times or more +(\d+)`, failedOften),
		)

		p.press("esc V")
		p.wait(time.Second)
		n.claims(p, "the views",
			listed(`1 All .* ([\d,]+)\n`, func(*truth, client.Session) bool { return true }),
			listed(`2 Failed  .* ([\d,]+)\n`, is(client.StateFailed)),
			listed(`3 Waiting  .* ([\d,]+)\n`, is(client.StateWaiting)),
			listed(`4 Processing  .* ([\d,]+)\n`, is(client.StateProcessing)),
			listed(`5 Verified  .* ([\d,]+)\n`, is(client.StateVerified)),
			listed(`6 Canceled  .* ([\d,]+)\n`, is(client.StateCanceled)),
			listed(`7 Redacted  .* ([\d,]+)\n`, func(n *truth, s client.Session) bool { return s.Redaction != nil }),
			listed(`8 Stuck  .* ([\d,]+)\n`, stuck),
			listed(`9 Never submitted  .* ([\d,]+)\n`, notSubmitted),
			listed(`Failed today  .* ([\d,]+)\n`, func(n *truth, s client.Session) bool { return is(client.StateFailed)(n, s) && !old(n, n.since(s), day) }),
			listed(`Many tries  .* ([\d,]+)\n`, func(n *truth, s client.Session) bool {
				return is(client.StateFailed)(n, s) && s.UserID() != "" && tries[s.UserID()] >= 3
			}),
			listed(`Redactions open  .* ([\d,]+)\n`, is(client.StateRedacting)),
		)
	})
}

// today tells whether a time is on the present day of the operator.
func (n *truth) today(at client.Unix) bool {
	return at.Time().Local().Format(time.DateOnly) == n.now.Local().Format(time.DateOnly)
}

// TestWhatAPersonsPageClaimsIsSo: how the person stands, all their sessions and attempts, why
// they failed, and what each key would do to how many.
func TestWhatAPersonsPageClaimsIsSo(t *testing.T) {
	if testing.Short() {
		t.Skip("every page of a large world; the stories take the same ways")
	}
	run(t, options{width: 160, height: 45, reports: mirror.KeptAll, emulator: emulator.Config{Seed: 42, Sessions: 6000, Incident: true}}, func(p *program) {
		p.wait(time.Minute)
		n := p.truth()
		theirs := map[string][]client.Session{}
		for _, s := range n.sessions {
			if user := s.UserID(); user != "" {
				theirs[user] = append(theirs[user], s)
			}
		}
		users := []string{"ann_8392", "mario_9065"}
		for user, sessions := range theirs {
			if len(sessions) > 2 && !strings.ContainsAny(user, " :") {
				users = append(users, user)
			}
		}
		slices.Sort(users)
		seen := map[string]int{}
		for _, user := range users[:min(len(users), 12)] {
			p.press("esc esc esc esc 1 /")
			p.types(user)
			p.wait(time.Second)
			p.press("enter u")
			p.wait(time.Second)
			sessions := theirs[user]
			// what ended before any check has no report
			mine := func(has func(r client.ReportFacts) bool) (count int) {
				for _, s := range sessions {
					for _, r := range n.reports {
						if r.Session == s.ID && has(r) {
							count++
						}
					}
					left := client.ReportFacts{Created: s.Created, Checks: []client.CheckFacts{{Status: "unverified", Code: s.ErrorCode()}}}
					if s.State() == client.StateFailed && client.BeforeAnyCheck(s.ErrorCode()) && has(left) {
						count++
					}
				}
				return count
			}
			in := func(states ...client.State) (count int) {
				for _, s := range sessions {
					if slices.Contains(states, s.State()) {
						count++
					}
				}
				return count
			}
			claims := []claim{
				{says: ` ›  "(` + regexp.QuoteMeta(user) + `)"`, so: func(*truth, []string) []string { return []string{user} }},
				{says: `(\d+) sessions? and (\d+) attempts?`, so: func(n *truth, _ []string) []string {
					return numbers(len(sessions), mine(func(client.ReportFacts) bool { return true }))
				}},
				{says: `[▸ ]  . (failed|verified|canceled|waiting|processing)\s+…(\w{6})`, least: len(sessions), so: func(n *truth, got []string) []string {
					for _, s := range sessions {
						if strings.HasSuffix(s.ID, got[1]) {
							return []string{s.State().String(), got[1]}
						}
					}
					return nil
				}},
				{says: `▄ (\d+) +(\S.*)`, least: min(1, mine(failing)), so: func(n *truth, got []string) []string {
					label := strings.TrimSpace(got[1])
					return append(numbers(mine(failingFor(label))), got[1])
				}},
			}
			// the newest attempt of all is the one that NOW tells of
			last, what := client.Unix(0), ""
			for _, r := range n.reports {
				if s := n.sessions[r.Session]; s.UserID() == user && r.Created > last {
					state, code := r.Outcome()
					last, what = r.Created, map[bool]string{true: "The last attempt failed: " + client.ReasonOf(code).Label, false: "The person was verified"}[state == client.StateFailed]
				}
			}
			if in(client.StateWaiting, client.StateProcessing) == 0 && in(client.StateFailed) > 0 {
				claims = append(claims, claim{says: `NOW +(The [^.]+?)(?: on [^.]*)?\.`, so: func(*truth, []string) []string { return []string{what} }})
			}
			// each line that a page may have, and how many it has to say
			for _, may := range []struct {
				says string
				is   int
			}{
				{`r  redact +(\d+) now`, in(client.StateFailed, client.StateWaiting, client.StateVerified, client.StateCanceled)},
				{`c  cancel +(\d+) now`, in(client.StateFailed, client.StateWaiting)},
				{`c  cancel .*, (\d+) canceled already`, in(client.StateCanceled)},
				{`Failed (\d+) times today`, mine(func(r client.ReportFacts) bool { return failing(r) && n.today(r.Created) })},
			} {
				if regexp.MustCompile(may.says).MatchString(p.screen.Text()) {
					seen[may.says]++
					claims = append(claims, claim{says: may.says, so: func(*truth, []string) []string { return numbers(may.is) }})
				} else if may.is > 1 {
					t.Errorf("%s: %d of %s are not said\n%s", user, may.is, may.says, p.screen.Text())
				}
			}
			n.claims(p, "the person "+user, claims...)
		}
		if len(seen) < 4 {
			t.Errorf("seen were only %v", seen)
		}
	})
}

// TestWhatATimelineClaimsIsSo: each attempt of a timeline has the time, the outcome and the
// report that the server has, and none is missing.
func TestWhatATimelineClaimsIsSo(t *testing.T) {
	run(t, options{width: 160, height: 45, reports: mirror.KeptAll}, func(p *program) {
		id := p.tried("ann_8392", "outcome=requires_input&code=selfie_face_mismatch", "outcome=requires_input&code=document_unverified_other", "outcome=verified")
		p.wait(time.Minute)
		p.press("g t")
		p.wait(time.Second)
		n := p.truth()
		clock := func(at client.Unix) string { return at.Time().Local().Format(time.TimeOnly) }
		end := func(got []string) (r client.ReportFacts) { // the attempt whose report is named
			for _, r := range n.reports {
				if r.Session == id && strings.HasSuffix(r.ID, got[len(got)-1]) {
					return r
				}
			}
			return r
		}
		n.claims(p, "the timeline",
			claim{says: `(\d\d:\d\d:\d\d) +○ created`, so: func(n *truth, _ []string) []string { return []string{clock(n.sessions[id].Created)} }},
			claim{says: `(\d\d:\d\d:\d\d) .*✗ failed +\S.*?  (\w+) .*report …(\w+)`, least: 2, so: func(_ *truth, got []string) []string {
				_, code := end(got).Outcome()
				return []string{clock(end(got).Created), code, got[2]}
			}},
			claim{says: `(\d\d:\d\d:\d\d) .*✓ (verified) .*report …(\w+)`, so: func(_ *truth, got []string) []string {
				state, _ := end(got).Outcome()
				return []string{clock(end(got).Created), state.String(), got[2]}
			}},
			claim{says: `(?s)attempt (1).*attempt (2).*attempt (3)`, so: func(n *truth, _ []string) []string {
				all := []string{"1", "2", "3"}
				return all[:n.attempts(id)]
			}},
		)
	})
}
