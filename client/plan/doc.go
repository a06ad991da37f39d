// Package plan cancels and redacts. A plan says which sessions would be acted on and
// why others not; a job carries it out and reports the fate of each session.
//
// Its one rule: nothing is sent that is not in the book first. A job with all its
// sessions, their idempotency keys and the record that it was confirmed is on disk
// before the first request; each session is looked at right before it is acted upon,
// is marked as being sent in one transaction with the record of the intent, and its
// outcome and the record of it are one transaction when the answer is there. Whatever happens in between, a lost answer, a crash, a clock that
// jumps, the next look at the session and the stored key settle it: nothing is
// lost and nothing is done twice.
//
// A Plan is pure. A Journal is the part of a book that has the jobs, and may be read
// by any number of processes. A Runner carries out the jobs of a Journal; one process at a time
// does, which a lock of the operating system and an epoch in every transaction
// see to.
package plan
