package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// spec is Stripe's published specification of what this server answers, made
// strict: no member beyond those that it names, and all that Stripe's own client
// libraries count on to be there.
type spec struct {
	answers openapi3.Schemas // by METHOD /path/{id}
	refusal *openapi3.SchemaRef
	params  map[string][]string // by METHOD /path/{id}; nested as options[document]
	objects openapi3.Schemas    // by the object member, and the parts that these refer to
	// versions are those that a webhook endpoint can be created for: all that there are.
	versions []string
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
	// stripe-mock is a tool, in the module of tools. Its specification is in its source.
	out, err := exec.Command("go", "mod", "download", "-C", "../../.ci/tools", "-json", "github.com/stripe/stripe-mock").Output()
	if err != nil {
		return nil, err
	}
	var mock struct{ Dir string }
	if err := json.Unmarshal(out, &mock); err != nil {
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
		text, err := os.ReadFile(filepath.Join(mock.Dir, "embedded", "openapi", name))
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
	versions, err := versionsIn(published.Paths["/v1/webhook_endpoints"])
	if err != nil {
		return nil, err
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
	s, err := loadSpec(wanted, params)
	if err == nil {
		s.versions = versions
	}
	return s, err
})

// versionsIn are the versions that a webhook endpoint can be created for.
func versionsIn(path []byte) ([]string, error) {
	var operations struct {
		Post struct {
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Properties struct {
							Version struct{ Enum []string } `json:"api_version"`
						}
					}
				}
			}
		}
	}
	err := json.Unmarshal(path, &operations)
	return operations.Post.RequestBody.Content["application/x-www-form-urlencoded"].Schema.Properties.Version.Enum, err
}

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

// loadSpec resolves the references and puts each schema to its kind.
func loadSpec(wanted schema, params map[string][]string) (*spec, error) {
	renamed := schema{}
	for name, one := range wanted {
		renamed[componentName(name)] = one
	}
	text, err := json.Marshal(schema{
		"openapi": "3.0.0", "info": schema{"title": "Stripe", "version": APIVersion}, "paths": schema{},
		"components": schema{"schemas": renamed},
	})
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, err
	}
	s := &spec{params: params, answers: openapi3.Schemas{}, objects: openapi3.Schemas{}}
	for name := range wanted {
		ref := doc.Components.Schemas[componentName(name)]
		if operation, is := strings.CutPrefix(name, "answer "); is {
			s.answers[operation] = ref
		} else if name == "refusal" {
			s.refusal = ref
		} else {
			s.objects[name] = ref
		}
	}
	return s, nil
}

var notInNames = regexp.MustCompile(`[^a-zA-Z0-9._-]`)

// componentName is a name as OpenAPI allows it: those of answers have spaces and
// slashes.
func componentName(name string) string { return notInNames.ReplaceAllString(name, "-") }

// conforms tells all that is not as a schema says.
func conforms(ref *openapi3.SchemaRef, v any) error {
	if ref == nil {
		return fmt.Errorf("the specification does not say what it is: %v", v)
	}
	return ref.Value.VisitJSON(v, openapi3.MultiErrors())
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
	if err := conforms(ref, r.object); err != nil {
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
		if err := conforms(s.objects[text(inner["object"])], inner); err != nil {
			t.Errorf("inside of event %v: %v\n%v", o["id"], err, inner)
		}
	}
}
