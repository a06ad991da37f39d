package act

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"idtop/client/mirror"
	"idtop/client/plan"
)

// The ledger keeps reasons for ever, and holds no user_id in clear. So a reason
// that names one is not taken: the operator changes it. It is never changed for
// them, which could turn a word into another.

// ReasonError is why a reason is not recorded. Nothing is done meanwhile.
type ReasonError struct {
	UserID string // that the reason names, "" when it is something else
	why    string
}

func (e *ReasonError) Error() string {
	if e.UserID != "" {
		return fmt.Sprintf("the reason names a user_id (%s)", e.UserID)
	}
	return e.why
}

// errPhrase is why what confirms a plan is not taken as its reason.
var errPhrase = &ReasonError{why: "that is the phrase: it belongs to Confirm"}

// CheckReason returns a *ReasonError when a reason can't be recorded, as it is
// when it names somebody, of the plan or not. What matches the ticket rule of
// the config names nobody. While the mirror can't tell who is known, only a
// reason that matches it is taken.
func (d *Desk) CheckReason(ctx context.Context, reason string, p plan.Plan) error {
	return d.checkReason(ctx, reason, d.people(p))
}

func (d *Desk) checkReason(ctx context.Context, reason string, people []string) error {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "" || d.isTicket(reason):
		return nil
	case plan.FindPhrase(reason) != "":
		return errPhrase
	}
	tickets, phrases := d.phrases(reason)
	// A user_id of the plan may have more words and other signs than phrases do.
	for _, person := range people {
		person = strings.TrimSpace(person)
		if at := standsIn(reason, person); at >= 0 && !within(tickets, at, at+len(person)) {
			return &ReasonError{UserID: reason[at : at+len(person)]}
		}
	}
	for _, phrase := range phrases {
		forms := []string{phrase.text, strings.ToLower(phrase.text), strings.ToUpper(phrase.text)}
		slices.Sort(forms)
		for _, form := range slices.Compact(forms) {
			switch known, err := d.knows(ctx, form); {
			case err != nil:
				return err
			case known:
				return &ReasonError{UserID: phrase.text}
			}
		}
	}
	return nil
}

// knows tells whether a session has exactly this user_id.
func (d *Desk) knows(ctx context.Context, userID string) (bool, error) {
	page, err := d.store.Find(ctx, mirror.Request{UserID: userID, Rows: 1})
	rule := "only a ticket (see ticket in the config) is taken as the reason"
	switch {
	case err != nil:
		return false, &ReasonError{why: "who is known can't be read now: " + rule}
	case page.Loading:
		return false, &ReasonError{why: "the sessions are still being loaded: " + rule}
	}
	return page.Total > 0, nil
}

// isTicket tells whether a text is a ticket by the rule of the config.
func (d *Desk) isTicket(text string) bool { return d.ticket != nil && d.ticket.MatchString(text) }

// span is a part of a reason that stands by itself.
type span struct {
	from, to int
	text     string
}

// longestPhrase bounds how many words of a reason are looked up as one user_id.
const longestPhrase = 6

// phrases are the parts of a reason that could be a user_id: its words, and runs of
// words as they stand there. Tickets and their parts are returned apart.
func (d *Desk) phrases(reason string) (tickets, phrases []span) {
	words := wordsOf(reason)
	var all []span
	for i, first := range words {
		for _, last := range words[i:min(len(words), i+longestPhrase)] {
			all = append(all, span{first.from, last.to, reason[first.from:last.to]})
		}
	}
	for _, s := range all {
		if d.isTicket(s.text) {
			tickets = append(tickets, s)
		}
	}
	for _, s := range all {
		if within(tickets, s.from, s.to) || slices.ContainsFunc(phrases, func(other span) bool { return other.text == s.text }) {
			continue
		}
		phrases = append(phrases, s)
	}
	return tickets, phrases
}

// within tells whether a part of a reason lies in one of some spans.
func within(spans []span, from, to int) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return s.from <= from && to <= s.to })
}

// wordsOf splits a reason into words. Signs that ids have within them are part of
// a word, but not at its ends, where they end a sentence.
func wordsOf(reason string) []span {
	var words []span
	add := func(from, to int) {
		text := reason[from:to]
		trimmed := strings.TrimLeft(text, idSigns)
		from += len(text) - len(trimmed)
		if trimmed = strings.TrimRight(trimmed, idSigns); trimmed != "" {
			words = append(words, span{from, from + len(trimmed), trimmed})
		}
	}
	from := -1
	for at, r := range reason {
		switch {
		case isIDRune(r) && from < 0:
			from = at
		case !isIDRune(r) && from >= 0:
			add(from, at)
			from = -1
		}
	}
	if from >= 0 {
		add(from, len(reason))
	}
	return words
}

// idSigns are what ids have between letters and digits.
const idSigns = "-.@+#"

func isIDRune(r rune) bool { return isWordRune(r) || strings.ContainsRune(idSigns, r) }

func isWordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// standsIn is where a text stands by itself in a reason, in either case; -1
// when it does not.
func standsIn(reason, text string) int {
	for at := 0; text != "" && at+len(text) <= len(reason); at++ {
		end := at + len(text)
		if !strings.EqualFold(reason[at:end], text) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(reason[:at], idSigns))
		after, _ := utf8.DecodeRuneInString(strings.TrimLeft(reason[end:], idSigns))
		if (at == 0 || !isWordRune(before)) && (end == len(reason) || !isWordRune(after)) {
			return at
		}
	}
	return -1
}
