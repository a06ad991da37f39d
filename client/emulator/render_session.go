package emulator

// snapshot is a session as it is, or as it was when an event told of it.
type snapshot struct {
	session   uint32
	kind      kind
	options   options
	status    status
	redaction redaction
	code      code
	report    uint32 // position + 1
	token     uint32 // which url and client_secret it carries; 0: none
	issued    uint32 // when these were handed out, in Unix seconds
	details   *details
}

// current is a session now. One that waits for its person carries a url and a
// client_secret that were never handed out before.
func (w *world) current(i uint32) snapshot {
	s := &w.sessions[i]
	snap := snapshot{
		session: i, kind: s.kind, options: s.options, status: w.status[i],
		redaction: w.redaction[i], code: s.code, report: s.report, details: s.details,
	}
	if snap.status == requiresInput {
		w.tokens++
		snap.token, snap.issued = w.tokens, w.seconds()
	}
	return snap
}

// writeSession writes a session with the parts that a view asks for.
func (w *world) writeSession(o *out, s snapshot, v view) {
	d := w.detailsOf(s.session, s.details)
	o.open('{')
	o.key("id").id(&w.ids, idSession, s.session, w.created[s.session])
	o.key("object").text("identity.verification_session")
	o.key("client_reference_id").textOrNull(d.clientReferenceID)
	o.key("client_secret").textOrNull(w.clientSecret(s))
	o.key("created").number(int64(w.created[s.session]))
	o.key("last_error").failure(s.code)
	o.key("last_verification_report")
	switch {
	case s.report == 0:
		o.null()
	case v&seeReport != 0:
		w.writeReport(o, s.report-1, v)
	default:
		o.id(&w.ids, idReport, s.report-1, w.reports[s.report-1].created)
	}
	o.key("livemode").boolean(w.live)
	o.key("metadata").metadata(d.metadata)
	o.key("options")
	s.options.session(o)
	if v&seeDetails != 0 {
		o.key("provided_details").provided(d)
	}
	o.key("redaction")
	if s.redaction == notRedacted {
		o.null()
	} else {
		o.open('{')
		o.key("status").text(redactionNames[s.redaction])
		o.close('}')
	}
	o.key("related_customer").textOrNull(d.relatedCustomer)
	o.key("related_customer_account").textOrNull(d.relatedCustomerAccount)
	if d.relatedPerson != "" {
		o.key("related_person").open('{')
		o.key("account").text(d.relatedAccount)
		o.key("person").text(d.relatedPerson)
		o.close('}')
	}
	o.key("status").text(statusNames[s.status])
	o.key("type").text(kindNames[s.kind])
	o.key("url").textOrNull(w.hostedURL(s))
	if d.flow != "" {
		o.key("verification_flow").text(d.flow)
	}
	if v&seeOutputs != 0 {
		o.key("verified_outputs")
		w.writeOutputs(o, s, d, v)
	}
	o.close('}')
}

func (o *out) metadata(pairs []pair) {
	o.open('{')
	for _, p := range pairs {
		o.text(p.key)
		o.b = append(o.b, ':')
		o.text(p.value)
	}
	o.close('}')
}

func (o *out) provided(d details) {
	if d.email == "" && d.phone == "" {
		o.null()
		return
	}
	o.open('{')
	if d.email != "" {
		o.key("email").text(d.email)
	}
	if d.phone != "" {
		o.key("phone").text(d.phone)
	}
	o.close('}')
}

// writeOutputs writes the verified outputs: null until the session is verified.
func (w *world) writeOutputs(o *out, s snapshot, d details, v view) {
	if s.status != verified {
		o.null()
		return
	}
	v = w.reach(v, s.report, s.redaction)
	p := w.personOf(s.session)
	shown := w.results[s.report-1] // of no report too: a verified session has one
	shown.apply(&p)
	if s.redaction.begun() {
		p = p.redacted()
	}
	document, numbered := s.options.checks(s.kind, checkDocument), s.options.checks(s.kind, checkIDNumber)
	var email, phone, idNumberType, idNumber string
	if s.kind == kindFlow {
		email, phone = shown.contact("email", d.email, p.email), shown.contact("phone", d.phone, p.phone)
	}
	if numbered {
		idNumberType, idNumber = p.idNumberType, p.idNumber
	}
	o.open('{')
	o.key("address")
	if document {
		p.address(o)
	} else {
		o.null()
	}
	if v&seeOutputDOB != 0 {
		p.birth.write(o.key("dob"))
	}
	o.key("email").textOrNull(email)
	o.key("first_name").textOrNull(p.first)
	if v&seeOutputIDNumber != 0 {
		o.key("id_number").textOrNull(idNumber)
	}
	o.key("id_number_type").textOrNull(idNumberType)
	o.key("last_name").textOrNull(p.last)
	o.key("phone").textOrNull(phone)
	if v&seeOutputSex != 0 {
		o.key("sex").textOrNull(onlyIf(document, p.sex))
	}
	if v&seeOutputBirthplace != 0 {
		o.key("unparsed_place_of_birth").textOrNull(onlyIf(document, p.birthplace))
	}
	if v&seeOutputUnparsedSex != 0 {
		o.key("unparsed_sex").textOrNull(onlyIf(document, p.unparsedSex))
	}
	o.close('}')
}

func firstText(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func onlyIf(condition bool, s string) string {
	if !condition {
		return ""
	}
	return s
}

func (w *world) mode() string {
	if w.live {
		return "live"
	}
	return "test"
}

func (w *world) clientSecret(s snapshot) string {
	if s.token == 0 {
		return ""
	}
	return w.sessionID(s.session) + "_secret_" + w.mode() + "_" + w.token(s, secretSalt)
}
