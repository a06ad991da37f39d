package ui_test

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/emulator"
	"idtop/client/insights"
	"idtop/client/mirror"
)

// incidentWorld is a small world with the incident of the demo.
func incidentWorld(seed uint64) emulator.Config {
	return emulator.Config{Seed: seed, Sessions: 6000, Traffic: true, Incident: true}
}

// serverNow is the time at the server.
func serverNow() time.Time { return time.Now().Add(ahead) }

// failures are all failed attempts of the server's account by reason in the hour before a
// time, by its reports one by one.
func (p *program) failures(until time.Time) map[string]int {
	p.t.Helper()
	failed := map[string]int{}
	for params := (client.ReportListParams{}); ; {
		page, err := p.api.ListReportFacts(context.Background(), params)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, report := range page.Data {
			if at := report.Created.Time(); at.After(until) || !at.After(until.Add(-time.Hour)) {
				continue
			}
			for _, check := range report.Checks {
				if check.Failed() {
					failed[check.Code]++
					break
				}
			}
		}
		last := len(page.Data) - 1
		if last < 0 || !page.HasMore || page.Data[last].Created.Time().Before(until.Add(-time.Hour)) {
			return failed
		}
		params.After = page.Data[last].ID
	}
}

// counted is the last hour as the mirror counts it at a time.
func (p *program) counted(at time.Time) insights.Hour {
	p.t.Helper()
	tally, err := p.store.Tally(context.Background(), insights.LastHour(at))
	if err != nil {
		p.t.Fatal(err)
	}
	return insights.Rose(tally, insights.KnownOf(p.config.Syncer.Status()), insights.UsualRule)
}

// "What broke since lunch?" An incident is found within two minutes of the start, with
// the numbers that the server has, and its sessions are two keys away.
func TestStoryIncident(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			run(t, options{width: size[0], height: size[1], reports: mirror.KeptAll, emulator: incidentWorld(42)}, func(p *program) {
				p.wait(2 * time.Minute)
				p.shows("▲ document not verified ")
				now := serverNow().Add(-30 * time.Second) // what has just come may not have been read
				hour, truth := p.counted(now), p.failures(now)
				counted := map[string]int{}
				for _, r := range hour.Reasons {
					counted[r.Code] = r.Failed
				}
				if !reflect.DeepEqual(counted, truth) {
					t.Fatalf("counted %v, the server has %v", counted, truth)
				}
				risen := hour.Risen()
				if len(risen) != 1 || risen[0].Code != "document_unverified_other" || risen[0].Shares[0].Country != "PL" || risen[0].Shares[0].Doc != "id_card" {
					t.Fatalf("risen: %+v", risen)
				}
				p.press("esc i enter")
				p.wait(time.Second)
				p.shows("reason:document_unverified_other", "document not veri")
				p.hides("WHY THEY FAILED", "document expired")
				p.press("esc")
				p.shows("WHY THEY FAILED", "Document not verified rose to")
				p.press("esc 2")
				p.shows("LAST HOUR", "▲ document not verified")
				p.press("!")
				p.shows("Document not verified rose: ")
			})
		})
	}
}

// The header, the insights and the line of the last hour give one number while new failures
// come in.
func TestStoryOneCountOfTheHour(t *testing.T) {
	risen := regexp.MustCompile(`ocument not verified (?:rose to )?(\d+)`)
	run(t, options{width: 160, height: 45, reports: mirror.KeptAll, emulator: incidentWorld(42)}, func(p *program) {
		p.wait(2*time.Minute + 7*time.Second)
		counts := map[string]bool{}
		for range 12 {
			p.press("i")
			for range 5 {
				p.wait(6 * time.Second)
				said := risen.FindAllStringSubmatch(p.screen.Text(), -1)
				if len(said) < 2 {
					t.Fatalf("the rise is not said twice:\n%s", p.screen.Text())
				}
				for _, number := range said[1:] {
					if number[1] != said[0][1] {
						t.Fatalf("%s beside %s:\n%s", said[0], number, p.screen.Text())
					}
				}
				counts[said[0][1]] = true
			}
			p.press("esc")
		}
		if len(counts) < 3 {
			t.Errorf("the counts were only %v", counts)
		}
	})
}

// "How long does it take today?" The page's times in processing are those that the
// server's events tell of.
func TestStoryTimeInProcessing(t *testing.T) {
	run(t, options{width: 120, height: 40, reports: mirror.KeptAll, emulator: emulator.Config{Seed: 5, Sessions: 600, Traffic: true}}, func(p *program) {
		p.press("i")
		p.wait(time.Second)
		p.shows("TIME IN PROCESSING")
		p.press("esc")
		p.wait(70 * time.Minute) // the events of an hour are known
		p.press("i W")
		p.wait(time.Second)
		in := p.drawn.Load().Insights
		var events []client.Event
		for params := (client.EventListParams{}); ; params.After = events[len(events)-1].ID {
			page, err := p.api.ListEvents(context.Background(), params)
			if err != nil {
				t.Fatal(err)
			}
			if events = append(events, page.Data...); !page.HasMore {
				break
			}
		}
		came, took := map[string]client.Unix{}, []int{}
		for _, e := range slices.Backward(events) { // the oldest first
			since, ok := came[e.Object.ID]
			delete(came, e.Object.ID)
			if e.Object.Status == client.StatusProcessing {
				came[e.Object.ID] = e.Created
			} else if ok && e.Created >= in.From && e.Created < in.Until {
				took = append(took, int(e.Created-since))
			}
		}
		slices.Sort(took)
		if len(took) < 20 || in.Stays.Window.Known != len(took) || in.Sample() != "" {
			t.Fatalf("%d are known, the server tells of %d; %q\n%s", in.Stays.Window.Known, len(took), in.Sample(), p.screen.Text())
		}
		p50, p95 := took[(len(took)*50+99)/100-1], took[(len(took)*95+99)/100-1]
		if p50 >= 60 || p95 >= 60 || p50 == p95 {
			t.Fatalf("the server's times say little: %v", took)
		}
		p.shows(fmt.Sprintf("p50 %29s", fmt.Sprint(p50, "s")), fmt.Sprintf("p95 %29s", fmt.Sprint(p95, "s")))
	})
}

// A rise that begins while the dashboard is open is found within two minutes of the
// failure that makes it one.
func TestStoryRiseBegins(t *testing.T) {
	run(t, options{width: 120, height: 40, reports: mirror.KeptAll, emulator: emulator.Config{Seed: 3, Sessions: 1500}}, func(p *program) {
		p.wait(2 * time.Minute)
		p.hides("▲")
		for range 10 {
			id := p.create("somebody")
			p.control("POST", "sessions/"+id+"/submit", "outcome=requires_input&code=selfie_manipulated")
		}
		p.wait(2 * time.Minute)
		p.shows("▲ selfie manipulated 10 in the last hour, usually 0")
	})
}

// The quiet fortnight before the incident raises nothing: the mirror's counts are looked
// at for each quarter of an hour, as if it were now.
func TestStoryQuietFortnight(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			run(t, options{reports: mirror.KeptAll, emulator: emulator.Config{Seed: seed, Sessions: 9000, Incident: true}}, func(p *program) {
				p.wait(3 * time.Minute)
				known := insights.KnownOf(p.config.Syncer.Status())
				if known.Reports == 0 || known.Filling {
					t.Fatalf("not all reports are known: %+v", known)
				}
				claimed := 0
				quiet := serverNow().Add(-70 * time.Minute) // before the incident
				for at := quiet; at.After(quiet.Add(-14 * 24 * time.Hour)); at = at.Add(-15 * time.Minute) {
					tally, err := p.store.Tally(context.Background(), insights.LastHour(at))
					if err != nil {
						t.Fatal(err)
					}
					hour := insights.Rose(tally, known, insights.UsualRule)
					if hour.Days > 0 {
						claimed++
					}
					if risen := hour.Risen(); len(risen) > 0 {
						t.Errorf("%s: %+v", at, risen[0])
					}
				}
				if claimed < 1300 {
					t.Errorf("only %d times it was known what is usual", claimed)
				}
			})
		})
	}
}

// Without reports nothing is claimed, and the first i says how to have them.
func TestStoryInsightsWithoutReports(t *testing.T) {
	run(t, options{width: 120, height: 40, live: true, reports: mirror.KeptOff, emulator: incidentWorld(42)}, func(p *program) {
		p.wait(2 * time.Minute)
		p.hides("▲ document", "LAST HOUR")
		p.press("esc 2")
		p.hides("LAST HOUR")
		p.press("i")
		p.wait(time.Second)
		p.shows(`reports = "recent" in the config`)
		p.hides("rose")
	})
}

// TestInsightsScreens keeps the insights, the line of the last hour and the header.
func TestInsightsScreens(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"insights", "esc i"},
		{"insights_split", "esc i w s s"},
		{"insights_side", "esc i tab j"},
		{"last_hour", "esc 2 j"},
		{"rise_elsewhere", "esc 5"},
	} {
		for _, size := range sizes {
			name := fmt.Sprintf("%s_%dx%d", c.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				run(t, options{width: size[0], height: size[1], reports: mirror.KeptAll, emulator: emulator.Config{Seed: 42, Sessions: 6000, Incident: true}}, func(p *program) {
					p.wait(time.Minute)
					p.press(c.script)
					p.wait(time.Second)
					sameScreen(t, p.screen.Text())
				})
			})
		}
	}
}

// The page asks Stripe for nothing.
func TestStoryInsightsReadNothing(t *testing.T) {
	run(t, options{width: 120, height: 40, reads: 10_000, reports: mirror.KeptAll, emulator: emulator.Config{Seed: 42, Sessions: 600, Incident: true}}, func(p *program) {
		p.wait(2 * time.Minute)
		p.press("esc P")
		p.wait(5 * time.Second) // what was under way is answered
		before := p.line("reads ")
		p.press("i w W s tab j enter esc esc")
		p.wait(time.Minute)
		if after := p.line("reads "); before == "" || reads(after) != reads(before) {
			t.Errorf("reads were %q, are %q\n%s", before, after, p.screen.Text())
		}
	})
}

// reads is the number of reads in a header.
func reads(line string) string {
	_, after, _ := strings.Cut(line, "reads ")
	number, _, _ := strings.Cut(after, " ")
	return number
}
