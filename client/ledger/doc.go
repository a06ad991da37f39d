// Package ledger is the append-only, hash-chained record of what was done: who
// did what to which session, with which key, why, and what came of it.
//
// Its one rule: no record, no action. What is to be done is on the disk before
// it is done (Intend), what came of it follows (Done), and every failure to
// write is an error that forbids to go on. Nothing private is in it: no key, no
// user_id but as a keyed hash, no words of Stripe's.
//
// # The file
//
// ledger.jsonl has one record a line, in a canonical form, so that a record has
// one spelling only:
//
//   - one JSON object and a line feed, no white space, ASCII only;
//   - members in the order of Record.fields, those that are empty left out;
//   - in strings only \" and \\ and \uxxxx (lower-case, UTF-16) for all that is
//     not printable ASCII; numbers are whole and have no sign and no leading zero;
//   - times are UTC with milliseconds, such as "2026-11-23T04:48:20.120Z";
//   - prev and hash come last and are 64 lower-case hex digits each.
//
// A hash is the SHA-256 of prev's 64 digits and of the record without its hash
// member, without the line feed. The first record has 64 zeros as prev and seq
// 1. So a line can be checked by hand:
//
//	printf %s%s "$prev" "$(sed 's/,"hash":"[0-9a-f]*"}$/}/' <<<"$line")" | sha256sum
//
// Every change inside of the chain shows in Verify. A tail that was cut off, or
// a chain that was written anew from some record on, shows only against a Head
// that was kept elsewhere: that is what Options.OnHead is for.
//
// # A write that was cut short
//
// A crash, a full disk or a power failure can leave half a record at the end.
// It was never acknowledged, so nothing was done for it. It stays where it is:
// the next record says how many bytes before it are no record, and their
// SHA-256 (verb torn), and Verify accepts them for that. The file only grows.
// When what is damaged had been acknowledged, nothing is appended any more.
//
// # The files beside it
//
// ledger.lock is locked while one process appends, ledger.mark tells where the
// last record is, so that opening does not read all, and ledger.key is the key
// of this installation that user_ids are hashed with. A lost mark costs time, a
// lost key costs finding a person's records.
package ledger
