package query

import "math/bits"

// holding returns the lanes that have the letter in a column.
func holding(column, letter *column) uint64 {
	return ^((column[0] ^ letter[0]) | (column[1] ^ letter[1]) | (column[2] ^ letter[2]) |
		(column[3] ^ letter[3]) | (column[4] ^ letter[4]) | (column[6] ^ letter[6]) |
		(column[casePlane]^letter[casePlane])&letter[bonusPlane])
}

// match returns the candidate lanes of a block that have the letters of the word in
// order. It goes through the text once, for all lanes together, and knows how many
// letters each lane has found.
func (w *pattern) match(block []column, candidates uint64) uint64 {
	last, late := len(w.planes)-1, len(w.planes)-len(block)
	if last < 0 || late > 0 {
		return 0
	}
	if last < 3 {
		return w.matchShort(block, candidates)
	}
	var got [MaxWord + 1]uint64 // got[i]: the lanes that have found the first i letters
	got[0] = candidates
	for p := range block {
		for i := min(p, last); i >= max(0, late+p); i-- { // a lane with fewer letters can't finish
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

// matchShort does the same for up to three letters, without branches that the
// processor would have to predict.
func (w *pattern) matchShort(block []column, candidates uint64) uint64 {
	var one, two, three uint64
	switch planes := w.planes; len(planes) {
	case 1:
		for p := range block {
			one |= holding(&block[p], &planes[0])
		}
		return one & candidates
	case 2:
		for p := range block {
			two |= one & holding(&block[p], &planes[1])
			one |= holding(&block[p], &planes[0])
		}
		return two & candidates
	default:
		for p := range block {
			three |= two & holding(&block[p], &planes[2])
			two |= one & holding(&block[p], &planes[1])
			one |= holding(&block[p], &planes[0])
		}
		return three & candidates
	}
}

// stands holds, for each standing, the lanes whose word has at least that standing:
// scattered, together, separated, beginning, whole.
type stands [5]uint64

// at returns the lanes with at least a standing; none for a standing above whole.
func (s *stands) at(least standing) uint64 {
	if i := int(least / together); i < len(s) {
		return s[i]
	}
	return 0
}

// of is the standing of a lane. Columns hold unchanged letters, so ownLetters is
// always set.
func (s *stands) of(lane int) standing {
	is := ownLetters
	for _, lanes := range s[1:] {
		is += standing(lanes>>lane&1) * together
	}
	return is
}

// stand tells the standing of the word in the lanes of hits, all of which match. It
// does not distinguish lanes below least.
func (w *pattern) stand(block []column, hits uint64, least standing) stands {
	all := stands{scattered: hits}
	begins := w.from(block, hits)
	if all[beginning/together] = begins; len(w.planes) == len(block) {
		all[whole/together] = begins
	}
	apart, joined := begins, begins
	if len(w.planes) == 1 {
		joined = hits
	}
	if least < beginning {
		for p := 1; p+len(w.planes) <= len(block); p++ {
			// A separator is no small letter: small letters have both of these bits.
			after := block[p][bonusPlane] &^ (block[p-1][casePlane] & block[p-1][casePlane+1])
			open := hits &^ apart
			if least == separated {
				open &= after
			} else {
				open &= after | ^joined
			}
			here := w.from(block[p:], open)
			joined |= here
			apart |= here & after
		}
	}
	all[1], all[separated/together] = joined, apart // 1 is together/together
	return all
}

// from returns the candidate lanes that begin with the word.
func (w *pattern) from(block []column, candidates uint64) uint64 {
	for i := 0; candidates != 0 && i < len(w.planes); i++ {
		candidates &= holding(&block[i], &w.planes[i])
	}
	return candidates
}

// trace holds the facts that decide the scores of 64 rows for one word, a bit a
// row.
//
// The library puts each letter of the word at its first place, or at the first
// later place with more points, if that comes before the next letter is found. The
// points are: 10 for the very first character; 20 for a bonus place; and for each
// letter right after the letter before it, 5 the first time that happens, 15 the
// second, 45, 135 and so on. A first letter further in costs 5 for each character
// before it, at most 15; every unmatched character costs 1.
type trace struct {
	first  uint64              // the first letter is at the first character
	gap    [3]uint64           // the first letter is at least 1, 2, 3 characters in
	bonus  [6]uint64           // the number of letters at bonus places, bit by bit
	joined [MaxWord]uint64     // a letter came right after another, for the n-th time
	counts [MaxWord]uint64     // and that has points
	got    [MaxWord + 2]uint64 // got[i]: the first i letters were found
}

// reset prepares a trace for a word of n letters.
func (t *trace) reset(n int) {
	t.first, t.gap, t.bonus = 0, [3]uint64{}, [6]uint64{}
	clear(t.joined[:max(n, 2)])
	clear(t.counts[:max(n, 2)])
	clear(t.got[:n+2])
}

// follow goes through a block with the lanes of hits, all of which match. The work
// for most columns has no branches and no calls.
func (t *trace) follow(w *pattern, block []column, hits uint64) {
	last, late := len(w.planes)-1, len(w.planes)-len(block)
	t.reset(last + 1)
	t.got[0] = hits
	var (
		before         uint64 // the last letter found is in the column before
		cheap          uint64 // it is at a place worth less than 20
		fresh1, fresh2 uint64 // it came right after its predecessor, for the first or the second time
		// The first elements of joined, counts and bonus.
		joined1, joined2, counts1, counts2, bonus1, bonus2 uint64
	)
	for p := range block {
		column := &block[p]
		good := column[bonusPlane]
		var found, moved uint64 // the lanes that find a letter here, and the lanes that move one here
		for i := min(p, last); i >= max(1, late+p); i-- {
			waiting, standing := t.got[i]&^t.got[i+1], t.got[i+1]&^t.got[i+2]&cheap&good
			if waiting|standing == 0 {
				continue
			}
			here := holding(column, &w.planes[i])
			t.got[i+1] |= waiting & here
			found |= waiting & here
			moved |= standing & here
		}
		again := found & before
		now1 := again &^ joined1
		now2 := again & joined1 &^ joined2
		joined1, counts1 = joined1|now1, counts1|now1
		joined2, counts2 = joined2|now2, counts2|now2
		again &^= now1 | now2
		if again != 0 {
			t.join(again)
		}
		if late+p <= 0 {
			here := holding(column, &w.planes[0])
			waiting, standing := hits&^t.got[1]&here, t.got[1]&^t.got[2]&cheap&good&here
			t.got[1] |= waiting
			t.begin(p, waiting, standing)
			found |= waiting
			moved |= standing
		}
		counts1 &^= moved & fresh1
		counts2 &^= moved & fresh2
		fresh1 = fresh1&^found | now1
		fresh2 = fresh2&^found | now2
		cheap = cheap&^(found|moved) | found&^(good|again)
		more := found&good | moved
		bonus1, more = bonus1^more, bonus1&more
		bonus2, more = bonus2^more, bonus2&more
		if more != 0 {
			t.add(more)
		}
		before = found | moved
	}
	t.joined[0], t.joined[1], t.counts[0], t.counts[1] = joined1, joined2, counts1, counts2
	t.bonus[0], t.bonus[1] = bonus1, bonus2
}

// begin notes the lanes that find the first letter at position p, and the lanes
// that move it there.
func (t *trace) begin(p int, found, moved uint64) {
	if p == 0 {
		t.first = found
		return
	}
	t.first &^= moved
	t.gap[0] |= found | moved
	if p > 1 {
		t.gap[1] |= found | moved
	}
	if p > 2 {
		t.gap[2] |= found | moved
	}
}

// join notes the lanes where a letter comes right after the one before it, for the
// third time or later. That always has points.
func (t *trace) join(again uint64) {
	for n := 2; again != 0; n++ {
		now := again &^ t.joined[n]
		t.joined[n] |= now
		t.counts[n] |= now
		again &^= now
	}
}

// add counts up to four letters at bonus places in some lanes.
func (t *trace) add(lanes uint64) {
	for k := 2; lanes != 0; k++ {
		t.bonus[k], lanes = t.bonus[k]^lanes, t.bonus[k]&lanes
	}
}

// points is a number for each of 64 rows, bit by bit: the part of a score that
// differs within a block, in units of five.
type points [64]uint64

// leastPoints bounds how far a word's score can be below its points.
const leastPoints = -3

// add adds the points of a trace.
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

// plus adds a number to some lanes.
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

// most is an upper bound of the points that add can add for rows of a chunk.
func (w *pattern) most(c *chunk) uint64 {
	most, weight := uint64(2), uint64(1)
	for place, points := range []uint64{5, 6, 5, 4} {
		if c.scoring[place].has(w.letters[0]) {
			most = max(most, points)
		}
	}
	for i, letter := range w.letters[1:] {
		points := weight
		if c.scoring[1].has(letter) || c.scoring[2].has(letter) || c.scoring[3].has(letter) {
			// A letter both right after its predecessor and at a bonus place: the pair
			// itself makes the bonus.
			if before := w.letters[i]; isLetter(before) && isLetter(letter) || bonus(byte(before), byte(letter)) {
				points += 4
			} else {
				points = max(points, 4)
			}
		}
		most += points
		weight *= 3
	}
	return most
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' }

// compare returns the lanes with more than number points, and those with exactly
// number. Neither number nor any lane exceeds most.
func (s *points) compare(number, most uint64) (more, same uint64) {
	same = ^uint64(0)
	for k := bits.Len64(most) - 1; k >= 0; k-- {
		bit := -(number >> k & 1)
		more |= same & s[k] &^ bit
		same &^= s[k] ^ bit
	}
	return more, same
}

// of returns the number of one lane.
func (s *points) of(lane int, most uint64) uint64 {
	number := uint64(0)
	for k := range bits.Len64(most) {
		number |= s[k] >> lane & 1 << k
	}
	return number
}
