package cli

import (
	"context"
	"fmt"

	"idtop/client/mirror/sqlite"
	"idtop/ui/safe"
)

// rebuild removes the mirror of the server's account, after it has said so.
func rebuild(ctx context.Context, p *Process, s *server, o accountOptions) error {
	pl, err := findMirror(ctx, p, s.key, o, s.api)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "idtop: removing the mirror of %s in %s: all of it is read from Stripe again\n", pl.words(), safe.Quote(pl.dir))
	if err := sqlite.Remove(pl.dir); err != nil {
		return storeFailure(err)
	}
	return nil
}
