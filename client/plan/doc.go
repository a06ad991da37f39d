// Package plan cancels and redacts. A plan says which sessions the verb would act
// on, and why it would not act on the others; a job carries the plan out and
// reports the outcome of each session.
//
// Its one rule: nothing is sent that is not in the book first. A job with all its
// sessions, their idempotency keys and the record of its confirmation is on disk
// before the first request. Each session is read right before it is acted on. One
// transaction marks it as being sent and records the intent; after the answer, one
// transaction has the outcome and its record. After a lost answer, a crash or a
// clock that jumps, the next look at the session and the stored key settle the
// item: nothing is lost and nothing is done twice.
//
// A Plan is pure. A Journal is the jobs in a book, and any number of processes may
// read it. A Runner carries out the jobs of a Journal. Only one process at a time
// does so: a lock of the operating system and an epoch in every transaction ensure
// that.
package plan
