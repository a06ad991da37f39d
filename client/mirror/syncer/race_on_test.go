//go:build race

package syncer_test

// raceDetector tells whether the tests run under the race detector.
const raceDetector = true
