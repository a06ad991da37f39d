// Package guard catches the panics of every goroutine that the program starts. A
// panic that nobody catches ends the process at once: the terminal stays as it
// was, and the value is printed, which may hold a person's data.
package guard

import (
	"slices"
	"sync"
)

var reports struct {
	sync.Mutex
	list []*func(value any)
}

// Report has report told of every panic that is caught from now on, in the
// goroutine that it happened in. Of several reports the last one is told. While
// there is none, nothing is caught.
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

// Catch ends a panic and reports it. A function that anything but Go calls in
// another goroutine defers it; so does one whose end others wait for, after what
// tells them, so that they go on with the panic reported.
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
