package emulator

import (
	"encoding/json"
	"fmt"
	"net/url"
)

// sessionControl is an operation on one session that Stripe has not: it stands in for
// the person or for Stripe. It is a control, and under aliasPath an operation of the
// API, so that the raw requests of Stripe's libraries and its fixtures reach it.
type sessionControl struct {
	name   string
	fields []field
	run    func(w *world, i uint32, form *node) error
}

var sessionControls = []sessionControl{
	{"submit", submitFields, (*world).controlSubmit},
	{"override", overrideFields, (*world).controlOverride},
}

const (
	aliasPath = "/v1/test_helpers/identity/verification_sessions/"
	// aliasHeader marks the answers of operations that Stripe has not.
	aliasHeader = "Emulator-Only"
)

// control makes it one of the emulator's own operations.
func (sc sessionControl) control() control {
	c := control{method: "POST", path: controlPrefix + "sessions/{id}/" + sc.name}
	for _, f := range sc.fields {
		c.params = append(c.params, f.name)
	}
	c.run = func(s *sandbox, id string, p url.Values) (any, error) {
		i, ok := s.world.sessionAt(id)
		if !ok {
			return nil, s.noSession(id)
		}
		form, failed := parseForm(p.Encode(), sc.fields)
		if failed != nil {
			return nil, failed
		}
		if err := sc.run(s.world, i, form); err != nil {
			return nil, err
		}
		return json.RawMessage(s.world.ofSession(i, 0).body), nil
	}
	return c
}

// endpoint makes it an operation of the API.
func (sc sessionControl) endpoint() endpoint {
	return endpoint{
		method: "POST", path: aliasPath + "{id}/" + sc.name, needs: PermitWrite, fields: sc.fields, expand: sessionExpansions, unpublished: true,
		run: sc.answer,
	}
}

// answer carries it out for a request to the API.
func (sc sessionControl) answer(w *world, q *query) (answer, *apiError) {
	i, failed := w.find(q)
	if failed != nil {
		return answer{}, failed
	}
	if err := sc.run(w, i, q.form); err != nil {
		return answer{}, invalid("", "", "%s", err)
	}
	a := w.ofSession(i, q.view)
	a.header = [][2]string{{aliasHeader, "true"}}
	return a, nil
}

func sessionControlsAs[T any](as func(sessionControl) T) (all []T) {
	for _, sc := range sessionControls {
		all = append(all, as(sc))
	}
	return all
}

func (s *sandbox) noSession(id string) error {
	where, other := "", ""
	if s.cfg.Worlds {
		if where = " in the world " + s.name; s.name == "" {
			where = " in the world of keys that name none"
		}
		other = "; " + worldParam + "=NAME is of another world"
	}
	return notFoundError{fmt.Sprintf("there is no session %s%s; list them with GET %s%s", clip(id), where, sessionsPath, other)}
}

// describe is a session's status in words.
func describe(w *world, i uint32) string {
	if r := w.redaction[i]; r.begun() {
		return statusNames[w.status[i]] + " with a redaction in " + redactionNames[r]
	}
	return statusNames[w.status[i]]
}
