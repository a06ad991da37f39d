// Package constant compiles: a constant of the source may be drawn.
package constant

import "idtop/ui/safe"

var Text = safe.Lit("enter")
