// Package e2e holds the tests of the notebook side with the real kernel: they
// build GoNB and execute notebooks. They need what a first run needs (modules
// from the cache or the network), so they run only on request:
//
//	go test -tags e2e ./kernel/internal/e2e/...
package e2e
