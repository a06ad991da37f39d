package cli

import (
	"context"
	"fmt"

	"idtop/client/mirror/sqlite"
	"idtop/ui/config"
	"idtop/ui/fail"
	"idtop/ui/safe"
)

// rebuild removes the mirror of the server's account, after it has said so.
func rebuild(ctx context.Context, p *Process, s *server, o config.Options) error {
	pl, err := config.FindPlace(ctx, p, s.key, o, s.api)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "idtop: removing the mirror of %s in %s: all of it is read from Stripe again\n", pl.Words(), safe.Quote(pl.Dir))
	if err := sqlite.Remove(pl.Dir); err != nil {
		return fail.Mirror(err)
	}
	return nil
}
