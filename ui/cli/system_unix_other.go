//go:build unix && !linux

package cli

func hideFromDebuggers() {}
