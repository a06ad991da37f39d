package query

import "slices"

// Names are all names that a term can begin with, in the order of the reference; the last
// stands for all metadata keys.
func Names() []Name { return append(slices.Clone(names), metadata) }
