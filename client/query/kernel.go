package query

// holding returns the lanes that have the letter in a column.
func holding(column, letter *column) uint64 {
	return ^((column[0] ^ letter[0]) | (column[1] ^ letter[1]) | (column[2] ^ letter[2]) |
		(column[3] ^ letter[3]) | (column[4] ^ letter[4]) | (column[6] ^ letter[6]) |
		(column[casePlane]^letter[casePlane])&letter[bonusPlane])
}

// match returns the lanes of a block, of those in candidates, that have the
// letters of the word in order. It goes through the text once, and knows of all
// lanes at once how far they got.
func (w *pattern) match(block []column, candidates uint64) uint64 {
	last, late := len(w.planes)-1, len(w.planes)-len(block)
	if last < 0 || late > 0 {
		return 0
	}
	var got [MaxWord + 1]uint64 // got[i]: the lanes that have had the first i letters
	got[0] = candidates
	for p := range block {
		for i := min(p, last); i >= max(0, late+p); i-- { // a lane that got less far can't finish
			if waiting := got[i] &^ got[i+1]; waiting != 0 {
				got[i+1] |= waiting & holding(&block[p], &w.planes[i])
			}
		}
		if got[last+1] == candidates {
			break
		}
	}
	return got[last+1]
}

// trace is what decides the scores of 64 rows for one word, a bit a row.
//
// The library lets each letter of the word stand where it is found first, or at
// the first later place that is worth more, if that comes before the next letter
// is found. Worth are: 10 for the very first character; 20 for a bonus place; and
// for each letter right after the place of the one before it, 5 the first time
// that happens, 15 the second, 45, 135 and so on. A first letter that is not the
// first character costs 5 for each character before it, at most 15; every
// character that is not matched costs 1.
type trace struct {
	first  uint64              // the first letter stands at the first character
	gap    [3]uint64           // it stands at least 1, 2, 3 characters in
	bonus  [6]uint64           // how many letters stand at bonus places: a number, bit by bit
	joined [MaxWord]uint64     // a letter came right after another, for the n-th time
	counts [MaxWord]uint64     // and that counts
	cheap  uint64              // the letter found last stands where it is worth less than 20
	fresh  [2]uint64           // it is the one joined for the first, for the second time
	before uint64              // it stands in the column before
	got    [MaxWord + 2]uint64 // got[i]: the first i letters are found
}

// follow goes through a block with the lanes in hits, all of which match.
func (t *trace) follow(w *pattern, block []column, hits uint64) {
	last, late := len(w.planes)-1, len(w.planes)-len(block)
	*t = trace{}
	t.got[0] = hits
	for p := range block {
		column := &block[p]
		good := column[bonusPlane]
		upgradable := t.cheap & good
		var found, better uint64
		for i := min(p, last); i >= max(0, late+p); i-- {
			waiting := t.got[i] &^ t.got[i+1]
			standing := t.got[i+1] &^ t.got[i+2] & upgradable
			if waiting|standing == 0 {
				continue
			}
			here := holding(column, &w.planes[i])
			t.got[i+1] |= waiting & here
			if i == 0 {
				t.begin(p, waiting&here, standing&here)
			}
			found |= waiting & here
			better |= standing & here
		}
		if found|better != 0 {
			t.find(found, found&good)
			t.improve(better)
			t.add(found&good | better)
		}
		t.before = found | better
	}
}

// begin notes the lanes in which the first letter was found at position p, and
// those in which it moved there.
func (t *trace) begin(p int, found, moved uint64) {
	if p == 0 {
		t.first = found
		return
	}
	t.first &^= moved
	for k := range min(p, len(t.gap)) {
		t.gap[k] |= found | moved
	}
}

// find notes the lanes in which a letter was found, good ones at a bonus place.
func (t *trace) find(found, good uint64) {
	var times [2]uint64
	joined := found & t.before
	for n := 0; joined != 0; n++ {
		now := joined &^ t.joined[n]
		t.joined[n] |= now
		t.counts[n] |= now
		joined &^= now
		if n < len(times) {
			times[n] = now
		} else {
			good |= now // worth 45 and more
		}
	}
	for n := range times {
		t.fresh[n] = t.fresh[n]&^found | times[n]
	}
	t.cheap = t.cheap&^found | found&^good
}

// improve notes the lanes in which a letter moved to a bonus place: what it had
// for coming right after another is lost.
func (t *trace) improve(moved uint64) {
	for n := range t.fresh {
		t.counts[n] &^= moved & t.fresh[n]
	}
	t.cheap &^= moved
}

// add counts a letter at a bonus place in some lanes.
func (t *trace) add(lanes uint64) {
	for k := 0; lanes != 0; k++ {
		t.bonus[k], lanes = t.bonus[k]^lanes, t.bonus[k]&lanes
	}
}

// points is a number for each of 64 rows, bit by bit: the parts of a score that
// differ within a block, in fives.
type points [64]uint64

// leastPoints is what a word's score can be below what points say.
const leastPoints = -3

// add adds up what a trace found.
func (s *points) add(t *trace) {
	s.plus(t.first, 2)
	for _, lanes := range t.gap {
		s.plus(^lanes, 1)
	}
	for k, lanes := range t.bonus {
		s.plus(lanes, 4<<k)
	}
	weight := uint64(1)
	for n := 0; n < len(t.joined) && t.joined[n] != 0; n++ {
		s.plus(t.counts[n], weight)
		weight *= 3
	}
}

// plus adds a number in some lanes.
func (s *points) plus(lanes, number uint64) {
	if lanes == 0 {
		return
	}
	carry := uint64(0)
	for k := 0; k < len(s) && number|carry != 0; k++ {
		more := lanes & -(number & 1)
		sum := s[k] ^ more
		s[k], carry = sum^carry, s[k]&more|sum&carry
		number >>= 1
	}
}

// compare returns the lanes that have more than a number, and those that have
// just that.
func (s *points) compare(number uint64) (more, same uint64) {
	same = ^uint64(0)
	for k := len(s) - 1; k >= 0; k-- {
		bit := -(number >> k & 1)
		more |= same & s[k] &^ bit
		same &^= s[k] ^ bit
	}
	return more, same
}

// of returns the number of one lane.
func (s *points) of(lane int) uint64 {
	number := uint64(0)
	for k, lanes := range s {
		number |= lanes >> lane & 1 << k
	}
	return number
}
