package datadir

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Holders are the processes that hold a lock on a file, as the system lists them; known
// is false where it does not.
func Holders(path string) (all []Holder, known bool) {
	var stat syscall.Stat_t
	locks, err := os.ReadFile("/proc/locks")
	if err != nil || syscall.Stat(path, &stat) != nil {
		return nil, false
	}
	return holdersIn(string(locks), "/proc", stat.Ino), true
}

// holdersIn reads a list of locks such as "1: FLOCK ADVISORY WRITE 4711 08:01:1234 0 EOF".
// The device is left out: some file systems list another one than a file's own.
func holdersIn(locks, proc string, inode uint64) (all []Holder) {
	for line := range strings.Lines(locks) {
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[1] == "->" || !strings.HasSuffix(fields[5], ":"+strconv.FormatUint(inode, 10)) {
			continue
		}
		pid, err := strconv.Atoi(fields[4])
		if err != nil || slices.ContainsFunc(all, func(h Holder) bool { return h.PID == pid }) {
			continue
		}
		all = append(all, holder(proc, pid))
	}
	return all
}

// holder looks a process up: "4711 (idtop) T ..." is stopped.
func holder(proc string, pid int) Holder {
	h := Holder{PID: pid}
	text, _ := os.ReadFile(fmt.Sprintf("%s/%d/stat", proc, pid))
	if open, end := strings.IndexByte(string(text), '('), strings.LastIndexByte(string(text), ')'); open > 0 && end > open {
		h.Name = string(text[open+1 : end])
		h.Stopped = strings.HasPrefix(strings.TrimSpace(string(text[end+1:])), "T")
	}
	return h
}
