package emulator

import "time"

// writeReport writes a report with the parts that a view asks for.
func (w *world) writeReport(o *out, at uint32, v view) {
	r := &w.reports[at]
	v = w.reach(v, at+1, w.redaction[r.session])
	s := &w.sessions[r.session]
	d := w.detailsOf(r.session, s.details)
	p := w.shownIn(at)
	if w.redaction[r.session].begun() {
		p = p.redacted()
	}
	o.open('{')
	o.key("id").id(&w.ids, idReport, at, r.created)
	o.key("object").text("identity.verification_report")
	o.key("client_reference_id").textOrNull(d.clientReferenceID)
	o.key("created").number(int64(r.created))
	if r.ran(checkDocument) {
		w.writeDocument(o.key("document"), at, p, v)
	}
	if r.ran(checkEmail) {
		o.key("email").open('{')
		o.key("email").textOrNull(w.results[at].contact("email", d.email, p.email))
		o.result(w.failure(at, checkEmail))
		o.close('}')
	}
	if r.ran(checkIDNumber) {
		writeIDNumber(o.key("id_number"), w.failure(at, checkIDNumber), p, v)
	}
	o.key("livemode").boolean(w.live)
	r.options.write(o.key("options"))
	if r.ran(checkPhone) {
		o.key("phone").open('{')
		o.key("phone").textOrNull(w.results[at].contact("phone", d.phone, p.phone))
		o.result(w.failure(at, checkPhone))
		o.close('}')
	}
	if r.ran(checkSelfie) {
		o.key("selfie").open('{')
		o.key("document").id(&w.ids, idFile, at*filesPerReport+fileFront, r.created)
		o.key("selfie").id(&w.ids, idFile, at*filesPerReport+fileSelfie, r.created)
		o.result(w.failure(at, checkSelfie))
		o.close('}')
	}
	o.key("type").text(kindNames[r.kind])
	if d.flow != "" {
		o.key("verification_flow").text(d.flow)
	}
	o.key("verification_session").id(&w.ids, idSession, r.session, w.created[r.session])
	o.close('}')
}

// shownIn is the person of an attempt as their document tells.
func (w *world) shownIn(at uint32) person {
	r := &w.reports[at]
	p := w.personOf(r.session)
	p.shown(r, roll(w.seed, saltDocument, uint64(at), 0), w.strikes(r.session, r.created))
	w.results[at].apply(&p)
	return p
}

// result writes how one check ended: with the code that it failed with, or 0.
func (o *out) result(c code) {
	o.key("error").failure(c)
	if c == 0 {
		o.key("status").text("verified")
	} else {
		o.key("status").text("unverified")
	}
}

func (w *world) writeDocument(o *out, at uint32, p person, v view) {
	r := &w.reports[at]
	o.open('{')
	o.key("address")
	p.address(o)
	if v&seeDocumentDOB != 0 {
		p.birth.write(o.key("dob"))
	}
	if v&seeDocumentExpiration != 0 {
		p.expires.write(o.key("expiration_date"))
	}
	o.key("files").open('[')
	o.id(&w.ids, idFile, at*filesPerReport+fileFront, r.created)
	if p.documentType != "passport" {
		o.id(&w.ids, idFile, at*filesPerReport+fileBack, r.created)
	}
	o.close(']')
	o.key("first_name").textOrNull(p.first)
	p.issued.write(o.key("issued_date"))
	o.key("issuing_country").textOrNull(p.country.code)
	o.key("last_name").textOrNull(p.last)
	if v&seeDocumentNumber != 0 {
		o.key("number").textOrNull(p.number)
	}
	if v&seeDocumentSex != 0 {
		o.key("sex").textOrNull(p.sex)
	}
	o.key("type").textOrNull(p.documentType)
	if v&seeDocumentBirthplace != 0 {
		o.key("unparsed_place_of_birth").textOrNull(p.birthplace)
	}
	if v&seeDocumentUnparsedSex != 0 {
		o.key("unparsed_sex").textOrNull(p.unparsedSex)
	}
	o.result(w.failure(at, checkDocument))
	o.close('}')
}

func writeIDNumber(o *out, c code, p person, v view) {
	o.open('{')
	if v&seeNumberDOB != 0 {
		p.birth.write(o.key("dob"))
	}
	o.key("first_name").textOrNull(p.first)
	if v&seeNumberIDNumber != 0 {
		o.key("id_number").textOrNull(p.idNumber)
	}
	o.key("id_number_type").textOrNull(p.idNumberType)
	o.key("last_name").textOrNull(p.last)
	o.result(c)
	o.close('}')
}

// date is a day; the zero value is one that the document does not tell.
type date struct{ year, month, day int }

func (d date) write(o *out) {
	if d == (date{}) {
		o.null()
		return
	}
	o.open('{')
	o.key("day").number(int64(d.day))
	o.key("month").number(int64(d.month))
	o.key("year").number(int64(d.year))
	o.close('}')
}

// shown makes a person as one attempt's document shows them: an expired document has
// expired, and some unverified ones can't be read at all. Those of an incident can.
func (p *person) shown(r *report, d dice, stricken bool) {
	year := time.Unix(int64(r.created), 0).UTC().Year()
	p.issued = date{year - 1 - d.below(p.validYears-2), 1 + d.below(12), 1 + d.below(28)}
	p.expires = date{p.issued.year + p.validYears, p.issued.month, p.issued.day}
	switch failures[r.code].name {
	case "document_expired":
		p.expires.year = year - 1 - d.below(3)
		p.issued.year = p.expires.year - p.validYears
	case "document_unverified_other":
		if !stricken && d.chance(400) {
			p.unread()
		}
	case "document_type_not_supported":
		p.unread()
		p.documentType = ""
	}
}
