// Package insights says what rose, what stands out and what needs somebody, counted
// from a mirror.
//
// Its one rule: it reads nothing but the mirror, and claims nothing that the mirror
// can't know.
package insights
