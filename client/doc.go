// Package client is the Stripe Identity API as idtop sees it: the types of
// sessions, reports and events, the interface of the API, its errors, the key,
// the verbs and the catalogue of failure reasons. Package client/stripe is the
// implementation.
//
// Its one rule: it talks to no network, and no value of it prints a secret. No
// type here has a field for client_secret or for a session's url; personal values
// are of type Private, which prints as a mask; unknown statuses, codes and fields
// pass through without an error.
//
// The limits of the API shape the rest of the program. Sessions can be listed
// by status, created, client_reference_id and related_customer only: there is
// no search, no filter by metadata, no total and no "changed since". A session's
// created never moves, so an old session that changes is found only by reading
// it again.
package client
