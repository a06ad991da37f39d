//go:build unix

package sqlite_test

import (
	"syscall"
	"testing"
	"time"

	"idtop/client/mirror"
	"idtop/client/query"
)

// BenchmarkIdle is what two open mirrors of a million sessions cost while nothing happens.
func BenchmarkIdle(b *testing.B) {
	s := durable(b, filled(b, million), true)
	defer s.Close()
	find(b, s, mirror.Request{Query: query.Parse("u"), Rows: 1})
	cpu := func() time.Duration {
		var usage syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	time.Sleep(time.Second)
	before, began := cpu(), time.Now()
	for b.Loop() {
		time.Sleep(5 * time.Second)
	}
	b.ReportMetric(100*float64(cpu()-before)/float64(time.Since(began)), "%core")
}
