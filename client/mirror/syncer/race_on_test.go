//go:build race

package mirror_test

// raceDetector tells whether the tests run under the race detector.
const raceDetector = true
