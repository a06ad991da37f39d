package query

import (
	"slices"
	"strings"
	"unicode"

	"idtop/client"
)

// Kind is the form that the values of a name have.
type Kind uint8

// The kinds of values.
const (
	Choice Kind = iota // one of Name.Values
	Code               // a code of Stripe's: letter case aside, with globs
	Text               // a text of ours or of the operator's: as it is written, with globs
	Number             // 3, >=3, 3..5
	Span               // how long ago: <2h, >3d, 2h..3d
	Moment             // when: today, 2026-11-20, 2026-11..
	When               // a Span or a Moment
	YesNo              // yes, no
)

// Name is a name that a term begins with.
type Name struct {
	Name    string
	Kind    Kind
	Values  []string // of a Choice all, of others the ones that are offered
	Person  bool     // its values name a person
	Reports bool     // only reports tell
	Help    string   // what its values are, for the reference
	Example string   // a term with it
	Finds   string   // the sessions that Example finds, for the reference
	Also    []string // words that operators try for it; they only get it as a suggestion
}

// Meta begins the name of a metadata key: "meta.plan".
const Meta = "meta."

var spans = []string{"<1h", "<24h", "<7d", ">1d", ">7d", ">30d"}

// names are all names but those of metadata keys, in the order of the reference.
var names = []Name{
	{Name: "state", Kind: Choice, Values: states(), Help: "the state, as the list shows it", Example: "state:failed,processing", Finds: "failed ones and those in processing"},
	{Name: "status", Kind: Code, Values: []string{"requires_input", "processing", "verified", "canceled"}, Help: "Stripe's own status", Example: "status:requires_input", Finds: "those that wait for the person, failed or never submitted"},
	{Name: "reason", Kind: Code, Help: "the code of the failure, or its words in quotes", Example: "reason:selfie_*", Finds: "those whose selfie is the reason", Also: []string{"code", "error", "last_error", "failure"}},
	{Name: "check", Kind: Code, Values: []string{"document", "id_number", "selfie", "email", "phone"}, Reports: true, Help: "a check that failed in the newest report", Example: "check:selfie", Finds: "those whose selfie check failed last", Also: []string{"checks"}},
	{Name: "doc", Kind: Code, Values: []string{"driving_license", "id_card", "passport"}, Reports: true, Help: "the kind of document in the newest report", Example: "doc:id_card", Finds: "those with an id card", Also: []string{"document", "document_type"}},
	{Name: "country", Kind: Code, Reports: true, Help: "the country that issued the document, in two letters", Example: "country:PL,DE", Finds: "those with a Polish or German document", Also: []string{"issuing_country", "nation"}},
	{Name: "type", Kind: Code, Values: []string{"document", "id_number"}, Help: "the type of the verification", Example: "type:id_number", Finds: "those that check an id number"},
	{Name: "flow", Kind: Code, Help: "the id of the verification flow", Example: "flow:vf_*", Finds: "those that a flow has made"},
	{Name: "age", Kind: Span, Values: spans, Help: "how long ago it was created", Example: "age:>2h", Finds: "those created more than two hours ago"},
	{Name: "since", Kind: When, Values: append([]string{"today"}, spans...), Help: "when it came into its state", Example: "since:<30m", Finds: "those that changed their state in the last half hour"},
	{Name: "created", Kind: Moment, Values: []string{"today", "yesterday"}, Help: "when it was created", Example: "created:2026-11-20..", Finds: "those created on 20 November 2026 or later"},
	{Name: "tries", Kind: Number, Values: []string{"1", "2", ">=3"}, Help: "how many sessions the person has", Example: "tries:>=3", Finds: "those of persons with three sessions or more", Also: []string{"sessions"}},
	{Name: "attempts", Kind: Number, Values: []string{"1", "2", ">=3"}, Reports: true, Help: "how often something was submitted in the session", Example: "attempts:2..", Finds: "those with two attempts or more"},
	{Name: "user", Kind: Text, Person: true, Help: "the whole user_id", Example: "user:ann_8392", Finds: "those of exactly this user_id", Also: []string{"user_id", "person", "userid", "name"}},
	{Name: "ref", Kind: Text, Person: true, Help: "the whole client_reference_id", Example: "ref:order-*", Finds: "those whose reference begins with order-", Also: []string{"reference", "client_reference_id"}},
	{Name: "id", Kind: Text, Person: true, Help: "the whole id of the session", Example: "id:vs_*mLw", Finds: "those whose id ends with mLw", Also: []string{"session", "session_id"}},
	{Name: "customer", Kind: Text, Person: true, Help: "the whole id of the related customer", Example: `customer:""`, Finds: "those without a customer", Also: []string{"related_customer"}},
	{Name: "redacted", Kind: YesNo, Values: []string{"yes", "no"}, Help: "whether it is redacted or being redacted", Example: "redacted:no", Finds: "those that still have what Stripe collected", Also: []string{"redaction", "erased"}},
	{Name: "stuck", Kind: YesNo, Values: []string{"yes", "no"}, Help: "whether it is in processing for more than 15 minutes", Example: "stuck:yes", Finds: "those that are in processing for too long"},
}

// metadata is the Name of all metadata keys.
var metadata = Name{Name: Meta + "KEY", Kind: Text, Person: true, Help: "a metadata key that the config names", Example: "meta.plan:gold", Finds: "those whose metadata says plan=gold"}

// Offered are values of a name that are offered to complete a term.
func Offered(name string) []string {
	n, _ := nameOf(name)
	return n.Values
}

// IsText tells whether the values of a name are texts of ours or of the operator's, compared letter by
// letter.
func IsText(name string) bool {
	n, ok := nameOf(name)
	return ok && n.Kind == Text
}

func states() []string {
	var words []string
	for s := client.StateFailed; int(s) < client.StateCount; s++ {
		words = append(words, s.String())
	}
	return append(words, client.StateUnknown.String())
}

// nameOf returns what a name means.
func nameOf(name string) (Name, bool) {
	if key, ok := strings.CutPrefix(name, Meta); ok && key != "" {
		meta := metadata
		meta.Name = name
		return meta, true
	}
	i := slices.IndexFunc(names, func(n Name) bool { return n.Name == name })
	if i < 0 {
		return Name{}, false
	}
	return names[i], true
}

// cutName splits a word that begins with a known name.
func cutName(word string) (name Name, value string, ok bool) {
	before, value, ok := strings.Cut(word, ":")
	if !ok || strings.ContainsFunc(before, unicode.IsSpace) || strings.ContainsAny(before, `"()\`) {
		return Name{}, "", false
	}
	name, ok = nameOf(before)
	return name, value, ok
}

// suggested returns the known name that is meant by a word's beginning: by another word
// for it, or but for a slip. "" if none.
func suggested(word string) string {
	before, _, ok := strings.Cut(word, ":")
	if !ok || len(before) < 3 {
		return ""
	}
	all := make([]string, len(names))
	for i, n := range names {
		if slices.Contains(n.Also, strings.ToLower(before)) {
			return n.Name
		}
		all[i] = n.Name
	}
	return Nearest(before, all)
}

// distance is how many letters have to be put in, left out, replaced or swapped with
// the next to make b of a.
func distance(a, b string) int {
	if apart := len(a) - len(b); apart > 2 || apart < -2 { // too far to be a slip
		return max(apart, -apart)
	}
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			differs := 1
			if a[i-1] == b[j-1] {
				differs = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+differs)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
