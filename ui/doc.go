// Package ui is how a model looks.
//
// Its one rule: it reads a model and writes a screen, and changes nothing. Text
// reaches the screen through the painter of line.go only, which takes safe.Text:
// nothing foreign is drawn any other way. Colours are in theme.go only.
//
// The regions, a file each, from top to bottom:
//
//	header.go   who and where, how fresh the data is; the tabs
//	search.go   the search and the number of its hits
//	list.go     one line for each session       │ detail.go  why, and what next
//	                                            │ outputs.go verified outputs
//	footer.go   the hair line with trouble in words; messages and key hints
//	dialog.go   over all of it, when something is to be confirmed
//	overlay.go  help and messages, in place of list and detail
package ui
