package act

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"idtop/client/mirror"
	"idtop/client/plan"
)

// The ledger keeps reasons for ever, and holds no user_id in clear. So a reason
// that names one is refused, and the operator changes it. The program never edits
// it: that could turn a word into another.

// ReasonError says why a reason is not recorded. The action does not happen.
type ReasonError struct {
	UserID string // in the reason, "" when something else is wrong
	why    string
}

func (e *ReasonError) Error() string {
	if e.UserID != "" {
		return fmt.Sprintf("the reason names a user_id (%s)", e.UserID)
	}
	return e.why
}

// errPhrase refuses the confirmation phrase as a reason.
var errPhrase = &ReasonError{why: "that is the phrase: it belongs to Confirm"}

// Reasons tells which reasons may be recorded.
type Reasons struct {
	Store  mirror.Store   // knows the user_ids
	Ticket *regexp.Regexp // text that names nobody, by the config; nil is none
}

// Check returns a *ReasonError when a reason can't be recorded, for example because it
// names somebody, of the plan or not. Text that matches the ticket rule names nobody.
// While the mirror can't tell which user_ids exist, only a reason that matches the
// rule is accepted.
func (r Reasons) Check(ctx context.Context, reason string, p plan.Plan) error {
	return r.check(ctx, reason, peopleOf(r.Store, p))
}

// CheckReason is Reasons.Check at this desk.
func (d *Desk) CheckReason(ctx context.Context, reason string, p plan.Plan) error {
	return d.reasons.Check(ctx, reason, p)
}

func (r Reasons) check(ctx context.Context, reason string, people []string) error {
	reason = strings.TrimSpace(reason)
	if err := plan.ReasonFits(reason); err != nil {
		return &ReasonError{why: err.Error()}
	}
	switch {
	case reason == "" || r.isTicket(reason):
		return nil
	case plan.FindPhrase(reason) != "":
		return errPhrase
	}
	tickets, phrases := r.phrases(reason)
	// A user_id of the plan may have more words and other signs than phrases have.
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
			switch known, err := r.knows(ctx, form); {
			case err != nil:
				return err
			case known:
				return &ReasonError{UserID: phrase.text}
			}
		}
	}
	return nil
}

// knows tells whether any session has exactly this user_id.
func (r Reasons) knows(ctx context.Context, userID string) (bool, error) {
	page, err := r.Store.Find(ctx, mirror.Request{UserID: userID, Rows: 1})
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
func (r Reasons) isTicket(text string) bool { return r.Ticket != nil && r.Ticket.MatchString(text) }

// span is a part of a reason between word boundaries.
type span struct {
	from, to int
	text     string
}

// longestPhrase is the largest number of words that is looked up as one user_id.
const longestPhrase = 6

// phrases are the parts of a reason that could be a user_id: its words, and runs of
// words unchanged. Tickets and their parts are returned separately.
func (r Reasons) phrases(reason string) (tickets, phrases []span) {
	words := wordsOf(reason)
	var all []span
	for i, first := range words {
		for _, last := range words[i:min(len(words), i+longestPhrase)] {
			all = append(all, span{first.from, last.to, reason[first.from:last.to]})
		}
	}
	for _, s := range all {
		if r.isTicket(s.text) {
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

// wordsOf splits a reason into words. Signs that occur in ids are part of a word,
// but not at its ends, where they are punctuation.
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

// idSigns are the signs between letters and digits of ids.
const idSigns = "-.@+#"

func isIDRune(r rune) bool { return isWordRune(r) || strings.ContainsRune(idSigns, r) }

func isWordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// standsIn is the place of a text between word boundaries in a reason, letter case
// aside; -1 when there is none.
func standsIn(reason, text string) int {
	for at := 0; text != "" && at+len(text) <= len(reason); at++ {
		end := at + len(text)
		if !strings.EqualFold(reason[at:end], text) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(reason[:at], idSigns))
		after, _ := utf8.DecodeRuneInString(strings.TrimLeft(reason[end:], idSigns))
		if !isWordRune(before) && !isWordRune(after) {
			return at
		}
	}
	return -1
}
