//go:build unix

package ledger

import "golang.org/x/sys/unix"

const canLimitFileSize = true

func limitFileSize(bytes uint64) {
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		panic(err)
	}
}
