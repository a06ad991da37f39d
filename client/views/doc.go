// Package views keeps the operator's views, and how the operator left the dashboard. A
// view is a name, a query, an order and columns.
// Its one rule: what it keeps names no person, so that its files can be read by anybody.
//
// The files are TOML, for people to read. They are written by the program alone: under a
// lock, as a whole, and by changes rather than by lists, so that two dashboards lose
// nothing of each other's. Views that can't be read are never replaced.
package views
