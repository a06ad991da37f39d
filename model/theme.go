package model

import (
	"slices"
	"strings"

	"github.com/charmbracelet/colorprofile"

	"idtop/client/query"
)

// Themes are the names of the themes. A name that ends in neither -dark nor -light
// follows the terminal's background; auto is the usual theme that does, dark and light
// are the usual one on a fixed background, and mono has no colours.
var Themes = []string{
	"auto", "dark", "light", "contrast", "contrast-dark", "contrast-light",
	"deuteranopia", "deuteranopia-dark", "deuteranopia-light", "tritanopia", "tritanopia-dark", "tritanopia-light", "mono",
}

// setProfile takes how many colours the terminal has. The library asks the terminal itself,
// and takes its answer for more than the operator's wish.
func (m *Model) setProfile(profile colorprofile.Profile) {
	if !m.config.Colourless {
		m.Profile = profile
	}
}

// setTheme draws in another theme until the program ends.
func (m *Model) setTheme(name string) {
	name = strings.ToLower(name)
	if !slices.Contains(Themes, name) {
		hint := allThemes()
		if near := query.Nearest(name, Themes); near != "" {
			hint = "did you mean " + near + "?"
		}
		m.log(Message{Level: Refusal, Text: "There is no theme " + name, Hint: hint})
		return
	}
	m.Theme = name
	said := Message{Level: Told, Text: "The theme is " + name + " until you quit", Hint: `to keep it: theme = "` + name + `" in the config`}
	if m.Profile <= colorprofile.ASCII && name != "mono" {
		said.Level, said.Hint = Warning, "no colour is shown: NO_COLOR, CLICOLOR or TERM says so"
	}
	m.log(said)
}

// allThemes names the themes in a hint.
func allThemes() string { return "there are " + strings.Join(Themes, ", ") }
