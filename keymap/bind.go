package keymap

import (
	"slices"
	"strings"
)

// Binding gives keys to an action in place of those of the registry; none at all when
// Keys is empty.
type Binding struct {
	ID   string
	Keys []string // as the operator writes them
}

// Problem says why a binding can't be.
type Problem struct {
	Binding int    // its index
	Key     int    // the index of the key, -1: it is about the action
	Text    string // without the names of the action and the key
	Hint    string
	Wrong   string   // a name that is unknown, or ""
	Known   []string // the names that could be meant by it
}

// fixed are the keys that lead out of everything. Each action of the registry that has
// one keeps it, and no other action takes one.
var fixed = []string{"esc", "ctrl+c"}

// needed are the actions that can't be without a key.
var needed = []ID{Quit, Back, Yes}

// confirming are the actions that change something without a further question, and the
// actions by which the operator comes to them.
var confirming = map[ID][]ID{
	Yes:      {Cancel, Redact, ViewDelete, Run, HelpRun},
	JobClose: {Jobs, Run, HelpRun},
	GiveUp:   {Palette, Run},
}

// typed are the letters with which a phrase is typed where a letter is also an action.
var typed = map[ID]string{
	Alike:  "CR",    // CANCEL, REDACT
	GiveUp: "write", // the word that is asked for in the same form
}

// moving are the keys that move in every program. The keys of the actions that move are
// no confirmation either.
var moving = []string{"up", "down", "left", "right", "pgup", "pgdown", "home", "end", "tab", "shift+tab"}

// editing are the keys that edit the text of a field.
var editing = []string{"backspace", "delete", "left", "right", "home", "end"}

// contexts are the modes whose keys are told from each other: a page adds actions to
// those of all pages.
var contexts = func() (all []Mode) {
	for mode := List; mode < modes; mode <<= 1 {
		if mode&(Pages|HelpMode) != 0 {
			all = append(all, mode|Overlay)
		} else {
			all = append(all, mode)
		}
	}
	return all
}()

// Bind returns the bindings of the registry with those of the operator in place of them. If
// one has a problem, it returns all problems and binds nothing.
func Bind(bindings []Binding) (Map, []Problem) {
	m := Default()
	whose := map[ID]int{} // the binding of an action
	var wrong []Problem
	for i, b := range bindings {
		a, ok := Lookup(ID(b.ID))
		switch {
		case !ok:
			wrong = append(wrong, Problem{Binding: i, Key: -1, Text: "there is no such action", Hint: "KEYS.md lists the actions", Wrong: b.ID, Known: ids()})
			continue
		case len(b.Keys) == 0 && slices.Contains(needed, a.ID):
			wrong = append(wrong, Problem{Binding: i, Key: -1, Text: "it can't be without a key", Hint: "name a key, or leave the line out for " + label(a.Keys)})
			continue
		}
		var keys []string
		for j, written := range b.Keys {
			name, p := a.takes(written)
			if p == nil && slices.Contains(keys, name) {
				p = &Problem{Text: "it is named twice", Hint: "name it once"}
			}
			if p != nil {
				p.Binding, p.Key = i, j
				wrong = append(wrong, *p)
				continue
			}
			keys = append(keys, name)
		}
		for _, k := range a.Keys {
			if slices.Contains(fixed, k) && !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
		a.Keys = keys
		m.bound[a.ID], whose[a.ID] = a, i
	}
	m.index()
	if wrong = append(wrong, m.check(bindings, whose)...); wrong != nil {
		return Map{}, wrong
	}
	return m, nil
}

// takes returns the name of a key that the action may have on its own, whatever the keys of
// others are.
func (a Action) takes(written string) (string, *Problem) {
	name, why, hint, known := keyOf(written)
	chooses := a.ID == NextChoice || a.ID == PreviousChoice // in a field without text
	problem := func(text, hint string) (string, *Problem) { return "", &Problem{Text: text, Hint: hint} }
	switch {
	case why != "":
		return "", &Problem{Text: why, Hint: hint, Wrong: strings.ToLower(written), Known: known}
	case slices.Contains(fixed, name) && !slices.Contains(byID[a.ID].Keys, name):
		return problem("it always leads out, in every program", "choose another")
	case Confirms(a.ID) && (name == "enter" || name == "space" || slices.Contains(moving, name)):
		return problem("it is pressed by habit, and this would carry something out", "choose a letter that is nothing else here")
	case writes(name) && strings.Contains(typed[a.ID], name):
		return problem("it is a letter of what is typed there to confirm", "choose another")
	case writes(name) && a.Modes&^Fields == 0 && typed[a.ID] == "" && !chooses:
		return problem("it is text where this acts: in a field", `choose a key that writes nothing, such as "f5" or "ctrl+x"`)
	case slices.Contains(editing, name) && a.Modes&Fields != 0 && !chooses:
		return problem("it edits the text of a field where this acts", "choose another")
	}
	return name, nil
}

// check finds the problems among the actions: a key with two meanings where both act, and a
// confirmation by a key that moves or that leads to it. A problem is of the later binding.
func (m Map) check(bindings []Binding, whose map[ID]int) (wrong []Problem) {
	told := map[[2]ID]bool{}
	problem := func(a, b ID, key, text, hint string) {
		if told[[2]ID{a, b}] || told[[2]ID{b, a}] {
			return
		}
		told[[2]ID{a, b}] = true
		if i, ok := whose[b]; ok && i >= bindingOf(whose, a) {
			a, b = b, a
		}
		i := whose[a]
		j := slices.IndexFunc(bindings[i].Keys, func(written string) bool { name, _, _, _ := keyOf(written); return name == key })
		if slices.Contains(needed, b) {
			hint = strings.TrimSuffix(hint, noneToo)
		}
		wrong = append(wrong, Problem{Binding: i, Key: j, Text: strings.ReplaceAll(text, "{}", string(b)), Hint: strings.ReplaceAll(hint, "{}", string(b))})
	}
	for _, a := range actions {
		for _, key := range m.bound[a.ID].Keys {
			for _, id := range m.byKey[key] {
				switch {
				case id == a.ID:
				case meet(a.Modes, byID[id].Modes):
					problem(a.ID, id, key, "{} has this key too, and both act in one place", "give {} another key too"+noneToo)
				case Confirms(id) && moves(a.ID):
					problem(a.ID, id, key, "{} has this key, and one of the two moves while the other carries something out", "choose another")
				case slices.Contains(confirming[id], a.ID):
					problem(a.ID, id, key, "{} has this key, and one of the two leads to the other: a key pressed twice would carry something out", "choose another")
				}
			}
		}
	}
	return wrong
}

// noneToo ends a hint about an action that can be without a key.
const noneToo = ", or none: {} = []"

// bindingOf is the index of the binding of an action, -1 when the operator has none.
func bindingOf(whose map[ID]int, id ID) int {
	if i, ok := whose[id]; ok {
		return i
	}
	return -1
}

// meet tells whether two actions act in one place.
func meet(a, b Mode) bool {
	return slices.ContainsFunc(contexts, func(c Mode) bool { return a&c != 0 && b&c != 0 })
}

// moves tells whether an action moves.
func moves(id ID) bool { return byID[id].Group == Moving }

// Confirms tells whether an action carries something out without a further question.
func Confirms(id ID) bool { _, ok := confirming[id]; return ok }

// Repeats tells whether an action is carried out again and again while its key is held down.
func Repeats(id ID) bool {
	return moves(id) || slices.Contains([]ID{MarkUp, MarkDown, ViewUp, ViewDown, ColumnUp, ColumnDown, JobNext, JobPrevious}, id)
}

func ids() []string {
	all := make([]string, len(actions))
	for i, a := range actions {
		all[i] = string(a.ID)
	}
	return all
}
