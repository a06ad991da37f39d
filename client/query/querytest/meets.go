package querytest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Session is what terms ask for.
type Session struct {
	State, Status, Reason, Label, Type, Flow string
	User, Ref, ID, Customer                  string
	Meta                                     map[string]string
	Created, Since                           time.Time
	Tries                                    int

	Unreported   bool // nothing is known of its reports
	Checks       []string
	Doc, Country string
	Attempts     int
}

// Answer is what is known of a session and a condition.
type Answer int

// The answers. The contrary of one is its negative.
const (
	No      Answer = -1
	Unknown Answer = 0
	Yes     Answer = 1
)

// Meets tells whether a session meets a line, as query.Query.String writes it, without a
// problem. has tells where a word is found.
func Meets(line string, s Session, now time.Time, has func(word string) bool) Answer {
	e := evaluator{tokens: token.FindAllString(line, -1), s: s, now: now, has: has}
	answer := e.any()
	if len(e.tokens) > 0 {
		panic(fmt.Sprintf("%q: %q is left", line, e.tokens))
	}
	return answer
}

const inQuotes = `"(?:\\.|[^"\\])*"`

var (
	token  = regexp.MustCompile(`-?\(|\)|` + inQuotes + `|-?(?:[a-z]+|meta\.[^\s:"()]+):(?:` + inQuotes + `|[^\s"()])+|\S*[^\s)]`)
	aTerm  = regexp.MustCompile(`^(-?)(state|status|reason|check|doc|country|type|flow|age|since|created|tries|attempts|user|ref|id|customer|redacted|stuck|meta\.[^:]+):(.*)$`)
	aValue = regexp.MustCompile(`(?:` + inQuotes + `|[^",])+`)
	aPiece = regexp.MustCompile(inQuotes + `|[^"]`)
)

type evaluator struct {
	tokens []string
	s      Session
	now    time.Time
	has    func(word string) bool
}

func (e *evaluator) next(is ...string) bool {
	if len(e.tokens) > 0 && slices.Contains(is, e.tokens[0]) {
		e.tokens = e.tokens[1:]
		return true
	}
	return false
}

func (e *evaluator) any() Answer {
	answer := e.all()
	for e.next("OR") {
		answer = max(answer, e.all())
	}
	return answer
}

func (e *evaluator) all() Answer {
	answer := Yes
	for len(e.tokens) > 0 && e.tokens[0] != "OR" && e.tokens[0] != ")" {
		answer = min(answer, e.one())
	}
	return answer
}

func (e *evaluator) one() Answer {
	switch {
	case e.next("NOT"):
		return -e.one()
	case e.next("("):
		defer e.next(")")
		return e.any()
	case e.next("-("):
		defer e.next(")")
		return -e.any()
	}
	word := e.tokens[0]
	e.tokens = e.tokens[1:]
	if parts := aTerm.FindStringSubmatch(word); parts != nil {
		answer := e.term(parts[2], parts[3])
		if parts[1] == "-" {
			answer = -answer
		}
		return answer
	}
	return sure(e.has(plain(word)))
}

func sure(is bool) Answer {
	if is {
		return Yes
	}
	return No
}

// plain takes the quotes off.
func plain(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return text
	}
	return regexp.MustCompile(`\\(["\\])`).ReplaceAllString(text[1:len(text)-1], "$1")
}

func (e *evaluator) term(name, values string) Answer {
	s := e.s
	switch name {
	case "check", "doc", "country", "attempts":
		if s.Unreported {
			return Unknown
		}
	}
	fold := !slices.Contains([]string{"user", "ref", "id", "customer"}, name) && !strings.HasPrefix(name, "meta.")
	var texts []string
	switch name {
	case "state":
		texts = []string{s.State}
	case "status":
		texts = []string{s.Status}
	case "reason":
		texts = []string{s.Reason, s.Label}
	case "check":
		if texts = s.Checks; len(texts) == 0 {
			texts = []string{""}
		}
	case "doc":
		texts = []string{s.Doc}
	case "country":
		texts = []string{s.Country}
	case "type":
		texts = []string{s.Type}
	case "flow":
		texts = []string{s.Flow}
	case "user":
		texts = []string{s.User}
	case "ref":
		texts = []string{s.Ref}
	case "id":
		texts = []string{s.ID}
	case "customer":
		texts = []string{s.Customer}
	case "redacted":
		texts = []string{map[bool]string{true: "yes", false: "no"}[strings.HasPrefix(s.State, "redact")]}
	case "stuck":
		texts = []string{map[bool]string{true: "yes", false: "no"}[s.State == "processing" && e.now.Sub(s.Since) >= 15*time.Minute]}
	default:
		if key, ok := strings.CutPrefix(name, "meta."); ok {
			texts = []string{s.Meta[key]}
		}
	}
	for _, value := range aValue.FindAllString(values, -1) {
		if texts == nil {
			if e.compares(name, strings.Join(pieces(value), "")) {
				return Yes
			}
			continue
		}
		is, glob := regexp.MustCompile(pattern(value, fold)), strings.ContainsAny(regexp.MustCompile(inQuotes).ReplaceAllString(value, ""), "*?")
		if slices.ContainsFunc(texts, func(text string) bool { return is.MatchString(text) && (text != "" || !glob) }) {
			return Yes
		}
	}
	return No
}

func pieces(value string) []string {
	all := aPiece.FindAllString(value, -1)
	for i := range all {
		all[i] = plain(all[i])
	}
	return all
}

// pattern is a value as a regular expression.
func pattern(value string, fold bool) string {
	var is strings.Builder
	is.WriteString("^(?s")
	if fold {
		is.WriteString("i")
	}
	is.WriteString(":")
	for _, piece := range aPiece.FindAllString(value, -1) {
		switch piece {
		case "*":
			is.WriteString(".*")
		case "?":
			is.WriteString(".")
		default:
			is.WriteString(regexp.QuoteMeta(plain(piece)))
		}
	}
	return is.String() + ")$"
}

// compares tells whether a number or a time is as a value says.
func (e *evaluator) compares(name, value string) bool {
	var is float64
	ago := regexp.MustCompile(`^[<>=]*[0-9smhdw]*[smhdw](\.\.|$)|^\.\.[0-9smhdw]*[smhdw]$`).MatchString(value)
	at := e.s.Created
	if name == "since" {
		at = e.s.Since
	}
	switch {
	case name == "tries":
		is = float64(e.s.Tries)
	case name == "attempts":
		is = float64(e.s.Attempts)
	case ago:
		is = float64(e.now.Unix() - at.Unix())
	default:
		is = float64(at.Unix())
	}
	if from, to, ok := strings.Cut(value, ".."); ok {
		return (from == "" || is >= e.first(from)) && (to == "" || is < e.behind(to))
	}
	bare := strings.TrimLeft(value, "<>=")
	first, behind := e.first(bare), e.behind(bare)
	switch value[:len(value)-len(bare)] {
	case "<":
		return is < first
	case "<=":
		return is < behind
	case ">":
		return is >= behind
	case ">=":
		return is >= first
	}
	return is >= first && is < behind
}

// first is where a number, a length of time or a stretch of the calendar begins.
func (e *evaluator) first(text string) float64 {
	if n, err := strconv.Atoi(text); err == nil && len(text) < 4 {
		return float64(n)
	}
	if parts := regexp.MustCompile(`(\d+)([smhdw])`).FindAllStringSubmatch(text, -1); parts != nil {
		sum := 0
		for _, part := range parts {
			n, _ := strconv.Atoi(part[1])
			sum += n * map[string]int{"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}[part[2]]
		}
		return float64(sum)
	}
	at, _ := e.calendar(text)
	return float64(at.Unix())
}

// behind is the first that comes after it.
func (e *evaluator) behind(text string) float64 {
	if at, end := e.calendar(text); !at.IsZero() {
		return float64(end.Unix())
	}
	return e.first(text) + 1
}

func (e *evaluator) calendar(text string) (at, end time.Time) {
	midnight := time.Date(e.now.Year(), e.now.Month(), e.now.Day(), 0, 0, 0, 0, e.now.Location())
	switch text {
	case "today":
		return midnight, midnight.AddDate(0, 0, 1)
	case "yesterday":
		return midnight.AddDate(0, 0, -1), midnight
	}
	for form, length := range map[string]string{"2006": "y", "2006-01": "M", "2006-01-02": "d", "2006-01-02T15": "1h", "2006-01-02T15:04": "1m", "2006-01-02 15:04": "1m", "2006-01-02T15:04:05": "1s"} {
		at, err := time.ParseInLocation(form, text, e.now.Location())
		if err != nil || len(form) != len(text) {
			continue
		}
		switch length {
		case "y":
			return at, at.AddDate(1, 0, 0)
		case "M":
			return at, at.AddDate(0, 1, 0)
		case "d":
			return at, at.AddDate(0, 0, 1)
		}
		step, _ := time.ParseDuration(length)
		return at, at.Add(step)
	}
	return time.Time{}, time.Time{}
}

// InReason tells whether a word finds a session by its failure's code and label.
func InReason(word, code, label string) bool {
	begins := regexp.MustCompile(`(?i)(^|_)` + regexp.QuoteMeta(word))
	begin := regexp.MustCompile(`(?i)(^|\s)` + regexp.QuoteMeta(word))
	return code != "" && len([]rune(word)) > 2 && (begins.MatchString(code) || begin.MatchString(label))
}
