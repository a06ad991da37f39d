package syncer_test

import "idtop/client/mirror/storetest"

// The cast of these tests.
var (
	session = storetest.Session
	apply   = storetest.Apply
	get     = storetest.Get
	find    = storetest.Find
)
