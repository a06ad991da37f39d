package cli

import "syscall"

func protectMemory() {}

func jobControl() bool { return false }

func ownSession() *syscall.SysProcAttr { return nil }
