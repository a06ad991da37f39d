// Command idtop shows the identity verifications of a Stripe account in a
// terminal, live, and lets them be searched, canceled and redacted.
package main

import (
	"os"
	_ "time/tzdata" // a container from scratch has no time zones

	_ "golang.org/x/crypto/x509roots/fallback" // nor roots of trust

	"idtop/ui/cli"
)

// version is what --version says. Releases set it when they are linked, with
// -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() { os.Exit(cli.Main(version)) }
