package model

import (
	"errors"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"idtop/client"
	"idtop/client/mirror"
)

// The fields of the metadata form besides those of existing keys.
const (
	fieldKey   = "new key"
	fieldValue = "new value"
	metaPrefix = "metadata."
)

// Metadata asks for the metadata of a session.
type Metadata struct{ Session mirror.Row }

// editMetadata reads the session again, so that its present metadata is edited.
func (m *Model) editMetadata() tea.Cmd {
	row, _ := m.List.Current()
	return m.readMetadata(row.Row)
}

func (m *Model) readMetadata(row mirror.Row) tea.Cmd {
	ctx, api, store, clock, keys := m.config.Context, m.config.API, m.config.Store, m.config.Clock, m.typing.keys
	return func() tea.Msg {
		session, err := readInto(ctx, api, store, clock, row.ID)
		return metadataRead{keys, row, session, err}
	}
}

// metadataRead is sent by readMetadata. Its form opens only if no key came since.
type metadataRead struct {
	keys    int
	row     mirror.Row
	session client.Session
	err     error
}

// onMetadataRead opens the form with the present metadata of the session.
func (m *Model) onMetadataRead(msg metadataRead) tea.Cmd {
	switch {
	case msg.keys != m.typing.keys || !m.inPane():
		return nil // the operator has gone on
	case msg.err != nil:
		m.logErrorOf(msg.row, msg.err)
		return nil
	case msg.session.Status != client.StatusRequiresInput:
		m.log(Message{Level: Refusal, Text: "Can't edit the metadata of " + m.name(msg.row) + ": it is now " + msg.session.State().String()})
		return nil
	}
	f := Form{For: Metadata{msg.row}, Key: m.config.NewKey(), send: func(f *Form) tea.Cmd { return m.sendMetadata(f, msg.row) }}
	for _, key := range metadataKeys(msg.session.Metadata) {
		f.Fields = append(f.Fields, textField(metaPrefix+key, key, "empty: the key is taken away", msg.session.Metadata[key]))
	}
	f.Fields = append(f.Fields, textField(fieldKey, "New key", "optional", ""), textField(fieldValue, "New value", "", ""), confirmField("save"))
	return m.openForm(f)
}

func (m *Model) sendMetadata(f *Form, session mirror.Row) tea.Cmd {
	changes, err := f.changes()
	if err != nil {
		f.Err = err
		return nil
	}
	f.Sending = true
	return m.updateMetadata(session, changes, f.Key)
}

// metadataKeys are the keys in order, user_id first.
func metadataKeys(metadata map[string]string) []string {
	keys := slices.Sorted(maps.Keys(metadata))
	if i := slices.Index(keys, "user_id"); i > 0 {
		keys = append([]string{"user_id"}, slices.Delete(keys, i, i+1)...)
	}
	return keys
}

// changes are the changed keys of the metadata form; "" unsets a key. The error
// says why the changes can't be sent.
func (f *Form) changes() (map[string]string, error) {
	changed := map[string]string{}
	for i := range f.Fields {
		field := &f.Fields[i]
		if key, ok := strings.CutPrefix(field.Name, metaPrefix); ok && field.Value() != field.before {
			changed[key] = field.Value()
		}
	}
	key, value := strings.TrimSpace(f.Value(fieldKey)), f.Value(fieldValue)
	there := slices.ContainsFunc(f.Fields, func(other Field) bool { return other.Name == metaPrefix+key })
	switch {
	case key == "" && value != "":
		return nil, errors.New("the new value has no key")
	case key != "" && there:
		return nil, errors.New("the new key is there already: change it in its own field")
	case key != "" && value == "":
		return nil, errors.New("the new key has no value")
	case key != "":
		changed[key] = value
	}
	if len(changed) == 0 {
		return nil, errors.New("nothing was changed")
	}
	return changed, nil
}

func (m *Model) updateMetadata(row mirror.Row, changes map[string]string, key string) tea.Cmd {
	ctx, desk := m.config.Context, m.config.Desk
	return func() tea.Msg {
		_, err := desk.SetMetadata(ctx, row.ID, row.UserID, changes, key)
		return formSent{key, false, row, err}
	}
}

func (m *Model) whyNotMetadata(row mirror.Row) string {
	if why := m.whyNotActing(); why != "" && client.ValidSessionID(row.ID) {
		return why
	}
	return m.whyNotForPerson(row) // only a session that waits for the person can be changed
}
