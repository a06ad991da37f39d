package client

import "context"

type retryKey struct{}

// OnRetry returns a context for calls that report each failed attempt to told
// before the next attempt, so that the screen can show it meanwhile. told runs in
// the goroutine of the call.
func OnRetry(ctx context.Context, told func(error)) context.Context {
	return context.WithValue(ctx, retryKey{}, told)
}

// Retrying reports a failed attempt, before another one, to the function of OnRetry.
func Retrying(ctx context.Context, err error) {
	if told, ok := ctx.Value(retryKey{}).(func(error)); ok {
		told(err)
	}
}
