package emulator

import "net/http"

// ofSession answers with a session as it is now.
func (w *world) ofSession(i uint32, v view) answer {
	o := out{b: make([]byte, 0, 1024)}
	w.writeSession(&o, w.current(i), v)
	return answer{status: http.StatusOK, body: o.b, session: i + 1, view: v}
}

// find looks the session of a query up. Objects of the other mode do not exist
// for a key.
func (w *world) find(q *query) (uint32, *apiError) {
	i, ok := w.sessionAt(q.id)
	if !ok || q.access.live != w.live {
		return 0, missing("verificationsession", q.id, "session")
	}
	return i, nil
}

func getSession(w *world, q *query) (answer, *apiError) {
	i, err := w.find(q)
	if err != nil {
		return answer{}, err
	}
	return w.ofSession(i, q.view), nil
}

func createSession(w *world, q *query) (answer, *apiError) {
	if q.access.live != w.live {
		return answer{}, otherMode(w.mode())
	}
	flow, kindName := q.form.value("verification_flow"), q.form.value("type")
	switch {
	case flow == "" && kindName == "":
		return answer{}, required("type")
	case flow != "" && kindName != "":
		return answer{}, invalid("verification_flow", "parameters_exclusive", "Received both type and verification_flow parameters. Please pass in only one.")
	}
	if person := q.form.get("related_person"); person != nil {
		for _, key := range []string{"account", "person"} {
			if person.get(key) == nil {
				return answer{}, required("related_person[" + key + "]")
			}
		}
	}
	metadata, err := merge(nil, q.form.get("metadata"))
	if err != nil {
		return answer{}, err
	}
	d := details{
		clientReferenceID:      q.form.value("client_reference_id"),
		relatedCustomer:        q.form.value("related_customer"),
		relatedCustomerAccount: q.form.value("related_customer_account"),
		relatedAccount:         q.form.value("related_person", "account"),
		relatedPerson:          q.form.value("related_person", "person"),
		flow:                   flow,
		returnURL:              q.form.value("return_url"),
		email:                  q.form.value("provided_details", "email"),
		phone:                  q.form.value("provided_details", "phone"),
		metadata:               metadata,
	}
	n := newSession{details: &d}
	n.kind, n.options = asked(kindName, q.form.get("options"), optIDNumber)
	return w.ofSession(w.create(n, w.note(q.cause)), q.view), nil
}

// asked gives the kind and options of a session that is created or changed; old
// are the options that it has. A session that becomes one of an ID number keeps
// none of them, and Stripe adds none.
func asked(kindName string, sent *node, old options) (kind, options) {
	switch kindName {
	case "":
		return kindFlow, optFlow
	case "id_number":
		return kindIDNumber, old & optIDNumber
	}
	return kindDocument, documentOptions(sent, old&^optIDNumber|optDocument)
}

// documentOptions applies options[document] to old ones. Empty, it clears them.
func documentOptions(sent *node, old options) options {
	if sent == nil {
		return old
	}
	document := sent.get("document")
	if document == nil {
		return old
	}
	if document.leaf {
		return old & optDocument
	}
	if document.get("allowed_types") != nil {
		old = old.withTypes(document.values("allowed_types")...)
	}
	for _, s := range switches {
		if v := document.get(s.name); v != nil {
			old = old.set(s.said, v.text == "true")
		}
	}
	return old
}

// updateSession makes the integrator's changes. Metadata can be changed
// in every status until the session is redacted; the rest only while the person
// still has to do something. No event tells of it.
func updateSession(w *world, q *query) (answer, *apiError) {
	i, err := w.find(q)
	if err != nil {
		return answer{}, err
	}
	if w.redaction[i].begun() {
		return answer{}, refused("You cannot update this VerificationSession because it has been redacted.")
	}
	s := &w.sessions[i]
	options, provided, kindName := q.form.get("options"), q.form.get("provided_details"), q.form.value("type")
	more := options != nil || provided != nil || kindName != ""
	if w.status[i] != requiresInput && (more || w.choice.MetadataRefused) {
		return answer{}, refused("You cannot update this VerificationSession because it has a status of %q. "+
			"Only a VerificationSession in \"requires_input\" status may be updated.", statusNames[w.status[i]])
	}
	d := w.detailsOf(i, s.details)
	if d.metadata, err = merge(d.metadata, q.form.get("metadata")); err != nil {
		return answer{}, err
	}
	if m := q.form.get("provided_details", "email"); m != nil {
		d.email = m.text
	}
	if m := q.form.get("provided_details", "phone"); m != nil {
		d.phone = m.text
	}
	if kindName == "" {
		kindName = kindNames[s.kind]
	}
	if kindName != kindNames[kindFlow] {
		s.kind, s.options = asked(kindName, options, s.options)
	}
	w.replaceDetails(i, d)
	return w.ofSession(i, q.view), nil
}

// cancelSession cancels a session that waits for its person, and refuses others. The
// answer to a canceled session is that session, unchanged, whether redacted or not.
func cancelSession(w *world, q *query) (answer, *apiError) {
	i, err := w.find(q)
	if err != nil {
		return answer{}, err
	}
	switch status := w.status[i]; {
	case status == requiresInput:
		w.cancel(i, w.note(q.cause))
	case status == canceled && w.redaction[i].begun() && w.choice.CancelRedactedRefused:
		return answer{}, refused("You cannot cancel this VerificationSession because it has been redacted.")
	case status == canceled:
	default:
		return answer{}, refused("You cannot cancel this VerificationSession because it has a status of %q. "+
			"Only a VerificationSession in \"requires_input\" status may be canceled.", statusNames[w.status[i]])
	}
	return w.ofSession(i, q.view), nil
}

// redactSession: everything but a running check can be redacted.
func redactSession(w *world, q *query) (answer, *apiError) {
	i, err := w.find(q)
	if err != nil {
		return answer{}, err
	}
	switch {
	case w.redaction[i].begun() && w.choice.RedactTwiceRefused:
		return answer{}, refused("You cannot redact this VerificationSession because it has already been redacted.")
	case w.redaction[i].begun():
	case w.status[i] == processing, w.status[i] == canceled && w.choice.RedactCanceledRefused:
		return answer{}, refused("You cannot redact this VerificationSession because it has a status of %q.", statusNames[w.status[i]])
	default:
		w.redact(i, w.note(q.cause))
	}
	return w.ofSession(i, q.view), nil
}

// note records the request that causes a change and gives its position + 1.
func (w *world) note(c cause) uint32 {
	w.causes = append(w.causes, c)
	return uint32(len(w.causes))
}

// otherMode refuses to make an object that the key could not see: the server
// holds one mode of an account only.
func otherMode(mode string) *apiError {
	return unauthorized("", "This server holds the "+mode+" mode of the account only: use a key that starts with sk_"+mode+"_ or rk_"+mode+"_.")
}
