package mirror

import "errors"

// Trouble is why a mirror can't be used: the fault, as a sentence without a full
// stop, and the way out. No Trouble loses data: a mirror can be read from Stripe
// again.
type Trouble struct {
	What string
	Way  string // out of it
	Err  error  // the cause, one of the Err values of this package or of datadir if there is one
}

// Error returns What.
func (t *Trouble) Error() string { return t.What }

// Hint returns Way, for client.HintOf.
func (t *Trouble) Hint() string { return t.Way }

// Unwrap returns Err.
func (t *Trouble) Unwrap() error { return t.Err }

// The kinds of Trouble.
var (
	ErrOtherAccount = errors.New("a mirror of another account or mode")
	ErrNewerSchema  = errors.New("a mirror of a newer idtop")
	ErrDamaged      = errors.New("a damaged mirror")
	ErrInUse        = errors.New("a mirror that another idtop has open")
	ErrAhead        = errors.New("a mirror from the future")
)
