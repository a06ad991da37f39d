package model

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
	"idtop/client/query"
)

// The fields of the form for a new session.
const (
	fieldType      = "type"
	fieldUser      = "user_id"
	fieldReference = "client_reference_id"
	fieldEmail     = "email"
	fieldSelfie    = "selfie"
	fieldLive      = "live"
	fieldNumber    = "number"
)

// NewSession asks for a new session.
type NewSession struct {
	Open mirror.Row // a waiting session of the same person

	asked string // the user_id of the last look for it
}

// openNew opens the form for a new session, for the person under the cursor. Its idempotency key stays the same
// until the form is closed, so that a repeated request makes no second session.
func (m *Model) openNew() tea.Cmd {
	user := ""
	if row, ok := m.List.Current(); ok {
		user = row.UserID
	} else if m.List.View.Kind == PersonView {
		user = m.List.View.UserID
	}
	person := textField(fieldUser, "user_id", "the person's id; it finds the session again", user)
	person.Offered = user != ""
	email := textField(fieldEmail, "E-mail", "optional; Stripe compares it", "")
	email.Private = true
	send := func(f *Form) tea.Cmd {
		f.Sending = true
		return m.create(f.newParams(), f.Key)
	}
	made := &NewSession{}
	cmd := m.openForm(Form{For: made, Key: m.config.NewKey(), send: send, question: asking(
		person,
		choiceField(fieldType, "Type", "document", "id_number"),
		choiceField(fieldSelfie, "Selfie", "no", "yes"),
		choiceField(fieldLive, "Live capture", "no", "yes"),
		choiceField(fieldNumber, "ID number", "no", "yes"),
		textField(fieldReference, "Reference", "optional: client_reference_id", ""),
		email,
		confirmField("create"),
	)})
	return tea.Batch(cmd, m.lookForOpen(made, user))
}

// lookForOpen looks for a session of the same person that still waits: its link
// replaces a new session.
func (m *Model) lookForOpen(made *NewSession, user string) tea.Cmd {
	user = query.TrimPasted(user)
	if user == made.asked {
		return nil
	}
	made.asked, made.Open = user, mirror.Row{}
	if user == "" {
		return nil
	}
	return m.findOpen(user)
}

// findOpen looks for waiting sessions of a person.
func (m *Model) findOpen(user string) tea.Cmd {
	ctx, store := m.config.Context, m.config.Store
	return func() tea.Msg {
		page, err := findWhole(ctx, store, mirror.Request{UserID: user, States: mirror.StatesOf(client.StateFailed, client.StateWaiting), Rows: 1})
		if err != nil {
			return nil // the form works without it
		}
		return openFound{user, page}
	}
}

// openFound is sent by findOpen with the waiting sessions of a user_id.
type openFound struct {
	user string
	page mirror.Page
}

func (m *Model) onOpenFound(msg openFound) tea.Cmd {
	f := open[*Form](m)
	if f == nil {
		return nil
	}
	if made, ok := f.For.(*NewSession); ok && made.asked == msg.user && len(msg.page.Rows) > 0 {
		made.Open = msg.page.Rows[0].Row
	}
	return nil
}

// reuse goes to the waiting session instead of making another one, and copies a fresh
// link of it.
func (m *Model) reuse(waiting mirror.Row) tea.Cmd {
	m.close()
	return tea.Batch(m.goTo(waiting), m.readLink(waiting))
}

// newParams are the parameters of the new session.
func (f *Form) newParams() client.SessionCreateParams {
	params := client.SessionCreateParams{
		Type:              f.Value(fieldType),
		ClientReferenceID: query.TrimPasted(f.Value(fieldReference)),
		Email:             client.Private(strings.TrimSpace(f.Value(fieldEmail))),
	}
	if user := query.TrimPasted(f.Value(fieldUser)); user != "" {
		params.Metadata = map[string]string{"user_id": user}
	}
	yes := func(name string) bool { return f.Value(name) == "yes" }
	if params.Type == "document" {
		params.Document = &client.DocumentOptions{
			RequireMatchingSelfie: yes(fieldSelfie), RequireLiveCapture: yes(fieldLive), RequireIDNumber: yes(fieldNumber),
		}
	}
	return params
}

func (m *Model) create(params client.SessionCreateParams, key string) tea.Cmd {
	ctx, desk := m.config.Context, m.config.Desk
	return func() tea.Msg {
		session, err := desk.Create(ctx, params, key)
		return formSent{key, true, mirror.Row{ID: session.ID, UserID: session.UserID()}, err}
	}
}
