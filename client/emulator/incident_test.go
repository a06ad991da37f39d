package emulator

import (
	"slices"
	"testing"
	"time"
)

// attemptsOf are the failures of a code by the hour before a time: [0] is the last hour.
func attemptsOf(w *world, name string, until time.Time, hours int) (failed, stricken []int) {
	failed, stricken = make([]int, hours), make([]int, hours)
	for at, r := range w.reports {
		hour := int(until.Sub(time.Unix(int64(r.created), 0)) / time.Hour)
		if failures[r.code].name != name || hour < 0 || hour >= hours {
			continue
		}
		failed[hour]++
		if p := w.shownIn(uint32(at)); p.stricken() {
			stricken[hour]++
		}
	}
	return failed, stricken
}

func TestIncident(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		at := newClock()
		s := New(Config{Sessions: 20_000, Seed: seed, Traffic: true, Incident: true, Now: at.Now})
		w := s.home.world
		if len(w.sessions) != 20_000 {
			t.Errorf("%d sessions", len(w.sessions))
		}
		if oldest := started.Sub(time.Unix(int64(w.created[0]), 0)); oldest < 14*24*time.Hour || oldest > 40*24*time.Hour {
			t.Errorf("the oldest session is of %s ago", oldest)
		}
		failed, stricken := attemptsOf(w, incidentCode, started, 14*24+1)
		var usual []int
		for day := range 14 {
			usual = append(usual, failed[24*(day+1)])
		}
		slices.Sort(usual)
		if failed[0] < 20 || failed[0] < 3*usual[7] || usual[7] < 1 || stricken[0] < failed[0]*6/10 {
			t.Errorf("seed %d: %d in the last hour, %d of them by the incident, usually %d", seed, failed[0], stricken[0], usual[7])
		}
		at.add(3 * time.Hour)
		w.advance(at.Now().UnixNano())
		if later, of := attemptsOf(w, incidentCode, at.Now(), 1); later[0] < 20 || of[0] < later[0]/2 {
			t.Errorf("seed %d: after three hours %d in an hour, %d of them by the incident", seed, later[0], of[0])
		}
		if expired, _ := attemptsOf(w, "document_expired", at.Now(), 1); expired[0] >= 15 {
			t.Errorf("seed %d: %d documents expired in an hour of traffic", seed, expired[0])
		}
	}
}
