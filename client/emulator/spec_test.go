package emulator

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// spec is Stripe's published specification of what this server answers, made
// strict: no member beyond those that it names, and all that Stripe's own client
// libraries count on to be there.
type spec struct {
	answers map[string]schema // by METHOD /path/{id}
	refusal schema
	params  map[string][]string // by METHOD /path/{id}; nested as options[document]
	objects map[string]schema   // by the object member, and the parts that these refer to
}

// schema is a part of the specification, decoded.
type schema = map[string]any

var (
	specPathParam = regexp.MustCompile(`\{[a-z_]+\}`)
	// unused are members of errors about payments; without them the specification
	// of an error does not need that of everything else.
	unused = []string{"payment_intent", "payment_method", "setup_intent", "source"}
)

// stripeSpec reads the specification out of the module of Stripe's mock server.
var stripeSpec = sync.OnceValues(func() (*spec, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/stripe/stripe-mock").Output()
	if err != nil {
		return nil, err
	}
	var published struct {
		Paths      map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}
	// The published specification names as required what is never null. The one
	// that the libraries are made of names what is always there.
	var libraries struct {
		Components struct {
			Schemas map[string]struct{ Required []string }
		}
	}
	for name, to := range map[string]any{"spec3.json": &published, "spec3.beta.sdk.json": &libraries} {
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "embedded", "openapi", name))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, to); err != nil {
			return nil, err
		}
	}
	wanted := schema{"refusal": schema{"$ref": "#/components/schemas/error"}}
	params := map[string][]string{}
	for path, text := range published.Paths {
		if err := operationsOf(path, text, wanted, params); err != nil {
			return nil, err
		}
	}
	needed := namesIn(wanted)
	for len(needed) > 0 {
		name := needed[0]
		needed = needed[1:]
		if wanted[name] != nil {
			continue
		}
		var one schema
		if err := json.Unmarshal(published.Components.Schemas[name], &one); err != nil {
			return nil, err
		}
		if all := libraries.Components.Schemas[name].Required; all != nil {
			one["required"] = all
		}
		if properties, ok := one["properties"].(schema); ok && name == "api_errors" {
			for _, name := range unused {
				delete(properties, name)
			}
		}
		wanted[name] = one
		needed = append(needed, namesIn(one)...)
	}
	makeStrict(wanted)
	return sorted(wanted, params), nil
})

// operation is what the specification says of one.
type operation struct {
	Parameters []struct {
		In, Name string
		Schema   schema
	}
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema schema }
	}
}

// operationsOf adds what the operations at a path answer and take, if the path
// is one of ours. The account is left out: only its name is told here.
func operationsOf(path string, text []byte, answers schema, params map[string][]string) error {
	pattern := specPathParam.ReplaceAllString(path, "{id}")
	for _, e := range endpoints {
		if e.path != pattern || pattern == "/v1/account" {
			continue
		}
		var operations map[string]operation
		if err := json.Unmarshal(text, &operations); err != nil {
			return err
		}
		name, o := e.method+" "+e.path, operations[strings.ToLower(e.method)]
		answers["answer "+name] = o.Responses["200"].Content["application/json"].Schema
		for _, p := range o.Parameters {
			if p.In == "query" {
				params[name] = append(append(params[name], p.Name), namesUnder(p.Name, p.Schema)...)
			}
		}
		params[name] = append(params[name], namesUnder("", o.RequestBody.Content["application/x-www-form-urlencoded"].Schema)...)
	}
	return nil
}

// namesUnder are the names of the members of a parameter.
func namesUnder(name string, def schema) (names []string) {
	properties, _ := def["properties"].(schema)
	for key, inner := range properties {
		if name != "" {
			key = name + "[" + key + "]"
		}
		names = append(append(names, key), namesUnder(key, inner.(schema))...)
	}
	choices, _ := def["anyOf"].([]any)
	for _, one := range choices {
		names = append(names, namesUnder(name, one.(schema))...)
	}
	return names
}

// namesIn are the names of all schemas that a part refers to.
func namesIn(v any) (names []string) {
	switch v := v.(type) {
	case schema:
		for key, inner := range v {
			if ref, ok := inner.(string); ok && key == "$ref" {
				names = append(names, strings.TrimPrefix(ref, "#/components/schemas/"))
			} else if !strings.HasPrefix(key, "x-") {
				names = append(names, namesIn(inner)...)
			}
		}
	case []any:
		for _, inner := range v {
			names = append(names, namesIn(inner)...)
		}
	}
	return names
}

// makeStrict lets objects have no members but those that are named, and drops
// what only generators of code read.
func makeStrict(v any) {
	switch v := v.(type) {
	case schema:
		for key, inner := range v {
			if strings.HasPrefix(key, "x-") {
				delete(v, key)
			} else {
				makeStrict(inner)
			}
		}
		_, named := v["properties"].(schema)
		if _, open := v["additionalProperties"]; v["type"] == "object" && named && !open {
			v["additionalProperties"] = false
		}
	case []any:
		for _, inner := range v {
			makeStrict(inner)
		}
	}
}

// sorted puts each schema to its kind.
func sorted(wanted schema, params map[string][]string) *spec {
	s := &spec{params: params, answers: map[string]schema{}, objects: map[string]schema{}}
	for name, one := range wanted {
		if operation, is := strings.CutPrefix(name, "answer "); is {
			s.answers[operation] = one.(schema)
		} else if name == "refusal" {
			s.refusal = one.(schema)
		} else {
			s.objects[name] = one.(schema)
		}
	}
	return s
}

// check holds an answer of the API against the specification.
func (s *spec) check(t *testing.T, method, path string, r reply) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	e, _, failed := findEndpoint(method, path)
	ref := s.refusal
	if r.status == 200 && failed == nil {
		if ref = s.answers[e.method+" "+e.path]; ref == nil {
			t.Fatalf("Stripe's specification has no %s %s", e.method, e.path)
		}
	}
	if err := s.conforms("answer", ref, r.object); err != nil {
		t.Errorf("%s %s: %v\n%.2000s", method, path, err, r.text)
	}
	s.checkEvents(t, r.object)
}

// checkEvents holds the objects inside of events against theirs: for an event
// itself any object will do.
func (s *spec) checkEvents(t *testing.T, o object) {
	t.Helper()
	switch o["object"] {
	case "list":
		for _, one := range o["data"].([]any) {
			s.checkEvents(t, one.(object))
		}
	case "event":
		inner := o["data"].(object)["object"].(object)
		if err := s.conforms("object", s.objects[text(inner["object"])], inner); err != nil {
			t.Errorf("inside of event %v: %v\n%v", o["id"], err, inner)
		}
	}
}
