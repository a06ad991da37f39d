// Package sqlite keeps a mirror in a folder of this machine, which several
// processes may have open at the same time.
//
// Its one rule: the file is the truth. A change is one transaction, the columns in
// memory follow the committed changes, and an erased value is gone from every file.
package sqlite
