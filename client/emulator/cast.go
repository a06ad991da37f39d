package emulator

import (
	"cmp"
	"slices"
	"time"
)

// The cast are sessions with fixed stories, so that the smallest world shows every
// state and the newest rows of any world show failures.

// castUsers are the users of the cast; their numbers come first.
var castUsers = []string{
	"ann_8392", "ann_0017", "user_839201", "joann_2", "joann_smith@example.com", "cus_9s6XKzkNRiz8i3",
	"0b9f4c1e-6a52-4d0b-9c53-2f1f6f0a7d11", "user_104402", "maria_7731",
}

// castStep happens at an age before the world's start (negative: after it).
type castStep struct {
	age  time.Duration
	step step
	code string
}

// castMember is a session of the cast. The first ones cover every state, so
// that a world too small for all has those.
type castMember struct {
	user    uint32 // position in castUsers + 1
	age     time.Duration
	kind    kind
	options options
	steps   []castStep
}

const withSelfie = optDocument | optSelfieSaid | optSelfieOn

// redactionAge stands for a third of the redaction delay, so that the session is
// still redacting at the start.
const redactionAge = time.Duration(-1) << 40

var cast = []castMember{
	{1, 95 * time.Second, kindDocument, withSelfie, []castStep{
		{65 * time.Second, stepSubmit, ""}, {50 * time.Second, stepDecide, "document_expired"}}},
	{2, 130 * time.Second, kindDocument, withSelfie, []castStep{
		{20 * time.Second, stepSubmit, ""}, {-14 * time.Second, stepDecide, ""}}},
	{4, 260 * time.Second, kindDocument, withSelfie, []castStep{
		{190 * time.Second, stepSubmit, ""}, {165 * time.Second, stepDecide, ""}}},
	{5, 340 * time.Second, kindDocument, optDocument, nil},
	{1, 50 * time.Minute, kindDocument, withSelfie, []castStep{
		{48 * time.Minute, stepSubmit, ""}, {47*time.Minute + 30*time.Second, stepDecide, "document_unverified_other"},
		{41 * time.Minute, stepCancel, ""}}},
	{9, 10 * day, kindDocument, withSelfie, []castStep{
		{10*day - 3*time.Minute, stepSubmit, ""}, {10*day - 4*time.Minute, stepDecide, ""}, {redactionAge, stepRedact, ""}}},
	{8, 30 * day, kindDocument, withSelfie, []castStep{
		{30*day - 2*time.Minute, stepSubmit, ""}, {30*day - 3*time.Minute, stepDecide, ""}, {21 * day, stepRedact, ""}}},
	{3, 180 * time.Second, kindDocument, withSelfie, []castStep{
		{140 * time.Second, stepSubmit, ""}, {112 * time.Second, stepDecide, "selfie_face_mismatch"}}},
	{6, 24 * time.Minute, kindDocument, withSelfie | optLiveSaid | optLiveOn, []castStep{
		{22 * time.Minute, stepSubmit, ""}, {-31 * time.Minute, stepDecide, ""}}},
	{7, 9 * time.Minute, kindDocument, withSelfie, []castStep{
		{8 * time.Minute, stepSubmit, ""}, {8*time.Minute - 21*time.Second, stepDecide, "document_unverified_other"},
		{7 * time.Minute, stepSubmit, ""}, {7*time.Minute - 17*time.Second, stepDecide, "selfie_unverified_other"},
		{5 * time.Minute, stepSubmit, ""}, {5*time.Minute - 26*time.Second, stepDecide, "document_unverified_other"}}},
	{9, 14 * time.Minute, kindIDNumber, optIDNumber, []castStep{
		{13 * time.Minute, stepSubmit, ""}, {13*time.Minute - 9*time.Second, stepDecide, "id_number_mismatch"}}},
	{8, 2 * time.Hour, kindDocument, optDocument, []castStep{{2*time.Hour - 5*time.Minute, stepLeave, "abandoned"}}},
}

// castOf gives the first n of the cast, the oldest first.
func castOf(n int) []castMember {
	members := slices.Clone(cast[:min(n, len(cast))])
	slices.SortStableFunc(members, func(a, b castMember) int { return cmp.Compare(b.age, a.age) })
	return members
}

// enact opens a member's session and queues its whole script. start is the
// time that ages count back from.
func (w *world) enact(m castMember, start int64) {
	i := w.create(newSession{user: m.user, kind: m.kind, options: m.options}, byIntegrator)
	for n, s := range m.steps {
		age := s.age
		if age == redactionAge {
			age = min(w.delay/3, day)
		}
		it := item{at: start - int64(age), session: i, generation: uint16(n), step: s.step}
		if s.code != "" {
			it.code = mustCode(s.code)
		}
		w.queue.push(it)
	}
}
