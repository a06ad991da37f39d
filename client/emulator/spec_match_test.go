package emulator

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// conforms tells where a value is not as a schema says. It knows the keywords
// that Stripe's specification uses for our objects and refuses all others, so
// that none is passed over.
func (s *spec) conforms(at string, def schema, v any) error {
	if ref, ok := def["$ref"].(string); ok {
		return s.conforms(at, s.objects[strings.TrimPrefix(ref, "#/components/schemas/")], v)
	}
	if def == nil {
		return fmt.Errorf("%s: the specification does not say what it is", at)
	}
	if v == nil {
		if def["nullable"] != true {
			return fmt.Errorf("%s is null", at)
		}
		return nil
	}
	var problems []error
	for keyword, says := range def {
		problems = append(problems, s.keyword(at, keyword, says, def, v))
	}
	return errors.Join(problems...)
}

// keyword holds a value against one keyword of a schema.
func (s *spec) keyword(at, keyword string, says any, def schema, v any) error {
	o, _ := v.(object)
	text, isText := v.(string)
	switch keyword {
	case "description", "title", "nullable", "format": // format: only unix-time, which tells no more than integer
	case "type":
		return hasType(at, says.(string), v)
	case "enum":
		if !slices.Contains(says.([]any), v) {
			return fmt.Errorf("%s is %v, not one of %v", at, v, says)
		}
	case "maxLength":
		if isText && float64(utf8.RuneCountInString(text)) > says.(float64) {
			return fmt.Errorf("%s is longer than %v", at, says)
		}
	case "pattern":
		if isText && !regexp.MustCompile(says.(string)).MatchString(text) {
			return fmt.Errorf("%s is %q, which does not match %v", at, text, says)
		}
	case "required":
		return hasMembers(at, says, o)
	case "properties", "additionalProperties":
		if keyword == "properties" || def["properties"] == nil {
			return s.members(at, def, o)
		}
	case "items":
		var problems []error
		list, _ := v.([]any)
		for i, one := range list {
			problems = append(problems, s.conforms(fmt.Sprintf("%s[%d]", at, i), says.(schema), one))
		}
		return errors.Join(problems...)
	case "anyOf":
		return s.anyOf(at, says.([]any), v)
	default:
		return fmt.Errorf("%s: the specification says %s, which this test does not know", at, keyword)
	}
	return nil
}

func hasType(at, name string, v any) error {
	ok := false
	switch v := v.(type) {
	case string:
		ok = name == "string"
	case bool:
		ok = name == "boolean"
	case float64:
		ok = name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		ok = name == "array"
	case object:
		ok = name == "object"
	}
	if !ok {
		return fmt.Errorf("%s is %v, not of type %s", at, v, name)
	}
	return nil
}

// hasMembers checks required, which is of texts that were read from two files.
func hasMembers(at string, names any, o object) error {
	all, ok := names.([]string)
	if !ok {
		for _, name := range names.([]any) {
			all = append(all, name.(string))
		}
	}
	for _, name := range all {
		if _, there := o[name]; !there {
			return fmt.Errorf("%s has no %s", at, name)
		}
	}
	return nil
}

// members checks each member against its own schema, or the one for all others.
func (s *spec) members(at string, def schema, o object) error {
	var problems []error
	properties, _ := def["properties"].(schema)
	for name, v := range o {
		inner, known := properties[name].(schema)
		if !known {
			inner, known = def["additionalProperties"].(schema)
			known = known || def["additionalProperties"] == true || def["additionalProperties"] == nil
		}
		if !known {
			problems = append(problems, fmt.Errorf("%s has an unknown member %s", at, name))
		} else if inner != nil {
			problems = append(problems, s.conforms(at+"."+name, inner, v))
		}
	}
	return errors.Join(problems...)
}

func (s *spec) anyOf(at string, choices []any, v any) error {
	var problems []error
	for _, one := range choices {
		err := s.conforms(at, one.(schema), v)
		if err == nil {
			return nil
		}
		problems = append(problems, err)
	}
	return fmt.Errorf("%s is none of what it may be: %w", at, errors.Join(problems...))
}
