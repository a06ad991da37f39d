// Package person says all that is known of one person: their sessions and attempts, what
// can be done, what is being erased, and what was done here.
//
// Its one rule: it reads the mirror and the ledger, and never asks Stripe. The screen and
// the command say the same, since both draw the Page that Of makes.
package person
