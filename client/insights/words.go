package insights

import (
	"fmt"
	"strconv"
	"strings"

	"idtop/client"
	"idtop/client/mirror"
)

// The words of this file are the same on the screen and in the commands. They hold
// texts of Stripe's, such as a new document type: they are drawn through ui/safe.

// docs are the kinds of documents, one and many.
var docs = map[string][2]string{
	"id_card": {"id card", "id cards"}, "passport": {"passport", "passports"}, "driving_license": {"driving licence", "driving licences"},
}

// Label is a value of a split in words.
func (s Split) Label(value string) string {
	switch {
	case value == "" && s.by == mirror.SplitFlow:
		return "without a flow"
	case value == "":
		return "not known"
	case s.by == mirror.SplitReason:
		return client.ReasonOf(value).Label
	case s.by == mirror.SplitDoc:
		if words, ok := docs[value]; ok {
			return words[0]
		}
	}
	return value
}

// Words says what a share is: "27 id cards of PL".
func (s Share) Words() string { return number(s.Failed) + " " + s.kind() }

// kind is the common feature of a share's failures.
func (s Share) kind() string {
	switch {
	case s.Doc != "" || s.Country != "":
		what := "documents"
		if s.Doc != "" {
			what = s.Doc
			if words, ok := docs[s.Doc]; ok {
				what = words[min(1, s.Failed-1)]
			}
		}
		if s.Country != "" {
			what += " of " + s.Country
		}
		return what
	case s.Flow != "":
		return "of flow " + s.Flow
	case s.Selfie:
		return "of type " + s.Type + " with selfie required"
	}
	return "of type " + s.Type
}

// Words says what rose, in forms from the longest to the shortest.
func (r Reason) Words() []string {
	label := client.ReasonOf(r.Code).Label
	short := label + " " + number(r.Failed)
	usual := label + " " + r.Numbers()
	if len(r.Shares) == 0 {
		return []string{usual, short}
	}
	return []string{usual + "; " + r.Shares[0].Words(), usual, short}
}

// Numbers says how many there were, and how many are usual.
func (r Reason) Numbers() string {
	return number(r.Failed) + " in the last hour, usually " + number(r.Usual)
}

// Sentences say what rose, what it has in common and what it did; then that nothing
// else rose, or what fell. The first is the answer.
func (in Insights) Sentences() []string {
	switch {
	case in.Known.Kept == mirror.KeptOff:
		return []string{mirror.Known{}.Missing()}
	case !in.Hour.Known:
		return []string{"The reports of the last hour are still being read: nothing can be said of it yet."}
	case in.Hour.Days == 0:
		return append([]string{fmt.Sprintf("What is usual is not known yet: that takes %d days of reports. Nothing is claimed.", leastDays)}, in.coverage()...)
	}
	risen := in.Hour.Risen()
	if len(risen) == 0 {
		return append([]string{fmt.Sprintf("Nothing rose in the last hour: %s failed, usually %s.", number(in.Hour.Failed), number(in.Hour.Usual)) + in.fallen()}, in.coverage()...)
	}
	r := risen[0]
	first := sentence(client.ReasonOf(r.Code).Label) + " rose to " + number(r.Failed) + " in the last hour, where " + usualWords(r.Usual) + "."
	var second []string
	if r.Began != 0 {
		second = append(second, "It began at "+r.Began.Time().In(in.Now.Location()).Format("15:04")+".")
	}
	for i, share := range r.Shares {
		words := number(share.Failed)
		if share.Failed == r.Failed {
			words = "All " + words
		} else if i == 0 {
			words += " of " + number(r.Failed)
		}
		second = append(second, words+" are "+share.kind()+".")
	}
	if rate := in.lastHour(); rate != "" {
		second = append(second, rate)
	}
	third := "Nothing else rose."
	if len(risen) > 1 {
		var others []string
		for _, r := range risen[1:] {
			others = append(others, r.Words()[len(r.Words())-1]+", usually "+number(r.Usual))
		}
		third = sentence(strings.Join(others, "; ")) + " rose too."
	}
	return append([]string{first, strings.Join(second, " "), third + in.fallen()}, in.coverage()...)
}

// lastHour is the verified rate of the last hour.
func (in Insights) lastHour() string {
	now, _ := Percent(in.HourSum.Verified, in.HourSum.Submitted())
	usual, ok := Percent(in.HourUsual.Verified, in.HourUsual.Submitted())
	if !ok {
		return ""
	}
	return "In that hour " + now + " % were verified, usually " + usual + " %."
}

// fallen names what fell most against the window before: to half or less, from a
// number that a rise would need.
func (in Insights) fallen() string {
	for _, bar := range in.Bars {
		if bar.Compared && bar.Before >= in.Rule.Least && 2*bar.Failed <= bar.Before {
			return " " + sentence(in.Split.Label(bar.Value)) + " fell to " + number(bar.Failed) + ", from " + number(bar.Before) + "."
		}
	}
	return ""
}

// coverage says what is not known of the window.
func (in Insights) coverage() []string {
	switch {
	case in.Covered && in.Compared:
		return nil
	case in.Covered && in.Known.Filling:
		return []string{"Reports of the time before are still being read: nothing is compared yet."}
	case in.Covered:
		return []string{"The time before these " + in.Window.Name + " is not known: nothing is compared."}
	case in.Known.Reports == 0:
		return []string{"No reports were read yet."}
	}
	return []string{"Reports are known only from " + in.Known.Reports.Time().In(in.Now.Location()).Format("2 Jan 15:04") + " on."}
}

// Sample says of how many submissions the times in processing are known: "13 of 255 known";
// "" when they are of all.
func (in Insights) Sample() string {
	known, all := in.Stays.Window.Known, in.Sum.Submitted()
	switch {
	case known == 0:
		return "not known"
	case !in.Covered:
		return number(known) + " known"
	case known < all:
		return number(known) + " of " + number(all) + " known"
	}
	return ""
}

// usualWords says how many are usual.
func usualWords(n int) string {
	switch n {
	case 0:
		return "none is usual"
	case 1:
		return "1 is usual"
	}
	return number(n) + " are usual"
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// number writes a number with its thousands apart.
func number(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
