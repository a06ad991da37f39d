// Package emulator is a stateful Stripe Identity server as an http.Handler: it
// holds VerificationSessions, their reports and events, and moves them the way
// Stripe documents, so that a program can be run, shown and tested without a
// key and without a network.
//
// Its one rule: nothing happens between two requests. There is no background
// goroutine. A later step (the outcome of a check, the end of a redaction, the
// next visitor) waits in a queue, and the next request does all that is due by the
// emulator's clock. The same seed, the same times and the same
// requests therefore give the same world, and a clock that is moved by a
// control call moves everything. Webhooks have to be sent when nobody asks:
// Deliver does that, in its caller's goroutine, and to the world it is
// one more client that asks as often as something is due.
//
// With Config.Worlds one server has many accounts, each with a world, a clock and
// faults of its own: a key names its world, and no world knows of another.
//
// What Stripe leaves open is decided where it is answered, with the reason
// beside it. A client should be tested on both answers of each of the Choices:
// they are set in Config, and changed while the server runs with
// POST /_emulator/choices.
//
// Any key of Stripe's forms is accepted, sk_test_123 too. What a restricted key
// may do follows from the words at the front of its name, see Config.Keys, so
// that a client can be tested on refusals.
package emulator
