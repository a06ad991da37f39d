package emulator

import "slices"

// code is why an attempt or a visit failed; 0 is no failure.
type code uint8

// check is one of the checks that a session can ask for.
type check uint8

const (
	checkNone check = iota // a failure of the visit, before any check: no report tells it
	checkDocument
	checkSelfie
	checkIDNumber
	checkEmail
	checkPhone
)

// failure is an entry of Stripe's catalogue of last_error codes.
type failure struct {
	name   string
	check  check
	weight int    // how often it happens among those of its kind
	reason string // the words for the person; two of the texts are Stripe's, the others are in its manner
}

// failures is the whole catalogue; a code is an index into it.
var failures = []failure{
	{},
	{"abandoned", checkNone, 50, "The verification was abandoned before anything was submitted."},
	{"consent_declined", checkNone, 20, "The user declined to be verified by Stripe."},
	{"device_not_supported", checkNone, 15, "The user's device does not have a camera."},
	{"country_not_supported", checkNone, 9, "The user's country is not supported."},
	{"under_supported_age", checkNone, 6, "The user is under the age of majority."},
	{"document_unverified_other", checkDocument, 380, "The document is invalid."},
	{"document_expired", checkDocument, 170, "The document is expired."},
	{"document_type_not_supported", checkDocument, 60, "The document type is not supported."},
	{"selfie_face_mismatch", checkSelfie, 120, "The selfie image does not match with document image."},
	{"selfie_unverified_other", checkSelfie, 50, "The selfie could not be verified."},
	{"selfie_document_missing_photo", checkSelfie, 20, "The document does not have a photo of a face."},
	{"selfie_manipulated", checkSelfie, 15, "The selfie image was detected as manipulated."},
	{"id_number_mismatch", checkIDNumber, 300, "The ID number does not match the name and date of birth."},
	{"id_number_unverified_other", checkIDNumber, 110, "The ID number could not be verified."},
	{"id_number_insufficient_document_data", checkIDNumber, 90, "The document does not have enough data to check the ID number."},
	{"email_verification_declined", checkEmail, 60, "The user did not confirm the email address."},
	{"email_unverified_other", checkEmail, 40, "The email address could not be verified."},
	{"phone_verification_declined", checkPhone, 60, "The user did not confirm the phone number."},
	{"phone_unverified_other", checkPhone, 40, "The phone number could not be verified."},
}

// codeNamed finds a code by its name.
func codeNamed(name string) (code, bool) {
	i := slices.IndexFunc(failures, func(f failure) bool { return f.name == name })
	return code(max(i, 0)), i > 0
}

func mustCode(name string) code {
	c, ok := codeNamed(name)
	if !ok {
		panic("emulator: no failure is called " + name)
	}
	return c
}

// codeNames lists every code there is.
func codeNames() []string {
	var names []string
	for _, f := range failures[1:] {
		names = append(names, f.name)
	}
	return names
}

// possible tells whether a visit to a session of this kind and these options, or
// an attempt at it, can fail with a code.
func (o options) possible(k kind, c code) bool {
	of := failures[c].check
	return of == checkNone || o.checks(k, of) && (c != insufficientData || o.checks(k, checkDocument))
}

// insufficientData is the one failure that needs two checks: an ID number is compared
// with the name and the birthday on the document.
var insufficientData = mustCode("id_number_insufficient_document_data")

// possibleNames lists the codes that an attempt at a session can fail with, and
// those of a visit before.
func (o options) possibleNames(k kind) (attempts, visits []string) {
	for n, f := range failures[1:] {
		switch {
		case f.check == checkNone:
			visits = append(visits, f.name)
		case o.possible(k, code(n+1)):
			attempts = append(attempts, f.name)
		}
	}
	return attempts, visits
}

// pickCode gives one of the possible failures by their weights; 0 if there is none.
func pickCode(d *dice, possible func(code) bool) code {
	total := 0
	for n, f := range failures[1:] {
		if possible(code(n + 1)) {
			total += f.weight
		}
	}
	n := d.below(max(total, 1))
	for i, f := range failures[1:] {
		if !possible(code(i + 1)) {
			continue
		}
		if n -= f.weight; n < 0 {
			return code(i + 1)
		}
	}
	return 0
}

func (o *out) failure(c code) {
	if c == 0 {
		o.null()
		return
	}
	o.open('{')
	o.key("code").text(failures[c].name)
	o.key("reason").text(failures[c].reason)
	o.close('}')
}
