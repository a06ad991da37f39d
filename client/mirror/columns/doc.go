// Package columns holds the rows of a mirror in memory and answers requests from
// them. A store fills and changes the Columns, and its Lock lets many goroutines
// read or one change them.
//
// Its one rule: a value that a row loses leaves no byte behind, in a column, an
// index or a remembered answer.
package columns
