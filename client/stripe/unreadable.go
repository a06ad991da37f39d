package stripe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"idtop/client"
)

// Stripe changes its API, and one odd object must not hide the others of its page:
// each is decoded by itself, and its readable fields are kept.

// readSession decodes a session of a list, of an event or by itself. It fails only
// for an object without an id and for one of the other mode. Unreadable fields are
// left out, and Unreadable names the first.
func (s *Client) readSession(object []byte) (client.Session, error) {
	var session client.Session
	if err := decodeObject(object, objectSession, "", &session); err != nil || lacking(session) != "" {
		if session, err = fieldByField(object); err != nil {
			return client.Session{}, err
		}
	}
	return session, s.ofThisMode(&session, object)
}

// errWithoutID says that an object has no id, so it can't be a row.
var errWithoutID = errors.New("an object without an id came")

// fieldByField decodes the readable fields of a session.
func fieldByField(object []byte) (client.Session, error) {
	var wire map[string]json.RawMessage
	if decodeJSON(object, &wire) != nil {
		return client.Session{}, errWithoutID
	}
	var s client.Session
	fields := []struct {
		name string
		to   any
	}{
		{"id", &s.ID}, {"object", &s.Object}, {"created", &s.Created}, {"livemode", &s.Livemode}, {"redaction", &s.Redaction}, {"status", &s.Status},
		{"last_error", &s.LastError}, {"metadata", &s.Metadata}, {"type", &s.Type}, {"options", &s.Options}, {"last_verification_report", &s.LastReport},
		{"client_reference_id", &s.ClientReferenceID}, {"related_customer", &s.RelatedCustomer}, {"verification_flow", &s.VerificationFlow},
	}
	redaction := false
	for _, field := range fields {
		err := json.Unmarshal(orNull(wire[field.name]), field.to)
		if err == nil {
			continue
		}
		redaction = redaction || field.name == "redaction"
		if s.Unreadable == "" {
			if s.Unreadable = field.name; fieldOf(err, "") != "" {
				s.Unreadable += "." + fieldOf(err, "")
			}
		}
	}
	if s.ID == "" {
		return client.Session{}, errWithoutID
	}
	if s.Unreadable == "" {
		s.Unreadable = lacking(s)
	}
	if s.Unreadable == "" {
		return s, nil // the odd field is not one that a session keeps
	}
	s.Status, s.LastError = "", nil // the state is not known
	if redaction {                  // it may be redacted: no data of the person stays
		s.Redaction, s.Metadata, s.ClientReferenceID, s.RelatedCustomer = nil, nil, "", ""
	}
	return s, nil
}

// lacking names the first field that every session has and this one lacks, "" when
// there is none.
func lacking(s client.Session) string {
	switch {
	case s.Object != objectSession:
		return "object"
	case s.Created <= 0:
		return "created"
	case s.Status == "":
		return "status"
	}
	return ""
}

func orNull(value json.RawMessage) json.RawMessage {
	if value == nil {
		return json.RawMessage("null")
	}
	return value
}

// ofThisMode fails for a session of another mode than the key's: it must not enter
// this mirror. Without a mode the session is unreadable.
func (s *Client) ofThisMode(session *client.Session, object []byte) error {
	if session.Livemode == s.key.Live() {
		return nil
	}
	var wire struct{ Livemode *bool }
	if json.Unmarshal(object, &wire) == nil && wire.Livemode != nil {
		return s.otherMode(session.Livemode)
	}
	if session.Unreadable == "" {
		session.Unreadable = "livemode"
	}
	session.Livemode, session.Status, session.LastError = s.key.Live(), "", nil
	return nil
}

// errOtherMode is the error for an object of another mode than the key's.
var errOtherMode = errors.New("an object of the other mode came")

func (s *Client) otherMode(live bool) error {
	return fmt.Errorf("%w: a session of %s mode to a key of %s mode", errOtherMode, client.ModeName(live), client.ModeName(!live))
}

// decodeSessions decodes a page of sessions in one pass, and session by session
// only when one is odd: a mirror reads a million of them.
func (s *Client) decodeSessions(x *exchange) (client.Page[client.Session], error) {
	var wire struct {
		Object  string           `json:"object"`
		HasMore bool             `json:"has_more"`
		Data    []client.Session `json:"data"`
	}
	if json.Unmarshal(x.body, &wire) == nil && wire.Object == "list" && wire.Data != nil {
		odd := false
		for i := range wire.Data {
			odd = odd || wire.Data[i].ID == "" || lacking(wire.Data[i]) != "" || wire.Data[i].Livemode != s.key.Live()
		}
		if !odd {
			return client.Page[client.Session]{HasMore: wire.HasMore, Date: serverDate(x.header), Data: wire.Data}, nil
		}
	}
	page, err := decodeEach(x, s.readSession)
	for i := range page.Data { // a session without a readable time keeps its place in the list
		if s := &page.Data[i]; s.Created <= 0 && i > 0 {
			s.Created = page.Data[i-1].Created
		}
	}
	return page, err
}

// decodeReports decodes a page of reports. An unreadable report stays in its place,
// marked as unreadable, so that the other attempts are visible.
func (s *Client) decodeReports(x *exchange) (client.Page[client.Report], error) {
	return decodeEach(x, func(object []byte) (client.Report, error) {
		var report client.Report
		if err := checkHead(object, objectReport, ""); err != nil {
			return report, errWithoutID
		}
		err := json.Unmarshal(object, &report)
		if err == nil {
			return report, nil
		}
		var rest struct {
			head
			Created             client.Unix
			VerificationSession string `json:"verification_session"`
		}
		_ = json.Unmarshal(object, &rest) // an unreadable field stays empty
		return client.Report{ID: rest.ID, Created: rest.Created, VerificationSession: rest.VerificationSession, Unreadable: fieldOf(err, "report")}, nil
	})
}

// decodeEvents decodes a page of events.
func (s *Client) decodeEvents(x *exchange) (client.Page[client.Event], error) {
	return decodeEach(x, s.readEvent)
}

// readEvent decodes an event. Its session names its own unreadable field; an event
// with odd members of its own counts as lost.
func (s *Client) readEvent(object []byte) (client.Event, error) {
	var wire struct {
		head
		Type    string          `json:"type"`
		Created client.Unix     `json:"created"`
		Request json.RawMessage `json:"request"`
		Data    struct {
			Object json.RawMessage `json:"object"`
		} `json:"data"`
	}
	if json.Unmarshal(object, &wire) != nil || wire.ID == "" || wire.Object != objectEvent {
		return client.Event{}, errWithoutID
	}
	e := client.Event{ID: wire.ID, Type: wire.Type, Created: wire.Created}
	var request struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(orNull(wire.Request), &request) == nil {
		e.RequestID = request.ID
	}
	if !strings.HasPrefix(wire.Type, "identity.verification_session.") {
		return e, nil // other objects use the same names for members of other types
	}
	session, err := s.readSession(wire.Data.Object)
	if err == nil {
		e.Object = session
	} else if errors.Is(err, errOtherMode) {
		return client.Event{}, err
	}
	return e, nil
}

// fieldOf returns the field that an error of the decoder names, or else whole.
func fieldOf(err error, whole string) string {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) && mismatch.Field != "" {
		return mismatch.Field
	}
	return whole
}

// decodeEach decodes a page, each object by itself. An object without an id is
// counted in Lost; one behind the last readable id comes again with the next page.
func decodeEach[T any](x *exchange, read func(object []byte) (T, error)) (client.Page[T], error) {
	var wire struct {
		Object  string            `json:"object"`
		HasMore bool              `json:"has_more"`
		Data    []json.RawMessage `json:"data"`
	}
	if err := decodeJSON(x.body, &wire); err != nil {
		return client.Page[T]{}, err
	}
	if wire.Object != "list" || wire.Data == nil {
		return client.Page[T]{}, fmt.Errorf("%s came where a list was asked for", kindWords(wire.Object))
	}
	page := client.Page[T]{HasMore: wire.HasMore, Date: serverDate(x.header), Data: make([]T, 0, len(wire.Data))}
	lost := 0
	for _, object := range wire.Data {
		element, err := read(bytes.TrimSpace(object))
		switch {
		case errors.Is(err, errWithoutID):
			lost++
			continue
		case err != nil:
			return client.Page[T]{}, fmt.Errorf("in a list: %w", err)
		}
		page.Data = append(page.Data, element)
		page.Lost += lost
		lost = 0
	}
	switch {
	case !page.HasMore:
		page.Lost += lost
	case len(page.Data) == 0:
		return client.Page[T]{}, fmt.Errorf("in a list: %w, and none with one", errWithoutID)
	}
	return page, nil
}
