package cli

import (
	"fmt"
	"slices"
	"strings"

	"idtop/client/plan"
	"idtop/ui/config"
	"idtop/ui/safe"
)

// A printed plan is remembered, so that a confirmation that no longer fits can say
// what has changed. The file holds ids and states, nothing about persons.

// plansFile holds the remembered plans, beside the journal of the account.
const plansFile = "plans.json"

// The bounds of the remembered plans.
const (
	plansKept    = 8
	sessionsKept = 10_000 // of all remembered plans together
)

// shownPlan is a printed plan.
type shownPlan struct {
	Hash   string            `json:"hash"`
	States map[string]string `json:"states"` // by session
}

// rememberPlan keeps a plan. If it fails, a later drift can't be told in detail,
// which is no reason not to print the plan.
func rememberPlan(pl *config.Place, p plan.Plan) error {
	shown := shownPlan{Hash: p.Hash, States: make(map[string]string, len(p.Entries))}
	for _, e := range p.Entries {
		shown.States[e.ID] = e.State.String()
	}
	plans := slices.DeleteFunc(shownPlans(pl), func(other shownPlan) bool { return other.Hash == p.Hash })
	plans = append([]shownPlan{shown}, plans[:min(len(plans), plansKept-1)]...)
	for {
		total := 0
		for _, other := range plans {
			total += len(other.States)
		}
		if total <= sessionsKept || len(plans) == 1 {
			break
		}
		plans = plans[:len(plans)-1]
	}
	return remember(pl, plansFile, plans)
}

// shownPlans are the remembered plans, newest first; none when they can't be read.
func shownPlans(pl *config.Place) []shownPlan {
	var plans []shownPlan
	if !recall(pl, plansFile, &plans) {
		return nil
	}
	return plans
}

// drift says what has changed between the plan of the given phrase and the present
// plan; "" when no plan with that phrase is remembered.
func drift(pl *config.Place, phrase string, now plan.Plan) string {
	seal := phrase[strings.LastIndexByte(phrase, ' ')+1:]
	for _, shown := range shownPlans(pl) {
		if seal != "" && strings.HasPrefix(shown.Hash, seal) && shown.Hash != now.Hash {
			return changes(shown, now)
		}
	}
	return ""
}

// mostChanges is how many changes of a plan are named individually.
const mostChanges = 4

// changes names the changes since a plan was shown.
func changes(shown shownPlan, now plan.Plan) string {
	var all []string
	left := make(map[string]string, len(shown.States))
	for id, state := range shown.States {
		left[id] = state
	}
	for _, e := range now.Entries {
		switch was, known := left[e.ID]; {
		case !known:
			all = append(all, fmt.Sprintf("%s is new (%s)", safe.Line(e.ID), e.State))
		case was != e.State.String():
			all = append(all, fmt.Sprintf("%s was %s and is %s", safe.Line(e.ID), safe.Line(was), e.State))
		}
		delete(left, e.ID)
	}
	var gone []string
	for id := range left {
		gone = append(gone, fmt.Sprintf("%s is not in it any more", safe.Line(id)))
	}
	slices.Sort(gone)
	all = append(all, gone...)
	if more := len(all) - mostChanges; more > 0 {
		all = append(all[:mostChanges], fmt.Sprintf("and %d more changes", more))
	}
	return strings.Join(all, ", ")
}
