package emulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The documents of an attempt tell of an invented person, unless a control chooses
// their texts: so age limits and the matching of names are tested.

// chosen are the texts and codes that a control chose for one attempt.
type chosen struct {
	texts []pair // by the names of resultFields; "": the document does not tell it
	codes []code // of the checks that failed besides the report's own code
}

// addressParts are the members of an address.
var addressParts = []string{"line1", "line2", "city", "state", "postal_code", "country"}

// resultFields are the parameters that choose a result. Sent empty, the document does
// not tell them.
var resultFields = func() []field {
	fields := []field{{name: "person"}}
	for _, name := range []string{"first_name", "last_name", "id_number", "phone"} {
		fields = append(fields, field{name: name, clearable: true})
	}
	fields = append(fields, field{name: "email", form: formEmail, clearable: true})
	address := field{name: "address", form: formObject}
	for _, name := range addressParts {
		address.fields = append(address.fields, field{name: name, clearable: true})
	}
	return append(fields, address, field{name: "dob", form: formDay, clearable: true}, field{name: "expiration", form: formDay, clearable: true},
		field{name: "issuing_country"}, field{name: "document_type", form: formEnum, values: documentTypes},
		field{name: "id_number_type", form: formEnum, values: []string{"br_cpf", "sg_nric", "us_ssn"}})
}()

// checkOf is the check that tells a text; checkNone: several do.
func checkOf(name string) check {
	switch {
	case name == "document_type" || name == "issuing_country" || name == "expiration" || strings.HasPrefix(name, "address["):
		return checkDocument
	case name == "id_number" || name == "id_number_type":
		return checkIDNumber
	case name == "email":
		return checkEmail
	case name == "phone":
		return checkPhone
	}
	return checkNone
}

var (
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	numberForms = map[string]*regexp.Regexp{
		"us_ssn": regexp.MustCompile(`^(\d{5})?\d{4}$`), "br_cpf": regexp.MustCompile(`^\d{11}$`), "sg_nric": regexp.MustCompile(`^[A-Z]\d{7}[A-Z]$`),
	}
)

// readResult reads the choices of a form for a session; nil: there are none. The texts of
// a named person that the session does not check are left out; single texts have to fit.
func (w *world) readResult(i uint32, form *node) (*chosen, error) {
	s, r := &w.sessions[i], &chosen{}
	if name := form.value("person"); name != "" {
		p, err := castPerson(name, time.Unix(0, w.now).UTC())
		if err != nil {
			return nil, err
		}
		for _, t := range p {
			if w.refuseText(s, t) == nil {
				r.set(t)
			}
		}
	}
	if form.get("address") != nil { // an address is a whole
		r.texts = slices.DeleteFunc(r.texts, func(t pair) bool { return strings.HasPrefix(t.key, "address[") })
	}
	for _, f := range resultFields[1:] {
		for _, t := range sentTexts(f, form.get(f.name)) {
			if err := w.refuseText(s, t); err != nil {
				return nil, err
			}
			r.set(t)
		}
	}
	if len(r.texts) == 0 {
		return nil, nil
	}
	return r, w.refuseNumber(i, r)
}

// sentTexts are the texts of a parameter.
func sentTexts(f field, n *node) (texts []pair) {
	switch {
	case n == nil:
	case f.form == formDay && n.text == "" && n.leaf:
		texts = append(texts, pair{f.name, ""})
	case f.form == formDay:
		day, _ := readDay(n)
		texts = append(texts, pair{f.name, day.String()})
	case f.form == formObject:
		for _, m := range n.members {
			texts = append(texts, pair{m.name, m.text})
		}
	default:
		texts = append(texts, pair{f.name, n.text})
	}
	return texts
}

// refuseText tells why a session's check can't tell a text.
func (w *world) refuseText(s *session, t pair) error {
	if of := checkOf(t.key); of != checkNone && !s.options.checks(s.kind, of) {
		return fmt.Errorf("%s can't be chosen: the session runs no check that tells it", t.key)
	}
	switch t.key {
	case "document_type":
		if allowed := s.options.types(); allowed != nil && !slices.Contains(allowed, t.value) {
			return fmt.Errorf("document_type=%s is not allowed by the session's options: %s", t.value, strings.Join(allowed, ", "))
		}
	case "issuing_country", "address[country]":
		if t.value != "" && !countryForm.MatchString(t.value) {
			return fmt.Errorf("%s=%s is no country: write two letters, such as DE", t.key, clip(t.value))
		}
	case "dob":
		if day := dayNamed(t.value); day != (date{}) && day.time().After(time.Unix(0, w.now)) {
			return fmt.Errorf("dob=%s has not come yet", t.value)
		}
	}
	return nil
}

// refuseNumber tells why a text is no ID number of its type. Only the last four digits of
// a US number are kept, as Stripe does.
func (w *world) refuseNumber(i uint32, r *chosen) error {
	number, chosen := r.text("id_number")
	if !chosen || number == "" {
		return nil
	}
	kind, chosen := r.text("id_number_type")
	if !chosen {
		kind = w.personOf(i).idNumberType
		for name, form := range numberForms {
			if form.MatchString(number) && !numberForms[kind].MatchString(number) {
				kind = name
			}
		}
		r.set(pair{"id_number_type", kind})
	}
	if !numberForms[kind].MatchString(number) {
		return fmt.Errorf("id_number has not the form of %s: four or nine digits are a us_ssn, eleven a br_cpf, and S1234567D is a sg_nric", kind)
	}
	if kind == "us_ssn" {
		r.set(pair{"id_number", number[len(number)-4:]})
	}
	return nil
}

// fits refuses an expiration that is not that of the outcome.
func (sub submission) fits(now int64) error {
	text, chosen := sub.shown.text("expiration")
	if !chosen || text == "" || sub.outcome == processing {
		return nil
	}
	today := time.Unix(0, now).UTC().Format(time.DateOnly)
	expired := sub.outcome == requiresInput && slices.Contains(sub.attempts[len(sub.attempts)-1], documentExpired)
	if expired != (text < today) {
		return fmt.Errorf("expiration=%s: a document that has expired goes with code=document_expired, and that code with no other", text)
	}
	return nil
}

var documentExpired = mustCode("document_expired")

// earlier gives the texts of the attempts before: all but the expiration, because the
// last document has it.
func (r *chosen) earlier() *chosen {
	if r == nil {
		return nil
	}
	return &chosen{texts: slices.DeleteFunc(slices.Clone(r.texts), func(t pair) bool { return t.key == "expiration" })}
}

func (r *chosen) set(t pair) {
	r.texts = append(slices.DeleteFunc(r.texts, func(old pair) bool { return old.key == t.key }), t)
}

// text is a chosen text, and whether it was chosen. Nil chooses nothing.
func (r *chosen) text(name string) (text string, named bool) {
	if r == nil {
		return "", false
	}
	for _, t := range r.texts {
		if t.key == name {
			return t.value, true
		}
	}
	return "", false
}

// contact is the address or number that was verified: the one that was chosen, provided
// or else invented.
func (r *chosen) contact(name, provided, invented string) string {
	if text, chosen := r.text(name); chosen {
		if text == "" {
			return ""
		}
		return invented // apply has put it there, and a redaction has removed it
	}
	return firstText(provided, invented)
}

// apply makes a person as the result tells them.
func (r *chosen) apply(p *person) {
	if r == nil {
		return
	}
	if kind, chosen := r.text("document_type"); chosen && kind != p.documentType {
		if p.documentType = kind; kind == "passport" {
			p.line1, p.line2, p.place = "", "", place{} // passports tell no address
		}
	}
	if slices.ContainsFunc(r.texts, func(t pair) bool { return strings.HasPrefix(t.key, "address[") }) {
		p.line1, p.line2, p.place, p.home = "", "", place{}, ""
	}
	to := map[string]*string{
		"first_name": &p.first, "last_name": &p.last, "id_number": &p.idNumber, "id_number_type": &p.idNumberType, "email": &p.email, "phone": &p.phone,
		"address[line1]": &p.line1, "address[line2]": &p.line2, "address[city]": &p.place.city, "address[state]": &p.place.state,
		"address[postal_code]": &p.place.postal, "address[country]": &p.home,
	}
	for _, t := range r.texts {
		switch at := to[t.key]; {
		case at != nil:
			*at = t.value
		case t.key == "dob":
			p.birth = dayNamed(t.value)
		case t.key == "expiration":
			p.expires = dayNamed(t.value)
		case t.key == "issuing_country":
			p.country = &country{code: t.value}
		}
	}
}

// redacted is the rest of a result once its session is redacted.
func (r *chosen) redacted() *chosen {
	left := &chosen{codes: r.codes}
	for _, t := range r.texts {
		switch t.key {
		case "document_type", "issuing_country", "address[country]", "id_number_type":
		case "dob", "expiration":
			if t.value != "" {
				t.value = date{1, 1, 1}.String()
			}
		default:
			t.value = placeholder(t.value)
		}
		left.texts = append(left.texts, t)
	}
	return left
}

// failure is the code with which a check of an attempt failed, or 0.
func (w *world) failure(at uint32, of check) code {
	codes := []code{w.reports[at].code}
	if r := w.results[at]; r != nil {
		codes = append(codes, r.codes...)
	}
	for _, c := range codes {
		if c != 0 && failures[c].check == of {
			return c
		}
	}
	return 0
}

// dayNamed reads a date as String writes it, or gives none.
func dayNamed(text string) date {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return date{}
	}
	return date{t.Year(), int(t.Month()), t.Day()}
}

func (d date) String() string { return d.time().Format(time.DateOnly) }

func (d date) time() time.Time {
	return time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
}
