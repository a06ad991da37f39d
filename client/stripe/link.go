package stripe

import (
	"context"
	"net/http"
	"net/url"

	"idtop/client"
)

// SessionLink reads a fresh link to the person's verification page. The link works
// once within 48 hours (API reference, session.url). This is the only way to a
// link: no session of this program holds one. Only a session in requires_input has
// one.
func (s *Client) SessionLink(ctx context.Context, id string) (client.Private, error) {
	c := &call{op: "read link", id: id, method: http.MethodGet, path: sessionsPath + "/" + id}
	if !client.ValidSessionID(id) {
		return "", c.refusal(client.BadID)
	}
	var wire struct {
		Status client.Status `json:"status"`
		URL    *string       `json:"url"`
	}
	err := s.send(ctx, c, func(x *exchange) error { return decodeObject(x.body, objectSession, id, &wire) })
	if err != nil {
		return "", err
	}
	if wire.URL == nil || *wire.URL == "" {
		return "", c.refusal("the session has no link: only one that waits for the person has")
	}
	if link, err := url.Parse(*wire.URL); err != nil || link.Host == "" || link.Scheme != "https" && link.Scheme != "http" {
		return "", c.refusal("the link in the answer is no web address")
	}
	return client.Private(*wire.URL), nil
}
