package client

import "context"

type retryKey struct{}

// OnRetry returns a context whose calls tell told why an attempt failed, before
// they make another one: so it can be said while they still try. It is called from
// the goroutine of the call.
func OnRetry(ctx context.Context, told func(error)) context.Context {
	return context.WithValue(ctx, retryKey{}, told)
}

// Retrying tells whoever asked for it by OnRetry that an attempt failed and
// another one follows.
func Retrying(ctx context.Context, err error) {
	if told, ok := ctx.Value(retryKey{}).(func(error)); ok {
		told(err)
	}
}
