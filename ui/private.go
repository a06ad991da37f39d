package ui

import (
	"unicode/utf8"

	"idtop/model"
	"idtop/ui/safe"
)

// Names of people reach the screen through this file only, but for revealed values: user_ids,
// references, customers, values of metadata, and text that is typed where such a value may
// stand. A test looks for other ways.

func masked() safe.Text { return safe.Spelled(model.Masked) }

// private is a text that names somebody, or its mask while nobody is named.
func private(m *model.Model, t safe.Text) safe.Text {
	if m.Privacy.On && !t.IsEmpty() {
		return masked()
	}
	return t
}

// listed is the user_id of a row among others, or its mask.
func listed(m *model.Model, userID string, t safe.Text) safe.Text {
	if m.HidesListed(userID) && !t.IsEmpty() {
		return masked()
	}
	return t
}

// typed is text that is being typed, or as many dots: the cursor stays where it is.
func typed(m *model.Model, text string) safe.Text {
	if m.Privacy.On {
		return safe.Lit("•").Repeat(utf8.RuneCountInString(text))
	}
	return safe.Line(text)
}

// privacyOption is the note of the header that nobody is named.
func privacyOption(on *palette, m *model.Model) option {
	if !m.Privacy.On {
		return option{}
	}
	return option{forms: []row{{{on.processing, safe.Lit("  names off")}}}}
}
