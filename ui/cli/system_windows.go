package cli

import (
	"io"
	"syscall"
)

func protect() {}

func jobControl() bool { return false }

func whenContinued(func()) (end func()) { return func() {} }

func readerGone(io.Writer) bool { return false }

func ownSession() *syscall.SysProcAttr { return nil }
