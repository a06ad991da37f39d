package stripe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"idtop/client"
)

// The kinds of object in Stripe's answers.
const (
	objectSession = "identity.verification_session"
	objectReport  = "identity.verification_report"
	objectEvent   = "event"
	objectAccount = "account"
)

// errOtherID is the error for an object that was not asked for.
var errOtherID = errors.New("an object with another id than the one asked for came")

// head is the members that every object of the API has.
type head struct {
	ID     string `json:"id"`
	Object string `json:"object"`
}

// decodeObject decodes one object and checks that it is the one asked for.
//
// The errors are sentences that never hold a value of the answer, which may be
// a secret or a person's.
func decodeObject[T any](body []byte, object, id string, v *T) error {
	if err := checkHead(body, object, id); err != nil {
		return err
	}
	return decodeJSON(body, v)
}

// checkHead checks that an object is of this kind, has an id, and has this id
// unless it is "".
func checkHead(body []byte, object, id string) error {
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
	return nil
}

// decodeSession decodes one session, and notes the server's clock and id of the
// request. When a part can't be read it fails, and session has the rest.
func (s *Client) decodeSession(x *exchange, c *call, session *client.Session) error {
	if err := checkHead(x.body, objectSession, c.id); err != nil {
		return err
	}
	err := decodeJSON(x.body, session)
	if err == nil {
		err = s.ofThisMode(session, x.body)
	} else if read, odd := s.readSession(x.body); odd == nil {
		*session = read
	}
	session.Date = serverDate(x.header)
	session.RequestID = s.word(x.header.Get("Request-Id"))
	return err
}

// decodeJSON decodes an object; its errors describe any other body in words.
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
		return io.ErrUnexpectedEOF // cut off on its way: not another form
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

// sampleOf returns the beginning of a body, for an error. A body in the form of
// JSON is not shown: it may hold a secret or a person's data.
func sampleOf(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] == '{' || body[0] == '[' || body[0] == '"' {
		return ""
	}
	return string(body[:min(len(body), 4<<10)])
}
