package emulator

import (
	"fmt"
	"strconv"
)

// person is an invented human with the document that they show. All of it
// follows from a number, so nothing of it is stored.
type person struct {
	country      *country
	first, last  string
	sex          string // as parsed
	unparsedSex  string // as the document spells it
	birth        date
	birthplace   string // "" where documents do not tell it
	line1, line2 string
	place        place
	home         string // the country of the address; "": the document's
	documentType string
	number       string // of the document
	validYears   int    // how long such a document is valid
	issued       date   // with expires: the dates on one attempt's document
	expires      date
	idNumberType string
	idNumber     string
	email, phone string
}

// personOf gives the person behind a session: the invented user, or somebody
// made up for a session that the API created.
func (w *world) personOf(i uint32) person {
	s := &w.sessions[i]
	if s.user != 0 {
		return w.person(roll(w.seed, saltUser, uint64(s.user), 1))
	}
	return w.person(roll(w.seed, saltVisitor, uint64(i), 1))
}

func (w *world) person(d dice) person {
	p := person{country: &countries[weightedCountry(&d)]}
	p.last = pick(&d, p.country.families)
	if d.chance(500) {
		p.first, p.sex, p.unparsedSex = pick(&d, p.country.women), "female", "F"
		if p.country.femaleFamily != nil {
			p.last = p.country.femaleFamily(p.last)
		}
	} else {
		p.first, p.sex, p.unparsedSex = pick(&d, p.country.men), "male", "M"
	}
	p.birth = date{1950 + d.below(56), 1 + d.below(12), 1 + d.below(28)}
	p.place = pick(&d, p.country.places)
	p.line1 = fmt.Sprintf(p.country.street, pick(&d, p.country.streets), 1+d.below(180))
	if d.chance(120) {
		p.line2 = p.country.flat + strconv.Itoa(1+d.below(60))
	}
	p.documentType = pick(&d, p.country.documents)
	p.number = documentNumber(&d, p.documentType)
	if p.documentType == "passport" {
		p.birthplace = pick(&d, p.country.places).city
		p.line1, p.line2, p.place = "", "", place{}
	}
	p.validYears = 10
	if p.documentType == "driving_license" {
		p.validYears = 15
	}
	p.idNumberType = p.country.idNumberType
	if p.idNumberType == "" { // Stripe checks no numbers of that country: the person has a US one
		p.idNumberType = "us_ssn"
	}
	p.idNumber = idNumber(&d, p.idNumberType)
	p.email = fmt.Sprintf("%s%d@example.%s", p.country.latin[d.below(len(p.country.latin))], d.below(900)+10, pick(&d, []string{"com", "org", "net"}))
	p.phone = p.country.phone + digits(&d, 8)
	return p
}

func weightedCountry(d *dice) int {
	total := 0
	for i := range countries {
		total += countries[i].weight
	}
	n := d.below(total)
	for i := range countries {
		if n -= countries[i].weight; n < 0 {
			return i
		}
	}
	return 0
}

func digits(d *dice, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + d.below(10))
	}
	return string(b)
}

func documentNumber(d *dice, documentType string) string {
	letters := alphabet[10:36]
	switch documentType {
	case "passport":
		return string(letters[d.below(26)]) + string(letters[d.below(26)]) + digits(d, 7)
	case "id_card":
		return string(letters[d.below(26)]) + digits(d, 8)
	}
	return string(letters[d.below(26)]) + digits(d, 7)
}

// idNumber gives a number of one of the types that Stripe checks; of a US
// social security number it only ever has the last four digits.
func idNumber(d *dice, idNumberType string) string {
	switch idNumberType {
	case "us_ssn":
		return digits(d, 4)
	case "br_cpf":
		return digits(d, 11)
	case "sg_nric":
		return "S" + digits(d, 7) + string(alphabet[10+d.below(26)])
	}
	return ""
}

// unread removes the unreadable parts of a document.
func (p *person) unread() {
	*p = person{country: &country{}, documentType: p.documentType, validYears: p.validYears}
}

// redacted replaces everything that tells who a person is, as Stripe does: text
// by a placeholder, dates by the first day of year 1. Countries and the types of
// document and number stay.
func (p person) redacted() person {
	texts := []*string{
		&p.first, &p.last, &p.sex, &p.unparsedSex, &p.birthplace, &p.line1, &p.line2,
		&p.place.city, &p.place.state, &p.place.postal, &p.number, &p.idNumber, &p.email, &p.phone,
	}
	for _, text := range texts {
		*text = placeholder(*text)
	}
	for _, day := range []*date{&p.birth, &p.issued, &p.expires} {
		if *day != (date{}) {
			*day = date{1, 1, 1}
		}
	}
	return p
}

// address writes where the document says that the person lives; passports do
// not say it.
func (p *person) address(o *out) {
	if p.line1 == "" && p.line2 == "" && p.place == (place{}) {
		o.null()
		return
	}
	o.open('{')
	o.key("city").textOrNull(p.place.city)
	o.key("country").textOrNull(firstText(p.home, p.country.code))
	o.key("line1").textOrNull(p.line1)
	o.key("line2").textOrNull(p.line2)
	o.key("postal_code").textOrNull(p.place.postal)
	o.key("state").textOrNull(p.place.state)
	o.close('}')
}

// The kinds of user ids that companies put into metadata, in permille.
const (
	idsNamed   = 260 // ann_8392
	idsNumber  = 330 // user_839201
	idsStripe  = 190 // cus_9s6XKzkNRiz8i3
	idsUUID    = 180
	idsAddress = 40 // joann_smith@example.com
)

// userID is the integrator's id of an invented user.
func (w *world) userID(user uint32) string {
	if n := int(user); n >= 1 && n <= len(castUsers) {
		return castUsers[n-1]
	}
	n, d := w.userIDKind(user)
	switch {
	case n < idsNamed:
		return pick(&d, handles) + "_" + uniqueDigits(user, 4)
	case n < idsNamed+idsNumber:
		return "user_" + uniqueDigits(user, 6)
	case n < idsNamed+idsNumber+idsStripe:
		return "cus_" + randomText(&d, 14)
	case n < idsNamed+idsNumber+idsStripe+idsUUID:
		a, b := d.next(), d.next()
		return fmt.Sprintf("%08x-%04x-4%03x-%x%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, 8+b>>62, b>>48&0xfff, b&0xffffffffffff)
	}
	return pick(&d, handles) + "_" + pick(&d, surnames) + userNumberIfMany(user) + "@example.com"
}

// userIDKind draws which kind of id a user has, as a number of permille, and
// gives the stream for the rest of it.
func (w *world) userIDKind(user uint32) (permille int, d dice) {
	d = roll(w.seed, saltUser, uint64(user), 0)
	return d.below(idsNamed + idsNumber + idsStripe + idsUUID + idsAddress), d
}

// uniqueDigits writes a number that no other user has, at first in n digits, in
// no visible order: multiplying by a number coprime to ten permutes the range.
func uniqueDigits(user uint32, n int) string {
	size := uint64(1)
	for range n {
		size *= 10
	}
	for uint64(user) >= size {
		size *= 10
		n++
	}
	v := (uint64(user)*61803399 + 27182) % size
	b := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return string(b)
}

// userNumberIfMany keeps mail addresses apart once names repeat.
func userNumberIfMany(user uint32) string {
	if user < 400 {
		return ""
	}
	return strconv.Itoa(int(user))
}

// userReference is the client_reference_id of an invented user's sessions: a
// third of the integrator's products set it.
func (w *world) userReference(user uint32) string {
	d := roll(w.seed, saltUser, uint64(user), 2)
	if !d.chance(320) {
		return ""
	}
	return "ref_" + uniqueDigits(user, 8)
}

// userCustomer is the related_customer of an invented user's sessions.
func (w *world) userCustomer(user uint32) string {
	d := roll(w.seed, saltUser, uint64(user), 3)
	if !d.chance(300) {
		return ""
	}
	if n, _ := w.userIDKind(user); n >= idsNamed+idsNumber && n < idsNamed+idsNumber+idsStripe {
		return w.userID(user) // their user ids are Stripe's customers
	}
	return "cus_" + randomText(&d, 14)
}

// storyDetails are the details of a session that the story made.
func (w *world) storyDetails(i uint32) details {
	s := &w.sessions[i]
	d := roll(w.seed, saltSession, uint64(i), 0)
	out := details{
		clientReferenceID: w.userReference(s.user),
		relatedCustomer:   w.userCustomer(s.user),
		flow:              w.flowOf(s.kind),
	}
	inCast := int(s.user) <= len(castUsers)
	if !inCast && d.chance(25) {
		return out // nothing in metadata
	}
	if inCast || !d.chance(35) {
		out.metadata = append(out.metadata, pair{"user_id", w.userID(s.user)})
	}
	if d.chance(180) {
		out.metadata = append(out.metadata, pair{"order", "ord_" + digits(&d, 6)})
	}
	if d.chance(150) {
		out.metadata = append(out.metadata, pair{"tier", pick(&d, []string{"basic", "plus", "gold"})})
	}
	if s.kind == kindFlow || d.chance(100) {
		p := w.personOf(i)
		out.email = p.email
		if s.kind == kindFlow {
			out.phone = p.phone
		}
	}
	return out
}

// flowOf is the account's one verification flow, for sessions that use it.
func (w *world) flowOf(k kind) string {
	if k != kindFlow {
		return ""
	}
	d := roll(w.seed, saltAccount, 1, 0)
	return "vf_1" + randomText(&d, 23)
}
