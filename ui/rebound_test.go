package ui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"idtop/keymap"
	"idtop/model"
)

// otherKeys tells whether every action of the programs under test has other keys than usual.
// Scripts still name the usual ones.
var otherKeys bool

// testKeys are the keys of the programs under test.
func testKeys() keymap.Map {
	if otherKeys {
		return rebound()
	}
	return keymap.Default()
}

// rebound has another key for each action: a letter of another alphabet, and a function key
// where letters are text.
var rebound = sync.OnceValue(func() keymap.Map {
	var letters []string
	for _, span := range [][2]rune{{'а', 'я'}, {'А', 'Я'}, {'α', 'ρ'}, {'σ', 'ω'}, {'Γ', 'Γ'}, {'Δ', 'Δ'}, {'Ξ', 'Ξ'}, {'Σ', 'Σ'}, {'Φ', 'Φ'}, {'Ψ', 'Ψ'}, {'Ω', 'Ω'}, {'ա', 'ֆ'}} {
		for r := span[0]; r <= span[1]; r++ {
			letters = append(letters, string(r))
		}
	}
	var bindings []keymap.Binding
	functions := 0
	for i, a := range keymap.Actions() {
		keys := []string{letters[i]}
		if a.Modes&keymap.Fields != 0 {
			functions++
			keys = append(keys, fmt.Sprintf("f%d", functions))
		}
		if a.Modes&^keymap.Fields == 0 {
			keys = keys[1:]
		}
		bindings = append(bindings, keymap.Binding{ID: string(a.ID), Keys: keys})
	}
	m, wrong := keymap.Bind(bindings)
	if wrong != nil {
		panic(fmt.Sprintf("%+v", wrong))
	}
	return m
})

// modeOf is what the keys mean on a screen.
func modeOf(m *model.Model) keymap.Mode {
	pages := map[model.OverlayKind]keymap.Mode{
		model.JobsOverlay: keymap.JobsMode, model.InsightsOverlay: keymap.InsightsMode, model.TimelineOverlay: keymap.TimelineMode,
		model.ViewsOverlay: keymap.ViewsMode, model.PeopleOverlay: keymap.PeopleMode,
	}
	switch modal := m.Modal.(type) {
	case *model.Dialog:
		return keymap.InDialog
	case *model.Form:
		return keymap.InForm
	case *model.PlanScreen:
		return keymap.InPlan
	case *model.Palette:
		return keymap.InPalette
	case model.SearchLine:
		return keymap.InSearch
	case *model.ViewLine:
		return keymap.InViews
	case *model.ColumnsBox:
		return keymap.InColumns
	case *model.Help:
		if modal.Searching {
			return keymap.InPalette
		}
		return keymap.HelpMode | keymap.Overlay
	case *model.Overlay:
		return keymap.Overlay | pages[modal.Kind]
	}
	if m.Focus == model.DetailPane {
		return keymap.Detail
	}
	return keymap.List
}

// translated is the key that the action of a usual key has now.
func translated(m *model.Model, key tea.KeyPressMsg) tea.KeyPressMsg {
	mode := modeOf(m)
	id, ok := keymap.Default().Resolve(mode, key.String())
	keys := rebound().Keys(id)
	inField := mode&keymap.Fields != 0
	if view, is := m.Modal.(*model.ViewLine); is && view.Delete {
		inField = false
	}
	acts := []keymap.ID{keymap.Alike, keymap.GiveUp, keymap.NextChoice}
	switch {
	case !ok, key.Code == tea.KeyEscape, inField && key.Text != "" && !slices.Contains(acts, id):
		return key
	case inField && id != keymap.Yes:
		keys = keys[len(keys)-1:]
		if slices.Contains(keymap.Actions()[0].Keys, keys[0]) {
			return key
		}
	}
	if n := 0; strings.HasPrefix(keys[0], "f") && len(keys[0]) > 1 {
		_, _ = fmt.Sscanf(keys[0], "f%d", &n)
		return tea.KeyPressMsg{Code: tea.KeyF1 + rune(n-1)}
	}
	r := []rune(keys[0])[0]
	return tea.KeyPressMsg{Code: r, Text: string(r)}
}

// sameScreen compares a screen with the one that is kept. With other keys it looks for the names
// of the usual ones instead.
func sameScreen(t *testing.T, screen string) {
	t.Helper()
	if !otherKeys {
		golden.RequireEqual(t, screen)
		return
	}
	if found := usualKeys(screen); found != nil {
		t.Errorf("the screen names %q:\n%s", found, screen)
	}
}

// usual are the names of keys that nothing else on the screens has: digits and signs are more than keys.
var usual = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, a := range keymap.Actions() {
		for _, name := range strings.Fields(keymap.Default().Label(a.ID)) {
			if r := []rune(name); len(r) > 1 || unicode.IsLetter(r[0]) {
				names[name] = true
			}
		}
	}
	delete(names, "esc")
	delete(names, "a") // an article
	delete(names, "ctrl+c")
	return names
})

// noKeys are words that are no keys where they stand: rows that a box covers in part, typed
// text, and plain English.
var noKeys = regexp.MustCompile(`^ *[✗○◐✓–◌⊘] [a-z]\b|▌? +[a-z] +(document|id_number)| [a-z] +…\w{6}|^ / \w+|U\+[0-9A-F]{4} for \w` +
	`|its end|the end\b|a space after|A (view keeps|fresh link|session waits)|enter never confirms`)

// usualKeys are the names of usual keys in a screen.
func usualKeys(screen string) (found []string) {
	for line := range strings.Lines(screen) {
		line = noKeys.ReplaceAllString(line, "")
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:.()│", r) }) {
			if usual()[word] {
				found = append(found, word+" in "+strings.TrimSpace(line))
			}
		}
	}
	return found
}

// TestNoScreenNamesTheUsualKeys when every action has another key: all screens that are kept, in
// one size.
func TestNoScreenNamesTheUsualKeys(t *testing.T) {
	if testing.Short() {
		t.Skip("it draws a hundred screens; TestNoKeyIsWritten reads the source")
	}
	all := sizes
	otherKeys, sizes = true, [][2]int{{160, 45}}
	t.Cleanup(func() { otherKeys, sizes = false, all })
	for name, screens := range map[string]func(*testing.T){
		"screens": TestScreens, "acting": TestActingScreens, "jobs": TestJobScreens, "views": TestViewsScreens, "timeline": TestTimelineScreens,
		"query": TestQueryScreens, "people": TestPeopleScreens, "insights": TestInsightsScreens, "erased": TestErasedScreens, "columns": TestColumnsScreens,
	} {
		t.Run(name, screens)
	}
}

// TestNoKeyIsWritten: what is drawn in the colour of keys is not the name of a usual key, and
// no text has a chord: both come from the keymap. The prompts of lines, / and :, are signs.
func TestNoKeyIsWritten(t *testing.T) {
	names := map[string]bool{}
	for _, a := range keymap.Actions() {
		for _, name := range strings.Fields(keymap.Default().Label(a.ID)) {
			names[name] = true
		}
	}
	for _, fixed := range []string{"esc", "ctrl+c", "/", ":"} {
		delete(names, fixed)
	}
	accent := regexp.MustCompile(`accent, safe\.Lit\("([^"]*)"\)`)
	chord := regexp.MustCompile(`"[^"]*\b(?:ctrl|alt|shift)\+[^"]*"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../model/*.go")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, name := range append(files, more...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		read++
		for _, drawn := range accent.FindAllSubmatch(text, -1) {
			for _, word := range strings.Fields(string(drawn[1])) {
				if names[word] {
					t.Errorf("%s draws the key %s: write keyOf and its action", name, word)
				}
			}
		}
		for _, chord := range chord.FindAllString(string(text), -1) {
			if !strings.Contains(chord, "ctrl+c") {
				t.Errorf("%s names a chord in %s: write {action}", name, chord)
			}
		}
	}
	if read < 50 {
		t.Errorf("%d files were read", read)
	}
}
