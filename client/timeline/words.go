package timeline

import (
	"fmt"
	"strconv"
	"time"

	"idtop/client"
)

// Now says in a sentence how the session stands, and then what it has been through.
func (t Timeline) Now() (sentence, rest string) {
	row := t.Row
	last, _ := t.last()
	if last.Kind == Created && row.State != client.StateWaiting {
		last.At = time.Time{}
	}
	since := func(unknown, words, after string) string {
		switch long := Long(t.now.Sub(last.At)); {
		case last.At.IsZero():
			return unknown + ", and it is not known since when."
		case last.Rough:
			return words + " at least " + long + after + "."
		default:
			return words + " " + long + after + "."
		}
	}
	lasts := func(now, lasted string) string { return since(now, lasted+" for", "") }
	ended := func(words string) string { return since(words, words, " ago") }
	if row.ID == "" {
		return "The mirror has no such session any more.", ""
	}
	switch row.State {
	case client.StateWaiting:
		sentence = lasts("Waits for the person", "Has waited for the person")
	case client.StateProcessing:
		sentence = lasts("Stripe is checking it", "Stripe has been checking it")
	case client.StateFailed:
		switch client.ReasonOf(row.ErrorCode).Mover {
		case client.MoverUser:
			sentence = lasts("Waits for the person", "Has waited for the person")
		case client.MoverOperator:
			sentence = lasts("Failed, and waits for you", "Failed, and has waited for you")
		default:
			sentence = ended("Failed")
		}
	case client.StateVerified:
		sentence = ended("Verified")
	case client.StateCanceled:
		sentence = ended("Canceled")
	case client.StateRedacting:
		sentence = lasts("Stripe is erasing it", "Stripe has been erasing it")
	case client.StateRedacted:
		sentence = ended("Erased")
	default:
		sentence = "In a state that this idtop does not know."
	}
	return sentence, t.past()
}

// past is what the session has been through.
func (t Timeline) past() string {
	failed, attempts := 0, 0
	for _, e := range t.Entries {
		if attempts = max(attempts, e.Attempt); e.Kind == Verdict && e.State == client.StateFailed {
			failed++
		}
	}
	if failed < 2 {
		if attempts == 0 && t.Row.State == client.StateWaiting {
			return "Nothing has been submitted yet."
		}
		return ""
	}
	words := fmt.Sprintf("Failed %d times", failed)
	if waited, checked := t.Went(); waited+checked > 0 {
		words += " in " + Long(waited+checked)
		switch {
		case waited > checked:
			words += "; most of that time it waited for the person"
		default:
			words += "; most of that time Stripe was checking"
		}
	}
	return words + "."
}

// Long writes a duration in one unit, in words.
func Long(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return counted(int(max(0, d)/time.Second), "second")
	case d < time.Hour:
		return counted(int(d/time.Minute), "minute")
	case d < 2*day:
		return counted(int(d/time.Hour), "hour")
	}
	return counted(int(d/day), "day")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// grouped writes a number with a comma between thousands.
func grouped(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// ordinals are the numbers of attempts in a sentence.
var ordinals = [...]string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"}

func ordinal(n int) string {
	if n >= 1 && n <= len(ordinals) {
		return ordinals[n-1]
	}
	return strconv.Itoa(n) + "th"
}

// Moment writes a time to the minute, as the operator's clock shows it.
func Moment(t time.Time) string { return t.Local().Format("2 Jan 15:04 MST") }

// between names two times, as far as they differ.
func between(from, until time.Time) string {
	from, until = from.Local(), until.Local()
	switch {
	case from.Year() != until.Year():
		return from.Format("2 Jan 2006") + " and " + until.Format("2 Jan 2006")
	case from.YearDay() == until.YearDay():
		return from.Format("15:04") + " and " + until.Format("15:04")
	case from.Month() == until.Month() && until.Sub(from) > 24*time.Hour:
		return from.Format("2") + " and " + until.Format("2 Jan")
	case until.Sub(from) > 24*time.Hour:
		return from.Format("2 Jan") + " and " + until.Format("2 Jan")
	}
	return from.Format("2 Jan 15:04") + " and " + until.Format("2 Jan 15:04")
}
