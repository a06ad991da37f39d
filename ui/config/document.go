package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"idtop/ui/fail"
	"idtop/ui/safe"
)

// Mistake is something wrong in a config. It never shows a key.
type Mistake struct {
	Line   int    `json:"line"` // from 1; 0: it has no place
	Column int    `json:"column"`
	Text   string `json:"text"`
	Way    string `json:"hint"`
}

// Words is the mistake on one line.
func (m Mistake) Words() string {
	if m.Line == 0 {
		return m.Text
	}
	return fmt.Sprintf("line %d, column %d: %s", m.Line, m.Column, m.Text)
}

// In is the mistake as a failure of a start with this config.
func (m Mistake) In(file string) *fail.Error {
	if m.Line == 0 {
		return fail.New(m.Way, "config %s: %s", safe.Quote(file), m.Text)
	}
	return fail.New(m.Way, "config %s, %s", safe.Quote(file), m.Words())
}

// document is a config that was read.
type document struct {
	name   string
	values map[string]any
	places map[string]place // of the keys, by their paths
}

type place struct{ line, column int }

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.line, other.line), cmp.Compare(p.column, other.column))
}

// join is the path of a key in a table: "" is the whole document.
func join(path, key string) string { return path + "\x00" + key }

func (d *document) mistake(path, hint, format string, args ...any) Mistake {
	at := d.places[path]
	return Mistake{Line: at.line, Column: at.column, Text: fmt.Sprintf(format, args...), Way: hint}
}

// keyPlaces is where keys belong.
const keyPlaces = "a key does not belong in the config: put it into a file that only you can read and name that in key_file, " +
	"or name a program that prints it in key_command, or set " + KeyVariable

// keyForm matches what is a key or the beginning of one.
var keyForm = regexp.MustCompile(`((?:sk|rk|rkcs)_(?:test|live)_|whsec_)[!-~]+`)

// wholeKey matches a key that is long enough to be one.
var wholeKey = regexp.MustCompile(`(?:(?:sk|rk|rkcs)_(?:test|live)_|whsec_)[A-Za-z0-9]{12}`)

func withoutKeys(text string) string {
	return keyForm.ReplaceAllString(text, "$1"+safe.Lit("…").String())
}

// keyName matches names under which people put a key.
var keyName = regexp.MustCompile(`(?i)(^|[_-])(api)?-?(key|secret|token)s?$`)

// readDocument reads a config. A text with a key in it is not read any further: no
// message about it repeats the key.
func readDocument(name string, text []byte) (*document, []Mistake) {
	d := &document{name: name, places: map[string]place{}}
	text = bytes.TrimPrefix(text, []byte("\uFEFF")) // as editors on Windows begin a file
	var found []Mistake
	for _, at := range wholeKey.FindAllIndex(text, -1) {
		line := 1 + bytes.Count(text[:at[0]], []byte("\n"))
		column := at[0] - bytes.LastIndexByte(text[:at[0]], '\n')
		found = append(found, Mistake{line, column, "a key is written here", keyPlaces})
	}
	if found != nil {
		return d, found
	}
	err := toml.Unmarshal(text, &d.values)
	var wrong *toml.DecodeError
	const hint = `settings are written like poll = "5s", one on a line; text stands in quotes`
	switch {
	case errors.As(err, &wrong):
		line, column := wrong.Position()
		return d, []Mistake{{line, column, withoutKeys(strings.TrimPrefix(wrong.Error(), "toml: ")), hint}}
	case err != nil:
		return d, []Mistake{{Text: withoutKeys(strings.TrimPrefix(err.Error(), "toml: ")), Way: hint}}
	}
	d.locate(text)
	return d, nil
}

// deepest is how deep a key can stand that has a place of its own. No setting is so deep.
const deepest = 16

// locate notes the places of the keys of a document without errors.
func (d *document) locate(text []byte) {
	var p unstable.Parser
	p.Reset(text)
	note := func(path string, key *unstable.Node) string {
		if strings.Count(path, "\x00") > deepest {
			return path
		}
		path = join(path, string(key.Data))
		if _, known := d.places[path]; !known {
			at := p.Shape(key.Raw).Start
			d.places[path] = place{at.Line, at.Column}
		}
		return path
	}
	table, entries := "", map[string]int{}
	// below is a path in the present entry of the list of tables that is there.
	below := func(path string) string {
		if n := entries[path]; n > 0 {
			return join(path, strconv.Itoa(n-1))
		}
		return path
	}
	var pair func(path string, n *unstable.Node)
	inner := func(path string, n *unstable.Node) {
		i := 0
		for each := n.Children(); each.Next(); {
			if c := each.Node(); c.Kind == unstable.KeyValue {
				pair(path, c)
			} else if i++; c.Kind == unstable.String {
				at := p.Shape(c.Raw).Start
				d.places[join(path, strconv.Itoa(i-1))] = place{at.Line, at.Column}
			} else if c.Kind == unstable.InlineTable {
				for fields := c.Children(); fields.Next(); {
					pair(join(path, strconv.Itoa(i-1)), fields.Node())
				}
			}
		}
	}
	pair = func(path string, n *unstable.Node) {
		for keys := n.Key(); keys.Next(); {
			path = note(path, keys.Node())
		}
		if v := n.Value(); v.Kind == unstable.InlineTable || v.Kind == unstable.Array {
			inner(path, v)
		}
	}
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.KeyValue:
			pair(table, e)
		case unstable.Table, unstable.ArrayTable:
			table = ""
			var at place
			for keys := e.Key(); keys.Next(); {
				table = note(below(table), keys.Node())
				start := p.Shape(keys.Node().Raw).Start
				at = place{start.Line, start.Column}
			}
			if e.Kind == unstable.ArrayTable {
				entries[table]++
				d.places[below(table)] = at
			}
			table = below(table)
		}
	}
}

// layer is a part of the config and its name in messages.
type layer struct {
	name   string
	path   string
	values map[string]any
}

// top is the layer of the settings for all profiles.
func (d *document) top() layer { return layer{"the config", "", d.values} }

// profile is the layer of a profile.
func (d *document) profile(name string) (l layer, ok bool) {
	all, _ := d.values[profilesTable].(map[string]any)
	values, ok := all[name].(map[string]any)
	return layer{"profile " + safe.Quote(name), join(join("", profilesTable), name), values}, ok
}

// layers are the layers that count with a profile, or with "" without one; earlier ones
// win. ok is false when there is no such profile.
func (d *document) layers(profile string) (all []layer, ok bool) {
	if profile == "" {
		return []layer{d.top()}, true
	}
	own, ok := d.profile(profile)
	return []layer{own, d.top()}, ok
}

// profiles are the names of the profiles, in the order of the config.
func (d *document) profiles() []string {
	all, _ := d.values[profilesTable].(map[string]any)
	return d.sorted(all, join("", profilesTable))
}

// checkedDocument reads a config and finds all its mistakes.
func checkedDocument(p *Process, name string, text []byte) (*document, []Mistake) {
	d, found := readDocument(name, text)
	if found == nil {
		found = d.check(p)
	}
	return d, found
}

// check finds all mistakes: those of a layer alone, and those of a profile with the
// settings for all.
func (d *document) check(p *Process) []Mistake {
	found := d.unknown(d.top())
	found = append(found, new(Options).take(p, d, map[string]bool{}, d.top())...)
	if all, is := d.values[profilesTable]; is {
		if _, is := all.(map[string]any); !is {
			found = append(found, d.mistake(join("", profilesTable), "write [profiles.NAME] and its settings below it", "profiles must be tables"))
		}
	}
	for _, name := range d.profiles() {
		l, ok := d.profile(name)
		if !ok {
			found = append(found, d.mistake(l.path, "write [profiles.NAME] and its settings below it", "%s must be a table", l.name))
			continue
		}
		if name == "" { // that is the settings without a profile
			found = append(found, d.mistake(l.path, "write [profiles.NAME]", "a profile needs a name"))
		}
		found = append(found, d.unknown(l)...)
		found = append(found, new(Options).take(p, d, map[string]bool{}, l)...)
		found = append(found, new(Options).take(p, d, map[string]bool{}, l, d.top())...)
	}
	if name, ok := d.values["profile"].(string); ok && name != "" {
		if _, ok := d.profile(name); !ok {
			found = append(found, d.mistake(join("", "profile"), d.profilesHint(), "there is no profile %s", quoted(name)))
		}
	}
	slices.SortStableFunc(found, func(a, b Mistake) int {
		return cmp.Or(place{a.Line, a.Column}.compare(place{b.Line, b.Column}), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(found)
}

// unknown finds the names of a layer that are no settings.
func (d *document) unknown(l layer) (found []Mistake) {
	for _, name := range d.sorted(l.values, l.path) {
		s, ok := settingOf(name)
		switch at := join(l.path, name); {
		case ok && s.top && l.path != "":
			found = append(found, d.mistake(at, "write it above all tables", "%s is for the top of the config only", name))
		case ok, name == profilesTable && l.path == "":
		case keyName.MatchString(name):
			found = append(found, d.mistake(at, keyPlaces, "%s is not known", quoted(name)))
		default:
			hint := didYouMean(name, append(Names(), profilesTable), knownNames())
			found = append(found, d.mistake(at, hint, "%s is not known", quoted(strings.ReplaceAll(strings.TrimPrefix(at, "\x00"), "\x00", "."))))
		}
	}
	return found
}

func (d *document) profilesHint() string {
	if all := d.profiles(); len(all) > 0 {
		return "there are " + strings.Join(slices.Sorted(slices.Values(all)), ", ")
	}
	return "add [profiles.NAME] to the config"
}

// take takes the settings of layers; earlier ones win, and given ones stay as they
// are. It returns the mistakes, and notes from where each setting is.
func (o *Options) take(p *Process, d *document, given map[string]bool, layers ...layer) (found []Mistake) {
	for _, l := range layers {
		here := map[string]string{} // the settings of this layer by their groups
		for i := range settings {
			s := &settings[i]
			v, ok := l.values[s.name]
			if !ok || s.top && l.path != "" {
				continue
			}
			at := join(l.path, s.name)
			if other, both := here[s.group()]; both {
				found = append(found, d.mistake(at, "leave one of them out", "%s of %s: there is a %s too", s.name, l.name, other))
				continue
			}
			if given[s.group()] && !s.adds {
				continue
			}
			here[s.group()] = s.name
			before := len(found)
			s.take(o, value{any: v, at: at, layer: l.name, name: s.name, form: s.form, hint: cmp.Or(s.hint, s.kind.hint), process: p, document: d, mistakes: &found})
			if len(found) == before {
				o.note(s.name, l.name)
			}
		}
		for group := range here {
			given[group] = true
		}
	}
	if last := layers[len(layers)-1]; last.path == "" { // only all layers together can be bound
		found = append(found, o.checkKeys(d)...)
	}
	return found
}

// note notes from where a setting is.
func (o *Options) note(name, from string) {
	if o.from == nil {
		o.from = map[string]string{}
	}
	if o.from[name] == "" {
		o.from[name] = from
	}
}
