package model

import (
	"strings"

	"idtop/client/query"
)

// Themes are the names of the themes. A name that ends in neither -dark nor -light
// follows the terminal's background; auto is the usual theme that does, dark and light
// are the usual one on a fixed background, and mono has no colours.
var Themes = []string{
	"auto", "dark", "light", "contrast", "contrast-dark", "contrast-light",
	"deuteranopia", "deuteranopia-dark", "deuteranopia-light", "tritanopia", "tritanopia-dark", "tritanopia-light", "mono",
}

// setTheme draws in another theme until the program ends.
func (m *Model) setTheme(name string) {
	name = strings.ToLower(name)
	for _, theme := range Themes {
		if name == theme {
			m.Theme = name
			m.log(Message{Level: Told, Text: "The theme is " + name + " until you quit", Hint: `to keep it: theme = "` + name + `" in the config`})
			return
		}
	}
	hint := "there are " + strings.Join(Themes, ", ")
	if near := query.Nearest(name, Themes); near != "" {
		hint = "did you mean " + near + "?"
	}
	m.log(Message{Level: Refusal, Text: "There is no theme " + name, Hint: hint})
}
