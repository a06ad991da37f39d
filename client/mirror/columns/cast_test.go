package columns_test

import "idtop/client/mirror/storetest"

// The cast of these tests.
var (
	start = storetest.Start
	get   = storetest.Get
	find  = storetest.Find
)

const million = 1_000_000
