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
//
// In place of list and detail:
//
//	erased.go   a person who is being erased
//	overlay.go  help and messages; jobs.go the jobs
//
// Over all of it, while a modal has the keys:
//
//	dialog.go   a confirmation; form.go and newsession.go the forms
//	palette.go  the commands
//	plan.go     a plan for several sessions, with the whole screen
package ui
