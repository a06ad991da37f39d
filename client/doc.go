// Package client is the Stripe Identity API as idtop uses it: the types of
// sessions, reports and events, one API interface, its implementation on
// stripe-go, the kinds of error, the catalogue of failure reasons, and whose
// key is in use.
//
// Its one rule: what must not be seen is not decoded. No type here has a field
// for client_secret or for a session's url, personal values are of type
// Private, which prints as a mask, and unknown statuses, codes and fields pass
// through without an error.
//
// What the API can't do shapes the rest of the program. Sessions can be listed
// by status, created, client_reference_id and related_customer only: there is
// no search, no filter by metadata, no total and no "changed since". A session's
// created never moves, so an old session that changes is found only by reading
// it again.
package client
