package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"idtop/client/mirror"
	"idtop/client/query"
	"idtop/client/stripe"
	"idtop/ui/safe"
)

// text is a text in quotes.
func text(at func(*Options) *string) kind {
	return kind{
		form: "a text", hint: "text stands in quotes",
		take: func(o *Options, v value) {
			if s, ok := v.any.(string); !ok || s == "" {
				v.mustBe()
			} else {
				*at(o) = s
			}
		},
		show: func(o *Options) any { return *at(o) },
	}
}

// matching is a text of a form.
func matching(form *regexp.Regexp, words, hint string, at func(*Options) *string) kind {
	k := text(at)
	k.form, k.hint = words, hint
	k.take = func(o *Options, v value) {
		if s, _ := v.any.(string); form.MatchString(s) {
			*at(o) = s
		} else {
			v.mustBe()
		}
	}
	return k
}

// choice is one of a few words.
func choice(at func(*Options) *string, words ...string) kind {
	return oneOf(words, func(o *Options, word string) { *at(o) = word }, func(o *Options) any { return *at(o) })
}

func oneOf(words []string, take func(*Options, string), show func(*Options) any) kind {
	form := inQuotes(words)
	return kind{
		form: form, hint: "write " + form,
		take: func(o *Options, v value) {
			word, _ := v.any.(string)
			if slices.Contains(words, word) {
				take(o, word)
				return
			}
			v.hint = didYouMean(word, words, v.hint)
			v.mustBe()
		},
		show: show,
	}
}

// didYouMean is the hint about a name that is not among the known ones; otherwise is the
// hint when none of them is near.
func didYouMean(name string, known []string, otherwise string) string {
	if near := query.Nearest(strings.ToLower(name), known); near != "" {
		return "did you mean " + near + "?"
	}
	return otherwise
}

func inQuotes(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = `"` + word + `"`
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

func keptReports() kind {
	words := []string{mirror.KeptOff.String(), mirror.KeptRecent.String(), mirror.KeptAll.String()}
	return oneOf(words, func(o *Options, word string) {
		kept, _ := mirror.KeptOf(word) // it is one of these words
		o.Reports = &kept
	}, func(o *Options) any { return o.Reports.String() })
}

// decided is true or false where saying nothing is a third thing.
func decided(at func(*Options) **bool) kind {
	return boolean(func(o *Options) *bool {
		if *at(o) == nil {
			*at(o) = new(bool)
		}
		return *at(o)
	})
}

func boolean(at func(*Options) *bool) kind {
	return kind{
		form: "true or false", hint: "write true or false, without quotes",
		take: func(o *Options, v value) {
			if yes, ok := v.any.(bool); ok {
				*at(o) = yes
			} else {
				v.mustBe()
			}
		},
		show: func(o *Options) any { return *at(o) },
	}
}

// number is a whole number within bounds.
func number[N int | int64](least, most N, at func(*Options) *N) kind {
	return kind{
		form: fmt.Sprintf("a whole number from %s to %s", safe.Num(int(least)), safe.Num(int(most))), hint: "write it without quotes",
		take: func(o *Options, v value) {
			if n, ok := v.any.(int64); ok && n >= int64(least) && n <= int64(most) {
				*at(o) = N(n)
			} else {
				v.mustBe()
			}
		},
		show: func(o *Options) any { return *at(o) },
	}
}

// span is a time within bounds.
func span(least, most time.Duration, at func(*Options) *time.Duration) kind {
	return kind{
		form: fmt.Sprintf("a time from %s to %s", short(least), short(most)), hint: `write it like "5s" or "2m"`,
		take: func(o *Options, v value) {
			text, _ := v.any.(string)
			if d, err := time.ParseDuration(text); err == nil && d >= least && d <= most {
				*at(o) = d
			} else {
				v.mustBe()
			}
		},
		show: func(o *Options) any { return short(*at(o)) },
	}
}

// texts is a list of texts.
func texts(at func(*Options) *[]string) kind {
	return kind{
		form: "a list of texts", hint: `write it like ["one", "two"]`,
		take: func(o *Options, v value) {
			if list, ok := v.texts(); ok {
				*at(o) = list
			} else {
				v.mustBe()
			}
		},
		show: func(o *Options) any { return *at(o) },
	}
}

// path is a file or a folder. ~/ is the home folder, and a relative path begins
// beside the config.
func path(at func(*Options) *string) kind {
	k := text(at)
	k.form, k.hint = "a path", "a path stands in quotes"
	k.take = func(o *Options, v value) {
		if s, ok := v.any.(string); !ok || s == "" {
			v.mustBe()
		} else if v.hasHome(s) {
			*at(o) = inConfig(v.process, v.document.name, s)
		}
	}
	return k
}

// command is a program with its arguments.
func command(at func(*Options) *[]string) kind {
	k := texts(at)
	k.form, k.hint = "a program and its arguments", `write it like ["pass", "show", "stripe"]`
	k.take = func(o *Options, v value) {
		list, ok := v.texts()
		if !ok || len(list) == 0 || list[0] == "" {
			v.mustBe()
			return
		}
		if isPath(list[0]) && v.hasHome(list[0]) {
			list[0] = inConfig(v.process, v.document.name, list[0])
		}
		*at(o) = list
	}
	return k
}

// address is the address of an API.
func address(at func(*Options) *string) kind {
	k := text(at)
	k.form, k.hint = "an address", "leave it out for Stripe itself"
	k.take = func(o *Options, v value) {
		base, _ := v.any.(string)
		err := stripe.CheckBaseURL(base)
		switch {
		case base == "":
			v.mustBe()
		case err != nil:
			v.wrong(k.hint, "%s", err)
		default:
			*at(o) = base
		}
	}
	return k
}

func ticket() kind {
	const hint = `write it like 'DSR-\d+'`
	return kind{
		form: "a regular expression", hint: hint,
		take: func(o *Options, v value) {
			text, _ := v.any.(string)
			rule, err := regexp.Compile("^(?:" + text + ")$")
			switch {
			case err != nil || text == "":
				v.mustBe()
			case rule.MatchString(""):
				v.wrong(hint, "%s matches a text without anything", v.quoted())
			default:
				o.Ticket = rule
			}
		},
		show: func(o *Options) any {
			return strings.TrimSuffix(strings.TrimPrefix(o.Ticket.String(), "^(?:"), ")$")
		},
	}
}

// syslogHead sends the ledger's head to the system's log.
const syslogHead = "syslog"

func ledgerHead() kind {
	k := path(func(o *Options) *string { return &o.LedgerHead })
	file := k.take
	k.form = `a path or "` + syslogHead + `"`
	k.take = func(o *Options, v value) {
		if v.any == syslogHead {
			o.LedgerHead = syslogHead
		} else {
			file(o, v)
		}
	}
	return k
}

// value is a value of the config and its place.
type value struct {
	any
	at       string // its path in the document
	layer    string // the layer's name in messages
	name     string // the setting's
	form     string
	hint     string
	process  *Process
	document *document
	mistakes *[]Mistake
}

// wrong notes a mistake of the value.
func (v value) wrong(hint, format string, args ...any) {
	*v.mistakes = append(*v.mistakes, v.document.mistake(v.at, hint, "%s of %s: %s", v.name, v.layer, fmt.Sprintf(format, args...)))
}

// mustBe notes that the value is not of its form or not within its bounds.
func (v value) mustBe() { v.wrong(v.hint, "%s must be %s", v.quoted(), v.form) }

// under is a value within the value, for mistakes at its place.
func (v value) under(key string, inner any) value {
	v.any, v.at = inner, join(v.at, key)
	return v
}

// quoted is the value for messages. It never shows a key.
func (v value) quoted() string { return quoted(v.any) }

func quoted(v any) string {
	switch v := v.(type) {
	case string:
		return safe.Quote(withoutKeys(v))
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	text, err := json.Marshal(v)
	if err != nil { // not a number, or infinity
		return "this"
	}
	return string(text)
}

// texts returns a list of texts, and whether the value is one.
func (v value) texts() ([]string, bool) {
	list, ok := v.any.([]any)
	all := make([]string, len(list))
	for i, entry := range list {
		if all[i], ok = entry.(string); !ok {
			return nil, false
		}
	}
	return all, ok
}

// hasHome tells whether the home folder is known if a path begins there, and notes
// the mistake if it is not.
func (v value) hasHome(path string) bool {
	if strings.HasPrefix(path, "~/") && homeDir(v.process) == "" {
		v.wrong("write the whole path", "%s begins at a home folder, and HOME is not set", safe.Quote(path))
		return false
	}
	return true
}

// isPath tells whether name is a path, not the name of a program in PATH.
func isPath(name string) bool { return filepath.Base(name) != name }

// inConfig resolves a path in a config: ~/ is the home folder, and a relative path
// begins beside the config.
func inConfig(p *Process, config, path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(homeDir(p), rest)
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(config), path)
}

// sorted are the keys of a table, in the order of their places.
func (d *document) sorted(table map[string]any, at string) []string {
	return slices.SortedFunc(maps.Keys(table), func(a, b string) int { return d.places[join(at, a)].compare(d.places[join(at, b)]) })
}
