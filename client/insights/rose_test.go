package insights

import (
	"reflect"
	"testing"
	"time"

	"idtop/client"
	"idtop/client/mirror"
)

var now = time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)

// tallyOf is the tally of a last hour in which each group failed steadily.
func tallyOf(groups ...mirror.Group) mirror.Tally {
	t := mirror.Tally{TallyRequest: LastHour(now), Groups: groups, Steps: make([]mirror.Step, 12)}
	for i := range t.Steps {
		t.Steps[i].Days = make([]mirror.Outcomes, usualDays)
	}
	for g := range t.Groups {
		group := &t.Groups[g]
		group.Steps = make([]int, 12)
		for n := range group.Failed {
			group.Steps[n%12]++
			t.Steps[n%12].Failed++
		}
		for day, n := range group.Days {
			t.Steps[0].Days[day].Failed += n
		}
	}
	return t
}

// each is a group that failed so often in the hour and on each day before.
func each(key mirror.Key, failed, usual int) mirror.Group {
	days := make([]int, usualDays)
	for day := range days {
		days[day] = usual
	}
	return mirror.Group{Key: key, Failed: failed, Days: days}
}

func known(days int) Known {
	from := LastHour(now).From - client.Unix(days)*mirror.Day
	return Known{Kept: mirror.KeptAll, Reports: from, Unreported: from}
}

func TestRule(t *testing.T) {
	for _, c := range []struct {
		name          string
		failed, usual int
		days          int
		rose          bool
	}{
		{"three times", 30, 10, 14, true},
		{"not three times", 29, 10, 14, false},
		{"ten of none", 10, 0, 14, true},
		{"nine of none", 9, 0, 14, false},
		{"known for three days", 31, 2, 3, true},
		{"known for two days", 31, 2, 2, false},
	} {
		h := Rose(tallyOf(each(mirror.Key{Reason: "selfie_manipulated"}, c.failed, c.usual)), known(c.days), UsualRule)
		r, ok := h.Of("selfie_manipulated")
		if !ok || !h.Known || r.Rose != c.rose || r.Failed != c.failed {
			t.Errorf("%s: %+v", c.name, r)
		}
		if c.days >= leastDays && (r.Usual != c.usual || h.Usual != c.usual) {
			t.Errorf("%s: usually %d, all %d", c.name, r.Usual, h.Usual)
		}
	}
}

// Without report facts, or before those of the hour are read, nothing is said.
func TestNothingIsClaimed(t *testing.T) {
	tally := tallyOf(each(mirror.Key{Reason: "selfie_manipulated"}, 31, 2))
	for _, known := range []Known{{}, {Kept: mirror.KeptAll, Reports: tally.From + 60}, {Kept: mirror.KeptAll, Unreported: 1}} {
		if h := Rose(tally, known, UsualRule); !reflect.DeepEqual(h, Hour{Until: tally.Until}) {
			t.Errorf("%+v: %+v", known, h)
		}
	}
}

// Failures without a report count once it is known what is usual of them.
func TestUnreported(t *testing.T) {
	abandoned := each(mirror.Key{Reason: "abandoned"}, 40, 1)
	tally := tallyOf(abandoned, each(mirror.Key{Reason: "document_expired"}, 5, 2))
	for i := range tally.Steps {
		tally.Steps[i].Unreported = tally.Groups[0].Steps[i]
		for day := range tally.Steps[i].Days {
			tally.Steps[i].Days[day].Unreported = min(1, tally.Steps[i].Days[day].Failed)
		}
	}
	young := known(14)
	young.Unreported = tally.From - mirror.Day
	if h := Rose(tally, young, UsualRule); h.Failed != 5 || h.Usual != 2 || len(h.Risen()) != 0 || len(h.Reasons) != 1 {
		t.Errorf("%+v", h)
	}
	if h := Rose(tally, known(5), UsualRule); h.Failed != 45 || h.Usual != 3 || h.Days != 5 || len(h.Risen()) != 1 || h.Risen()[0].Code != "abandoned" {
		t.Errorf("%+v", h)
	}
}

func TestShares(t *testing.T) {
	key := func(doc, country string, selfie bool) mirror.Key {
		return mirror.Key{Reason: "document_unverified_other", Doc: doc, Country: country, Type: "document", Selfie: selfie}
	}
	h := Rose(tallyOf(each(key("id_card", "PL", true), 27, 0), each(key("passport", "DE", true), 4, 2)), known(14), UsualRule)
	r := h.Risen()[0]
	want := []Share{{mirror.Key{Doc: "id_card", Country: "PL"}, 27}, {mirror.Key{Type: "document", Selfie: true}, 31}}
	if !reflect.DeepEqual(r.Shares, want) {
		t.Errorf("%+v", r.Shares)
	}
	if words := r.Words(); words[0] != "document not verified 31 in the last hour, usually 2; 27 id cards of PL" {
		t.Errorf("%q", words)
	}
	// documents that can't be read are no share
	h = Rose(tallyOf(each(key("", "", false), 27, 0), each(key("passport", "DE", true), 4, 2)), known(14), UsualRule)
	if words := h.Risen()[0].Words(); words[0] != "document not verified 31 in the last hour, usually 2; 31 of type document" {
		t.Errorf("%q", words)
	}
}

func TestBegan(t *testing.T) {
	tally := tallyOf(each(mirror.Key{Reason: "document_expired"}, 30, 2))
	tally.Groups[0].Steps = []int{0, 1, 0, 0, 0, 0, 0, 6, 6, 6, 6, 5}
	if r := Rose(tally, known(14), UsualRule).Risen()[0]; r.Began != tally.From+7*step {
		t.Errorf("began %v", r.Began.Time())
	}
}
