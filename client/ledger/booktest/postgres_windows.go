package booktest

import (
	"os"
	"os/exec"
)

// immediately ends PostgreSQL without a checkpoint.
var immediately = os.Kill

func asAnother(*exec.Cmd, string) error { return nil }
