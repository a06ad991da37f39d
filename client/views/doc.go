// Package views keeps the operator's views: a view is a name, a query and an order.
// Its one rule: a view names no person, so that its file can be read by anybody.
//
// The file is TOML, for people to read. It is written by the program alone: under a
// lock, as a whole, and by changes rather than by lists, so that two dashboards lose
// nothing of each other's. A file that can't be read is never replaced.
package views
