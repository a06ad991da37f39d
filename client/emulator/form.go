package emulator

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Limits of a request's parameters.
const (
	maxBody       = 1 << 20 // bytes
	maxParameters = 1000
	maxNesting    = 6
)

// node is a parameter: a text, or members by name. options[document][x]=y is
// the text y under x under document under options; the elements of a list are
// members called "" or by number.
type node struct {
	name    string // as the request spells it, such as options[document]
	key     string // the last part of it
	text    string
	leaf    bool
	members []*node
}

// decodeForm reads parameters in the form of URLs and form bodies. A name given
// twice has the later value, except in lists.
func decodeForm(raw string) (*node, *apiError) {
	root := &node{}
	if raw == "" {
		return root, nil
	}
	for n, field := range strings.Split(raw, "&") {
		if n >= maxParameters {
			return nil, invalid("", "", "Received too many parameters: at most %d are accepted.", maxParameters)
		}
		if field == "" {
			continue
		}
		name, text, _ := strings.Cut(field, "=")
		name, nameErr := url.QueryUnescape(name)
		text, textErr := url.QueryUnescape(text)
		if nameErr != nil || textErr != nil || !utf8.ValidString(name) || !utf8.ValidString(text) {
			return nil, invalid("", "", "Invalid encoding of the parameters: they must be URL-encoded UTF-8.")
		}
		if err := root.add(name, text); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// add puts one parameter into the tree.
func (n *node) add(name, text string) *apiError {
	keys := splitName(name)
	if len(keys) > maxNesting {
		return invalid(clip(name), "", "Invalid parameter: %s is nested too deeply.", clip(name))
	}
	at := n
	for depth, key := range keys {
		at = at.member(key)
		if last := depth == len(keys)-1; last && len(at.members) > 0 || !last && at.leaf {
			return invalid(clip(at.name), "", "Invalid %s: received both a value and an object.", clip(at.name))
		}
	}
	at.text, at.leaf = text, true
	return nil
}

// member finds or makes a member; those called "" are always new.
func (n *node) member(key string) *node {
	if key != "" {
		if m := n.get(key); m != nil {
			return m
		}
	}
	m := &node{name: key, key: key}
	if n.name != "" {
		m.name = n.name + "[" + key + "]"
	}
	n.members = append(n.members, m)
	return m
}

// splitName splits a[b][c] into a, b and c. A name with unpaired brackets stays
// unchanged.
func splitName(name string) []string {
	first, rest, nested := strings.Cut(name, "[")
	if !nested || first == "" {
		return []string{name}
	}
	keys := []string{first}
	for {
		key, after, ok := strings.Cut(rest, "]")
		if !ok || strings.ContainsRune(key, '[') {
			return []string{name}
		}
		keys = append(keys, key)
		if after == "" {
			return keys
		}
		if after[0] != '[' {
			return []string{name}
		}
		rest = after[1:]
	}
}

// get finds a parameter by its path, or gives nil.
func (n *node) get(path ...string) *node {
	for _, key := range path {
		var found *node
		for _, m := range n.members {
			if m.key == key {
				found = m
				break
			}
		}
		if found == nil {
			return nil
		}
		n = found
	}
	return n
}

// value is the text of a parameter, "" if it was not given.
func (n *node) value(path ...string) string {
	if m := n.get(path...); m != nil {
		return m.text
	}
	return ""
}

// texts are the elements of a list, or the one text that was sent in its place.
func (n *node) texts(name string) []string {
	if m := n.get(name); m != nil && m.leaf {
		return []string{m.text}
	}
	return n.values(name)
}

// values are the elements of a list.
func (n *node) values(path ...string) []string {
	list := n.get(path...)
	if list == nil {
		return nil
	}
	var texts []string
	for _, m := range list.members {
		texts = append(texts, m.text)
	}
	return texts
}
