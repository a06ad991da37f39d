package emulator

import "time"

// dice is a stream of pseudo-random numbers (splitmix64). Each decision gets a
// stream of its own, keyed by its subject, so that no decision depends on the number
// of earlier ones.
type dice uint64

// The subjects of streams; part of their keys.
const (
	saltIDs = iota + 1
	saltUser
	saltVisitor
	saltSession
	saltSlot
	saltPlan
	saltTraffic
	saltDocument
	saltAccount
	saltWorld
	saltTokens
	saltWebhook
	saltEphemeral
)

// mix is a bijection of 64 bits. Every input bit moves every output bit.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func roll(seed uint64, salt int, a, b uint64) dice {
	return dice(mix(seed ^ mix(a^mix(b^mix(uint64(salt)*0x9e3779b97f4a7c15)))))
}

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	return mix(uint64(*d))
}

// below gives 0 to n-1.
func (d *dice) below(n int) int { return int(d.next() >> 33 % uint64(n)) }

// chance is true in permille of 1000 cases.
func (d *dice) chance(permille int) bool { return d.below(1000) < permille }

// unit gives a number of [0, 1).
func (d *dice) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// between gives a duration of [low, high), most of them near low: people and
// machines are usually quick and sometimes slow.
func (d *dice) between(low, high time.Duration) time.Duration {
	u := d.unit()
	return low + time.Duration(u*u*float64(high-low))
}

// pick gives one of the choices.
func pick[T any](d *dice, choices []T) T { return choices[d.below(len(choices))] }
