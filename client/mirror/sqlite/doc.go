// Package sqlite keeps a mirror in a folder of this machine, which several
// processes may have open at the same time.
//
// Its one rule: the file is the truth. A change is one transaction, the columns in
// memory follow what was committed, and what is erased is gone from every file.
package sqlite
