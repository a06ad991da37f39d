package mirror

import (
	"idtop/client"
	"idtop/client/query"
)

// every is the set of all states, one by one.
const every States = 1<<client.StateCount - 1

// StatesIn returns the states that sessions of a query can have. It is an upper bound: a
// term whose name alone does not say the state leaves every state possible. Where the
// query says nothing, or contradicts itself, it is the set of all.
func StatesIn(q query.Query) States {
	can, _ := statesIn(q.Expr())
	if can == every {
		return 0
	}
	return can
}

// statesIn returns the states in which a session can meet a condition, and those in which each
// session meets it.
func statesIn(e query.Expr) (can, must States) {
	switch e.Op {
	case query.All:
		can, must = every, every
		for _, part := range e.Parts {
			c, m := statesIn(part)
			can, must = can&c, must&m
		}
	case query.Any:
		for _, part := range e.Parts {
			c, m := statesIn(part)
			can, must = can|c, must|m
		}
	case query.Not:
		c, m := statesIn(e.Parts[0])
		can, must = every&^m, every&^c
	case query.Is:
		return statesOfTerm(e.Term)
	default:
		can = every
	}
	return can, must
}

// statesOfTerm is statesIn of a term.
func statesOfTerm(t query.Term) (can, must States) {
	for state := range client.State(client.StateCount) {
		own, erased := StatesOf(state), Row{State: state}.Erased()
		switch t.Name.Name {
		case "state":
			if t.Match(state.String()) {
				can, must = can|own, must|own
			}
		case "redacted":
			if t.Yes(erased) {
				can, must = can|own, must|own
			}
		case "stuck": // a session in processing may be stuck or not
			if t.Yes(false) || t.Yes(true) && state == client.StateProcessing {
				can |= own
			}
			if t.Yes(false) && (t.Yes(true) || state != client.StateProcessing) {
				must |= own
			}
		default:
			can = every
		}
	}
	return can, must
}
