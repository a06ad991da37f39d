package emulator

import (
	"slices"
	"strings"
)

// view is which parts of an object are asked for beyond its plain form, as bits.
type view uint32

const (
	seeReport view = 1 << iota
	seeDetails
	seeOutputs
	seeOutputDOB
	seeOutputIDNumber
	seeOutputSex
	seeOutputUnparsedSex
	seeOutputBirthplace
	seeDocumentDOB
	seeDocumentExpiration
	seeDocumentNumber
	seeDocumentSex
	seeDocumentUnparsedSex
	seeDocumentBirthplace
	seeNumberDOB
	seeNumberIDNumber
	seeFile // of a file link

	// Limits, not parts: the sensitive parts of recent attempts only, or of none.
	// Those of redacted sessions are placeholders, which every key may see.
	seeOnlyRecent
	seeOnlyRedacted
)

// seePlain are the parts that every key may see; all others are sensitive.
const seePlain = seeReport | seeDetails | seeOutputs | seeFile

// expansion is a path that expand[] accepts. A child brings its parent along; a
// parent does not bring its sensitive children.
type expansion struct {
	path string
	bits view
}

var reportExpansions = []expansion{
	{"document.dob", seeDocumentDOB},
	{"document.expiration_date", seeDocumentExpiration},
	{"document.number", seeDocumentNumber},
	{"document.sex", seeDocumentSex},
	{"document.unparsed_sex", seeDocumentUnparsedSex},
	{"document.unparsed_place_of_birth", seeDocumentBirthplace},
	{"id_number.dob", seeNumberDOB},
	{"id_number.id_number", seeNumberIDNumber},
}

var sessionExpansions = func() []expansion {
	all := []expansion{
		{"last_verification_report", seeReport},
		{"provided_details", seeDetails},
		{"verified_outputs", seeOutputs},
		{"verified_outputs.dob", seeOutputs | seeOutputDOB},
		{"verified_outputs.id_number", seeOutputs | seeOutputIDNumber},
		{"verified_outputs.sex", seeOutputs | seeOutputSex},
		{"verified_outputs.unparsed_sex", seeOutputs | seeOutputUnparsedSex},
		{"verified_outputs.unparsed_place_of_birth", seeOutputs | seeOutputBirthplace},
	}
	for _, e := range reportExpansions {
		all = append(all, expansion{"last_verification_report." + e.path, seeReport | e.bits})
	}
	return all
}()

// Links are part of a file anyway.
var (
	fileExpansions = []expansion{{"links", 0}}
	linkExpansions = []expansion{{"file", seeFile}}
)

// maxDepth is how many properties deep a path may go; on lists "data" counts.
const maxDepth = 4

// parseExpand turns expand[] into a view. It is done before the object is
// looked up: a wrong path is told even for an id that does not exist.
func parseExpand(paths []string, known []expansion, list bool) (view, *apiError) {
	var v view
	for _, path := range paths {
		if strings.Count(path, ".") >= maxDepth {
			return 0, invalid("", "", "You cannot expand more than %d levels of a property. Property: %s", maxDepth, clip(path))
		}
		inner, prefixed := path, false
		if list {
			inner, prefixed = strings.CutPrefix(path, "data.")
		}
		at := slices.IndexFunc(known, func(e expansion) bool { return e.path == inner })
		switch {
		case list && !prefixed:
			return 0, invalid("", "", "This property cannot be expanded (%s). You may want to try expanding 'data.%s' instead.", clip(path), clip(path))
		case at < 0:
			return 0, invalid("", "", "This property cannot be expanded (%s).", clip(path))
		}
		v |= known[at].bits
	}
	return v, nil
}
