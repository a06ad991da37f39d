// Package variable must not compile: it draws strings known only at run time.
package variable

import (
	"os"

	"idtop/ui/safe"
)

const typed string = "typed"

var (
	Variable = safe.Lit(os.Args[0])
	Sum      = safe.Lit("user " + os.Args[0])
	Typed    = safe.Lit(typed)
	Forged   = safe.Text{s: os.Args[0]}
	Convert  = safe.Text(os.Args[0])
)
