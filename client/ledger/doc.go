// Package ledger is the book of one account and mode: its jobs and their items, and the
// append-only, hash-chained record of who did what to which session, with which key,
// why, and with what result.
//
// Its one rule: no record, no action. An intent is on the disk before its request is
// sent (Tx.Intend), its outcome follows (Tx.Settle), and every failure to write is an
// error that forbids to go on. Nothing private is in it: no key, no user_id but as a
// keyed hash, no words of Stripe's but its states.
//
// # The book
//
// A book is one database in a folder of its own. Everything that belongs together is
// one transaction: an item, its intent and the record of it. The database refuses to
// change or delete a record; only Book.Prune does, after an export.
//
// # A record
//
// A record is one line in a canonical form, so that it has one spelling only. Its line
// is in the database as it was hashed, and Book.Export writes it out:
//
//   - one JSON object, no white space, ASCII only;
//   - members in the order of Record.fields, without the empty ones;
//   - in strings only \" and \\ and \uxxxx (lower-case, UTF-16) for all that is
//     not printable ASCII; numbers are whole and have no sign and no leading zero;
//   - times are UTC with milliseconds, such as "2026-11-23T04:48:20.120Z";
//   - prev and hash come last and are 64 lower-case hex digits each.
//
// A hash is the SHA-256 of prev's 64 digits and of the record without its hash
// member. The first record of all has 64 zeros as prev and seq 1. So a line can be
// checked by hand:
//
//	printf %s%s "$prev" "$(sed 's/,"hash":"[0-9a-f]*"}$/}/' <<<"$line")" | sha256sum
//
// # The head
//
// The head is the last record's number and hash. Every change inside of the chain
// shows in a verification. Records that are missing at the end show only against a
// head that is kept elsewhere. The mark is one, a file beside the database that is
// written after each commit: it tells when records were deleted or an older copy of the
// database was put back. Somebody who replaces both shows only against the head that
// Options.OnHead was told. A book that lacks a known head is not written to.
//
// # An older ledger
//
// An idtop before kept the records of all accounts in ledger.jsonl. It is never
// rewritten: it is verified and sealed under another name, and its head is in the
// first record of each new book. A write to it may have been cut short by a crash. The
// record after that says how many bytes are no record, and their SHA-256 (verb torn);
// a verification accepts them for that.
package ledger
