package cli

import "syscall"

func protectMemory() {}

func jobControl() bool { return false }

func whenContinued(func()) (end func()) { return func() {} }

func ownSession() *syscall.SysProcAttr { return nil }
