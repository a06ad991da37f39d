package plain

import (
	"regexp"
	"strings"
	"time"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/timeline"
	"idtop/keymap"
	"idtop/model"
	"idtop/ui/safe"
)

// Renderer tells the model how long its pages are, so that scrolling ends there.
type Renderer struct{}

// SessionName implements model.Renderer.
func (Renderer) SessionName(id, userID string) string {
	if userID == "" {
		return "the session " + ending(id)
	}
	return safe.Line(userID).String() + ", session " + ending(id)
}

// ending tells a session by the end of its id, letter by letter.
func ending(id string) string {
	letters := []rune(safe.Line(id).String())
	last := letters[max(0, len(letters)-4):]
	words := make([]string, len(last))
	for i, r := range last {
		words[i] = string(r)
	}
	return "ending " + strings.Join(words, " ")
}

// num groups the digits of a number.
func num(n int) string { return safe.Num(n).String() }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return num(n) + " " + many
}

// ago is how long ago something was.
func ago(d time.Duration, rough bool) string {
	if rough {
		return "about " + timeline.Long(d) + " ago"
	}
	return timeline.Long(d) + " ago"
}

// moment is a day and a time, as the operator's clock shows it.
func moment(t time.Time) string { return t.Local().Format("2 January 15:04") }

var shortUnit = regexp.MustCompile(`\b(\d+)([smhdwy])\b`)

// units writes the durations of a text of our own in words.
func units(text string) string {
	names := map[string]string{"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "y": "year"}
	return shortUnit.ReplaceAllStringFunc(text, func(short string) string {
		parts := shortUnit.FindStringSubmatch(short)
		if parts[1] == "1" {
			return "1 " + names[parts[2]]
		}
		return parts[1] + " " + names[parts[2]] + "s"
	})
}

// sentence makes a sentence of a text. A key that it begins with stays as it is: a capital
// is another key.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	first, _, _ := strings.Cut(text, " ")
	first = strings.TrimSuffix(first, ",")
	if _, isKey := keyNamed(strings.TrimSuffix(first, ":")); !isKey {
		text = model.Sentence(text)
	}
	return ended(text)
}

// ended ends a sentence that begins as it should.
func ended(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsRune(".?!:", rune(text[len(text)-1])) {
		return text
	}
	return text + "."
}

// sentences puts texts behind one another, without those that are empty.
func sentences(texts ...string) string {
	var said []string
	for _, text := range texts {
		if text != "" {
			said = append(said, sentence(text))
		}
	}
	return strings.Join(said, " ")
}

// listing puts texts behind one another with commas, without those that are empty.
func listing(texts ...string) string {
	var said []string
	for _, text := range texts {
		if text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, ", ")
}

// spoken are the names of keys that are no letters.
var spoken = map[string]string{
	"?": "question mark", "/": "slash", ",": "comma", ".": "period", "*": "star", "-": "minus", "=": "equals", ":": "colon",
	"!": "exclamation mark", "[": "left bracket", "]": "right bracket", "@": "at sign", "pgdown": "pgdn",
}

// key is a key as it is spoken.
func key(name string) string {
	if word, ok := spoken[name]; ok {
		return word
	}
	if len(name) == 1 && name[0] >= 'A' && name[0] <= 'Z' {
		return "capital " + name
	}
	return name
}

// keyOf is the first key of an action as the operator has it, as it is spoken.
func keyOf(m *model.Model, id keymap.ID) string {
	if keys := m.Keys().Keys(id); len(keys) > 0 {
		return key(keys[0])
	}
	return m.Keys().Key(id)
}

// keysOf are all keys of an action.
func keysOf(m *model.Model, id keymap.ID) string {
	names := m.Keys().Keys(id)
	for i, name := range names {
		names[i] = key(name)
	}
	if len(names) == 0 {
		return "no key"
	}
	return strings.Join(names, " or ")
}

var braced = regexp.MustCompile(`\{([a-z0-9-]+)\}`)

// keyed puts the operator's keys into a text of our own, as they are spoken: "{follow} follows"
// is "f follows".
func keyed(m *model.Model, text string) string {
	return braced.ReplaceAllStringFunc(text, func(name string) string { return keyOf(m, keymap.ID(name[1:len(name)-1])) })
}

// helpOf is the help of an action, without the signs that only a screen has.
func helpOf(text string) string { return strings.TrimSuffix(text, ": ▪") }

// quoted is a user_id where it matters to the letter: a plain one as it is, any other in
// quotes with its strange characters named.
func quoted(userID string) string {
	said := safe.UserIDQuoted(userID).String()
	if said == `"`+userID+`"` {
		return userID
	}
	return said
}

func modeOf(m *model.Model) string {
	if m.Identity.Live {
		return "LIVE mode"
	}
	return "test mode"
}

// account names the mode and the account.
func account(m *model.Model) string { return listing(modeOf(m), m.Identity.Account) }

// sinceOf is the state of a session and how long it has been in it.
func sinceOf(m *model.Model, row mirror.Row) string {
	word := row.State.String()
	if row.Since.IsZero() {
		return word
	}
	return word + " " + ago(m.ServerNow().Sub(row.Since), row.Rough)
}

// reasonOf is the reason of a row's state in a few words.
func reasonOf(m *model.Model, row mirror.Row) string {
	if verb, sending := m.Jobs.Sending[row.ID]; sending && row.Refusal(verb) == "" {
		if m.Waits(row.ID) {
			return verb.String() + " not sent yet"
		}
		return "sending " + verb.String()
	}
	if row.Unreadable != "" {
		return "unreadable: " + row.Unreadable
	}
	switch row.State {
	case client.StateFailed:
		return client.ReasonOf(row.ErrorCode).Label
	case client.StateWaiting:
		return "not submitted yet"
	case client.StateProcessing:
		if m.Stuck(row) {
			return "stuck"
		}
	case client.StateRedacting:
		return "erasing at Stripe"
	case client.StateRedacted:
		return "erased"
	case client.StateUnknown:
		return "status " + string(row.Status)
	}
	return ""
}
