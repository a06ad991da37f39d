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
// read it. A Runner carries out jobs of a Journal. Several processes may each carry
// out their own jobs at once: the row of a job names its holder, and each write of
// the job checks its epoch in the same transaction. If jobs of two processes meet at
// one session, they send one after the other, each after a look of its own.
//
// A job has an operator: the one who confirmed it, or who resumed it since. The job
// is carried out under that name and behind that operator's gate. Whichever process
// follows or settles it later records that under the same name. An outcome has the
// name of its intent. Only the operator's own process sends the waiting items: the
// gate of another operator neither opens them nor holds them up.
package plan
