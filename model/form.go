package model

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"idtop/client/query"
	"idtop/keymap"
)

// FieldKind is how a field of a form is filled in.
type FieldKind uint8

// The kinds of field.
const (
	TextField    FieldKind = iota
	ChoiceField            // one of Choices, by left, right and space
	ConfirmField           // its word sends the form
)

// longestField is the longest value of a field, in characters: Stripe
// takes no more of a metadata value.
const longestField = 500

// Field is one line of a form.
type Field struct {
	Name    string // for the handler of the form
	Label   string
	Hint    string // shown while it is empty
	Kind    FieldKind
	Choices []string
	Want    string // the word that confirms, in a ConfirmField
	Private bool   // drawn masked unless it has the keys
	Offered bool   // its value is a suggestion: the first letter or a paste replaces it

	before string // its initial value
	input  textinput.Model
}

// Value returns the value of the field.
func (f *Field) Value() string { return f.input.Value() }

// Cursor returns how many characters of Value are before the cursor.
func (f *Field) Cursor() int { return f.input.Position() }

// Names tells whether the value may name a person.
func (f *Field) Names() bool {
	switch f.Name {
	case fieldUser, fieldReference, fieldEmail, fieldValue:
		return true
	}
	return strings.HasPrefix(f.Name, metaPrefix)
}

// Note names characters of the value that a reader overlooks. It is "" in fields
// that are not ids: only ids have to match to the letter.
func (f *Field) Note() string {
	switch f.Name {
	case fieldUser, fieldReference: // white space at the ends is not sent
		return query.Within(query.TrimPasted(f.Value()))
	case metaPrefix + fieldUser:
		return query.Within(f.Value())
	}
	return ""
}

// textField is an empty field for text.
func textField(name, label, hint, value string) Field {
	return newField(Field{Name: name, Label: label, Hint: hint}, value)
}

// choiceField is a field with choices; the first is chosen.
func choiceField(name, label string, choices ...string) Field {
	return newField(Field{Name: name, Label: label, Kind: ChoiceField, Choices: choices}, choices[0])
}

// fieldConfirm is the name of the field that confirms.
const fieldConfirm = "confirm"

// confirmField is the field for the word that sends a form or starts a plan.
func confirmField(want string) Field {
	return newField(Field{Name: fieldConfirm, Label: "Confirm", Kind: ConfirmField, Want: want}, "")
}

func newField(f Field, value string) Field {
	input := textinput.New()
	input.Prompt = ""
	input.CharLimit = longestField
	input.KeyMap.Paste.SetEnabled(false)
	input.SetVirtualCursor(false)
	input.SetValue(value)
	input.CursorEnd()
	f.input, f.before = input, input.Value() // the value as the field can show it
	return f
}

// fields are the lines of a form, and the index of the one with the keys.
type fields struct {
	Fields []Field
	At     int
}

// Field returns the field with a name.
func (f *fields) Field(name string) *Field {
	i := slices.IndexFunc(f.Fields, func(field Field) bool { return field.Name == name })
	return &f.Fields[i]
}

// Value returns the value of the field with a name.
func (f *fields) Value(name string) string { return f.Field(name).Value() }

// Confirm returns the field that confirms.
func (f *fields) Confirm() *Field { return f.Field(fieldConfirm) }

// Confirmed tells whether the confirmation was typed.
func (f *fields) Confirmed() bool {
	confirm := f.Confirm()
	return confirm.Want != "" && confirm.Value() == confirm.Want
}

// clearAnswer empties the field that confirms.
func (f *fields) clearAnswer() {
	f.Confirm().input.Reset()
}

// answering tells whether the field with the keys is the confirmation.
func (f *fields) answering() bool { return f.Fields[f.At].Kind == ConfirmField }

// move gives the keys to another field.
func (f *fields) move(by int) {
	f.At = clamp(f.At+by, len(f.Fields))
}

// turn is move that wraps around the ends: a plan is confirmed in its first field,
// and tab comes back there.
func (f *fields) turn(by int) {
	f.At = (f.At + by + len(f.Fields)) % len(f.Fields)
}

// take takes a key into the fields: as an action among fields, or as text. Enter
// sends nothing; from the confirmation it moves no further than the last field.
func (f *fields) take(id keymap.ID, msg tea.KeyPressMsg) {
	choosing := f.Fields[f.At].Kind == ChoiceField
	switch {
	case id == keymap.NextField, id == keymap.EnterField && !f.answering():
		f.turn(+1)
	case id == keymap.PreviousField:
		f.turn(-1)
	case id == keymap.Down, id == keymap.EnterField:
		f.move(+1)
	case id == keymap.Up:
		f.move(-1)
	case choosing && id == keymap.NextChoice:
		f.choose(+1)
	case choosing && id == keymap.PreviousChoice:
		f.choose(-1)
	case !choosing:
		f.edit(msg)
	}
}

func (f *fields) choose(by int) {
	field := &f.Fields[f.At]
	n := len(field.Choices)
	next := (slices.Index(field.Choices, field.Value()) + by + n) % n
	f.set(f.At, field.Choices[next])
}

// paste takes a paste into a field for text; it never confirms.
func (f *fields) paste(msg tea.PasteMsg) {
	if f.Fields[f.At].Kind == TextField {
		f.edit(msg)
	}
}

// edit gives a message to the field with the keys.
func (f *fields) edit(msg tea.Msg) {
	field := &f.Fields[f.At]
	input := &field.input
	if key, typed := msg.(tea.KeyPressMsg); field.Offered && (!typed || key.Text != "") {
		input.Reset()
	}
	field.Offered = false
	input.Focus()
	*input, _ = input.Update(msg)
}

func (f *fields) set(at int, value string) {
	input := &f.Fields[at].input
	input.SetValue(value)
	input.CursorEnd()
}
