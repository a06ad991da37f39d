// Package columns holds the rows of a mirror in memory and answers requests from
// them. A store fills and changes the Columns, and its Lock lets many read or one
// change them.
//
// Its one rule: what a row loses leaves no byte behind, in a column, an index or an
// answer that is remembered.
package columns
