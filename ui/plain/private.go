package plain

import (
	"idtop/client/mirror"
	"idtop/model"
)

// Names of people are said through this file only, except for revealed details.

// maskedWord is said in place of a name.
const maskedWord = "masked"

// private is a text that names somebody, unless nobody is named.
func private(m *model.Model, text string) string {
	if m.Privacy.On && text != "" {
		return maskedWord
	}
	return text
}

// whoseOf names the person of a session, or a substitute.
func whoseOf(m *model.Model, row mirror.Row) string {
	switch {
	case row.UserID != "":
		return private(m, row.UserID)
	case row.Reference != "":
		return "reference " + private(m, row.Reference)
	case row.Erased():
		return "a person who is forgotten"
	}
	return "no user_id"
}

// listedOf is whoseOf for a row among others.
func listedOf(m *model.Model, row mirror.Row) string {
	if row.UserID != "" && m.HidesListed(row.UserID) {
		return "a " + maskedWord + " user_id"
	}
	return whoseOf(m, row)
}

// quotedOf is whoseOf where it matters to the letter.
func quotedOf(m *model.Model, row mirror.Row) string {
	if row.UserID == "" || m.Privacy.On {
		return whoseOf(m, row)
	}
	return quoted(row.UserID)
}
