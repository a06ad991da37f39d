package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"idtop/client"
	"idtop/ui/config"
)

// may tells whether a key has a permission.
type may string

// The answers. What a GET can't show is not tried.
const (
	allowed  may = "allowed"
	denied   may = "denied"
	unknown  may = "not known"
	notTried may = "not tried"
)

// trial is one thing that a key may do or not.
type trial struct {
	What       string `json:"what"`
	May        may    `json:"may"`
	Permission string `json:"permission"` // as the Dashboard names it
	For        string `json:"for"`
	Why        string `json:"why,omitempty"` // of all answers but allowed
}

// tried is what a key told of itself.
type tried struct {
	account client.Account // without an id where the key may not know it
	date    time.Time      // the server's clock, zero where no answer had one
	asked   time.Time      // when the question was sent that the answer with date answers
	took    time.Duration  // until that answer
	trials  []trial
	err     error // why nothing can be said of the key: it is refused, or the server can't be reached
}

// trialTime is how long all trials together may take.
const trialTime = 15 * time.Second

// try asks for one object of each kind, with GETs, once admits has let the key's account
// in. It reads nobody's verified outputs.
func try(ctx context.Context, api client.API, key client.Key, admits func(account string) error) (t tried) {
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	heard := func(began, date time.Time) {
		if t.date.IsZero() && !date.IsZero() {
			t.date, t.asked, t.took = date, began, time.Since(began)
		}
	}
	one := client.Cursor{Limit: 1}
	began := time.Now()
	account, err := api.Account(ctx)
	var failed *client.Error
	if errors.As(err, &failed) {
		heard(began, failed.Date)
	}
	if err != nil && !config.CannotKnow(err) {
		t.err = err
		return t
	}
	if config.AccountForm.MatchString(account.ID) {
		t.account = account
	}
	if t.err = admits(t.account.ID); t.err != nil {
		return t
	}
	add := func(what string, p client.Permission, m may, why string) {
		t.trials = append(t.trials, trial{what, m, p.Name, p.For, why})
	}
	ask := func(what string, p client.Permission, call func() (date time.Time, err error)) may {
		began := time.Now()
		date, err := call()
		heard(began, date)
		m, why := answer(err)
		add(what, p, m, why)
		return m
	}
	ask("sessions", client.PermitRead, func() (time.Time, error) {
		page, err := api.ListSessions(ctx, client.SessionListParams{Cursor: one})
		return page.Date, err
	})
	ask("reports", client.PermitRead, func() (time.Time, error) {
		page, err := api.ListReportFacts(ctx, client.ReportListParams{Cursor: one})
		return page.Date, err
	})
	ask("events", client.PermitEvents, func() (time.Time, error) {
		page, err := api.ListEvents(ctx, client.EventListParams{Cursor: one})
		return page.Date, err
	})
	m, why := answer(err)
	if account.Refused {
		m = denied
	}
	add("account name", client.PermitAccount, m, why)
	if key.Restricted() {
		add("actions", client.PermitWrite, notTried, "only a change at Stripe would show it")
		add("sensitive results", client.PermitSensitive, notTried, "only a look at a person's data would show it")
	} else {
		add("actions", client.PermitWrite, allowed, "")
		add("sensitive results", client.PermitSensitive, denied, "Stripe gives them to restricted keys alone")
	}
	add("files", client.Permission{Name: "Files: Write", For: "see images of documents"}, notTried, "idtop shows none")
	return t
}

// answer reads whether a key may do what it tried.
func answer(err error) (may, string) {
	switch {
	case err == nil:
		return allowed, ""
	case client.KindOf(err) == client.KindPermission:
		return denied, ""
	}
	return unknown, outage(err).Error()
}

// line says what a trial found, for people.
func (t trial) line() string {
	text := fmt.Sprintf("%-18s%-11s%s: %s", t.What, t.May, t.For, t.Permission)
	if t.Why != "" {
		text += " (" + t.Why + ")"
	}
	return text
}

// trialOf returns the trial of a name.
func (t tried) trialOf(what string) trial {
	for _, one := range t.trials {
		if one.What == what {
			return one
		}
	}
	return trial{What: what, May: unknown}
}
