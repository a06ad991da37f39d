package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The kinds of object in Stripe's answers.
const (
	objectSession = "identity.verification_session"
	objectReport  = "identity.verification_report"
	objectEvent   = "event"
	objectAccount = "account"
)

// errOtherID is an answer about an object that was not asked for.
var errOtherID = errors.New("an object with another id than the one asked for came")

// head is what every object of the API starts with.
type head struct {
	ID     string `json:"id"`
	Object string `json:"object"`
}

// decodeObject decodes one object and checks that it is the one asked for: of
// this kind, with an id, and with this id unless it is "".
//
// The errors are sentences that never hold a value of the answer, which may be
// a secret or a person's.
func decodeObject[T any](body []byte, object, id string, v *T) error {
	var h head
	if err := decodeJSON(body, &h); err != nil {
		return err
	}
	switch {
	case h.Object != object:
		return fmt.Errorf("%s came where %s was asked for", kindWords(h.Object), kindWords(object))
	case h.ID == "":
		return fmt.Errorf("%s without an id came", kindWords(object))
	case id != "" && h.ID != id:
		return errOtherID
	}
	return decodeJSON(body, v)
}

// decodeSession decodes one session and notes when the server answered, and
// what it calls the request.
func (s *Stripe) decodeSession(x *exchange, id string, session *Session) error {
	if err := decodeObject(x.body, objectSession, id, session); err != nil {
		return err
	}
	session.Date = serverDate(x.header)
	session.RequestID = s.word(x.header.Get("Request-Id"))
	return nil
}

// decodeList decodes one page. Every element has to be of this kind and have
// an id: a row that can't be named can't be acted upon.
func decodeList[T any](x *exchange, object string) (Page[T], error) {
	var wire struct {
		Object  string            `json:"object"`
		HasMore bool              `json:"has_more"`
		Data    []json.RawMessage `json:"data"`
	}
	if err := decodeJSON(x.body, &wire); err != nil {
		return Page[T]{}, err
	}
	if wire.Object != "list" || wire.Data == nil {
		return Page[T]{}, fmt.Errorf("%s came where a list was asked for", kindWords(wire.Object))
	}
	page := Page[T]{HasMore: wire.HasMore, Date: serverDate(x.header), Data: make([]T, len(wire.Data))}
	for i, element := range wire.Data {
		if err := decodeObject(element, object, "", &page.Data[i]); err != nil {
			return Page[T]{}, fmt.Errorf("in a list: %w", err)
		}
	}
	return page, nil
}

// decodeSessions is decodeList for sessions, of which a mirror reads a million:
// it goes through the answer once. What is not as it should be is left to
// decodeList, to say what it is.
func decodeSessions(x *exchange) (Page[Session], error) {
	var wire struct {
		Object  string    `json:"object"`
		HasMore bool      `json:"has_more"`
		Data    []Session `json:"data"`
	}
	odd := func(s Session) bool { return s.Object != objectSession || s.ID == "" }
	if json.Unmarshal(x.body, &wire) != nil || wire.Object != "list" || wire.Data == nil || slices.ContainsFunc(wire.Data, odd) {
		return decodeList[Session](x, objectSession)
	}
	return Page[Session]{HasMore: wire.HasMore, Date: serverDate(x.header), Data: wire.Data}, nil
}

// decodeJSON decodes an object and says in words what came instead of one.
func decodeJSON(body []byte, v any) error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return errors.New("an empty answer came")
	}
	if sample := sampleOf(body); sample != "" {
		return fmt.Errorf("this came instead of an object: %s", sample)
	}
	err := json.Unmarshal(body, v)
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return io.ErrUnexpectedEOF // cut off on its way, not another form
	case errors.As(err, &syntax):
		return fmt.Errorf("invalid JSON came: wrong at byte %d of %d", syntax.Offset, len(body))
	case errors.As(err, &mismatch) && mismatch.Field == "":
		return fmt.Errorf("a JSON %s came instead of an object", mismatch.Value)
	case errors.As(err, &mismatch):
		kind, _, _ := strings.Cut(mismatch.Value, " ") // a number's own digits follow
		return fmt.Errorf("a %s came in the field %q, which should hold something else", kind, mismatch.Field)
	}
	return errors.New("JSON of an unknown form came")
}

// kindWords names a kind of object; the API's own word is good enough for it.
func kindWords(object string) string {
	if object == "" {
		return "an object without a kind"
	}
	return "an object of the kind " + cut(object, 60)
}

// sampleOf returns the beginning of a body to show what it is. A body in the
// form of JSON is not shown: it may hold what must not be seen.
func sampleOf(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] == '{' || body[0] == '[' || body[0] == '"' {
		return ""
	}
	return string(body[:min(len(body), 4<<10)])
}
