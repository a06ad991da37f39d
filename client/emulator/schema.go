package emulator

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// form is the required form of a parameter.
type form uint8

const (
	formText form = iota
	formEnum
	formInteger
	formBoolean
	formEmail
	formURL
	formTexts    // a text, or a list of them
	formDay      // such as 1990-05-17, or day, month and year
	formList     // of texts, or of the listed values
	formObject   // of the given fields
	formTime     // Unix seconds, or now
	formRange    // an integer, or gt, gte, lt and lte
	formMetadata // keys and values of the integrator's own
)

// field is a parameter that an endpoint knows.
type field struct {
	name      string
	form      form
	values    []string // of an enum
	fields    []field  // of an object
	clearable bool     // may be sent empty to unset its field
}

// Stripe's limits of texts and metadata, in characters.
const (
	maxText          = 5000
	maxMetadataKeys  = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
)

var rangeFields = []field{
	{name: "gt", form: formInteger}, {name: "gte", form: formInteger},
	{name: "lt", form: formInteger}, {name: "lte", form: formInteger},
}

// validate checks every parameter of an object against the known fields.
func validate(n *node, fields []field) *apiError {
	for _, m := range n.members {
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == m.key })
		if at < 0 {
			return invalid(clip(m.name), "parameter_unknown", "Received unknown parameter: %s", clip(m.name))
		}
		if err := fields[at].check(m); err != nil {
			return err
		}
	}
	return nil
}

// parseForm decodes parameters and refuses those that are not as the fields say.
func parseForm(raw string, fields []field) (*node, *apiError) {
	form, err := decodeForm(raw)
	if err == nil {
		err = validate(form, fields)
	}
	return form, err
}

func (f field) check(n *node) *apiError {
	if n.leaf && n.text == "" {
		if f.clearable {
			return nil
		}
		return invalid(n.name, "parameter_invalid_empty", "You passed an empty string for '%s'. We assume empty values are an attempt to unset a field; "+
			"however '%s' cannot be unset. You should remove '%s' from your request or supply a non-empty value.", n.name, n.name, n.name)
	}
	switch f.form {
	case formObject:
		if n.leaf {
			return invalid(n.name, "", "Invalid object")
		}
		return validate(n, f.fields)
	case formRange:
		if !n.leaf {
			return validate(n, rangeFields)
		}
		return checkInteger(n)
	case formDay:
		if _, ok := readDay(n); !ok {
			return invalid(n.name, "", "Invalid %s: write it like 1990-05-17, or as day, month and year", n.name)
		}
		return nil
	case formTexts:
		if !n.leaf {
			return f.checkList(n)
		}
	case formList:
		return f.checkList(n)
	case formMetadata:
		return checkMetadata(n)
	}
	if !n.leaf {
		return invalid(n.name, "", "Invalid string")
	}
	return f.checkLeaf(n)
}

func (f field) checkLeaf(n *node) *apiError {
	switch f.form {
	case formEnum:
		if !slices.Contains(f.values, n.text) {
			return invalid(n.name, "", "Invalid %s: must be one of %s", n.name, alternatives(f.values))
		}
	case formTime:
		if n.text != "now" {
			return checkInteger(n)
		}
	case formInteger:
		return checkInteger(n)
	case formBoolean:
		if n.text != "true" && n.text != "false" {
			return invalid(n.name, "", "Invalid boolean: %s", clip(n.text))
		}
	case formEmail:
		if local, domain, ok := strings.Cut(n.text, "@"); !ok || local == "" || domain == "" {
			return invalid(n.name, "email_invalid", "Invalid email address: %s", clip(n.text))
		}
	case formURL:
		if u, err := url.Parse(n.text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			return invalid(n.name, "url_invalid", "Not a valid URL")
		}
	}
	if utf8.RuneCountInString(n.text) > maxText {
		return invalid(n.name, "", "Invalid string: %s; must be at most %d characters", clip(n.text), maxText)
	}
	return nil
}

func checkInteger(n *node) *apiError {
	if _, err := strconv.ParseInt(n.text, 10, 64); err != nil {
		return invalid(n.name, "parameter_invalid_integer", "Invalid integer: %s", clip(n.text))
	}
	return nil
}

func (f field) checkList(n *node) *apiError {
	if n.leaf {
		return invalid(n.name, "", "Invalid array")
	}
	element := field{form: formText}
	if f.values != nil {
		element = field{form: formEnum, values: f.values}
	}
	for i, m := range n.members {
		if _, err := strconv.ParseUint(m.key, 10, 16); err != nil && m.key != "" {
			return invalid(clip(n.name), "", "Invalid array")
		}
		if m.key == "" {
			m.name = n.name + "[" + strconv.Itoa(i) + "]"
		}
		if err := element.check(m); err != nil {
			return err
		}
	}
	return nil
}

// readDay reads a date that exists.
func readDay(n *node) (date, bool) {
	text := n.text
	if !n.leaf {
		if len(n.members) != 3 {
			return date{}, false
		}
		numbers := [3]int{}
		for i, name := range []string{"year", "month", "day"} {
			v, err := strconv.Atoi(n.value(name))
			if err != nil || v < 1 || v > 9999 {
				return date{}, false
			}
			numbers[i] = v
		}
		text = fmt.Sprintf("%04d-%02d-%02d", numbers[0], numbers[1], numbers[2])
	}
	d := dayNamed(text)
	return d, d != (date{})
}

// checkMetadata checks the sizes; messages don't quote values, which may be
// personal.
func checkMetadata(n *node) *apiError {
	if n.leaf {
		return invalid(n.name, "", "Invalid object")
	}
	for _, m := range n.members {
		switch {
		case !m.leaf:
			return invalid(clip(m.name), "", "Invalid string")
		case m.key == "":
			return invalid(n.name, "", "Metadata keys cannot be empty")
		case utf8.RuneCountInString(m.key) > maxMetadataKey:
			return invalid(clip(m.name), "", "Metadata keys can have up to %d characters, but you passed in a key that is %d characters",
				maxMetadataKey, utf8.RuneCountInString(m.key))
		case utf8.RuneCountInString(m.text) > maxMetadataValue:
			return invalid(clip(m.name), "", "Metadata values can have up to %d characters, but you passed in a value that is %d characters",
				maxMetadataValue, utf8.RuneCountInString(m.text))
		}
	}
	return nil
}

// merge applies metadata that was sent to metadata that there is. An empty
// value unsets its key, an empty metadata all of them.
func merge(old []pair, sent *node) ([]pair, *apiError) {
	if sent == nil {
		return old, nil
	}
	if sent.leaf {
		return nil, nil
	}
	merged := slices.Clone(old)
	for _, m := range sent.members {
		at := slices.IndexFunc(merged, func(p pair) bool { return p.key == m.key })
		switch {
		case m.text == "" && at >= 0:
			merged = slices.Delete(merged, at, at+1)
		case m.text == "":
		case at >= 0:
			merged[at].value = m.text
		default:
			merged = append(merged, pair{m.key, m.text})
		}
	}
	if len(merged) > maxMetadataKeys {
		return nil, invalid("metadata", "", "Metadata can have up to %d keys, but this would be %d", maxMetadataKeys, len(merged))
	}
	return merged, nil
}

// alternatives lists values as a sentence does: a, b, or c.
func alternatives(values []string) string {
	switch n := len(values); n {
	case 0, 1:
		return strings.Join(values, "")
	case 2:
		return values[0] + " or " + values[1]
	default:
		return strings.Join(values[:n-1], ", ") + ", or " + values[n-1]
	}
}
