// Package gonbpeer holds the test that package display and GoNB's own library
// send the same messages. It stands apart because the two register their
// messages under the same names, so that no program may hold both as they are,
// and runs on request only, because GoNB's module is a download of 67 MB.
package gonbpeer
