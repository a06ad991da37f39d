//go:build race

package cli

// raceDetector tells whether the tests run under the race detector.
const raceDetector = true
