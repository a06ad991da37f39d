// Package stripe is client.API on stripe-go: it encodes the calls, paces and
// repeats them, carries them over HTTP and decodes the answers.
//
// Its one rule: stripe-go sends, and nothing more. Its own decoding, retries,
// telemetry and log are off: its types hold client_secret and url, it repeats
// requests that must not be repeated, and it writes to the screen.
package stripe
