// Package guard catches the panics of every goroutine that the program starts. An
// uncaught panic ends the process at once: the terminal stays as it was, and the
// panic's value is printed, which may hold a person's data.
package guard

import (
	"slices"
	"sync"
)

var reports struct {
	sync.Mutex
	list []*func(value any)
}

// Report passes every panic from now on to report, in the goroutine of the panic.
// The last report registered is the one in use. Without one, no panic is caught.
func Report(report func(value any)) (end func()) {
	reports.Lock()
	defer reports.Unlock()
	mine := &report
	reports.list = append(reports.list, mine)
	return func() {
		reports.Lock()
		defer reports.Unlock()
		reports.list = slices.DeleteFunc(reports.list, func(other *func(any)) bool { return other == mine })
	}
}

// Go calls do in a goroutine of its own.
func Go(do func()) {
	go func() {
		defer Catch()
		do()
	}()
}

// Catch ends a panic and reports it. Defer it in every function that other code
// than Go calls in a goroutine. If others wait for the end of a function, defer
// Catch after the deferred call that tells them, so that they go on with the panic
// already reported.
func Catch() {
	report := current()
	if report == nil {
		return
	}
	if value := recover(); value != nil {
		report(value)
	}
}

func current() func(value any) {
	reports.Lock()
	defer reports.Unlock()
	if len(reports.list) == 0 {
		return nil
	}
	return *reports.list[len(reports.list)-1]
}
