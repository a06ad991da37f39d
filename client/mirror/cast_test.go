package mirror_test

import "idtop/client/mirror/mirrortest"

// The cast of these tests.
var (
	start   = mirrortest.Start
	session = mirrortest.Session
	apply   = mirrortest.Apply
	get     = mirrortest.Get
	find    = mirrortest.Find
)

const million = 1_000_000
